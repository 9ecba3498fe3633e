"""A diagnosed failure is kept: its signatures, and which pattern it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnose.memory.columns import plain, stamped
from diagnose.memory.index import keep_lines, keep_repository, keep_signature
from diagnose.memory.match import RANKS, pattern_for
from diagnose.memory.similarity import SAME

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store


@dataclass(frozen=True, slots=True)
class Seen:
    """A cause of one diagnosis. title: redacted; line: where its evidence stands, 0 when not known; confidence 0..1."""

    signature: Signature
    title: str
    confidence: float
    line: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1 or not 0 <= self.line < 1 << 62:
            message = f"a cause at line {self.line} with confidence {self.confidence}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One diagnosed failure. target: what was looked at, distinct for each failing run or log; job: "" for a bare log."""

    repository: str
    target: str
    at: datetime
    root: Seen
    alternatives: tuple[Seen, ...] = ()
    job: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of it. pattern: its id. new_pattern: nothing like it was known. new_sighting: False for a log diagnosed again."""

    pattern: str
    new_pattern: bool
    new_sighting: bool


def record(store: Store, occurrence: Occurrence) -> Recorded | StoreProblem:
    """Keep a failure and its alternatives, in one transaction; the same log again changes nothing."""
    return store.write(lambda db: _record(db, occurrence))


def _record(db: sqlite3.Connection, occurrence: Occurrence) -> Recorded:
    repo = keep_repository(db, occurrence.repository)
    root = occurrence.root
    at = stamped(occurrence.at)
    target, job, commit = plain(occurrence.target), plain(occurrence.job), plain(occurrence.commit)
    signature = keep_signature(db, repo, root.signature)
    before = db.execute(
        "SELECT p.id FROM occurrence o JOIN pattern p ON p.key = o.pattern WHERE o.signature = ? AND o.target = ? AND o.job = ?", (signature, target, job),
    ).fetchone()
    if before:
        return Recorded(str(before[0]), new_pattern=False, new_sighting=False)
    key, new = pattern_for(db, repo, root.signature, SAME), False
    if key is None:
        key, new = keep_pattern(db, repo, root.signature, signature, root.title, at)
    for rank, cause in enumerate((root, *occurrence.alternatives)[:RANKS]):
        row = (keep_signature(db, repo, cause.signature), key, rank, target, commit, job, cause.line, at, cause.confidence)
        db.execute(
            "INSERT OR IGNORE INTO occurrence(signature, pattern, rank, target, commit_sha, job, line, at, confidence) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", row,
        )
    keep_lines(db, repo, root.signature.masked)
    db.execute("UPDATE pattern SET last_seen = max(last_seen, ?), signature = coalesce(signature, ?) WHERE key = ?", (at, signature, key))
    ident = db.execute("SELECT id FROM pattern WHERE key = ?", (key,)).fetchone()[0]
    return Recorded(str(ident), new_pattern=new, new_sighting=True)


def keep_pattern(db: sqlite3.Connection, repo: int, signature: Signature, stored: int | None, title: str, at: str) -> tuple[int, bool]:
    """Return the key of the pattern of a signature's id and whether it is new; a new one is open."""
    row = (repo, signature.id, stored, plain(title), signature.category, signature.tool, at, at)
    made = db.execute(
        "INSERT OR IGNORE INTO pattern(repo, id, signature, title, category, tool, state, first_seen, last_seen) VALUES(?, ?, ?, ?, ?, ?, 'open', ?, ?)", row,
    )
    key = int(db.execute("SELECT key FROM pattern WHERE repo = ? AND id = ?", (repo, signature.id)).fetchone()[0])
    return key, made.rowcount == 1
