"""The last green run of what failed: found by the command itself, unless the user says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import load
from tests.support.command import PASSING
from tests.support.fake_github import Fault
from tests.support.github_scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Command
    from tests.support.fake_github import FakeGitHub, Scenario

GREEN_LOGS = r"/jobs/5\d+/logs"


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A token, no waiting, and a log of a good run at hand."""

    async def at_once(_seconds: float) -> None:
        return

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    (home / "good.log").write_bytes(PASSING)
    return home


ASKED = [([], {}, 3), (["--passing-log", "good.log"], {}, 0), ([], {"CI_DIAGNOSE_BASELINE": "false"}, 0)]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(("arguments", "env", "logs"), ASKED, ids=["found", "named by the user", "switched off"])
@pytest.mark.parametrize("target", ["--pr 123", "--run 900", "--branch rounding"])
def test_how_many_green_logs_are_asked_for(
    command: Command,
    github: Callable[[str | Scenario], FakeGitHub],
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    arguments: list[str],
    env: dict[str, str],
    logs: int,
) -> None:
    server = github(SCENARIOS["matrix12"](system_clock().now()))
    for name, value in {"GITHUB_API_URL": server.url, **env}.items():
        monkeypatch.setenv(name, value)
    said = command(*target.split(), "--repo", "acme/app", *arguments)
    assert (said.code, server.asked(GREEN_LOGS)) == (1, logs)
    assert ("passing  3 of 3" in said.err) == bool(logs)
    assert "a passing run to compare with" not in said.out


@pytest.mark.usefixtures("ready")
def test_what_could_not_be_had_is_said_and_the_answer_stands(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = SCENARIOS["matrix12"](system_clock().now())
    scenario.faults.append(Fault(GREEN_LOGS, status=410, body=b'{"message":"Gone"}'))
    monkeypatch.setenv("GITHUB_API_URL", github(scenario).url)
    said = command("--pr", "123", "--repo", "acme/app")
    assert said.code == 1
    assert "Failed: 11 jobs, one cause: a test fails" in said.out
    assert said.out.count("a passing run to compare with") == 1


def test_fewer_tests_than_in_the_passing_log_are_said_at_the_command_line(command: Command, home: Path) -> None:
    (home / "then.log").write_bytes(PASSING.replace(b"214 passed", b"412 passed"))
    (home / "now.log").write_bytes(PASSING)
    assert command("--log", home / "now.log", "--passing-log", home / "now.log").code == 0
    said = command("--log", home / "now.log", "--passing-log", home / "then.log")
    assert said.code == 1
    assert "214 tests ran; the passing run ran 412" in " ".join(said.out.split())
