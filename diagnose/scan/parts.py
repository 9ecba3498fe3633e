r"""The parts of an expression: where it can be cut and still be one, as source text.

`^bad: (?P<n>\w+)$` has the parts `^`, `b`, `a`, `d`, `:`, ` `, `(?P<n>\w+)`, `$`: what stands one behind the other at its top.
Only expressions that both engines take are cut (no look-around, no back-references, no verbose mode).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from diagnose.kit.regex import regex

_FLAGS: Final = regex(r"\(\?[a-zA-Z]+\)")
_REPEAT: Final = regex(r"(?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})[?+]?")
_ESCAPE: Final = regex(
    r"\\(?:x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|[0-7]{3}|u[0-9A-Fa-f]{4}|[pP](?:\{\^?\w+\}|\w)|.)", re.DOTALL
)
_CLASS: Final = regex(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
_OPENING: Final = regex(r"\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?")


class Part(NamedTuple):
    """source: with its repeat. opening, inner: of a group, "(?:" and what stands in it; "" for others. repeat: "" for once."""

    source: str
    opening: str = ""
    inner: str = ""
    repeat: str = ""


def flags_of(expression: str) -> tuple[str, str]:
    """Part an expression into the flags for all of it, "(?i)" or "", and the rest."""
    found = _FLAGS.match(expression)
    return (found[0], expression[found.end() :]) if found else ("", expression)


def ways_of(expression: str) -> list[list[Part]]:
    """Give the parts of each way through an expression without flags: one, or as many as `|` parts it into at its top.

    An expression that is not one (a class or group that does not end) gives its rest as one last part.
    """
    ways: list[list[Part]] = [[]]
    place = 0
    while place < len(expression):
        if expression[place] == "|":
            ways.append([])
            place += 1
            continue
        end, opening, inner = _atom(expression, place)
        repeat = _REPEAT.match(expression, end)
        stop = repeat.end() if repeat else end
        ways[-1].append(Part(expression[place:stop], opening, inner, repeat[0] if repeat else ""))
        place = stop
    return ways


def _atom(expression: str, place: int) -> tuple[int, str, str]:
    letter = expression[place]
    if letter == "(":
        found = _OPENING.match(expression, place)
        body = found.end() if found else place + 1
        close = _close(expression, body)
        return min(close + 1, len(expression)), expression[place:body], expression[body:close]
    known = {"\\": _ESCAPE, "[": _CLASS}.get(letter)
    if known is None:
        return place + 1, "", ""
    found = known.match(expression, place)
    return (found.end() if found else len(expression)), "", ""


def _close(expression: str, place: int) -> int:
    """Find the bracket that ends the group whose body begins at `place`; the end of the expression when none does."""
    depth = 0
    while place < len(expression):
        letter = expression[place]
        if letter == ")":
            if not depth:
                return place
            depth -= 1
        depth += letter == "("
        skip = {"\\": _ESCAPE, "[": _CLASS}.get(letter)
        found = skip.match(expression, place) if skip else None
        place = found.end() if found else place + 1
    return place


def literal(part: Part) -> str:
    """The text that a part stands for where it is one letter, once; else ""."""
    if part.repeat or part.opening:
        return ""
    source = part.source
    if len(source) == 1:
        return "" if source in "^$." else source
    return source[1] if len(source) == 2 and source[0] == "\\" and not source[1].isalnum() else ""  # noqa: PLR2004 - an escaped letter
