"""What every agent keeps, whoever wrote it: found by its entry point, calm on any log, every quote borne out by the log."""

from __future__ import annotations

import time
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose.agency import GROUP, Asker, installed_agents
from tests.checks.build_case import case_of, github, job

if TYPE_CHECKING:
    from diagnose.model.finding import Finding
    from diagnose.model.report import AgentRun

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "agents" / "diagnose_agents"
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
AGENTS = {agent.name: agent for agent in installed_agents()[0] if agent.name in DECLARED}
FAILS = github(("make test", "KeyError: SECRET\n##[error]Process completed with exit code 2."))
CASES = {
    "nothing at all": case_of(),
    "a job without a log": case_of((job(log=False), None)),
    "an empty log": case_of((job(), "")),
    "a failure": case_of((job(), FAILS)),
    "a failure of unknown outcome": case_of((job(status="unknown"), FAILS), kind="log"),
    "a job that passed": case_of((job(status="success"), github(("make", "ok")))),
    "a cancelled job between two others": case_of(
        (job("a"), FAILS), (job("b", "cancelled"), FAILS), (job("c", log=False), None)
    ),
    "control characters": case_of((job(), "\0\x1b[2J\r\r\n\ufeff\n##[error]\n##[endgroup]\n" * 50)),
    "a long line": case_of((job(), "error: " + "x" * 200_000)),
    "no final line end": case_of((job(), FAILS.rstrip("\n"))),
}


def ask(name: str, case: str) -> tuple[AgentRun, tuple[Finding, ...]]:
    asker = Asker([AGENTS[name]], 30, time.perf_counter)
    runs, findings = anyio.run(asker.ask, CASES[case], {})
    return runs[0], findings


def test_every_agent_of_the_folder_is_declared_and_installed() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}
    assert set(DECLARED) == modules == set(AGENTS)
    assert modules <= {point.name for point in entry_points(group=GROUP)}


@pytest.mark.parametrize("name", DECLARED)
def test_it_goes_by_the_name_of_its_module(name: str) -> None:
    assert DECLARED[name].startswith(f"diagnose_agents.{name}:")
    assert isinstance(AGENTS[name].cheap, bool)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", AGENTS)
def test_it_answers_and_every_quote_stands(name: str, case: str) -> None:
    run, _ = ask(name, case)
    assert (run.name, run.status, run.error) == (name, "ok", None)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", AGENTS)
def test_it_says_the_same_twice_and_no_secret(name: str, case: str) -> None:
    first, second = ask(name, case)[1], ask(name, case)[1]
    assert first == second
    assert "SECRET" not in "".join(foreign(finding) for finding in first)


def foreign(value: object) -> str:
    """All text of a finding, foreign words opened."""
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        return "".join(map(foreign, value))
    names = getattr(type(value), "__slots__", ())
    return "".join(foreign(getattr(value, name)) for name in names)
