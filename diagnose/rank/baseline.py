r"""What a passing run prints too: which of some lines' shapes stand in its log.

A passing log is long and few of its lines matter, so most are never decoded. A line's skeleton is its bytes without what a shape
masks (hexadecimal digits), what stripping and escaping change (blanks, `\r`, bytes beyond ASCII, `\x`): lines of one shape have one
skeleton, which is made for a whole page at once. Only a line whose skeleton is looked for is read as a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.logs.decode import shown, strip_colours
from diagnose.logs.dialects import detect
from diagnose.logs.frames import framed
from diagnose.logs.nested import said
from diagnose.rank.features import LONGEST_SHAPE, shape_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from diagnose.logs.dialect import Dialect
    from diagnose.logs.pages import Pages

MOST_LINES: Final = 400_000
MOST_COMPARED: Final = 50_000
_LEFT_OUT: Final = b"0123456789abcdefABCDEF \t\v\f\r\\x\x1c\x1d\x1e\x1f" + bytes(range(0x80, 0x100))
_LINE_MOST: Final = 4000
_HEAD: Final = 24
_SAMPLE: Final = 400
_MOST_FRAMES: Final = 4


def passing_shapes(pages: Pages, wanted: Collection[str]) -> frozenset[int]:
    """Find which of the shapes `wanted` stand in a passing log, as hashes that hold within this process.

    The first MOST_LINES lines count, and of those that look like one of `wanted` the first MOST_COMPARED. Reads the log once, page by
    page; memory is bounded by a page and by `wanted`.
    """
    dialect = detect(*pages.ends())
    search = _Search(dialect, wanted, _frames(dialect, pages))
    for page in framed(pages, dialect):
        if page.first > MOST_LINES or not search.open:
            break
        search.look(strip_colours(page.data.removesuffix(b"\n")))
    return frozenset(search.found)


def _skeleton(data: bytes) -> bytes:
    return data.translate(None, _LEFT_OUT)


def _frames(dialect: Dialect, pages: Pages) -> frozenset[bytes] | None:
    """Learn the skeletons of what `dialect` takes off the lines: a stamp has one. None where they differ by line (names in prefixes)."""
    head, tail = pages.ends()
    lines = strip_colours(head + b"\n" + tail).split(b"\n")
    found = {b""}
    for raw in (*lines[:_SAMPLE], *lines[-_SAMPLE:]):
        text = shown(raw[:_LINE_MOST])
        framing = text[: len(text) - len(said(dialect, raw[:_LINE_MOST]))]  # what is left is the end of the text
        found.add(_skeleton(framing.encode("utf-8", "replace")))
        if len(found) > _MOST_FRAMES:
            return None
    return frozenset(found)


class _Search:
    """open: for each skeleton that is looked for, the shapes that were not found yet. Of a shape that was cut, only the head counts."""

    def __init__(self, dialect: Dialect, wanted: Collection[str], frames: frozenset[bytes] | None) -> None:
        self._dialect, self._frames = dialect, frames
        self.found: set[int] = set()
        self.open: dict[bytes, set[str]] = {}
        self._compared = 0
        self._cut: dict[int, int] = {}  # length of a head: how many are looked for
        for shape in wanted:
            for key in self._keys(shape):
                if shape not in self.open.setdefault(key, set()) and len(shape) >= LONGEST_SHAPE:
                    self._cut[len(key)] = self._cut.get(len(key), 0) + 1
                self.open[key].add(shape)

    def _keys(self, shape: str) -> list[bytes]:
        key = _skeleton(shape.encode("utf-8", "replace"))
        if len(shape) >= LONGEST_SHAPE:
            key = key[:_HEAD]
        return [frame + key for frame in self._frames or (b"",)]

    def look(self, data: bytes) -> None:
        """Look through whole lines, their colours removed."""
        lines = self._lines(data)
        skeletons = _skeleton(b"\n".join(lines)).split(b"\n")
        self._check(dict.fromkeys(line for line, key in zip(lines, skeletons, strict=True) if key in self.open))
        for length in list(self._cut):
            self._check(
                dict.fromkeys(line for line, key in zip(lines, skeletons, strict=True) if key[:length] in self.open)
            )

    def _lines(self, data: bytes) -> list[bytes]:
        r"""Split into lines; where a `\r` or a backspace overwrites, or frames differ, each is read as it is shown."""
        lines = data.replace(b"\r\n", b"\n").split(b"\n")
        if self._frames is None:
            return [self._bare(line).encode("utf-8", "replace") for line in lines]
        if b"\r" in data or b"\b" in data:
            return [
                shown(line).encode("utf-8", "replace") if b"\r" in line or b"\b" in line else line for line in lines
            ]
        return lines

    def _bare(self, line: bytes) -> str:
        return said(self._dialect, line[:_LINE_MOST])

    def _check(self, lines: Iterable[bytes]) -> None:
        """Compare by shape the lines, each once, that may be one of those looked for."""
        for line in lines:
            self._compared += 1
            if self._compared > MOST_COMPARED:
                self.open.clear()
                return
            shape = shape_of(line.decode("utf-8", "replace") if self._frames is None else self._bare(line))
            for key in self._keys(shape):
                missed = self.open.get(key)
                if missed and shape in missed:
                    missed.discard(shape)
                    self.found.add(hash(shape))
                    if not missed:
                        del self.open[key]
