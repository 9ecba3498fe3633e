"""Which rules do not tell the versions that they were seen with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diagnose.scan.pack import PackTable
from tools import seen as module
from tools.seen import empty

RULE = {
    "id": "one",
    "title": "it fails",
    "category": "other",
    "literals": ["bad: "],
    "expression": "^bad: ",
    "why": "made up",
    "hits": ["bad: x"],
}


def pack(**change: Any) -> tuple[Path, PackTable]:
    return Path("eco/mytool.toml"), PackTable.model_validate(
        {"tool": "mytool", "title": "mytool", "rule": [RULE | change]}
    )


@pytest.mark.parametrize(
    "change",
    [
        {"why": "bash 5.2, run", "seen": ["bash 5.2"]},
        {"why": "bash 5.2, run", "kind": "noise"},
        {"why": "bash 5.2, run", "kind": "totals"},
    ],
)
def test_what_is_as_it_should_be(change: dict[str, Any]) -> None:
    assert empty([pack(**change)]) == ([], [])


@pytest.mark.parametrize(
    "why", ["seen in public logs", "section 3.5 of the manual", "src/v1.2/a.c", "read in 3.5", "exit 2"]
)
def test_where_no_version_is_named(why: str) -> None:
    assert empty([pack(why=why)]) == ([], ["mytool/one"])


@pytest.mark.parametrize(
    ("why", "version"),
    [
        ("bash 5.2 and dash, run", "bash 5.2"),
        ("made by GNU make 4.3", "GNU make 4.3"),
        ("made by CMake 3.25", "CMake 3.25"),
        ("LuaUnit v3.4: run", "LuaUnit v3.4"),
    ],
)
@pytest.mark.parametrize("kind", ["cause", "detail"])
def test_a_version_that_is_named_and_not_listed(why: str, version: str, kind: str) -> None:
    found, others = empty([pack(why=why, kind=kind)])
    assert (others, [rule for rule, _ in found]) == ([], ["mytool/one"])
    assert version.endswith(found[0][1])


@pytest.mark.parametrize(("arguments", "code"), [(["--what"], 2), ([], 1), (["--list"], 1)])
def test_one_command_says_it(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "read_all", lambda _: ([pack(why="bash 5.2, run"), pack(id="two")], []))
    assert module.main(arguments) == code
    out = capsys.readouterr().out
    assert ("mytool/one: its why names bash 5.2, and its seen is empty" in out) == (code == 1)
    assert ("\nmytool/two\n" in out) == (arguments == ["--list"])


def test_a_pack_that_cannot_be_read_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_all", lambda _: ([], ["a.toml: broken"]))
    assert module.main([]) == 2
