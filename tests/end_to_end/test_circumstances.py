"""Circumstances on a GitHub of our own, from the command line to the answer: what phase 1 says of them, and whether it blocks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import load
from tests.support.github_logs import ROUNDING, python_job
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_world import BASE, HEAD, check_run, commit, note, repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.command import Command
    from tests.support.fake_github import FakeGitHub, Scenario
    from tests.support.github_world import World

OLD = "01dba5e0" + "0" * 32
NEWER = "5ec0e44e" + "0" * 32


@pytest.fixture
def checked(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Diagnose a world and return the exit code, and the failed checks by name: (message, whether it blocks, remedy)."""

    async def at_once(_seconds: float) -> None:
        return

    def asked(scenario: Scenario, target: str) -> tuple[int, dict[str, Any]]:
        monkeypatch.setenv("GITHUB_API_URL", github(scenario).url)
        monkeypatch.setenv("GITHUB_TOKEN", "x")
        said = command(*target.split(), "--repo", "acme/app", "--format", "json")
        report = json.loads(said.out)
        return said.code, {
            check["name"]: (check["message"], check["blocking"], check["remedy"])
            for check in report["basic_check_failures"]
        }

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    return asked


def world_of(name: str) -> Scenario:
    """Give a world of the table; "one-failure" is a pull request of this repository with one failed job."""
    scenario = SCENARIOS["gone-fork" if name == "one-failure" else name](system_clock().now())
    scenario.world.pulls[123]["head"]["repo"] = repository("acme/app")
    return scenario


def job_of(world: World, **more: Any) -> None:
    for jobs in world.jobs.values():
        for each in jobs:
            each.update(more)


def unread(world: World, *notes: Any, **more: Any) -> None:
    """Let the job 6000 fail without a log."""
    world.logs[6000] = None
    world.step_logs.pop(6000, None)
    job_of(world, steps=[], **more)
    world.notes[6000] = list(notes)


def plain(_world: World) -> None:
    """Change nothing."""


def conflict(world: World) -> None:
    world.pulls[123] |= {"mergeable": False, "mergeable_state": "dirty"}


def nothing_began(world: World) -> None:
    conflict(world)
    world.runs.clear()
    world.jobs.clear()
    world.checks.clear()


def merged(world: World) -> None:
    conflict(world)
    world.pulls[123] |= {"state": "closed", "merged": True}


def left_at_red(world: World) -> None:
    """The job is green on the base now, and was red where the branch left it."""
    for compared in world.compare.values():
        compared["merge_base_commit"] = commit(OLD, "b", [])
    ended = world.now - timedelta(hours=5)
    run = world.add_run(880, BASE, event="push", head_branch="main", conclusion="success")
    job = world.add_job(run, 5000, "test", "success", began=ended, ended=ended)
    world.give_log(job, python_job("test", "ubuntu-24.04", "3.12", BASE, None), ended)
    world.checks[OLD] = [check_run(4000, "test", OLD, "completed", "failure", run=870, began=ended, ended=ended)]
    world.logs[4000] = python_job("test", "ubuntu-24.04", "3.12", OLD, ROUNDING).whole(ended)


def pushed_since(world: World) -> None:
    """Ask for a run whose pull request has a newer commit by now."""
    world.pulls[123]["head"]["sha"] = NEWER
    world.add_commit(NEWER, [HEAD])
    world.runs[0]["pull_requests"] = [
        {
            "id": 1,
            "number": 123,
            "url": "x",
            "head": {"ref": "rounding", "sha": NEWER, "repo": {"id": 7001, "url": "x", "name": "app"}},
            "base": {"ref": "main", "sha": BASE, "repo": {"id": 7001, "url": "x", "name": "app"}},
        }
    ]


def retired(world: World) -> None:
    unread(world, note("The job was not acquired by a runner."), labels=["windows-2019"])


def waits(world: World) -> None:
    """Beside the job that failed, another waits for a machine of the project's own."""
    world.add_job(
        world.runs[0],
        6001,
        "gpu",
        None,
        status="queued",
        began=world.now - timedelta(minutes=40),
        labels=["self-hosted", "gpu"],
    )
    world.runs[0] |= {"status": "in_progress", "conclusion": None}


def billing(world: World) -> None:
    unread(
        world,
        note(
            "The job was not started because recent account payments have failed or your spending limit needs to be increased."
        ),
    )


def approval(world: World) -> None:
    world.runs[0] |= {"conclusion": "action_required"}
    world.jobs[900, 1] = []
    world.checks.clear()


def in_log(line: str, step: str) -> Callable[[World], None]:
    """Put a line, and its step's name, where the failed test stands in the log."""

    def change(world: World) -> None:
        began = (world.now - timedelta(minutes=4)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
        lines = [
            "Current runner version: '2.336.0'",
            "Secret source: None",
            f"##[group]Run {step}",
            "##[endgroup]",
            line,
            "Post job cleanup.",
            "Cleaning up orphan processes",
        ]
        world.logs[6000] = "".join(f"{began} {each}\n" for each in lines).encode()
        world.step_logs.pop(6000, None)
        steps = [("Set up job", "success"), (f"Run {step}", "failure"), ("Complete job", "success")]
        job_of(world, steps=[
            {"name": name, "status": "completed", "conclusion": ended, "number": number, "started_at": began, "completed_at": began}
            for number, (name, ended) in enumerate(steps, 1)
        ])  # fmt: skip

    return change


def of_fork(world: World) -> None:
    in_log("##[error]Input required and not supplied: token", "actions/checkout@v5")(world)
    other = repository("mona/app", 9, fork=True)
    world.pulls[123]["head"]["repo"] = other
    world.runs[0]["head_repository"] = other


CASES: dict[str, tuple[str, Callable[[World], None], str, dict[str, tuple[str, bool, str]]]] = {
    "a test fails, the branch is behind": ("closed-pull", plain, "--pr 123", {"branch": ("rounding is 2 commits behind main", False, "")}),
    "the branch conflicts, and a test failed before": ("one-failure", conflict, "--pr 123", {"branch": ("rounding conflicts with main; rounding is 2", False, "Merge the base")}),
    "a conflict lets nothing begin": ("one-failure", nothing_began, "--pr 123", {"branch": ("rounding conflicts with main", True, "Merge the base")}),
    "a merged pull request conflicts no more": ("one-failure", merged, "--pr 123", {"branch": ("rounding is 2 commits behind main", False, "")}),
    "red where it left, green now": ("other-ci", left_at_red, "--pr 123", {"branch": ("where the branch left the base the result was red too: test", False, "Update the branch")}),
    "a newer commit was pushed": ("one-failure", pushed_since, "--run 900", {"branch": ("the result is of an older commit than rounding has now", False, "Look at the newest")}),
    "a retired image": ("lost-runner", retired, "--pr 123", {"setup": ("the job build asks for windows-2019, which was removed on 2025-06-30", True, "Use windows-2022")}),
    "a machine that does not come": ("one-failure", waits, "--pr 123", {"setup": ("the job gpu has waited 40 min for a runner with self-hosted, gpu", False, "See that a runner")}),
    "no payment": ("lost-runner", billing, "--pr 123", {"setup": ("the account cannot start jobs", True, "The owner")}),
    "a lost runner": ("lost-runner", plain, "--pr 123", {"setup": ("the runner lost contact with GitHub", True, "Run the job again once")}),
    "an invalid workflow": ("startup-failure", plain, "--pr 123", {"setup": ("the workflow file is invalid: .github/workflows/ci.yml line 5, no such key", True, "Correct that line")}),
    "approval is wanted": ("one-failure", approval, "--run 900", {"setup": ("no job was started: the run waits for a maintainer's approval", True, "Somebody with write access")}),
    "a version of an action that is not there": (
        "one-failure", in_log("##[error]Unable to resolve action `actions/checkout@4.2.2`, unable to find version `4.2.2`", "actions/checkout@4.2.2"), "--pr 123",
        {"setup": ("an action or its version does not exist", True, "Check the tag")},
    ),
    "a test merge that is gone": (
        "one-failure", in_log("##[error]fatal: couldn't find remote ref refs/pull/123/merge", "actions/checkout@v5"), "--pr 123",
        {"branch": ("GitHub no longer has the test merge", True, "GitHub has no test merge")},
    ),
    "a fork without secrets": ("one-failure", of_fork, "--pr 123", {"setup": ("an input of an action is empty: the run was given no secrets", True, "Running again does not help")}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change", "target", "told"), CASES.values(), ids=CASES.keys())
def test_what_phase_one_says_of_the_circumstances(
    checked: Callable[..., tuple[int, dict[str, Any]]],
    name: str,
    change: Callable[[World], None],
    target: str,
    told: dict[str, tuple[str, bool, str]],
) -> None:
    scenario = world_of(name)
    change(scenario.world)
    code, found = checked(scenario, target)
    blocking = {check for check, (_, blocks, _) in found.items() if blocks}
    assert blocking == {check for check, (_, blocks, _) in told.items() if blocks}
    for check, (message, _, remedy) in told.items():
        assert found[check][0].startswith(message)
        assert found[check][2].startswith(remedy)
    assert code == 1
