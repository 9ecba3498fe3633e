"""Styles by meaning, in the sixteen colours whose shades the terminal's theme chooses, and the last gate of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.render.layout import Row

_SGR: Final = {
    "state": "1;31",  # failed, and the line that tells
    "tells": "1;31",
    "look": "1;33",
    "good": "32",
    "open": "36",  # what can be opened or copied
    "dim": "2",
    "strong": "1",
}


def painted(rows: Iterable[Row], *, colour: bool) -> str:
    """Return the rows as text: each piece goes through the gate, and only our own codes stand round it."""
    return "".join(_row(row, colour=colour) + "\n" for row in rows)


def _row(row: Row, *, colour: bool) -> str:
    if not colour:
        return to_terminal("".join(text for text, _ in row)).replace("\n", " ").rstrip(" ")
    return "".join(_piece(text, style) for text, style in row if text)


def _piece(text: str, style: str) -> str:
    safe = to_terminal(text).replace("\n", " ")
    code = _SGR.get(style)
    return f"\x1b[{code}m{safe}\x1b[0m" if code else safe
