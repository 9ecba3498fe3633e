"""Hits to blocks: how far a failure extends round the line that tells, and what is captured on its other lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.scan.expression import matches, search
from diagnose.scan.stacks import is_frame, is_inner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.logs.log import Line, Log
    from diagnose.scan.rule import Block, Capture
    from diagnose.scan.scanner import Match

STRUCTURE_MOST: Final = 6
STACK_MOST: Final = 60
_QUOTED_MOST: Final = 2
_ECHO: Final = regex(r"##\[|\+{1,6} [\w./\[]|\$ ")
_CAUSED: Final = regex(
    r"\s*(?:\[\w+\]\s+)?(?:\[?caused? ?by\b.*|\[(?:cause|errors)\]: .*|Suppressed: .*|Next [\w\\]+: .*|Wrapped by: .*| ---> .*)",
    re.IGNORECASE,
)
JOINT: Final = " \u203a "
_LONGEST_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class Extent:
    """A block: lines first..last with the telling line in it, and every value captured."""

    first: int
    line: int
    last: int
    captures: dict[str, str]


def extent_of(log: Log, match: Match) -> Extent:
    """Extend a rule's hit as the rule says."""
    block, linear = match.rule.block, match.rule.foreign
    reach_up = max([block.before, *(c.most for c in match.rule.captures if c.where == "above")])
    reach_down = max([block.after, *(c.most for c in match.rule.captures if c.where == "below")])
    lines = (
        log.lines(match.line - reach_up, match.line + reach_down)
        if reach_up or reach_down
        else log.lines(match.line, match.line)
    )
    at = next((index for index, line in enumerate(lines) if line.number == match.line), 0)
    above, below = lines[:at], lines[at + 1 :]
    first = match.line - _before(block, above, linear=linear)
    last = match.line + _after(block, match.text, [line.text for line in below], linear=linear)
    captures = dict(match.captures)
    inside = [line for line in lines if first <= line.number <= last]
    for capture in match.rule.captures:
        reach = [line.text for line in _reach(capture, inside, above, below)]
        captures = {**read(capture.expression, reach, capture.joined_until, linear=linear), **captures}
    return Extent(first, match.line, last, captures)


def named_by(log: Log, match: Match) -> list[str]:
    """Every test that a hit names: in its line, above or below it, and on each line of its block that a block capture matches."""
    extent = extent_of(log, match)
    names = [extent.captures.get("test", "")]
    for capture in match.rule.captures:
        if capture.where == "block":
            found = (
                search(capture.expression, line.text, linear=match.rule.foreign)
                for line in log.lines(extent.first, extent.last)
            )
            names += [one["test"] for one in found if one and "test" in one]
    return [name for each in names if (name := each.strip())]


def read(expression: str, lines: Iterable[str], joined_until: str = "", *, linear: bool) -> dict[str, str]:
    """Read the groups of the first line that matches; with `joined_until` (lines nearest first) of all up to one that matches it."""
    parts: list[dict[str, str]] = []
    for line in lines:
        found = search(expression, line, linear=linear)
        if found:
            parts.append(dict(found))
            if not joined_until:
                break
            if matches(joined_until, line, linear=linear):
                return {name: JOINT.join(part[name] for part in reversed(parts) if name in part) for name in found}
        elif parts:
            break
    return parts[0] if parts else {}


def _reach(capture: Capture, inside: list[Line], above: list[Line], below: list[Line]) -> Iterable[Line]:
    if capture.where == "above":
        return reversed(above[-capture.most :])
    if capture.where == "below":
        return below[: capture.most]
    return inside


def _before(block: Block, above: list[Line], *, linear: bool) -> int:
    if not block.before:
        return 0
    near = above[-block.before :]
    if not block.before_until:
        return len(near)
    for distance, line in enumerate(reversed(near), 1):
        if matches(block.before_until, line.text, linear=linear):
            return distance
    return 0


def _after(block: Block, telling: str, below: list[str], *, linear: bool) -> int:
    indent = _indent(telling)
    blanks = 0
    taken = 0
    for distance, text in enumerate(below[: block.after], 1):
        if not text.strip():
            blanks += 1
            if block.blank and blanks >= block.blank:
                break
            continue
        blanks = 0
        if block.after_until and matches(block.after_until, text, linear=linear):
            break
        if block.after_while and not matches(block.after_while, text, linear=linear):
            break
        if block.indented and _indent(text) <= indent:
            break
        taken = distance
    return taken


def reach_of(match: Match, following: list[str]) -> int:
    """Count the lines of `following`, those behind the telling line, that belong to a hit's block."""
    block = match.rule.block
    return _after(block, match.text, following[: block.after], linear=match.rule.foreign)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def structure_extent(log: Log, number: int, last: int) -> Extent:
    """Extend a line that no rule knows: down to a blank line, a dedent or STRUCTURE_MOST lines, up to where its stack begins.

    Frames and quoted source belong to it however many they are, also behind one blank line, and above it where none stand below.
    """
    lines = log.lines(max(1, number - STACK_MOST), min(last, number + STACK_MOST))
    at = next((index for index, line in enumerate(lines) if line.number == number), 0)
    below = [line.text for line in lines[at + 1 :]]
    taken = _below(lines[at].text if lines else "", below)
    inner = any(is_frame(text) for text in below[:taken])
    return Extent(
        number - (0 if inner else _stack_above([line.text for line in lines[:at]])), number, number + taken, {}
    )


def with_stack(log: Log, extent: Extent) -> Extent:
    """Extend a block by the stack that follows it, with the causes that the runtime tells below it."""
    taken = 0
    for distance, line in enumerate(log.lines(extent.last + 1, extent.last + STACK_MOST), 1):
        if is_frame(line.text) or _CAUSED.match(line.text):
            taken = distance
        elif line.text.strip() and not is_inner(line.text):
            break
    return replace(extent, last=extent.last + taken)


def _below(telling: str, below: list[str]) -> int:
    indent = _indent(telling)
    plain = taken = 0
    for distance, text in enumerate(below, 1):
        inner = is_inner(text)
        if not text.strip():
            if not is_inner("".join(below[distance : distance + 1])):
                break
            continue
        if (not inner and (_indent(text) < indent or plain >= STRUCTURE_MOST)) or _ECHO.match(text):
            break
        plain += not inner
        taken = distance
    return taken


def _stack_above(above: list[str]) -> int:
    """Count the lines of the stack that ends just above: frames, each with the source that it quotes."""
    taken = 0
    for distance, text in enumerate(reversed(above), 1):
        if is_frame(text):
            taken = distance
        elif distance - taken > _QUOTED_MOST or not text.strip() or not (text[0].isspace() or is_inner(text)):
            break
    return taken
