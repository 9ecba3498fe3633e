"""How each CI system writes its logs: one file a dialect, found here by its module alone.

To add one: a module in this folder that defines `DIALECT`, an object as `diagnose.logs.dialect.Dialect` says, and a sample
in tests/logs/samples.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from diagnose.logs.dialect import Fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.dialect import Dialect

_ENDS: Final = 200
_LEAST: Final = 2
_PLAIN: Final = "plain"


@lru_cache(maxsize=1)
def dialects() -> tuple[Dialect, ...]:
    """Give all dialects, by name; `plain` knows every log a little and is among them."""
    found = [import_module(f"{__name__}.{module.name}").DIALECT for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda dialect: dialect.name))


def detect(head: bytes, tail: bytes = b"") -> Dialect:
    """Find the dialect with the most signature lines in the first and last 200 lines of a log, else `plain`.

    tail: what ends the log, as far as it is not in `head`. One line alone never tells, unless there is hardly another: tools
    print what other systems' markers look like, and people paste them.
    """
    lines = [*head.split(b"\n"), *(tail.split(b"\n") if tail else ())]
    if len(lines) > 2 * _ENDS:
        lines = lines[:_ENDS] + lines[-_ENDS:]
    ranked = sorted(
        ((dialect.votes(lines), dialect.name, dialect) for dialect in dialects()), key=lambda vote: (-vote[0], vote[1])
    )
    found = next(
        dialect for votes, _, dialect in ranked if dialect.name == _PLAIN or (votes and _enough(dialect, lines))
    )
    return found.fitted(lines) if isinstance(found, Fitting) else found


def _enough(dialect: Dialect, lines: Sequence[bytes]) -> bool:
    """Whether more than one line alone bears the signature, or half of a log that has so few."""
    said = [line for line in lines if line.strip()]
    bearing = 0
    for line in said:
        bearing += dialect.votes([line]) > 0
        if bearing >= _LEAST:
            return True
    return 2 * bearing >= max(1, len(said))
