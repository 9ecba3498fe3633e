r"""Places and commands on more than one row, so that they can still be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render.layout import hard, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.render.layout import Row, Span

_INDENT: Final = "  "


def place(spans: Sequence[Span], room: int, sign: str) -> list[Row]:
    """Return a place and its remark on one row of `room` cells, else on rows of their own; `sign` marks a broken one."""
    if sum(width_of(text) for text, _ in spans) <= room:
        return [list(spans)]
    return [row for text, style in spans if text.strip() for row in _whole(text.strip(), style, room, sign)]


def command(spans: Sequence[Span], room: int, sign: str) -> list[Row]:
    r"""Return a command (the first span; the others are a remark) on rows of at most `room` cells.

    It is broken at spaces outside quotes, a row that goes on ends in ` \`, as a shell reads it. Only a word wider than a
    row is broken inside, with `sign`.
    """
    if sum(width_of(text) for text, _ in spans) <= room:
        return [list(spans)]
    text, style = spans[0]
    lines = [""]
    for word in _words(text):
        if lines[-1].strip() and width_of(f"{lines[-1]} {word}") > room - 2:
            lines[-1] += " \\"
            lines.append(_INDENT + word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    rows = [row for line in lines for row in _whole(line, style, room, sign)]
    return rows + [
        row for remark, other in spans[1:] if remark.strip() for row in _whole(remark.strip(), other, room, sign)
    ]


def _whole(text: str, style: str, room: int, sign: str) -> list[Row]:
    if width_of(text) <= room:
        return [[(text, style)]]
    rows = hard([(text, style)], room, room - 2)
    return [[(f"{sign} ", "dim"), *row] if index else row for index, row in enumerate(rows)]


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
