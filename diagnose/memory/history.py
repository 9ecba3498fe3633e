"""The whole of a store for those who count: failures in their order, the patterns they belong to, and runs that were green."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import number, share, stamp, text, whole
from diagnose.memory.rows import COLUMNS, pattern_of
from diagnose.model.text import Untrusted
from diagnose.model.words import CATEGORIES, Verdict

if TYPE_CHECKING:
    import sqlite3

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.rows import Pattern
    from diagnose.memory.store import Store

MOST_EVENTS: Final = 20_000
MOST_PATTERNS: Final = 5_000
MOST_GREENS: Final = 50_000
MOST_TESTS: Final = 50
EARLIEST: Final = 1990
LATEST: Final = 2200
"""Years that a failure can be of; what a hostile store says beyond them is no date."""

_VERDICTS: Final[tuple[Verdict, ...]] = ("change", "base", "flaky", "infrastructure", "unknown")


@dataclass(frozen=True, slots=True)
class Event:
    """One failure that was diagnosed. pattern: the key of its `Known`; again: its pattern had been met before it, on a ref that is trusted.

    recognised: a known pattern was shown with it; escalated: a person was asked for; minutes: estimated then; line: 0 when not known.
    """

    pattern: int
    repository: Untrusted
    target: Untrusted
    job: Untrusted
    commit: Untrusted
    branch: Untrusted
    link: Untrusted
    tests: tuple[Untrusted, ...]
    category: str
    tool: str
    verdict: Verdict
    at: datetime
    line: int
    confidence: float
    minutes: float | None
    escalated: bool
    recognised: bool
    trusted: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A pattern and its key in the store."""

    key: int
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Green:
    """A run of a job that passed."""

    repository: Untrusted
    branch: Untrusted
    job: Untrusted
    commit: Untrusted
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What a store holds. patterns: last seen first; events, greens: oldest first; older: failures beyond MOST_EVENTS; unreadable: rows without a date."""

    patterns: tuple[Known, ...] = ()
    events: tuple[Event, ...] = ()
    greens: tuple[Green, ...] = ()
    older: int = 0
    unreadable: int = 0


def read_history(store: Store, *, now: datetime) -> History | StoreProblem:
    """Read all of a store, the newest MOST_EVENTS failures at most; an empty one where there is no file."""
    return store.read(lambda db: _history(db, now))


_EVENTS: Final = (
    "SELECT o.pattern, r.name, o.target, o.job, o.commit_sha, o.branch, o.link, o.tests, coalesce(nullif(o.category, ''), p.category),"
    " coalesce(nullif(o.tool, ''), p.tool), o.verdict, o.at, o.line, o.confidence, o.minutes, o.escalated, o.recognised, o.trusted"
    " FROM occurrence o JOIN pattern p ON p.key = o.pattern JOIN repository r ON r.id = p.repo"
    # a log that was read again with better rules is the same failure: its newest answer counts
    " WHERE o.id IN (SELECT max(o.id) FROM occurrence o JOIN pattern p ON p.key = o.pattern WHERE o.rank = 0 GROUP BY p.repo, o.target, o.job)"
    " ORDER BY o.at DESC, o.id DESC LIMIT ?"
)
_COUNTED: Final = "SELECT count(*) FROM (SELECT DISTINCT p.repo, o.target, o.job FROM occurrence o JOIN pattern p ON p.key = o.pattern WHERE o.rank = 0)"
_BEGAN: Final = "SELECT p.key, p.first_seen, p.seen_before, (SELECT min(o.at) FROM occurrence o WHERE o.pattern = p.key AND o.rank = 0 AND o.trusted = 1) FROM pattern p"
_GREENS: Final = "SELECT r.name, g.branch, g.job, g.commit_sha, g.at FROM green g JOIN repository r ON r.id = g.repo ORDER BY g.at DESC, g.id DESC LIMIT ?"


def _history(db: sqlite3.Connection, now: datetime) -> History:
    began = {key: _first(first, before, met) for key, first, before, met in db.execute(_BEGAN)}
    rows = db.execute(_EVENTS, (MOST_EVENTS,)).fetchall()
    events = [event for row in rows if (event := _event(row, began)) is not None]
    total = int(db.execute(_COUNTED).fetchone()[0])
    greens = [green for row in db.execute(_GREENS, (MOST_GREENS,)) if (green := _green(row)) is not None]
    return History(
        _patterns(db, now), tuple(reversed(events)), tuple(reversed(greens)), older=max(0, total - len(rows)), unreadable=len(rows) - len(events),
    )  # fmt: skip


def _patterns(db: sqlite3.Connection, now: datetime) -> tuple[Known, ...]:
    rows = db.execute(COLUMNS + " ORDER BY p.last_seen DESC, p.key LIMIT ?", (MOST_PATTERNS,))
    return tuple(Known(int(row[0]), pattern_of(row, now)) for row in rows)


def _first(first: object, before: object, met: object) -> datetime | None:
    """When a pattern was met first: in a sighting of a trusted ref, or as a record of it in writing says."""
    known = [at for at in (_point(met), _point(first) if whole(before) else None) if at is not None]
    return min(known, default=None)


def _event(row: tuple[object, ...], began: dict[int, datetime | None]) -> Event | None:
    (
        key,
        name,
        target,
        job,
        commit,
        branch,
        link,
        tests,
        category,
        tool,
        verdict,
        at,
        line,
        confidence,
        minutes,
        escalated,
        recognised,
        trusted,
    ) = row
    point = _point(at)
    if point is None or not isinstance(key, int):
        return None
    first = began.get(key)
    return Event(
        pattern=key, repository=Untrusted(text(name)), target=Untrusted(text(target)), job=Untrusted(text(job)), commit=Untrusted(text(commit)),
        branch=Untrusted(text(branch)), link=Untrusted(text(link)),
        tests=tuple(Untrusted(test) for test in text(tests).split("\n")[:MOST_TESTS] if test),
        category=category if isinstance(category, str) and category in CATEGORIES else "other", tool=text(tool),
        verdict=next((known for known in _VERDICTS if known == verdict), "unknown"), at=point, line=whole(line), confidence=share(confidence) or 0.0,
        minutes=number(minutes), escalated=escalated == 1, recognised=recognised == 1, trusted=trusted == 1, again=first is not None and point > first,
    )  # fmt: skip


def _green(row: tuple[object, ...]) -> Green | None:
    name, branch, job, commit, at = row
    point = _point(at)
    if point is None:
        return None
    return Green(Untrusted(text(name)), Untrusted(text(branch)), Untrusted(text(job)), Untrusted(text(commit)), point)


def _point(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(stamp(value))
    except ValueError:
        return None
    if not EARLIEST <= at.year < LATEST:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
