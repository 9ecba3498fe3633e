"""Whether a locked version is one that a manifest asks for. Three answers: yes, no, and None where it cannot be told for sure.

Only plain numbers are judged: what a pre-release or a branch's name satisfies differs by tool, and a false alarm costs more than a missed one.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from diagnose.kit.regex import regex

Style = Literal["npm", "cargo", "python", "poetry", "gem", "composer", "hex", "nuget"]
"""Whose grammar: what a bare `1.2` and a tilde mean differs."""

_NUMBERS: Final = regex(r"v?(\d{1,12}(?:\.\d{1,12}){0,5})")
_ONE: Final = regex(
    r"(\^|~>|~=|~|===|==|!=|>=|<=|>|<|=)?\s*v?(\d{1,12}(?:\.\d{1,12}){0,5})?(\.?[*xX](?:\.[*xX])*)?(?=[\s,]|$)"
)


def satisfied(version: str, wanted: str, style: Style) -> bool | None:
    """Tell whether `version` is within the range `wanted`."""
    number = _numbers(version)
    text = wanted.strip()
    if number is None or not text or len(text) > 200:  # noqa: PLR2004 - longer ones are not written by people
        return None
    answers = [_all(number, part, style) for part in re.split(r"\s*\|\|?\s*|\s+or\s+", text)]
    if None in answers:
        return None
    return True in answers


def _all(number: tuple[int, ...], text: str, style: Style) -> bool | None:
    """Judge comparators that must all hold, parted by commas, spaces or `and`."""
    text = re.sub(r"\s+and\s+", " ", text).strip()
    place, held = 0, True
    while place < len(text):
        found = _ONE.match(text, place)
        if found is None or found.end() == place or not (found[2] or found[3]):
            return None
        held = held and _holds(number, found[1] or "", _parts(found[2]), starred=bool(found[3]), style=style)
        place = found.end()
        while place < len(text) and text[place] in ", \t":
            place += 1
    return held if text else None


def _holds(number: tuple[int, ...], sign: str, bound: tuple[int, ...], *, starred: bool, style: Style) -> bool:
    if not bound:
        return True  # "*"
    if (starred and sign not in (">", ">=", "<", "<=")) or (
        sign in ("", "=") and style in ("npm", "cargo") and len(bound) < 3  # noqa: PLR2004 - major, minor, patch
    ):
        inside = number[: len(bound)] == bound if starred or style == "npm" or sign == "=" else _caret(number, bound)
        return inside != (sign == "!=")
    if sign == "" and style in ("cargo", "nuget"):
        return _caret(number, bound) if style == "cargo" else _compare(number, bound) >= 0
    if sign == "^":
        return _caret(number, bound)
    if sign in ("~", "~>", "~="):
        return _tilde(number, bound, sign, style)
    # npm and Cargo read `<=1.2` as up to the last 1.2.x, and `>1.2` as from 1.3 on
    short = sign in ("<=", ">") and (starred or style in ("npm", "cargo"))
    order = _compare(_padded(number, len(bound))[: len(bound)] if short else number, bound)
    return {
        "": order == 0,
        "=": order == 0,
        "==": order == 0,
        "===": order == 0,
        "!=": order != 0,
        ">=": order >= 0,
        "<=": order <= 0,
        ">": order > 0,
        "<": order < 0,
    }[sign]


def _caret(number: tuple[int, ...], bound: tuple[int, ...]) -> bool:
    """From the bound up to the next change of its first number that is not 0."""
    kept = next((place + 1 for place, part in enumerate(bound) if part), len(bound))
    return _compare(number, bound) >= 0 and _padded(number, kept)[:kept] == bound[:kept]


def _tilde(number: tuple[int, ...], bound: tuple[int, ...], sign: str, style: Style) -> bool:
    """Npm's and Cargo's `~1.2` keep the minor number; all others keep all but the last number written."""
    keeps_two = sign == "~" and style in ("npm", "cargo", "poetry")
    kept = min(2, len(bound)) if keeps_two else max(1, len(bound) - 1)
    return _compare(number, bound) >= 0 and _padded(number, kept)[:kept] == bound[:kept]


def _numbers(version: str) -> tuple[int, ...] | None:
    found = _NUMBERS.fullmatch(version.strip())
    return _parts(found[1]) if found else None


def _parts(text: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")) if text else ()


def _padded(number: tuple[int, ...], length: int) -> tuple[int, ...]:
    return number + (0,) * (length - len(number))


def _compare(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    length = max(len(one), len(other))
    left, right = _padded(one, length), _padded(other, length)
    return (left > right) - (left < right)
