"""A file for the beginning and the end of what is printed: a bounded one, without a name where the system allows it.

It is private, and gone with this process. Nothing here fails: on a full disk the newest bytes take the place of older ones.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BLANK: Final = 8 << 20
"""Lines left out that empty ones stand for, so that the lines behind keep their numbers."""

PIECE: Final = 1 << 20
IN_MEMORY: Final = (1 << 20, 7 << 20)
"""Bytes of beginning and end that are kept where no file can be made."""

LEAST: Final = 64 << 10
"""Bytes that a full disk must have taken for them to be used again."""


class Store:
    """The first `head` bytes, then a ring that holds the newest `tail` bytes behind them.

    size: bytes taken. dropped: bytes that could not be kept at all. problem: why less is kept than was meant, "" if nothing went wrong.
    """

    def __init__(self, head: int, tail: int) -> None:
        self.head, self.tail = head, tail
        self.size = self.dropped = 0
        self.problem = ""
        self._ring_lines: int | None = (
            None  # line ends that were written behind the head; counted from the first one that is overwritten
        )
        self._descriptor = -1
        try:
            self._descriptor = _nameless()
        except OSError as error:
            self._to_memory(error)

    @property
    def descriptor(self) -> int:
        """The file, -1 when there is none."""
        return self._descriptor

    @property
    def whole(self) -> bool:
        """Whether the file holds all bytes in order."""
        return self.size <= self.head + self.tail

    @property
    def left_out(self) -> int:
        """Bytes that were taken and are kept no more, and those that were dropped."""
        return max(0, self.size - self.head - self.tail) + self.dropped

    def put(self, data: memoryview) -> None:
        """Take bytes."""
        while data:
            if self._descriptor < 0:
                self.dropped += len(data)
                return
            try:
                data = data[self._write(data) :]
            except OSError as error:
                if not self._make_do(error):
                    self.dropped += len(data)
                    return

    def last_byte(self) -> bytes:
        """The newest byte, b"" when there is none."""
        if not self.size:
            return b""
        behind = self.size - 1 - self.head
        return os.pread(self._descriptor, 1, self.size - 1 if behind < 0 else self.head + behind % self.tail)

    def pieces(self) -> Iterator[bytes]:
        """What is kept, in order. A gap is a line that says so, and as many empty lines as are missing."""
        if self.whole:
            yield from self._read(0, self.size)
            return
        cut = self.head - self._unfinished()
        yield from self._read(0, cut)
        begin = (self.size - self.head) % self.tail
        first = self._to_line_start(begin)
        yield self._gap(cut, first)
        for piece in self._ring(begin):
            yield piece[first:]
            first = max(0, first - len(piece))

    def close(self) -> None:
        """Let the file go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _write(self, data: memoryview) -> int:
        """Write the beginning of `data` where it belongs. Returns how many bytes."""
        behind = self.size - self.head
        if behind < 0:
            room, place = -behind, self.size
        else:
            room, place = self.tail - behind % self.tail, self.head + behind % self.tail
        if behind >= self.tail and self._ring_lines is None:
            self._ring_lines = self._in_ring()
        written = os.pwrite(self._descriptor, data[:room], place)
        if self._ring_lines is not None:
            self._ring_lines += bytes(data[:written]).count(b"\n")
        self.size += written
        return written

    def _make_do(self, error: OSError) -> bool:
        """Go on without more room: what the disk took is used again for what comes, or some memory. Returns whether there is a way."""
        if self.problem:
            return False
        if self.size < LEAST or not self.whole:
            self.dropped += self.size
            self.size = 0
            self.close()
            return self._to_memory(error)
        self.problem = _reason(error)
        # what comes is the failure, more often than what came: it has half of the room, also where the disk fills just behind the head
        self.head = min(self.head, self.size // 2)
        self.tail = self.size - self.head
        return True

    def _to_memory(self, error: OSError) -> bool:
        self.problem = _reason(error)
        self.head, self.tail = min(self.head, IN_MEMORY[0]), min(self.tail, IN_MEMORY[1])
        try:
            self._descriptor = os.memfd_create("ci-diagnose")
        except (OSError, AttributeError):
            return False
        return True

    def _gap(self, cut: int, first: int) -> bytes:
        missing = (self._ring_lines or 0) - self._in_ring() + (1 if first else 0)
        lost = self.size - cut - (self.tail - first)
        told = f"[ci-diagnose: {lost} bytes of the output are left out here, {missing} lines"
        if missing > MOST_BLANK:
            told += "; behind them the numbers of lines are too small"
        return told.encode() + b"]" + b"\n" * max(1, min(missing, MOST_BLANK))

    def _in_ring(self) -> int:
        return sum(piece.count(b"\n") for piece in self._read(self.head, min(self.size - self.head, self.tail)))

    def _read(self, place: int, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = os.pread(self._descriptor, min(size, PIECE), place)
            if not piece:
                return
            yield piece
            place, size = place + len(piece), size - len(piece)

    def _ring(self, begin: int) -> Iterator[bytes]:
        yield from self._read(self.head + begin, self.tail - begin)
        yield from self._read(self.head, begin)

    def _to_line_start(self, begin: int) -> int:
        """How many bytes of the ring belong to a line whose beginning is gone; 0 when it holds no line end."""
        place = 0
        for piece in self._ring(begin):
            found = piece.find(b"\n")
            if found >= 0:
                return place + found + 1
            place += len(piece)
        return 0

    def _unfinished(self) -> int:
        """How many bytes of the head stand behind its last line end; 0 when there is none near."""
        place = max(0, self.head - PIECE)
        piece = b"".join(self._read(place, self.head - place))
        return len(piece) - 1 - piece.rfind(b"\n") if b"\n" in piece else 0


def _nameless() -> int:
    """Make a file in the folder for temporary ones that has no name, or loses it at once."""
    try:
        return os.open(os.environ.get("TMPDIR") or "/tmp", os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600)  # noqa: S108 - it has no name that another could take
    except (OSError, AttributeError):
        import tempfile  # knows other folders and systems; not needed for the usual case, and slow to import

        with tempfile.TemporaryFile(prefix="ci-diagnose-", buffering=0) as file:
            return os.dup(file.fileno())


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
