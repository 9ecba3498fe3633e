"""Fewer tests than in the last green run: what raises the alarm, and, first, all that must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.model.finding import SilentFinding
from diagnose.model.incident import Change, ChangedFile, Hunk, LogFile, Missing, Passing
from diagnose.model.text import phrase
from diagnose.scan.rule import Rule
from diagnose_agents import _drops
from diagnose_agents.silent_failure_detector import SilentFailureDetector
from tests.checks.build_case import NOW, case_of, github, job, scan_of, words

if TYPE_CHECKING:
    from diagnose.model.report import SilentFailure

RULES = (
    Rule("t/totals", "t", "t", "totals", "totals", "test", (" passed", " failed"), r"^== (?:(?P<failed>\d+) failed, )?(?P<passed>\d+) passed(?:, (?P<skipped>\d+) skipped)?"),
    Rule("u/totals", "u", "u", "totals", "totals", "test", ("Tests run: ",), r"Tests run: (?P<run>\d+), Errors: (?P<errors>\d+), Skipped: (?P<skipped>\d+)"),
    Rule("u/suites", "u", "u", "totals", "totals", "test", ("Suites: ",), r"Suites: (?P<passed>\d+)"),
)  # fmt: skip
GREEN = Passing(LogFile("before", Path("before")), "build", "880", at=NOW - timedelta(days=1))
FAILS = "##[error]Process completed with exit code 1."


def step(*output: str, header: str = "make test") -> str:
    """A step's output; its first line is line 5 of the log."""
    return github((header, "\n".join(output)))


def failures(
    then: str | None, now: str, *, status: Any = "success", name: str = "build", own: Any = GREEN, **incident: Any
) -> list[SilentFailure]:
    case = case_of((job(name, status, passing=own, started_at=NOW), now), rules=RULES, **incident)
    case = replace(case, passing=(None if then is None else scan_of(then, *RULES),))
    findings = anyio.run(SilentFailureDetector().examine, case)
    return [
        finding.failure
        for finding in findings
        if isinstance(finding, SilentFinding) and finding.failure.kind == "test-count-drop"
    ]


FULL, HALF = step("== 40 passed"), step("== 20 passed")
QUIET: dict[str, tuple[str | None, str, dict[str, Any]]] = {
    "nothing to compare with": (None, HALF, {}),
    "as many as before": (FULL, FULL, {}),
    "more than before": (HALF, FULL, {}),
    "a fifth fewer": (FULL, step("== 32 passed"), {}),
    "five fewer of few": (step("== 10 passed"), step("== 5 passed"), {}),
    "the job failed": (FULL, step("== 20 passed", FAILS), {"status": "failure"}),
    "the log of an unknown job failed": (FULL, step("== 20 passed", FAILS), {"status": "unknown"}),
    "tests failed in the run before": (step("== 1 failed, 40 passed"), HALF, {}),
    "tests fail now": (FULL, step("== 1 failed, 20 passed"), {}),
    "another step": (github(("make check", "== 40 passed")), HALF, {}),
    "another runner": (step("Tests run: 40, Errors: 0, Skipped: 0"), HALF, {}),
    "no test at all, which has an alarm of its own": (step("Tests run: 40, Errors: 0, Skipped: 0"), step("Tests run: 0, Errors: 0, Skipped: 0"), {}),
    "the suite was tried again in the run before": (step("== 20 passed", "== 20 passed"), HALF, {}),
    "skipped tests then as now": (step("Tests run: 40, Errors: 0, Skipped: 20"), step("Tests run: 21, Errors: 0, Skipped: 1"), {}),
    "a choice by what changed": (FULL, step("npx jest --onlyChanged", "== 20 passed"), {}),
    "a choice in the step's name": (github(("nx affected -t test", "== 40 passed")), github(("nx affected -t test", "== 20 passed")), {}),
    "results out of a cache": (FULL, step("web:test: cache hit, replaying logs", "== 20 passed"), {}),
    "a shard": (FULL, HALF, {"name": "test (shard 2)"}),
    "a part of four": (FULL, HALF, {"name": "test (2, 4)"}),
    "a green run that is newer": (FULL, HALF, {"own": replace(GREEN, at=NOW + timedelta(hours=1))}),
    "the change removes tests": (FULL, HALF, {"change": Change((ChangedFile("tests/test_a.py", "removed"),))}),
    "the change takes lines out of tests": (FULL, HALF, {"change": Change((ChangedFile("src/a_test.go", "modified", hunks=(Hunk(3, 3),), added=((3, "x"),), removed=("a", "b")),))}),
    "the change to tests is not shown": (FULL, HALF, {"change": Change((ChangedFile("src/CartSpec.kt", "modified"),))}),
    "not all of the change is known": (FULL, HALF, {"change": Change((), complete=False)}),
    "nothing of the change is known": (FULL, HALF, {"change": Missing(phrase("the change"), "denied", phrase("no right"))}),
}  # fmt: skip


@pytest.mark.parametrize("name", QUIET)
def test_what_raises_no_alarm(name: str) -> None:
    then, now, more = QUIET[name]
    assert failures(then, now, **more) == []


LOUD: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "half of them": (FULL, HALF, {}, "20 tests ran; the last green run ran 40"),
    "six of twenty": (step("== 20 passed"), step("== 14 passed"), {}, "14 tests ran; the last green run ran 20"),
    "now skipped": (step("== 40 passed, 2 skipped"), step("== 20 passed, 22 skipped"), {}, "20 tests ran; the last green run ran 40"),
    "one of two suites": (step("== 40 passed", "== 30 passed"), step("== 40 passed", "== 3 passed"), {}, "43 tests ran; the last green run ran 70"),
    "told by two rules": (step("Suites: 9", "Tests run: 40, Errors: 0, Skipped: 0"), step("Suites: 9", "Tests run: 20, Errors: 0, Skipped: 0"), {}, "20 tests ran; the last green run ran 40"),
    "a log alone": (FULL, HALF, {"status": "unknown", "own": None, "kind": "log"}, "20 tests ran; the last green run ran 40"),
    "named by the user": (FULL, HALF, {"passing": GREEN.log}, "20 tests ran; the passing run ran 40"),
    "a change elsewhere": (FULL, HALF, {"change": Change((ChangedFile("pytest.ini", "modified", hunks=()),))}, "20 tests ran; the last green run ran 40"),
    "a change that adds tests": (FULL, HALF, {"change": Change((ChangedFile("tests/test_a.py", "modified", hunks=(Hunk(1, 1),), added=((1, "x"),)),))}, "20 tests ran; the last green run ran 40"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOUD)
def test_what_does(name: str) -> None:
    then, now, more, title = LOUD[name]
    found = failures(then, now, **more)
    assert [(words(each.title), each.severity) for each in found] == [(title, "warning")]
    assert found[0].line >= 5
    assert found[0].advice


def test_each_step_is_told_once_and_at_its_own_line() -> None:
    then = github(("unit", "== 40 passed\nTests run: 40, Errors: 0, Skipped: 0"), ("e2e", "== 30 passed"))
    now = github(("unit", "== 20 passed\nTests run: 20, Errors: 0, Skipped: 0"), ("e2e", "== 3 passed"))
    assert [each.line for each in failures(then, now)] == [5, 10]


def test_a_step_too_long_to_be_read_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_drops, "LOOKED_AT", 3)
    assert failures(FULL, step("a", "b", "== 20 passed")) == []
