"""What the base says of a job: its own result there first, and other members of its matrix only where it has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.model.finding import CauseFinding
from diagnose.model.incident import BaseResult, Branch, Control
from diagnose.safety.plain import plain
from diagnose.scan.rule import Rule
from diagnose.synthesis.attribution import Beside, attribute
from diagnose.synthesis.grouping import causes as make_causes
from diagnose.synthesis.grouping import merge
from diagnose_agents.ci_diagnostics import CiDiagnostics
from tests.checks.build_case import case_of, github, job, reading_of

if TYPE_CHECKING:
    from diagnose.model.report import Attribution

RULE = Rule("gcc/error", "gcc", "gcc", "cause", "none", "compile", ("error: ",), r"^\S+:\d+: error: ")
SHA = "5" * 40


def log_of(text: str) -> str:
    return github(("make", f"{text}\n##[error]Process completed with exit code 2."))


OURS = log_of("src/cart.c:41: error: unknown name taxes")
OTHER = log_of("src/page.c:7: error: missing brace at the end of the file")
RED, GREEN, DROPPED = "failure", "success", "cancelled"


def whose(name: str, *controls: tuple[str, Any, str | None], kind: Any = "base", **incident: Any) -> Attribution:
    """Whose the failure of job `name` is; a control: (job, status, its log)."""
    told = tuple(Control(kind, at, status, SHA) for at, status, _ in controls)
    case = case_of((job(name), OURS), rules=(RULE,), controls=told, **incident)
    readings = tuple(None if text is None else reading_of(text, RULE) for _, _, text in controls)
    case = replace(case, controls=readings)
    found = [each for each in anyio.run(CiDiagnostics().examine, case) if isinstance(each, CauseFinding)]
    cause = make_causes(case, merge(found), {RULE.id: RULE})[0]
    return attribute(case, cause, {RULE.id: RULE}, Beside())


TABLE: list[tuple[str, str, list[tuple[str, Any, str | None]], str, str]] = [
    ("no job of that name", "test (3.12)", [("lint", RED, OURS)], "unknown", "no earlier run, change or base"),
    ("only the stem, and it disagrees", "test (3.12)", [("test (3.10)", GREEN, None), ("test (3.11)", RED, None)], "unknown",
     "on the base branch other jobs of its matrix disagree: some pass, some fail"),
    ("only the stem, it disagrees, and fails otherwise", "test (3.12)", [("test (3.10)", GREEN, None), ("test (3.11)", RED, OTHER)], "unknown",
     "on the base branch other jobs of its matrix disagree: some pass, some fail"),
    ("only the stem, unread", "test (3.12)", [("test (3.11)", RED, None)], "unknown",
     "another job of its matrix, in the base branch's newest run (5555555), fails too; its log was not compared"),
    ("only the stem, red by another failure", "test (3.12)", [("test (3.11)", RED, OTHER)], "unknown",
     "another job of its matrix, in the base branch's newest run (5555555), fails too, but with another failure"),
    ("its own unread, a mate with another failure", "test (3.12)", [("test (3.12)", RED, None), ("test (3.11)", RED, OTHER)], "unknown",
     "the base branch's newest run of this job (5555555) fails too; its log was not compared"),
    ("its own fails otherwise, a mate passes", "test (3.12)", [("test (3.11)", GREEN, None), ("test (3.12)", RED, OTHER)], "unknown",
     "the base branch's newest run of this job (5555555) fails too, but with another failure"),
    ("its own passes, a mate fails unread", "test (3.12)", [("test (3.11)", RED, None), ("test (3.12)", GREEN, None)], "change",
     "the base branch passes this job"),
    ("its own passes, a mate fails otherwise", "test (3.12)", [("test (3.11)", RED, OTHER), ("test (3.12)", GREEN, None)], "change",
     "the base branch passes this job"),
    ("its own passes, a mate fails the same way", "test (3.12)", [("test (3.11)", RED, OURS), ("test (3.12)", GREEN, None)], "unknown",
     "on the base branch another job of its matrix shows the same failure"),
    ("a job without a matrix beside one that has", "test", [("test (3.11)", RED, OTHER), ("test", GREEN, None)], "change",
     "the base branch passes this job"),
    ("only the stem, green", "test (3.13)", [("test (3.11)", GREEN, None), ("test (3.12)", GREEN, None)], "change",
     "the base branch passes other jobs of this matrix"),
    ("only the stem, green; one was cancelled", "test (3.13)", [("test (3.11)", DROPPED, None), ("test (3.12)", GREEN, None)], "change",
     "the base branch passes other jobs of this matrix"),
    ("only the stem, the same failure", "test (3.13)", [("test (3.12)", RED, OURS)], "base",
     "another job of its matrix, in the base branch's newest run (5555555), shows the same failure"),
    ("its own unread, a mate's log shows the same failure", "test (3.12)", [("test (3.12)", RED, None), ("test (3.11)", RED, OURS)], "base",
     "another job of its matrix, in the base branch's newest run (5555555), shows the same failure"),
    ("its own, the same failure", "test (3.12)", [("test (3.11)", GREEN, None), ("test (3.12)", RED, OURS)], "base",
     "the base branch's newest run of this job (5555555) shows the same failure"),
]  # fmt: skip


@pytest.mark.parametrize(("about", "name", "controls", "verdict", "reason"), TABLE, ids=[row[0] for row in TABLE])
def test_the_base_is_asked_for_the_job_itself_and_for_its_matrix_where_it_has_none(
    about: str, name: str, controls: list[tuple[str, Any, str | None]], verdict: str, reason: str
) -> None:
    del about
    for order in (controls, controls[::-1]):
        got = whose(name, *order)
        told = [plain(each) for each in got.reasons]
        assert got.verdict == verdict, told
        assert any(each.startswith(reason) for each in told), told


@pytest.mark.parametrize(
    ("results", "verdict", "reason"),
    [
        ([("lint", GREEN)], "unknown", "no earlier run, change or base"),
        ([("test (3.10)", GREEN), ("test (3.11)", RED)], "unknown", "on the base branch other jobs of its matrix disagree"),
        ([("test (3.11)", RED), ("test (3.12)", GREEN)], "change", "the base branch passes this job"),
        ([("test (3.11)", GREEN), ("test (3.12)", RED)], "unknown", "the base branch's newest run of this job (5555555) fails too"),
        ([("test (3.11)", GREEN)], "change", "the base branch passes other jobs of this matrix"),
    ],
)  # fmt: skip
def test_results_without_a_log_are_chosen_the_same_way(
    results: list[tuple[str, Any]], verdict: str, reason: str
) -> None:
    for order in (results, results[::-1]):
        got = whose("test (3.12)", base=tuple(BaseResult(name, status, SHA) for name, status in order))
        told = [plain(each) for each in got.reasons]
        assert got.verdict == verdict, told
        assert any(each.startswith(reason) for each in told), told


@pytest.mark.parametrize(
    ("tip", "advised"),
    [
        (("lint", GREEN, None), False),
        (("test (3.12)", RED, OTHER), False),
        (("test (3.12)", DROPPED, None), False),
        (("test (3.11)", GREEN, None), True),
        (("test (3.12)", GREEN, None), True),
    ],
)
def test_bringing_the_branch_up_to_date_is_advised_where_the_base_passes_this_job_by_now(
    tip: tuple[str, Any, str | None], *, advised: bool
) -> None:
    left = Control("merge-base", "test (3.12)", "failure", "4" * 40)
    newest = Control("base", tip[0], tip[1], SHA)
    case = case_of(
        (job("test (3.12)"), OURS), rules=(RULE,), controls=(left, newest), branch=Branch("mine", "main", behind=3)
    )
    case = replace(case, controls=(reading_of(OURS, RULE), None if tip[2] is None else reading_of(tip[2], RULE)))
    found = [each for each in anyio.run(CiDiagnostics().examine, case) if isinstance(each, CauseFinding)]
    cause = make_causes(case, merge(found), {RULE.id: RULE})[0]
    got = attribute(case, cause, {RULE.id: RULE}, Beside())
    assert got.verdict == "base"
    assert got.decision is not None
    assert plain(got.decision).startswith("Bring the branch up to date") == advised
