"""Which literals an expression requires: the proof that the gate in front of it loses nothing."""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST: Final = 512
_SMALL_CLASS: Final = 4
_GAP = "\0"  # stands for text that is not known; no literal holds it


def required(expression: str, literals: tuple[str, ...], *, caseless: bool = False) -> bool:
    """Tell whether every line that `expression` matches holds at least one of `literals`."""
    tree = _parser.parse(expression, re.ASCII)
    fold = str.lower if caseless else str
    wanted = [fold(literal) for literal in literals]
    return all(any(literal in fold(word) for literal in wanted) for word in _words(tree))


def _words(tree: Any) -> list[str]:
    words = [""]
    for op, argument in tree:
        options = _options(op, argument)
        if len(words) * len(options) > _MOST:
            options = [_GAP]
        words = [word + option for word in words for option in options]
    return words


def _options(op: Any, argument: Any) -> list[str]:
    make = _OPTIONS.get(op)
    return make(argument) if make else [_GAP]


def _class(items: Any) -> list[str]:
    if len(items) <= _SMALL_CLASS and all(op is sre.LITERAL for op, _ in items):
        return [chr(code) for _, code in items]
    return [_GAP]


def _repeat(low: int, high: Any, tree: Any) -> list[str]:
    inner = _words(tree)
    if low == 0:
        # "x?" is "x" or nothing; "x*" is nothing, or something unknown
        return [*inner, ""] if high == 1 else [_GAP]
    more = _GAP if high != low else ""
    if len(inner) == 1:
        return [inner[0] * min(low, 40) + more]
    return [word + (more if low == 1 else _GAP) for word in inner]


_OPTIONS: Final[dict[Any, Callable[[Any], list[str]]]] = {
    sre.LITERAL: lambda code: [chr(code)],
    sre.AT: lambda _: [""],
    sre.IN: _class,
    sre.SUBPATTERN: lambda group: _words(group[-1]),
    sre.BRANCH: lambda branch: [word for way in branch[1] for word in _words(way)],
    sre.MAX_REPEAT: lambda repeat: _repeat(*repeat),
    sre.MIN_REPEAT: lambda repeat: _repeat(*repeat),
}
