"""Rules come from packs, from an artefact of their content, or from the user; a cache is never trusted."""

from __future__ import annotations

import io
import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from diagnose.logs.pages import Pages
from diagnose.scan import rulebase as module
from diagnose.scan.artefact import dump
from diagnose.scan.blocks import extent_of
from diagnose.scan.gate import PlainGate
from diagnose.scan.rulebase import (
    ARTEFACT,
    RuleBase,
    compile_packs,
    content_key,
    load,
    patterns_folder,
    user_rules,
)
from diagnose.scan.scanner import Scanner
from tests.support.reading import rule, shipped

if TYPE_CHECKING:
    from pathlib import Path

PACK = """tool = "{tool}"
title = "t"
[[rule]]
id = "one"
title = "it fails: {{message}}"
category = "other"
literals = ["{literal}"]
expression = '^{literal}(?P<message>\\w+)'
minutes = [1, 2, 3]
remedy = "Mend it."
commands = [{{ run = "mend {{message}}", safe = true }}]
explains = ["{tool}/*"]
why = "made by running it"
hits = ["{literal}x"]
[rule.block]
after = 3
[[rule.capture]]
where = "above"
expression = '^in (?P<file>.*)'
"""


def write_pack(folder: Path, tool: str = "tool", literal: str = "bad: ") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{tool}.toml"
    path.write_text(PACK.format(tool=tool, literal=literal))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_pack(tmp_path / "packs" / "eco")
    return tmp_path / "packs"


def found(rules: RuleBase, text: str) -> list[tuple[int, str]]:
    return [
        (match.line, match.rule.id) for match in Scanner(rules).scan("log", Pages(io.BytesIO(text.encode()))).matches
    ]


def test_packs_are_read_where_nothing_is_kept(root: Path) -> None:
    rules = load(root, None)
    assert [each.id for each in rules.rules] == ["tool/one"]
    assert (rules.key, rules.problems) == (content_key(root), ())
    assert rules.by_id["tool/one"].minutes == (1, 2, 3)
    assert found(rules, "bad: x\n") == [(1, "tool/one")]


def test_what_was_kept_is_the_same_as_what_was_read(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    first = load(root, cache)
    assert found(first, "a\nbad: x\n") == [(2, "tool/one")]
    assert sorted(path.name.partition("-")[0] for path in cache.iterdir()) == ["literals", "rules"]
    monkeypatch.setattr(module, "compile_packs", lambda _: pytest.fail("the packs were read again"))
    again = load(root, cache)
    assert again.rules == first.rules
    assert found(again, "a\nbad: x\n") == [(2, "tool/one")]


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b'{"key": "old", "rules": []}',
        b"\xff\xfe",
        b'{"key": "KEY", "rules": [{}]}',
        b'{"key": "KEY", "rules": ["x"]}',
        b'{"key": "KEY", "rules": [{"block": {"odd": 1}}]}',
        b'{"key": "KEY", "rules": 3}',
        b'{"key": "KEY", "rules": [{"block": {}, "captures": [3]}]}',
    ],
)
def test_a_broken_cache_is_made_anew(junk: bytes, root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    expected = load(root, cache)
    found(expected, "")
    for path in cache.iterdir():
        path.write_bytes(junk.replace(b"KEY", content_key(root).encode()))
    (root / ARTEFACT).write_bytes(junk)
    again = load(root, cache)
    assert again.rules == expected.rules
    assert found(again, "bad: x\n") == [(1, "tool/one")]
    assert json.loads(next(cache.glob("rules-*")).read_bytes())["key"] == expected.key


def test_another_content_is_another_key(root: Path) -> None:
    before = content_key(root)
    write_pack(root / "eco", literal="worse: ")
    changed = content_key(root)
    (root / "eco" / "tool.toml").rename(root / "eco" / "other.toml")
    assert len({before, changed, content_key(root)}) == 3
    (root / "eco" / "notes.txt").write_text("no pack")
    assert content_key(root) != changed


def test_the_artefact_beside_the_packs_spares_reading_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, _ = compile_packs(root)
    (root / ARTEFACT).write_bytes(dump(rules, content_key(root)))
    monkeypatch.setattr(module, "compile_packs", lambda _: pytest.fail("the packs were read"))
    assert load(root, None).rules == rules


def test_all_shipped_rules_pass_through_the_artefact_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / ARTEFACT
    place.write_bytes(dump(shipped().rules, "key"))
    monkeypatch.setattr(module, "content_key", lambda _: "key")
    assert load(tmp_path, None).rules == shipped().rules


def test_a_cache_that_cannot_be_written_costs_nothing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert found(load(root, tmp_path / "file" / "cache"), "bad: x") == [(1, "tool/one")]


def test_a_pack_that_cannot_be_read_is_named_and_nothing_is_kept(root: Path, tmp_path: Path) -> None:
    (root / "eco" / "broken.toml").write_text("x")
    rules = load(root, tmp_path / "cache")
    assert [each.id for each in rules.rules] == ["tool/one"]
    (problem,) = rules.problems
    assert problem.startswith(str(root / "eco" / "broken.toml"))
    assert list((tmp_path / "cache").glob("rules-*")) == []


def test_a_users_pack_joins_the_shipped_ones(root: Path, tmp_path: Path) -> None:
    extra = write_pack(tmp_path / "user" / "rules", "mine", "mine: ").parent
    rules = load(root, None, extra=extra)
    assert [(each.id, each.ecosystem) for each in rules.rules] == [("tool/one", "eco"), ("mine/one", "user")]
    assert found(rules, "mine: x\nbad: x\n") == [(1, "mine/one"), (2, "tool/one")]
    before = rules.key
    write_pack(extra, "mine", "yours: ")
    assert load(root, None, extra=extra).key != before != load(root, None).key


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("mine", ("bad: (?P", "(bad: (?P"), "not an expression"),
        ("mine", ("bad: (?P", "bad: (?=.)(?P"), "not RE2"),
        ("mine", ('literals = ["bad: "]', 'literals = ["other"]'), "the gate would lose it"),
        ("mine", ("[[rule]]", "[[rules]]"), "rule: Input should be a valid list"),
        ("tool", ("", ""), "tool/one: this id is taken"),
    ],
)
def test_a_users_pack_that_the_lint_refuses_is_left_out_and_named(
    name: str, change: tuple[str, str], told: str, root: Path, tmp_path: Path
) -> None:
    extra = tmp_path / "user" / "rules"
    path = write_pack(extra, name)
    path.write_text(path.read_text().replace(*change))
    write_pack(extra, "good", "good: ")
    rules = load(root, None, extra=extra)
    assert [each.id for each in rules.rules] == ["tool/one", "good/one"]
    assert all(problem.startswith(str(path)) for problem in rules.problems)
    assert told in " ".join(rules.problems)


def test_without_re2_users_packs_are_refused_and_shipped_ones_work(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = write_pack(tmp_path / "user" / "rules", "mine").parent
    monkeypatch.setitem(sys.modules, "re2", None)
    rules = load(root, None, extra=extra)
    assert rules.problems == (f"{extra}: not loaded: this machine has no RE2, which users' packs need",)
    assert found(rules, "bad: x") == [(1, "tool/one")]


def test_no_folder_of_the_users_is_no_problem(root: Path, tmp_path: Path) -> None:
    assert load(root, None, extra=tmp_path / "none") == load(root, None)
    (tmp_path / "empty").mkdir()
    assert user_rules(tmp_path / "empty", ()) == ((), ())


def test_without_vectorscan_the_same_lines_are_found_and_no_database_is_kept(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    rules = load(root, tmp_path / "cache")
    assert isinstance(rules.gate([(b"x", False)]), PlainGate)
    assert found(rules, "bad: x") == [(1, "tool/one")]
    assert list((tmp_path / "cache").glob("literals-*")) == []


def test_literals_are_distinct_and_know_their_owners() -> None:
    base = RuleBase(
        (
            rule("a", "aa", "bb", id="t/1"),
            rule("b", "bb", id="t/2", requires=("aa", "cc")),
            rule("c", "bb", id="t/3", caseless=True),
        ),
        "k",
    )
    assert base.literals == [(b"aa", False), (b"bb", False), (b"bb", True), (b"cc", False)]
    assert base.owners == [(0,), (0, 1), (2,), ()]
    assert base.requirements == {"t/2": frozenset({0, 3})}


def test_the_shipped_packs_are_found_in_the_checkout_and_in_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (patterns_folder() / "python" / "pytest.toml").is_file()
    shutil.copytree(patterns_folder() / "python", tmp_path / "_patterns" / "python")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "scan" / "rulebase.py"))
    assert patterns_folder() == tmp_path / "_patterns"


def test_a_users_expression_that_would_hold_up_re_does_not(root: Path, tmp_path: Path) -> None:
    path = write_pack(tmp_path / "user" / "rules", "mine", "mine: ")
    text = (
        path.read_text()
        .replace("'^mine: (?P<message>\\w+)'", "'^mine: (?P<message>\\w+)(?:a|a)*\\w*\\w*\\w*\\w*\\w*\\w*\\w*$'")
        .replace("'^in (?P<file>.*)'", "'^in (?P<file>(?:a|a)*)$'")
    )
    path.write_text(text)
    rules = load(root, None, extra=path.parent)
    assert rules.problems == ()
    hostile = "in " + "a" * 380 + "!\nmine: " + "a" * 380 + "!\nmine: x\n"
    scan = Scanner(rules).scan("log", Pages(io.BytesIO(hostile.encode())))
    assert [(match.line, extent_of(scan.log, match).captures) for match in scan.matches] == [(3, {"message": "x"})]
