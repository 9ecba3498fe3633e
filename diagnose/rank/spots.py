"""Places by structure: what an unknown tool points at, and where a known failure happened when its rule does not say."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
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
TRACES: Final = 20
FRAMES: Final = 6
REACH: Final = 160
_TRACED: Final = ("test", "other", "timeout")
# a line of a stack: Python, JavaScript and the JVM, Ruby, Rust; pytest's own `a.py:3: in f` and `a.py:3: KeyError`
FRAME: Final = regex(
    r'\s*(?:\[\w+\]\s+)?(?:File "|at |from |# |#\d+ +|-->|\u276f |\u2192 |\d+: )|\s*\S+:\d+(?::\d+)?:?(?: in |\s*$| \w*(?:Error|Exception|Failed|Failure|Exit|Warning)\b)'
)
LIBRARY: Final = regex(
    r"site-packages|dist-packages|node_modules|node:|^internal/|/usr/(?:local/)?(?:lib|include|share)/|/lib/python\d|/\.cargo/|/rustc/|/pkg/mod/|/gems/|/vendor/|"
    r"/hostedtoolcache/|libsanitizer|sanitizer_common|/sysdeps/|/csu/|/usr/libexec/|vgpreload|/opt/|^java\.|^<|/\.pyenv/|/rbenv/|/\.rvm/|/go/src/|/\.nvm/|importlib"
)

# frames of runtimes and test tools whose files are named without a folder
RUNTIME: Final = regex(
    r"\s*(?:\[\w+\]\s+)?at (?:java\.|javax\.|jdk\.|sun\.|com\.sun\.|org\.(?:junit|testng|hamcrest|assertj|mockito|gradle|apache\.maven|codehaus\.groovy|spockframework|scalatest|opentest4j)\b|"
    r"junit\.|kotlin\.|kotlinx\.|scala\.|groovy\.|System\.|Microsoft\.|Xunit\.|NUnit\.)"
)


def is_own(spot: Spot, text: str) -> bool:
    """Tell whether a frame of a stack, the line `text` that points at `spot`, lies in the project's own files."""
    return bool(spot.file) and LIBRARY.search(spot.file) is None and RUNTIME.match(text) is None


def add_spots(reading: Reading, groups: Sequence[CauseGroup]) -> None:
    """Give the first causes the places that no rule captured."""
    edges = sorted({one.line for group in groups for one in (group.lead, *group.members) if one.match is not None})
    for group in groups[:GROUPS]:
        if group.lead.match is None and spot_of(group.lead.text) is not None:
            _add(group, _alike(reading, group))
        if not group.places and not any(test.file for test in group.tests.values()):
            _add(group, _in_block(reading.log, group))
        if group.category in _TRACED:
            _add(group, _frames(reading.log, group, edges))


def _add(group: CauseGroup, places: Iterator[Place]) -> None:
    known = {(place.file, place.line) for place in group.places}
    for place in places:
        if len(group.places) >= MOST:
            return
        if (place.file, place.line) not in known:
            known.add((place.file, place.line))
            group.places[place] = None


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
        if spot is None or LIBRARY.search(spot.file):
            continue
        file = spot.file or _above(log, line)
        if file:
            yield _place(spot, file)
            return


def _frames(log: Log, group: CauseGroup, edges: Sequence[int]) -> Iterator[Place]:
    """Give the frames of a failure's stack that lie in the project's own files; neighbours' stacks begin at `edges`."""
    for candidate in (group.lead, *group.members)[:TRACES]:
        at, behind = bisect_left(edges, candidate.line), bisect_right(edges, candidate.line)
        first = max(edges[at - 1] + 1 if at else 1, candidate.line - REACH)
        last = min(edges[behind] - 1 if behind < len(edges) else log.total, candidate.line + REACH)
        found = ((spot_of(line.text), line.text) for line in log.lines(first, last) if FRAME.match(line.text))
        own = [spot for spot, text in found if spot is not None and is_own(spot, text)]
        yield from (_place(spot, "") for spot in own[:FRAMES])


def _above(log: Log, line: Line) -> str:
    for other in reversed(log.lines(max(1, line.number - _HEADING), line.number - 1)):
        file = heading(other.text)
        if file:
            return file
    return ""


def _place(spot: Spot, file: str) -> Place:
    return Place(spot.file or file, spot.line, spot.column, spot.severity or "error", spot.message)
