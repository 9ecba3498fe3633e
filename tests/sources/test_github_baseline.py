from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import Clock
from diagnose.model.incident import Incident, LogFile, Missing, Passing
from diagnose.sources.github import baseline
from diagnose.sources.github.api import load
from diagnose.sources.github.baseline import stem_of
from diagnose.sources.github.session import Options
from diagnose.sources.github.token import Token
from diagnose.sources.target import Target
from tests.conftest import NOON
from tests.support.fake_github import FakeGitHub, Fault, Scenario
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_world import HEAD, repository, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from diagnose.model.incident import Job
    from diagnose.model.text import Phrase
    from diagnose.sources.target import PlaceKind
    from tests.support.github_world import World

    Start = Callable[[str | Scenario], FakeGitHub]

CLOCK = Clock(lambda: NOON, lambda: 0.0)
OLD = "01d" + "0" * 37
GREEN_RUNS = "/actions/workflows/9/runs.*status=success"

pytestmark = pytest.mark.anyio


async def no_sleep(_seconds: float) -> None:
    return


def words(said: Phrase) -> str:
    return "".join(part if isinstance(part, str) else part._text for part in said.parts)


def parts(folder: Path) -> list[Path]:
    return list(folder.glob("*.part"))


async def incident(
    server: FakeGitHub, spool: Path, kind: PlaceKind = "pr", value: str = "123", **more: Any
) -> Incident:
    found = await load(
        Target(kind, value),
        repository="acme/app",
        token=Token("x", "GITHUB_TOKEN"),
        spool=spool,
        clock=CLOCK,
        api_url=server.url,
        sleep=no_sleep,
        **more,
    )
    assert isinstance(found, Incident)
    return found


def world_of(**green: Any) -> tuple[Scenario, World]:
    """One failed job "test" on pull request 123; by default a green run 880 of it on main, at a commit that is not its tip."""
    scenario = SCENARIOS["closed-pull"](NOON)
    world = scenario.world
    add_green(world, 880, **green)
    return scenario, world


def add_green(world: World, number: int, name: str = "test", **more: Any) -> None:
    sha, log = more.pop("sha", OLD), more.pop("log", b"as it was\n")
    run = world.add_run(number, sha, **{"event": "push", "head_branch": "main", "conclusion": "success", **more})
    job = world.add_job(run, number * 10, name, "success")
    world.logs[job["id"]] = log


def tip_of_main(world: World) -> None:
    """Something else was run at the tip of main since: its checks say nothing, and the newest ended run failed elsewhere."""
    run = world.add_run(899, "f00" + "0" * 37, event="push", head_branch="main", conclusion="failure")
    world.add_job(run, 8990, "lint", "failure")


NOTHING: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing ran on main": ({"head_branch": "other"}, "not-stored", "no earlier run of workflow CI has passed on main or rounding."),
    "nothing is green": ({"conclusion": "failure"}, "not-stored", "no earlier run of workflow CI has passed on main or rounding."),
    "another workflow": ({"workflow_id": 10}, "not-stored", "no earlier run of workflow CI has passed on main or rounding."),
    "a fork's branch of that name": ({"head_repository": repository("eve/app", 8)}, "not-stored", "no earlier run of workflow CI has passed on main or rounding."),
    "a pull request's run from a branch of that name": ({"event": "pull_request"}, "not-stored", "no earlier run of workflow CI has passed on main or rounding."),
    "the same commit": ({"sha": HEAD}, "not-stored", "no earlier run of workflow CI has passed on main or rounding."),
    "the job has another name": ({"name": "tests"}, "not-stored", 'the newest green runs of its workflow have no job "test" on main or rounding.'),
    "the log is expired": ({"log": 410}, "expired", "its last green run was 880: GitHub has deleted this log (410; kept 90 days, run of 20 November)."),
    "the log is not stored": ({"log": None}, "not-stored", "GitHub has no log of its last green run, 880."),
    "the log is empty": ({"log": b""}, "empty", "the log of its last green run, 880, is empty."),
    "the log is too large": ({"log": b"x" * 2000}, "too-large", "the log of its last green run, 880, has more than 20 MB."),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTHING)
async def test_without_a_green_log_the_reason_is_told_and_the_rest_stands(
    github: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    green, kind, why = NOTHING[name]
    if kind == "too-large":
        monkeypatch.setattr(baseline, "MOST_BYTES", 1000)
        why = why.replace("20 MB", "0 MB")
    scenario, world = world_of(**green)
    tip_of_main(world)
    found = await incident(github(scenario), tmp_path)
    job = next(job for job in found.jobs if job.name == "test")
    assert isinstance(job.log, LogFile)
    assert isinstance(job.passing, Missing)
    assert (job.passing.kind, words(job.passing.why), job.passing.remedy) == (kind, why, "--passing-log FILE")
    assert not parts(tmp_path)


def test_a_matrix_member_is_known_by_its_stem() -> None:
    names = ["test", "test (3.12, linux)", "build (a) / test (b)", "(odd)", "call / test"]
    assert [stem_of(name) for name in names] == ["test", "test", "build", "(odd)", "call / test"]


async def test_switched_off_nothing_is_asked(github: Start, tmp_path: Path) -> None:
    server = github("matrix12")
    found = await incident(server, tmp_path, options=Options(baseline=False))
    assert {job.passing for job in found.jobs} == {None}
    assert server.asked(r"/jobs/5\d+/logs") == 0


async def test_a_matrix_costs_one_request_for_each_kind_of_machine(github: Start, tmp_path: Path) -> None:
    server = github("matrix12")
    stages: list[tuple[str, int, int]] = []
    found = await incident(server, tmp_path, progress=lambda *stage: stages.append(stage))
    logs = {job.labels: job.passing.job for job in found.jobs if isinstance(job.passing, Passing)}
    assert logs == {
        (system,): f"test ({system}, 3.10)" for system in ("ubuntu-latest", "windows-latest", "macos-latest")
    }
    assert server.asked(r"/jobs/5\d+/logs") == 3
    assert server.asked("/actions/workflows/") == 1, "that of other people's pull requests, for whose it is"
    assert ("passing", 3, 3) in stages
    assert next(job for job in found.jobs if job.name == "lint").passing is None


async def test_more_jobs_than_are_compared(github: Start, tmp_path: Path) -> None:
    scenario, world = world_of()
    for number in range(1, 5):
        job = world.add_job(world.runs[0], 6000 + number, f"job {number}", "failure")
        world.logs[job["id"]] = b"boom\n"
        green = world.add_job(world.runs[1], 8800 + number, f"job {number}", "success")
        world.logs[green["id"]] = b"fine\n"
    found = await incident(github(scenario), tmp_path)
    kinds = [
        job.passing.kind if isinstance(job.passing, Missing) else "found"
        for job in found.jobs
        if job.passing is not None
    ]
    assert kinds == ["found"] * 3 + ["not-asked"] * 2


async def test_what_the_checks_of_the_tip_lack_is_found_in_the_workflows_green_runs(
    github: Start, tmp_path: Path
) -> None:
    scenario, world = world_of()
    add_green(world, 870, log=b"older\n", sha="02d" + "0" * 37)
    tip_of_main(world)
    server = github(scenario)
    found = await incident(server, tmp_path)
    passing = found.jobs[0].passing
    assert isinstance(passing, Passing)
    assert (passing.job, passing.run_id, passing.sha, passing.log.path.read_bytes()) == (
        "test",
        "880",
        OLD,
        b"as it was\n",
    )
    assert [server.asked(GREEN_RUNS), server.asked("/runs/880/attempts/1/jobs"), server.asked("/jobs/8800/logs")] == [
        1,
        1,
        1,
    ]


async def test_the_newest_ended_run_of_the_base_is_not_asked_for_twice(github: Start, tmp_path: Path) -> None:
    scenario, _ = world_of()
    server = github(scenario)
    found = await incident(server, tmp_path)
    assert isinstance(found.jobs[0].passing, Passing)
    assert [server.asked(GREEN_RUNS), server.asked("/runs/880/attempts/1/jobs")] == [0, 1]


async def test_a_workflow_that_runs_on_pull_requests_alone_is_compared_with_the_same_branch_before(
    github: Start, tmp_path: Path
) -> None:
    fork = repository("mona/app", 8)
    scenario, world = world_of(head_branch="rounding", event="pull_request", head_repository=fork)
    add_green(
        world, 885, head_branch="rounding", event="pull_request"
    )  # a branch of that name in the repository itself is another
    world.pulls[123]["head"]["repo"] = fork
    found = await incident(github(scenario), tmp_path)
    passing = found.jobs[0].passing
    assert isinstance(passing, Passing)
    assert passing.run_id == "880"


async def test_a_renamed_member_of_a_matrix_is_compared_with_another(github: Start, tmp_path: Path) -> None:
    scenario, world = world_of(name="test (3.12)")
    world.jobs[900, 1][0]["name"] = "test (3.13)"
    found = await incident(github(scenario), tmp_path)
    passing = found.jobs[0].passing
    assert isinstance(passing, Passing)
    assert (found.jobs[0].name, passing.job) == ("test (3.13)", "test (3.12)")


async def test_one_name_in_two_workflows_is_two_jobs(github: Start, tmp_path: Path) -> None:
    scenario, world = world_of()
    other = world.add_run(901, workflow_id=10, name="Nightly", path=".github/workflows/nightly.yml")
    job = world.add_job(other, 6001, "test", "failure")
    world.logs[job["id"]] = b"boom\n"
    found = await incident(github(scenario), tmp_path)
    told = {each.workflow: each.passing for each in found.jobs}
    assert isinstance(told["CI"], Passing)
    assert isinstance(told["Nightly"], Missing)
    assert words(told["Nightly"].why) == "no earlier run of workflow Nightly has passed on main or rounding."


async def test_a_green_job_is_compared_with_the_green_one_before(github: Start, tmp_path: Path) -> None:
    scenario, world = world_of()
    world.runs[0]["conclusion"] = world.jobs[900, 1][0]["conclusion"] = "success"
    found = await incident(github(scenario), tmp_path, "job", "6000")
    assert isinstance(found.jobs[0].passing, Passing)


@pytest.mark.parametrize("left", [40, 31])
async def test_when_the_requests_run_low_it_is_left_out_and_said(github: Start, tmp_path: Path, left: int) -> None:
    scenario, _ = world_of()
    server = github(scenario)
    found = await incident(server, tmp_path, budget=left)
    passing = found.jobs[0].passing
    assert isinstance(passing, Missing)
    assert passing.kind == "rate-limited"
    assert re.fullmatch(
        rf"it was not asked for: \d+ of the {left} requests of this diagnosis are left\.", words(passing.why)
    )
    assert server.asked("/jobs/8800/logs") == 0
    assert isinstance(found.jobs[0].log, LogFile)


async def test_when_github_allows_few_more_requests_it_is_left_out_and_said(github: Start, tmp_path: Path) -> None:
    scenario, _ = world_of()
    scenario.faults.append(Fault(".", "header", headers={"X-RateLimit-Remaining": "12"}))
    found = await incident(github(scenario), tmp_path)
    passing = found.jobs[0].passing
    assert isinstance(passing, Missing)
    assert words(passing.why) == "it was not asked for: GitHub allows 12 more requests for now."


BROKEN = {
    "the list of runs": Fault("/workflows/9/runs", status=502),
    "the jobs": Fault("/runs/880/attempts", status=502),
    "the log": Fault("/jobs/8800/logs", status=502),
    "the store": Fault("/logs/8800", status=503, on="store"),
    "half a log": Fault("/logs/8800", "cut", on="store"),
    "no right": Fault("/jobs/8800/logs", status=403, body=b'{"message":"Resource not accessible by integration"}'),
    "HTML": Fault("/runs/880/attempts", status=200, body=b"<html>"),
    "a redirect elsewhere": Fault("/jobs/8800/logs", status=302, headers={"Location": "http://169.254.169.254/latest"}),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_fault_on_the_way_costs_the_comparison_alone(github: Start, tmp_path: Path, name: str) -> None:
    scenario, world = world_of()
    tip_of_main(world)
    fault = BROKEN[name]
    scenario.faults.append(Fault(fault.where, fault.kind, fault.status, fault.headers, fault.body, on=fault.on))
    found = await incident(github(scenario), tmp_path)
    job = found.jobs[0]
    assert isinstance(job.passing, Missing)
    assert words(job.passing.what) == "a passing run to compare with"
    assert isinstance(job.log, LogFile)
    assert found.unseen == ()
    assert not parts(tmp_path)


async def test_what_takes_long_is_left_and_what_came_in_time_stays(
    github: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "SECONDS", 1.0)
    scenario = SCENARIOS["matrix12"](NOON)
    scenario.faults.append(Fault("/jobs/5004/logs", "stall", seconds=30))
    server = github(scenario)
    found = await incident(server, tmp_path)
    server.stop.set()
    passing = {job.labels: job.passing for job in found.jobs if job.status == "failure"}
    late = passing["windows-latest",]
    assert isinstance(passing["ubuntu-latest",], Passing)
    assert isinstance(late, Passing)  # a member on another machine stands in
    assert late.job == "test (ubuntu-latest, 3.10)"


async def test_nothing_in_time_is_said(github: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "SECONDS", 0.3)
    scenario, _ = world_of()
    scenario.faults.append(Fault("/jobs/8800/logs", "stall", seconds=30))
    server = github(scenario)
    found = await incident(server, tmp_path)
    server.stop.set()
    passing = found.jobs[0].passing
    assert isinstance(passing, Missing)
    assert (passing.kind, words(passing.why)) == (
        "unreachable",
        "GitHub did not answer everything about it within 0.3 s.",
    )


def times(job: Job) -> tuple[float, ...]:
    assert isinstance(job.passing, Passing)
    return job.passing.took


async def test_of_a_stopped_job_the_times_of_its_last_green_runs_are_told(github: Start, tmp_path: Path) -> None:
    scenario, world = world_of()
    for number, minutes in ((870, 50), (860, 48), (850, 1)):
        add_green(world, number, sha=f"{number}" + "0" * 37)
        world.jobs[number, 1][0]["started_at"] = stamp(NOON - timedelta(minutes=minutes))
    stopped = world.jobs[900, 1][0]
    world.runs[0]["conclusion"] = stopped["conclusion"] = "cancelled"
    tip_of_main(world)
    server = github(scenario)
    found = await incident(server, tmp_path)
    # the newest has no times; three runs are looked at, not more
    assert times(found.jobs[0]) == (3000.0, 2880.0)
    assert [server.asked(f"/runs/{number}/attempts/1/jobs") for number in (880, 870, 860, 850)] == [1, 1, 1, 0]


async def test_of_a_job_that_failed_by_itself_one_green_run_is_enough(github: Start, tmp_path: Path) -> None:
    scenario, world = world_of()
    add_green(world, 870, sha="02d" + "0" * 37)
    world.jobs[880, 1][0]["started_at"] = stamp(NOON - timedelta(minutes=9))
    tip_of_main(world)
    server = github(scenario)
    found = await incident(server, tmp_path)
    assert times(found.jobs[0]) == (540.0,)
    assert server.asked("/runs/870/attempts/1/jobs") == 0


async def test_another_member_of_the_matrix_lends_its_log_and_not_its_times(github: Start, tmp_path: Path) -> None:
    scenario, world = world_of(name="test (3.12)")
    world.jobs[880, 1][0]["started_at"] = stamp(NOON - timedelta(minutes=9))
    world.jobs[900, 1][0]["name"] = "test (3.13)"
    found = await incident(github(scenario), tmp_path)
    assert times(found.jobs[0]) == ()
