"""Values of the store's columns: what is written fits in, and what is read is what it should be."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, TypeVar

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from datetime import datetime

W = TypeVar("W", bound=str)

FIELD_CAP: Final = 2000
"""Characters of one text field that are kept and shown."""

_STAMP = regex(r"\d{4}-\d{2}-\d{2}[0-9T:.+Z-]{0,30}")


def plain(value: str, most: int = FIELD_CAP) -> str:
    """Return text that a column can hold: at most `most` characters, no lone surrogates."""
    return value[:most].encode("utf-8", "replace").decode()


def text(value: object) -> str:
    """Read a text column, at most FIELD_CAP characters of it a line."""
    return value[: FIELD_CAP * 4] if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """Read a number that can be one of ours: finite and not negative."""
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e12 else None  # noqa: PLR2004 - NaN and infinity fail it


def whole(value: object) -> int:
    """Read a count, 0 when it is none."""
    return int(number(value) or 0)


def share(value: object) -> float | None:
    """Read a part of one, 0..1."""
    found = number(value)
    return None if found is None or found > 1 else found


def one_of(value: object, allowed: tuple[W, ...]) -> W:
    """Read a word of a closed vocabulary, its first when it is none of them."""
    return next((word for word in allowed if word == value), allowed[0])


def stamp(value: object) -> str:
    """Read a point in time, "" when it is none."""
    return value if isinstance(value, str) and _STAMP.fullmatch(value) else ""


def stamped(at: datetime) -> str:
    """Write a point in time as the store holds it: UTC, so that its order is the order of texts."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
