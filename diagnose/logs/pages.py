"""A log's bytes on disk: read once in pages of whole lines, then any line again by number, in bounded memory."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = 1 << 20
_KEPT: Final = 12


@dataclass(frozen=True, slots=True)
class Page:
    """Whole lines: `first` is the 1-based number of the first, `data` ends with a newline unless the log does not."""

    first: int
    data: bytes


class Pages:
    """Access to the lines of one seekable file. Numbers are 1-based and count newline bytes, as `sed -n 5p` does."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._firsts: list[int] = []
        self._offsets: list[int] = []
        self._cache: OrderedDict[int, list[bytes]] = OrderedDict()
        self._lock = threading.Lock()  # agents read the same log from their own threads
        self.size = file.seek(0, os.SEEK_END)
        self.total = 0
        self.reads = 0

    def __iter__(self) -> Iterator[Page]:
        r"""Read the whole file once, in order. A line longer than a page makes its page longer."""
        self._file.seek(0)
        self._firsts, self._offsets = [], []
        self._cache.clear()
        line, offset, rest = 1, 0, b""
        while True:
            piece = self._file.read(PAGE)
            self.reads += len(piece)
            if not piece:
                break
            cut = piece.rfind(b"\n") + 1
            if not cut:
                rest += piece
                continue
            data, rest = rest + piece[:cut], piece[cut:]
            self._firsts.append(line)
            self._offsets.append(offset)
            yield Page(line, data)
            line += data.count(b"\n")
            offset += len(data)
        self._offsets.append(offset)
        self._firsts.append(line)
        if rest:
            yield Page(line, rest)
            line += 1
        self._offsets.append(offset + len(rest))
        self.total = line - 1

    def raw(self, first: int, last: int) -> list[bytes]:
        """Return the raw lines first..last (inclusive, cut to what is there), without their newline."""
        out: list[bytes] = []
        number = max(first, 1)
        last = min(last, self.total)
        while number <= last:
            place = bisect_right(self._firsts, number) - 1
            lines = self._lines(place)
            start = number - self._firsts[place]
            piece = lines[start : start + last - number + 1]
            if not piece:
                break
            out += piece
            number += len(piece)
        return out

    def _lines(self, place: int) -> list[bytes]:
        with self._lock:
            return self._loaded(place)

    def _loaded(self, place: int) -> list[bytes]:
        if place in self._cache:
            self._cache.move_to_end(place)
            return self._cache[place]
        start = self._offsets[place]
        self._file.seek(start)
        data = self._file.read(self._offsets[place + 1] - start)
        lines = data.split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        self._cache[place] = lines
        if len(self._cache) > _KEPT:
            self._cache.popitem(last=False)
        return lines

    def head(self, size: int = 1 << 16) -> bytes:
        """Return the first `size` bytes."""
        self._file.seek(0)
        return self._file.read(size)

    def tail(self, size: int = 1 << 16) -> bytes:
        """Return the last `size` bytes."""
        self._file.seek(max(0, self.size - size))
        return self._file.read(size)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
