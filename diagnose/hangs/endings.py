"""Who ended a job that did not end by itself: the notes beside its log, the log's last lines, its siblings, its time.

The CI system's word comes first. GitHub says in a job's annotations, and nowhere else, that a newer run took its place, that a job of the
same matrix failed, that the time limit was reached, or who pressed the button; a log that was saved alone says only "canceled".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Noting

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from diagnose.model.incident import Incident, Job
    from diagnose.model.stop import StopReason
    from diagnose.rank.reading import Reading
    from diagnose.scan.scanner import Match

NEAR_LIMIT: Final = timedelta(minutes=1)
TOGETHER: Final = timedelta(minutes=5)
"""How long after a member of a matrix has failed the others may still be ending."""

TAIL: Final = 80
NOTED: Final = 0.97
LOGGED: Final = 0.95
COUNTED: Final = 0.85
INFERRED: Final = 0.8
GUESSED: Final = 0.4


class Ending(NamedTuple):
    """reason: what ended it. line: of the log, 0 where `note` (an annotation's text) says it, or nothing does. who: foreign words, raw.

    limit: minutes, where the words say so. silent: seconds without output, where the words say so.
    """

    reason: StopReason
    confidence: float
    line: int = 0
    note: str = ""
    who: str = ""
    limit: float | None = None
    silent: float | None = None


# annotations: the service's own words (public pages of runs and checks; getsentry/sentry's recorded check runs)
_NOTES: Final[tuple[tuple[StopReason, re.Pattern[str]], ...]] = (
    ("job-timeout", regex(r"exceeded the maximum execution time of (?P<limit>[\w ]{1,40})")),
    ("newer-run", regex(r"Canceling since a higher priority waiting request for '?(?P<who>.{1,200}?)'? exists")),
    ("fail-fast", regex(r"The (?:job|strategy configuration) was canceled because \"(?P<who>.{1,200}?)\" failed")),
    ("person", regex(r"The run was canceled by @(?P<who>[\w-]{1,60}(?:\[bot\])?)")),
    ("lost-runner", regex(r"lost communication with the server|The runner has lost communication")),
    ("shutdown", regex(r"The runner has received a shutdown signal")),
)
_RULES: Final[dict[str, StopReason]] = {
    "github-actions/step-timeout": "step-timeout", "azure-pipelines/task-timeout": "step-timeout", "github-actions/job-timeout": "job-timeout",
    "azure-pipelines/timeout": "job-timeout", "azure-pipelines/old-timeout": "job-timeout", "appveyor/time-limit": "job-timeout",
    "bitbucket/time-limit": "job-timeout", "gitlab/timeout": "job-timeout", "jenkins/timeout": "job-timeout", "teamcity/timeout": "job-timeout",
    "travis/time-limit": "job-timeout", "zuul/timed-out": "job-timeout", "circleci/no-output": "no-output", "travis/no-output": "no-output",
    "github-actions/superseded": "newer-run", "github-actions/shutdown": "shutdown", "circleci/agent-killed": "shutdown",
    "teamcity/agent-removed": "shutdown", "github-actions/lost-runner": "lost-runner", "github-actions/canceled": "unknown",
    "azure-pipelines/canceled": "unknown", "woodpecker/canceled": "unknown", "zuul/aborted": "unknown",
}  # fmt: skip
ENDS: Final = frozenset(_RULES)
"""Rules of which a match says that something ended the job from outside."""

# a command or a runner of tests that ends what hangs: only where it is the likeliest cause, for a test may print the same
_BY_ITSELF: Final[dict[str, StopReason]] = {
    "timeout/exit-124": "command-timeout", "timeout/sent-signal": "command-timeout", "timeout/killed": "command-timeout",
    "go-test/timeout": "test-timeout", "pytest/timeout-dump": "test-timeout", "gradle/timeout": "test-timeout",
}  # fmt: skip
# closing words of systems for which no rule stands
_TAILS: Final[tuple[tuple[StopReason, re.Pattern[str]], ...]] = (
    ("person", regex(r"^Aborted by (?P<who>\S.{0,100})$")),
    (
        "unknown",
        regex(
            r"^(?:ERROR: )?Job failed: canceled|^(?:ERROR: )?Job failed \(system failure\): aborted|Received cancellation signal, interrupting|^\[taskcluster:error\] Task was cancell?ed"
        ),
    ),
    ("job-timeout", regex(r"^\[taskcluster:error\] Task timeout after (?P<limit>\d+ seconds)")),
)
_SPAN: Final = regex(r"(\d+(?:\.\d+)?) ?(d|h|m|s)")
_CLOCKED: Final = regex(r"(\d+):(\d\d):(\d\d)")
_MINUTES: Final = {"d": 1440.0, "h": 60.0, "m": 1.0, "s": 1 / 60}


def ending(incident: Incident, place: int, reading: Reading | None, limit: float | None) -> Ending | None:
    """Say what ended the job at `place`; None for a job that ended by itself. limit: the minutes that it may run, None when unknown."""
    job = incident.jobs[place]
    stopped = job.status in ("cancelled", "timed_out")
    for found in _told(job, reading, stopped=stopped):
        if found.reason != "unknown":
            return found
    if not stopped and not any(found.reason == "unknown" for found in _told(job, reading, stopped=stopped)):
        return None
    return (
        _deduced(incident, job, limit) or next(_told(job, reading, stopped=stopped), None) or Ending("unknown", GUESSED)
    )


def minutes_of(text: str) -> float | None:
    """Read a span of time ("6h0m0s", "360 minutes", "01:00:00", "10m0s") as minutes; None where it holds none."""
    clock = _CLOCKED.search(text)
    if clock is not None:
        return int(clock[1]) * 60 + int(clock[2]) + int(clock[3]) / 60
    found = _SPAN.findall(text)
    return sum(float(number) * _MINUTES[unit] for number, unit in found) if found else None


def _told(job: Job, reading: Reading | None, *, stopped: bool) -> Iterator[Ending]:
    """Yield what is said in words, the most trustworthy first."""
    yield from _noted(job)
    if reading is not None:
        yield from _by_rule(reading, stopped=stopped)
        if stopped or job.status == "unknown":
            yield from _at_the_end(reading)


def _noted(job: Job) -> Iterator[Ending]:
    for reason, expression in _NOTES:
        for note in job.annotations:
            found = expression.search(note.message)
            if found is not None:
                told = found.groupdict()
                yield Ending(
                    reason,
                    NOTED,
                    note=found.group(),
                    who=told.get("who") or "",
                    limit=minutes_of(told.get("limit") or ""),
                )
                break


def _by_rule(reading: Reading, *, stopped: bool) -> Iterator[Ending]:
    best = reading.candidates[0].match if reading.candidates else None
    if best is not None and best.rule.id in _BY_ITSELF and reading.failed:
        yield _of(best, _BY_ITSELF[best.rule.id])
    for match in reversed(reading.scan.matches):
        reason = _RULES.get(match.rule.id)
        if reason is not None and (stopped or _is_the_system(reading, match)):
            yield _of(match, reason)


def _of(match: Match, reason: StopReason) -> Ending:
    told = match.captures
    span = told.get("run") or told.get("message") or ""
    minutes = float(span) if span.isdigit() else minutes_of(span)
    silent = minutes * 60 if reason == "no-output" and minutes is not None else None
    return Ending(
        reason,
        GUESSED if reason == "unknown" else LOGGED,
        match.line,
        who=told.get("name", ""),
        limit=None if silent is not None else minutes,
        silent=silent,
    )


def _is_the_system(reading: Reading, match: Match) -> bool:
    """Tell whether the CI system writes this line, and not a program whose output it is: it ends a step, or closes the log."""
    log = reading.log
    if isinstance(log.dialect, Noting) and not match.text.startswith(log.dialect.error):
        return False
    if any(
        window.certain and max(window.first, window.told - TAIL) <= match.line <= window.told + 2
        for window in reading.windows
    ):
        return True
    return log.total - match.line <= TAIL


def _at_the_end(reading: Reading) -> Iterator[Ending]:
    log = reading.log
    lines = log.lines(max(1, log.total - TAIL), log.total)
    for line in reversed(lines):
        for reason, expression in _TAILS:
            found = expression.search(line.text[:400])
            if found is not None:
                told = found.groupdict()
                yield Ending(
                    reason,
                    GUESSED if reason == "unknown" else LOGGED,
                    line.number,
                    who=told.get("who") or "",
                    limit=minutes_of(told.get("limit") or ""),
                )


def _deduced(incident: Incident, job: Job, limit: float | None) -> Ending | None:
    """Say what nobody says: the job ran as long as it may, or a member of its matrix failed just before."""
    if job.started_at is None or job.completed_at is None:
        return None
    took = job.completed_at - job.started_at
    if limit is not None and -NEAR_LIMIT <= took - timedelta(minutes=limit) <= TOGETHER:
        return Ending("job-timeout", COUNTED, limit=limit)
    stem = job.name.partition(" (")[0]
    for other in incident.jobs:
        if (
            other.status not in ("failure", "timed_out")
            or other.run_id != job.run_id
            or other.completed_at is None
            or other.name == job.name
        ):
            continue
        if (
            other.name.partition(" (")[0] == stem
            and " (" in job.name
            and timedelta() <= job.completed_at - other.completed_at <= TOGETHER
        ):
            return Ending("fail-fast", INFERRED, who=other.name)
    return None
