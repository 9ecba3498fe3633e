"""A run that passed, on a GitHub of our own: its logs are read within the requests there are, and what they hide is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import load
from tests.support.fake_github import Fault, Scenario
from tests.support.github_logs import ROUNDING, JobLog, LogStep, python_job, run_group
from tests.support.github_scenarios import SCENARIOS, _world
from tests.support.github_world import BASE, HEAD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Command, Said
    from tests.support.fake_github import FakeGitHub

HIDES = ["FAILED tests/test_sum.py::test_sum - assert 3 == 4", "========== 1 failed, 213 passed in 3.41s =========="]
WORKFLOW = (
    b"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python -m pytest | tee out.txt\n"
)
LOGS = r"/jobs/6\d+/logs"


def green(names: tuple[str, ...], hides: tuple[str, ...] = (), **more: Any) -> Scenario:
    """A pull request whose jobs passed; those in `hides` print a failed test."""
    world = _world("green", system_clock().now())
    began = world.now - timedelta(minutes=4)
    run = world.add_run(900, conclusion="success")
    for index, name in enumerate(names):
        job = world.add_job(run, 6000 + index, name, "success", began=began, **more)
        whole = python_job(name, "ubuntu-24.04", "3.12", HEAD, None)
        if name in hides:
            lines = [*run_group(["python -m pytest | tee out.txt"]), "collected 214 items", *HIDES]
            whole = JobLog(
                [*whole.steps[:4], LogStep(5, "Run python -m pytest | tee out.txt", lines), *whole.steps[5:]]
            )
        world.give_log(job, whole, began)
    return Scenario(world, about="nothing failed")


@pytest.fixture
def ask(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Said, FakeGitHub]]:
    async def at_once(_seconds: float) -> None:
        return

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    monkeypatch.setenv("GITHUB_TOKEN", "x")

    def asked(scenario: Scenario, *arguments: str) -> tuple[Said, FakeGitHub]:
        server = github(scenario)
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        return command(*(arguments or ("--pr", "123")), "--repo", "acme/app"), server

    return asked


def test_a_run_that_hides_nothing_is_quiet(ask: Callable[..., tuple[Said, FakeGitHub]]) -> None:
    for target in (("--pr", "123"), ("--run", "900"), ("--branch", "rounding"), ("--commit", HEAD)):
        (code, out, _), server = ask(green(("test", "lint")), *target)
        assert code == 0, target
        assert "Passed: 2 jobs, no hidden failure found" in out
        assert server.asked(LOGS) == 2
        assert len(server.seen) <= 16


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 1),
        (["--silent-ok"], 0),
        (["--allow-hidden"], 0),
        (["--exit-zero"], 0),
        (["--format", "json", "--silent-ok"], 0),
    ],
)
@pytest.mark.parametrize("target", ["--pr 123", "--run 900"])
def test_what_a_green_run_hides_is_told_with_its_line_and_code(
    ask: Callable[..., tuple[Said, FakeGitHub]], target: str, arguments: list[str], code: int
) -> None:
    scenario = green(("test", "lint"), ("test",))
    scenario.world.contents[".github/workflows/ci.yml"] = WORKFLOW
    said, _ = ask(scenario, *target.split(), *arguments)
    assert said.code == code
    assert "logs     2 of 2" in said.err
    if "json" in arguments:
        (hidden,) = [each for each in json.loads(said.out)["silent_failures"] if each["seen"]]
        assert (hidden["kind"], hidden["log"], hidden["place"]["file"], hidden["place"]["line"]) == (
            "swallowed-failure",
            "test [6000]",
            ".github/workflows/ci.yml",
            6,
        )
        assert hidden["text"] == "FAILED tests/test_sum.py::test_sum - assert 3 == 4"
    else:
        assert "Passed, but" in said.out
        assert ".github/workflows/ci.yml:6" in said.out
        assert "FAILED tests/test_sum.py::test_sum" in said.out


def test_one_of_each_matrix_goes_first_and_what_is_left_is_said(
    ask: Callable[..., tuple[Said, FakeGitHub]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (*(f"test (3.{minor})" for minor in range(40)), "lint", "docs")
    monkeypatch.setenv("CI_DIAGNOSE_PASSING_LOGS", "3")
    (code, out, _), server = ask(green(names, ("docs",)))
    assert (code, server.asked(LOGS)) == (1, 3)
    assert "the logs of 3 of 42 jobs that passed were asked for" in " ".join(out.split())


def test_nothing_is_asked_where_that_is_wanted_and_nothing_is_claimed(
    ask: Callable[..., tuple[Said, FakeGitHub]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_DIAGNOSE_PASSING_LOGS", "0")
    (code, out, _), server = ask(green(("test", "lint"), ("test",)))
    assert (code, server.asked(LOGS)) == (0, 0)
    assert "no hidden failure" not in out
    assert "none of whose logs was read" in out


def test_requests_that_run_low_are_left_to_others(
    ask: Callable[..., tuple[Said, FakeGitHub]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_DIAGNOSE_REQUESTS", "30")
    (code, out, _), server = ask(green(("test", "lint"), ("test",)))
    assert (code, server.asked(LOGS)) == (0, 0)
    assert "hidden failures: it was not asked for" in " ".join(out.split())
    monkeypatch.setenv("CI_DIAGNOSE_REQUESTS", "60")
    names = tuple(f"job-{number}" for number in range(30))
    (code, out, _), server = ask(green(names))
    assert code == 0
    assert 0 < server.asked(LOGS) < 30
    assert len(server.seen) <= 60 + server.asked(LOGS)  # a log is fetched from a store, which counts for nobody


def test_logs_that_are_gone_are_said_once(ask: Callable[..., tuple[Said, FakeGitHub]]) -> None:
    scenario = green(("test", "lint", "docs"), ("test",))
    scenario.faults.append(Fault(LOGS, status=410, body=b'{"message":"Gone"}'))
    (code, out, _), _ = ask(scenario)
    said = " ".join(out.split())
    assert code == 0
    assert said.count("GitHub has deleted this log") == 1
    assert "So it is with 2 more." in said
    assert "none of whose logs was read" in said


def test_while_checks_run_no_green_log_is_read(ask: Callable[..., tuple[Said, FakeGitHub]]) -> None:
    said, server = ask(SCENARIOS["running"](system_clock().now()))
    assert (said.code, server.asked(LOGS)) == (3, 0)


def test_beside_a_failure_no_green_log_is_read(ask: Callable[..., tuple[Said, FakeGitHub]]) -> None:
    scenario = SCENARIOS["matrix12"](system_clock().now())
    said, server = ask(scenario)
    assert (said.code, server.asked(r"/jobs/6100/logs")) == (1, 0)


def test_fewer_tests_than_in_the_last_green_run_are_told(ask: Callable[..., tuple[Said, FakeGitHub]]) -> None:
    scenario = green(("test",))
    world = scenario.world
    before = world.add_run(880, "b" * 40, event="push", head_branch="main", conclusion="success")
    job = world.add_job(
        before, 5000, "test", "success", began=world.now - timedelta(days=1), ended=world.now - timedelta(days=1)
    )
    world.give_log(job, python_job("test", "ubuntu-24.04", "3.12", BASE, None), world.now - timedelta(days=1))
    log = world.logs[5000]
    assert isinstance(log, bytes)
    world.logs[5000] = log.replace(b"214 passed", b"412 passed")
    (code, out, _), server = ask(scenario)
    assert code == 1
    assert "214 tests ran; the last green run ran 412" in " ".join(out.split())
    assert len(server.seen) <= 16


def test_a_pass_on_a_second_attempt_is_a_note_and_no_failure(ask: Callable[..., tuple[Said, FakeGitHub]]) -> None:
    scenario = green(("test",))
    world = scenario.world
    world.runs[0]["run_attempt"] = 2
    world.jobs[900, 2] = [world.jobs[900, 1][0] | {"run_attempt": 2}]
    world.jobs[900, 1] = [world.jobs[900, 1][0] | {"id": 5999, "run_attempt": 1, "conclusion": "failure"}]
    (code, out, _), _ = ask(scenario)
    assert code == 0
    assert "the job test passed only when it was run again: attempt 1 failed at the same commit" in " ".join(
        out.split()
    )


def test_a_red_job_of_a_green_run_is_told(ask: Callable[..., tuple[Said, FakeGitHub]]) -> None:
    scenario = green(("test", "nightly"))
    world = scenario.world
    world.jobs[900, 1][1]["conclusion"] = "failure"
    began = world.now - timedelta(minutes=4)
    world.give_log(world.jobs[900, 1][1], python_job("nightly", "ubuntu-24.04", "3.12", HEAD, ROUNDING), began)
    (code, out, _), _ = ask(scenario, "--run", "900")
    assert code == 1
    assert "the job nightly failed and its run passed" in " ".join(out.split())


@pytest.mark.parametrize(("remote", "place"), [("acme/app", ".github/workflows/ci.yml:6"), ("acme/other", "test.log:")])
def test_a_saved_log_is_held_against_the_files_of_its_own_checkout(
    command: Command, home: Path, remote: str, place: str
) -> None:
    scenario = green(("test",), ("test",))
    log = scenario.world.logs[6000]
    assert isinstance(log, bytes)
    (home / ".git").mkdir()
    (home / ".git/config").write_text(f'[remote "origin"]\n\turl = https://github.com/{remote}.git\n', encoding="utf-8")
    (home / ".github/workflows").mkdir(parents=True)
    (home / ".github/workflows/ci.yml").write_bytes(WORKFLOW)
    (home / "test.log").write_bytes(log)
    said = command("--log", "test.log")
    assert said.code == 1
    assert f"It was lost at {place}" in " ".join(said.out.split())
    assert "could hide a failure" not in said.out
