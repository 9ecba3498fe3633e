"""A person says that a failure is not the pattern that it was taken for: kept with what was compared, and counted against the pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnose.memory.columns import plain, share, stamped
from diagnose.memory.index import SEP, signature_key
from diagnose.memory.record import keep_pattern
from diagnose.memory.rows import COLUMNS, Pattern, pattern_of
from diagnose.memory.signature import ALGO
from diagnose.memory.similarity import EXACT

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store


@dataclass(frozen=True, slots=True)
class Rejection:
    """What a person said. pattern: its id. repository: whose. signature: of the failure that is not it; None: the pattern itself names nothing.

    who: redacted. similarity: 0..1, as the match was shown; None when that is not known any more.
    """

    pattern: str
    repository: str
    signature: Signature | None
    who: str = ""
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The pattern as it stands now (state "wrong": it is silent from now on); new: False when the same was said before.

    moved: sightings that were counted as this pattern, and are one of their own from now on: `apart`, its id, "" when none were.
    """

    pattern: Pattern
    new: bool
    moved: int = 0
    apart: str = ""


def refute(store: Store, said: Rejection, *, now: datetime) -> Rejected | StoreProblem | None:
    """Keep that a failure is not this pattern; None when the repository has no such pattern. Saying it twice changes nothing more.

    Sightings of exactly that failure leave the pattern. Two rejections silence it, unless nine in ten of its sightings stand.
    """

    def change(db: sqlite3.Connection) -> Rejected | None:
        row = db.execute(
            "SELECT p.key, p.repo FROM pattern p JOIN repository r ON r.id = p.repo WHERE r.name = ? AND p.id = ?",
            (plain(said.repository), said.pattern),
        ).fetchone()
        if row is None:
            return None
        key, repo = int(row[0]), int(row[1])
        new = _keep(db, key, said, stamped(now))
        apart, moved = _set_apart(db, repo, key, said.signature, stamped(now)) if new and said.signature else ("", 0)
        return Rejected(pattern_of(db.execute(COLUMNS + " WHERE p.key = ?", (key,)).fetchone(), now), new, moved, apart)

    return store.write(change)


def _keep(db: sqlite3.Connection, key: int, said: Rejection, at: str) -> bool:
    one = said.signature
    # without a failure that it is compared with, it is one person's word: counted once each
    digest, line = (bytes.fromhex(one.hash), SEP.join(one.raw)) if one else (b"who:" + plain(said.who).encode(), "")
    row = (key, digest, one.algo if one else ALGO, EXACT * (share(said.similarity) or 0.0), line, plain(said.who), at)
    if not db.execute(
        "INSERT OR IGNORE INTO refuted(pattern, hash, algo, score, line, who, at) VALUES(?, ?, ?, ?, ?, ?, ?)", row
    ).rowcount:
        return False
    db.execute("UPDATE pattern SET wrong = wrong + 1 WHERE key = ?", (key,))
    return True


def _set_apart(db: sqlite3.Connection, repo: int, key: int, signature: Signature, at: str) -> tuple[str, int]:
    """Give the sightings of the refuted failure a pattern of their own; the one that bears its id already cannot be parted from it."""
    stored = signature_key(db, repo, signature)
    own = db.execute("SELECT id FROM pattern WHERE key = ?", (key,)).fetchone()[0]
    if stored is None or own == signature.id:
        return "", 0
    rows = db.execute(
        "SELECT target, job, min(at), max(at) FROM occurrence WHERE signature = ? AND pattern = ? AND rank = 0 GROUP BY target, job",
        (stored, key),
    ).fetchall()
    if not rows:
        return "", 0
    other, _ = keep_pattern(db, repo, signature, stored, signature.raw[0], str(min(row[2] for row in rows)) or at)
    db.executemany(
        "UPDATE OR IGNORE occurrence SET pattern = ? WHERE pattern = ? AND target = ? AND job = ?",
        ((other, key, target, job) for target, job, _, _ in rows),
    )
    db.execute("UPDATE pattern SET last_seen = max(last_seen, ?) WHERE key = ?", (max(row[3] for row in rows), other))
    # nor is what stayed what went
    db.execute(
        "INSERT OR IGNORE INTO refuted(pattern, hash, algo, score, line, who, at) SELECT ?, s.hash, s.algo, f.score, s.raw, f.who, f.at FROM pattern p"
        " JOIN signature s ON s.id = p.signature JOIN refuted f ON f.pattern = p.key AND f.hash = ? WHERE p.key = ?",
        (other, bytes.fromhex(signature.hash), key),
    )
    # what is left may be older than what went
    db.execute(
        "UPDATE pattern SET last_seen = coalesce((SELECT max(at) FROM occurrence WHERE pattern = :key AND rank = 0 AND trusted), last_seen) WHERE key = :key",
        {"key": key},
    )
    return signature.id, len(rows)
