"""Which stored patterns a failure is: the exact hash first, else the nearest of its repository."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import plain, stamp, whole
from diagnose.memory.index import (
    SEP,
    SIGNATURE,
    STOP_REPOSITORIES,
    counts_of,
    line_number,
    repositories_of,
    repository_key,
    signature_key,
    size_of,
    stored,
    voted,
)
from diagnose.memory.refuted import refuted_of
from diagnose.memory.rows import COLUMNS, Pattern, Sighting, pattern_of, sightings
from diagnose.memory.signature import digest
from diagnose.memory.similarity import EXACT, RANK_STEP, SIMILAR, score
from diagnose.memory.standing import expired, standing
from diagnose.memory.tokens import number_of, weight, words
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
"""Best candidates whose texts are compared."""

SCORED: Final = 15
"""The nearest of these, which get the full comparison."""

LEEWAY: Final = 10.0
"""What the two measures may gain when lines that many repositories know are left out."""

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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked, and by whom. target None: a record is being made, and any pattern may be its own. trusted: of a ref that only members write."""

    repo: int
    target: str | None
    now: datetime | None
    least: float
    trusted: bool


def match(
    store: Store,
    signatures: Sequence[Signature],
    *,
    repository: str,
    target: str,
    now: datetime,
    least: float = SIMILAR,
    trusted: bool = True,
) -> tuple[Match, ...] | StoreProblem:
    """Return the patterns that a failure is, best first, each once.

    signatures: of the root cause and its alternatives, best first; RANKS of them count. target: the failure that asks; it is not recognised
    by its own earlier diagnosis unless somebody has resolved that. least: the lowest score that is returned. trusted: False for a failure in a
    fork and the like; only such are told of sightings in those.
    """
    return store.read(
        lambda db: _matches(db, signatures[:RANKS], repository, _Asked(0, plain(target), now, least, trusted))
    )


def pattern_for(db: sqlite3.Connection, repo: int, signature: Signature, least: float) -> int | None:
    """Return the key of the pattern that a new root cause belongs to, by its best match of at least that score."""
    best = _best(db, [signature], _Asked(repo, None, None, least, trusted=False))
    return max(best, key=lambda key: (best[key][0], -key)) if best else None


def _matches(
    db: sqlite3.Connection, signatures: Sequence[Signature], repository: str, asked: _Asked
) -> tuple[Match, ...]:
    repo = repository_key(db, repository)
    best = _best(db, signatures, replace(asked, repo=repo)) if repo is not None else {}
    best = best or _elsewhere(db, repo, signatures, asked)
    found = [_match(db, key, value, asked) for key, value in best.items()]
    found.sort(key=lambda one: (-one.score, one.pattern.state == "stale", one.rank, one.pattern.id))
    return tuple(found[:MATCHES])


def _match(db: sqlite3.Connection, key: int, value: tuple[float, int, bool], asked: _Asked) -> Match:
    assert asked.now is not None, "a match is made at a point in time"  # noqa: S101 - the type says less than the caller
    pattern = pattern_of(db.execute(COLUMNS + " WHERE p.key = ?", (key,)).fetchone(), asked.now)
    every = sightings(db, key, all_refs=not asked.trusted)
    others = tuple(one for one in every if one.target != Untrusted(asked.target or "")) or every
    if others:
        before, others_seen = db.execute(
            "SELECT (SELECT seen_before FROM pattern WHERE key = :key), count(*) FROM"
            " (SELECT DISTINCT target, job FROM occurrence WHERE pattern = :key AND rank = 0 AND target != :target AND trusted)",
            {"key": key, "target": asked.target},
        ).fetchone()
        pattern = replace(
            pattern,
            seen=max(1, before, others_seen),
            last_seen=max(others[0].at, "" if len(others) < len(every) else pattern.last_seen),
        )
    return Match(value[1], value[0], value[2], pattern, others)


def _best(db: sqlite3.Connection, signatures: Sequence[Signature], asked: _Asked) -> dict[int, tuple[float, int, bool]]:
    """Return (score, rank asked, exact) for each pattern key that reaches the least score."""
    best: dict[int, tuple[float, int, bool]] = {}
    weighing = _Weighing(db)
    for rank, signature in enumerate(signatures):
        for key, near in _candidates(db, signature, asked, weighing):
            if near < asked.least:
                continue
            for pattern, stored_rank in _reached(db, key, signature, asked, near=near):
                total = near - RANK_STEP * (rank + stored_rank)
                better = (
                    (rank == 0 or stored_rank == 0) and total >= asked.least and total > best.get(pattern, (0.0,))[0]
                )
                if better and not _refuted(refuted_of(db, pattern), signature, near, weighing.idf):
                    best[pattern] = (total, rank, near >= EXACT)
    return best


def _refuted(said: Sequence[Signature], signature: Signature, near: float, idf: Idf) -> bool:
    """Say whether people said of this very failure, or of one that it is nearer to, that it is not the pattern."""
    return any(
        one.hash == signature.hash or (near < EXACT and score(signature, one, idf) >= max(near, SIMILAR))
        for one in said
    )


def _reached(
    db: sqlite3.Connection, key: int | None, signature: Signature, asked: _Asked, *, near: float
) -> list[tuple[int, int]]:
    """Return (pattern, rank) of what a stored signature was part of; key None: patterns that hold no more than the id."""
    if key is None:
        rows = db.execute(
            "SELECT key, 0 FROM pattern WHERE repo = ? AND id = ? AND state = 'resolved'", (asked.repo, signature.id)
        ).fetchall()
    else:
        rows = db.execute(
            "SELECT key, min(rank) FROM (SELECT o.pattern AS key, o.rank AS rank FROM occurrence o JOIN pattern p ON p.key = o.pattern"
            " WHERE o.signature = :key AND (o.trusted OR :strangers) AND (:target IS NULL OR o.target != :target OR p.state = 'resolved')"
            " UNION ALL SELECT key, 0 FROM pattern WHERE signature = :key AND state = 'resolved') JOIN pattern q USING(key)"
            " WHERE q.state NOT IN ('wrong', 'withdrawn') GROUP BY key",
            {"key": key, "target": asked.target, "strangers": not asked.trusted},
        ).fetchall()
    return [(int(pattern), int(rank)) for pattern, rank in rows if _stands(db, int(pattern), asked, near)]


def _stands(db: sqlite3.Connection, pattern: int, asked: _Asked, near: float) -> bool:
    """Say whether a pattern may be told of: not where it was wrong too often, nor by likeness alone where there is doubt or it is old."""
    row = db.execute(
        "SELECT wrong, passed, state, last_seen, seen_before FROM pattern WHERE key = ?", (pattern,)
    ).fetchone()
    wrong, passed, before = whole(row[0]), whole(row[1]), whole(row[4])
    if wrong or passed:
        counted = db.execute(
            "SELECT count(*) FROM (SELECT DISTINCT target, job FROM occurrence WHERE pattern = ? AND rank = 0 AND trusted)",
            (pattern,),
        ).fetchone()[0]
        good = standing(seen=max(1, before, counted), wrong=wrong, passed=passed)
        if good == "silent" or (good == "doubtful" and near < EXACT):
            return False
    return (
        near >= EXACT
        or asked.now is None
        or not expired(last_seen=stamp(row[3]), solved=row[2] == "resolved", now=asked.now)
    )


def _candidates(
    db: sqlite3.Connection, signature: Signature, asked: _Asked, weighing: _Weighing
) -> Iterator[tuple[int | None, float]]:
    """Yield (stored signature, score) for what may be the same; None stands for an imported pattern, known by its id alone."""
    telling = _telling(signature, weighing)
    if telling is None and not signature.rule:
        return  # every line is known from many repositories, and no rule vouches for it
    yield None, EXACT
    exact = signature_key(db, asked.repo, signature)
    if exact is not None:
        yield exact, EXACT
    if telling is None:
        return
    near = [key for key in _nearest(db, telling, asked) if key != exact]
    rows = db.execute(
        f"{SIGNATURE.replace('SELECT', 'SELECT s.id,', 1)} WHERE s.id IN ({','.join('?' * len(near))})", near
    ).fetchall()
    others = [(int(key), other) for key, *row in rows if (other := stored(tuple(row)))]
    weighing.learn([telling, *(other for _, other in others)])
    for key, other in others:
        bare = _telling(other, weighing)
        if bare:
            yield key, score(telling, bare, weighing.idf, asked.least)


def _nearest(db: sqlite3.Connection, signature: Signature, asked: _Asked) -> list[int]:
    """Return the stored signatures whose text is near enough for the mean of three measures to reach the least score, the nearest first."""
    if db.execute("SELECT 1 FROM signature WHERE repo = ? LIMIT 1 OFFSET ?", (asked.repo, BRUTE_ROWS)).fetchone():
        best = voted(db, asked.repo, signature, COMPARED)
        rows = db.execute(f"SELECT id, raw FROM signature WHERE id IN ({','.join('?' * len(best))})", best)  # noqa: S608 - question marks
    else:
        rows = db.execute("SELECT id, raw FROM signature WHERE repo = ?", (asked.repo,))
    texts = {key: raw for key, raw in rows if isinstance(raw, str)}
    if not texts:
        return []
    from rapidfuzz import fuzz, process

    # the mean of three measures reaches the least score only where two of them leave no more than the third can give
    enough = 3 * asked.least - EXACT
    found = process.extract(
        "\n".join(signature.raw), texts, scorer=fuzz.ratio, limit=COMPARED, score_cutoff=enough - EXACT
    )
    both = [(whole + fuzz.ratio(signature.raw[0], raw.partition(SEP)[0]), key) for raw, whole, key in found]
    return [key for near, key in sorted(both, key=lambda one: -one[0])[:SCORED] if near >= enough - LEEWAY]


class _Weighing:
    """What the store's counts say of words and lines, each asked for once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._counts: dict[int, int] = {}
        self._repositories: dict[int, int] = {}
        self._words: dict[str, float] = {}
        self._total = size_of(db)

    def learn(self, signatures: Sequence[Signature]) -> None:
        """Ask for all words and lines of these at once."""
        lines = {line for one in signatures for line in one.masked}
        self._counts |= counts_of(
            self._db, {number_of(word) for line in lines for word in words(line)} - self._counts.keys()
        )
        self._repositories |= repositories_of(
            self._db, {line_number(line) for line in lines} - self._repositories.keys()
        )

    def idf(self, word: str) -> float:
        """Say how telling a word is; what was not learnt is as rare as can be."""
        if word not in self._words:
            self._words[word] = weight(self._counts.get(number_of(word), 0), self._total)
        return self._words[word]

    def common(self, masked: str) -> bool:
        """Say whether a line is known from many repositories."""
        number = line_number(masked)
        if number not in self._repositories:
            self._repositories |= repositories_of(self._db, {number})
        return self._repositories[number] >= STOP_REPOSITORIES


def _telling(signature: Signature, weighing: _Weighing) -> Signature | None:
    """Leave out the lines that many repositories know; None when no line is left."""
    if signature.category in SHARED_CATEGORIES and signature.rule:
        return signature
    kept = [index for index, line in enumerate(signature.masked) if not weighing.common(line)]
    if len(kept) == len(signature.masked):
        return signature
    if not kept:
        return None
    masked = tuple(signature.masked[index] for index in kept)
    return replace(signature, hash=digest(masked), masked=masked, raw=tuple(signature.raw[index] for index in kept))


def _elsewhere(
    db: sqlite3.Connection, repo: int | None, signatures: Sequence[Signature], asked: _Asked
) -> dict[int, tuple[float, int, bool]]:
    """Look in other repositories for exactly this failure, where a rule says that it came from outside."""
    best: dict[int, tuple[float, int, bool]] = {}
    for rank, signature in enumerate(signatures[:1]):
        if signature.category not in SHARED_CATEGORIES or not signature.rule:
            continue
        rows = db.execute(
            "SELECT id, repo FROM signature WHERE hash = ? AND algo = ? AND repo IS NOT ? LIMIT 50",
            (bytes.fromhex(signature.hash), signature.algo, repo),
        )
        for key, other in rows.fetchall():
            best.update(
                {
                    pattern: (EXACT, rank, True)
                    for pattern, stored_rank in _reached(
                        db, key, signature, replace(asked, repo=other, target=None), near=EXACT
                    )
                    if stored_rank == 0
                }
            )
    return best
