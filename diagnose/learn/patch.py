"""A patch as marked lines. Bounded: a patch is foreign, and may be of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from diagnose.sources.span import Touched

MOST_LINES: Final = 5_000
MOST_CHARACTERS: Final = 500


class Line(NamedTuple):
    """A line of a patch. mark: "+", "-", or " " for one that stands on both sides; "@" begins a hunk."""

    mark: str
    text: str


def lines_of(file: Touched) -> list[Line]:
    """Read a file's patch; nothing where the source gave none. What is longer than the bounds is left out."""
    out: list[Line] = []
    for raw in (file.patch or "").split("\n", MOST_LINES)[:MOST_LINES]:
        mark, text = raw[:1], raw[1 : 1 + MOST_CHARACTERS].rstrip("\r")
        if mark in ("+", "-", " ", "@"):
            out.append(Line(mark, text))
    return out
