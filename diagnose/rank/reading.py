"""One log, read once: what all agents stand on."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.rank.features import Describer, shape_of
from diagnose.rank.model import SECOND_STAGE, ordered, probability, signals, trait_of
from diagnose.rank.shapes import is_telling
from diagnose.rank.window import candidate_numbers, neighbourhood, spared, windows_of
from diagnose.scan.blocks import Extent, extent_of, structure_extent, with_stack
from diagnose.scan.stacks import is_inner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.log import Log
    from diagnose.rank.causes import CauseGroup
    from diagnose.rank.features import Described
    from diagnose.rank.outcome import Outcome
    from diagnose.rank.window import Window
    from diagnose.scan.scanner import Match, Scan

MOST_CANDIDATES: Final = 40
BELOW_HEADING: Final = 60
ABOVE_SUMMARY: Final = 4
CHAINED: Final = 120
NEAR: Final = 10
FEW: Final = 3
UNTOLD: Final = 0.45
_CHAIN: Final = regex(
    r"\s*(?:During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception):$"
)
_NEVER: Final = ("wrapper", "totals", "noise", "silent")
_NEVER_BESIDE: Final = (*_NEVER, "warning")
_TELLING: Final = ("cause", "detail")
# dots, rules and the frames of boxes; marks under a line of code are told with it
_DRAWN: Final = " .\t*=-_#~{}[]()|\u2022\u2500\u2502\u250c\u2510\u2514\u2518\u251c\u2524\u2550\u2551\u2554\u2557\u255a\u255d\u256d\u256e\u256f\u2570"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A block that may be the cause: its telling line, how far it extends, and the score of that line.

    match: the rule's, None where only structure speaks. values: the features behind the score, for `explain`.
    """

    extent: Extent
    text: str
    match: Match | None
    window: Window
    score: float
    values: tuple[float, ...]

    @property
    def line(self) -> int:
        """The line that tells."""
        return self.extent.line


@dataclass(slots=True)
class Memo:
    """What `causes_of` and `outcome_of` found, and what was counted on the way; None until they were asked."""

    causes: tuple[CauseGroup, ...] | None = None
    outcome: Outcome | None = None
    counted: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One log as read: candidates best first, and the calibrated probability that the first is the line that tells.

    wrappers: the lines that only say that something failed, as candidates, for when nothing else stands. warnings: what tools
    warn of, for when nothing says that anything failed. memo: what was
    derived from the rest once, since every agent and the report ask for it.
    """

    scan: Scan
    windows: tuple[Window, ...]
    candidates: tuple[Candidate, ...]
    probability: float
    wrappers: tuple[Candidate, ...] = ()
    warnings: tuple[Candidate, ...] = ()
    memo: Memo = field(default_factory=Memo, compare=False, repr=False)

    @property
    def log(self) -> Log:
        """The log itself."""
        return self.scan.log

    @property
    def failed(self) -> bool:
        """Whether the log itself says that a step failed."""
        return any(window.certain for window in self.windows)


def describe(
    scan: Scan, passing: frozenset[int] | None, windows: list[Window] | None = None
) -> tuple[list[Window], list[Described]]:
    """Where a log is looked at (`windows`, by itself the failed steps), and every line there that may tell, with its features."""
    windows = windows_of(scan) if windows is None else windows
    numbers = [candidate_numbers(scan, window) for window in windows]
    lines = neighbourhood(scan, sorted({number for each in numbers for number in each}))
    describer = Describer(scan, lines, passing)
    warned, listed = spared(scan, lines)
    return windows, [
        item
        for place, (window, each) in enumerate(zip(windows, numbers, strict=True))
        for item in describer.describe(window, each, len(windows), place)
        if item.line.number not in listed and (item.match is not None or item.line.number not in warned)
    ]


def shapes_asked(scan: Scan) -> set[str]:
    """Give the shapes of the lines that may tell: of these `read` asks whether a passing run prints them too."""
    numbers = sorted({number for window in windows_of(scan) for number in candidate_numbers(scan, window)})
    return {shape_of(line.text) for line in neighbourhood(scan, numbers, 0).values()}


def read(scan: Scan, passing: frozenset[int] | None = None) -> Reading:
    """Find and rank the candidates of a scanned log. passing: shapes of a passing run's lines."""
    windows, described = describe(scan, passing)
    usable = failed_first(ordered(usable_of(described)))
    candidates = _blocks(scan, usable)
    wrappers = [] if candidates else _blocks(scan, ordered(described)[:5])
    warned = [(0.0, item) for item in described if item.match is not None and item.match.rule.kind == "warning"]
    warnings = _blocks(scan, warned[:MOST_CANDIDATES])
    return Reading(
        scan, tuple(windows), tuple(candidates), _confidence(usable, passing), tuple(wrappers), tuple(warnings)
    )


def usable_of(described: Sequence[Described]) -> list[Described]:
    """Take those that may be the first line of an answer. A warning may where no rule knows of anything worse: some tools fail by it.

    Frames and quoted source may only where nothing else stands.
    """
    known = any(item.match is not None and item.match.rule.kind in _TELLING for item in described)
    usable = [item for item in described if not _excluded(item, _NEVER_BESIDE if known else _NEVER)]
    return [item for item in usable if item.match is not None or not is_inner(item.line.text)] or usable


def _excluded(item: Described, kinds: Sequence[str]) -> bool:
    """Whether a line is never the first of an answer: wrappers, counts, the CI system's own words, mere rules."""
    if item.match is not None and item.match.rule.kind in kinds:
        return True
    text = item.line.text
    return text.startswith(("##[group]", "##[endgroup]", "##[debug]", "$ ")) or text.strip(_DRAWN) == ""


def failed_first(ranked: list[tuple[float, Described]]) -> list[tuple[float, Described]]:
    """Put a test that failed before the limit that its tool found not met: what did not run to its end covers less."""
    if not ranked or (best := ranked[0][1]).match is None or not best.match.rule.final:
        return ranked
    for place, (value, item) in enumerate(ranked):
        if (
            item.match is not None
            and item.window == best.window
            and item.match.rule.category == best.match.rule.category == "test"
            and item.match.rule.kind in _TELLING
            and not item.match.rule.final
        ):
            return [(ranked[0][0], item), *ranked[1:place], (value, best), *ranked[place + 1 :]]
    return ranked


def _confidence(usable: list[tuple[float, Described]], passing: frozenset[int] | None) -> float:
    if not usable:
        return 0.01
    p = probability(
        signals([(value, trait_of(item)) for value, item in usable[:SECOND_STAGE]], passing=passing is not None)
    )
    best = usable[0][1]
    if len(usable) <= FEW and best.match is None and not is_telling(best.line.text):
        return min(p, UNTOLD)  # it won because nothing else was printed: no log that the calibration saw is so short
    return p


def told_by(header: Described, by_line: dict[int, Described]) -> Described:
    """Find the line of a detail's block that says why: a heading names the test, the cause below it tells, or just above a summary.

    Both stand in what a person would quote; the one that says why is the better first line.
    """
    if header.match is None or header.match.rule.kind != "detail":
        return last_of_chain(part_of(header, by_line), by_line)
    tool = header.match.rule.tool
    for number in range(header.line.number + 1, header.line.number + BELOW_HEADING):
        item = by_line.get(number)
        if item is None or item.match is None or item.match.rule.tool != tool:
            continue
        if item.match.rule.kind == "cause" and not item.match.rule.final:
            return last_of_chain(item, by_line)
        if item.match.rule.kind == "detail" and item.match.rule.id == header.match.rule.id:
            break
    for number in range(header.line.number - 1, header.line.number - 1 - ABOVE_SUMMARY, -1):
        item = by_line.get(number)
        if (
            item is not None
            and item.match is not None
            and item.match.rule.tool == tool
            and item.match.rule.kind == "cause"
            and not item.match.rule.final
        ):
            return item
    return header


def _verdict_after(scan: Scan, number: int) -> int:
    """Find the next line that only says that something failed, or counts."""
    place = bisect_right(scan.matches, number, key=lambda match: match.line)
    return next(
        (match.line for match in scan.matches[place : place + NEAR] if match.rule.kind in _NEVER), scan.log.total + 1
    )


def _unknown(item: Described | None) -> bool:
    return item is None or item.match is None


def part_of(header: Described, by_line: dict[int, Described]) -> Described:
    """Find the part that failed of a test that only says that a part did: the next line, deeper, names it below the test's name."""
    below = by_line.get(header.line.number + 1)
    if header.match is None or below is None or below.match is None or below.match.rule.tool != header.match.rule.tool:
        return header
    name, part = header.match.captures.get("test", ""), below.match.captures.get("test", "")
    return part_of(below, by_line) if name and part.startswith(f"{name}/") else header


def last_of_chain(item: Described, by_line: dict[int, Described]) -> Described:
    """Find the last exception of a chain, of each of which Python says that it was raised while the one above was handled, or from it.

    It is the one that nobody caught; in 5 of 7 labelled logs it is the one that people point at, the first in one.
    """
    match = item.match
    if match is None or match.rule.kind != "cause":
        return item
    linked = False
    for number in range(item.line.number + 1, item.line.number + CHAINED):
        other = by_line.get(number)
        if other is None:
            continue
        if other.match is None:
            linked = linked or _CHAIN.match(other.line.text) is not None
        elif other.match.rule.kind != "cause" or not linked:
            break
        elif other.match.rule.tool == match.rule.tool:
            return last_of_chain(other, by_line)
    return item


def _blocks(scan: Scan, ranked: list[tuple[float, Described]]) -> list[Candidate]:
    taken: set[int] = set()
    out: list[Candidate] = []
    by_line = {item.line.number: item for _, item in ranked}
    for value, header in ranked:
        if header.line.number in taken:
            continue
        item = told_by(header, by_line)
        if item.line.number in taken:
            continue
        if item.match is not None:
            extent = with_stack(scan.log, extent_of(scan.log, item.match))
        else:
            extent = structure_extent(
                scan.log, item.line.number, min(item.window.last, _verdict_after(scan, item.line.number) - 1)
            )
        taken.update(range(min(header.line.number, extent.line), extent.last + 1))
        if (
            item.match is None or item.match.rule.block.before_until
        ):  # lines above that are only counted may be anything
            taken.update(number for number in range(extent.first, extent.line) if _unknown(by_line.get(number)))
        out.append(Candidate(extent, item.line.text, item.match, item.window, value, tuple(item.values)))
        if len(out) >= MOST_CANDIDATES:
            break
    return out
