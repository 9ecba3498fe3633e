"""What every rule keeps, whoever wrote it: its pack passes the lint, and the scanner itself finds each of its hits."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from diagnose.logs.pages import Pages
from diagnose.scan.lint import lint
from diagnose.scan.pack import read_all, read_pack, rules_of
from diagnose.scan.rulebase import RuleBase, patterns_folder
from diagnose.scan.scanner import Scanner

if TYPE_CHECKING:
    from pathlib import Path

ROOT = patterns_folder()
FILES = sorted(ROOT.glob("*/*.toml"))


def test_there_are_packs_and_all_are_where_they_are_looked_for() -> None:
    assert FILES
    assert sorted(ROOT.rglob("*.toml")) == FILES


def test_the_lint_finds_no_fault() -> None:
    packs, problems = read_all(ROOT)
    assert problems == []
    assert lint(packs) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_scanner_finds_every_hit(path: Path) -> None:
    pack = read_pack(path)
    scanner = Scanner(RuleBase(rules_of(pack, "test"), pack.tool))
    lost: list[str] = []
    for rule in pack.rule:
        for hit in rule.hits:
            text = "\n".join([*rule.requires[:1], hit if isinstance(hit, str) else hit.text, ""])
            found = {match.rule.id for match in scanner.scan("log", Pages(io.BytesIO(text.encode()))).matches}
            if f"{pack.tool}/{rule.id}" not in found:
                lost.append(f"{rule.id}: {text!r} gives {sorted(found)}")
    assert lost == []
