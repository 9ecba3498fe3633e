r"""Expressions: RE2 where it is installed and worth it, `re` on short lines.

Measured: on a line of 100 characters `re` answers in 0.3 microseconds and RE2 in 6; on one of 16,000 `re` may need 0.8 s.
So shipped rules run on `re` up to SHORT characters and on RE2 beyond. A repeat within a repeat may need longer than anybody waits
on a line of 40 characters, so such an expression always runs on RE2, and so does all that a user's pack holds. `re.ASCII` gives both the same meaning of \\w, \\d, \\s.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHORT: Final = 400
WINDOW: Final = 4096
_FEW: Final = 3  # so many more or fewer times cost nothing
_REPEATS: Final = (sre.MAX_REPEAT, sre.MIN_REPEAT)
CUT: Final = "\u2026"
_REPEATED_GROUP: Final = regex(r"\)\s*[*+{]")


def _load_re2() -> Any:
    try:
        import re2
    except ImportError:  # no wheel for this platform
        return None
    return re2


@lru_cache(maxsize=4096)
def _fast(expression: str, caseless: bool) -> re.Pattern[str]:  # noqa: FBT001 - a cache key
    return re.compile(expression, re.ASCII | (re.IGNORECASE if caseless else 0))


@lru_cache(maxsize=4096)
def _linear(expression: str, caseless: bool) -> Any:  # noqa: FBT001 - a cache key
    re2 = _load_re2()
    if re2 is None:
        return None
    options = re2.Options()
    options.case_sensitive = not caseless
    options.log_errors = False
    return re2.compile(expression, options)


def problem(expression: str) -> str:
    """Say why `expression` is not one that both engines take, or ""."""
    try:
        re.compile(expression, re.ASCII)
    except re.error as error:
        return f"not an expression: {error}"
    re2 = _load_re2()
    if re2 is None:
        return ""
    try:
        _linear(expression, False)  # noqa: FBT003 - a cache key
    except re2.error as error:
        return f"not RE2: {error}"
    return ""


@lru_cache(maxsize=4096)
def nested(expression: str) -> bool:
    """Tell whether a repeat stands within a repeat: `re` may try every way to share a line among them."""
    if _REPEATED_GROUP.search(expression) is None:
        return False  # parsing takes as long as compiling: most expressions are spared it
    return _nested(_parser.parse(expression, re.ASCII), inside=False)


def _nested(tree: Any, *, inside: bool) -> bool:
    for op, argument in tree:
        if op in _REPEATS:
            low, high, inner = argument
            varies = high == sre.MAXREPEAT or high - low > _FEW
            if (varies and inside) or _nested(inner, inside=inside or varies):
                return True
        elif op is sre.SUBPATTERN:
            if _nested(argument[-1], inside=inside):
                return True
        elif op is sre.BRANCH and any(_nested(way, inside=inside) for way in argument[1]):
            return True
    return False


@lru_cache(maxsize=4096)
def _for_short(expression: str, caseless: bool) -> Any:  # noqa: FBT001 - a cache key
    return (_linear(expression, caseless) if nested(expression) else None) or _fast(expression, caseless)


def searcher(expression: str, *, caseless: bool = False, linear: bool = False) -> Callable[[str], Any]:
    """Give what `search` uses on a line of up to SHORT characters, without its ado: a match or None."""
    pattern = (_linear(expression, caseless) if linear else None) or _for_short(expression, caseless)
    found: Callable[[str], Any] = pattern.search
    return found


def groups(found: Any) -> Mapping[str, str]:
    """The named groups of a match that took part."""
    return {name: value for name, value in found.groupdict().items() if value is not None}


def search(
    expression: str, text: str, *, caseless: bool = False, near: int = 0, linear: bool = False
) -> Mapping[str, str] | None:
    """Search one line (no newline in it); the named groups that took part, or None.

    near: where on the line a literal stood; on a very long line only WINDOW characters round it are looked at, with CUT for
    what is left out, so that no expression takes the window's edge for the line's. linear: RE2 alone, whatever the length.
    """
    if len(text) > WINDOW:
        text = _window(text, near)
    if linear or len(text) > SHORT:
        pattern = _linear(expression, caseless) or _fast(expression, caseless)
    else:
        pattern = _for_short(expression, caseless)
    found = pattern.search(text)
    return None if found is None else groups(found)


def _window(text: str, near: int) -> str:
    start = max(0, min(near - WINDOW // 2, len(text) - WINDOW))
    stop = start + WINDOW
    return (CUT if start else "") + text[start:stop] + (CUT if stop < len(text) else "")


def matches(expression: str, text: str, *, linear: bool = False) -> bool:
    """Tell whether `expression` is found on the line."""
    return search(expression, text, linear=linear) is not None
