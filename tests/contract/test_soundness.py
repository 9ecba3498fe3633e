"""Whatever form a tool's line comes in, the scan finds what brute force finds: the gate loses nothing, nor does the framing.

Brute force tries every rule's expression on every line; it knows no literals, no pages and no gate.
"""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

from diagnose.logs.decode import strip_colours
from diagnose.logs.dialects import detect
from diagnose.logs.nested import said
from diagnose.scan.expression import search
from diagnose.scan.gate import PlainGate
from diagnose.scan.pack import read_all
from diagnose.scan.rulebase import patterns_folder
from diagnose.scan.scanner import PER_RULE, Scanner
from tests.support.reading import STAMP, pages_of, scanner, shipped

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY: Final = (
    6  # where that takes long, every so many lines: brute force tries all expressions on each text that it has not seen
)
CHANGED: Final = ("indented", "as bytes that are no text")


@cache
def sample_lines() -> tuple[str, ...]:
    """Every line of every hit of the shipped packs, once."""
    packs, problems = read_all(patterns_folder())
    assert problems == []
    texts = (hit if isinstance(hit, str) else hit.text for _, pack in packs for rule in pack.rule for hit in rule.hits)
    return tuple(dict.fromkeys(line for text in texts for line in text.split("\n") if line.strip()))


def coloured(line: str, number: int) -> str:
    """Colours where tools put them: round a line, within a word, with a link."""
    half = len(line) // 2
    forms = (
        f"\x1b[1;31m{line}\x1b[0m",
        f"{line[:half]}\x1b[31m{line[half:]}\x1b[m\x1b[K",
        f"\x1b]8;;https://example.org\x07{line}\x1b]8;;\x07",
        f"\x1b[38;5;196m{line}\x1b[39m",
    )
    return forms[number % len(forms)]


FORMS: Final[dict[str, Callable[[str, int], str]]] = {
    "as is": lambda line, _: line,
    "coloured": coloured,
    "timestamped": lambda line, _: f"{STAMP}{line}",
    "timestamped and coloured": lambda line, number: f"{STAMP}{coloured(line, number)}",
    "with the prefix of a saved log": lambda line, _: f"build\tRun tests\t{STAMP}{line}",
    "behind what was overwritten": lambda line, number: (
        f"{number} %\r{line}" if number % 2 else f"downloading ...\r\x1b[K{line}"
    ),
    "with carriage returns": lambda line, _: f"{line}\r",
    "indented": lambda line, number: " " * (2 + number % 3) + line,
    "as bytes that are no text": lambda line, number: f"{line} \udcff\udcfe" if number % 3 else line,
}


def log_of(form: str, lines: tuple[str, ...]) -> bytes:
    text = "\n".join(FORMS[form](line, number) for number, line in enumerate(lines)) + "\n"
    context = "\n".join(sorted({literal for rule in shipped().rules for literal in rule.requires}))
    return (text + context + "\n").encode("utf-8", "surrogateescape")


@cache
def fitting(text: str) -> frozenset[str]:
    """Every rule whose expression is found on a line."""
    return frozenset(
        rule.id
        for rule in shipped().rules
        if search(rule.expression, text, caseless=rule.caseless, linear=rule.foreign) is not None
    )


def brute_force(data: bytes) -> set[tuple[int, str]]:
    """Every rule on every line, without the gate: (line, rule)."""
    pages = pages_of(data)
    dialect = detect(*pages.ends())
    lines = enumerate(data.split(b"\n"), 1)
    found = {(number, identity) for number, raw in lines for identity in fitting(said(dialect, strip_colours(raw)))}
    counts = Counter(identity for _, identity in found)
    assert max(counts.values(), default=0) < PER_RULE
    return found


@cache
def plain_scanner() -> Scanner:
    """One of its own: its gates are built without Vectorscan."""
    return Scanner(shipped())


@cache
def expected(form: str, *, few: bool) -> tuple[bytes, set[tuple[int, str]]]:
    """A log of sample lines in a form, and what brute force finds in it."""
    data = log_of(form, sample_lines()[:: EVERY if few or form in CHANGED else 1])
    return data, brute_force(data)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("plain", [False, True])
def test_the_scan_loses_nothing_against_brute_force(form: str, monkeypatch: pytest.MonkeyPatch, *, plain: bool) -> None:
    if plain:
        monkeypatch.setitem(
            sys.modules, "hyperscan", None
        )  # its gate is far slower where every line holds a literal: few lines
    else:
        pytest.importorskip("hyperscan")
    data, wanted = expected(form, few=plain)
    used = plain_scanner() if plain else scanner()
    mutes = {muted for rule in shipped().rules for muted in rule.mutes}
    got = {(match.line, match.rule.id) for match in used.scan("log", pages_of(data)).matches}
    within = {rule.id for rule in shipped().rules if rule.within}
    owned = {line for line, identity in got if identity in within}
    assert (
        sorted(
            (line, identity) for line, identity in wanted - got if identity not in mutes | within and line not in owned
        )
        == []
    )
    assert got - wanted == set()
    assert len(got) > 200
    assert {type(gate) for gate in used._gates.values()} == {PlainGate} or not plain
