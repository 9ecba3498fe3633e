"""Cells, wrapping and windows. Widths are terminal cells; what comes in has been through the gate.

A cluster is what stays together: a character with its marks, joiners and selectors. It is measured as the larger of the two
ways terminals count (as one sign, or character by character), so a row never comes out wider than asked on either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render.marks import SINGLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Span = tuple[str, str]
"""A piece of text and the name of its style, "" for none."""
Row = list[Span]

_JOINER: Final = "\u200d"
_JOINERS: Final = "\u200c\u200d"
_CLUSTER_CELLS: Final = 8
_TAB: Final = 4


def _char_cells(char: str) -> int:
    if char.isascii() or char in SINGLE:
        return 1
    from rich.cells import cell_len  # 11 ms, needed only where a log is not ASCII

    return cell_len(char)


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """Yield each cluster of `text` with its width in cells."""
    if text.isascii():
        yield from ((char, 1) for char in text)
        return
    held, cells = "", 0
    for char in text:
        wide = _char_cells(char)
        joined = held.endswith(_JOINER) and cells + wide <= _CLUSTER_CELLS
        if held and (wide == 0 or joined):
            held, cells = held + char, cells + wide
            continue
        if held:
            yield held, _measured(held, cells)
        held, cells = char, wide
    if held:
        yield held, _measured(held, cells)


def _measured(cluster: str, cells: int) -> int:
    if len(cluster) == 1:
        return cells
    from rich.cells import cell_len

    return max(cells, cell_len(cluster))


def width_of(text: str) -> int:
    """Return how many cells `text` takes."""
    return len(text) if text.isascii() else sum(cells for _, cells in clusters(text))


def expand_tabs(text: str) -> str:
    """Replace tabs by spaces up to the next multiple of four cells."""
    if "\t" not in text:
        return text
    first, *rest = text.split("\t")
    out = first
    for piece in rest:
        out += " " * (_TAB - width_of(out) % _TAB) + piece
    return out


def hard(spans: Iterable[Span], first: int, later: int) -> list[Row]:
    """Break `spans` wherever a row is full: `first` cells for the first row, `later` for the others. No text is dropped."""
    rows: list[Row] = [[]]
    room = first
    for text, style in spans:
        for cluster, cells in clusters(text):
            if cells > room and rows[-1]:
                rows.append(_carried(rows[-1], later))
                room = later - sum(width_of(moved) for moved, _ in rows[-1])
            room -= cells
            _add(rows[-1], cluster, style)
    return rows


def _carried(row: Row, room: int) -> Row:
    """Close a full row: take off what would be lost at its end, and return what begins the next one.

    A joiner there joins nothing, and the gate would have to make it visible. Spaces there would not be copied.
    """
    text, style = row[-1]
    text = text.rstrip(_JOINERS)
    kept = text.rstrip(" ")
    spaces = len(text) - len(kept)
    if not kept or not 0 < spaces < room // 2:
        row[-1] = (text, style)
        return []
    row[-1] = (kept, style)
    return [(" " * spaces, style)]


def _add(row: Row, text: str, style: str) -> None:
    if row and row[-1][1] == style:
        row[-1] = (row[-1][0] + text, style)
    else:
        row.append((text, style))


def prose(spans: Iterable[Span], first: int, later: int) -> list[Row]:
    """Break `spans` at spaces; a word wider than a row is broken hard."""
    rows: list[Row] = [[]]
    room = first
    for word in _words(spans):
        need = sum(width_of(text) for text, _ in word)
        gap = 1 if rows[-1] else 0
        if need + gap > room and rows[-1]:
            rows.append([])
            room, gap = later, 0
        if need <= room:
            if gap:
                _add(rows[-1], " ", word[0][1])
            for text, style in word:
                _add(rows[-1], text, style)
            room -= need + gap
            continue
        pieces = hard(word, room, later)
        rows[-1] = pieces[0]
        rows.extend(pieces[1:])
        room = (later if len(pieces) > 1 else room) - sum(width_of(text) for text, _ in rows[-1])
    return rows


def _words(spans: Iterable[Span]) -> Iterator[Row]:
    word: Row = []
    for text, style in spans:
        for index, piece in enumerate(text.split(" ")):
            if index and word:
                yield word
                word = []
            if piece:
                _add(word, piece, style)
    if word:
        yield word


def window(text: str, hit: int, room: int, more: str) -> str:
    """Return `text` if it takes at most `room` cells, else the part round index `hit` and what was left out, counted.

    The note names how to open it: "... 296 characters: --full".
    """
    if len(text) <= room and width_of(text) <= room:
        return text
    count = f"{len(text):,} characters"
    reserve = len(f" {more} {count}: --full")
    if width_of(text[: hit + 1]) <= room - reserve - room // 4:
        kept = _take(text, room - reserve)
        return f"{kept} {more} {len(text) - len(kept):,} characters: --full"
    between = max(1, room - reserve - len(f"{more} {count} {more} "))
    start = _cluster_start(text, max(0, hit - between // 4))
    kept = _take(text[start:], between)
    left = len(text) - start - len(kept)
    if left:
        return f"{more} {start:,} characters {more} {kept} {more} {left:,} characters: --full"
    last = _last(text, max(1, room - len(f"{more} {count}: --full {more} ")))
    return f"{more} {len(text) - len(last):,} characters: --full {more} {last}"


def _last(text: str, room: int) -> str:
    start = len(text)
    for cluster, cells in reversed(list(clusters(text[-room * 8 - 64 :]))):
        if cells > room:
            break
        room -= cells
        start -= len(cluster)
    return text[_cluster_start(text, start) :]


def _take(text: str, room: int) -> str:
    kept: list[str] = []
    for cluster, cells in clusters(text[: room * 8 + 64]):
        if cells > room:
            break
        room -= cells
        kept.append(cluster)
    return "".join(kept).rstrip(_JOINERS)


def _cluster_start(text: str, index: int) -> int:
    while index < len(text) and (_char_cells(text[index]) == 0 or text[index - 1 : index] == _JOINER):
        index += 1
    return index
