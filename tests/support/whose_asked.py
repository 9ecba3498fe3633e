"""Asks whose an incident is: serves its world on the loopback, diagnoses it as the command does, and says what came out."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio

from diagnose.api import Request, examine
from diagnose.config import Settings
from diagnose.kit.clock import Clock
from diagnose.memory.patterns import Resolution, resolve
from diagnose.memory.signature import sign
from diagnose.memory.store import Store
from diagnose.remember import FILE
from diagnose.safety.plain import plain
from diagnose.sources.refusal import Refusal
from diagnose.world import World
from tests.support.fake_github import Scenario, serve

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.api import Answer
    from diagnose.model.report import Report
    from tests.support.github_schema import Schema
    from tests.support.whose_incidents import Whose

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """What came of an incident. requests: of the whole diagnosis; those for whose it is are in the report. wrong: what is not as it should be."""

    report: Report
    requests: int
    wrong: tuple[str, ...]
    violations: tuple[str, ...]


def ask(incident: Whose, folder: Path, cache: Path, schema: Schema | None = None) -> Asked:
    """Diagnose an incident in an empty folder, from a git checkout of its branch where the incident says so."""
    stage = incident.build(NOON)
    scenario = Scenario(stage.world, target=incident.target)
    if incident.checkout:
        _clone(folder)
    with serve(scenario, schema=schema) as server:
        env = {"GITHUB_API_URL": server.url, "GITHUB_TOKEN": "x", "HOME": str(folder)}
        world = World(
            env=env, folder=folder, clock=Clock(lambda: NOON, time.monotonic), cache=cache, data=folder / "data"
        )
        kind, _, value = incident.target.removeprefix("--").partition(" ")
        request = Request("branch", "") if incident.checkout else Request(kind, value, repository="acme/app")  # type: ignore[arg-type]  # a kind of target
        answer = _examined(request, world)
        if incident.known:
            _remember(answer, folder / "data" / FILE)
            server.seen.clear()
            answer = _examined(request, world)
        requests = sum(each.on == "api" for each in server.seen)
        return Asked(answer.report, requests, tuple(_wrong(incident, answer.report)), tuple(server.violations))


def _examined(request: Request, world: World) -> Answer:
    answer = anyio.run(examine, request, Settings(), world)
    assert not isinstance(answer, Refusal), plain(answer.message)
    return answer


def _wrong(incident: Whose, report: Report) -> list[str]:
    got = report.attribution
    out = [f"verdict {got.verdict}"] if got.verdict != incident.verdict else []
    out += [f"by {got.control or 'nothing'}"] if got.control != incident.control else []
    advised = report.retry is not None and report.retry.advised
    out += [f"{'run' if advised else 'do not run'} again"] if advised != incident.again else []
    return out


def _clone(folder: Path) -> None:
    """Make a checkout of the pull request's branch, as a user has one."""
    for arguments in (("init", "-q", "-b", "rounding"), ("remote", "add", "origin", "https://github.com/acme/app.git")):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "x"],
        check=True, capture_output=True,
    )  # fmt: skip


def _remember(answer: Answer, file: Path) -> None:
    """Keep the failure as one that passed when it was run again, as learning from runs does."""
    root = answer.report.root_cause
    assert root is not None
    signature = sign(answer.known_by[root.id], category=root.category, tool=root.tool, rule=root.rule)
    assert signature is not None
    said = Resolution(
        title="it comes and goes", root_cause="it comes and goes: a test", solution="Run it again.", how="re-run"
    )
    resolve(Store(file, sleep=time.sleep), signature, said, repository="acme/app", now=NOON)
