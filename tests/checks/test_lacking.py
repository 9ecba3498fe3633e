from __future__ import annotations

from typing import Any

import anyio
import pytest

from diagnose.checks.setup import CHECK
from diagnose.model.incident import Change, Missing
from diagnose.model.text import phrase
from tests.checks.build_case import case_of, github, job, words

NO_TOKEN = "##[error]Input required and not supplied: token"
FORBIDDEN = "##[error]Resource not accessible by integration"
FORK = Change((), from_fork=True)
OWN = Change(())
BOT = Change((), author="dependabot[bot]")
UNSEEN = Missing(phrase("the change"), "denied", phrase("no"))
READS = "##[group]GITHUB_TOKEN Permissions\nContents: read\nMetadata: read\n##[endgroup]\n"
WRITES = READS.replace("Metadata: read", "Issues: write\nPullRequests: write\nOdd: write")
UNREAD = READS.replace("Metadata: read", "Metadata: read\nOdd - write")
MANY = READS.replace("Metadata: read", "\n".join(f"{letter * 40}: write" for letter in "ABCDEFGHIJ"))
HIDDEN = READS.replace("Metadata: read", "Issues: write\nXSECRETX: write")


@pytest.mark.parametrize(
    ("line", "setup", "change", "told"),
    [
        (NO_TOKEN, "", None, ""),
        (NO_TOKEN, "", UNSEEN, ""),
        (NO_TOKEN, "Secret source: Actions", OWN, ""),
        (NO_TOKEN, "Secret source: Actions", FORK, ""),
        (
            FORBIDDEN,
            f"Secret source: Actions\n{WRITES}",
            FORK,
            ": it can write issues, pull-requests, Odd and nothing else",
        ),
        (NO_TOKEN, READS, OWN, ""),
        (NO_TOKEN, "", FORK, ": the run was given no secrets (the pull request is of a fork)"),
        (
            NO_TOKEN,
            "Secret source: None",
            None,
            ": the run was given no secrets (its secret source is None, as for forks)",
        ),
        (NO_TOKEN, "Secret source: Dependabot", None, ": Dependabot's runs see Dependabot's own secrets only"),
        (FORBIDDEN, "", None, ""),
        (FORBIDDEN, "", FORK, ": the token of such a run can only read (the pull request is of a fork)"),
        (FORBIDDEN, WRITES, BOT, ": the token of Dependabot's runs can only read by default"),
        (FORBIDDEN, READS.replace("read", "none"), OWN, ": it can write nothing"),
        (FORBIDDEN, READS, OWN, ": it can write nothing"),
        (FORBIDDEN, UNREAD, OWN, ": none of the scopes that could be read can write"),
        (FORBIDDEN, UNREAD.replace("Contents: read", "Contents: write"), OWN, ": it can write contents"),
        (
            FORBIDDEN,
            WRITES.replace("##[endgroup]\n", "Download action"),
            OWN,
            ": it can write issues, pull-requests, Odd",
        ),
        (FORBIDDEN, HIDDEN, OWN, ": it can write issues, X***X and nothing else"),
        (
            FORBIDDEN,
            MANY,
            OWN,
            f": it can write {', '.join(letter * 40 for letter in 'ABCDE')}, 5 more and nothing else",
        ),
        (FORBIDDEN, WRITES, OWN, ": it can write issues, pull-requests, Odd and nothing else"),
    ],
)
def test_why_a_secret_or_a_scope_is_missing_is_said_where_something_shows_it(
    line: str, setup: str, change: Any, told: str
) -> None:
    log = github(("actions/checkout@v5", line), setup=setup.rstrip("\n"))
    answer = anyio.run(CHECK.run, case_of((job(), log), change=change))
    base = "an input of an action is empty" if line == NO_TOKEN else "the token may not do this"
    assert (answer.status, answer.blocking, words(answer.message)) == ("failed", True, base + told)
    assert len(answer.evidence) == 1 + bool(setup and told)


@pytest.mark.parametrize("change", [FORK, BOT])
def test_what_cannot_be_cured_in_the_workflow_is_not_told_to_be(change: Change) -> None:
    answer = anyio.run(CHECK.run, case_of((job(), github(("actions/checkout@v5", NO_TOKEN))), change=change))
    assert "misspelt" not in answer.remedy
    assert "skip the step" in answer.remedy.lower()


@pytest.mark.parametrize(
    ("step", "line", "told", "blocking"),
    [
        (
            "docker/login-action@v3",
            "##[error]Username and password required",
            "a login was given no name or password",
            True,
        ),
        ("git push", "remote: Permission to o/r.git denied to github-actions[bot].", "the token may not push", False),
        (
            "actions/checkout@v5",
            "batch response: This repository is over its data quota. Account",
            "the quota of Git LFS is used up",
            True,
        ),
        (
            "actions/setup-go@v5",
            "##[error]Unable to find Go version '1.99' for platform linux and architecture x64.",
            "a tool is not there",
            False,
        ),
        (
            "ruby/setup-ruby@v1",
            "##[error]Error: Unknown version 3.9.9 for ruby on ubuntu-24.04",
            "a tool is not there",
            False,
        ),
        (
            "actions/cache@v4",
            "##[error]getCacheEntry failed: Cache service responded with 503",
            "GitHub's cache did not answer",
            False,
        ),
        (
            "docker build .",
            "toomanyrequests: You have reached your unauthenticated pull rate limit.",
            "Docker Hub refuses more pulls",
            False,
        ),
    ],
)
def test_what_a_step_of_setting_up_says_of_its_circumstances(step: str, line: str, told: str, blocking: bool) -> None:  # noqa: FBT001 - a table's column
    log = github((step, f"{line}\n##[error]Process completed with exit code 1."))
    answer = anyio.run(CHECK.run, case_of((job(), log)))
    assert (answer.status, answer.blocking) == ("failed", blocking)
    assert words(answer.message).startswith(told)


@pytest.mark.parametrize(
    "text",
    [
        "##[error]##[error] x" * 300,
        "remote: Permission to " + "x" * 500_000 + " denied",
        "##[error]" + "Unknown version " * 40_000,
    ],
)
def test_hostile_lines_cost_little(text: str) -> None:
    answer = anyio.run(
        CHECK.run, case_of((job(), github(("make", f"{text}\n##[error]Process completed with exit code 1."))))
    )
    assert not answer.blocking
