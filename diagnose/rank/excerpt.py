"""What of a failure's block is quoted when it is longer than what is shown: what a person would paste.

The line that tells, what was expected and what came, the first frame of the project's own code, what caused it; then what stands nearest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.rank.spots import FRAME, is_own
from diagnose.scan.places import spot_of
from diagnose.scan.stacks import is_frame, is_inner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.logs.log import Line, Log
    from diagnose.scan.blocks import Extent

BEYOND: Final = 30
ABOVE: Final = 40
_LONGEST: Final = 400
_MARGIN: Final = r"(?:\[\w+\]|E|#|//|\||\u2502|==\d+==)?\s*"
_VALUE: Final = regex(
    rf"\s*{_MARGIN}(?:expected|actual|received|got|left|right|want(?:ed)?|have|found|required|but was|to (?:equal|be|match|contain)|which is|value of|hint|symbol|location|help|"
    r"(?:previous )?(?:read|write) (?:of|at)|where)\b.*[:=<]|\s*(?:E\s+)?(?:values? differ|differing items|at index \d+ diff|left contains|right contains)",
    re.IGNORECASE,
)
_DIFF: Final = regex(r"\s*(?:E\s+)?(?:[-+](?![-+])\s*\S|[{\[(<].*(?:!=|==) .*)")
_CAUSE: Final = regex(
    rf"\s*{_MARGIN}(?:\[cause\]|caused by|suppressed|reason|root cause|next [\w\\]+(?:exception|error)|--- caused by)\b",
    re.IGNORECASE,
)
_POINTS: Final = regex(r"\s*\^")


def excerpt_of(log: Log, extent: Extent, most: int) -> list[tuple[int, int]]:
    """Choose at most `most` lines of a block, as ranges (first, last): the first begins with the telling line, the others follow as in the log."""
    lines = log.lines(max(extent.first, extent.line - ABOVE), extent.last + BEYOND)
    at = next((place for place, line in enumerate(lines) if line.number == extent.line), None)
    if at is None:
        return [(extent.line, extent.line)]
    inside = [line for line in lines[at + 1 :] if line.number <= extent.last]
    worths = dict(_worths(inside))
    own = _own(lines[:at], inside, lines[at + 1 + len(inside) :])
    pointed = spot_of(lines[at].text) is not None
    for place, line in enumerate(own):
        worths[line.number] = 1.5 if pointed else 4.0 - place
    if _POINTS.match(lines[at].text):
        worths.update((line.number, 2.5) for line in lines[max(0, at - 2) : at] if line.number >= extent.first)
    chosen = sorted(worths, key=lambda number: (-worths[number], abs(number - extent.line)))[: most - 1]
    return _ranges(extent.line, chosen)


def _worths(inside: Sequence[Line]) -> Iterator[tuple[int, float]]:
    for distance, line in enumerate(inside):
        text = line.text[:_LONGEST]
        if not text.strip() or text.strip() in ("---", "...", "{", "}", "[", "]"):
            continue
        near = 1.0 - distance / 1000
        if _CAUSE.match(text):
            yield line.number, 3.0 + near
        elif _VALUE.match(text):
            yield line.number, 2.0 + near
        elif _DIFF.match(text):
            yield line.number, 1.0 + near
        elif not is_frame(text):
            yield line.number, near
        elif _is_own(text):
            yield line.number, near - 0.5


def _own(above: Sequence[Line], inside: Sequence[Line], beyond: Sequence[Line]) -> list[Line]:
    """Find the first frame of the project's own code: in the block, just behind it, or above it, with the source that it quotes."""
    for line in inside:
        if _is_own(line.text):
            return [line]
    for line in beyond:
        if _is_own(line.text):
            return [line]
        if line.text.strip() and not line.text[0].isspace() and not is_inner(line.text):
            break
    for place in range(len(above) - 1, -1, -1):
        if _is_own(above[place].text):
            quoted = above[place + 1 : place + 2]
            return [above[place], *(line for line in quoted if line.text.strip() and not is_inner(line.text))]
    return []


def _is_own(text: str) -> bool:
    if not FRAME.match(text[:_LONGEST]):
        return False
    spot = spot_of(text)
    return spot is not None and is_own(spot, text)


def _ranges(telling: int, chosen: Sequence[int]) -> list[tuple[int, int]]:
    numbers = set(chosen)
    last = telling
    while last + 1 in numbers:
        last += 1
    ranges = [(telling, last)]
    for number in sorted(numbers - set(range(telling, last + 1))):
        if ranges[-1][1] + 1 == number and len(ranges) > 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges
