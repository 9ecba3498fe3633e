"""What hides a failure and stands in no log: first all that must not be told, then what must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.model.finding import SilentFinding
from diagnose.model.incident import Attempt, Change, ChangedFile, Incident, Job, JunitReport, LogFile, Missing
from diagnose.model.text import phrase
from diagnose.scan.rule import Rule
from diagnose.sources.junit.report import read_report
from diagnose_agents.silent_failure_detector import SilentFailureDetector
from tests.checks.build_case import case_of, github, job, words
from tests.support.diagnosing import diagnosed

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.case import Case
    from diagnose.model.report import Report, SilentFailure

FAILED = github(("make lint", "a.c:1: bad\n##[error]Process completed with exit code 1."))
FINE = github(("make lint", "fine"))
JEST = Rule(
    "jest/totals",
    "jest",
    "t",
    "totals",
    "totals",
    "test",
    ("Tests:",),
    r"^Tests: +(?:(?P<skipped>\d+) skipped, )?(?P<passed>\d+) passed",
)
PYTEST = Rule("pytest/totals", "pytest", "t", "totals", "totals", "test", (" passed",), r"^(?P<passed>\d+) passed")


def told(case: Case) -> list[SilentFailure]:
    return [
        finding.failure
        for finding in anyio.run(SilentFailureDetector().examine, case)
        if isinstance(finding, SilentFinding)
    ]


@pytest.mark.parametrize(
    ("status", "incident"),
    [
        ("failure", {"conclusion": "failure"}), ("failure", {"conclusion": "success", "kind": "pr"}), ("success", {"conclusion": "success"}),
        ("cancelled", {"conclusion": "success"}), ("skipped", {"conclusion": "success"}),
    ],
)  # fmt: skip
def test_a_job_that_was_not_allowed_to_fail_is_no_hidden_one(status: str, incident: dict[str, Any]) -> None:
    log = FAILED if status == "failure" else FINE
    assert told(case_of((job("lint", status), log), **incident)) == []


@pytest.mark.parametrize(("log", "line", "seen"), [(FAILED, 6, True), (None, 0, False)])
def test_a_red_job_of_a_green_run_is_named(log: str | None, line: int, seen: bool) -> None:  # noqa: FBT001 - a column of a table
    (found,) = told(case_of((job("lint SECRET", "failure", log=log is not None), log), conclusion="success"))
    assert (found.kind, found.line, found.seen, words(found.title)) == (
        "swallowed-failure",
        line,
        seen,
        "the job lint *** failed and its run passed",
    )
    assert found.why is not None
    assert "continue-on-error" in words(found.why)


@pytest.mark.parametrize(
    ("attempts", "status", "now"),
    [
        (None, "success", 2), (Missing(phrase("x"), "denied", phrase("y")), "success", 2), ((), "success", 2), ((Attempt("test", 1, "success", "7"),), "success", 2),
        ((Attempt("test", 1, "cancelled", "7"),), "success", 2), ((Attempt("lint", 1, "failure", "7"),), "success", 2), ((Attempt("test", 1, "failure", "6"),), "success", 2),
        ((Attempt("test", 1, "failure", "7"),), "failure", 2), ((Attempt("test", 2, "failure", "7"),), "success", 1),
    ],
)  # fmt: skip
def test_no_attempt_before_hides_a_failure(attempts: Any, status: str, now: int) -> None:
    assert (
        told(
            case_of(
                (job("test", status, run_id="7", attempt=now), FINE if status == "success" else FAILED),
                attempts=attempts,
            )
        )
        == []
    )


@pytest.mark.parametrize(("failed", "said"), [((1,), "attempt 1 failed"), ((1, 2), "2 attempts before failed")])
def test_a_job_that_passed_when_it_was_run_again_is_a_note(failed: tuple[int, ...], said: str) -> None:
    attempts = tuple(Attempt("test", number, "failure", "7") for number in failed)
    (found,) = told(case_of((job("test", "success", run_id="7", attempt=3), FINE), attempts=attempts))
    assert (found.kind, found.seen, found.severity, found.line) == ("flaky-retry", False, "note", 0)
    assert said in words(found.title)


def test_three_of_a_kind_are_enough() -> None:
    jobs = [(job(f"test {number}", "success", run_id="7", attempt=2), None) for number in range(9)]
    attempts = tuple(Attempt(f"test {number}", 1, "failure", "7") for number in range(9))
    assert len(told(case_of(*jobs, attempts=attempts))) == 3


SOME = '<testsuite name="a"><testcase name="b" classname="c"/></testsuite>'
SKIPS = '<testsuite name="a"><testcase name="b"><skipped/></testcase></testsuite>'
BAD = '<testsuite name="a"><testcase name="b"><failure message="x"/></testcase></testsuite>'
EMPTY = "<testsuites/>"
CUT = "<testsuites><testsuite>"
AGAIN = '<testsuite name="a">\n<testcase name="b" classname="c">\n<flakyFailure message="timeout">at b</flakyFailure></testcase></testsuite>'


def reported(folder: Path, *texts: str, jobs: tuple[Job, ...] = ()) -> Report:
    reports: list[JunitReport | Missing] = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.xml"
        path.write_text(text, encoding="utf-8")
        reports.append(read_report(LogFile(path.name, path)))
    return diagnosed(Incident("log", "", jobs, reports=tuple(reports)))


@pytest.mark.parametrize(
    "texts",
    [(SOME,), (EMPTY,), (EMPTY, EMPTY), (SOME, SKIPS), (EMPTY, SKIPS), (SOME, CUT), (SOME, EMPTY, BAD), (SOME, BAD)],
)
def test_reports_that_hide_nothing(tmp_path: Path, texts: tuple[str, ...]) -> None:
    assert reported(tmp_path, *texts).silent_failures == ()


@pytest.mark.parametrize(
    ("texts", "kind", "log", "line"),
    [
        ((SOME, EMPTY), "empty-report", "1.xml", 1),
        ((SOME, AGAIN), "flaky-retry", "1.xml", 3),
        ((AGAIN,), "flaky-retry", "0.xml", 3),
    ],
)
def test_an_empty_report_among_others_and_tests_that_ran_again(
    tmp_path: Path, texts: tuple[str, ...], kind: str, log: str, line: int
) -> None:
    (found,) = reported(tmp_path, *texts).silent_failures
    assert (found.kind, found.log, found.line, found.seen) == (kind, log, line, True)


def changed(path: str, text: str, status: Any = "modified") -> Change:
    return Change(
        (
            ChangedFile("README.md", "modified", added=((1, "it.only("),)),
            ChangedFile(path, status, added=((3, "x"), (4, text))),
        )
    )


FOCUS = "  it.only('adds', () => {"
PASSED = github(("npm test", "Tests: 2 skipped, 1 passed"))


@pytest.mark.parametrize(
    ("path", "text", "log", "status", "rule"),
    [
        ("src/a.test.js", "  it('adds', () => {", PASSED, "success", JEST), ("src/a.js", FOCUS, PASSED, "success", JEST), ("src/a.test.js", FOCUS, FINE, "success", JEST),
        ("src/a.test.js", FOCUS, github(("pytest", "3 passed")), "success", PYTEST), ("src/a.test.js", FOCUS, FAILED, "failure", JEST), ("src/a.test.js", "// benefit (x)", PASSED, "success", JEST),
    ],
)  # fmt: skip
def test_no_focus(path: str, text: str, log: str, status: str, rule: Rule) -> None:
    assert told(case_of((job("test", status), log), rules=(rule,), change=changed(path, text))) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.test.js", FOCUS), ("__tests__/a.ts", "describe.only ('x'"), ("cypress/e2e/a.cy.ts", "test.only('x'"), ("spec/a_spec.js", "fdescribe('x', () =>"), ("spec/a_spec.rb", "  it 'adds', :focus do"),
        ("spec/b_spec.rb", "  fit 'adds' do"),
    ],
)  # fmt: skip
def test_a_focus_that_the_change_adds_is_named_with_its_line(path: str, text: str) -> None:
    (found,) = told(case_of((job("test", "success"), PASSED), rules=(JEST,), change=changed(path, text)))
    assert (found.kind, found.line, found.severity) == ("focused-tests", 5, "error")
    assert found.place is not None
    assert found.place.message is not None
    assert (words(found.place.file), found.place.line, words(found.place.message)) == (path, 4, text.strip())


@pytest.mark.parametrize("change", [None, Missing(phrase("the change"), "denied", phrase("no"))])
def test_without_a_change_nothing_is_focused(change: Any) -> None:
    assert told(case_of((job("test", "success"), PASSED), rules=(JEST,), change=change)) == []
