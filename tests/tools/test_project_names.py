"""No rule holds a project's name; a rule that did would be found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnose.scan.pack import PackTable
from tools import project_names as module
from tools.project_names import Offence, names_of, offences

RULE = {
    "id": "one",
    "title": "it fails",
    "category": "other",
    "literals": ["bad: "],
    "expression": "^bad: ",
    "why": "made up",
    "hits": ["bad: x"],
}


def pack(tool: str = "mytool", **change: Any) -> tuple[Path, PackTable]:
    return Path("eco") / f"{tool}.toml", PackTable.model_validate(
        {"tool": tool, "title": tool, "rule": [RULE | change]}
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for folder, projects in (
        ("one", ["Acme/road-runner", "mytool"]),
        ("two", ["acme/go", None, "scala/scala", "Wile.E/unknown"]),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cases.jsonl").write_text(
            "".join(json.dumps({"id": "x", "project": project}) + "\n" for project in projects)
        )
    return tmp_path


def test_names_are_the_projects_and_their_parts(corpus: Path) -> None:
    assert names_of(corpus) == {
        "acme/road-runner", "acme/roadrunner", "acme", "road-runner", "roadrunner", "mytool", "acme/go", "scala/scala", "scala", "wile.e/unknown", "wilee/unknown", "wile.e", "wilee",
        "unknown",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"title": "acmectl fails"},  # another word
        {"title": "mytool fails, scala too, for a reason unknown"},  # tools and words
        {"title": "go on"},  # too short to mean a project
        {"expression": r"\bacmes\b"},
    ],
)
def test_what_is_no_name(change: dict[str, Any], corpus: Path) -> None:
    assert list(offences([pack(**change)], names_of(corpus))) == []


@pytest.mark.parametrize(
    ("change", "field", "name"),
    [
        ({"title": "The build of ACME fails"}, "title", "acme"),
        ({"literals": ["RoadRunner: "]}, "literals", "roadrunner"),
        ({"requires": ["in road-runner/src"]}, "requires", "road-runner"),
        ({"expression": r"^Undocumented\sacme\sdeclarations"}, "expression", "acme"),
        ({"expression": r"^road\-runner:"}, "expression", "road-runner"),
        ({"expression": r"^x \(wile\.e/unknown\)"}, "expression", "wile.e/unknown"),
        ({"block": {"after": 3, "after_until": r"\bacme$"}}, "block", "acme"),
        ({"capture": [{"expression": "^in acme (?P<file>x)"}]}, "capture", "acme"),
    ],
)
def test_a_name_is_found_wherever_it_stands(change: dict[str, Any], field: str, name: str, corpus: Path) -> None:
    assert list(offences([pack(**change)], names_of(corpus))) == [Offence("mytool/one", field, name)]


def test_one_command_says_it(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main([str(corpus)]) == 0
    assert ": 0 found; " in capsys.readouterr().out


def test_an_offender_is_printed(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "read_all", lambda _: ([pack(title="of acme")], []))
    assert module.main([str(corpus)]) == 1
    assert capsys.readouterr().out.startswith("mytool/one: its title holds 'acme', the name of a project\n")


@pytest.mark.parametrize("arguments", [[], ["nowhere"]])
def test_without_names_nothing_is_proven(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(arguments) == 2
    assert capsys.readouterr().out
