"""What people said a pattern is not, as the store holds it. A refuted pair never matches again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import text
from diagnose.memory.index import SEP
from diagnose.memory.masks import LINE_CAP, mask
from diagnose.memory.signature import KEPT_LINES, Signature, digest

if TYPE_CHECKING:
    import sqlite3

REFUTED_READ: Final = 100
"""Newest refuted matches of a pattern that are looked at."""


def refuted_of(db: sqlite3.Connection, pattern: int) -> list[Signature]:
    """Return the failures that were said not to be the pattern of that key."""
    rows = db.execute(
        "SELECT f.hash, f.algo, f.line, (SELECT category FROM pattern WHERE key = f.pattern) FROM refuted f WHERE f.pattern = ? ORDER BY f.at DESC LIMIT ?",
        (pattern, REFUTED_READ),
    )
    found = []
    for digested, algo, line, category in rows:
        raw = tuple(part[:LINE_CAP] for part in text(line).split(SEP)[:KEPT_LINES] if part)
        if raw and isinstance(digested, bytes) and isinstance(algo, int):
            masked = tuple(mask(part, versions=category == "dependency") for part in raw)
            found.append(Signature(algo, digested.hex() or digest(masked), text(category), "", "", masked, raw))
    return found
