"""What is refused in a pack, each with the reason. A rule that passes is one whose samples bear it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.scan.blocks import read
from diagnose.scan.expression import problem, search
from diagnose.scan.literals import required
from diagnose.scan.rule import CAPTURES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diagnose.scan.pack import PackTable, RuleTable, Sample

_PLACE: Final = re.compile(r"\{(\w*)\}")
_SHORTEST: Final = 2
_ON_NO_LINE: Final = frozenset("\0\n\r")
_NEEDS_REMEDY: Final = ("cause",)


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
        for text in (rule.title, rule.remedy, *(command.run for command in rule.commands))
        for place in _PLACE.findall(text)
        if place not in groups
    )
    broken = [literal for literal in rule.literals if not _ON_NO_LINE.isdisjoint(literal)]
    if broken:
        yield f"literals with NUL or an end of line stand on no line: {broken}"
    short = [literal for literal in rule.literals if len(literal.encode()) < _SHORTEST]
    if short:
        yield f"literals of one byte hit nearly every line: {short}"
    if rule.kind in _NEEDS_REMEDY and not rule.remedy:
        yield "a cause needs a remedy"
    if rule.kind == "silent" and rule.silent is None:
        yield "a silent rule names its silent kind"
    if rule.minutes and not 0 <= rule.minutes[0] <= rule.minutes[1] <= rule.minutes[2]:
        yield "minutes are [low, likely, high]"
    yield from _sample_faults(rule)


def _sample_faults(rule: RuleTable) -> Iterator[str]:
    for index, hit in enumerate(rule.hits, 1):
        text = hit if isinstance(hit, str) else hit.text
        found = first_match(rule, text)
        if found is None:
            yield f"hit {index} does not match"
        elif not isinstance(hit, str):
            yield from _capture_faults(hit, found, index)
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
            for name in (*rule.explains, *rule.follows):
                tool, slash, rest = name.partition("/")
                known = name == "*" or name in ids or (slash and rest == "*" and tool in tools)
                if not known:
                    yield f"{path}: {pack.tool}/{rule.id}: there is no rule {name!r}"
