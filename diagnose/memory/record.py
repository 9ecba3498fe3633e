"""A diagnosed failure is kept: its signatures, and which pattern it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import number, plain, stamped
from diagnose.memory.index import SEP, keep_lines, keep_repository, keep_signature
from diagnose.memory.match import RANKS, pattern_for
from diagnose.memory.similarity import SAME

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store


@dataclass(frozen=True, slots=True)
class Seen:
    """A cause of one diagnosis. title: redacted; line: where its evidence stands, 0 when not known; confidence 0..1."""

    signature: Signature
    title: str
    confidence: float
    line: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1 or not 0 <= self.line < 1 << 62:
            message = f"a cause at line {self.line} with confidence {self.confidence}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One diagnosed failure. target: what was looked at, distinct for each failing run or log; job: "" for a bare log.

    verdict: attribution's word. actor: who started the run. link: its address. tests: names of the failed ones. All texts are redacted.
    recognised: a known pattern was shown with it. minutes: as estimated then. trusted: False for a fork or another ref that anybody can
    write: such a failure is kept apart, and counts for nothing in what trusted runs are told.
    """

    repository: str
    target: str
    at: datetime
    root: Seen
    alternatives: tuple[Seen, ...] = ()
    job: str = ""
    commit: str = ""
    category: str = ""
    tool: str = ""
    verdict: str = ""
    branch: str = ""
    actor: str = ""
    link: str = ""
    tests: tuple[str, ...] = ()
    escalated: bool = False
    recognised: bool = False
    minutes: float | None = None
    trusted: bool = True


TESTS: Final = 50
"""Failed tests' names that are kept with an occurrence."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of it. pattern: its id. new_pattern: nothing like it was known. new_sighting: False for a log diagnosed again."""

    pattern: str
    new_pattern: bool
    new_sighting: bool


def record(store: Store, occurrence: Occurrence) -> Recorded | StoreProblem:
    """Keep a failure and its alternatives, in one transaction; the same log again changes nothing."""
    return store.write(lambda db: _record(db, occurrence))


def _record(db: sqlite3.Connection, occurrence: Occurrence) -> Recorded:
    repo = keep_repository(db, occurrence.repository)
    root = occurrence.root
    at = stamped(occurrence.at)
    signature = keep_signature(db, repo, root.signature)
    before = db.execute(
        "SELECT p.id FROM occurrence o JOIN pattern p ON p.key = o.pattern WHERE o.signature = ? AND o.target = ? AND o.job = ?",
        (signature, plain(occurrence.target), plain(occurrence.job)),
    ).fetchone()
    if before:
        return Recorded(str(before[0]), new_pattern=False, new_sighting=False)
    key, new = pattern_for(db, repo, root.signature, SAME), False
    if key is None:
        key, new = keep_pattern(db, repo, root.signature, signature, root.title, at)
    for rank, cause in enumerate((root, *occurrence.alternatives)[:RANKS]):
        _keep(db, keep_signature(db, repo, cause.signature), key, occurrence, rank)
    if occurrence.trusted:
        # what a stranger sends makes no line common, and no cured pattern come back
        keep_lines(db, repo, root.signature.masked)
        db.execute(
            "UPDATE pattern SET last_seen = max(last_seen, ?), signature = coalesce(signature, ?) WHERE key = ?",
            (at, signature, key),
        )
    ident = db.execute("SELECT id FROM pattern WHERE key = ?", (key,)).fetchone()[0]
    return Recorded(str(ident), new_pattern=new, new_sighting=True)


COLUMNS: Final = (
    "signature",
    "pattern",
    "rank",
    "target",
    "commit_sha",
    "job",
    "line",
    "at",
    "confidence",
    "category",
    "tool",
    "verdict",
    "branch",
    "actor",
    "link",
    "tests",
    "escalated",
    "recognised",
    "minutes",
    "trusted",
)
"""Columns of an occurrence, in the order in which they are written."""

INSERT: Final = f"INSERT OR IGNORE INTO occurrence({', '.join(COLUMNS)}) VALUES({', '.join('?' * len(COLUMNS))})"


def _keep(db: sqlite3.Connection, signature: int, pattern: int, occurrence: Occurrence, rank: int) -> None:
    cause = (occurrence.root, *occurrence.alternatives)[rank]
    texts = (
        occurrence.category or cause.signature.category,
        occurrence.tool or cause.signature.tool,
        occurrence.verdict,
        occurrence.branch,
        occurrence.actor,
        occurrence.link,
    )
    db.execute(
        INSERT,
        (
            signature,
            pattern,
            rank,
            plain(occurrence.target),
            plain(occurrence.commit),
            plain(occurrence.job),
            cause.line,
            stamped(occurrence.at),
            cause.confidence,
            *map(plain, texts),
            SEP.join(plain(" ".join(name.split()), NAME_CAP) for name in occurrence.tests[:TESTS]),
            occurrence.escalated,
            occurrence.recognised,
            number(occurrence.minutes),
            occurrence.trusted,
        ),
    )


NAME_CAP: Final = 300
"""Characters of a test's name."""


def keep_pattern(
    db: sqlite3.Connection, repo: int, signature: Signature, stored: int | None, title: str, at: str
) -> tuple[int, bool]:
    """Return the key of the pattern of a signature's id and whether it is new; a new one is open."""
    row = (repo, signature.id, stored, plain(title), signature.category, signature.tool, at, at)
    made = db.execute(
        "INSERT OR IGNORE INTO pattern(repo, id, signature, title, category, tool, state, first_seen, last_seen) VALUES(?, ?, ?, ?, ?, ?, 'open', ?, ?)",
        row,
    )
    key = int(db.execute("SELECT key FROM pattern WHERE repo = ? AND id = ?", (repo, signature.id)).fetchone()[0])
    return key, made.rowcount == 1
