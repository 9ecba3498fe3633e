"""Lines in order: what a dialect must put right in the raw bytes, page by page and line by line with the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.logs.dialect import Reframing
from diagnose.logs.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.logs.dialect import Dialect
    from diagnose.logs.pages import Pages

_HELD: Final = 1 << 20  # bytes of neighbouring lines that are held; beyond them a line stands by itself


def framed(pages: Pages, dialect: Dialect) -> Iterator[Page]:
    """Read a log once, its lines in order. A page ends `reach` lines early, so that each line meets its neighbours."""
    if not isinstance(dialect, Reframing):
        yield from pages
        return
    context, held, first = b"", b"", 1
    for page in pages:
        data = held + page.data
        cut = _last_lines(data, dialect.reach)
        if cut:
            yield Page(first, _middle(dialect, context, data[:cut], data[cut:]))
            first += data.count(b"\n", 0, cut)
            context = (context + data[:cut])[_last_lines(context + data[:cut], dialect.reach) :]
        held = data[cut:]
    if held:
        yield Page(first, _middle(dialect, context, held, b""))


def raw_lines(pages: Pages, dialect: Dialect, first: int, last: int) -> list[bytes]:
    """Give lines first..last in order, without their newline; `first` is at least 1."""
    if not isinstance(dialect, Reframing):
        return pages.raw(first, last)
    start = max(1, first - dialect.reach)
    around = pages.raw(start, last + dialect.reach)
    wanted = around[first - start : last - start + 1]
    if not wanted:
        return []
    before, behind = around[: first - start], around[last - start + 1 :]
    before = before[len(before) - _within(before[::-1]) :]
    behind = behind[: _within(behind)]
    lines = dialect.whole(b"\n".join([*before, *wanted, *behind])).split(b"\n")
    return lines[len(before) : len(before) + len(wanted)]


def _middle(dialect: Reframing, before: bytes, data: bytes, behind: bytes) -> bytes:
    """Put `data` in order among its neighbours: what comes of `data` itself."""
    text = dialect.whole(before + data + behind)
    start = _after(text, before.count(b"\n"))
    return text[start : _before(text, behind)]


def _after(text: bytes, lines: int) -> int:
    place = 0
    for _ in range(lines):
        place = text.find(b"\n", place) + 1
    return place


def _before(text: bytes, behind: bytes) -> int:
    """Find where in `text` begins what came of `behind`, its last lines: as many newlines from the end."""
    if not behind:
        return len(text)
    place = len(text)
    for _ in range(behind.count(b"\n")):
        place = text.rfind(b"\n", 0, place)
    return text.rfind(b"\n", 0, place) + 1


def _last_lines(data: bytes, most: int) -> int:
    """Find where the last `most` lines of whole lines begin, or fewer where they are very long."""
    start = len(data)
    for _ in range(most):
        place = data.rfind(b"\n", 0, max(0, start - 1)) + 1
        if start == 0 or len(data) - place > _HELD:
            break
        start = place
    return start


def _within(lines: list[bytes]) -> int:
    """How many of the `lines` are held: so many as fill _HELD bytes."""
    size = 0
    for count, line in enumerate(lines):
        size += len(line) + 1
        if size > _HELD:
            return count
    return len(lines)
