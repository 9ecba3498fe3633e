"""What stands before a message and is not part of it: timestamps, levels, the gutter of a test runner."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

PREFIXES: Final[tuple[tuple[str, str, str], ...]] = (
    (
        r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?: ?Z| ?[+-]\d{2}:?\d{2})?[ \]:]*",
        "2026-11-20T12:45:05.1234567Z lost",
        "lost",
    ),
    (r"\[?\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\]?:?\s+", "[12:45:05] lost", "lost"),
    (r"##\[(?:error|warning|debug|group|command)\]", "##[error]lost", "lost"),
    (r"\[(?i:error|err|warn|warning|info|fatal)\]:?\s*", "[ERROR] lost", "lost"),
    (r"E\s{2,}(?:\|\s*)?", "E   lost", "lost"),
    (r"[|>│]\s+", "| lost", "lost"),
)
"""Rows of (RE2-safe expression at the line's start, a line, what is left of it)."""

ROUNDS: Final = 4
"""Prefixes stand behind each other (`timestamp ##[error]`), not without end."""


def strip_prefix(line: str) -> str:
    """Return `line` without surrounding space and without the prefixes of PREFIXES, ROUNDS of them at most."""
    text = line.strip()
    for _ in range(ROUNDS):
        found = _compiled().match(text)
        if found is None:
            break
        text = text[found.end() :].lstrip()
    return text


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile("|".join(row[0] for row in PREFIXES), re.ASCII)
