"""What the store counts and looks up by: words, pairs and lines of signatures, kept in the same transaction as the rows."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import plain
from diagnose.memory.masks import mask
from diagnose.memory.signature import ALGO, Signature
from diagnose.memory.signature import digest as digest_of
from diagnose.memory.tokens import KEYS_KEPT, keys_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

SEP: Final = "\n"
"""Between the lines of a signature in one column: a line holds none."""

SIGNATURE: Final = "SELECT s.hash, s.algo, s.category, s.tool, s.rule, s.masked, s.raw FROM signature s"
"""The question whose rows `stored` reads."""

STOP_REPOSITORIES: Final = 3
"""Repositories that know a line before it carries no identity. Measured: with it 0 false matches among 103,114 pairs of last lines."""

POSTINGS_A_KEY: Final = 300
POSTINGS_READ: Final = 2500

NUMBERS_AT_ONCE: Final = 500
"""Numbers in one question; SQLite takes 999 at least."""


def line_number(masked: str) -> int:
    """Return the 64-bit number under which a masked line is counted."""
    return int.from_bytes(
        hashlib.blake2b(masked.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True
    )


def repository_key(db: sqlite3.Connection, name: str) -> int | None:
    """Return the key of a repository, None when the store has not met it."""
    row = db.execute("SELECT id FROM repository WHERE name = ?", (plain(name),)).fetchone()
    return int(row[0]) if row else None


def keep_repository(db: sqlite3.Connection, name: str) -> int:
    """Return the key of a repository, new or known."""
    db.execute("INSERT OR IGNORE INTO repository(name) VALUES(?)", (plain(name),))
    return int(db.execute("SELECT id FROM repository WHERE name = ?", (plain(name),)).fetchone()[0])


def signature_key(db: sqlite3.Connection, repo: int, signature: Signature) -> int | None:
    """Return the key of exactly this signature in a repository."""
    row = db.execute(
        "SELECT id FROM signature WHERE hash = ? AND algo = ? AND repo = ?",
        (bytes.fromhex(signature.hash), signature.algo, repo),
    ).fetchone()
    return int(row[0]) if row else None


def keep_signature(db: sqlite3.Connection, repo: int, signature: Signature) -> int:
    """Return the key of a signature, new or known; a new one is counted and can be found by its rarest keys."""
    known = signature_key(db, repo, signature)
    if known is not None:
        return known
    row = (
        repo,
        bytes.fromhex(signature.hash),
        signature.algo,
        signature.category,
        signature.tool,
        signature.rule,
        SEP.join(signature.masked),
        SEP.join(signature.raw),
    )
    key = db.execute(
        "INSERT INTO signature(repo, hash, algo, category, tool, rule, masked, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?)", row
    ).lastrowid
    keys = keys_of(signature.masked)
    db.executemany(
        "INSERT INTO df(token, n) VALUES(?, 1) ON CONFLICT(token) DO UPDATE SET n = n + 1",
        ((number,) for number in keys),
    )
    rarest = [
        number for _, number in sorted((count, number) for number, count in counts_of(db, keys).items())[:KEYS_KEPT]
    ]
    db.executemany(
        "INSERT OR IGNORE INTO posting(repo, token, signature) VALUES(?, ?, ?)",
        ((repo, number, key) for number in rarest),
    )
    return int(key or 0)


def keep_lines(db: sqlite3.Connection, repo: int, masked: Iterable[str]) -> None:
    """Count one more sighting of each line in a repository."""
    db.executemany(
        "INSERT INTO line(hash, repo, seen) VALUES(?, ?, 1) ON CONFLICT(hash, repo) DO UPDATE SET seen = seen + 1",
        ((line_number(line), repo) for line in masked),
    )


def drop_signature(db: sqlite3.Connection, key: int) -> None:
    """Take a signature out of the store, and out of what is counted of its words; nothing may refer to it any more."""
    row = db.execute("SELECT repo, masked FROM signature WHERE id = ?", (key,)).fetchone()
    if row is None:
        return
    numbers = keys_of(str(row[1]).split(SEP))
    # a posting without its row: the keys that were the rarest then are some of these
    db.executemany(
        "DELETE FROM posting WHERE repo = ? AND token = ? AND signature = ?",
        ((row[0], number, key) for number in numbers),
    )
    db.executemany("UPDATE df SET n = n - 1 WHERE token = ?", ((number,) for number in numbers))
    db.executemany("DELETE FROM df WHERE token = ? AND n < 1", ((number,) for number in numbers))
    db.execute("DELETE FROM signature WHERE id = ?", (key,))


def drop_lines(db: sqlite3.Connection, repo: int, masked: Iterable[str]) -> None:
    """Count one sighting of each line less; a line that a repository has not seen any more is unknown to it."""
    for line in masked:
        db.execute("UPDATE line SET seen = seen - 1 WHERE hash = ? AND repo = ?", (line_number(line), repo))
        db.execute("DELETE FROM line WHERE hash = ? AND repo = ? AND seen < 1", (line_number(line), repo))


def stored(row: tuple[object, ...]) -> Signature | None:
    """Read (hash, algo, category, tool, rule, masked, raw); None where the row is not one that a store of ours holds.

    A row of another algorithm is masked anew from its raw lines, so that a change of masks forgets nothing.
    """
    digest, algo, category, tool, rule, masked, raw = row
    if not (isinstance(digest, bytes) and isinstance(masked, str) and isinstance(raw, str)):
        return None
    lines, raws = tuple(masked.split(SEP)), tuple(raw.split(SEP))
    if algo != ALGO:
        lines = tuple(mask(line, versions=category == "dependency") for line in raws)
        digest = bytes.fromhex(digest_of(lines))
    if len(lines) != len(raws):
        return None
    return Signature(ALGO, digest.hex(), str(category), str(tool), str(rule), lines, raws)


def size_of(db: sqlite3.Connection) -> int:
    """Return about how many signatures the store holds: its last key is there at once, to count them takes longer than all the rest."""
    return int(db.execute("SELECT max(id) FROM signature").fetchone()[0] or 0)


def voted(db: sqlite3.Connection, repo: int, signature: Signature, best: int) -> list[int]:
    """Return at most `best` signatures of a repository that share the rarest keys with this one, most votes first."""
    total = max(2, size_of(db))
    votes: dict[int, float] = {}
    read = 0
    for count, number in sorted((count, number) for number, count in counts_of(db, keys_of(signature.masked)).items()):
        rows = db.execute(
            "SELECT signature FROM posting WHERE repo = ? AND token = ? LIMIT ?", (repo, number, POSTINGS_A_KEY)
        ).fetchall()
        vote = math.log(total / min(count, total - 1))
        for (key,) in rows:
            votes[key] = votes.get(key, 0.0) + vote
        read += len(rows)
        if read >= POSTINGS_READ:
            break
    return sorted(votes, key=lambda key: (-votes[key], key))[:best]


def counts_of(db: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Return how many signatures hold a word, pair or line, for those that any holds."""
    return {
        number: count
        for part in _parts(numbers)
        for number, count in db.execute(f"SELECT token, n FROM df WHERE token IN ({_marks(part)})", part)  # noqa: S608 - question marks
    }


def repositories_of(db: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Return for each line how many repositories know it."""
    found = dict.fromkeys(asked := tuple(numbers), 0)
    for part in _parts(asked):
        found.update(db.execute(f"SELECT hash, count(*) FROM line WHERE hash IN ({_marks(part)}) GROUP BY hash", part))  # noqa: S608 - question marks
    return found


def _parts(numbers: Iterable[int]) -> Iterator[list[int]]:
    every = list(numbers)
    return (every[start : start + NUMBERS_AT_ONCE] for start in range(0, len(every), NUMBERS_AT_ONCE))


def _marks(part: list[int]) -> str:
    return ",".join("?" * len(part))
