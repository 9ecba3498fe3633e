"""What the store holds, for people: listed, shown, searched, and resolved by them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.memory.columns import number, plain, stamped, text
from diagnose.memory.index import SIGNATURE, keep_repository, keep_signature, stored
from diagnose.memory.match import pattern_for
from diagnose.memory.record import keep_pattern
from diagnose.memory.rows import COLUMNS, LINKS, How, Kept, Pattern, Sighting, pattern_of, sightings
from diagnose.memory.signature import ID_LENGTH, sign
from diagnose.memory.similarity import EXACT, SAME, score
from diagnose.memory.wanted import Wanted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store

SHORTEST_ID: Final = 4
"""Digits of an id that a person must type."""

SEARCHED: Final = 5000
"""Newest patterns that a search looks at."""

NEAR: Final = 0.7
"""Share of the words asked for that a pattern holds, from which it is shown."""


ANY: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Detail:
    """A pattern with its newest sightings."""

    pattern: Pattern
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern that a search found; similarity 0..1; same: the text asked for is this failure."""

    pattern: Pattern
    similarity: float
    same: bool


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person, or the written record, says of a failure. Texts are redacted; minutes hands-on; title for a pattern that is not known yet.

    how: who says it, one of HOW. who: the person. links: addresses of what fixed it. sure: of the solution, 0..1.
    """

    title: str
    root_cause: str
    solution: str
    fixed_by: str = ""
    minutes: float | None = None
    confidence: float | None = None
    state: Kept = "resolved"
    how: How = "person"
    who: str = ""
    links: tuple[str, ...] = ()
    sure: float | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """A pattern as a record of it in writing says it; last_seen "" when it does not."""

    id: str
    category: str
    tool: str
    seen: int
    last_seen: str
    resolution: Resolution


def list_patterns(
    store: Store, *, now: datetime, wanted: Wanted = ANY, limit: int = 1000
) -> tuple[Pattern, ...] | StoreProblem:
    """Return the patterns that are wanted, last seen first; muted and withdrawn ones with their state."""

    def ask(db: sqlite3.Connection) -> tuple[Pattern, ...]:
        condition, values = wanted.condition()
        rows = db.execute(f"{COLUMNS} WHERE {condition} ORDER BY p.last_seen DESC, p.id", values)
        found = (pattern_of(row, now) for row in rows)
        return tuple(islice(filter(wanted.fits, found), limit))

    return store.read(ask)


def show(
    store: Store, ident: str, *, now: datetime, repository: str | None = None, limit: int = 20
) -> tuple[Detail, ...] | StoreProblem:
    """Return every pattern whose id begins with `ident` (SHORTEST_ID digits at least): none, the one meant, or those to choose from."""
    prefix = ident.lower()
    if not re.fullmatch(f"[0-9a-f]{{{SHORTEST_ID},{ID_LENGTH}}}", prefix):
        return ()

    def ask(db: sqlite3.Connection) -> tuple[Detail, ...]:
        rows = db.execute(
            COLUMNS
            + " WHERE (:repo IS NULL OR r.name = :repo) AND substr(p.id, 1, :length) = :prefix ORDER BY p.last_seen DESC LIMIT 20",
            {"repo": plain(repository) if repository else None, "length": len(prefix), "prefix": prefix},
        ).fetchall()
        return tuple(Detail(pattern_of(row, now), sightings(db, row[0], limit)) for row in rows)

    return store.read(ask)


def search(
    store: Store, query: str, *, now: datetime, wanted: Wanted = ANY, limit: int = 20
) -> tuple[Found, ...] | StoreProblem:
    """Return the wanted patterns that a line of a log is or that hold these words, best first."""
    asked = {
        category: sign(query.splitlines(), category=category, tool="", rule="") for category in ("dependency", "other")
    }
    words = _words(query)

    def ask(db: sqlite3.Connection) -> tuple[Found, ...]:
        found = []
        condition, values = wanted.condition()
        for row in db.execute(
            f"{COLUMNS} WHERE {condition} ORDER BY p.last_seen DESC LIMIT :most", {**values, "most": SEARCHED}
        ).fetchall():
            held = db.execute(SIGNATURE + " JOIN pattern p ON p.signature = s.id WHERE p.key = ?", (row[0],)).fetchone()
            signature = stored(held) if held else None
            near = max(
                _alike(asked["dependency" if signature.category == "dependency" else "other"], signature)
                if signature
                else 0.0,
                _holds(words, row),
            )
            if near >= NEAR and wanted.fits(pattern_of(row, now)):
                found.append(Found(pattern_of(row, now), near, same=near >= SAME / EXACT))
        found.sort(key=lambda one: (-one.similarity, -one.pattern.seen, one.pattern.id))
        return tuple(found[:limit])

    return store.read(ask)


def _alike(asked: Signature | None, known: Signature) -> float:
    """Compare with the lines that were asked for: who searches pastes one line of five."""
    if asked is None:
        return 0.0
    best = 0.0
    for index in range(len(known.raw)):
        end = index + len(asked.raw)
        part = sign(known.raw[index:end], category=known.category, tool="", rule="")
        if part:
            best = max(best, score(asked, part))
    return best / EXACT


_WORD = regex(r"\w+")


def _words(value: str) -> set[str]:
    return set(_WORD.findall(value.casefold()))


def _holds(wanted: set[str], row: tuple[object, ...]) -> float:
    """Return the share of the words that the pattern's texts hold; never "same", for words alone name no failure."""
    held = _words(" ".join(text(row[index]) for index in (1, 3, 5, 7, 8, 9, 18)))
    return min(0.87, len(wanted & held) / len(wanted)) if wanted else 0.0


def resolve(
    store: Store, signature: Signature, resolution: Resolution, *, repository: str, now: datetime
) -> Pattern | StoreProblem:
    """Keep what a failure was and what fixed it: on the pattern that it belongs to, a new one where none is known yet."""

    def change(db: sqlite3.Connection) -> Pattern:
        repo = keep_repository(db, repository)
        stored_key = keep_signature(db, repo, signature)
        key = pattern_for(db, repo, signature, SAME)
        if key is None:
            key, _ = keep_pattern(db, repo, signature, stored_key, resolution.title, stamped(now))
        db.execute("UPDATE pattern SET signature = coalesce(signature, ?) WHERE key = ?", (stored_key, key))
        _settle(db, key, resolution, stamped(now))
        return pattern_of(db.execute(COLUMNS + " WHERE p.key = ?", (key,)).fetchone(), now)

    return store.write(change)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A pattern that a person has resolved by its id, and the signature that it is known by, None when it was imported."""

    pattern: Pattern
    signature: Signature | None


def resolve_pattern(
    store: Store, ident: str, resolution: Resolution, *, repository: str, now: datetime
) -> Resolved | StoreProblem | None:
    """Keep what fixed a pattern of the history (its whole id); None when the repository has none of that id."""

    def change(db: sqlite3.Connection) -> Resolved | None:
        row = db.execute(
            "SELECT p.key FROM pattern p JOIN repository r ON r.id = p.repo WHERE r.name = ? AND p.id = ?",
            (plain(repository), ident),
        ).fetchone()
        if row is None:
            return None
        _settle(db, row[0], resolution, stamped(now))
        held = db.execute(SIGNATURE + " JOIN pattern p ON p.signature = s.id WHERE p.key = ?", (row[0],)).fetchone()
        return Resolved(
            pattern_of(db.execute(COLUMNS + " WHERE p.key = ?", (row[0],)).fetchone(), now),
            stored(held) if held else None,
        )

    return store.write(change)


def restore(store: Store, records: Iterable[Restored], *, repository: str, now: datetime) -> int | StoreProblem:
    """Bring written records into the store, in one transaction; return how many changed it. Doing it twice changes nothing more."""

    def change(db: sqlite3.Connection) -> int:
        repo = keep_repository(db, repository)
        return sum(_restore(db, repo, record, stamped(now)) for record in records)

    return store.write(change)


def _restore(db: sqlite3.Connection, repo: int, record: Restored, now: str) -> bool:
    seen_at = record.last_seen or now
    said = record.resolution
    made = db.execute(
        "INSERT OR IGNORE INTO pattern(repo, id, title, category, tool, state, first_seen, last_seen) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        (
            repo,
            record.id,
            plain(said.title),
            plain(record.category, 100),
            plain(record.tool, 100),
            said.state,
            seen_at,
            seen_at,
        ),
    ).rowcount
    key, *held = db.execute(
        "SELECT key, root_cause, solution, fixed_by, state, seen_before FROM pattern WHERE repo = ? AND id = ?",
        (repo, record.id),
    ).fetchone()
    if (
        held
        == [plain(said.root_cause), plain(said.solution), plain(said.fixed_by), said.state, max(held[4], record.seen)]
        and not made
    ):
        return False
    _settle(db, key, said, seen_at)
    db.execute(
        "UPDATE pattern SET seen_before = max(seen_before, ?), last_seen = max(last_seen, ?) WHERE key = ?",
        (min(record.seen, 1_000_000), seen_at, key),
    )
    return True


def _settle(db: sqlite3.Connection, key: int, said: Resolution, at: str) -> None:
    minutes, confidence, sure = (
        number(value) if value is not None and math.isfinite(value) else None
        for value in (said.minutes, said.confidence, said.sure)
    )
    before, how, stated = db.execute("SELECT solution, how, sure FROM pattern WHERE key = ?", (key,)).fetchone()
    if said.how == "record" and how == "person" and before == plain(said.solution):
        who, links, sure = None, None, stated  # the record repeats what a person said here
    else:
        how, who, links = (
            said.how,
            plain(said.who),
            "\n".join(plain(link).replace("\n", "") for link in said.links[:LINKS]),
        )
    db.execute(
        "UPDATE pattern SET title = CASE ? WHEN '' THEN title ELSE ? END, root_cause = ?, solution = ?, fixed_by = ?, minutes = coalesce(?, minutes),"
        " confidence = coalesce(?, confidence), state = ?, resolved_at = CASE ? WHEN 'resolved' THEN ? ELSE resolved_at END,"
        " how = ?, who = coalesce(?, who), links = coalesce(?, links), sure = ? WHERE key = ?",
        (
            plain(said.title),
            plain(said.title),
            plain(said.root_cause),
            plain(said.solution),
            plain(said.fixed_by),
            minutes,
            confidence,
            said.state,
            said.state,
            at,
            how,
            who,
            links,
            sure,
            key,
        ),
    )
