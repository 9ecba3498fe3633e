"""The three phases: check the environment, ask the agents, write the report."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from diagnose.agency import Asker, first_look
from diagnose.case import Case, to_the_letter
from diagnose.checks.registry import run_all
from diagnose.hangs.endings import ENDS
from diagnose.intake import open_pages
from diagnose.logs.dialects.plain import Plain
from diagnose.logs.log import Log
from diagnose.logs.pages import Pages
from diagnose.model.incident import JunitReport, LogFile, Missing, Passing
from diagnose.model.text import Untrusted, phrase
from diagnose.rank.baseline import passing_shapes
from diagnose.rank.outcome import outcome_of
from diagnose.rank.reading import read, shapes_asked
from diagnose.scan.scanner import Scanner
from diagnose.synthesis.compose import Gathered, Limits, compose, missing_phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diagnose.case import Agent, Asked, Recall
    from diagnose.drift.compare import Drift
    from diagnose.kit.clock import Clock
    from diagnose.model.incident import Incident, Job
    from diagnose.model.report import AgentRun, Report
    from diagnose.model.text import Phrase
    from diagnose.rank.reading import Reading
    from diagnose.scan.rulebase import RuleBase
    from diagnose.scan.scanner import Scan
    from diagnose.synthesis.minutes import Took


@dataclass(frozen=True, slots=True)
class Means:
    """What the pipeline works with, all handed in: rules, agents, memory, redaction, clock, bounds (seconds)."""

    rules: RuleBase
    agents: Sequence[Agent]
    recall: Recall
    redact: Callable[[str], str]
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    checks_deadline: float = 180.0
    agents_deadline: float = 720.0
    orchestra: bool = False
    tool: str = "ci-diagnose"
    progress: Callable[[str], None] = lambda _line: None
    broken: tuple[AgentRun, ...] = ()
    alike: Callable[[Asked, Asked], bool] = to_the_letter
    took: Callable[[], Took] = dict


PASSING_MOST: Final = 20 << 20
FINE: Final = ("success", "skipped", "neutral")
NOTHING_SEEN: Final = phrase("no log could be read: nothing can be said of the cause")


async def _drift(incident: Incident, readings: tuple[Reading | None, ...]) -> tuple[Drift | None, ...]:
    if (
        incident.passing is None
        and not incident.before
        and not any(isinstance(job.passing, Passing) for job in incident.jobs)
    ):
        return tuple(None for _ in incident.jobs)
    from diagnose.drift.find import drift_of  # with nothing to compare it costs nothing

    return await anyio.to_thread.run_sync(drift_of, incident, readings)


async def diagnose_incident(incident: Incident, means: Means) -> tuple[Report, Case]:
    """Walk an incident through the three phases."""
    start = means.clock.elapsed()
    now = means.clock.now()
    readings, passing, unread = await anyio.to_thread.run_sync(_read_all, incident, means)
    controls = await anyio.to_thread.run_sync(_read_controls, incident, means)
    reports = await anyio.to_thread.run_sync(_open_reports, incident)
    drift = await _drift(incident, readings)
    case = Case(incident, readings, means.redact, means.recall, now, reports, passing, controls, means.alike, drift)

    checks = await run_all(case, means.checks_deadline, means.clock.elapsed)
    means.progress("checks   " + " · ".join(f"{check.name} {check.status}" for check in checks))

    asker = Asker(means.agents, means.agents_deadline, means.clock.elapsed)
    skip = first_look(case, checks, orchestra=means.orchestra)
    runs, findings = await asker.ask(case, skip)
    means.progress("agents   " + " · ".join(f"{run.name} {run.status}" for run in runs))

    unseen = (*missing_phrases(case), *unread)
    blind = [
        job for job, reading in zip(incident.jobs, readings, strict=True) if reading is None and job.status not in FINE
    ]
    if blind and not any(readings) and not any(reports) and not any(check.blocking for check in checks):
        unseen = (*unseen, NOTHING_SEEN)
    took = await anyio.to_thread.run_sync(means.took)
    got = Gathered(checks, (*runs, *means.broken), findings, tuple(unseen), took)
    report = compose(case, got, means.rules.by_id, means.limits, means.tool)
    return replace(report, seconds=round(means.clock.elapsed() - start, 3)), case


def _read_all(
    incident: Incident, means: Means
) -> tuple[tuple[Reading | None, ...], tuple[Scan | None, ...], tuple[Phrase, ...]]:
    """Read each log once, and for jobs that passed the log of the run before. What was skipped by a bound, and what could not be opened, is said."""
    told: list[Phrase] = []
    logs = [job.log for job in incident.jobs]
    if not any(isinstance(log, LogFile) for log in logs):
        return tuple(None for _ in logs), (), ()
    scanner = Scanner(means.rules)
    scans: list[Scan | None] = []
    for log in logs:
        pages = open_pages(log) if isinstance(log, LogFile) else log
        if isinstance(pages, Missing):
            scans.append(None)
            if isinstance(log, LogFile):
                told.append(phrase(pages.what, ": ", pages.why))
            continue
        assert isinstance(log, LogFile)  # noqa: S101 - for the type checker: a Missing log went above
        scan = scanner.scan(log.name, pages)
        if pages.hidden:
            told.append(
                phrase("in ", Untrusted(log.name), f" {pages.hidden} bytes stand on lines too long to be read whole")
            )
        if scan.dropped:
            told.append(phrase(f"{scan.dropped} more hits of the same rules in one log were counted, not read"))
        scans.append(scan)
    passing = _passing(incident, scans)
    readings = tuple(None if scan is None else read(scan, shapes) for scan, shapes in zip(scans, passing, strict=True))
    return readings, _before(incident, readings, scanner), tuple(told)


def _read_controls(incident: Incident, means: Means) -> tuple[Reading | None, ...]:
    """Read the logs of other runs that what failed is compared with, each as if it were diagnosed itself."""
    if not any(isinstance(control.log, LogFile) for control in incident.controls):
        return tuple(None for _ in incident.controls)
    scanner = Scanner(means.rules)
    out: list[Reading | None] = []
    for control in incident.controls:
        pages = open_pages(control.log) if isinstance(control.log, LogFile) else None
        readable = isinstance(control.log, LogFile) and pages is not None and not isinstance(pages, Missing)
        out.append(read(scanner.scan(control.log.name, pages)) if readable else None)  # type: ignore[union-attr, arg-type]  # readable says so
    return tuple(out)


def _open_reports(incident: Incident) -> tuple[Log | None, ...]:
    """Open each test report, to be quoted by line; nothing in it is looked for: it was read as what it is."""
    out: list[Log | None] = []
    for report in incident.reports:
        pages = report if isinstance(report, Missing) else open_pages(report.file)
        if isinstance(pages, Missing):
            out.append(None)
            continue
        for _ in pages:  # numbers the lines
            pass
        assert isinstance(report, JunitReport)  # noqa: S101 - for the type checker: a Missing report went above
        out.append(Log(report.file.name, pages, Plain(), (), ()))
    return tuple(out)


def _passing(incident: Incident, scans: Sequence[Scan | None]) -> list[frozenset[int] | None]:
    """Find for each job which of its lines a passing run prints too; jobs that share a passing log read it once."""
    files = [_baseline(incident, place) if scan is not None else None for place, scan in enumerate(scans)]
    wanted: dict[Path, set[str]] = {}
    for file, scan in zip(files, scans, strict=True):
        if file is not None and scan is not None:
            wanted.setdefault(file.path, set()).update(shapes_asked(scan))
    found: dict[Path, frozenset[int] | None] = {}
    for file in files:
        if file is not None and file.path not in found:
            pages = open_pages(file)
            found[file.path] = None if isinstance(pages, Missing) else _shapes(pages, wanted[file.path])
    return [found[file.path] if file is not None else None for file in files]


def _baseline(incident: Incident, place: int) -> LogFile | None:
    """Choose what a job's log is compared with: what the user named goes before what the source found."""
    own = incident.jobs[place].passing
    if isinstance(incident.passing, LogFile):
        return incident.passing
    return own.log if isinstance(own, Passing) else None


def _before(incident: Incident, readings: Sequence[Reading | None], scanner: Scanner) -> tuple[Scan | None, ...]:
    """Scan, for jobs that passed or were stopped, the log of the run before: of the very same job, not of another member of its matrix."""
    out: list[Scan | None] = []
    for place, (job, reading) in enumerate(zip(incident.jobs, readings, strict=True)):
        passed = job.status == "success" or (
            job.status == "unknown" and reading is not None and outcome_of(reading).status == "passed"
        )
        file = _baseline(incident, place) if reading is not None and (passed or _was_stopped(job, reading)) else None
        stands_in = (
            file is not None
            and file is not incident.passing
            and isinstance(job.passing, Passing)
            and job.passing.job != job.name
        )
        out.append(None if file is None or stands_in else _scanned(file, scanner))
    return tuple(out)


def _was_stopped(job: Job, reading: Reading) -> bool:
    """Tell whether a job may have been ended from outside: then how long it takes when it passes is asked for."""
    return job.status in ("cancelled", "timed_out") or any(match.rule.id in ENDS for match in reading.scan.matches)


def _scanned(file: LogFile, scanner: Scanner) -> Scan | None:
    try:
        data = file.path.read_bytes() if file.path.stat().st_size <= PASSING_MOST else None
    except OSError:
        return None
    return None if data is None else scanner.scan(file.name, Pages(io.BytesIO(data)))


def _shapes(pages: Pages, wanted: set[str]) -> frozenset[int]:
    try:
        return passing_shapes(pages, wanted)
    finally:
        pages.close()
