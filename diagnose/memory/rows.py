"""What the store says of a pattern. Its texts are foreign: a store may come from a cache or from another person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from diagnose.memory.columns import number, one_of, share, stamp, text, whole
from diagnose.memory.index import SEP
from diagnose.memory.standing import stale, standing
from diagnose.model.text import Untrusted
from diagnose.model.words import SaidBy

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

Kept = Literal["open", "resolved", "wrong", "withdrawn"]
State = Literal["open", "resolved", "came-back", "stale", "wrong", "withdrawn"]
KEPT_STATES: Final[tuple[Kept, ...]] = get_args(Kept)

SOURCES: Final = 20
"""Sightings that are listed."""

How = SaidBy
HOW: Final[tuple[How, ...]] = get_args(How)
"""Who says a solution: nobody, a person, a run that turned green, a re-run, DISCOVERIES.md, an imported file."""

AUTOMATIC: Final = frozenset({"", "green-run", "re-run"})
"""Of these, the ones that a person's word goes before."""

LINKS: Final = 5
"""Addresses that are kept with a solution."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A failure that the store knows.

    id: 8 hexadecimal digits, unique within `repository`. minutes: hands-on. seen: sightings, at least 1. first_seen, last_seen,
    resolved_at: ISO 8601, "" when never. lines: the raw lines of its signature, the one that tells first; () when it was imported.

    Of the solution: how: who says it (one of HOW, "" for none); who: the person or account; links: addresses; sure: 0..1, of an automatic one at
    most MOST_SURE; elapsed: hours from the failure to the green run. wrong: matches that people refuted. passed: passing logs that hold it.
    untrusted: sightings in forks and other refs that anybody can write; they are not part of `seen`.
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
    how: How = ""
    who: Untrusted = Untrusted("")  # noqa: RUF009 - frozen
    links: tuple[Untrusted, ...] = ()
    sure: float | None = None
    elapsed: float | None = None
    wrong: int = 0
    passed: int = 0
    untrusted: int = 0

    @property
    def precision(self) -> float:
        """The share of its sightings that are not known to be false, 0..1: refuted matches and hits in passing logs count against it."""
        return self.seen / (self.seen + self.wrong + self.passed)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One time that a pattern was met. line: where in the log, 0 when not known. trusted: False in a fork and the like."""

    target: Untrusted
    job: Untrusted
    commit: Untrusted
    line: int
    at: str
    confidence: float
    trusted: bool = True


COLUMNS: Final = (
    "SELECT p.key, p.id, r.name, p.title, p.category, p.tool, p.state, p.root_cause, p.solution, p.fixed_by, p.minutes, p.confidence,"
    " p.seen_before, (SELECT count(*) FROM (SELECT DISTINCT o.target, o.job FROM occurrence o WHERE o.pattern = p.key AND o.rank = 0 AND o.trusted)),"
    " p.first_seen, p.last_seen, p.resolved_at, p.wrong, s.raw, p.how, p.who, p.links, p.sure, p.elapsed, p.passed,"
    " (SELECT count(*) FROM (SELECT DISTINCT o.target, o.job FROM occurrence o WHERE o.pattern = p.key AND o.rank = 0 AND NOT o.trusted))"
    " FROM pattern p JOIN repository r ON r.id = p.repo LEFT JOIN signature s ON s.id = p.signature"
)
"""The question whose rows `pattern_of` reads."""


def pattern_of(row: tuple[object, ...], now: datetime) -> Pattern:
    """Read a row of COLUMNS; what a hostile file holds in place of a value becomes an empty one."""
    (
        _,
        ident,
        name,
        title,
        category,
        tool,
        state,
        cause,
        solution,
        fixed_by,
        minutes,
        confidence,
        before,
        counted,
        first,
        last,
        resolved,
        wrong,
        raw,
        how,
        who,
        links,
        sure,
        elapsed,
        passed,
        untrusted,
    ) = row
    seen = max(1, whole(before), whole(counted))
    good = standing(seen=seen, wrong=whole(wrong), passed=whole(passed))
    return Pattern(
        id=text(ident),
        repository=Untrusted(text(name)),
        title=Untrusted(text(title)),
        category=text(category),
        tool=text(tool),
        state="wrong" if good == "silent" else _state(text(state), stamp(last), stamp(resolved), now),
        root_cause=Untrusted(text(cause)),
        solution=Untrusted(text(solution)),
        fixed_by=Untrusted(text(fixed_by)),
        minutes=number(minutes),
        confidence=number(confidence),
        seen=seen,
        first_seen=stamp(first),
        last_seen=stamp(last),
        resolved_at=stamp(resolved),
        lines=tuple(Untrusted(line) for line in text(raw).split(SEP) if line),
        how=one_of(how, HOW),
        who=Untrusted(text(who)),
        links=links_of(links),
        sure=share(sure),
        elapsed=number(elapsed),
        wrong=whole(wrong),
        passed=whole(passed),
        untrusted=whole(untrusted),
    )


def links_of(value: object) -> tuple[Untrusted, ...]:
    """Read the addresses of a column, LINKS of them at most."""
    return tuple(Untrusted(line) for line in text(value).split("\n")[:LINKS] if line)


def sightings(db: sqlite3.Connection, key: int, limit: int = SOURCES, *, all_refs: bool = True) -> tuple[Sighting, ...]:
    """Return the newest sightings of the pattern of that key, one a target and job. all_refs: those of untrusted refs too."""
    rows = db.execute(
        "SELECT target, job, commit_sha, line, max(at), confidence, trusted FROM occurrence WHERE pattern = ? AND rank = 0 AND (trusted OR ?)"
        " GROUP BY target, job ORDER BY max(at) DESC, id DESC LIMIT ?",
        (key, all_refs, limit),
    )
    return tuple(
        Sighting(
            Untrusted(text(target)),
            Untrusted(text(job)),
            Untrusted(text(commit)),
            whole(line),
            stamp(at),
            number(confidence) or 0.0,
            trusted=trusted == 1,
        )
        for target, job, commit, line, at, confidence, trusted in rows
    )


def _state(kept: str, last: str, resolved: str, now: datetime) -> State:
    if kept not in KEPT_STATES:
        return "open"
    if kept == "resolved" and last and resolved and last > resolved:
        return "came-back"
    if kept in {"open", "resolved"} and stale(last, now):
        return "stale"
    return cast("State", kept)
