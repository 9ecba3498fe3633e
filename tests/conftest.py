"""Fixtures for all rooms."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.fake_github import FakeGitHub, Scenario, serve
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_schema import Schema, read_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def github_schema() -> Schema | None:
    """GitHub's own description of its answers; None where it is not at hand."""
    return read_schema()


@pytest.fixture
def github(github_schema: Schema | None) -> Iterator[Callable[[str | Scenario], FakeGitHub]]:
    """Start a GitHub on the loopback: by a scenario's name (at noon of 20 November 2026, UTC) or a scenario of one's own."""
    with ExitStack() as stack:
        servers: list[FakeGitHub] = []

        def start(scenario: str | Scenario) -> FakeGitHub:
            chosen = SCENARIOS[scenario](NOON) if isinstance(scenario, str) else scenario
            servers.append(stack.enter_context(serve(chosen, schema=github_schema)))
            return servers[-1]

        yield start
    assert [problem for server in servers for problem in server.violations] == []


OUTSIDE = ("GITHUB_", "GH_", "CI_DIAGNOSE_", "RUNNER_", "ACTIONS_", "XDG_")
LOOKS = ("CI", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS", "TERM")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for all tests: rules are compiled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(tmp_path: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has nothing yet: no settings, no memory, no token, no gh; the current folder is empty and theirs. Returns it."""
    for name in os.environ:
        if name.startswith(OUTSIDE) or name in LOOKS:
            monkeypatch.delenv(name)
    folder = tmp_path / "work"
    folder.mkdir()
    for name, value in {
        "HOME": tmp_path,
        "XDG_DATA_HOME": tmp_path / "data",
        "XDG_CONFIG_HOME": tmp_path / "config",
        "XDG_CACHE_HOME": compiled,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(folder)
    return folder
