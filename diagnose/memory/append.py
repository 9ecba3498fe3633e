"""DISCOVERIES.md on disk: read within bounds, appended to by one process at a time, all of an entry or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from diagnose.memory.discoveries import HEAD, parse
from diagnose.memory.entry import AND, HEADING, OR, Entry, neutral, render
from diagnose.memory.problem import StoreProblem
from diagnose.model.text import Untrusted, phrase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

LARGEST_FILE: Final = 8 << 20
"""Bytes that are read: some 20,000 entries."""

LOCK_SECONDS: Final = 5.0
"""How long another process' append is waited for; one takes milliseconds."""

_REASONS: Final[dict[int, tuple[str, str]]] = {
    errno.ELOOP: ("is a symbolic link, and a link may lead out of the checkout", "replace it by the file itself"),
    errno.EMLINK: ("is a symbolic link, and a link may lead out of the checkout", "replace it by the file itself"),
    errno.ENOSPC: ("is on a full disk", "make space, and run `ci-diagnose resolve` again"),
    errno.EDQUOT: ("is on a full disk", "make space, and run `ci-diagnose resolve` again"),
    errno.EROFS: ("is on a read-only file system", ""),
    errno.EACCES: ("may not be opened: permission denied", ""),
    errno.EPERM: ("may not be opened: permission denied", ""),
    errno.ENOENT: ("has no folder", ""),
    errno.EISDIR: ("is a folder", ""),
    errno.ENXIO: ("is not a file", ""),
    errno.EFBIG: (f"is larger than {LARGEST_FILE >> 20} MiB", "move old entries to another file"),
    errno.ETIMEDOUT: ("is being written by another process", "run it again"),
}


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the entry stands: the line (1-based) of its heading. new: False when the same entry stood there before."""

    line: int
    new: bool


def read(path: Path) -> str | StoreProblem:
    """Return the record's text, "" when there is no file."""
    try:
        descriptor = _opened(path, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return _problem(path, error)
    try:
        return _text(descriptor)
    except OSError as error:
        return _problem(path, error)
    finally:
        os.close(descriptor)


def append(path: Path, entry: Entry, *, locks: Path) -> Appended | StoreProblem:
    """Add an entry at the end of the record, which is begun where there is none.

    locks: a folder of the user's for the lock file, so that none is left in the checkout. The same entry twice is written once.
    """
    return _alone(path, locks, lambda: _append(path, neutral(entry)))


def rewrite(path: Path, change: Callable[[str], str], *, locks: Path) -> bool | StoreProblem:
    """Put what `change` makes of the record's text ("" where there is no file) in its place, whole or not at all; return whether that is another text."""
    return _alone(path, locks, lambda: _rewrite(path, change))


def _alone(path: Path, locks: Path, act: Callable[[], T]) -> T | StoreProblem:
    import filelock

    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]
    try:
        locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        with filelock.FileLock(locks / f"{name}.lock", timeout=LOCK_SECONDS):
            return act()
    except filelock.Timeout:
        return _problem(path, OSError(errno.ETIMEDOUT, "locked"))
    except OSError as error:
        return _problem(path, error)


def _append(path: Path, entry: Entry) -> Appended:
    descriptor = _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        text = _text(descriptor)
        known, _ = parse(text)
        if any(_says_the_same(one, entry) for one in known):
            return Appended(line_of(text, entry.id), new=False)
        before = os.fstat(descriptor).st_size
        addition = _joint(text) + render(entry)
        if text.endswith("\r\n"):
            addition = addition.replace("\n", "\r\n")
        try:
            _write(descriptor, addition.encode())
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)  # half an entry is worse than none
            raise
        return Appended(line_of(text + addition, entry.id), new=True)
    finally:
        os.close(descriptor)


def _rewrite(path: Path, change: Callable[[str], str]) -> bool:
    mode = 0o644
    text = ""
    with suppress(FileNotFoundError):
        descriptor = _opened(path, os.O_RDWR)
        try:
            text, mode = _text(descriptor), stat.S_IMODE(os.fstat(descriptor).st_mode)
        finally:
            os.close(descriptor)
    after = change(text)
    if after == text:
        return False
    other = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(other, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        try:
            _write(descriptor, after.encode("utf-8", "replace"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        other.replace(path)
    except OSError:
        with suppress(OSError):
            other.unlink()
        raise
    return True


def _says_the_same(one: Entry, other: Entry) -> bool:
    """Say whether the record holds all of what `other` says; figures that time alone changes do not make another entry."""
    return (
        one.id == other.id
        and one.state == other.state
        and other.root_cause in one.root_cause.split(OR)
        and other.solution in one.solution.split(OR)
        and (not other.reference or other.reference in one.reference.split(AND))
    )


def _opened(path: Path, flags: int) -> int:
    extra = (
        getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_CLOEXEC", 0)
        | getattr(os, "O_BINARY", 0)
    )
    if path.is_symlink():  # O_NOFOLLOW says it without a race, where there is one
        raise OSError(errno.ELOOP, "a symbolic link")
    descriptor = os.open(path, flags | extra, 0o644)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.ENXIO, "not a regular file")
    return descriptor


def _text(descriptor: int) -> str:
    parts = []
    left = LARGEST_FILE + 1
    while left and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    if not left:
        raise OSError(errno.EFBIG, "too large")
    return b"".join(parts).decode("utf-8", "replace")


def _joint(text: str) -> str:
    """Return what stands between the present end and a new entry: one blank line, or the head of a new file."""
    if not text.strip("\ufeff \t\r\n"):
        return HEAD + "\n"
    return "" if text.endswith(("\n\n", "\n\r\n")) else "\n" if text.endswith("\n") else "\n\n"


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def line_of(text: str, ident: str) -> int:
    """Return the line of the last heading that bears this id, 1 when only its fields do."""
    found = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if line.startswith(HEADING) and f"<!-- ci:{ident} -->" in line
    ]
    return found[-1] if found else 1


def _problem(path: Path, error: OSError) -> StoreProblem:
    why, remedy = _REASONS.get(error.errno or 0, ("cannot be used", ""))
    return StoreProblem(phrase("the record ", Untrusted(str(path)), f" {why}"), remedy)
