"""What was kept is taken away again: a pattern with all that hangs on it, a repository, what is older than a date; and what nobody needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import plain, stamped
from diagnose.memory.index import SEP, drop_lines, drop_signature

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store

KEPT_DAYS: Final = 400
"""Days after which `prune` drops what nobody solved, and runs that passed: a year, and a little to compare it with the one before."""

SIGHTINGS_KEPT: Final = 1000
"""Newest sightings of a pattern that `prune` keeps; the count of those before is kept."""


@dataclass(frozen=True, slots=True)
class Removed:
    """How many of each went."""

    patterns: int = 0
    sightings: int = 0
    greens: int = 0


def forget(
    store: Store, *, ident: str | None = None, repository: str | None = None, before: datetime | None = None
) -> Removed | StoreProblem:
    """Remove a pattern (its whole id), a repository's, and what is older than a date, whatever of these is given; all of what is given holds.

    before: sightings and passing runs before it go, and the patterns that were not met since. What is removed is overwritten in the file.
    Raises ValueError when nothing is given: that would be everything.
    """
    if ident is None and repository is None and before is None:
        raise ValueError("say what is to be forgotten")
    asked = {
        "id": ident,
        "repo": None if repository is None else plain(repository),
        "before": stamped(before) if before else None,
    }

    def change(db: sqlite3.Connection) -> Removed:
        chosen = (
            "SELECT p.key FROM pattern p JOIN repository r ON r.id = p.repo WHERE (:id IS NULL OR p.id = :id) AND (:repo IS NULL OR r.name = :repo)"
            " AND (:before IS NULL OR max(p.last_seen, p.resolved_at) < :before)"
        )
        keys = [int(row[0]) for row in db.execute(chosen, asked)]
        patterns, sightings = len(keys), _drop_patterns(db, keys)
        if before is not None:
            sightings += _drop_sightings(
                db,
                db.execute(
                    "SELECT o.id FROM occurrence o JOIN pattern p ON p.key = o.pattern JOIN repository r ON r.id = p.repo"
                    " WHERE o.at < :before AND (:id IS NULL OR p.id = :id) AND (:repo IS NULL OR r.name = :repo)",
                    asked,
                ).fetchall(),
            )
        greens = 0
        if ident is None:
            greens = db.execute(
                "DELETE FROM green WHERE (:before IS NULL OR at < :before) AND repo IN (SELECT id FROM repository WHERE :repo IS NULL OR name = :repo)",
                asked,
            ).rowcount
        if ident is None and before is None:
            _drop_repository(db, asked["repo"] or "")
        return Removed(patterns, sightings, greens)

    return store.write(change, thorough=True)


def prune(store: Store, *, now: datetime, days: int = KEPT_DAYS) -> Removed | StoreProblem:
    """Drop what nobody needs: unsolved patterns that were not met for `days`, passing runs of before that, and all but the newest
    SIGHTINGS_KEPT sightings of a pattern, which go on counting. What has a solution stays.
    """  # noqa: D205 - one sentence with a list
    if days < 1:
        raise ValueError("keep at least one day")
    limit = stamped(now - timedelta(days=days))

    def change(db: sqlite3.Connection) -> Removed:
        keys = [
            int(row[0])
            for row in db.execute(
                "SELECT key FROM pattern WHERE last_seen < ? AND solution = '' AND state = 'open'", (limit,)
            )
        ]
        patterns, sightings = len(keys), _drop_patterns(db, keys)
        for key, count in db.execute(
            "SELECT pattern, count(*) FROM occurrence WHERE rank = 0 AND trusted GROUP BY pattern HAVING count(*) > ?",
            (SIGHTINGS_KEPT,),
        ).fetchall():
            db.execute("UPDATE pattern SET seen_before = max(seen_before, ?) WHERE key = ?", (count, key))
            sightings += _drop_sightings(
                db,
                db.execute(
                    "SELECT id FROM occurrence WHERE pattern = ? AND at < (SELECT at FROM occurrence WHERE pattern = ? AND rank = 0 AND trusted ORDER BY at DESC LIMIT 1 OFFSET ?)",
                    (key, key, SIGHTINGS_KEPT - 1),
                ).fetchall(),
            )
        greens = db.execute("DELETE FROM green WHERE at < ?", (limit,)).rowcount
        return Removed(patterns, sightings, greens)

    return store.write(change, thorough=True)


def _drop_patterns(db: sqlite3.Connection, keys: Iterable[int]) -> int:
    """Remove patterns with their sightings, verdicts, proposals and signatures; return how many sightings went."""
    sightings = 0
    for key in keys:
        held = {
            row[0] for row in db.execute("SELECT signature FROM pattern WHERE key = ? AND signature NOT NULL", (key,))
        }
        sightings += _drop_sightings(db, db.execute("SELECT id FROM occurrence WHERE pattern = ?", (key,)).fetchall())
        for table in ("refuted", "proposal"):
            db.execute(f"DELETE FROM {table} WHERE pattern = ?", (key,))  # noqa: S608 - names of ours
        db.execute("DELETE FROM pattern WHERE key = ?", (key,))
        _drop_unused(db, held)
    return sightings


def _drop_sightings(db: sqlite3.Connection, rows: Iterable[tuple[int]]) -> int:
    """Remove occurrences by id, what was counted by them, and signatures that nothing refers to any more; return how many were root causes'."""
    roots, held = 0, set()
    for (ident,) in rows:
        signature, rank, trusted, repo, masked = db.execute(
            "SELECT o.signature, o.rank, o.trusted, s.repo, s.masked FROM occurrence o JOIN signature s ON s.id = o.signature WHERE o.id = ?",
            (ident,),
        ).fetchone()
        held.add(signature)
        roots += rank == 0
        if rank == 0 and trusted:
            drop_lines(db, repo, str(masked).split(SEP))
        db.execute("DELETE FROM occurrence WHERE id = ?", (ident,))
    _drop_unused(db, held)
    return roots


def _drop_unused(db: sqlite3.Connection, signatures: Iterable[int]) -> None:
    for key in signatures:
        used = db.execute(
            "SELECT EXISTS (SELECT 1 FROM occurrence WHERE signature = :key) OR EXISTS (SELECT 1 FROM pattern WHERE signature = :key)",
            {"key": key},
        ).fetchone()[0]
        if not used:
            drop_signature(db, key)


def _drop_repository(db: sqlite3.Connection, name: str) -> None:
    """Remove what is left of a repository when all of its patterns are gone."""
    found = db.execute("SELECT id FROM repository WHERE name = ?", (name,)).fetchone()
    if found is None:
        return
    for (signature,) in db.execute("SELECT id FROM signature WHERE repo = ?", found).fetchall():
        drop_signature(db, signature)
    for table in ("walk", "line", "posting"):
        db.execute(f"DELETE FROM {table} WHERE repo = ?", found)  # noqa: S608 - names of ours
    db.execute("DELETE FROM repository WHERE id = ?", found)
