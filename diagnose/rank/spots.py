"""Places by structure: what an unknown tool points at, and where a known failure happened when its rule does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.rank.place import Place
from diagnose.scan.places import heading, spot_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.logs.log import Line, Log
    from diagnose.rank.causes import CauseGroup
    from diagnose.rank.reading import Reading
    from diagnose.scan.places import Spot

GROUPS: Final = 8
BEFORE: Final = 400
AFTER: Final = 1600
BLOCK: Final = 12
MOST: Final = 500
_HEADING: Final = 200


def add_spots(reading: Reading, groups: Sequence[CauseGroup]) -> None:
    """Give the first causes the places that no rule captured."""
    for group in groups[:GROUPS]:
        if group.lead.match is None and spot_of(group.lead.text) is not None:
            _add(group, _alike(reading, group))
        if not group.places and not any(test.file for test in group.tests.values()):
            _add(group, _in_block(reading.log, group))


def _add(group: CauseGroup, places: Iterator[Place]) -> None:
    for place in places:
        if len(group.places) >= MOST:
            return
        group.places.setdefault(place)


def _alike(reading: Reading, group: CauseGroup) -> Iterator[Place]:
    """Give the places of all lines round the telling one that have its form, its own first."""
    window, at = group.lead.window, group.lead.line
    own = spot_of(group.lead.text)
    if own is None:
        return
    lines = reading.log.lines(max(window.first, at - BEFORE), min(window.last, at + AFTER))
    file = ""
    later: list[Place] = []
    for line in lines:
        file = heading(line.text) or file
        spot = spot_of(line.text)
        if spot is None or spot.form != own.form or not (spot.file or file):
            continue
        place = _place(spot, file)
        if line.number == at:
            yield place
        else:
            later.append(place)
    yield from later


def _in_block(log: Log, group: CauseGroup) -> Iterator[Place]:
    """Give the first place that the lines of a cause name: the telling line, those behind it, then those of its block before it."""
    extent = group.lead.extent
    lines = log.lines(max(extent.first, extent.line - BLOCK), min(max(extent.last, extent.line), extent.line + BLOCK))
    behind = [line for line in lines if line.number >= extent.line]
    before = [line for line in lines if line.number < extent.line]
    for line in (*behind, *reversed(before)):
        spot = spot_of(line.text)
        if spot is None:
            continue
        file = spot.file or _above(log, line)
        if file:
            yield _place(spot, file)
            return


def _above(log: Log, line: Line) -> str:
    for other in reversed(log.lines(max(1, line.number - _HEADING), line.number - 1)):
        file = heading(other.text)
        if file:
            return file
    return ""


def _place(spot: Spot, file: str) -> Place:
    return Place(spot.file or file, spot.line, spot.column, spot.severity or "error", spot.message)
