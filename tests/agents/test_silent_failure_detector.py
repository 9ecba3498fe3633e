from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.model.finding import SilentFinding
from diagnose.scan.blocks import extent_of
from diagnose.scan.rule import Block, Capture, Rule
from diagnose_agents import _suites
from diagnose_agents.silent_failure_detector import MOST, SilentFailureDetector
from tests.checks.build_case import case_of, github, job, reading_of, words
from tests.support.reading import shipped_reading_of

if TYPE_CHECKING:
    from diagnose.model.words import JobStatus, SilentKind


def silent(kind: SilentKind, literal: str, **more: Any) -> Rule:
    name = literal.strip().split(" ")[0].strip("[]:?=").lower()
    return Rule(**{"id": f"s/{kind}-{name}", "tool": "s", "ecosystem": "s", "kind": "silent", "title": f"{kind} here", "category": "test",
                   "literals": (literal,), "expression": literal.replace("[", r"\[").replace("]", r"\]").replace("(", r"\(").replace(")", r"\)"),
                   "silent": kind, **more})  # fmt: skip


RULES = (
    silent("no-tests-ran", "[no test files]"),
    silent("no-tests-ran", "running 0 tests"),
    silent("no-tests-ran", "collected 0 items"),
    silent("all-skipped", "--- SKIP: ", expression="^--- SKIP: "),
    silent("resource-leak", "ResourceWarning: ", severity="warning", remedy="Close it."),
    silent("swallowed-failure", "(ignored)", remedy="Drop the dash before {name}."),
    silent("unhandled-exception", "Task exception was never retrieved", title="lost: {message}", expression="(?P<message>Task exception).*"),
    Rule("t/totals", "t", "t", "totals", "totals", "test", (" passed", " failed"), r"^== (?:(?P<failed>\d+) failed, )?(?P<passed>\d+) passed"),
    Rule("u/totals", "u", "u", "totals", "totals", "test", ("Tests run: ",), r"Tests run: (?P<run>\d+), Errors: (?P<errors>\d+), Skipped: (?P<skipped>\d+)"),
    Rule("v/totals", "v", "v", "totals", "totals", "test", ("TOTAL",), "^TOTAL", block=Block(after=3), captures=(Capture(r"^failures: (?P<failed>\d+)"),)),
    Rule("make/failed", "make", "c", "wrapper", "make", "build-system", ("*** [",), r"^make: \*\*\* \["),
    Rule("gcc/error", "gcc", "c", "cause", "gcc", "compile", (": error: ",), ": error: "),
    Rule("python/exception", "python", "python", "cause", "ends", "other", ("Error",), r"^\w*Error\b", block=Block(before=40, before_until=r"^Traceback \(")),
)  # fmt: skip
TRACE = 'Traceback (most recent call last):\n  File "a.py", line 3\nKeyError: 1\nmigrated'
FAILS = "##[error]Process completed with exit code 2."


def found(text: str, status: JobStatus = "success") -> list[tuple[str, int]]:
    case = case_of((job(status=status), text), (job("no log", log=False), None), rules=RULES)
    findings = anyio.run(SilentFailureDetector().examine, case)
    assert all(isinstance(finding, SilentFinding) and finding.job == 0 for finding in findings)
    return [(finding.failure.kind, finding.failure.line) for finding in findings if isinstance(finding, SilentFinding)]


def step(*output: str, header: str = "make test") -> str:
    """A step's output; its first line is line 5 of the log."""
    return github((header, "\n".join(output)))


QUIET = {
    "one package of many without tests": step("?   \ta\t[no test files]", "ok  \tb\t0.02s"),
    "a cached package": step("?   \ta\t[no test files]", "ok  \tb\t(cached)"),
    "an empty section of doc tests": step("running 2 tests", "running 0 tests"),
    "some skipped": step("--- PASS: TestA (0.0s)", "--- SKIP: TestB (0.0s)"),
    "a retry that passed": step("== 1 failed, 4 passed", "== 5 passed"),
    "an empty suite beside a full one": step(
        "Tests run: 0, Errors: 0, Skipped: 0", "Tests run: 3, Errors: 0, Skipped: 1"
    ),
    "an empty suite beside another tool's": step("Tests run: 0, Errors: 0, Skipped: 0", "5 passing (3ms)"),
    "a traceback that a test printed": step(TRACE, "== 3 passed"),
    "an exception without a traceback": step("KeyError: 1", "done"),
    "a name of an error": step("done"),
    "the echoed script": step("ok", header="echo 'Task exception was never retrieved'"),
    "what stands in the post job": github(("make", "ok")).replace("Cleaning", "ResourceWarning: x\nCleaning"),
    "totals without a failure": step("== 5 passed", "TOTAL", "failures: 0"),
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET.keys())
@pytest.mark.parametrize("status", ["success", "unknown"])
def test_a_run_that_did_what_it_should_raises_no_alarm(text: str, status: JobStatus) -> None:
    assert found(text, status) == []


HIDDEN = [
    (step("?   \ta\t[no test files]", "?   \tb\t[no test files]"), [("no-tests-ran", 5)]),
    (step("running 0 tests", "running 0 tests"), [("no-tests-ran", 5)]),
    (step("=== RUN", "--- SKIP: TestA (0.0s)", "ok  \ta\t0.01s"), [("all-skipped", 6)]),
    (step("a", "== 2 failed, 3 passed", "== 1 failed, 3 passed"), [("swallowed-failure", 6)]),
    (
        step("== 1 failed, 3 passed", "Tests run: 3, Errors: 1, Skipped: 0"),
        [("swallowed-failure", 5), ("swallowed-failure", 6)],
    ),
    (step("Tests run: 0, Errors: 0, Skipped: 0"), [("no-tests-ran", 5)]),
    (step("Tests run: 4, Errors: 0, Skipped: 4"), [("all-skipped", 5)]),
    (step("collected 0 items", "Tests run: 0, Errors: 0, Skipped: 0"), [("no-tests-ran", 5)]),
    (step("TOTAL", "failures: 2"), [("swallowed-failure", 5)]),
    (step("x: ResourceWarning: a", "y: ResourceWarning: b"), [("resource-leak", 5)]),
    (step("make: [a] Error 1 (ignored)"), [("swallowed-failure", 5)]),
    (step("a.c:1:2: error: no", "make: *** [a.o] Error 1", "on we go"), [("swallowed-failure", 5)]),
    (step("make: *** [a.o] Error 1", "on we go"), [("swallowed-failure", 5)]),
    (step("start", TRACE), [("swallowed-failure", 6)]),
]


@pytest.mark.parametrize(("text", "expected"), HIDDEN)
@pytest.mark.parametrize("status", ["success", "unknown"])
def test_what_the_exit_code_hides_is_found_at_its_line(
    text: str, status: JobStatus, expected: list[tuple[str, int]]
) -> None:
    assert found(text, status) == expected


def test_a_step_that_was_told_to_go_on_is_found_only_where_the_job_is_known_to_have_passed() -> None:
    text = github(("make lint", f"oops\n{FAILS}"), ("make test", "ok"))
    assert found(text) == [("swallowed-failure", 6)]
    assert found(text, "unknown") == []


def test_an_error_note_of_a_script_without_an_exit_code_is_no_failure() -> None:
    noted = "##[error]Error: audit write failed"
    assert found(step("x: ResourceWarning: a", noted), "unknown") == [("resource-leak", 5)]
    assert found(step("x: ResourceWarning: a", noted, header="acme/audit@v1"), "unknown") == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("failure", [("resource-leak", 5)]),
        ("cancelled", [("resource-leak", 5)]),
        ("unknown", [("resource-leak", 5)]),
        ("skipped", []),
        ("in_progress", []),
    ],
)
def test_in_a_failed_job_only_the_steps_before_the_failure_count(
    status: JobStatus, expected: list[tuple[str, int]]
) -> None:
    text = github(
        ("pytest", "x: ResourceWarning: a"),
        ("make", f"y: ResourceWarning: b\n{FAILS}"),
        ("late", "Task exception was never retrieved"),
    )
    assert found(text, status) == expected


BARE = [
    ("?   \ta\t[no test files]\n", [("no-tests-ran", 1)]),
    (
        "Task exception was never retrieved\nTraceback (most recent call last):\nRuntimeError: x\ndone\n",
        [("unhandled-exception", 1)],
    ),
    ("a: ResourceWarning: b\n1 test\nok\n", [("resource-leak", 1)]),
    ("make: [a] Error 1 (ignored)\npackaging\n", [("swallowed-failure", 1)]),
    ("a: error: b (ignored)\npackaging\n", [("swallowed-failure", 1)]),
    ("a: error: b (ignored)\n\n", []),
    (
        "a.c:1:2: error: b (ignored)\n    1 | int\n      | ^\na.c:1:2: note: c\n2 errors generated.\nbuilding terminated because of errors\n",
        [],
    ),
    ("a.c:1:2: error: no\nResourceWarning: x\n" + "line\n" * 60 + "b.c:1:2: error: no\n", []),
    ("ResourceWarning: x\n== 1 failed, 3 passed\n", []),
    (TRACE + "\n", []),
]


@pytest.mark.parametrize(("text", "expected"), BARE)
def test_of_a_bare_log_only_what_explains_all_that_failed_in_it_is_said(
    text: str, expected: list[tuple[str, int]]
) -> None:
    assert found(text, "unknown") == expected


def test_a_bare_log_of_a_job_that_passed_hides_what_its_totals_count() -> None:
    assert found("a\n== 1 failed, 3 passed\n") == [("swallowed-failure", 2)]


TRAVIS = (
    "travis_fold:start:git.checkout\r\x1b[0Ktravis_time:start:0\r\x1b[0K$ git clone x\nx: ResourceWarning: a\n"
    "travis_time:end:0:start=1,finish=2,duration=1\r\x1b[0Ktravis_fold:end:git.checkout\r\x1b[0K\n"
    'travis_time:start:1\r\x1b[0K$ make\nok\n\nThe command "make" exited with 0.\n'
    "changes detected, packing new archive\nTask exception was never retrieved\nDone. Your build exited with 0.\n"
)  # fmt: skip


def test_what_travis_does_for_itself_is_not_the_jobs() -> None:
    assert found(TRAVIS, "unknown") == []


def test_a_finding_says_title_severity_and_advice_and_is_redacted() -> None:
    text = step("x: ResourceWarning: SECRET", "Task exception was never retrieved", "make: [SECRET] Error 1 (ignored)")
    case = case_of((job(status="success"), text), rules=RULES)
    said = [
        finding.failure
        for finding in anyio.run(SilentFailureDetector().examine, case)
        if isinstance(finding, SilentFinding)
    ]
    assert [(words(each.title), each.severity, words(each.text)) for each in said] == [
        ("resource-leak here", "warning", "x: ResourceWarning: ***"),
        ("lost: Task exception", "error", "Task exception was never retrieved"),
        ("swallowed-failure here", "error", "make: [***] Error 1 (ignored)"),
    ]
    assert next(each.advice for each in said) == "Close it."
    assert said[2].advice.startswith("Let the command's exit code through")


def test_there_are_never_more_than_a_reader_can_take() -> None:
    assert len(found(github(*((f"s{number}", "x: ResourceWarning: a") for number in range(MOST + 5))))) == MOST


def test_a_long_stretch_is_taken_as_one_in_which_tests_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suites, "LOOKED_AT", 3)
    assert found(step("?   \ta\t[no test files]", *["x"] * 5)) == []


@pytest.mark.parametrize(
    ("count", "executed"),
    [
        (_suites.Count(1, "t", None, None, None, None), None),
        (_suites.Count(1, "t", None, None, 2, None), 2),
        (_suites.Count(1, "t", None, 3, 2, 1), 5),
        (_suites.Count(1, "t", 4, None, None, 4), 0),
        (_suites.Count(1, "t", 4, None, 1, 4), 1),
    ],
)
def test_skipped_tests_were_not_executed(count: _suites.Count, executed: int | None) -> None:
    assert count.executed == executed


def test_totals_without_a_number_are_no_count() -> None:
    reading = reading_of("TOTAL\nnothing\n", *RULES)
    assert extent_of(reading.log, reading.scan.matches[0]).captures == {}
    assert _suites.counts(reading.scan) == []


SHIPPED = [
    (
        "go test -v",
        ("=== RUN   TestA", "    a_test.go:5: no docker", "--- SKIP: TestA (0.00s)", "PASS", "ok  \ta\t0.002s"),
        [("all-skipped", 7)],
    ),
    (
        "go test -v",
        (
            "=== RUN   TestA",
            "--- SKIP: TestA (0.00s)",
            "=== RUN   TestB",
            "--- PASS: TestB (0.00s)",
            "PASS",
            "ok  \ta\t0.002s",
        ),
        [],
    ),
    ("go test ./...", ("?   \ta\t[no test files]", "?   \ta/b\t[no test files]"), [("no-tests-ran", 5)]),
    ("go test ./...", ("?   \ta\t[no test files]", "ok  \ta/b\t0.012s"), []),
    ("go test ./...", ("?   \ta\t[no test files]", "ok  \ta/b\t(cached)"), []),
    (
        "go test -run Nope ./...",
        ("ok  \ta\t0.012s [no tests to run]", "ok  \ta/b\t(cached) [no tests to run]"),
        [("no-tests-ran", 5)],
    ),
    ("go test -run One ./...", ("ok  \ta\t0.012s [no tests to run]", "ok  \ta/b\t0.012s"), []),
    (
        "dotnet test",
        ("No test is available in /src/a.dll. Make sure that test discoverer & executors are registered",),
        [("no-tests-ran", 5)],
    ),
    (
        "dotnet test",
        (
            "No test is available in /src/a.dll. Make sure",
            "Passed!  - Failed:     0, Passed:     2, Skipped:     0, Total:     2, Duration: 12 ms - b.dll (net8.0)",
        ),
        [],
    ),
    (
        "npx vitest run",
        (
            "⎯⎯⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯⎯⎯",
            "",
            "Vitest caught 1 unhandled error during the test run.",
            "",
            "⎯⎯⎯⎯ Unhandled Rejection ⎯⎯⎯⎯⎯",
            "Error: lost",
            "",
            "      Tests  1 passed (1)",
        ),
        [("unhandled-exception", 9)],
    ),
]


@pytest.mark.parametrize(("command", "output", "expected"), SHIPPED)
def test_the_shipped_rules_find_it_in_the_tools_words(
    command: str, output: tuple[str, ...], expected: list[tuple[str, int]]
) -> None:
    text = step(*output, header=command)
    case = replace(case_of((job(status="success"), text)), readings=(shipped_reading_of(text),))
    findings = anyio.run(SilentFailureDetector().examine, case)
    assert [(one.failure.kind, one.failure.line) for one in findings if isinstance(one, SilentFinding)] == expected
