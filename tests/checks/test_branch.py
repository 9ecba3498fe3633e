from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.checks.branch import CHECK
from diagnose.model.incident import Attempt, BaseResult, Branch, Control, Missing
from diagnose.model.text import phrase
from tests.checks.build_case import NOW, case_of, github, job, quoted, words

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


@pytest.mark.parametrize(
    ("jobs", "blocking"),
    [
        ((), True),
        (((job(), None),), True),
        (((job(status="success"), "ok"), (job(), None)), True),
        (((job(), "a test failed"), (job(), None)), False),
    ],
)
def test_a_conflict_hides_no_failure_that_can_be_read(jobs: Any, blocking: bool) -> None:  # noqa: FBT001 - as above
    answer = branch(jobs, branch=Branch("topic", "main", mergeable=False, behind=3))
    assert (answer.status, answer.blocking) == ("failed", blocking)
    assert words(answer.message) == "topic conflicts with main" + (
        "" if blocking else "; topic is 3 commits behind main"
    )
    assert answer.remedy.startswith("Merge the base")


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
        (
            FINE,
            (BaseResult("build", "failure", "a"),),
            "on the base the newest result is red too: build",
            "The base is red",
        ),
        (
            BEHIND,
            (BaseResult("build", "success", "a"),),
            "topic is 2 commits behind main",
            "Updating the branch helps only",
        ),
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
        (
            (Attempt("build", 2, "success", "9"), Attempt("build", 3, "success", "9")),
            "at the same commit another attempt passed: build",
        ),
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


HEAD, OLD, TIP = "b" * 40, "c" * 40, "d" * 40
FAILS = "##[error]Process completed with exit code 1."
MERGE = f"HEAD is now at 40c00c29 Merge {HEAD} into {OLD}"
TESTED = "what was tested is a merge of bbbbbbbbbbbb into cccccccccccc, the base as it was then"


def checked_out(line: str) -> Any:
    return ((job(), github(("actions/checkout@v5", line), ("make", FAILS))),)


@pytest.mark.parametrize(
    "line",
    [
        "HEAD is now at 40c00c29 Merge branch 'main'",
        f"HEAD is now at 40c00c29 Merge {HEAD} into main",
        f"note: {MERGE}",
        "\x1b[2m" + "x" * 5000,
    ],
)
def test_another_commit_is_no_test_merge(line: str) -> None:
    assert words(branch(checked_out(line), branch=FINE).message) == "topic is up to date with main"
    assert branch(checked_out(line), kind="log").status == "skipped"


@pytest.mark.parametrize(
    ("state", "kind", "status", "message"),
    [
        (None, "log", "ok", TESTED),
        (MISSING, "pr", "skipped", "the branch: the token may not read it"),
        (FINE, "pr", "ok", f"topic is up to date with main; {TESTED}"),
        (BEHIND, "pr", "failed", f"topic is 2 commits behind main; {TESTED}"),
    ],
)
def test_what_was_tested_is_said_with_its_line(state: Any, kind: Any, status: str, message: str) -> None:
    answer = branch(checked_out(MERGE), branch=state, kind=kind)
    assert (answer.status, answer.blocking, words(answer.message)) == (status, False, message)
    assert quoted(answer.evidence) == ([] if status == "skipped" else [(5, MERGE)])


@pytest.mark.parametrize(
    ("state", "base", "left", "message", "remedy"),
    [
        (FINE, "success", "cancelled", "topic is up to date with main", ""),
        (FINE, "success", "success", "topic is up to date with main", ""),
        (FINE, "success", "failure", "where the branch left the base the result was red too: build", ""),
        (
            BEHIND,
            "success",
            "success",
            "topic is 2 commits behind main",
            "Updating the branch does not help: the job was green",
        ),
        (
            BEHIND,
            "success",
            "failure",
            "where the branch left the base the result was red too: build; topic is 2 commits behind main",
            "Update the branch:",
        ),
        (
            BEHIND,
            "failure",
            "failure",
            "on the base the newest result is red too: build; where the branch left the base",
            "The base is red",
        ),
        (
            BEHIND,
            "failure",
            "success",
            "on the base the newest result is red too: build; topic is 2 commits",
            "The base is red",
        ),
        (
            replace(BEHIND, merged=True),
            "failure",
            "failure",
            "on the base the newest result is red too: build; where the branch",
            "",
        ),
    ],
)
def test_an_update_is_advised_only_where_it_cures(
    state: Branch, base: Any, left: Any, message: str, remedy: str
) -> None:
    answer = branch(
        branch=state, base=(BaseResult("build", base, TIP),), controls=(Control("merge-base", "build", left, OLD),)
    )
    assert words(answer.message).startswith(message)
    assert answer.remedy.startswith(remedy)
    assert bool(answer.remedy) is bool(remedy)
    assert not answer.blocking


@pytest.mark.parametrize(
    "control", [Control("merge-base", "other", "failure", OLD), Control("sibling", "build", "failure", "e" * 40)]
)
def test_other_jobs_and_other_branches_are_not_the_merge_base(control: Control) -> None:
    assert words(branch(branch=FINE, controls=(control,)).message) == "topic is up to date with main"


def test_the_newest_result_of_the_base_may_be_where_the_branch_left_it() -> None:
    answer = branch(branch=replace(FINE, merge_base=TIP), base=(BaseResult("build", "failure", TIP),))
    assert (
        words(answer.message)
        == "on the base the newest result is red too: build; where the branch left the base the result was red too: build"
    )


@pytest.mark.parametrize(
    ("sha", "now", "told", "remedy"),
    [
        (TIP, "success", False, ""),
        (OLD, "success", True, "Push again:"),
        (OLD, "failure", True, "The base is red"),
    ],
)
def test_a_base_that_was_red_when_it_was_merged_in_is_said(sha: str, now: Any, told: bool, remedy: str) -> None:  # noqa: FBT001 - a table's column
    state, controls = replace(BEHIND, merge_base="e" * 40), (Control("base", "build", "failure", sha),)
    answer = branch(checked_out(MERGE), branch=state, base=(BaseResult("build", now, TIP),), controls=controls)
    assert ("the commit of the base that was merged in was red too: build" in words(answer.message)) is told
    assert answer.remedy.startswith(remedy)


WEEK = NOW - timedelta(days=8)


@pytest.mark.parametrize(
    ("state", "jobs", "commit", "message"),
    [
        (replace(FINE, head_sha=HEAD), checked_out(MERGE), "", ""),
        (replace(FINE, head_sha=HEAD), checked_out(MERGE), TIP, ""),
        (replace(FINE, head_sha=HEAD), checked_out("x"), HEAD, ""),
        (replace(FINE, head_sha=HEAD), checked_out("x"), "", ""),
        (replace(FINE, head_sha=HEAD), checked_out("x"), TIP, "the result is of an older commit than topic has now"),
        (replace(FINE, head_sha=TIP), checked_out(MERGE), HEAD, "the result is of an older commit than topic has now"),
        (replace(FINE, head_sha=TIP, closed=True), checked_out("x"), HEAD, ""),
        (FINE, ((job(completed_at=WEEK), None),), "", ""),
        (replace(FINE, behind=None), ((job(completed_at=NOW - timedelta(days=6)), None),), "", ""),
        (replace(FINE, behind=None), ((job(completed_at=WEEK), None), (job(completed_at=NOW), None)), "", ""),
        (
            replace(FINE, behind=None),
            ((job(completed_at=WEEK), None),),
            "",
            "the result is 8 days old and of the base as it was then",
        ),
        (FINE, ((job(status="stale"), None),), "", "GitHub gave up waiting for a check that did not end"),
    ],
)
def test_a_result_that_is_out_of_date_is_said(state: Branch, jobs: Any, commit: str, message: str) -> None:
    answer = branch(jobs, branch=state, commit=commit)
    assert (answer.status, answer.blocking) == ("failed" if message else "ok", False)
    assert words(answer.message).startswith(
        message or ("the pull request is closed" if state.closed else "topic is up to date")
    )
    assert answer.remedy.startswith("Look at the newest run") is bool(message)


GONE = "##[error]fatal: couldn't find remote ref refs/pull/12/merge"
OTHER = (job("lint"), github(("make", f"AssertionError\n{FAILS}")))


@pytest.mark.parametrize(
    ("line", "beside", "state", "status", "blocking"),
    [
        ("a test of git: couldn't find remote ref refs/pull/12/merge", (), FINE, "ok", False),
        ("fatal: couldn't find remote ref refs/heads/topic", (), FINE, "ok", False),
        (GONE, (), FINE, "failed", True),
        (GONE, (), None, "failed", True),
        (GONE, (OTHER,), FINE, "failed", False),
        ("fatal: couldn't find remote ref refs/pull/12/merge", (), MISSING, "failed", True),
    ],
)
def test_a_test_merge_that_is_gone_blocks_where_all_failed_for_it(
    line: str,
    beside: Any,
    state: Any,
    status: str,
    blocking: bool,  # noqa: FBT001 - a table's column
) -> None:
    end = "" if line.startswith("##[error]") else f"\n{FAILS}"
    answer = branch(((job(), github(("actions/checkout@v5", line + end))), *beside), branch=state)
    assert (answer.status, answer.blocking) == (status, blocking)
    if status == "failed":
        assert words(answer.message) == "GitHub no longer has the test merge that the job was to check out"
        assert [text for _, text in quoted(answer.evidence)] == [line]
        assert "conflict" in answer.remedy


@pytest.mark.parametrize("step", ["make", "git fetch", "actions/setup-go@v5"])
def test_only_a_checkout_says_that_a_test_merge_is_gone(step: str) -> None:
    assert branch(((job(), github((step, GONE))),), branch=FINE).status == "ok"
