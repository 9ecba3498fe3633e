"""Runs that passed: what they say of the failures before them, and of patterns that a passing log holds too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import one_of, plain, stamp, stamped, text
from diagnose.memory.index import SEP, keep_repository, repository_key
from diagnose.memory.masks import LINE_CAP, mask
from diagnose.memory.prefixes import strip_prefix
from diagnose.memory.rows import HOW, How
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store

PATTERNS_TRIED: Final = 300
"""Patterns of a repository, last seen first, that are looked for in a passing log."""

LOG_READ: Final = 4 << 20
"""Characters of a passing log in which they are looked for."""

PLACES: Final = 20
"""Places in the log that are compared for one pattern."""

LINES_ASKED: Final = 2
"""First lines of a signature that must all stand in the passing log. One alone may be the warning that a test prints on purpose."""

SHORTEST_ANCHOR: Final = 6

FAILURES: Final = 200


@dataclass(frozen=True, slots=True)
class Green:
    """A job that passed. target: as a failing run of it would be named; job: "" for a bare log. link: its address. Texts are redacted."""

    repository: str
    target: str
    at: datetime
    branch: str = ""
    job: str = ""
    commit: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class KeptGreen:
    """new: this run was not known. held: ids of the patterns that its log holds too, which counts against them (once for each run)."""

    new: bool
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure after which its job has not passed yet. pattern: its id. how, solution: what is known of that already ("" for nothing).

    at: ISO 8601. lines: raw lines of its signature, the telling one first. tests: names of failed tests. trusted: False in a fork and the
    like: nothing may be learnt from it without a person's word.
    """

    pattern: str
    title: Untrusted
    target: Untrusted
    branch: Untrusted
    job: Untrusted
    commit: Untrusted
    link: Untrusted
    category: str
    tool: str
    at: str
    lines: tuple[Untrusted, ...]
    tests: tuple[Untrusted, ...]
    trusted: bool
    how: How
    solution: Untrusted


def keep_green(store: Store, green: Green, *, log: str = "") -> KeptGreen | StoreProblem:
    """Keep that a job passed; the same run again changes nothing. log: its text, in which known patterns are looked for."""

    def change(db: sqlite3.Connection) -> KeptGreen:
        repo = keep_repository(db, green.repository)
        row = (repo, *map(plain, (green.branch, green.job, green.commit, green.target, green.link)), stamped(green.at))
        if not db.execute(
            "INSERT OR IGNORE INTO green(repo, branch, job, commit_sha, target, link, at) VALUES(?, ?, ?, ?, ?, ?, ?)",
            row,
        ).rowcount:
            return KeptGreen(new=False)
        held = _held(db, repo, log[:LOG_READ]) if log else []
        db.executemany("UPDATE pattern SET passed = passed + 1 WHERE key = ?", ((key,) for key, _ in held))
        return KeptGreen(new=True, held=tuple(ident for _, ident in held))

    return store.write(change)


def open_failures(
    store: Store,
    *,
    repository: str,
    branch: str,
    job: str | None = None,
    before: datetime | None = None,
) -> tuple[Failure, ...] | StoreProblem:
    """Return the root failures of a branch after which the same job has not passed yet, oldest first, at most FAILURES.

    job: None for all jobs. before: the time of a green run: those between it and the green run before it are returned, whether it is kept already or not.
    """
    asked = {
        "repo": None,
        "branch": plain(branch),
        "job": None if job is None else plain(job),
        "before": stamped(before) if before else None,
        "most": FAILURES,
    }

    def ask(db: sqlite3.Connection) -> tuple[Failure, ...]:
        repo = repository_key(db, repository)
        rows = db.execute(_OPEN, {**asked, "repo": repo}).fetchall() if repo is not None else []
        return tuple(map(_failure, rows))

    return store.read(ask)


_OPEN: Final = (
    "SELECT p.id, p.title, o.target, o.branch, o.job, o.commit_sha, o.link, o.category, o.tool, o.at, s.raw, o.tests, o.trusted, p.how, p.solution"
    " FROM occurrence o JOIN pattern p ON p.key = o.pattern JOIN signature s ON s.id = o.signature"
    " WHERE p.repo = :repo AND o.rank = 0 AND o.branch = :branch AND (:job IS NULL OR o.job = :job) AND (:before IS NULL OR o.at < :before)"
    " AND p.state NOT IN ('wrong', 'withdrawn') AND NOT EXISTS (SELECT 1 FROM green g WHERE g.repo = :repo AND g.branch = o.branch AND g.job = o.job"
    " AND g.at >= o.at AND (:before IS NULL OR g.at < :before)) ORDER BY o.at, o.id LIMIT :most"
)


def _failure(row: tuple[object, ...]) -> Failure:
    ident, title, target, branch, job, commit, link, category, tool, at, raw, tests, trusted, how, solution = row
    return Failure(
        pattern=text(ident),
        title=_foreign(title),
        target=_foreign(target),
        branch=_foreign(branch),
        job=_foreign(job),
        commit=_foreign(commit),
        link=_foreign(link),
        category=text(category),
        tool=text(tool),
        at=stamp(at),
        lines=_lines(raw),
        tests=_lines(tests),
        trusted=trusted == 1,
        how=one_of(how, HOW),
        solution=_foreign(solution),
    )


def _foreign(value: object) -> Untrusted:
    return Untrusted(text(value))


def _lines(value: object) -> tuple[Untrusted, ...]:
    return tuple(Untrusted(line) for line in text(value).split(SEP) if line)


def _held(db: sqlite3.Connection, repo: int, log: str) -> list[tuple[int, str]]:
    """Return (key, id) of the patterns whose first lines all stand in this log."""
    rows = db.execute(
        "SELECT p.key, p.id, p.category, s.masked, s.raw FROM pattern p JOIN signature s ON s.id = p.signature WHERE p.repo = ? ORDER BY p.last_seen DESC LIMIT ?",
        (repo, PATTERNS_TRIED),
    ).fetchall()
    return [
        (int(key), text(ident))
        for key, ident, category, masked, raw in rows
        if all(
            _stands_in(log, line, original, versions=category == "dependency")
            for line, original in list(zip(text(masked).split(SEP), text(raw).split(SEP), strict=False))[:LINES_ASKED]
        )
    ]


def _stands_in(log: str, masked: str, raw: str, *, versions: bool) -> bool:
    """Say whether a line of the log is this one, once masked. What no mask changes of it is looked for first."""
    # a piece of the masked line that the raw one holds as it stands
    anchor = max((piece for piece in _pieces(masked) if piece in raw), key=len, default="")
    if len(anchor) < SHORTEST_ANCHOR:
        return False
    at = log.find(anchor)
    for _ in range(PLACES):
        if at < 0:
            return False
        start, end = log.rfind("\n", max(0, at - 4 * LINE_CAP), at) + 1, log.find("\n", at)
        line = strip_prefix(log[start or max(0, at - 4 * LINE_CAP) : end if end >= 0 else None][: 4 * LINE_CAP])
        if mask(line[:LINE_CAP], versions=versions) == masked:
            return True
        at = log.find(anchor, end) if end >= 0 else -1
    return False


def _pieces(masked: str) -> list[str]:
    return [(part.split(">", 1)[-1] if part[:1].isalpha() else part).strip() for part in masked.split("<")]
