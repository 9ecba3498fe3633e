"""How each CI system writes its logs: one file a dialect, found here by its module alone.

To add one: a module in this folder that defines `DIALECT`, an object as `diagnose.logs.dialect.Dialect` says, and a sample
in tests/logs/samples.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnose.logs.dialect import Dialect


@lru_cache(maxsize=1)
def dialects() -> tuple[Dialect, ...]:
    """Give all dialects, by name; `plain` knows every log a little and is among them."""
    found = [import_module(f"{__name__}.{module.name}").DIALECT for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda dialect: dialect.name))


def detect(head: bytes, tail: bytes) -> Dialect:
    """Find the dialect with the most signature lines in the first and last 200 lines of a log; never by one line alone."""
    first = head.split(b"\n")[:200]
    last = tail.split(b"\n")[-200:]
    lines = first + last
    votes = [(dialect.votes(lines), dialect.name, dialect) for dialect in dialects()]
    return max(votes, key=lambda vote: vote[:2])[2]
