"""What is known of a failure: the database's sightings joined with what people wrote down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.memory.entry import Entry
from diagnose.memory.match import RANKS, Match, match
from diagnose.memory.patterns import Resolution, Restored, restore
from diagnose.memory.problem import StoreProblem
from diagnose.memory.similarity import EXACT, RANK_STEP, SAME
from diagnose.memory.written import fitting, silenced
from diagnose.model.report import KnownPattern
from diagnose.model.text import Untrusted
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from diagnose.memory.rows import Pattern, State
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store


MOVED: Final = "a dependency moved by itself"
"""How the cause begins of what a re-run mended because something else had been resolved (`diagnose.learn.choose`)."""

RECORDED_BY: Final = "Recorded by"
"""The field of an entry that says who vouches for it."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A known pattern; rank: of the signature that it is, 0 for the root cause. written: people wrote it into DISCOVERIES.md.

    state: "came-back" and "stale" are for the reader to be told; same: False where it is only similar, another cause.
    """

    rank: int
    known: KnownPattern
    state: State
    exact: bool
    same: bool
    written: bool


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is known, best first; problem: why the database could not be asked, the written record then stands alone."""

    found: tuple[Recognised, ...]
    problem: StoreProblem | None = None

    @property
    def known(self) -> list[KnownPattern]:
        """The patterns as a report holds them, best first."""
        return [one.known for one in self.found]


def lookup(
    store: Store,
    entries: Sequence[Entry],
    signatures: Sequence[Signature],
    *,
    repository: str,
    target: str,
    now: datetime,
    least: float = SAME,
    trusted: bool = True,
) -> Lookup:
    """Return what is known of a failure, by its root cause's signature and up to three alternatives', best first.

    entries: of the repository's DISCOVERIES.md; their words go before the database's, for they were reviewed, and a withdrawal there silences
    both. Entries are known by their id, or by the line that they hold (`written.fitting`), and not where a person rejected the match. target: as recorded. least: SIMILAR (75) also returns other causes of the same sort, with `same` False. trusted: False for a run of a fork
    and the like, which alone is told of sightings in those.
    """
    written = {entry.id: entry for entry in entries}
    matches = match(store, signatures, repository=repository, target=target, now=now, least=least, trusted=trusted)
    problem = matches if isinstance(matches, StoreProblem) else None
    stored = () if isinstance(matches, StoreProblem) else matches
    found = [
        _of_store(one, written.get(one.pattern.id)) for one in stored if not _withdrawn(written.get(one.pattern.id))
    ]
    present = {one.known.pattern for one in found}
    standing = [entry for entry in entries if not entry.state]
    quiet = silenced(store, repository, signatures[:RANKS]) if standing else frozenset()
    for rank, signature in enumerate(signatures[:RANKS]):
        for entry, near in fitting(standing, signature, rank):
            if near >= least and entry.id not in present and not quiet & {(entry.id, ""), (entry.id, signature.hash)}:
                present.add(entry.id)
                found.append(_of_record(entry, rank, near))
    found.sort(key=lambda one: -one.known.similarity)
    return Lookup(tuple(found), problem)


def rebuild(store: Store, entries: Sequence[Entry], *, repository: str, now: datetime) -> int | StoreProblem:
    """Bring the written record into the database; return how many patterns changed."""
    return restore(store, [_restored(entry) for entry in entries], repository=repository, now=now)


def entry_for(signature: Signature, resolution: Resolution, pattern: Pattern, *, repository: str) -> Entry:
    """Return what DISCOVERIES.md is to say of a resolved failure: `pattern` as `resolve` returned it, under its id."""
    return Entry(
        title=resolution.title,
        id=pattern.id,
        root_cause=resolution.root_cause,
        solution=resolution.solution,
        reference=resolution.fixed_by,
        minutes=pattern.minutes,
        confidence=pattern.confidence,
        seen=pattern.seen,
        last_seen=pattern.last_seen[:10],
        repository=repository,
        state="withdrawn" if resolution.state == "withdrawn" else "",
        category=signature.category,
        tool=signature.tool,
        line=signature.masked[0],
        extra=((RECORDED_BY, resolution.who),) if resolution.who else (),
    )


def _withdrawn(entry: Entry | None) -> bool:
    return entry is not None and entry.state == "withdrawn"


def _of_store(one: Match, entry: Entry | None) -> Recognised:
    pattern = one.pattern
    known = KnownPattern(
        pattern=pattern.id,
        similarity=round(one.score / EXACT, 3),
        seen=pattern.seen,
        last_seen=pattern.last_seen,
        sources=tuple(dict.fromkeys(sighting.target for sighting in one.sightings)),
        title=pattern.title,
        root_cause=pattern.root_cause,
        solution=pattern.solution,
        fixed_by=pattern.fixed_by,
        minutes=pattern.minutes,
        flaky=_came_and_went(pattern),
        said_by=pattern.how if pattern.solution else "",
        sure=pattern.sure,
    )
    if entry:
        known = replace(
            known,
            seen=max(known.seen, entry.seen or 0),
            title=Untrusted(entry.title),
            root_cause=Untrusted(entry.root_cause),
            solution=Untrusted(entry.solution),
            fixed_by=Untrusted(entry.reference) if entry.reference else known.fixed_by,
            minutes=known.minutes if entry.minutes is None else entry.minutes,
            said_by="record" if entry.solution else known.said_by,
            sure=None if entry.solution else known.sure,
        )
    return Recognised(one.rank, known, pattern.state, one.exact, one.score >= SAME, written=entry is not None)


def _came_and_went(pattern: Pattern) -> bool:
    """Whether the same code passed when it was run again, and nothing that it needs had moved meanwhile."""
    return pattern.how == "re-run" and not plain(pattern.root_cause).startswith(MOVED)


def _of_record(entry: Entry, rank: int, near: float) -> Recognised:
    known = KnownPattern(
        pattern=entry.id,
        similarity=round(near / EXACT, 3),
        seen=entry.seen or 1,
        last_seen=entry.last_seen,
        sources=(),
        title=Untrusted(entry.title),
        root_cause=Untrusted(entry.root_cause),
        solution=Untrusted(entry.solution),
        fixed_by=Untrusted(entry.reference),
        minutes=entry.minutes,
        said_by="record" if entry.solution else "",
    )
    return Recognised(rank, known, "resolved", exact=near >= EXACT - RANK_STEP * rank, same=near >= SAME, written=True)


def _restored(entry: Entry) -> Restored:
    said = Resolution(
        title=entry.title,
        root_cause=entry.root_cause,
        solution=entry.solution,
        fixed_by=entry.reference,
        minutes=entry.minutes,
        confidence=entry.confidence,
        state="withdrawn" if entry.state == "withdrawn" else "resolved",
        how="record",
        who=next((value for label, value in entry.extra if label.casefold() == RECORDED_BY.casefold()), ""),
    )
    return Restored(entry.id, entry.category, entry.tool, entry.seen or 1, entry.last_seen, said)
