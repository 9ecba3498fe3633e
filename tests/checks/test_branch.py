from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.checks.branch import CHECK
from diagnose.model.incident import Attempt, BaseResult, Branch, Missing
from diagnose.model.text import phrase
from tests.checks.build_case import case_of, job, words

if TYPE_CHECKING:
    from diagnose.model.check import Check as Answer

MISSING = Missing(phrase("the branch"), "denied", phrase("the token may not read it"), "gh auth login")


def branch(jobs: tuple[Any, ...] = ((job(), None),), **incident: Any) -> Answer:
    return anyio.run(CHECK.run, case_of(*jobs, **incident))


@pytest.mark.parametrize(
    ("state", "kind", "message"),
    [
        (None, "log", "a log alone has no branch"),
        (None, "run", "no branch is known"),
        (MISSING, "pr", "the branch: the token may not read it"),
    ],
)
def test_without_a_branch_it_is_skipped_with_the_reason(state: Any, kind: Any, message: str) -> None:
    answer = branch(branch=state, kind=kind)
    assert (answer.status, words(answer.message)) == ("skipped", message)


@pytest.mark.parametrize(
    ("state", "status", "blocking", "message"),
    [
        (Branch("topic", "main", mergeable=False), "failed", True, "topic conflicts with main"),
        (Branch("topic", "main", mergeable=False, merged=True), "ok", False, "the pull request is merged"),
        (Branch("topic", "main", mergeable=False, closed=True), "ok", False, "the pull request is closed"),
        (Branch("topic", "main", mergeable=None), "ok", False, "whether topic merges into main is not known yet"),
        (Branch("topic", "main", mergeable=True, behind=0), "ok", False, "topic is up to date with main"),
        (Branch("topic", "main", mergeable=True, behind=1), "failed", False, "topic is 1 commit behind main"),
        (Branch("SECRET", "main", mergeable=True, behind=7), "failed", False, "*** is 7 commits behind main"),
    ],
)
def test_only_a_conflict_blocks(state: Branch, status: str, blocking: bool, message: str) -> None:  # noqa: FBT001 - a table's column
    answer = branch(branch=state)
    assert (answer.status, answer.blocking, words(answer.message)) == (status, blocking, message)


FINE = Branch("topic", "main", mergeable=True, behind=0)
BEHIND = Branch("topic", "main", mergeable=True, behind=2)


@pytest.mark.parametrize(
    ("state", "base", "message", "remedy"),
    [
        (FINE, None, "topic is up to date with main", ""),
        (FINE, MISSING, "topic is up to date with main", ""),
        (FINE, (BaseResult("build", "success", "a"),), "topic is up to date with main", ""),
        (FINE, (BaseResult("other", "failure", "a"),), "topic is up to date with main", ""),
        (FINE, (BaseResult("build", "cancelled", "a"),), "topic is up to date with main", ""),
        (FINE, (BaseResult("build", "failure", "a"),), "on the base the newest result is red too: build", "The base is red"),
        (BEHIND, (BaseResult("build", "success", "a"),), "topic is 2 commits behind main", "Updating the branch helps only"),
    ],
)
def test_the_base_is_asked_for_the_jobs_that_failed(state: Branch, base: Any, message: str, remedy: str) -> None:
    answer = branch(branch=state, base=base)
    assert words(answer.message) == message
    assert answer.remedy.startswith(remedy)
    assert not answer.blocking


@pytest.mark.parametrize(
    ("attempts", "message"),
    [
        (MISSING, ""),
        ((Attempt("build", 1, "success", "9"),), ""),
        ((Attempt("build", 1, "failure", "9"),), ""),
        ((Attempt("other", 2, "success", "9"),), ""),
        ((Attempt("build", 2, "success", "9"), Attempt("build", 3, "success", "9")), "at the same commit another attempt passed: build"),
        ((Attempt("build", 1, "success", "8"),), "at the same commit another attempt passed: build"),
    ],
)
def test_another_attempt_of_the_same_commit_that_passed_is_said(attempts: Any, message: str) -> None:
    jobs = ((job(run_id="9"), None),)
    assert words(branch(jobs, branch=FINE, attempts=attempts).message) == (message or "topic is up to date with main")
    assert branch(jobs, attempts=attempts).status == ("failed" if message else "skipped")


def test_many_names_are_counted() -> None:
    jobs = tuple((job(f"j{number}"), None) for number in range(7))
    base = tuple(BaseResult(f"j{number}", "failure", "a") for number in range(7))
    assert words(branch(jobs, branch=FINE, base=base).message).endswith("j0, j1, j2, j3, j4 and 2 more")
