"""What the checks share: the jobs that failed, what rules say inside their failed steps, and the notes beside their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.model.incident import LogFile
from diagnose.model.report import Evidence
from diagnose.rank.outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.case import Case
    from diagnose.logs.log import Line
    from diagnose.rank.reading import Reading
    from diagnose.rank.window import Window
    from diagnose.scan.scanner import Match

NEAR: Final = 60
"""Lines before the end of a failed step in which the CI system says why it failed."""

LONGEST: Final = 2000
FAILED: Final = ("failure", "timed_out", "cancelled", "startup_failure")


class Hit(NamedTuple):
    """A rule's match inside a failed step of job `job`."""

    job: int
    window: Window
    match: Match


class Note(NamedTuple):
    """A line of an annotation of job `job`."""

    job: int
    level: str
    text: str


def failed_jobs(case: Case) -> list[int]:
    """Return the indices of the jobs that failed: the CI system says so, or, where it says nothing, their log does."""
    out = []
    for index, (job, reading) in enumerate(zip(case.incident.jobs, case.readings, strict=True)):
        if job.status in FAILED or (
            job.status == "unknown" and reading is not None and outcome_of(reading).status == "failed"
        ):
            out.append(index)
    return out


def hits(case: Case, job: int) -> Iterator[Hit]:
    """Every match inside a failed step of one job, in order of lines. A log without steps has none: nothing is sure there."""
    reading = case.readings[job]
    if reading is None:
        return
    windows = [window for window in reading.windows if window.step is not None and window.told]
    for match in reading.scan.matches:
        for window in windows:
            if window.first <= match.line <= window.last:
                yield Hit(job, window, match)
                break


def tail(reading: Reading) -> Iterator[tuple[Window, Line]]:
    """The last NEAR lines of output of each failed step, cut to LONGEST characters; of setting up the whole, which echoes nothing."""
    for window in reading.windows:
        if window.step is None or not window.told:
            continue
        begin = window.first if window.step.kind == "setup" else max(window.first, window.step.body)
        for line in reading.log.lines(max(begin, window.told - NEAR), window.told):
            yield window, line._replace(text=line.text[:LONGEST])


def notes(case: Case, job: int) -> Iterator[Note]:
    """Every line of every annotation of one job."""
    for annotation in case.incident.jobs[job].annotations:
        text = f"{annotation.title}\n{annotation.message}" if annotation.title else annotation.message
        for line in text.splitlines():
            yield Note(job, annotation.level, line)


def quoted(case: Case, found: Hit | Note) -> Evidence:
    """Quote the line that shows it: of the log, or (line 0) of an annotation."""
    reading = case.readings[found.job]
    if isinstance(found, Hit) and reading is not None:
        return case.quote(reading.log, found.match.line, found.match.line)
    job = case.incident.jobs[found.job]
    name = job.log.name if isinstance(job.log, LogFile) else job.name
    text = found.match.text if isinstance(found, Hit) else found.text
    return Evidence(name, 0, 0, case.said(text.replace("\n", " ")))
