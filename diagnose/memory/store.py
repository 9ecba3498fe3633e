"""The pattern database's file: opened, checked, read and written; what goes wrong comes back as a value.

One connection a call: nothing is shared between threads, processes or event loops, and SQLite's own locks do the rest.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from diagnose.memory.problem import StoreProblem
from diagnose.memory.schema import migrate, outdated, refusal
from diagnose.model.text import Untrusted, phrase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

FILE_NAME: Final = "memory.sqlite3"

WAITS: Final = (0.05, 0.2, 0.8)
"""Seconds before the second, third and fourth try, where the folder does not do what it is asked."""

LOCK_WAITS: Final = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.025, 0.05, 0.05, *(0.1,) * 28)
"""Seconds between tries where another process has the lock: 3 s in all. Eight writers at once make each other wait for 0.11 s.

SQLite itself never waits: all waiting goes through `Store.sleep`, and can be counted and bounded.
"""

LARGEST_VALUE: Final = 1 << 20
"""Bytes of one value or row: a store from a cache or an artifact may hold anything."""

LARGEST_COPY: Final = 256 << 20
"""Bytes of a store of an older form that are copied into memory where it may not be written."""

_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PROTOCOL,
    }
)  # a folder that a cloud service synchronises shows each of these for a moment

_UNWRITABLE: Final = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
)

ELSEWHERE: Final = "CI_DIAGNOSE_MEMORY=/path/with/space"

_REASONS: Final[dict[int, tuple[str, str]]] = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", "run it again"),
    sqlite3.SQLITE_LOCKED: ("is locked by another process", "run it again"),
    sqlite3.SQLITE_PROTOCOL: ("is locked by another process", "run it again"),
    sqlite3.SQLITE_FULL: ("is on a full disk", ELSEWHERE),
    sqlite3.SQLITE_READONLY: ("is read-only", ELSEWHERE),
    sqlite3.SQLITE_PERM: ("may not be opened: permission denied", ELSEWHERE),
    sqlite3.SQLITE_AUTH: ("may not be opened: permission denied", ELSEWHERE),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", ELSEWHERE),
    sqlite3.SQLITE_NOTADB: (
        "is not a SQLite database",
        "move it away; `ci-diagnose history import DISCOVERIES.md` fills a new one",
    ),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "move it away; `ci-diagnose history import DISCOVERIES.md` fills a new one"),
    sqlite3.SQLITE_TOOBIG: (
        "holds a value that is too large to be ours",
        "move it away; `ci-diagnose history import DISCOVERIES.md` fills a new one",
    ),
}
_OS_REASONS: Final[dict[int, tuple[str, str]]] = {
    errno.ENOSPC: _REASONS[sqlite3.SQLITE_FULL],
    errno.EDQUOT: _REASONS[sqlite3.SQLITE_FULL],
    errno.EROFS: _REASONS[sqlite3.SQLITE_READONLY],
    errno.EACCES: _REASONS[sqlite3.SQLITE_PERM],
    errno.EPERM: _REASONS[sqlite3.SQLITE_PERM],
    errno.EISDIR: ("is not a file", "name a file with CI_DIAGNOSE_MEMORY"),
    errno.ELOOP: ("is a symbolic link", "name the file that it points at"),
}


class _RefusedError(Exception):
    """The file is there, and is not a store of ours."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})


@dataclass(slots=True)
class Allowance:
    """Seconds that a store may still wait, over all of its calls; None: each call for itself."""

    seconds: float | None = None

    def take(self, wait: float) -> bool:
        """Say whether that long may be waited, and count it."""
        if self.seconds is None:
            return True
        self.seconds -= wait
        return self.seconds >= 0


@dataclass(frozen=True, slots=True)
class Store:
    """Where the patterns are. sleep: waits that many seconds between two tries; path: its folder is made when needed.

    allowance: bounds the waits of several calls together, so that a diagnosis is not held up by a store that is in use or out of order.
    """

    path: Path
    sleep: Callable[[float], None]
    allowance: Allowance = field(default_factory=Allowance)

    def read(self, ask: Callable[[sqlite3.Connection], T]) -> T | StoreProblem:
        """Return what `ask` reads, from an empty store when there is no file yet; nothing is created."""
        return self._tried(lambda: self._read(ask))

    def write(self, change: Callable[[sqlite3.Connection], T], *, thorough: bool = False) -> T | StoreProblem:
        """Run `change` in one transaction that holds the write lock from its start: all of it is kept, or none.

        thorough: what is removed is overwritten in the file and in its log, as far as nobody reads there just now.
        """
        return self._tried(lambda: self._write(change, thorough=thorough))

    def _tried(self, attempt: Callable[[], T]) -> T | StoreProblem:
        locked, failed = iter(LOCK_WAITS), iter(WAITS)
        tries = 0
        while True:
            tries += 1
            try:
                return attempt()
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                wait = next(locked if code in _LOCKED else failed, None) if code in _PASSING else None
                if wait is None or not self.allowance.take(wait):
                    why, remedy = _REASONS.get(code, ("cannot be used", ELSEWHERE))
                    return self._problem(why, remedy, tries)
                self.sleep(wait)
            except _RefusedError as error:
                return self._problem(str(error), error.remedy)
            except OSError as error:
                why, remedy = _OS_REASONS.get(error.errno or 0, ("cannot be opened", ELSEWHERE))
                return self._problem(why, remedy)

    def _problem(self, why: str, remedy: str, tries: int = 1) -> StoreProblem:
        return StoreProblem(
            phrase(
                "the memory at ", Untrusted(str(self.path)), f" {why}", f"; tried {tries} times" if tries > 1 else ""
            ),
            remedy,
        )

    def _read(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        if not self.path.exists() and not self.path.is_symlink():
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
                migrate(db)
                return ask(db)
        _check_file(self.path)
        try:
            return self._asked("rw", ask)
        except sqlite3.Error as error:
            if not self._unwritable(error):
                raise
        return self._asked("ro&immutable=1", ask)

    def _unwritable(self, error: sqlite3.Error) -> bool:
        """Say whether the file can be read as it lies: a WAL store in a read-only folder or on a full disk, with nothing left in its log."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        log = self.path.with_name(self.path.name + "-wal")
        return code in _UNWRITABLE and not (log.exists() and log.stat().st_size)

    def _asked(self, mode: str, ask: Callable[[sqlite3.Connection], T]) -> T:
        with closing(_connect(self.path, mode)) as db:
            _accept(db)
            if "immutable" not in mode:
                migrate(db)
            elif outdated(db):
                return self._of_copy(db, ask)
            db.execute("BEGIN")  # one snapshot for all of its questions
            return ask(db)

    def _of_copy(self, db: sqlite3.Connection, ask: Callable[[sqlite3.Connection], T]) -> T:
        """Ask a copy of an older form that may not be written."""
        if self.path.stat().st_size > LARGEST_COPY:
            raise _RefusedError(
                f"was written by an older version, may not be written, and is larger than {LARGEST_COPY >> 20} MiB",
                ELSEWHERE,
            )
        with closing(_guarded(sqlite3.connect(":memory:", isolation_level=None))) as copy:
            db.backup(copy)
            migrate(copy)
            return ask(copy)

    def _write(self, change: Callable[[sqlite3.Connection], T], *, thorough: bool) -> T:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(
            os.open(
                self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o600
            )
        )
        _check_file(self.path)
        with closing(_connect(self.path, "rw")) as db:
            _accept(db)
            if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            if thorough:
                db.execute("PRAGMA secure_delete=ON")
                db.execute(
                    "PRAGMA foreign_keys=OFF"
                )  # who removes follows them; the check of each row would read all postings
            migrate(db)
            db.execute("BEGIN IMMEDIATE")
            try:
                result = change(db)
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
            if thorough:
                with suppress(sqlite3.Error):  # the change is kept; the log is emptied by whoever comes next
                    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return result


def _check_file(path: Path) -> None:
    kind = path.lstat().st_mode
    if stat.S_ISLNK(kind):
        raise OSError(errno.ELOOP, "a symbolic link")
    if not stat.S_ISREG(kind):
        raise _RefusedError("is not a file", "name a file with CI_DIAGNOSE_MEMORY")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return _guarded(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=0, isolation_level=None)
    )


def _guarded(db: sqlite3.Connection) -> sqlite3.Connection:
    db.text_factory = lambda value: value.decode("utf-8", "replace")
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "foreign_keys=ON"):
        db.execute(f"PRAGMA {pragma}")
    return db


def _accept(db: sqlite3.Connection) -> None:
    why = refusal(db)
    if why:
        newer = "newer version" in why
        raise _RefusedError(
            why, "pip install --upgrade ci-diagnose" if newer else "name another file with CI_DIAGNOSE_MEMORY"
        )
