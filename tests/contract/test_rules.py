"""What every shipped rule keeps: its samples bear it out, through the real scanner, with either gate and either engine."""

from __future__ import annotations

import io
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from diagnose.logs.pages import Pages
from diagnose.scan import expression as engines
from diagnose.scan.blocks import extent_of
from diagnose.scan.gate import VectorGate, build_gate
from diagnose.scan.lint import lint
from diagnose.scan.pack import read_all
from diagnose.scan.rulebase import patterns_folder
from diagnose.scan.scanner import Scanner
from tests.support.reading import STAMP, scanner, shipped

if TYPE_CHECKING:
    from diagnose.scan.pack import PackTable
    from diagnose.scan.rule import Rule
    from diagnose.scan.scanner import Match, Scan

OVERLAPS = Path(__file__).with_name("overlaps.txt")


class Shown(NamedTuple):
    """One sample in a log: the rule that it is a hit (or a miss) of, its lines, the values that it must give."""

    rule: Rule
    text: str
    captures: dict[str, str]
    first: int
    last: int


@cache
def packs() -> tuple[tuple[Path, PackTable], ...]:
    found, problems = read_all(patterns_folder())
    assert problems == []
    return tuple(found)


def samples(*, misses: bool = False) -> list[tuple[Rule, str, dict[str, str]]]:
    out: list[tuple[Rule, str, dict[str, str]]] = []
    for _, pack in packs():
        for table in pack.rule:
            rule = shipped().by_id[f"{pack.tool}/{table.id}"]
            told = table.misses if misses else table.hits
            out += [(rule, each, {}) if isinstance(each, str) else (rule, each.text, each.captures) for each in told]
    return out


def written(*, misses: bool) -> tuple[list[Shown], str]:
    """A log of all samples, as a runner writes coloured output; between samples enough blank lines to keep blocks apart."""
    lines: list[str] = []
    shown: list[Shown] = []
    for rule, text, captures in samples(misses=misses):
        first = len(lines) + 1
        lines += [coloured(line, number) for number, line in enumerate(text.split("\n"))]
        shown.append(Shown(rule, text, captures, first, len(lines)))
        lines += [""] * 3
    lines += sorted({literal for rule in shipped().rules for literal in rule.requires})
    return shown, "".join(f"{STAMP}{line}\n" for line in lines)


def coloured(line: str, number: int) -> str:
    """Put colour codes where tools put them: round the line, and in the middle of a word."""
    if number % 2:
        return f"\x1b[1;31m{line}\x1b[0m"
    half = len(line) // 2
    return f"{line[:half]}\x1b[31m{line[half:]}\x1b[m\x1b[K"


@cache
def scanned(*, misses: bool = False, plain: bool = False) -> tuple[list[Shown], Scan]:
    shown, text = written(misses=misses)
    with pytest.MonkeyPatch.context() as patch:
        if plain:
            patch.setitem(sys.modules, "hyperscan", None)
        used = Scanner(shipped()) if plain else scanner()
        return shown, used.scan("log", Pages(io.BytesIO(text.encode())))


@cache
def matched(*, misses: bool = False) -> dict[str, dict[int, Match]]:
    found: dict[str, dict[int, Match]] = {}
    for match in scanned(misses=misses)[1].matches:
        found.setdefault(match.rule.id, {})[match.line] = match
    return found


def test_packs_are_only_where_they_are_looked_for() -> None:
    assert sorted(patterns_folder().rglob("*.toml")) == [path for path, _ in packs()] != []


def test_the_lint_of_all_packs_finds_nothing() -> None:
    assert lint(list(packs())) == []


def test_no_rule_id_is_given_twice() -> None:
    ids = [rule.id for rule in shipped().rules]
    assert len(set(ids)) == len(ids) > 300


def test_no_rule_is_dropped_on_a_long_log() -> None:
    assert scanned()[1].dropped == 0
    assert scanned()[1].log.dialect.name == "github"


@pytest.mark.parametrize("tool", sorted({rule.tool for rule in shipped().rules}))
def test_every_hit_is_found_in_a_runners_coloured_log(tool: str) -> None:
    lost = [
        f"{shown.rule.id}: {shown.text}"
        for shown in scanned()[0]
        if shown.rule.tool == tool
        and not any(line in matched().get(shown.rule.id, {}) for line in range(shown.first, shown.last + 1))
    ]
    assert lost == []


def alone(rule: Rule, text: str) -> dict[str, str]:
    """What the block of a hit gives in a log that holds nothing else."""
    lines = [*text.split("\n"), *[""] * 3, *rule.requires[:1]]
    scan = scanner().scan("log", Pages(io.BytesIO("".join(f"{STAMP}{line}\n" for line in lines).encode())))
    match = next((match for match in scan.matches if match.rule.id == rule.id), None)
    return extent_of(scan.log, match).captures if match else {}


@pytest.mark.parametrize("tool", sorted({rule.tool for rule in shipped().rules}))
def test_the_blocks_of_the_hits_give_the_promised_values(tool: str) -> None:
    wrong = []
    for rule, text, captures in samples():
        if rule.tool == tool and captures:
            values = alone(rule, text)
            wrong += [
                f"{rule.id}: {name} is {values.get(name)!r}, not {value!r}"
                for name, value in captures.items()
                if values.get(name) != value
            ]
    assert wrong == []


@pytest.mark.parametrize("tool", sorted({rule.tool for rule in shipped().rules}))
def test_no_miss_is_found(tool: str) -> None:
    wrong = [
        f"{shown.rule.id}: {shown.text}"
        for shown in scanned(misses=True)[0]
        if shown.rule.tool == tool
        and any(line in matched(misses=True).get(shown.rule.id, {}) for line in range(shown.first, shown.last + 1))
    ]
    assert wrong == []


@pytest.mark.parametrize("misses", [False, True])
def test_both_gates_find_the_same(*, misses: bool) -> None:
    pytest.importorskip("hyperscan")
    assert isinstance(build_gate([(b"x", False)])[0], VectorGate)
    plain = scanned(misses=misses, plain=True)[1]
    fast = scanned(misses=misses)[1]
    assert [(match.line, match.rule.id, dict(match.captures)) for match in plain.matches] == [
        (match.line, match.rule.id, dict(match.captures)) for match in fast.matches
    ]
    assert plain.words == fast.words
    assert plain.log.marks == fast.log.marks


def test_both_engines_find_the_same_on_every_sample() -> None:
    pytest.importorskip("re2")
    wrong = []
    for rule, text, _ in [*samples(), *samples(misses=True)]:
        expressions = [(rule.expression, rule.caseless), *((capture.expression, False) for capture in rule.captures)]
        expressions += [
            (each, False) for each in (rule.block.before_until, rule.block.after_until, rule.block.after_while) if each
        ]
        for expression, caseless in expressions:
            for line in text.split("\n"):
                short, long = (engine(expression, caseless).search(line) for engine in (engines._fast, engines._linear))
                if (short and short.groupdict()) != (long and long.groupdict()):
                    wrong.append(f"{rule.id}: {expression} on {line}")
    assert wrong == []


PIECES = (
    "a",
    " ",
    "a ",
    "1",
    "1.",
    "/a",
    "-",
    "=",
    "_",
    "::a",
    "a.b",
    "a:",
    "(a",
    "a)",
    "'a",
    '"a" ',
    "[a",
    "a,",
    "A1",
    "./",
    "x 1 ",
)


def test_no_line_holds_up_a_rule() -> None:
    """A line that almost matches is answered: an expression that tries every way to share it among repeats would not return."""
    for rule in shipped().rules:
        for literal in rule.literals[:2]:
            for piece in PIECES:
                for line in (f"{literal}{piece * 400}"[: engines.SHORT], f"{piece * 400}"[:300] + literal + "\0"):
                    engines.search(rule.expression, line, caseless=rule.caseless)
                    for capture in rule.captures:
                        engines.search(capture.expression, line)


def test_a_title_names_what_its_hits_give() -> None:
    """Of every rule, at least one hit fills all the places of its title, or the title would never read as it was written."""
    lacking: dict[str, set[str]] = {}
    for rule, text, _ in samples():
        places = set(re.findall(r"\{(\w+)\}", rule.title))
        if places and lacking.get(rule.id) != set():
            values = alone(rule, text)
            lacking[rule.id] = {place for place in places if not values.get(place)}
    assert {rule: missing for rule, missing in lacking.items() if missing} == {}


def overlaps() -> list[str]:
    """Each cause rule of one tool whose first telling line is also, with a higher weight, that of another tool's cause rule."""
    by_line: dict[int, list[Match]] = {}
    for match in scanned()[1].matches:
        if match.rule.kind == "cause":
            by_line.setdefault(match.line, []).append(match)
    found: set[str] = set()
    for shown in scanned()[0]:
        if shown.rule.kind != "cause":
            continue
        line = next(
            (line for line in range(shown.first, shown.last + 1) if line in matched().get(shown.rule.id, {})), 0
        )
        found.update(
            f"{shown.rule.id} < {other.rule.id}"
            for other in by_line.get(line, ())
            if other.rule.tool != shown.rule.tool
            and other.rule.weight > shown.rule.weight
            and _in_its_context(other.rule, shown.text)
        )
    return sorted(found)


def _in_its_context(rule: Rule, text: str) -> bool:
    """Tell whether a sample alone satisfies what another rule requires of the log."""
    return not rule.requires or any(literal in text for literal in rule.requires)


def test_no_rule_is_outweighed_by_a_strangers_unless_it_is_accepted() -> None:
    accepted = [line.partition("#")[0].strip() for line in OVERLAPS.read_text(encoding="utf-8").splitlines()]
    assert overlaps() == sorted(line for line in accepted if line)
