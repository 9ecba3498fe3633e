"""What lies between two commits, and past runs, as the source reads them from a GitHub of our own: what is asked for, and what is made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import Clock
from diagnose.model.incident import LogFile
from diagnose.sources.github import past
from diagnose.sources.github.between import MOST_STEPS, find_span, read_steps
from diagnose.sources.github.past import PAGES, Attempted, opened
from diagnose.sources.github.token import Token
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.refusal import Refusal
from diagnose.sources.span import Span
from tests.support.fake_github import Fault, Scenario
from tests.support.github_life import ORDERS, README, begin, failing_total, sha
from tests.support.github_world import World, changed, commit, repository

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from diagnose.sources.github.session import Session
    from tests.support.fake_github import FakeGitHub

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def ask(github: Callable[[str | Scenario], FakeGitHub], tmp_path: Path) -> Callable[..., Any]:
    """Open a session on a world and ask through it; the server stands in `ask.server` afterwards."""

    async def no_time(_seconds: float) -> None:
        return

    async def asked(world: World, question: Callable[[Session], Awaitable[Any]], *faults: Fault) -> Any:
        server = github(Scenario(world, list(faults)))
        asked.server = server  # type: ignore[attr-defined]
        clock = Clock(lambda: NOON, lambda: 0.0)
        async with opened(
            "acme/app",
            token=Token("x", "GITHUB_TOKEN"),
            spool=tmp_path,
            clock=clock,
            api_url=server.url,
            budget=100,
            sleep=no_time,
        ) as session:
            assert not isinstance(session, Refusal)
            return await question(session)

    return asked


def commits(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [commit(sha(number), more.get("message", f"Change {number}"), [sha(number - 1)]) for number in numbers]


def world_of(*pairs: tuple[int, int, dict[str, Any]]) -> World:
    world = World("between", NOON)
    for base, head, more in pairs:
        world.add_compare(sha(base), sha(head), **{"ahead": 1, "behind": 0, **more})
    return world


async def test_one_commit_costs_nothing(ask: Callable[..., Any]) -> None:
    assert await ask(world_of(), partial(find_span, failing=sha(1), green=sha(1))) == Span(sha(1), sha(1), "same")
    assert ask.server.seen == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("more", "how", "steps", "files", "complete", "requests"),
    [
        ({"ahead": 0, "behind": 3}, "older", [], None, True, 1),
        ({"commits": commits(2), "files": [ORDERS]}, "ahead", [(sha(2), 1)], ["src/app/orders.py"], True, 1),
        (
            {"ahead": 2, "commits": commits(1, 2), "files": [ORDERS]},
            "ahead",
            [(sha(1), None), (sha(2), None)],
            ["src/app/orders.py"],
            True,
            1,
        ),
        (
            {"ahead": 3, "commits": commits(2), "files": [ORDERS]},
            "ahead",
            [(sha(2), 1)],
            ["src/app/orders.py"],
            False,
            1,
        ),
        (
            {"commits": commits(2), "files": [changed(f"a/{number}.py") for number in range(300)]},
            "ahead",
            [(sha(2), 300)],
            None,
            False,
            1,
        ),
        ({"behind": 30, "commits": commits(2), "files": [ORDERS]}, "rewritten", [(sha(2), None)], None, False, 1),
        ({"behind": 2, "commits": commits(2), "files": [ORDERS]}, "rewritten", [(sha(2), None)], None, False, 2),
    ],
    ids=[
        "older",
        "one commit",
        "two commits",
        "more than were named",
        "a list that was cut",
        "rewritten long ago",
        "rewritten, and the other side is gone",
    ],
)
async def test_what_a_comparison_says(
    ask: Callable[..., Any],
    more: dict[str, Any],
    how: str,
    steps: list[Any],
    files: list[str] | None,
    complete: bool,  # noqa: FBT001 - a table
    requests: int,
) -> None:
    span = await ask(world_of((0, 2, more)), partial(find_span, failing=sha(0), green=sha(2)))
    assert (span.how, [(step.sha, step.files and len(step.files)) for step in span.steps], span.complete) == (
        how,
        steps,
        complete,
    )
    if files is not None:
        assert [file.path for file in span.files] == files
    assert len(ask.server.seen) == requests  # type: ignore[attr-defined]


async def test_the_line_of_first_parents_leaves_out_what_was_merged(ask: Callable[..., Any]) -> None:
    inner = commit(sha(7), "Inside of the pull request", [sha(0)])
    merge = commit(sha(2), "Merge pull request #412 from mona/rounding\n\nRound half up", [sha(1), sha(7)])
    world = world_of((0, 2, {"ahead": 3, "commits": [*commits(1), inner, merge], "files": [ORDERS, README]}))
    span = await ask(world, partial(find_span, failing=sha(0), green=sha(2)))
    assert [(step.sha, step.parents, step.pull) for step in span.steps] == [(sha(1), 1, 0), (sha(2), 2, 412)]
    assert span.steps[1].subject == "Merge pull request #412 from mona/rounding"


async def test_commits_are_read_one_by_one_and_one_that_is_gone_stays_unknown(ask: Callable[..., Any]) -> None:
    world = world_of((0, 2, {"ahead": 2, "commits": commits(1, 2), "files": [ORDERS, README]}))
    world.add_commit(sha(2), [sha(1)], [ORDERS])

    async def question(session: Session) -> Span:
        found = await find_span(session, sha(0), sha(2))
        assert isinstance(found, Span)
        return await read_steps(session, found)

    span = await ask(world, question)
    assert [step.files and [file.path for file in step.files] for step in span.steps] == [None, ["src/app/orders.py"]]


async def test_more_commits_than_that_are_not_read(ask: Callable[..., Any]) -> None:
    many = commits(*range(1, MOST_STEPS + 2))
    world = world_of((0, MOST_STEPS + 1, {"ahead": len(many), "commits": many, "files": [ORDERS]}))

    async def question(session: Session) -> Span:
        found = await find_span(session, sha(0), sha(MOST_STEPS + 1))
        assert isinstance(found, Span)
        return await read_steps(session, found)

    assert all(step.files is None for step in (await ask(world, question)).steps)
    assert len(ask.server.seen) == 1  # type: ignore[attr-defined]


async def test_a_commit_that_nothing_knows_is_a_trouble(ask: Callable[..., Any]) -> None:
    found = await ask(world_of(), partial(find_span, failing=sha(0), green=sha(2)))
    assert isinstance(found, Trouble)
    assert found.kind == "not-found"


async def test_a_rewritten_branch_is_what_differs_between_its_forms(ask: Callable[..., Any]) -> None:
    before = changed("src/a.py", patch="@@ -1 +1 @@\n-x\n+y")
    after = changed("src/a.py", patch="@@ -1 +1,2 @@\n-x\n+y\n+z")
    dropped = changed("src/b.py", patch="@@ -1 +1 @@\n-b\n+c")
    world = world_of(
        (0, 2, {"behind": 1, "commits": commits(2), "files": [after, README]}),
        (2, 0, {"behind": 1, "files": [before, README, dropped]}),
    )
    span = await ask(world, partial(find_span, failing=sha(0), green=sha(2)))
    assert {file.path: file.patch for file in span.files} == {"src/a.py": "@@\n+z", "src/b.py": "@@\n-c"}


async def test_runs_are_listed_oldest_first_beyond_what_one_search_gives(ask: Callable[..., Any]) -> None:
    world = World("runs", NOON)
    began = NOON - timedelta(days=30)
    for number in range(PAGES * 100 + 250):
        at = f"{began + timedelta(minutes=20 * number):%Y-%m-%dT%H:%M:%SZ}"
        world.add_run(1000 + number, head_branch="main", created_at=at, updated_at=at)
    found = await ask(world, partial(past.list_runs, branch="main", since=began, until=NOON))
    assert (len(found.runs), found.trouble, found.cut) == (PAGES * 100 + 250, None, False)
    assert [run.id for run in found.runs] == list(range(1000, 1000 + PAGES * 100 + 250))
    assert len(ask.server.seen) == PAGES + 3  # type: ignore[attr-defined]


async def test_a_list_that_breaks_off_says_so(ask: Callable[..., Any]) -> None:
    world = World("runs", NOON)
    for number in range(150):
        world.add_run(1000 + number, head_branch="main")
    fault = Fault(
        r"/actions/runs",
        kind="answer",
        status=403,
        headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"},
        times=1,
    )
    found = await ask(world, partial(past.list_runs, branch="main", since=NOON - timedelta(days=1), until=NOON), fault)
    assert (found.runs, found.trouble.kind, found.cut) == ((), "rate-limited", True)


@pytest.mark.parametrize(
    ("more", "trusted"),
    [
        ({"event": "push"}, True),
        ({"event": "pull_request"}, True),
        ({"event": "pull_request_target"}, False),
        ({"event": "issue_comment"}, False),
        ({"event": "workflow_run"}, False),
        ({"event": "pull_request", "head_repository": repository("mallory/app", 9, fork=True)}, False),
        ({"event": "push", "head_repository": repository("mallory/app", 9, fork=True)}, False),
    ],
)
async def test_whose_runs_are_trusted(ask: Callable[..., Any], more: dict[str, Any], trusted: bool) -> None:  # noqa: FBT001 - a table
    world = World("runs", NOON)
    world.add_run(900, **more)

    async def question(session: Session) -> bool:
        run = await past.find_run(session, "900")
        assert not isinstance(run, Trouble)
        return past.is_trusted(session, run)

    assert await ask(world, question) is trusted


async def test_a_run_of_a_fork_that_is_gone_is_not_trusted(ask: Callable[..., Any]) -> None:
    async def question(session: Session) -> bool:
        run = past.PastRun.model_construct(head_repository=None, event="push")
        return past.is_trusted(session, run)

    assert await ask(World("runs", NOON), question) is False


async def test_each_attempt_has_its_own_jobs(ask: Callable[..., Any]) -> None:
    life = begin(NOON)
    run = life.run("main", sha(1), failing_total())
    life.rerun(run, None)

    async def question(session: Session) -> tuple[Attempted, ...]:
        found = await past.find_run(session, "901")
        assert not isinstance(found, Trouble)
        attempts = await past.find_attempts(session, found)
        assert not isinstance(attempts, Trouble)
        return attempts

    attempts = await ask(life.world, question)
    assert [(each.number, len(each.failed), len(each.passed)) for each in attempts] == [(1, 1, 0), (2, 0, 1)]
    assert attempts[0].at < attempts[1].at


async def test_of_a_matrix_two_members_are_read(ask: Callable[..., Any]) -> None:
    life = begin(NOON)
    run = life.run("main", sha(1), failing_total(), job="test (0)")
    for number in range(1, 5):
        life.add_job(run, f"test ({number})", failing_total(), life.at, 1)
    life.add_job(run, "lint", failing_total(), life.at, 1)

    async def question(session: Session) -> Any:
        found = await past.find_run(session, "901")
        assert not isinstance(found, Trouble)
        (attempt,) = await past.find_attempts(session, found)  # type: ignore[misc]
        return await past.read_failed(session, attempt, default="main", trusted=True)

    incident, lost = await ask(life.world, question)
    assert [job.name for job in incident.jobs if isinstance(job.log, LogFile)] == ["test (0)", "test (1)", "lint"]
    assert (incident.trusted, incident.branch.head, lost) == (True, "main", ())
