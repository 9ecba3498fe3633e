"""A job that passed, after failures: what lies between is fetched, one change is chosen, and that is kept as a candidate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import anyio.to_thread

from diagnose.kit.regex import regex
from diagnose.learn.choose import Choice, choose, worth_reading
from diagnose.learn.named import Failure
from diagnose.learn.paths import holds_pins
from diagnose.learn.versions import moved_between, resolved
from diagnose.memory.green import Green, keep_green
from diagnose.memory.problem import StoreProblem
from diagnose.memory.propose import Proposal, propose
from diagnose.model.text import Untrusted
from diagnose.safety.plain import plain
from diagnose.sources.github.between import find_span, read_steps
from diagnose.sources.github.others import JOB_ADDRESS
from diagnose.sources.github.past import read_log_of
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diagnose.memory.green import Failure as Kept
    from diagnose.memory.propose import Outcome
    from diagnose.memory.store import Store
    from diagnose.model.words import JobStatus
    from diagnose.sources.github.past import PastRun
    from diagnose.sources.github.session import Session
    from diagnose.sources.span import Step, Touched

T = TypeVar("T")

HANDS_ON_HOURS: Final = 4.0
"""Hours from a failure to the commit up to which they are taken for work on it; beyond, nobody knows who was at it."""

DRIFT: Final = timedelta(minutes=30)
"""Time between two runs of one commit from which on another version may have come out."""

LOG_BYTES: Final = 20 << 20
LINES: Final = 400_000

_RESOLVING: Final = frozenset({"dependency", "build-system", "compile", "type-check", "lint", "test"})
_PERSONS: Final = frozenset({"person", "record", "import"})
_SHA: Final = regex(r"[0-9a-fA-F]{7,64}")
_WEB: Final = regex(r"https://[A-Za-z0-9.\-]+(?::\d+)?/[A-Za-z0-9\-]+/[A-Za-z0-9._\-]+")


@dataclass(frozen=True, slots=True)
class Passed:
    """A job that passed, in a run that only people with write access could have made. number: its id; link: its address. Texts are foreign and raw."""

    run: PastRun
    job: str
    number: str
    at: datetime
    link: str = ""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of one pattern. outcome: what memory made of it. hours: from the first failure to the green run."""

    pattern: str
    title: Untrusted
    line: Untrusted
    choice: Choice
    outcome: Outcome
    sure: float
    hours: float | None
    minutes: float | None
    job: Untrusted
    branch: Untrusted


@dataclass(frozen=True, slots=True)
class Settler:
    """Settles failures of one repository. redact: applied to what is kept. spans: what was fetched, by both ends."""

    session: Session
    store: Store
    repository: str
    redact: Callable[[str], str]
    spool: Path
    spans: dict[tuple[str, str], Span] = field(default_factory=dict)

    async def settle(self, passed: Passed, failures: Sequence[Kept]) -> list[Learnt] | Trouble | StoreProblem:
        """Learn what cured each pattern among `failures` (of this job and branch, before it, oldest first), and keep that the job passed.

        A Trouble or a StoreProblem: nothing of it is kept as done, so that it can be tried again.
        """
        out: list[Learnt] = []
        for same in _by_pattern(failures):
            if not any(each.trusted for each in same):
                continue
            learnt = await self._one(passed, same)
            if isinstance(learnt, (Trouble, StoreProblem)):
                return learnt
            if learnt is not None:
                out.append(learnt)
        kept = await in_thread(partial(keep_green, self.store, self._green(passed)))
        return kept if isinstance(kept, StoreProblem) else out

    async def _one(self, passed: Passed, same: Sequence[Kept]) -> Learnt | Trouble | StoreProblem | None:
        """Choose for one pattern, from its last failure to the green run."""
        last = [each for each in same if each.trusted][-1]
        if last.how in _PERSONS:
            return None  # people have said what cures it: nothing is asked for
        failure = _as_failure(last, passed.run.path)
        span = await self._span(plain(last.commit), passed.run.head_sha, failure)
        if isinstance(span, Trouble):
            return span
        versions = await self._versions(passed, last, failure) if span.how == "same" else ()
        choice = choose(failure, span, versions=versions)
        return None if choice is None else await self._keep(passed, same, span, choice)

    async def _span(self, failing: str, green: str, failure: Failure) -> Span | Trouble:
        if not _SHA.fullmatch(failing):
            return Span(failing, green, "older")  # a failure whose commit is not known has no distance to anything
        key = failing, green
        if key not in self.spans:
            found = await find_span(self.session, failing, green)
            if isinstance(found, Trouble):
                if found.kind != "not-found":
                    return found
                found = Span(failing, green, "rewritten", complete=False)  # a commit that nothing leads to any more
            self.spans[key] = _clean(found, self.redact)
        span = self.spans[key]
        if worth_reading(failure, span) and any(step.files is None for step in span.steps):
            span = self.spans[key] = _clean(await read_steps(self.session, span), self.redact)
        return span

    async def _versions(self, passed: Passed, last: Kept, failure: Failure) -> tuple[str, ...]:
        """Compare what both logs resolved, where another version may have come out between; two requests."""
        began = _moment(last.at)
        number = JOB_ADDRESS.search(plain(last.link))
        if failure.category not in _RESOLVING or number is None or began is None or passed.at - began < DRIFT:
            return ()
        logs = [
            await read_log_of(self.session, int(job), self.spool, most=LOG_BYTES) for job in (number[2], passed.number)
        ]
        before, after = [await in_thread(partial(_resolved_in, path)) if path is not None else {} for path in logs]
        return tuple(self.redact(line) for line in moved_between(before, after, failure))

    async def _keep(
        self, passed: Passed, same: Sequence[Kept], span: Span, choice: Choice
    ) -> Learnt | StoreProblem | None:
        last, first = same[-1], _moment(same[0].at)
        hours = None if first is None else max((passed.at - first).total_seconds() / 3600, 0.0)
        line, minutes = self.redact(choice.line), _hands_on(same, span, choice)
        proposal = Proposal(
            pattern=last.pattern, repository=self.repository, solution=line, how=choice.how,
            fixed_by=_reference(passed, choice), links=self._links(passed, last, span, choice), sure=choice.sure, elapsed=hours, minutes=minutes,
        )  # fmt: skip
        kept = await in_thread(partial(propose, self.store, proposal, now=passed.at))
        if isinstance(kept, StoreProblem) or kept is None:
            return kept
        sure = (
            kept.pattern.sure
            if kept.outcome in ("taken", "confirmed") and kept.pattern.sure is not None
            else choice.sure
        )
        return Learnt(
            last.pattern, last.title, Untrusted(line), choice, kept.outcome, sure, hours, minutes, last.job, last.branch
        )

    def _green(self, passed: Passed) -> Green:
        run, link = passed.run, passed.link if passed.link.startswith("https://") else ""
        target = run_target(self.repository, run.id)
        return Green(
            self.repository,
            target,
            passed.at,
            self.redact(run.head_branch or ""),
            self.redact(passed.job),
            run.head_sha,
            link,
        )

    def _links(self, passed: Passed, last: Kept, span: Span, choice: Choice) -> tuple[str, ...]:
        """Addresses on the repository's own pages, of parts that have a closed form: the fix, the green run, the range, the failure."""
        root = web_address(passed.run, self.repository)
        if not root:
            return ()
        out = [f"{root}/commit/{choice.fixed_by}"] if _SHA.fullmatch(choice.fixed_by) else []
        out += [f"{root}/pull/{choice.pull}"] if choice.pull else []
        out.append(f"{root}/actions/runs/{passed.run.id}")
        if span.how == "ahead" and _SHA.fullmatch(span.failing) and _SHA.fullmatch(span.green):
            out.append(f"{root}/compare/{span.failing}...{span.green}")
        failed = plain(last.link)
        return (*out, *([failed] if failed.startswith(f"{root}/") and failed.isascii() else []))


def run_target(repository: str, run: int) -> str:
    """Name a run as memory does for what is diagnosed of it."""
    return f"{repository} run {run}"


def _clean(span: Span, redact: Callable[[str], str]) -> Span:
    """Redact all that may be quoted, before any of it is cut: half a secret is not known for one."""

    def file(one: Touched) -> Touched:
        patch = redact(one.patch) if one.patch and holds_pins(one.path) else one.patch
        return replace(one, path=redact(one.path), previous=redact(one.previous), patch=patch)

    def step(one: Step) -> Step:
        return replace(
            one, message=redact(one.message), files=None if one.files is None else tuple(map(file, one.files))
        )

    return replace(
        span, steps=tuple(map(step, span.steps)), files=None if span.files is None else tuple(map(file, span.files))
    )


def web_address(run: PastRun, repository: str) -> str:
    """Return the address of the repository's pages, "" when the run's own address is not on them."""
    root, _, rest = run.html_url.partition("/actions/runs/")
    fits = _WEB.fullmatch(root) and rest.isdigit() and root.lower().endswith(f"/{repository.lower()}")
    return root if fits else ""


def _by_pattern(failures: Sequence[Kept]) -> list[list[Kept]]:
    groups: dict[str, list[Kept]] = {}
    for each in failures:
        groups.setdefault(each.pattern, []).append(each)
    return list(groups.values())


def _as_failure(kept: Kept, workflow: str) -> Failure:
    tests = tuple(plain(test) for test in kept.tests)
    lines = (plain(kept.title), *(plain(line) for line in kept.lines))
    # what memory knows of a job that ran into its limit is the category alone
    status: JobStatus = "timed_out" if kept.category == "timeout" and not tests else "failure"
    return Failure(
        kept.category, kept.tool, lines, tests, plain(kept.job), status, workflow, plain(kept.commit), _moment(kept.at)
    )


def _moment(stamp: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _hands_on(same: Sequence[Kept], span: Span, choice: Choice) -> float | None:
    """Return the minutes to the commit that cured it from the earliest failure after which somebody may have worked on it all along."""
    at = next((step.at for step in span.steps if step.sha == choice.fixed_by), None)
    if choice.kind != "commit" or at is None:
        return None
    spent = [(at - began).total_seconds() / 60 for each in same if (began := _moment(each.at)) is not None]
    near = [minutes for minutes in spent if 0 < minutes <= HANDS_ON_HOURS * 60]
    return float(round(max(1.0, *near))) if near else None


def _reference(passed: Passed, choice: Choice) -> str:
    """Name what tells two fixes apart: the commit, or for what no commit cured, the run."""
    if choice.kind == "commit":
        return choice.fixed_by[:7] if _SHA.fullmatch(choice.fixed_by) else ""
    return f"run {passed.run.id}" if choice.how == "re-run" else ""


def _resolved_in(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        found = resolved(line for line, _ in zip(lines, range(LINES), strict=False))
    path.unlink(missing_ok=True)
    return found


async def in_thread(call: Callable[[], T]) -> T:
    """Run what blocks (memory, a file) beside the event loop."""
    return await anyio.to_thread.run_sync(call)
