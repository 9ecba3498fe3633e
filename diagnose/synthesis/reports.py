"""Logs and test reports together: a test that both name is one test, and a report's counts are the totals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import JunitReport, Missing
from diagnose.model.report import Totals
from diagnose.model.text import Untrusted, phrase
from diagnose.rank.names import same_test
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.case import Case
    from diagnose.model.finding import CauseFinding
    from diagnose.model.report import Cause, FailedTest
    from diagnose.model.text import Phrase
    from diagnose.scan.rule import Rule

MOST_EVIDENCE: Final = 8
# A log's answer of which nobody knows the rule stands back behind a test that is known to have failed.
BEHIND: Final = 0.5


def given(case: Case) -> list[JunitReport]:
    """List the reports that were read."""
    return [report for report in case.incident.reports if isinstance(report, JunitReport)]


def of_report(case: Case, told: CauseFinding | Cause) -> bool:
    """Whether the first evidence is a test report's."""
    return any(log is not None and log.name == told.evidence[0].log for log in case.reports)


def runner_rule(case: Case, cause: Cause, rules: Mapping[str, Rule]) -> Rule | None:
    """Find a rule of the report's runner that knows how to run one test again; None for a cause of a log."""
    if cause.rule or not of_report(case, cause):
        return None
    return next(
        (
            rule
            for rule in rules.values()
            if rule.tool == cause.tool and rule.category == "test" and rule.kind == "cause" and rule.reproduce
        ),
        None,
    )


def united(case: Case, findings: Sequence[CauseFinding], rules: Mapping[str, Rule]) -> list[CauseFinding]:
    """Put what the reports say into what the logs say, job by job; what remains of the reports stands behind.

    A test that a log's cause names keeps its evidence and rule, and gets what the report knows more of it. Tests that only the report
    names join the job's test cause. Where the log has none, they are a finding of their own: behind a cause that a rule knows (a
    compiler's error), before a mere guess.
    """
    told = [finding for finding in findings if of_report(case, finding)]
    if not told:
        return list(findings)
    logged = [finding for finding in findings if not of_report(case, finding)]
    jobs = sorted({finding.job for finding in findings})
    return [
        finding
        for job in jobs
        for finding in _of_job(
            [each for each in logged if each.job == job], [each for each in told if each.job == job], rules
        )
    ]


def _of_job(logged: list[CauseFinding], told: list[CauseFinding], rules: Mapping[str, Rule]) -> list[CauseFinding]:
    if not logged or not told:
        return [*logged, *told]
    causes = list(logged)
    rest: list[CauseFinding] = []
    for finding in told:
        unknown = tuple(test for test in finding.failed_tests if not _filled(causes, test))
        home = _home(causes, unknown)
        if unknown and home is not None:
            _join(causes, home, finding, unknown)
        elif unknown:
            rest.append(replace(finding, failed_tests=unknown))
    known = any(_is_known(cause, rules) for cause in causes)
    best = max(cause.confidence for cause in causes)
    if not known:
        return [*rest, *(replace(cause, confidence=cause.confidence * BEHIND) if rest else cause for cause in causes)]
    return [*causes, *(replace(finding, confidence=min(finding.confidence, best * BEHIND)) for finding in rest)]


def _is_known(cause: CauseFinding, rules: Mapping[str, Rule]) -> bool:
    return cause.rule in rules and rules[cause.rule].kind == "cause" and not cause.follows_any


def _filled(causes: list[CauseFinding], test: FailedTest) -> bool:
    """Fill what the report knows of a test into every cause that names it; False when none does."""
    found = False
    name = plain(test.name)
    for place, cause in enumerate(causes):
        at = next((index for index, known in enumerate(cause.failed_tests) if same_test(plain(known.name), name)), None)
        if at is not None:
            found = True
            tests = (*cause.failed_tests[:at], _fuller(cause.failed_tests[at], test), *cause.failed_tests[at + 1 :])
            causes[place] = replace(cause, failed_tests=tests)
    return found


def _fuller(known: FailedTest, told: FailedTest) -> FailedTest:
    longer = len(told.name) > len(known.name) and not plain(known.name).endswith("]")
    same = known.file is None or told.file is None or _ends_alike(plain(known.file), plain(told.file))
    return replace(
        known,
        name=told.name if longer else known.name,
        file=known.file or told.file,
        line=known.line if known.line is not None or not same else told.line,
        message=known.message or told.message,
    )


def _ends_alike(one: str, other: str) -> bool:
    return one.replace("\\", "/").endswith(other) or other.replace("\\", "/").endswith(one)


def _home(causes: list[CauseFinding], tests: Sequence[FailedTest]) -> int | None:
    """Find the test cause of the job that says the same as these tests, else its first; None without any."""
    own = [place for place, cause in enumerate(causes) if cause.category == "test" and not cause.follows_any]
    messages = {_first(test.message) for test in tests if test.message}
    alike = [
        place
        for place in own
        if messages & {_first(test.message) for test in causes[place].failed_tests if test.message}
    ]
    return next(iter((*alike, *own)), None)


def _first(message: Untrusted | None) -> str:
    return plain(message).strip().split("\n", 1)[0] if message else ""


def _join(causes: list[CauseFinding], place: int, finding: CauseFinding, tests: tuple[FailedTest, ...]) -> None:
    home = causes[place]
    room = len(home.evidence) < MOST_EVIDENCE
    files = {(plain(test.file), test.line) for test in tests if test.file}
    causes[place] = replace(
        home,
        evidence=(*home.evidence, finding.evidence[0]) if room else home.evidence,
        failed_tests=(*home.failed_tests, *tests),
        locations=(*home.locations, *(each for each in finding.locations if (plain(each.file), each.line) in files)),
    )


def report_totals(case: Case, logged: Totals | None) -> Totals | None:
    """Give the reports' counts; the logs' where there is no report, or where they count more failures: then reports are missing."""
    reports = [report for report in given(case) if report.run]
    if not reports:
        return logged
    totals = Totals(
        sum(report.run for report in reports),
        sum(report.passed for report in reports),
        sum(report.bad for report in reports),
        sum(report.skipped for report in reports),
    )
    return logged if logged is not None and (logged.failed or 0) > (totals.failed or 0) else totals


def report_limits(case: Case) -> list[Phrase]:
    """Say which reports could not be had, were not read whole, or name so many tests that not all are listed."""
    out: list[Phrase] = []
    for report in case.incident.reports:
        if isinstance(report, Missing):
            out.append(phrase(report.what, ": ", report.why))
            continue
        name = Untrusted(report.name)
        if report.problem is not None:
            out.append(phrase("the test report ", name, ": ", report.problem))
        if not report.run:
            out.append(phrase("the test report ", name, ' holds no test. Empty is not "nothing failed".'))
        if report.bad > len(report.tests):
            out.append(
                phrase(
                    "the test report ",
                    name,
                    f" names {report.bad} failed tests; the first {len(report.tests)} are listed",
                )
            )
    return out
