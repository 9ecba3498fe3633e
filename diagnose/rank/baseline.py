"""What a passing run prints too: the set of its lines' shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.logs.decode import shown, strip_colours
from diagnose.logs.dialects import detect
from diagnose.logs.frames import framed
from diagnose.rank.features import shape_of

if TYPE_CHECKING:
    from diagnose.logs.pages import Pages

MOST_LINES: Final = 400_000


def passing_shapes(pages: Pages) -> frozenset[int]:
    """Give the shapes of a passing log's lines, as hashes that hold within this process; the first MOST_LINES lines count."""
    dialect = detect(*pages.ends())
    found: set[int] = set()
    for page in framed(pages, dialect):
        if page.first > MOST_LINES:
            break
        for raw in strip_colours(page.data).split(b"\n"):
            found.add(hash(shape_of(dialect.strip(shown(raw[:4000])))))
    return frozenset(found)
