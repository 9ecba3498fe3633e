"""The life of a repository on a GitHub of our own: failures, a fix, a green run; then the same failure on another branch is known, with its cure."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import load
from tests.support.fake_github import Scenario
from tests.support.github_life import ORDERS, README, begin, failing_total, sha

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.command import Command, Said
    from tests.support.fake_github import FakeGitHub
    from tests.support.github_life import Life


@pytest.fixture
def ask(command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Ask the command about a life, whose GitHub runs on: it is the same server each time."""

    async def at_once(_seconds: float) -> None:
        return

    servers: dict[int, FakeGitHub] = {}

    def asked(life: Life, *arguments: str) -> Said:
        server = servers.setdefault(id(life), github(Scenario(life.world))) if id(life) not in servers else servers[id(life)]
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", "x")
        server.seen.clear()
        return command(*arguments, "--repo", "acme/app")

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    return asked


def three_failures_and_a_fix() -> Life:
    """On main: green, three failures over an hour, a fix, green."""
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), None)
    life.run("main", life.push("main", 2, [ORDERS], "Sum before rounding (#411)"), failing_total())
    life.run("main", life.push("main", 3, [README], "Say more in the README"), failing_total())
    life.run("main", life.push("main", 4, [README], "Say even more"), failing_total("19.97"))
    life.run("main", life.push("main", 5, [ORDERS], "Round half up (#412)", after=timedelta(minutes=20)), None)
    return life


def fail_elsewhere(life: Life) -> None:
    """The same failure on another branch, days later."""
    life.at += timedelta(days=2)
    commit = life.push("tax", 20, [README], "Tax by country")
    life.world.add_compare("main", commit, ahead=1, behind=0)
    life.world.add_compare(sha(5), commit, ahead=1, behind=0)
    life.run("tax", commit, failing_total())


def known(said: Said) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(said.out)["known_patterns"]
    assert len(found) == 1, said.out
    return found[0]


def test_a_walk_over_the_past_then_the_same_failure_elsewhere(ask: Callable[..., Said]) -> None:
    life = three_failures_and_a_fix()
    said = ask(life, "learn", "--branch", "main")
    assert said.code == 0, said
    fail_elsewhere(life)
    found = known(ask(life, "--branch", "tax", "--format", "json"))
    assert found["seen"] == 3
    assert found["solution"] == 'changed src/app/orders.py ("Round half up")'
    assert found["fixed_by"] == sha(5)[:7]
    assert found["minutes"] == 48
    told = " ".join(ask(life, "--branch", "tax").out.split())
    for words in ("seen 3 times", sha(5)[:7], 'changed src/app/orders.py ("Round half up")', "About 48 min"):
        assert words in told


def test_day_by_day_the_green_run_is_learnt_from_when_it_is_seen(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), None)
    for number in (2, 3, 4):
        life.run("main", life.push("main", number, [ORDERS if number == 2 else README], "More"), failing_total())
        assert ask(life, "--branch", "main").code == 1
    life.run("main", life.push("main", 5, [ORDERS], "Round half up (#412)", after=timedelta(minutes=20)), None)
    said = ask(life, "--branch", "main")
    assert said.code == 0
    assert 'changed src/app/orders.py ("Round half up") (sure 0.50, green 52 min after the first failure). Wrong? ci-diagnose resolve' in said.err
    fail_elsewhere(life)
    found = known(ask(life, "--branch", "tax", "--format", "json"))
    assert (found["seen"], found["fixed_by"], found["minutes"]) == (3, sha(5)[:7], 48)
