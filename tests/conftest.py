"""Fixtures for all rooms."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.fake_github import FakeGitHub, Scenario, serve
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_schema import Schema, read_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
