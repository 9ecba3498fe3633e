"""What can be known of one stopped job: who ended it, its last step's silence, the test that ran, and the times to hold it against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.hangs.endings import ending
from diagnose.model.incident import Passing

if TYPE_CHECKING:
    from diagnose.hangs.endings import Ending
    from diagnose.hangs.silence import Timing
    from diagnose.hangs.unfinished import Open
    from diagnose.logs.log import Log
    from diagnose.logs.steps import Step
    from diagnose.model.incident import Incident, Job
    from diagnose.model.stop import Pace
    from diagnose.rank.reading import Reading
    from diagnose.scan.scanner import Scan

BY_ITSELF: Final = ("command-timeout", "test-timeout")
NEAR_LIMIT: Final = 0.8
"""Of the limit: green runs that took this share of it leave no room for a slow day."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One stopped job. first, last: the lines of the step that was stopped, 0 without a log. took, limit, former: minutes."""

    ending: Ending
    first: int = 0
    last: int = 0
    timing: Timing | None = None
    pace: Pace = "unknown"
    open: tuple[Open, ...] = ()
    took: float | None = None
    limit: float | None = None
    former: tuple[float, ...] = ()

    @property
    def near(self) -> bool:
        """Whether the green runs before came near to the limit."""
        return self.limit is not None and bool(self.former) and max(self.former) >= NEAR_LIMIT * self.limit


def look(incident: Incident, place: int, reading: Reading | None, green: Scan | None) -> Seen | None:
    """Look at one job; None when nothing ended it from outside. green: the log of its last green run, as scanned."""
    job = incident.jobs[place]
    limit = _limit(incident, job) if job.status in ("cancelled", "timed_out") else None
    found = ending(incident, place, reading, limit)
    if found is None:
        return None
    took, former = _took(job), _former(job, green)
    limit = (
        found.limit
        if found.limit is not None
        else limit
        if found.reason == "job-timeout" or limit is not None
        else None
    )
    if reading is None:
        return Seen(found, took=took, limit=limit, former=former)
    step = _stopped(reading, found)
    first, last = (step.body, step.last) if step is not None else (1, reading.log.total)
    if found.line and first <= found.line < last:
        last = found.line
    measured = _timing(reading.log, first, last)
    pace: Pace = "unknown"
    if found.silent is not None:
        pace = "hung"
    elif measured is not None:
        pace = "hung" if measured.hung(_green_silence(green, step)) else "slow"
    return Seen(
        found,
        first,
        last,
        measured,
        pace,
        _open(reading, found, first, last),
        took or _minutes(reading.log),
        limit,
        former,
    )


def _limit(incident: Incident, job: Job) -> float | None:
    from diagnose.hangs.limits import limit_of  # it reads workflow files

    return limit_of(incident, job)


def _timing(log: Log, first: int, last: int) -> Timing | None:
    from diagnose.hangs.silence import timing  # most jobs end by themselves, and pay for no more than to know that

    return timing(log, first, last)


def _open(reading: Reading, found: Ending, first: int, last: int) -> tuple[Open, ...]:
    """Name the tests that ran at the end: the runner's own list goes before what its lines let one conclude."""
    from diagnose.hangs.unfinished import listed, unfinished  # as above

    told = listed(reading.log, found.line) if found.reason == "test-timeout" and found.line else ()
    return told or unfinished(reading.log, first, last)


def _stopped(reading: Reading, found: Ending) -> Step | None:
    """Find the step that was stopped: that of the line which says so, or the last one that ran."""
    steps = [step for step in reading.log.steps if step.kind == "run"]
    here = reading.log.step_at(found.line) if found.line else None
    if here is not None and here.kind == "run":
        return here
    failed = [step for step in steps if step.end == "failed"]
    return next(iter((*reversed(failed), *reversed(steps))), None)


def _green_silence(green: Scan | None, step: Step | None) -> float:
    """Give the longest silence that the same step had when it passed."""
    if green is None or step is None:
        return 0.0
    same = next((each for each in green.log.steps if each.name == step.name and each.kind == "run"), None)
    measured = _timing(green.log, same.body, same.last) if same is not None else None
    return measured.longest.seconds if measured is not None else 0.0


def _took(job: Job) -> float | None:
    if job.started_at is None or job.completed_at is None:
        return None
    return max(0.0, (job.completed_at - job.started_at).total_seconds() / 60)


def _minutes(log: Log) -> float | None:
    """Give the time from a log's first stamp to its last, of its two ends alone."""
    head, tail = _timing(log, 1, 200), _timing(log, log.total - 200, log.total)
    whole = _timing(log, 1, log.total) if head is not None and tail is not None and log.total <= MOST_MEASURED else None
    return whole.seconds / 60 if whole is not None else None


MOST_MEASURED: Final = 50_000


def _former(job: Job, green: Scan | None) -> tuple[float, ...]:
    if isinstance(job.passing, Passing) and job.passing.took:
        return tuple(round(seconds / 60, 1) for seconds in job.passing.took)
    minutes = _minutes(green.log) if green is not None else None
    return (round(minutes, 1),) if minutes is not None else ()
