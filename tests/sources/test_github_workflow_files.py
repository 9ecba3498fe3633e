"""Which workflow files are asked for: of the runs whose logs are read, few of them, and none of events that run another commit's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import Clock
from diagnose.model.incident import Incident
from diagnose.sources.github.api import load
from diagnose.sources.github.session import Options
from diagnose.sources.github.token import Token
from diagnose.sources.target import Target
from tests.conftest import NOON
from tests.support.fake_github import Fault
from tests.support.github_scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.fake_github import FakeGitHub, Scenario

    Start = Callable[[str | Scenario], FakeGitHub]

CI = ".github/workflows/ci.yml"
ASKED = r"/contents/"
pytestmark = pytest.mark.anyio


async def no_sleep(_seconds: float) -> None:
    return


async def workflows(server: FakeGitHub, spool: Path, **more: Any) -> dict[str, bytes]:
    found = await load(
        Target("pr", "123"),
        repository="acme/app",
        token=Token("x", "GITHUB_TOKEN"),
        spool=spool,
        clock=Clock(lambda: NOON, lambda: 0.0),
        api_url=server.url,
        sleep=no_sleep,
        **more,
    )
    assert isinstance(found, Incident)
    return dict(found.workflows)


def one_failure(**run: Any) -> Scenario:
    scenario = SCENARIOS["closed-pull"](NOON)
    scenario.world.runs[0].update(run)
    for path in (CI, ".github/workflows/a b.yml", "elsewhere/ci.yml", f"{CI}@main"):
        scenario.world.contents[path] = path.encode()
    return scenario


@pytest.mark.parametrize(
    "run",
    [
        {"event": "pull_request_target"}, {"event": "workflow_run"}, {"event": "schedule"}, {"event": "issue_comment"}, {"event": "dynamic"},
        {"path": "elsewhere/ci.yml"}, {"path": ".github/workflows/../../secrets"}, {"path": ".github/workflows/\x1b[2J.yml"}, {"path": ""},
    ],
)  # fmt: skip
async def test_files_that_did_not_run_or_lie_elsewhere_are_not_asked_for(
    github: Start, tmp_path: Path, run: dict[str, str]
) -> None:
    server = github(one_failure(**run))
    assert await workflows(server, tmp_path) == {}
    assert server.asked(ASKED) == 0


@pytest.mark.parametrize(
    ("path", "held"),
    [(CI, CI), (f"{CI}@refs/heads/main", CI), (".github/workflows/a b.yml", ".github/workflows/a b.yml")],
)
async def test_the_file_that_ran_is_read(github: Start, tmp_path: Path, path: str, held: str) -> None:
    server = github(one_failure(path=path))
    assert await workflows(server, tmp_path) == {held: held.encode()}
    assert server.asked(ASKED) == 1


async def test_a_file_that_is_gone_is_no_trouble(github: Start, tmp_path: Path) -> None:
    scenario = one_failure()
    scenario.world.contents.clear()
    assert await workflows(github(scenario), tmp_path) == {}


async def test_two_files_at_most(github: Start, tmp_path: Path) -> None:
    scenario = one_failure()
    world = scenario.world
    for number in range(1, 5):
        path = f".github/workflows/{number}.yml"
        run = world.add_run(900 + number, workflow_id=100 + number, path=path)
        job = world.add_job(run, 7000 + number, f"job {number}", "failure")
        world.logs[job["id"]] = b"boom\n"
        world.contents[path] = b"x"
    server = github(scenario)
    assert len(await workflows(server, tmp_path)) == 2
    assert server.asked(ASKED) == 2


async def test_nothing_is_asked_of_runs_whose_logs_are_not_read_or_when_requests_run_low(
    github: Start, tmp_path: Path
) -> None:
    passed = SCENARIOS["passed"](NOON)
    passed.world.contents[CI] = b"x"
    server = github(passed)
    assert await workflows(server, tmp_path) == {}
    assert server.asked(ASKED) == 0
    assert await workflows(github(passed), tmp_path, options=Options(most_passing=5)) == {CI: b"x"}
    short = github(one_failure())
    assert await workflows(short, tmp_path, budget=20) == {}
    assert short.asked(ASKED) == 0


async def test_a_fault_costs_the_files_alone(github: Start, tmp_path: Path) -> None:
    scenario = one_failure()
    scenario.faults.append(Fault(ASKED, status=403, body=b'{"message":"Resource not accessible by integration"}'))
    assert await workflows(github(scenario), tmp_path) == {}
