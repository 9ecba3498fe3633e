"""The signs of the answer, each one cell wide, with their ASCII forms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Marks:
    """failed, unclear, passed, blocked: the state. tells: the line that tells. bar, broken: the gutter. dot, more: prose."""

    failed: str
    unclear: str
    passed: str
    blocked: str
    tells: str
    bar: str
    broken: str
    dot: str
    more: str


UNICODE: Final = Marks(
    failed="✗",
    unclear="!",
    passed="✓",
    blocked="■",
    tells="▸",
    bar="│",
    broken="↪",
    dot="·",
    more="…",
)
ASCII: Final = Marks(
    failed="x",
    unclear="!",
    passed="ok",
    blocked="#",
    tells=">",
    bar="|",
    broken="\\",
    dot="-",
    more="...",
)
SINGLE: Final = frozenset(getattr(UNICODE, field.name) for field in fields(Marks))
"""Signs that are known to take one cell; measuring them needs no table."""


def marks(*, ascii_only: bool) -> Marks:
    """Return the signs for a stream."""
    return ASCII if ascii_only else UNICODE
