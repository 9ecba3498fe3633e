"""What the pattern database loses when things go wrong: kind of fault, writers, what was said to be kept, lost, doubled.

    python -m benchmarks.crashes [--writers 8] [--records 25]

Each writer records failures of its own, one process each, and says which are kept. When the fault is over, all are recorded once more by one writer,
as a user would run it again. Lost: said to be kept, and not there; or not there after the second round. Doubled: there twice, or counted twice.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.memory.record import Occurrence, Recorded, Seen, record
from diagnose.memory.signature import Signature, sign
from diagnose.memory.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
FAULTS: Final = ("none", "kill -9", "disk full", "read-only", "locked", "synchronised folder")
ROOM: Final = 20_000
"""Bytes by which a file of the store may grow before the disk of "disk full" is full."""

EVERY: Final = 3
"""One in so many calls meets the passing error of a synchronised folder."""

HELD: Final = 0.4
"""Seconds for which "locked" holds the lock, again and again."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table. refused: answers that said why nothing could be kept."""

    fault: str
    writers: int
    kept: int
    refused: int
    lost: int
    doubled: int


def failure(target: str) -> Occurrence:
    """Make a failure; eight kinds, so that writers meet each other's patterns."""
    kind = "abcdefgh"[sum(target.encode()) % 8] * 9
    signature: Signature | None = sign([f"cannot open file {kind}"], category="test", tool="", rule="")
    assert signature  # noqa: S101 - the line carries identity
    return Occurrence("owner/repo", target, NOW, Seen(signature, "it broke", 0.5), link="x" * 1500)  # a file that grows


def worker(fault: str, path: Path, name: str, count: int) -> None:
    """Record; print each target that was said to be kept, and `-` for each that was not."""
    _break(fault, path)
    for number in range(count):
        target = f"{name}-{number}"
        done = record(Store(path, time.sleep), failure(target))
        print(target if isinstance(done, Recorded) else "-", flush=True)


def _break(fault: str, path: Path) -> None:
    if fault == "disk full":
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + ROOM, resource.RLIM_INFINITY))
    elif fault in ("read-only", "synchronised folder"):
        real: Callable[..., sqlite3.Connection] = sqlite3.connect
        codes: Iterator[int] = _errors(fault)

        def connect(database: str, **rest: object) -> sqlite3.Connection:
            code = next(codes) if "mode=" in database else 0
            if code:
                error = sqlite3.OperationalError("as the folder says")
                error.sqlite_errorcode = code
                raise error
            return real(database, **rest)

        sqlite3.connect = connect  # type: ignore[assignment]


def _errors(fault: str) -> Iterator[int]:
    number = 0
    while True:
        number += 1
        if fault == "read-only":
            yield sqlite3.SQLITE_READONLY
        else:
            yield (
                0
                if number % EVERY
                else (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)[number // EVERY % 3]
            )


def run(fault: str, writers: int, count: int, folder: Path) -> Row:
    """Let writers meet a fault, then look at what is there."""
    path = folder / "memory.sqlite3"
    record(Store(path, time.sleep), failure("first-0"))
    names = [f"w{number}" for number in range(writers)]
    command = [sys.executable, "-m", "benchmarks.crashes", "--worker", fault, str(path)]
    many = 100_000 if fault == "kill -9" else count
    at_work = [
        subprocess.Popen(
            [*command, name, str(many)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[1]
        )
        for name in names
    ]
    said: list[str] = []
    if fault == "kill -9":
        for number, one in enumerate(at_work):
            assert one.stdout  # noqa: S101 - it is a pipe
            said += [one.stdout.readline().strip() for _ in range(1 + number % max(1, count))]
            os.kill(one.pid, signal.SIGKILL)
    elif fault == "locked":
        _hold(path, at_work)
    for one in at_work:
        said += one.communicate(timeout=300)[0].split()
    kept = {target for target in said if target != "-"}
    lost = len(kept - _targets(path))
    wanted = {*kept, *(f"{name}-{number}" for name in names for number in range(count))}
    for target in sorted(wanted):
        record(Store(path, time.sleep), failure(target))
    return Row(fault, writers, len(kept), said.count("-"), lost + len(wanted - _targets(path)), _doubled(path))


def _hold(path: Path, at_work: list[subprocess.Popen[str]]) -> None:
    """Hold the lock again and again while there is a writer."""
    while any(one.poll() is None for one in at_work):
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as db:
            db.execute("BEGIN IMMEDIATE")
            time.sleep(HELD)
            db.execute("ROLLBACK")
        time.sleep(HELD / 4)


def _targets(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {str(row[0]) for row in db.execute("SELECT target FROM occurrence WHERE rank = 0")}


def _doubled(path: Path) -> int:
    """Count rows and counts that are there more often than once; a damaged file counts as all of them."""
    with closing(sqlite3.connect(path)) as db:
        rows, targets = db.execute("SELECT count(*), count(DISTINCT target) FROM occurrence WHERE rank = 0").fetchone()
        seen = db.execute("SELECT sum(seen) FROM line").fetchone()[0]
        patterns, kinds = db.execute("SELECT count(*), count(DISTINCT id) FROM pattern").fetchone()
        words = db.execute("SELECT max(n) - (SELECT count(*) FROM signature) FROM df").fetchone()[0]
        sound = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return (rows - targets) + abs(seen - rows) + (patterns - kinds) + max(0, words) if sound else int(rows)


def main() -> int:
    """Print the table; 1 where something was lost or doubled."""
    cli = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    cli.add_argument("--writers", type=int, default=8)
    cli.add_argument("--records", type=int, default=25)
    cli.add_argument("--worker", nargs=4, default=None, help=argparse.SUPPRESS)
    args = cli.parse_args()
    if args.worker:
        fault, path, name, count = args.worker
        worker(fault, Path(path), name, int(count))
        return 0
    print(f"{'fault':<22}{'writers':>8}{'kept':>7}{'refused':>9}{'lost':>6}{'doubled':>9}")
    bad = False
    for fault in FAULTS:
        with tempfile.TemporaryDirectory(prefix="crashes-") as folder:
            row = run(fault, args.writers, args.records, Path(folder))
        print(f"{row.fault:<22}{row.writers:>8}{row.kept:>7}{row.refused:>9}{row.lost:>6}{row.doubled:>9}", flush=True)
        bad = bad or bool(row.lost or row.doubled)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
