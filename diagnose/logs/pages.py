"""A log's bytes on disk: read once in pages of whole lines, then any line again by number, in bounded memory."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = 1 << 20
LINE_MOST: Final = 2 << 20
_KEPT: Final = 24
_STRETCH: Final = 1 << 16
_KEPT_LINES: Final = 300_000  # each costs its object, however short it is


@dataclass(frozen=True, slots=True)
class Page:
    """Whole lines: `first` is the 1-based number of the first, `data` ends with a newline unless the log does not."""

    first: int
    data: bytes


class _Place(NamedTuple):
    """Where a stretch of a page stands: its first line, its byte offset; of its first line, so many bytes are kept and so many passed over."""

    first: int
    offset: int
    kept: int = 0
    hidden: int = 0


class Pages:
    """Access to the lines of one seekable file. Numbers are 1-based and count newline bytes, as `sed -n 5p` does.

    hidden: bytes of very long lines that were passed over, after a whole iteration.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: list[_Place] = []
        self._cache: OrderedDict[int, list[bytes]] = OrderedDict()
        self._lock = threading.Lock()  # agents read the same log from their own threads
        self.size = file.seek(0, os.SEEK_END)
        self.total = 0
        self.reads = 0
        self.hidden = 0

    def __iter__(self) -> Iterator[Page]:
        r"""Read the whole file once, in order. A line longer than a page makes its page longer, up to LINE_MOST.

        What a line holds beyond LINE_MOST bytes is read and passed over, so that memory is bounded whatever the log.
        """
        self._file.seek(0)
        self._places = []
        self._cache.clear()
        self.hidden = 0
        line, offset, rest, hidden = 1, 0, b"", 0
        while piece := self._file.read(PAGE):
            self.reads += len(piece)
            cut = piece.rfind(b"\n") + 1
            if not cut:
                room = max(0, LINE_MOST - len(rest))
                rest += piece[:room]
                hidden += len(piece) - len(piece[:room])
                continue
            ended = piece.find(b"\n") if hidden else 0
            hidden += ended
            data = rest + piece[ended:cut]
            first, line = line, self._index(_Place(line, offset, len(rest), hidden), data)
            yield Page(first, data)
            offset += len(data) + hidden
            rest, hidden = piece[cut:], 0
        self._add(_Place(line, offset, len(rest), hidden))
        if rest:
            yield Page(line, rest)
            line += 1
        self._places.append(_Place(line, self.size))
        self.total = line - 1

    def _add(self, place: _Place) -> None:
        self._places.append(place)
        self.hidden += place.hidden

    def _index(self, page: _Place, data: bytes) -> int:
        """Note where each stretch of a page begins, so that a line is found again by reading little; the next line's number."""
        self.hidden += page.hidden
        line, start = page.first, 0
        while start < len(data):
            stop = data.find(b"\n", start + _STRETCH) + 1 or len(
                data
            )  # what is hidden is of the first line, so of the first stretch
            self._places.append(_Place(line, page.offset + page.hidden + start) if start else page)
            line += data.count(b"\n", start, stop)
            start = stop
        return line

    def raw(self, first: int, last: int) -> list[bytes]:
        """Return the raw lines first..last (inclusive, cut to what is there), without their newline."""
        out: list[bytes] = []
        number = max(first, 1)
        last = min(last, self.total)
        while number <= last:
            place = bisect_right(self._places, number, key=lambda place: place.first) - 1
            lines = self._lines(place)
            start = number - self._places[place].first
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
        here = self._places[place]
        size = self._places[place + 1].offset - here.offset
        self._file.seek(here.offset)
        data = self._file.read(here.kept)
        self._file.seek(here.hidden, os.SEEK_CUR)
        data += self._file.read(size - here.kept - here.hidden)
        lines = data.split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        self._cache[place] = lines
        while len(self._cache) > 1 and (len(self._cache) > _KEPT or sum(map(len, self._cache.values())) > _KEPT_LINES):
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

    def ends(self, size: int = 1 << 16) -> tuple[bytes, bytes]:
        """Return the first `size` bytes and the last ones, none of them twice."""
        return self.head(size), self.tail(min(size, max(0, self.size - size)))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
