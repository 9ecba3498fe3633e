r"""Commands on more than one row, so that they can still be copied: broken at spaces outside quotes, with a backslash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.render.layout import hard, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.render.layout import Row, Span


def broken(spans: Sequence[Span], room: int) -> list[Row]:
    r"""Break a command (the first span; the others are a remark) into rows of at most `room` cells.

    A row that goes on ends in ` \`, as a shell reads it; a word wider than a row is broken hard.
    """
    text, style = spans[0]
    remark = "".join(piece for piece, _ in spans[1:])
    if width_of(text) + width_of(remark) <= room:
        return [list(spans)]
    rows: list[Row] = []
    line = ""
    for word in _words(text):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer) > room - 2:
            rows.append([(f"{line} \\", style)])
            longer = "  " + word
        line = longer
    rows += hard([(line, style)], room, room)
    flat = [piece for row in rows for piece in (hard(row, room, room) if width_of(row[0][0]) > room else [row])]
    return flat + (hard([(remark.strip(), spans[1][1])], room, room) if remark else [])


def _words(text: str) -> list[str]:
    """Split at spaces that stand outside quotes and are not escaped."""
    words, held, quoted, escaped = [], "", "", False
    for char in text:
        if char == " " and not quoted and not escaped:
            words.append(held)
            held = ""
            continue
        held += char
        if escaped:
            escaped = False
        elif char == "\\" and quoted != "'":
            escaped = True
        elif quoted:
            quoted = "" if char == quoted else quoted
        elif char in "'\"":
            quoted = char
    return [*words, held]
