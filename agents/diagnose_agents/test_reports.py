"""What test reports (JUnit XML) name as failed, grouped by what the failures say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.finding import CauseFinding
from diagnose.model.incident import JunitReport
from diagnose.model.report import FailedTest, Location
from diagnose.model.text import phrase
from diagnose.rank.causes import causes_of
from diagnose.rank.features import shape_of
from diagnose.rank.names import same_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.logs.log import Log
    from diagnose.model.finding import Finding
    from diagnose.model.incident import ReportedTest
    from diagnose.model.report import Evidence
    from diagnose.model.text import Phrase

MOST_GROUPS: Final = 25
EVIDENCE_LINES: Final = 6
MOST_CHARACTERS: Final = 200
MOST_MESSAGE: Final = 2_000
COMPARED: Final = 50
# A report says for sure that a test failed, not that nothing else brought it about.
SURE: Final = 0.9
SEVERAL: Final = 0.75
_BAD: Final = ("failure", "timed_out", "cancelled", "startup_failure")
_WORD: Final = regex(r"[a-z0-9.]+")


class TestReports:
    """Turns each report's failed tests into findings, one for each thing that they say."""

    __test__ = False
    name = "test_reports"
    cheap = True

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Say which tests failed, each group with the lines of the report that say so."""
        found: list[Finding] = []
        for report, log in zip(case.incident.reports, case.reports, strict=True):
            if isinstance(report, JunitReport) and log is not None and report.tests and case.incident.jobs:
                found += _findings(case, report, log)
        return found


def _findings(case: Case, report: JunitReport, log: Log) -> list[CauseFinding]:
    groups: dict[str, list[ReportedTest]] = {}
    for test in report.tests:
        groups.setdefault(shape_of(test.message.split("\n", 1)[0]), []).append(test)
    ranked = sorted(groups.values(), key=lambda group: (-len(group), group[0].at))[:MOST_GROUPS]
    job = _job(case, report)
    first = SURE if len(ranked) == 1 else SEVERAL
    return [
        _finding(case, report, log, (job, group, first if place == 0 else (1 - first) / (place + 1)))
        for place, group in enumerate(ranked)
    ]


def _finding(case: Case, report: JunitReport, log: Log, told: tuple[int, list[ReportedTest], float]) -> CauseFinding:
    job, group, confidence = told
    said = case.said
    return CauseFinding(
        job=job,
        step=0,
        evidence=_evidence(case, log, group),
        title=_title(case, group),
        category="test",
        tool=report.tool,
        rule="",
        score=0.0,
        confidence=confidence,
        explanation=phrase("The test report names what failed."),
        locations=tuple(
            Location(said(file), line, None, "error", said(message, MOST_CHARACTERS) if message else None)
            for (file, line), message in {
                (test.file, test.line): test.message.split("\n", 1)[0]
                for test in reversed(group)
                if test.file and test.line
            }.items()
        )[::-1],
        failed_tests=tuple(
            FailedTest(
                said(test.name),
                said(test.file) if test.file else None,
                test.line,
                said(test.message, MOST_MESSAGE) if test.message else None,
            )
            for test in group
        ),
    )


def _evidence(case: Case, log: Log, group: list[ReportedTest]) -> tuple[Evidence, ...]:
    lead = group[0]
    pieces = [case.quote(log, lead.at, min(lead.end, lead.at + EVIDENCE_LINES - 1, max(log.total, lead.at)))]
    left = EVIDENCE_LINES - (pieces[0].end_line - pieces[0].line + 1)
    lines = dict.fromkeys(test.at for test in group[1:] if test.at > pieces[0].end_line)
    return (*pieces, *(case.quote(log, line, line) for line in list(lines)[: max(0, left)]))


def _title(case: Case, group: list[ReportedTest]) -> Phrase:
    lead = group[0]
    first = case.said(lead.message).map(lambda text: text.strip().split("\n", 1)[0][:MOST_CHARACTERS])
    told = phrase(": ", first) if first else phrase("")
    if len(group) > 1:
        return phrase(f"{len(group)} tests fail") + told
    return phrase(case.said(lead.name, MOST_CHARACTERS), " fails") + told


def _job(case: Case, report: JunitReport) -> int:
    """Find the job that the report is of: the one it names, else the failed one whose log names most of its tests, else whose name fits."""
    jobs = list(enumerate(case.incident.jobs))
    named = [place for place, job in jobs if report.job and job.id == report.job]
    if named:
        return named[0]
    fits = [place for place, job in jobs if not report.run_id or job.run_id == report.run_id] or [
        place for place, _ in jobs
    ]
    failed = [place for place in fits if case.incident.jobs[place].status in (*_BAD, "unknown")] or fits
    return max(
        failed,
        key=lambda place: (_shared(case, place, report), _alike(case.incident.jobs[place].name, report.name), -place),
    )


def _shared(case: Case, job: int, report: JunitReport) -> int:
    """Count the report's failed tests that the job's log names too, of the first COMPARED of each."""
    reading = case.readings[job]
    if reading is None:
        return 0
    told = [name for group in causes_of(reading) for name in group.tests][:COMPARED]
    return sum(any(same_test(name, test.name) for name in told) for test in report.tests[:COMPARED])


def _alike(job: str, report: str) -> int:
    """Count the words that a job's and a report's name share: "test (ubuntu, 3.12)" and "test-results-ubuntu-3.12"."""
    return len(set(_WORD.findall(job.lower())) & set(_WORD.findall(report.lower())))
