"""What every format keeps, whoever wrote it: found by its module, every report rendered, nothing live let out, alone."""

from __future__ import annotations

import ast
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

import diagnose.render as room
from diagnose.model.text import Untrusted, phrase
from diagnose.render.interface import UnknownFormatError, View, formats, renderer
from tests.render.samples import SAMPLES, root_of

FOLDER = Path(room.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if "\nRENDERER" in path.read_text(encoding="utf-8"))
VIEWS = [View(), View(20), View(full=True), View(plain=True), View(ascii=True)]
ACTING = ["\x1b[2J", "\x1b]8;;https://x.example\x07", "\u202e", "\x9b31m", "\0"]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_there_is_no_format_by_another_name() -> None:
    with pytest.raises(UnknownFormatError):
        renderer("no-such-format")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_with_a_renderer_is_a_format(module: str) -> None:
    made = import_module(f"diagnose.render.{module}").RENDERER
    assert made.name in formats()
    assert renderer(made.name) is made


@pytest.mark.parametrize("module", MODULES)
def test_it_knows_no_other_format(module: str) -> None:
    others = {f"diagnose.render.{other}" for other in MODULES if other != module}
    assert imported(FOLDER / f"{module}.py").isdisjoint(others)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", formats())
def test_it_renders_every_report(name: str, sample: str) -> None:
    for view in VIEWS:
        text = renderer(name).render(SAMPLES[sample](), view)
        assert not text or text.endswith("\n")
        assert "Untrusted(" not in text
        assert "Phrase(" not in text


@pytest.mark.parametrize("acting", ACTING)
@pytest.mark.parametrize("name", formats())
def test_what_acts_on_a_terminal_does_not_leave(name: str, acting: str) -> None:
    whole = SAMPLES["01-pytest"]()
    root = root_of(whole)
    foul = Untrusted(f"before {acting} after")
    report = replace(
        whole, target=foul,
        root_cause=replace(root, title=phrase("it says ", foul), job=foul, evidence=(replace(root.evidence[0], text=foul),)),
    )  # fmt: skip
    assert acting not in renderer(name).render(report, View(tty=True))
