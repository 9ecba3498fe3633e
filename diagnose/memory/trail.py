"""The trail: a line of JSON for every run, so that a claim can be checked: what was asked, looked at and executed, and what came of it.

Two files hold it, the present one and the one before; when the present one is full it takes the other's place. A line is one write to a file
that is open for appending, under a lock where that is to be had soon: runs at once write whole lines, and none is held up.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from diagnose.safety.store import to_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from diagnose.safety.redact import Redactor

NAME: Final = "trail.jsonl"
OLDER: Final = "trail.1.jsonl"

VERSION: Final = 1
"""Of the form of a line (its `form`)."""

LARGEST_FILE: Final = 1 << 20
"""Bytes from which a new file is begun: with the one before, some 4,000 runs."""

LARGEST_LINE: Final = 16 << 10
TEXT_CAP: Final = 500
ITEMS: Final = 50
LOCK_SECONDS: Final = 0.2


@dataclass(slots=True)
class Run:
    """One run, as its line says it. asked: the command and its target. looked_at: logs, bytes, requests by endpoint. executed: programs as called.

    outcome: the answer's status, "refused", "interrupted" or "error". said: what the answer came to (cause, confidence, patterns). exit: the code.
    """

    at: str
    version: str
    asked: dict[str, Any]
    looked_at: dict[str, Any] = field(default_factory=dict)
    executed: tuple[tuple[str, ...], ...] = ()
    outcome: str = "error"
    said: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    exit: int | None = None


def line_of(run: Run, redactor: Redactor) -> bytes:
    """Write a run as one line, redacted, with what is long cut; at most LARGEST_LINE bytes."""
    document = {
        "form": VERSION, "at": run.at, "version": run.version, "asked": run.asked, "looked_at": run.looked_at, "executed": run.executed,
        "outcome": run.outcome, "said": run.said, "seconds": round(run.seconds, 3), "exit": run.exit,
    }  # fmt: skip
    for cap, items in ((TEXT_CAP, ITEMS), (100, 10), (40, 3)):
        kept = {name: _kept(value, redactor, cap, items) for name, value in document.items()}
        data = json.dumps(kept, ensure_ascii=True, allow_nan=False).encode() + b"\n"
        if len(data) <= LARGEST_LINE:
            return data
    raise AssertionError("three texts of forty characters a field are less than a line")


def _kept(value: Any, redactor: Redactor, cap: int, items: int) -> Any:
    """Redact every text, names of keys too: an endpoint is one."""
    if isinstance(value, str):
        return to_store(value, one_line=True, limit=cap, redactor=redactor)
    if isinstance(value, dict):
        return {
            _kept(str(key), redactor, cap, items): _kept(part, redactor, cap, items)
            for key, part in list(value.items())[:items]
        }
    if isinstance(value, list | tuple):
        return [_kept(part, redactor, cap, items) for part in value[:items]]
    if isinstance(value, float):
        return round(value, 4) if abs(value) < 1e15 else None  # noqa: PLR2004 - NaN and infinity fail it
    return value if value is None or isinstance(value, bool | int) else str(type(value).__name__)


def leave(folder: Path, data: bytes) -> str:
    """Append a line to the trail in this folder. Returns "" or why it could not be kept."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _turn(folder, len(data))
        _append(folder / NAME, data)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _append(path: Path, data: bytes) -> None:
    flags = (
        os.O_RDWR
        | os.O_APPEND
        | os.O_CREAT
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_CLOEXEC", 0)
        | getattr(os, "O_BINARY", 0)
    )
    descriptor = os.open(path, flags, 0o600)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(None, "it is not a file")
        # What a full disk or a killed run left of a line ends here, and spoils only itself. What another process is just
        # writing looks the same for a moment: it then is whole all the same, and an empty line follows, which is no run.
        torn = found.st_size and os.pread(descriptor, 1, found.st_size - 1) != b"\n" if hasattr(os, "pread") else False
        os.write(descriptor, b"\n" + data if torn else data)
    finally:
        os.close(descriptor)


def _turn(folder: Path, more: int) -> None:
    """Begin a new file where the present one is full; one process at a time, the others write to whichever is there."""
    path = folder / NAME
    if not path.exists() or path.stat().st_size + more <= LARGEST_FILE:
        return
    import filelock

    with suppress(filelock.Timeout), filelock.FileLock(folder / "trail.lock", timeout=LOCK_SECONDS):
        if path.exists() and path.stat().st_size + more > LARGEST_FILE:
            path.replace(folder / OLDER)


def runs(
    folder: Path, most: int, wanted: Callable[[Mapping[str, Any]], bool] = lambda _run: True
) -> list[dict[str, Any]]:
    """Return the newest runs of the trail that are wanted, newest first, at most `most`. Lines that are no run are passed over."""
    found: list[dict[str, Any]] = []
    for name in (NAME, OLDER):
        for line in _backwards(folder / name):
            run = _read(line)
            if run is not None and wanted(run):
                found.append(run)
            if len(found) >= most:
                return found
    return found


def _backwards(path: Path) -> Iterator[bytes]:
    flags = (
        os.O_RDONLY
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_CLOEXEC", 0)
        | getattr(os, "O_BINARY", 0)
    )
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            # runs that wrote while another turned the file may have gone a little over
            data = file.read(4 * LARGEST_FILE)
    except OSError:
        return
    yield from reversed(data.split(b"\n"))


def _read(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b"{") or len(line) > LARGEST_LINE:
        return None
    try:
        run = json.loads(line)
    except (ValueError, RecursionError):
        return None
    right = (
        isinstance(run, dict)
        and run.get("form") == VERSION
        and isinstance(run.get("at"), str)
        and isinstance(run.get("asked"), dict)
    )
    return run if right else None
