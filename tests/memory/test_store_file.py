"""The database's file: foreign, hostile, locked, read-only, full, and written by many at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from diagnose.memory.match import match
from diagnose.memory.patterns import list_patterns
from diagnose.memory.problem import StoreProblem
from diagnose.memory.record import Occurrence, Recorded, Seen, record
from diagnose.memory.schema import APPLICATION_ID, MIGRATIONS, VERSION
from diagnose.memory.signature import sign
from diagnose.memory.store import LOCK_WAITS, Allowance, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from diagnose.memory.rows import Pattern

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def failure(target: str, line: str = "cannot open file x") -> Occurrence:
    signature = sign([line], category="test", tool="", rule="")
    assert signature
    return Occurrence("o/r", target, NOW, Seen(signature, "it broke", 0.5))


def says(problem: object) -> str:
    assert isinstance(problem, StoreProblem)
    return "".join(part if isinstance(part, str) else "X" for part in problem.message.parts)


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks(x)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE x(y)")
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={VERSION + 1}")


def ours(path: Path, *more: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in (*MIGRATIONS[0], *more):
            db.execute(statement)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute("PRAGMA user_version=1")
        db.commit()


def trigger(path: Path) -> None:
    ours(path, "CREATE TRIGGER t AFTER INSERT ON occurrence BEGIN DELETE FROM pattern; END")


def shadow(path: Path) -> None:
    ours(path, "DROP TABLE df", "CREATE VIEW df AS SELECT 1 AS token, 1 AS n")


def torn(path: Path) -> None:
    ours(path)
    path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 9000)


FOREIGN = [
    (lambda path: path.write_bytes(b"PK\x03\x04" + b"x" * 5000), "is not a SQLite database"),
    (lambda path: path.write_text("hello " * 300), "is not a SQLite database"),
    (other_program, "is a database of another program"),
    (newer, "was written by a newer version"),
    (trigger, "does not have the tables of a pattern database"),
    (shadow, "does not have the tables of a pattern database"),
    (torn, "is damaged"),
    (lambda path: path.mkdir(), "is not a file"),
    (lambda path: path.symlink_to("elsewhere"), "is a symbolic link"),
    (os.mkfifo, "is not a file"),
]


@pytest.mark.parametrize(("make", "why"), FOREIGN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_foreign_file_is_named_and_left_alone(store: Store, make: Callable[[Path], object], why: str) -> None:
    store.path.parent.mkdir()
    make(store.path)
    before = store.path.read_bytes() if store.path.is_file() else b""
    for answer in (list_patterns(store, now=NOW), record(store, failure("a"))):
        assert why in says(answer)
        assert isinstance(answer, StoreProblem)
        assert answer.remedy
    assert (store.path.read_bytes() if store.path.is_file() else b"") == before


def test_reading_creates_nothing(store: Store) -> None:
    assert list_patterns(store, now=NOW) == ()
    assert match(store, [failure("a").root.signature], repository="o/r", target="a", now=NOW) == ()
    assert not store.path.parent.exists()


def test_the_file_is_the_users_alone(store: Store) -> None:
    record(store, failure("a"))
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    with closing(sqlite3.connect(store.path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_an_empty_file_becomes_a_store(store: Store) -> None:
    store.path.parent.mkdir()
    store.path.touch()
    assert list_patterns(store, now=NOW) == ()
    assert isinstance(record(store, failure("a")), Recorded)


def test_a_locked_store_is_tried_again_then_reported(store: Store, waits: list[float]) -> None:
    record(store, failure("a"))
    with closing(sqlite3.connect(store.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert f"is locked by another process; tried {len(LOCK_WAITS) + 1} times" in says(record(store, failure("b")))
        assert waits == list(LOCK_WAITS)
        assert len(list_patterns(store, now=NOW)) == 1  # type: ignore[arg-type]  # readers go on
    assert isinstance(record(store, failure("b")), Recorded)


def test_waits_of_several_calls_are_bounded_together(store: Store, waits: list[float]) -> None:
    record(store, failure("a"))
    bounded = Store(store.path, waits.append, Allowance(1.0))
    with closing(sqlite3.connect(store.path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        for name in "bcdefgh":
            assert "is locked by another process" in says(record(bounded, failure(name)))
    assert 0.9 < sum(waits) <= 1.0
    assert isinstance(record(bounded, failure("b")), Recorded)


def test_a_lock_that_passes_is_waited_out(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    assert isinstance(record(Store(path, time.sleep), failure("a")), Recorded)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert isinstance(record(Store(path, lambda _: holder.rollback()), failure("b")), Recorded)


@pytest.mark.parametrize(
    ("code", "why", "tries"),
    [
        (sqlite3.SQLITE_FULL, "is on a full disk", 1),
        (sqlite3.SQLITE_READONLY, "is read-only", 4),
        (sqlite3.SQLITE_CORRUPT, "is damaged", 1),
        (sqlite3.SQLITE_IOERR, "cannot be used", 4),
        (sqlite3.SQLITE_TOOBIG, "too large", 1),
    ],
)
def test_what_sqlite_says_becomes_a_sentence(store: Store, waits: list[float], code: int, why: str, tries: int) -> None:
    def fail(_db: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("in the middle")
        error.sqlite_errorcode = code
        raise error

    assert why in says(store.write(fail))
    assert len(waits) == tries - 1


def test_half_a_change_is_none(store: Store) -> None:
    record(store, failure("a"))

    def fail(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM occurrence")
        raise sqlite3.OperationalError

    assert isinstance(store.write(fail), StoreProblem)
    assert store.read(lambda db: db.execute("SELECT count(*) FROM occurrence").fetchone()[0]) == 1


def test_a_mistake_of_ours_is_not_hidden(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.write(lambda _db: 1 / 0)
    assert isinstance(record(store, failure("a")), Recorded)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    disk = tmp_path / "disk"
    disk.mkdir()
    return disk


def mounted(disk: Path, options: str) -> bool:
    return (
        os.geteuid() == 0
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk],
            check=False,
            capture_output=True,
        ).returncode
        == 0
    )


def test_a_full_disk(small_disk: Path) -> None:
    if not mounted(small_disk, "size=192k"):
        pytest.skip("a small file system cannot be mounted here; the error code is tested above")
    try:
        store = Store(small_disk / "memory.sqlite3", lambda _: None)
        answers = [
            record(store, failure(f"t{n}", f"cannot open file {'abcdefghij'[n % 10] * (n + 3)}")) for n in range(200)
        ]
        problem = next(answer for answer in answers if isinstance(answer, StoreProblem))
        assert "full disk" in says(problem) or "cannot be used" in says(problem)
        kept = sum(isinstance(answer, Recorded) for answer in answers)
        found = store.read(
            lambda db: (
                db.execute("PRAGMA integrity_check").fetchone()[0],
                db.execute("SELECT count(*) FROM occurrence").fetchone()[0],
            )
        )
        assert found == ("ok", kept)
    finally:
        subprocess.run(["umount", small_disk], check=True)


def test_a_read_only_folder_can_be_read(small_disk: Path) -> None:
    store = Store(small_disk / "memory.sqlite3", lambda _: None)
    root = mounted(small_disk, "size=1m")
    record(store, failure("a"))
    if root:
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    elif os.geteuid() == 0:
        pytest.skip("root may write anywhere, and cannot mount here")
    else:
        store.path.chmod(0o400)
        small_disk.chmod(0o500)
    try:
        assert len(list_patterns(store, now=NOW)) == 1  # type: ignore[arg-type]
        assert any(word in says(record(store, failure("b"))) for word in ("read-only", "permission denied"))
    finally:
        if root:
            subprocess.run(["umount", small_disk], check=True)
        else:
            small_disk.chmod(0o700)


def test_a_store_of_the_first_form_is_brought_up(store: Store) -> None:
    store.path.parent.mkdir()
    ours(store.path, *FIRST_FORM_ROWS)
    assert [one.seen for one in listed(store)] == [1]
    assert isinstance(record(store, failure("a")), Recorded)
    assert store.read(lambda db: db.execute("PRAGMA user_version").fetchone()[0]) == VERSION


def test_a_store_of_the_first_form_that_may_not_be_written_is_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.path.parent.mkdir()
    ours(store.path, *FIRST_FORM_ROWS)
    before = store.path.read_bytes()
    reading(monkeypatch, sqlite3.SQLITE_READONLY)
    assert [one.seen for one in listed(store)] == [1]
    assert store.path.read_bytes() == before
    monkeypatch.setattr("diagnose.memory.store.LARGEST_COPY", 100)
    assert "was written by an older version, may not be written" in says(list_patterns(store, now=NOW))


FIRST_FORM_ROWS = (
    "INSERT INTO repository VALUES(1, 'o/r')",
    "INSERT INTO pattern(repo, id, title, category, tool, state, first_seen, last_seen) VALUES(1, '0123abcd', 'x', 'test', '', 'open', '2026-11-01', '2026-11-01')",
)


def listed(store: Store) -> tuple[Pattern, ...]:
    found = list_patterns(store, now=NOW)
    assert isinstance(found, tuple)
    return found


def reading(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Let no connection be made for writing."""
    real = sqlite3.connect

    def connect(path: str, **rest: object) -> sqlite3.Connection:
        if "mode=rw" in path:
            error = sqlite3.OperationalError("not for writing")
            error.sqlite_errorcode = code
            raise error
        return real(path, **rest)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(sqlite3, "connect", connect)


WRITER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from diagnose.memory.record import Occurrence, Recorded, Seen, record
from diagnose.memory.signature import sign
from diagnose.memory.store import Store
path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for n in range(count):
    seen = Seen(sign([f"cannot open file {'abcdefgh'[n % 8] * 9}"], category="test", tool="", rule=""), "it broke", 0.5)
    done = record(Store(path, time.sleep), Occurrence("o/r", f"{name}-{n}", datetime(2026, 11, 20, tzinfo=UTC), seen))
    assert isinstance(done, Recorded), done
    print(n, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(count)], stdout=subprocess.PIPE)


def test_eight_writers_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    writers = [writer(path, f"w{n}", 10) for n in range(8)]
    for one in writers:
        one.communicate(timeout=50)
        assert one.returncode == 0
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*), count(DISTINCT target) FROM occurrence").fetchone() == (80, 80)
        assert db.execute("SELECT count(*) FROM pattern").fetchone() == (8,)
        assert db.execute("SELECT sum(seen) FROM line").fetchone() == (80,)
        assert db.execute("SELECT max(n) FROM df").fetchone() == (8,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_killed_in_the_middle_keeps_what_was_said_to_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    said = 0
    for round_ in range(3):
        one = writer(path, f"k{round_}", 100_000)
        assert one.stdout
        for _ in range(5 + 7 * round_):
            assert one.stdout.readline()
        one.kill()
        rest, _ = one.communicate()
        said += 5 + 7 * round_ + rest.count(b"\n")
        with closing(sqlite3.connect(path)) as db:
            kept = db.execute("SELECT count(*) FROM occurrence").fetchone()[0]
            assert said <= kept <= said + 1 + round_
            assert db.execute("SELECT sum(seen) FROM line").fetchone()[0] == kept
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
