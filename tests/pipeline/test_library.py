"""The library: the same report as the command line, without a word and without an event loop of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest

import diagnose
from diagnose.render.interface import View, renderer
from diagnose.safety.plain import plain
from tests.support.command import FAILING, PASSING, Command

if TYPE_CHECKING:
    from pathlib import Path

VOLATILE = ("started_at", "seconds", "environment", "agents")


def told(report: diagnose.Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(renderer("json").render(report, View()))
    return {name: value for name, value in document.items() if name not in VOLATILE}


async def ask(**arguments: Any) -> diagnose.Report | diagnose.Refusal:
    return await diagnose.diagnose(**arguments)


def test_the_public_names_are_few_and_sorted() -> None:
    assert diagnose.__all__ == sorted(diagnose.__all__)
    assert set(diagnose.__all__) <= set(dir(diagnose))
    for name in diagnose.__all__:
        assert getattr(diagnose, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = diagnose.nothing


def test_importing_it_is_light() -> None:
    script = "import sys, diagnose; print(sorted({'anyio', 'pydantic', 'click', 'rich', 'httpx', 'sqlite3', 'dataclasses'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("more", [{}, {"passing_log": "good.log"}])
def test_it_gives_the_report_of_the_command_line(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    (home / "a.log").write_bytes(FAILING)
    (home / "good.log").write_bytes(PASSING)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    flags = ["--passing-log", "good.log"] if more else []
    said = Command(capsys, monkeypatch)("--log", "a.log", "--format", "json", "--no-memory", *flags)
    for log in ("a.log", [home / "a.log"]):
        report = anyio.run(partial(ask, log=log, settings=diagnose.Settings(memory=False), **more))
        assert isinstance(report, diagnose.Report)
        mine, theirs = (
            told(report),
            {name: value for name, value in json.loads(said.out).items() if name not in VOLATILE},
        )
        if log != "a.log":
            mine["target"] = theirs["target"]
        assert mine == theirs
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "")


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"log": "nowhere.log"}, "usage", "there is no file nowhere.log."),
        ({"pr": 1, "repo": "no name"}, "usage", "is not a repository's name."),
        ({"run": "x", "repo": "a/b"}, "usage", "is not a number"),
        ({}, "usage", "this folder is not a git checkout"),
    ],
)
def test_what_cannot_be_diagnosed_is_a_value(home: Path, arguments: dict[str, Any], kind: str, words: str) -> None:
    found = anyio.run(lambda: ask(**arguments))
    assert isinstance(found, diagnose.Refusal)
    assert (found.kind, words in plain(found.message)) == (kind, True)


def test_settings_in_force_are_used_and_wrong_ones_are_a_value(home: Path) -> None:
    (home / "a.log").write_bytes(FAILING)
    (home / "pyproject.toml").write_text("[tool.ci-diagnose]\nescalate_below = 0.999\n")
    report = anyio.run(lambda: ask(log="a.log"))
    assert isinstance(report, diagnose.Report)
    assert "confidence" in {each.trigger for each in report.escalation}
    (home / "pyproject.toml").write_text("[tool.ci-diagnose]\nescalate_belov = 0.9\n")
    found = anyio.run(lambda: ask(log="a.log"))
    assert isinstance(found, diagnose.Refusal)
    assert 'Did you mean "escalate_below"?' in plain(found.message)
    assert found.remedy == "ci-diagnose config show"


@pytest.mark.parametrize(
    "arguments", [{"log": "a", "pr": 1}, {"run": 1, "job": 2}, {"branch": "a", "commit": "b", "log": ["x"]}]
)
def test_two_targets_are_a_mistake_of_the_caller(home: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="one target at a time"):
        anyio.run(lambda: ask(**arguments))


def test_two_diagnoses_at_once_do_not_disturb_each_other(home: Path) -> None:
    (home / "a.log").write_bytes(FAILING)
    (home / "b.log").write_bytes(PASSING)
    found: dict[str, Any] = {}

    async def both() -> None:
        async def one(name: str) -> None:
            found[name] = await ask(log=name, settings=diagnose.Settings(memory=False))

        async with anyio.create_task_group() as group:
            for name in ("a.log", "b.log"):
                group.start_soon(one, name)

    anyio.run(both)
    assert {name: report.status for name, report in found.items()} == {"a.log": "failed", "b.log": "passed"}
