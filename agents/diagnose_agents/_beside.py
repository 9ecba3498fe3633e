"""What hides a failure and stands in no log: a job that may fail, an attempt before this one, a test report without tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.steps import failed_steps
from diagnose.model.incident import Change, JunitReport
from diagnose.model.report import Location, SilentFailure
from diagnose.model.text import Untrusted, phrase
from diagnose_agents._suites import counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.case import Case
    from diagnose.logs.log import Log
    from diagnose.model.incident import ChangedFile
    from diagnose.model.text import Phrase
    from diagnose.model.words import SilentKind
    from diagnose.rank.reading import Reading

MOST: Final = 3
LOOKED_AT: Final = 20_000
_BAD: Final = ("failure", "timed_out")
_AGAIN: Final = regex(r"<(?:flaky|rerun)(?:Failure|Error)\b")
_FOCUSING: Final = ("jest", "vitest", "mocha", "jasmine", "karma", "playwright", "cypress", "rspec")
_FOCUS: Final = regex(
    r"\b(?:it|test|describe|context|suite|specify)\.only\s*\(|^\s*(?:fit|fdescribe|fcontext|fspecify)\s*[( ]|[,(]\s*(?::focus\b|focus: true\b)"
)
_TESTS: Final = regex(
    r"(?i)(?:^|/)(?:__tests__|tests?|specs?|e2e|cypress)/|[._-](?:test|spec|cy)\.[cm]?[jt]sx?$|_spec\.rb$"
)


def beside(case: Case) -> Iterator[tuple[int, SilentFailure]]:
    """Yield (job, what is hidden), MOST of each kind."""
    for find in (_allowed, _again, _reports):
        for number, found in enumerate(find(case)):
            if number == MOST:
                break
            yield found


def _allowed(case: Case) -> Iterator[tuple[int, SilentFailure]]:
    """Find jobs that failed in a run that passed: the workflow lets them, and the run's own badge is green."""
    incident = case.incident
    if incident.kind != "run" or incident.conclusion != "success":
        return
    for place, (job, reading) in enumerate(zip(incident.jobs, case.readings, strict=True)):
        if job.status not in _BAD:
            continue
        title = phrase("the job ", case.said(job.name, 160), " failed and its run passed")
        advice = "Take continue-on-error from the job, or from its matrix row, once it is meant to pass."
        why = phrase("the workflow lets this job fail (continue-on-error)")
        line = next((step.told for step in failed_steps(reading.log.steps)), 0) if reading is not None else 0
        if reading is None or not line:
            yield (
                place,
                SilentFailure("swallowed-failure", title, "", 0, Untrusted(""), "note", advice, seen=False, why=why),
            )
            continue
        text = case.quote(reading.log, line, line).text
        yield place, SilentFailure("swallowed-failure", title, reading.log.name, line, text, "error", advice, why=why)


def _again(case: Case) -> Iterator[tuple[int, SilentFailure]]:
    """Note jobs that passed only when somebody ran them again at the same commit."""
    attempts = case.incident.attempts if isinstance(case.incident.attempts, tuple) else ()
    for place, job in enumerate(case.incident.jobs):
        before = [
            each.attempt
            for each in attempts
            if each.job == job.name and each.run_id == job.run_id and each.attempt < job.attempt and each.status in _BAD
        ]
        if job.status != "success" or not before:
            continue
        many = f"attempt {before[0]}" if len(before) == 1 else f"{len(before)} attempts before"
        title = phrase(
            "the job ",
            case.said(job.name, 160),
            f" passed only when it was run again: {many} failed at the same commit",
        )
        advice = "Read why it failed then: that it passes now shows that it comes and goes, not that it is mended."
        yield (
            place,
            SilentFailure(
                "flaky-retry",
                title,
                "",
                0,
                Untrusted(""),
                "note",
                advice,
                seen=False,
                why=phrase("the newest attempt alone decides"),
            ),
        )


def _reports(case: Case) -> Iterator[tuple[int, SilentFailure]]:
    """Find, where no report counts a failure, a report without any test beside others that have some, and tests that were run again."""
    pairs = [
        (report, log)
        for report, log in zip(case.incident.reports, case.reports, strict=True)
        if isinstance(report, JunitReport) and log is not None
    ]
    if any(report.bad for report, _ in pairs):
        return
    some = any(report.run > report.skipped for report, _ in pairs)  # a skipped test is counted in both
    for report, log in pairs:
        place = next((place for place, job in enumerate(case.incident.jobs) if report.job and job.id == report.job), 0)
        if some and report.problem is None and not report.run:
            title = phrase("the test report ", case.said(report.name, 160), " has no test in it, and others do")
            yield (
                place,
                _of_report(
                    case,
                    log,
                    1,
                    "empty-report",
                    title,
                    "See whether the suite ran at all, and make an empty report fail the step.",
                ),
            )
        elif report.flaky and (line := _line_of(log)):
            tests = "a test" if report.flaky == 1 else f"{report.flaky} tests"
            title = phrase(f"{tests} of ", case.said(report.name, 160), " passed only on a retry")
            yield (
                place,
                _of_report(
                    case, log, line, "flaky-retry", title, "Mend what makes them come and go; a retry hides it."
                ),
            )


def _of_report(case: Case, log: Log, line: int, kind: SilentKind, title: Phrase, advice: str) -> SilentFailure:
    return SilentFailure(kind, title, log.name, line, case.quote(log, line, line).text, "warning", advice)


def _line_of(log: Log) -> int:
    return next(
        (line.number for line in log.lines(1, min(log.total, LOOKED_AT)) if _AGAIN.search(line.text[:LOOKED_AT])), 0
    )


def focused(case: Case, place: int, reading: Reading) -> SilentFailure | None:
    """Find that the change keeps all but some tests from running (`it.only`), in a job that passed and ran such a runner."""
    change = case.incident.change
    if case.incident.jobs[place].status != "success" or not isinstance(change, Change):
        return None
    line = next((count.line for count in counts(reading.scan) if count.tool in _FOCUSING), 0)
    found = next((hit for file in change.files if (hit := _focus_in(file)) is not None), None) if line else None
    if found is None:
        return None
    file, number, text = found
    name = case.said(file.path)
    return SilentFailure(
        "focused-tests", phrase("only focused tests ran: the change adds one in ", name), reading.log.name, line, case.quote(reading.log, line, line).text, "error",
        "Take the focus out; a lint rule (jest/no-focused-tests, no-only-tests, RSpec/Focus) or `--forbid-only` keeps it from coming back.",
        why=phrase("a focused test keeps all others of its file or run from running"), place=Location(name, number, None, "error", case.said(text.strip(), 200)),
    )  # fmt: skip


def _focus_in(file: ChangedFile) -> tuple[ChangedFile, int, str] | None:
    if not _TESTS.search(file.path) or file.status == "removed":
        return None
    return next(((file, number, text) for number, text in file.added if _FOCUS.search(text[:LOOKED_AT])), None)
