"""The one comment, on a GitHub of our own: when it is written, whose is touched, and what is said when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.kit.clock import Clock
from diagnose.publish.comment import Asked
from diagnose.publish.door import REQUESTS, Way, keep_comment
from diagnose.render.foot import Foot
from diagnose.render.interface import View
from diagnose.safety.phrases import phrase_to_terminal
from diagnose.sources.github.token import Token
from tests.render.samples import TABLE, hidden, nothing_found, passed, pytest_pair, typescript, unclear
from tests.support.fake_github import Fault
from tests.support.github_comments import ACTIONS
from tests.support.github_world import BASE, HEAD, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.model.report import Report
    from diagnose.publish.comment import Posted
    from tests.support.fake_github import FakeGitHub, Scenario

ON_PR = Asked("pr", "123", HEAD)
ON_RUN = Asked("run", "900", HEAD)
MONA = user("mona")


async def at_once(_seconds: float) -> None:
    return


def keep(server: FakeGitHub, report: Report, asked: Asked = ON_PR, **more: Any) -> Posted:
    clock = Clock(lambda: datetime(2026, 11, 21, 12, tzinfo=UTC), lambda: 0.0)
    way = Way("acme/app", Token("x", "GITHUB_TOKEN"), server.url, clock, sleep=at_once, **more)
    return anyio.run(partial(keep_comment, report, View(reliability=TABLE), asked, Foot(), way))


def why(posted: Posted) -> str:
    return phrase_to_terminal(posted.why) if posted.why is not None else ""


@pytest.fixture
def server(github: Callable[[str | Scenario], FakeGitHub]) -> FakeGitHub:
    return github("matrix12")


@pytest.mark.parametrize("report", [passed(), nothing_found()], ids=["passed", "not known"])
def test_where_nothing_ever_failed_nothing_is_said(server: FakeGitHub, report: Report) -> None:
    assert keep(server, report).outcome == "none"
    assert server.answers.comments.bodies(123) == []


@pytest.mark.parametrize("report", [pytest_pair(), unclear(), hidden()], ids=["failed", "unclear", "hidden"])
def test_a_failure_makes_one_comment_and_then_keeps_it(server: FakeGitHub, report: Report) -> None:
    made = keep(server, report)
    assert (made.outcome, made.id) == ("created", 5000)
    assert keep(server, report).outcome == "unchanged"
    again = keep(server, typescript())
    assert (again.outcome, again.id) == ("updated", 5000)
    (body,) = server.answers.comments.bodies(123)
    assert body.startswith("<!-- ci-diagnose:v1 key=pr state=failed made=")
    assert "26 type errors in 11 files" in body
    assert f"<sub>{HEAD[:7]} · 11:29 UTC · one comment, kept up to date</sub>" in body


def test_it_passes_again_once_and_fails_again(server: FakeGitHub) -> None:
    keep(server, pytest_pair())
    assert keep(server, passed()).outcome == "folded"
    (body,) = server.answers.comments.bodies(123)
    first, second, *_ = body.split("\n")
    assert " state=passed " in first
    assert (
        second
        == f"**CI passes again** at {HEAD[:7]}. It was: 2 tests, the Markdown export differs from the stored result: ` tests/test_export_markdown.py:41 `"
    )
    assert "<details><summary>What stood here</summary>\n\n**CI failed: 2 tests, one cause.**" in body
    assert body.count("<details>") == body.count("</details>") == 1
    assert keep(server, passed()).outcome == "unchanged"
    assert keep(server, pytest_pair()).outcome == "updated"
    assert server.answers.comments.written == [
        ("POST", "/issues/123/comments"),
        ("PATCH", "/issues/comments/5000"),
        ("PATCH", "/issues/comments/5000"),
    ]


@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body + "\nI like this.",
        lambda body: body.replace("2 tests", "no tests"),
        lambda body: body.replace("**Do:**", "@everyone"),
    ],
    ids=["more", "changed", "a mention"],
)
def test_what_somebody_edited_is_not_said_in_our_name(server: FakeGitHub, edit: Callable[[str], str]) -> None:
    keep(server, pytest_pair())
    one = server.answers.comments.standing[123][0]
    one["body"] = edit(one["body"])
    assert keep(server, passed()).outcome == "folded"
    (body,) = server.answers.comments.bodies(123)
    assert body.split("\n")[1] == f"**CI passes again** at {HEAD[:7]}."
    assert "details" not in body


def test_line_ends_of_a_browser_are_no_edit(server: FakeGitHub) -> None:
    keep(server, pytest_pair())
    one = server.answers.comments.standing[123][0]
    one["body"] = one["body"].replace("\n", "\r\n").rstrip()
    assert keep(server, pytest_pair()).outcome == "unchanged"
    keep(server, passed())
    assert "What stood here" in server.answers.comments.bodies(123)[0]


@pytest.mark.parametrize(
    "by",
    [MONA, {**user("github-actions"), "type": "User"}, {**user("other-app[bot]"), "type": "Bot"}, None],
    ids=["a person", "a namesake", "another app", "nobody"],
)
def test_a_marker_of_somebody_else_means_nothing(server: FakeGitHub, by: dict[str, Any] | None) -> None:
    keep(server, pytest_pair())
    theirs = server.answers.comments.standing.pop(123)[0]["body"]
    server.answers.comments.add(123, theirs, by)["user"] = by
    assert keep(server, passed()).outcome == "none"
    assert keep(server, typescript()).outcome == "created"
    assert server.answers.comments.bodies(123)[0] == theirs


@pytest.mark.parametrize("before", ["\n", "> ", "Look: ", "<!-- x -->\n", "\ufeff"])
def test_a_marker_counts_at_the_first_byte_only(server: FakeGitHub, before: str) -> None:
    keep(server, pytest_pair())
    one = server.answers.comments.standing[123][0]
    one["body"] = before + one["body"]
    assert keep(server, pytest_pair()).outcome == "created"


def test_the_oldest_of_ours_is_kept_behind_many_others(server: FakeGitHub) -> None:
    for number in range(250):
        server.answers.comments.add(123, f"comment {number}", MONA)
    made = keep(server, pytest_pair())
    server.answers.comments.add(123, server.answers.comments.bodies(123)[-1])
    assert keep(server, typescript()).id == made.id
    assert server.asked(r"/issues/123/comments\?") == 6


def test_each_workflow_keeps_its_own(server: FakeGitHub) -> None:
    assert keep(server, pytest_pair(), ON_RUN).outcome == "created"
    assert keep(server, pytest_pair(), ON_PR).outcome == "created"
    assert keep(server, pytest_pair(), replace(ON_RUN, key="mine")).outcome == "created"
    assert keep(server, passed(), ON_RUN).outcome == "folded"
    states = [body.split("\n")[0].split(" made=")[0] for body in server.answers.comments.bodies(123)]
    assert states == [
        f"<!-- ci-diagnose:v1 key={key}" for key in ("ci.yml state=passed", "pr state=failed", "mine state=failed")
    ]


def test_a_job_belongs_to_the_comment_of_its_run(server: FakeGitHub) -> None:
    assert keep(server, pytest_pair(), Asked("job", "6001")).outcome == "created"
    assert " key=ci.yml " in server.answers.comments.bodies(123)[0]


@pytest.mark.parametrize(
    ("asked", "outcome", "said"),
    [
        (Asked("log", "", "", "refs/pull/123/merge"), "created", ""),
        (Asked("log", "", "", "refs/heads/main"), "none", "no pull request is known to comment on."),
        (Asked("log", "", "", "refs/pull/0/merge"), "none", "no pull request is known to comment on."),
        (Asked("log", "", number=123), "created", ""),
        (Asked("commit", HEAD, HEAD), "created", ""),
        (Asked("commit", BASE, BASE), "none", f"no open pull request has {BASE[:7]} as its head"),
        (Asked("pr", "123", BASE), "none", f"pull request 123 stands at another commit than {BASE[:7]}"),
        (Asked("pr", "9", HEAD), "refused", "has no pull request 9"),
        (Asked("run", "1", HEAD), "refused", "run"),
    ],
)
def test_the_pull_request_is_found_or_not(server: FakeGitHub, asked: Asked, outcome: str, said: str) -> None:
    posted = keep(server, pytest_pair(), asked)
    assert posted.outcome == outcome, why(posted)
    assert said in why(posted) or asked.value in ("9", "1")
    assert len(server.answers.comments.bodies(123)) == (outcome == "created")


def test_two_pull_requests_of_one_commit_are_not_chosen_between(server: FakeGitHub) -> None:
    world = server.scenario.world
    world.pulls[124] = {**world.pulls[123], "number": 124}
    posted = keep(server, pytest_pair(), Asked("commit", HEAD, HEAD))
    assert posted.outcome == "none"
    assert posted.remedy == "--comment 123"


@pytest.mark.parametrize(("scenario", "said"), [("closed-pull", "pull request 123 is closed")])
def test_on_a_closed_pull_request_nothing_is_written(
    github: Callable[[str | Scenario], FakeGitHub], scenario: str, said: str
) -> None:
    posted = keep(github(scenario), pytest_pair())
    assert posted.outcome == "none"
    assert said in why(posted)


def test_on_a_fork_a_token_that_only_reads_is_told_of_the_way_that_works(
    github: Callable[[str | Scenario], FakeGitHub],
) -> None:
    server = github("gone-fork")
    server.answers.comments.may_write = False
    posted = keep(server, pytest_pair(), in_actions=True)
    assert posted.outcome == "refused"
    assert why(posted) == "pull request 123 is of a fork, where the token of a workflow only reads."
    assert "workflow_run" in posted.remedy


def test_a_narrow_token_is_told_the_right_it_lacks(server: FakeGitHub) -> None:
    server.answers.comments.may_write = False
    posted = keep(server, pytest_pair())
    assert (posted.outcome, why(posted), posted.remedy) == (
        "refused",
        "the token may not write comments in acme/app (403).",
        "permissions: {pull-requests: write}",
    )


@pytest.mark.parametrize(
    ("me", "in_actions", "outcome"),
    [(ACTIONS, True, "updated"), ({**user("my-app[bot]"), "type": "Bot"}, False, "updated"), (MONA, False, "updated")],
    ids=["a workflow's", "an app's", "a person's"],
)
def test_ours_is_known_by_what_github_says_of_the_token(
    server: FakeGitHub,
    me: dict[str, Any],
    in_actions: bool,  # noqa: FBT001 - a column of the table
    outcome: str,
) -> None:
    server.answers.comments.me = dict(me)
    assert keep(server, pytest_pair(), in_actions=in_actions).outcome == "created"
    assert keep(server, typescript(), in_actions=in_actions).outcome == outcome


DENIED = b'{"message":"Resource not accessible by integration"}'


@pytest.mark.parametrize(("in_actions", "outcome"), [(True, "updated"), (False, "refused")])
def test_a_workflows_token_that_nothing_is_said_of_is_the_actions_bots(
    server: FakeGitHub,
    in_actions: bool,  # noqa: FBT001 - a column of the table
    outcome: str,
) -> None:
    server.answers.comments.knows_me = False
    server.scenario.faults.append(Fault("^/user$", status=403, body=DENIED))
    assert keep(server, pytest_pair(), in_actions=in_actions).outcome == "created"
    assert keep(server, typescript(), in_actions=in_actions).outcome == outcome
    assert len(server.answers.comments.bodies(123)) == 1


LIST = "/issues/123/comments$"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(LIST, status=500), "refused"),
        (Fault(LIST, status=200, body=b"<html>"), "refused"),
        (Fault(LIST, status=200, body=b'[{"id":"5"}]'), "refused"),
        (Fault(LIST, "endless"), "refused"),
        (Fault(LIST, status=404), "refused"),
        (Fault(LIST, status=302, headers={"Location": "http://example.com/"}), "refused"),
        (Fault(r"/pulls/123$", status=502), "refused"),
        (Fault(LIST, status=500, times=1), "created"),
        (Fault(LIST, status=429, headers={"Retry-After": "1"}, times=1), "created"),
    ],
    ids=[
        "5xx",
        "HTML",
        "wrong shape",
        "a list without end",
        "not found",
        "a redirect",
        "no pull request",
        "once",
        "a limit",
    ],
)
def test_trouble_is_an_outcome_and_never_a_second_comment(server: FakeGitHub, fault: Fault, outcome: str) -> None:
    server.scenario.faults.append(fault)
    posted = keep(server, pytest_pair())
    assert posted.outcome == outcome
    assert bool(why(posted)) == (outcome == "refused")
    assert len(server.answers.comments.bodies(123)) == (outcome == "created")
    assert len(server.seen) <= REQUESTS


@pytest.mark.parametrize("status", [401, 404, 410, 422, 500, 503])
def test_what_cannot_be_written_is_tried_once_and_said(server: FakeGitHub, status: int) -> None:
    server.answers.comments.status = status
    posted = keep(server, pytest_pair())
    assert posted.outcome == "refused"
    assert why(posted)
    assert sum(one.path == "/repos/acme/app/issues/123/comments" for one in server.seen) == 1


def test_a_token_goes_to_the_api_alone_and_into_no_comment(server: FakeGitHub) -> None:
    keep(server, pytest_pair())
    assert {one.authorization for one in server.seen} == {"Bearer x"}
    assert {one.on for one in server.seen} == {"api"}


def test_without_a_token_nothing_is_asked(server: FakeGitHub) -> None:
    clock = Clock(lambda: datetime(2026, 11, 21, 12, tzinfo=UTC), lambda: 0.0)
    posted = anyio.run(
        partial(keep_comment, pytest_pair(), View(), ON_PR, Foot(), Way("acme/app", None, server.url, clock))
    )
    assert posted.outcome == "refused"
    assert server.seen == []


def test_an_address_that_is_none_is_refused() -> None:
    clock = Clock(lambda: datetime(2026, 11, 21, 12, tzinfo=UTC), lambda: 0.0)
    posted = anyio.run(
        partial(
            keep_comment,
            pytest_pair(),
            View(),
            ON_PR,
            Foot(),
            Way("acme/app", Token("x", "x"), "http://example.com", clock),
        )
    )
    assert posted.outcome == "refused"
    assert "is not https" in why(posted)
