"""What is refused in a pack, each with the reason. A rule that passes is one whose samples bear it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.scan.blocks import read
from diagnose.scan.expression import problem, search
from diagnose.scan.literals import required
from diagnose.scan.rule import CAPTURES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diagnose.scan.pack import PackTable, RuleTable, Sample

_PLACE: Final = regex(r"\{(\w*)\}")
_SHORTEST: Final = 2
_ON_NO_LINE: Final = frozenset("\0\n\r")
_NEEDS_REMEDY: Final = ("cause",)
# What logs are full of. A literal that stands there sends every such line to the expressions: a log of 200 MB then takes minutes.
_TIMESTAMP: Final = "0000-00-00T00:00:00.0000000Z "
_DIGITS: Final = str.maketrans("123456789", "000000000")
_ORDINARY: Final = (
    "tests/unit/test_router.py::test_router_12 PASSED                       [ 42%]",
    "Downloading https://repo.example.org/maven2/org/router/router-core/1.2/router-core-1.2.jar (312 kB at 1.4 MB/s)",
    "[INFO] Compiling 12 source files to /home/runner/work/router/router/target/classes",
    "   Compiling router-macros v0.1.2",
    "  CC      build/router/router_1.o",
    "[ 42%] Building CXX object src/router/CMakeFiles/router.dir/router_1.cpp.o",
    "ok  \tgithub.com/example/router/pkg/router1\t0.123s",
    "npm http fetch GET 200 https://registry.example.org/router 31ms (cache hit)",
    "\N{CHECK MARK} renders the router list with 3 rows (12 ms)",
    "Get:3 http://archive.example.org/ubuntu jammy-updates/main amd64 librouter amd64 1.2.3 [23.4 kB]",
    "chunk {12} router.12.js (main) 1.2 KiB [initial] [rendered]",
    "DEBUG router.worker-1 handled request 12 in 3 ms",
    "Requirement already satisfied: Router>=1.2 in ./.venv/lib/python3.12/site-packages (from -r requirements.txt (line 3))",
)


def lint(packs: list[tuple[Path, PackTable]]) -> list[str]:
    """Every fault of the packs, one sentence each, beginning with file and rule; [] when all is well."""
    faults: list[str] = []
    ids: dict[str, Path] = {}
    for path, pack in packs:
        if path.stem != pack.tool:
            faults.append(f"{path}: the file is named {path.stem} and the tool {pack.tool}")
        for rule in pack.rule:
            name = f"{pack.tool}/{rule.id}"
            if name in ids:
                faults.append(f"{path}: {name}: this id is taken by {ids[name]}")
            ids[name] = path
            faults.extend(f"{path}: {name}: {fault}" for fault in _faults(rule))
    faults.extend(_unknown_references(packs, ids))
    return faults


def _faults(rule: RuleTable) -> Iterator[str]:
    expressions = [rule.expression, rule.block.before_until, rule.block.after_until, rule.block.after_while]
    expressions += [expression for capture in rule.capture for expression in (capture.expression, capture.joined_until)]
    expressions += [each.when for each in rule.advice]
    bad = [reason for expression in expressions if expression and (reason := problem(expression))]
    if bad:
        yield from bad
        return
    if not required(rule.expression, tuple(rule.literals), caseless=rule.caseless):
        yield f"the expression can match a line that holds none of {rule.literals}: the gate would lose it"
    groups = {name for expression in expressions for name in re.compile(expression, re.ASCII).groupindex}
    yield from (f"unknown capture {name!r}" for name in sorted(groups - CAPTURES))
    yield from (
        f"{{{place}}} is not captured anywhere"
        for text in (
            rule.title,
            rule.remedy,
            *(command.run for command in rule.commands),
            *(each.remedy for each in rule.advice),
        )
        for place in _PLACE.findall(text)
        if place not in groups
    )
    broken = [literal for literal in rule.literals if not _ON_NO_LINE.isdisjoint(literal)]
    if broken:
        yield f"literals with NUL or an end of line stand on no line: {broken}"
    short = [literal for literal in rule.literals if len(literal.encode()) < _SHORTEST]
    if short:
        yield f"literals of one byte hit nearly every line: {short}"
    yield from (
        f"the literal {literal!r} stands on ordinary lines ({line.strip()}): take a longer one"
        for literal, line in _common(rule)
    )
    if rule.kind in _NEEDS_REMEDY and not rule.remedy:
        yield "a cause needs a remedy"
    if rule.kind == "silent" and rule.silent is None:
        yield "a silent rule names its silent kind"
    every = [told for told in (rule.minutes, *(each.minutes for each in rule.advice)) if told]
    if any(not 0 <= low <= likely <= high for low, likely, high in every):
        yield "minutes are [low, likely, high]"
    yield from _sample_faults(rule)


def _common(rule: RuleTable) -> Iterator[tuple[str, str]]:
    """Give the rule's literals that are found on lines of which logs are full, each with such a line."""
    fold = str.lower if rule.caseless else str
    for literal in rule.literals:
        word = fold(literal)
        if word.translate(_DIGITS) in fold(_TIMESTAMP):
            yield literal, _TIMESTAMP
        yield from ((literal, line) for line in _ORDINARY if word in fold(line))


def _sample_faults(rule: RuleTable) -> Iterator[str]:
    for index, hit in enumerate(rule.hits, 1):
        text = hit if isinstance(hit, str) else hit.text
        found = first_match(rule, text)
        if found is None:
            yield f"hit {index} does not match"
        elif not isinstance(hit, str):
            yield from _capture_faults(hit, found, index)
    texts = [hit if isinstance(hit, str) else hit.text for hit in rule.hits]
    lines = [line for text in texts for line in text.split("\n")]
    yield from (
        f"advice {index}: no line of a hit matches {each.when!r}"
        for index, each in enumerate(rule.advice, 1)
        if not any(search(each.when, line, linear=True) is not None for line in lines)
    )
    yield from (f"miss {index} matches" for index, text in enumerate(rule.misses, 1) if first_match(rule, text))


def _capture_faults(hit: Sample, found: dict[str, str], index: int) -> Iterator[str]:
    for name, value in hit.captures.items():
        if found.get(name) != value:
            yield f"hit {index}: {name} is {found.get(name)!r}, not {value!r}"


def first_match(rule: RuleTable, text: str) -> dict[str, str] | None:
    """Give the captures of the first line of a sample on which the rule fires (gate and expression), with its block's."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        fold = line.lower() if rule.caseless else line
        if not any((literal.lower() if rule.caseless else literal) in fold for literal in rule.literals):
            continue
        found = search(rule.expression, line, caseless=rule.caseless, linear=True)
        if found is None:
            continue
        values = dict(found)
        for capture in rule.capture:
            reach = {"above": reversed(lines[:index]), "below": lines[index + 1 :], "block": lines}[capture.where]
            values = {**read(capture.expression, reach, capture.joined_until, linear=True), **values}
        return values
    return None


def _unknown_references(packs: list[tuple[Path, PackTable]], ids: dict[str, Path]) -> Iterator[str]:
    tools = {pack.tool for _, pack in packs}
    for path, pack in packs:
        for rule in pack.rule:
            yield from (
                f"{path}: {pack.tool}/{rule.id}: mutes {name!r}, which is no rule of this pack"
                for name in rule.mutes
                if name not in ids or not name.startswith(f"{pack.tool}/")
            )
            yield from (
                f"{path}: {pack.tool}/{rule.id}: stands within {name!r}, which is no rule of this pack"
                for name in rule.within
                if name not in ids or not name.startswith(f"{pack.tool}/")
            )
            for name in (*rule.explains, *rule.follows):
                tool, slash, rest = name.partition("/")
                known = name == "*" or name in ids or (slash and rest == "*" and tool in tools)
                if not known:
                    yield f"{path}: {pack.tool}/{rule.id}: there is no rule {name!r}"
