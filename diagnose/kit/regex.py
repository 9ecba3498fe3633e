"""Expressions that are compiled when they are first used: a log needs a small part of those that the modules name.

Written at the top of a module, `regex(...)` stands where `re.compile(...)` would; within a function nothing is gained by it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    from re import Pattern


class _Regex:
    """Answers as the compiled pattern does, and keeps each of its methods that was asked for: from then on it costs nothing."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern  # others are put together from it: asking for it compiles nothing
        self._flags = flags
        self._compiled: Pattern[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        """Ask the pattern. Threads that come here at once compile the same twice, and either will do."""
        if name.startswith("_"):
            raise AttributeError(name)
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self._flags)
        value = getattr(self._compiled, name)
        setattr(self, name, value)
        return value

    def __repr__(self) -> str:
        return f"regex({self.pattern!r})"


def regex(pattern: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """Give what `re.compile(pattern, flags)` gives, compiled at its first use. tests/kit/test_regex.py compiles all there are."""
    return cast("Pattern[AnyStr]", _Regex(pattern, flags))
