"""What people said a pattern is not, as the store holds it. A refuted pair never matches again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import text
from diagnose.memory.index import SEP
from diagnose.memory.masks import LINE_CAP, mask
from diagnose.memory.signature import KEPT_LINES, Signature, digest

if TYPE_CHECKING:
    import sqlite3

REFUTED_READ: Final = 2000
"""Newest refuted matches of a repository that are looked at."""


def refuted_of(db: sqlite3.Connection, repo: int) -> dict[int, list[Signature]]:
    """Return for each pattern (by key) of a repository the failures that were said not to be it."""
    rows = db.execute(
        "SELECT f.pattern, f.hash, f.algo, f.line, p.category FROM refuted f JOIN pattern p ON p.key = f.pattern WHERE p.repo = ? ORDER BY f.at DESC LIMIT ?",
        (repo, REFUTED_READ),
    )
    found: dict[int, list[Signature]] = {}
    for pattern, digested, algo, line, category in rows:
        raw = tuple(part[:LINE_CAP] for part in text(line).split(SEP)[:KEPT_LINES] if part)
        if raw and isinstance(digested, bytes) and isinstance(algo, int):
            masked = tuple(mask(part, versions=category == "dependency") for part in raw)
            found.setdefault(int(pattern), []).append(Signature(algo, digested.hex() or digest(masked), text(category), "", "", masked, raw))
    return found
