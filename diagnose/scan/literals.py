"""Which literals an expression requires: the proof that the gate in front of it loses nothing."""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST: Final = 8192
_SMALL_CLASS: Final = 64
_MOST_TIMES: Final = 40
_GAP = "\0"  # stands for text that is not known; no literal holds it


def required(expression: str, literals: tuple[str, ...], *, caseless: bool = False) -> bool:
    """Tell whether every line that `expression` matches holds at least one of `literals`."""
    tree = _parser.parse(expression, re.ASCII)
    fold = str.lower if caseless else str
    wanted = [fold(literal) for literal in literals]
    free = bool(tree.state.flags & re.IGNORECASE)
    return all(any(literal in fold(word) for literal in wanted) for word in _words(tree, _Case(free, caseless)))


class _Case(NamedTuple):
    """free: the expression does not care for case here. folded: neither does the gate."""

    free: bool
    folded: bool

    def letter(self, code: int) -> str:
        known = self.folded or not self.free or chr(code).lower() == chr(code).upper()
        return chr(code) if known else _GAP


def _words(tree: Any, case: _Case) -> list[str]:
    words = [""]
    for op, argument in tree:
        make = _OPTIONS.get(op)
        options = make(argument, case) if make else [_GAP]
        if len(words) * len(options) > _MOST:
            options = [_GAP]
        words = [word + option for word in words for option in options]
    return words


def _group(argument: Any, case: _Case) -> list[str]:
    _, added, removed, tree = argument
    free = (case.free or bool(added & re.IGNORECASE)) and not removed & re.IGNORECASE
    return _words(tree, _Case(free, case.folded))


def _branch(argument: Any, case: _Case) -> list[str]:
    return [word for way in argument[1] for word in _words(way, case)]


def _class(items: Any, case: _Case) -> list[str]:
    """Give each character of a class that is small; one that is negated or holds a class by name is not known."""
    codes: list[int] = []
    for op, argument in items:
        if op is sre.LITERAL:
            codes.append(argument)
        elif op is sre.RANGE:
            codes += range(argument[0], min(argument[1], argument[0] + _SMALL_CLASS) + 1)
        else:
            return [_GAP]
    return [case.letter(code) for code in codes] if len(codes) <= _SMALL_CLASS else [_GAP]


def _repeat(argument: Any, case: _Case) -> list[str]:
    low, high, tree = argument
    inner = _words(tree, case)
    if low == 0:
        # "x?" is "x" or nothing; "x*" is nothing, or something unknown
        return [*inner, ""] if high == 1 else [_GAP]
    if len(inner) == 1:
        times = min(low, _MOST_TIMES)
        return [inner[0] * times + ("" if times == high else _GAP)]
    return [word + ("" if high == 1 else _GAP) for word in inner]


_OPTIONS: Final[dict[Any, Callable[[Any, _Case], list[str]]]] = {
    sre.LITERAL: lambda code, case: [case.letter(code)],
    sre.AT: lambda _, __: [""],
    sre.IN: _class,
    sre.SUBPATTERN: _group,
    sre.BRANCH: _branch,
    sre.MAX_REPEAT: _repeat,
    sre.MIN_REPEAT: _repeat,
}
