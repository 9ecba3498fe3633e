"""Marks to steps: which lines each step wrote, how it ended, and what in it is echo and not output."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.logs.dialect import Mark

StepKind = Literal["setup", "run", "after"]
_OPENS: Final[dict[str, StepKind]] = {
    "step": "run",
    "enter": "run",
    "setup": "setup",
    "after": "after",
    "finish": "after",
}
StepEnd = Literal["failed", "error", "passed", "unknown"]
_ACTION: Final = regex(r"Run (?:\.{0,2}/|docker://|[\w.-]+/[\w./-]+@)")
_HEADER_MOST: Final = 400
_CLOSING_MOST: Final = 40
_NAMED_MOST: Final = 200
_STEPS_MOST: Final = 20_000  # lines of steps that run side by side may alternate
VERDICTS: Final = ("job-failed", "job-passed", "job-unstable")


@dataclass(frozen=True, slots=True)
class Step:
    """Lines first..last of one step. body: its first line of output. told: the line that says how it ended, 0 if none does.

    end: failed (the CI system says so, `code` its exit code), error (an error note stands in it, it may have passed all
    the same), passed, unknown. command: the last command that the log shows in it, "" where it shows none.
    """

    number: int
    name: str
    kind: StepKind
    first: int
    last: int
    body: int
    end: StepEnd = "unknown"
    code: int | None = None
    told: int = 0
    job: str = ""
    command: str = ""


def steps_of(marks: Sequence[Mark], total: int) -> tuple[Step, ...]:
    """Fold the marks of a log of `total` lines into steps, in order. Lines before the first mark belong to no step."""
    folding = _Folding()
    for mark in marks:
        folding.take(mark)
    steps = folding.steps
    for mark in folding.named:
        _fail_named(steps, mark)
    closing = closing_of(marks, total)
    if closing is not None:
        _conclude(steps, closing)
    return tuple(_closed(steps, total))


def closing_of(marks: Sequence[Mark], total: int) -> Mark | None:
    """Find the verdict that closes a log of `total` lines: the last one, with the exit code if any line there says it."""
    last = None
    for mark in reversed(marks):
        if mark.line < total - _CLOSING_MOST:
            break
        if mark.sign not in VERDICTS:
            continue
        last = last or mark
        if mark.sign == last.sign and mark.code is not None:
            return replace(last, line=mark.line, code=mark.code)
    return last


class _Folding:
    """Steps as they open and end. outer: the step that parts of it are named after. together: parts run side by side.

    known: a step has failed. named: what is said of steps by name.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.outer = ""
        self.together = False
        self.known = False
        self.named: list[Mark] = []

    def take(self, mark: Mark) -> None:
        steps = self.steps
        if mark.sign == "failed" and "\t" in mark.name:
            if len(self.named) < _NAMED_MOST:
                self.named.append(mark)
        elif mark.sign in ("together", "apart"):
            self._together(mark)
        elif self.together and mark.sign not in ("failed", *VERDICTS):
            return
        elif mark.sign in _OPENS:
            self.outer = mark.name if _OPENS[mark.sign] == "run" else ""
            self._open(mark, mark.name, _OPENS[mark.sign])
        elif mark.sign in ("inner", "command"):
            self._part(mark)
        elif mark.sign == "job-failed" and self.known:
            return  # a step that tidies up after what failed may stand open
        elif steps:
            steps[-1] = _changed(steps[-1], mark)
            self.known = self.known or _failed(steps[-1])
        elif mark.sign == "failed":
            steps.append(_with_failure(Step(1, "", "run", 1, mark.line, 1), mark))

    def _together(self, mark: Mark) -> None:
        if mark.sign == "together" and not self.together:
            self._open(mark, f"{self.outer} / {mark.name}" if self.outer else mark.name, "run")
        self.together = mark.sign == "together"

    def _part(self, mark: Mark) -> None:
        if self.steps and self.steps[-1].kind != "run":
            return
        if mark.sign == "command":
            self._open(mark, mark.name, "run")
            self.steps[-1] = replace(self.steps[-1], command=mark.name)
        else:
            self._open(mark, f"{self.outer} / {mark.name}" if self.outer else mark.name, "run")

    def _open(self, mark: Mark, title: str, kind: StepKind) -> None:
        steps = self.steps
        if len(steps) >= _STEPS_MOST:
            return
        job, tab, name = title.partition("\t")
        if steps and tab and (steps[-1].job, steps[-1].name) == (job, name):
            return  # the same step goes on: a composite action's inner header
        if kind == "setup" and steps and (steps[-1].kind, steps[-1].name) == (kind, title):
            return
        first = mark.line + mark.late
        body = first if mark.sign in ("enter", "setup", "after", "finish") else 0
        steps.append(Step(len(steps) + 1, name if tab else job, kind, first, first, body, job=job if tab else ""))


def _changed(step: Step, mark: Mark) -> Step:
    """What a mark within a step says of it."""
    if mark.sign == "frame-off" and step.body == 0:
        return replace(step, body=mark.line + 1)
    if mark.sign == "failed":
        return _with_failure(step, mark)
    if mark.sign == "job-failed" and mark.code is not None and step.kind == "run" and step.end in ("unknown", "error"):
        return _with_failure(step, mark)
    if mark.sign == "end" and step.end == "unknown":
        return replace(step, end="passed", code=0, told=mark.line)
    if mark.sign == "echo":
        return replace(step, command=mark.name)
    return replace(step, kind="after") if mark.sign == "skipped" else step


def _failed(step: Step) -> bool:
    return step.end == "failed" and step.kind != "after"


def _fail_named(steps: list[Step], mark: Mark) -> None:
    job, _, name = mark.name.partition("\t")
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if step.name == name and (not job or step.job in ("", job)):
            code = step.code if mark.code is None else mark.code
            told = (
                mark.line if code is not None and mark.line >= step.first else 0
            )  # other steps' lines may stand between
            steps[index] = replace(step, end="failed", code=code, told=told)
            return


def _conclude(steps: list[Step], closing: Mark) -> None:
    """Give the verdict on the job to the last step that ran: a job fails where it stops, and what comes after is tidying up."""
    open_runs = [index for index, step in enumerate(steps) if step.kind == "run" and step.end in ("unknown", "error")]
    if closing.sign == "job-passed":
        for index in open_runs[-1:]:
            steps[index] = replace(steps[index], end="passed", code=closing.code)
        return
    if closing.sign == "job-unstable" or any(_failed(step) for step in steps):
        return
    setups = [index for index, step in enumerate(steps) if step.kind == "setup"]
    for index in (open_runs or setups)[-1:]:
        steps[index] = replace(steps[index], end="failed", code=closing.code, told=closing.line)


def _with_failure(step: Step, mark: Mark) -> Step:
    if mark.code is not None or mark.name != "error":
        return replace(
            step,
            end="failed",
            code=step.code if mark.code is None and step.end == "failed" else mark.code,
            told=mark.line,
        )
    if step.end == "failed":
        return step
    return replace(step, end="error", told=mark.line)


def _closed(steps: list[Step], total: int) -> Iterable[Step]:
    steps = [step for step in steps if step.first <= total]
    for index, step in enumerate(steps):
        following = steps[index + 1].first - 1 if index + 1 < len(steps) else total
        if step.told and step.code is not None:
            following = min(following, step.told)  # what stands behind its end is of no step
        body = step.body or step.first + 1
        if body - step.first > _HEADER_MOST:
            body = step.first + 1
        yield replace(step, last=max(following, step.first), body=min(body, max(following, step.first)))


def failed_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Find the steps that failed: those that the CI system says so of, else those with an error note, in order."""
    sure = tuple(step for step in steps if _failed(step))
    if sure:
        return sure
    return tuple(step for step in steps if step.end == "error" and step.kind != "after" and not _is_script(step))


def _is_script(step: Step) -> bool:
    """Whether the step runs a script: one that fails says so by its exit code, an error note alone may be a matcher's."""
    return step.name.startswith("Run ") and not step.job and _ACTION.match(step.name) is None
