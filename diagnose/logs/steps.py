"""Marks to steps: which lines each step wrote, how it ended, and what in it is echo and not output."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.logs.dialect import Mark

StepKind = Literal["setup", "run", "after"]
StepEnd = Literal["failed", "error", "passed", "unknown"]
_ACTION: Final = re.compile(r"Run (?:\.{0,2}/|docker://|[\w.-]+/[\w./-]+@)")
_HEADER_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Step:
    """Lines first..last of one step. body: its first line of output. told: the line that says how it ended, 0 if none does.

    end: failed (the CI system says so, `code` its exit code), error (an error note stands in it, it may have passed all
    the same), passed, unknown.
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


def steps_of(marks: Iterable[Mark], total: int) -> tuple[Step, ...]:
    """Fold the marks of a log of `total` lines into steps, in order. Lines before the first mark belong to no step."""
    steps: list[Step] = []
    for mark in marks:
        current = steps[-1] if steps else None
        if mark.sign in ("step", "enter", "setup", "after"):
            _open(steps, mark)
        elif current is None:
            if mark.sign == "failed":
                steps.append(_with_failure(Step(1, "", "run", 1, mark.line, 1), mark))
        elif mark.sign == "frame-off" and current.body == 0:
            steps[-1] = replace(current, body=mark.line + 1)
        elif mark.sign == "failed":
            steps[-1] = _with_failure(current, mark)
        elif mark.sign == "end" and current.end == "unknown":
            steps[-1] = replace(current, end="passed", code=0, told=mark.line)
    return tuple(_closed(steps, total))


def _open(steps: list[Step], mark: Mark) -> None:
    kind: StepKind = mark.sign if mark.sign in ("setup", "after") else "run"
    job, tab, name = mark.name.partition("\t")
    if steps and tab and (steps[-1].job, steps[-1].name) == (job, name):
        return  # the same step goes on: a composite action's inner header
    body = 0 if mark.sign == "step" else mark.line
    if tab and name.startswith(("Post ", "Complete job", "Set up job")):
        kind = "setup" if name.startswith("Set up") else "after"
    steps.append(Step(len(steps) + 1, name if tab else job, kind, mark.line, mark.line, body, job=job if tab else ""))


def _with_failure(step: Step, mark: Mark) -> Step:
    if mark.code is not None or mark.name != "error":
        return replace(step, end="failed", code=mark.code, told=mark.line)
    if step.end == "failed":
        return step
    return replace(step, end="error", told=mark.line)


def _closed(steps: list[Step], total: int) -> Iterable[Step]:
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
    sure = tuple(step for step in steps if step.end == "failed" and step.kind != "after")
    if sure:
        return sure
    return tuple(step for step in steps if step.end == "error" and step.kind != "after" and not _is_script(step))


def _is_script(step: Step) -> bool:
    """Whether the step runs a script: one that fails says so by its exit code, an error note alone may be a matcher's."""
    return step.name.startswith("Run ") and not step.job and _ACTION.match(step.name) is None
