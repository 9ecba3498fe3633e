"""The tables of the pattern database, how they came to be, and whether a file has them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from typing import Final

APPLICATION_ID: Final = 0x43694D31
"""Written into the file's header (`CiM1`), so that another program's database is never taken for ours."""

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "CREATE TABLE repository(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        # the hash leads, so that one index serves a repository's look-up and one across repositories
        (
            "CREATE TABLE signature(id INTEGER PRIMARY KEY, repo INTEGER NOT NULL REFERENCES repository(id), hash BLOB NOT NULL, algo INTEGER NOT NULL,"
            " category TEXT NOT NULL, tool TEXT NOT NULL, rule TEXT NOT NULL, masked TEXT NOT NULL, raw TEXT NOT NULL, UNIQUE(hash, algo, repo))"
        ),
        "CREATE INDEX signature_of_repo ON signature(repo)",
        # token: crc32 of a word, a pair of words or a line; n: signatures that hold it
        "CREATE TABLE df(token INTEGER PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
        (
            "CREATE TABLE posting(repo INTEGER NOT NULL, token INTEGER NOT NULL, signature INTEGER NOT NULL REFERENCES signature(id),"
            " PRIMARY KEY(repo, token, signature)) WITHOUT ROWID"
        ),
        # one row a repository: how many know a line is counted, never stored
        "CREATE TABLE line(hash INTEGER NOT NULL, repo INTEGER NOT NULL REFERENCES repository(id), seen INTEGER NOT NULL, PRIMARY KEY(hash, repo)) WITHOUT ROWID",
        (
            "CREATE TABLE pattern(key INTEGER PRIMARY KEY, repo INTEGER NOT NULL REFERENCES repository(id), id TEXT NOT NULL, signature INTEGER REFERENCES signature(id),"
            " title TEXT NOT NULL, category TEXT NOT NULL, tool TEXT NOT NULL, root_cause TEXT NOT NULL DEFAULT '', solution TEXT NOT NULL DEFAULT '',"
            " fixed_by TEXT NOT NULL DEFAULT '', minutes REAL, confidence REAL, state TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,"
            " resolved_at TEXT NOT NULL DEFAULT '', seen_before INTEGER NOT NULL DEFAULT 0, wrong INTEGER NOT NULL DEFAULT 0, UNIQUE(repo, id))"
        ),
        # the pattern is the diagnosis' own: an alternative leads to what was the root cause of its log
        (
            "CREATE TABLE occurrence(id INTEGER PRIMARY KEY, signature INTEGER NOT NULL REFERENCES signature(id), pattern INTEGER NOT NULL REFERENCES pattern(key),"
            " rank INTEGER NOT NULL, target TEXT NOT NULL, commit_sha TEXT NOT NULL, job TEXT NOT NULL, line INTEGER NOT NULL, at TEXT NOT NULL, confidence REAL NOT NULL,"
            " UNIQUE(signature, target, job))"
        ),
        "CREATE INDEX occurrence_of_pattern ON occurrence(pattern, at)",
    ),
    (
        # of the solution. how: '' none, 'person', 'green-run', 're-run', 'record' (DISCOVERIES.md), 'import'; who: the person or account
        "ALTER TABLE pattern ADD COLUMN how TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE pattern ADD COLUMN who TEXT NOT NULL DEFAULT ''",
        # addresses, one a line
        "ALTER TABLE pattern ADD COLUMN links TEXT NOT NULL DEFAULT ''",
        # of the solution, 0 to 1
        "ALTER TABLE pattern ADD COLUMN sure REAL",
        # passing logs that hold it
        "ALTER TABLE pattern ADD COLUMN passed INTEGER NOT NULL DEFAULT 0",
        # hours from the failure to the green run
        "ALTER TABLE pattern ADD COLUMN elapsed REAL",
        *(
            f"ALTER TABLE occurrence ADD COLUMN {name} TEXT NOT NULL DEFAULT ''"
            for name in ("category", "tool", "verdict", "branch", "actor", "link")
        ),
        # names of failed tests, one a line
        "ALTER TABLE occurrence ADD COLUMN tests TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE occurrence ADD COLUMN escalated INTEGER NOT NULL DEFAULT 0",
        # a known pattern was shown with it
        "ALTER TABLE occurrence ADD COLUMN recognised INTEGER NOT NULL DEFAULT 0",
        # estimated when it was diagnosed
        "ALTER TABLE occurrence ADD COLUMN minutes REAL",
        # 0: from a fork or another ref that anybody can write
        "ALTER TABLE occurrence ADD COLUMN trusted INTEGER NOT NULL DEFAULT 1",
        (
            "CREATE TABLE green(id INTEGER PRIMARY KEY, repo INTEGER NOT NULL REFERENCES repository(id), branch TEXT NOT NULL, job TEXT NOT NULL,"
            " commit_sha TEXT NOT NULL, target TEXT NOT NULL, link TEXT NOT NULL, at TEXT NOT NULL, UNIQUE(repo, target, job))"
        ),
        "CREATE INDEX green_of_branch ON green(repo, branch, job, at)",
        # line: the lines that were said not to be this pattern
        (
            "CREATE TABLE refuted(pattern INTEGER NOT NULL REFERENCES pattern(key), hash BLOB NOT NULL, algo INTEGER NOT NULL, score REAL NOT NULL,"
            " line TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, UNIQUE(pattern, hash, algo))"
        ),
        # how far a walk over past runs has come
        (
            "CREATE TABLE walk(repo INTEGER NOT NULL REFERENCES repository(id), what TEXT NOT NULL, cursor TEXT NOT NULL, at TEXT NOT NULL,"
            " PRIMARY KEY(repo, what)) WITHOUT ROWID"
        ),
        # solutions that nobody has confirmed: the same one of two fixes is worth more than one of one fix found twice
        (
            "CREATE TABLE proposal(pattern INTEGER NOT NULL REFERENCES pattern(key), solution TEXT NOT NULL, fixed_by TEXT NOT NULL, how TEXT NOT NULL,"
            " who TEXT NOT NULL, links TEXT NOT NULL, sure REAL NOT NULL, elapsed REAL, at TEXT NOT NULL, UNIQUE(pattern, solution, fixed_by))"
        ),
        "CREATE INDEX pattern_of_signature ON pattern(signature)",
        "CREATE INDEX occurrence_at ON occurrence(at)",
    ),
)
"""Statements that lead from version n to n + 1; published ones are never edited, a change is another entry."""

VERSION: Final = len(MIGRATIONS)


def refusal(db: sqlite3.Connection) -> str:
    """Say why this file is not a store of ours, or "" when it is one, of this version or before, or empty."""
    # one snapshot: another process may be making the tables just now
    db.execute("BEGIN")
    try:
        version, application = _header(db)
        tables = _shape(db)
    finally:
        db.execute("ROLLBACK")
    if not tables and version == 0:
        return ""
    if application != APPLICATION_ID:
        return "is a database of another program"
    if version > VERSION:
        return f"was written by a newer version (form {version}; this one reads up to {VERSION})"
    if tables != _expected(version):
        return "does not have the tables of a pattern database"
    return ""


def outdated(db: sqlite3.Connection) -> bool:
    """Say whether an accepted file is of an older form."""
    return _header(db)[0] < VERSION


def migrate(db: sqlite3.Connection) -> None:
    """Bring an accepted file to VERSION, in one transaction; other processes wait, and find it done."""
    if _header(db)[0] == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        version, _ = _header(db)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={VERSION}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _header(db: sqlite3.Connection) -> tuple[int, int]:
    return int(db.execute("PRAGMA user_version").fetchone()[0]), int(db.execute("PRAGMA application_id").fetchone()[0])


def _shape(db: sqlite3.Connection) -> frozenset[tuple[str, str, str]]:
    # the exact text of every table and index: a trigger, a view or a default that runs something is seen here
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%' LIMIT 100"
    )
    return frozenset((str(kind), str(name), str(sql)) for kind, name, sql in rows)


@cache
def _expected(version: int) -> frozenset[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        for statements in MIGRATIONS[:version]:
            for statement in statements:
                db.execute(statement)
        return _shape(db)
