"""What the store says of a pattern. Its texts are foreign: a store may come from a cache or from another person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from diagnose.memory.columns import number, stamp, stamped, text
from diagnose.memory.index import SEP
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    import sqlite3

Kept = Literal["open", "resolved", "wrong", "withdrawn"]
State = Literal["open", "resolved", "came-back", "stale", "wrong", "withdrawn"]
KEPT_STATES: Final[tuple[Kept, ...]] = get_args(Kept)

STALE_DAYS: Final = 90
"""Days without a sighting after which a pattern is shown with its age."""

SOURCES: Final = 20
"""Sightings that are listed."""

MUTED_AT: Final = 2
"""Verdicts "wrong" that silence a pattern."""

@dataclass(frozen=True, slots=True)
class Pattern:
    """A failure that the store knows.

    id: 8 hexadecimal digits, unique within `repository`. minutes: hands-on. seen: sightings, at least 1. first_seen, last_seen,
    resolved_at: ISO 8601, "" when never. lines: the raw lines of its signature, the one that tells first; () when it was imported.
    """

    id: str
    repository: Untrusted
    title: Untrusted
    category: str
    tool: str
    state: State
    root_cause: Untrusted
    solution: Untrusted
    fixed_by: Untrusted
    minutes: float | None
    confidence: float | None
    seen: int
    first_seen: str
    last_seen: str
    resolved_at: str
    lines: tuple[Untrusted, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One time that a pattern was met. line: where in the log, 0 when not known."""

    target: Untrusted
    job: Untrusted
    commit: Untrusted
    line: int
    at: str
    confidence: float


COLUMNS: Final = (
    "SELECT p.key, p.id, r.name, p.title, p.category, p.tool, p.state, p.root_cause, p.solution, p.fixed_by, p.minutes, p.confidence,"
    " p.seen_before, (SELECT count(*) FROM (SELECT DISTINCT o.target, o.job FROM occurrence o WHERE o.pattern = p.key AND o.rank = 0)),"
    " p.first_seen, p.last_seen, p.resolved_at, p.wrong, s.raw"
    " FROM pattern p JOIN repository r ON r.id = p.repo LEFT JOIN signature s ON s.id = p.signature"
)
"""The question whose rows `pattern_of` reads."""


def pattern_of(row: tuple[object, ...], now: datetime) -> Pattern:
    """Read a row of COLUMNS; what a hostile file holds in place of a value becomes an empty one."""
    (_, ident, name, title, category, tool, state, cause, solution, fixed_by, minutes, confidence, before, counted, first, last, resolved, wrong, raw) = row
    return Pattern(
        id=text(ident), repository=Untrusted(text(name)), title=Untrusted(text(title)), category=text(category), tool=text(tool),
        state=_state(text(state), stamp(last), stamp(resolved), number(wrong) or 0, now),
        root_cause=Untrusted(text(cause)), solution=Untrusted(text(solution)), fixed_by=Untrusted(text(fixed_by)),
        minutes=number(minutes), confidence=number(confidence), seen=max(1, int(number(before) or 0), int(number(counted) or 0)),
        first_seen=stamp(first), last_seen=stamp(last), resolved_at=stamp(resolved),
        lines=tuple(Untrusted(line) for line in text(raw).split(SEP) if line),
    )


def sightings(db: sqlite3.Connection, key: int, limit: int = SOURCES) -> tuple[Sighting, ...]:
    """Return the newest sightings of the pattern of that key, one a target and job."""
    rows = db.execute(
        "SELECT target, job, commit_sha, line, max(at), confidence FROM occurrence WHERE pattern = ? AND rank = 0 GROUP BY target, job ORDER BY max(at) DESC, id DESC LIMIT ?",
        (key, limit),
    )
    return tuple(
        Sighting(Untrusted(text(target)), Untrusted(text(job)), Untrusted(text(commit)), int(number(line) or 0), stamp(at), number(confidence) or 0.0)
        for target, job, commit, line, at, confidence in rows
    )


def _state(kept: str, last: str, resolved: str, wrong: float, now: datetime) -> State:
    if wrong >= MUTED_AT:
        return "wrong"
    if kept not in KEPT_STATES:
        return "open"
    if kept == "resolved" and last and resolved and last > resolved:
        return "came-back"
    if kept in {"open", "resolved"} and last and last < stamped(now - timedelta(days=STALE_DAYS)):
        return "stale"
    return cast("State", kept)
