"""Which stored patterns a failure is: the exact hash first, else the nearest of its repository."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import plain
from diagnose.memory.index import SIGNATURE, idf_of, is_common, repository_key, signature_key, stored, voted
from diagnose.memory.rows import COLUMNS, MUTED_AT, Pattern, Sighting, pattern_of, sightings
from diagnose.memory.signature import digest
from diagnose.memory.similarity import EXACT, RANK_STEP, SIMILAR, score
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store
    from diagnose.memory.tokens import Idf

BRUTE_ROWS: Final = 5000
"""Signatures of a repository up to which all are compared (5 ms); beyond, the token table names those worth it."""

COMPARED: Final = 60
"""Best candidates that get the full comparison."""

RANKS: Final = 4
"""The root cause and three alternatives. Measured: stored alternatives lift recall from .786 to .957 where the first line is not always right."""

MATCHES: Final = 10

SHARED_CATEGORIES: Final = frozenset({"network", "infrastructure", "vcs"})
"""Failures that come from outside a repository: known from others too, and common lines tell of them all the same."""


@dataclass(frozen=True, slots=True)
class Match:
    """A stored pattern that a failure is (score >= SAME) or resembles (>= SIMILAR).

    rank: which of the signatures asked for it is, 0 for the root cause. exact: equal masked lines. pattern.seen and the sightings
    leave out the target that asks, except where it is the only one.
    """

    rank: int
    score: float
    exact: bool
    pattern: Pattern
    sightings: tuple[Sighting, ...]


def match(
    store: Store, signatures: Sequence[Signature], *, repository: str, target: str, now: datetime, least: float = SIMILAR,
) -> tuple[Match, ...] | StoreProblem:
    """Return the patterns that a failure is, best first, each once.

    signatures: of the root cause and its alternatives, best first; RANKS of them count. target: the failure that asks; it is not recognised
    by its own earlier diagnosis unless somebody has resolved that. least: the lowest score that is returned.
    """
    return store.read(lambda db: _matches(db, signatures[:RANKS], repository, plain(target), now, least))


def pattern_for(db: sqlite3.Connection, repo: int, signature: Signature, least: float) -> int | None:
    """Return the key of the pattern that a new root cause belongs to, by its best match of at least that score."""
    best = _best(db, repo, [signature], None, least)
    return max(best, key=lambda key: (best[key][0], -key)) if best else None


def _matches(db: sqlite3.Connection, signatures: Sequence[Signature], repository: str, target: str, now: datetime, least: float) -> tuple[Match, ...]:
    repo = repository_key(db, repository)
    best = _best(db, repo, signatures, target, least) if repo is not None else {}
    best = best or _elsewhere(db, repo, signatures)
    found = [_match(db, key, value, target, now) for key, value in best.items()]
    found.sort(key=lambda one: (-one.score, one.pattern.state == "stale", one.rank, one.pattern.id))
    return tuple(found[:MATCHES])


def _match(db: sqlite3.Connection, key: int, value: tuple[float, int, bool], target: str, now: datetime) -> Match:
    pattern = pattern_of(db.execute(COLUMNS + " WHERE p.key = ?", (key,)).fetchone(), now)
    every = sightings(db, key)
    others = tuple(one for one in every if one.target != Untrusted(target)) or every
    if others:
        before, others_seen = db.execute(
            "SELECT (SELECT seen_before FROM pattern WHERE key = :key), count(*) FROM"
            " (SELECT DISTINCT target, job FROM occurrence WHERE pattern = :key AND rank = 0 AND target != :target)", {"key": key, "target": target},
        ).fetchone()
        pattern = replace(pattern, seen=max(1, before, others_seen), last_seen=max(others[0].at, "" if len(others) < len(every) else pattern.last_seen))
    return Match(value[1], value[0], value[2], pattern, others)


def _best(db: sqlite3.Connection, repo: int, signatures: Sequence[Signature], target: str | None, least: float) -> dict[int, tuple[float, int, bool]]:
    """Return (score, rank asked, exact) for each pattern key that reaches `least`."""
    best: dict[int, tuple[float, int, bool]] = {}
    idf = idf_of(db)
    for rank, signature in enumerate(signatures):
        for key, near in _candidates(db, repo, signature, idf):
            if near < least:
                continue
            for pattern, stored_rank in _reached(db, repo, key, signature, target):
                total = near - RANK_STEP * (rank + stored_rank)
                if (rank == 0 or stored_rank == 0) and total >= least and total > best.get(pattern, (0.0,))[0]:
                    best[pattern] = (total, rank, near >= EXACT)
    return best


def _reached(db: sqlite3.Connection, repo: int, key: int | None, signature: Signature, target: str | None) -> list[tuple[int, int]]:
    """Return (pattern, rank) of what a stored signature was part of; key None: patterns that hold no more than the id."""
    if key is None:
        return [(int(row[0]), 0) for row in db.execute(
            "SELECT key FROM pattern WHERE repo = ? AND id = ? AND state = 'resolved' AND wrong < ?", (repo, signature.id, MUTED_AT))]
    rows = db.execute(
        "SELECT key, min(rank) FROM (SELECT o.pattern AS key, o.rank AS rank FROM occurrence o JOIN pattern p ON p.key = o.pattern"
        " WHERE o.signature = :key AND (:target IS NULL OR o.target != :target OR p.state = 'resolved')"
        " UNION ALL SELECT key, 0 FROM pattern WHERE signature = :key AND state = 'resolved') JOIN pattern q USING(key)"
        " WHERE q.state NOT IN ('wrong', 'withdrawn') AND q.wrong < :muted GROUP BY key", {"key": key, "target": target, "muted": MUTED_AT},
    )
    return [(int(pattern), int(rank)) for pattern, rank in rows]


def _candidates(db: sqlite3.Connection, repo: int, signature: Signature, idf: Idf) -> Iterator[tuple[int | None, float]]:
    """Yield (stored signature, score) for what may be the same; None stands for an imported pattern, known by its id alone."""
    telling = _telling(db, signature)
    if telling is None and not signature.rule:
        return  # every line is known from many repositories, and no rule vouches for it
    yield None, EXACT
    exact = signature_key(db, repo, signature)
    if exact is not None:
        yield exact, EXACT
    if telling is None:
        return
    for key in _nearest(db, repo, telling):
        if key == exact:
            continue
        other = stored(db.execute(SIGNATURE + " WHERE s.id = ?", (key,)).fetchone())
        bare = other and _telling(db, other)
        if bare:
            yield key, score(telling, bare, idf)


def _nearest(db: sqlite3.Connection, repo: int, signature: Signature) -> list[int]:
    if db.execute("SELECT count(*) FROM (SELECT 1 FROM signature WHERE repo = ? LIMIT ?)", (repo, BRUTE_ROWS + 1)).fetchone()[0] > BRUTE_ROWS:
        return voted(db, repo, signature, COMPARED)
    rows = db.execute("SELECT id, raw FROM signature WHERE repo = ?", (repo,))
    texts = {key: raw for key, raw in rows if isinstance(raw, str)}
    if not texts:
        return []
    from rapidfuzz import fuzz, process

    # the mean of three measures reaches SIMILAR only where each of them is over the cut-off
    found = process.extract("\n".join(signature.raw), texts, scorer=fuzz.ratio, limit=COMPARED, score_cutoff=3 * SIMILAR - 2 * EXACT)
    return [key for _, _, key in found]


def _telling(db: sqlite3.Connection, signature: Signature) -> Signature | None:
    """Leave out the lines that many repositories know; None when no line is left."""
    if signature.category in SHARED_CATEGORIES and signature.rule:
        return signature
    kept = [index for index, line in enumerate(signature.masked) if not is_common(db, line)]
    if len(kept) == len(signature.masked):
        return signature
    if not kept:
        return None
    masked = tuple(signature.masked[index] for index in kept)
    return replace(signature, hash=digest(masked), masked=masked, raw=tuple(signature.raw[index] for index in kept))


def _elsewhere(db: sqlite3.Connection, repo: int | None, signatures: Sequence[Signature]) -> dict[int, tuple[float, int, bool]]:
    """Look in other repositories for exactly this failure, where a rule says that it came from outside."""
    best: dict[int, tuple[float, int, bool]] = {}
    for rank, signature in enumerate(signatures[:1]):
        if signature.category not in SHARED_CATEGORIES or not signature.rule:
            continue
        rows = db.execute("SELECT id, repo FROM signature WHERE hash = ? AND algo = ? AND repo IS NOT ? LIMIT 50", (bytes.fromhex(signature.hash), signature.algo, repo))
        for key, other in rows.fetchall():
            best.update({pattern: (EXACT, rank, True) for pattern, stored_rank in _reached(db, other, key, signature, None) if stored_rank == 0})
    return best
