"""What a command printed, kept for the diagnosis: one file of all streams, in which lines are whole."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.running.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD: Final = 32 << 20
"""Bytes of the beginning that are kept."""

TAIL: Final = 96 << 20
"""Bytes of the end that are kept besides."""

LONGEST_LINE: Final = 64 << 10
"""Bytes of an unfinished line that wait for its end, so that another stream does not cut it in two."""

LINE_FEED: Final = 10


class Kept(NamedTuple):
    """What became of the output. printed, left_out: bytes. problem: what went wrong with keeping it, "" when nothing did."""

    printed: int
    left_out: int
    problem: str


class Capture:
    """Takes pieces of one or more streams, from a thread each."""

    def __init__(self, head: int = HEAD, tail: int = TAIL) -> None:
        self._store = Store(head, tail)
        self._lock = Lock()
        self._several = False
        self._waiting: dict[int, bytes] = {}
        self._open = -1  # the stream whose line stands unfinished at the end

    def of_several(self) -> None:
        """Expect more than one stream: then their lines must be kept apart."""
        self._several = True

    def add(self, stream: int, data: memoryview) -> None:
        """Take a piece of a stream."""
        with self._lock:
            if self._several:
                self._lines(stream, data)
            else:
                self._store.put(data)

    def end(self, stream: int) -> None:
        """Take what waits of a stream that has ended."""
        with self._lock:
            self._flush(stream)

    def close_with(self, line: str) -> None:
        """Write a last line of our own."""
        with self._lock:
            for stream in sorted(self._waiting):
                self._flush(stream)
            begin = b"" if self._store.last_byte() in (b"", b"\n") else b"\n"
            self._store.put(memoryview(begin + line.encode("utf-8", "backslashreplace") + b"\n"))

    @property
    def kept(self) -> Kept:
        """What became of the output so far."""
        store = self._store
        return Kept(store.size + store.dropped, store.left_out, store.problem)

    @contextmanager
    def as_file(self) -> Iterator[Path | None]:
        """Give a file that holds what was kept, in order, while the context lasts; None when there can be none."""
        import tempfile
        from pathlib import Path

        own = Path(f"/proc/self/fd/{self._store.descriptor}")
        if self._store.whole and own.exists():
            yield own
            return
        folder = None
        with suppress(OSError):
            folder = tempfile.TemporaryDirectory(prefix="ci-diagnose-")
        if folder is not None:
            with folder as name:
                path = Path(name) / "output.log"
                if not self.copy(path):
                    yield path
                    return
        with self._in_memory() as found:
            yield found

    def copy(self, path: Path) -> str:
        """Write what was kept to a file, readable by its owner alone. Returns "" or why it could not be written."""
        try:
            with (
                os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as target,
                self._lock,
            ):
                for piece in self._store.pieces():
                    target.write(piece)
        except OSError as error:
            return (error.strerror or type(error).__name__).lower()
        return ""

    def close(self) -> None:
        """Let the file go."""
        self._store.close()

    @contextmanager
    def _in_memory(self) -> Iterator[Path | None]:
        """What a full disk has no room for a second time."""
        try:
            descriptor = os.memfd_create("ci-diagnose")
        except (OSError, AttributeError):
            yield None
            return
        from pathlib import Path

        with os.fdopen(descriptor, "wb") as file:
            for piece in self._store.pieces():
                file.write(piece)
            file.flush()
            yield Path(f"/proc/self/fd/{descriptor}")

    def _lines(self, stream: int, data: memoryview) -> None:
        before = self._waiting.pop(stream, b"")
        piece = memoryview(before + bytes(data)) if before else data
        cut = _whole_lines(piece)
        if len(piece) - cut > LONGEST_LINE:
            cut = len(piece)
        if cut:
            self._put(stream, piece[:cut])
        if cut < len(piece):
            self._waiting[stream] = bytes(piece[cut:])

    def _flush(self, stream: int) -> None:
        rest = self._waiting.pop(stream, b"")
        if rest:
            self._put(stream, memoryview(rest))

    def _put(self, stream: int, piece: memoryview) -> None:
        if self._open not in (-1, stream):
            self._store.put(memoryview(b"\n"))
        self._store.put(piece)
        self._open = -1 if piece[-1] == LINE_FEED else stream


def _whole_lines(piece: memoryview) -> int:
    """Where the last whole line of a piece ends, 0 when it has none."""
    end = len(piece)
    while end > 0:
        start = max(0, end - 4096)
        found = bytes(piece[start:end]).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
