"""What is known of a line without the answer: each feature a number, each name a reason that can be said in words."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.rank.shapes import matcher, shapes
from diagnose.scan.stacks import is_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.logs.log import Line
    from diagnose.rank.window import Window
    from diagnose.scan.scanner import Match, Scan

# a whole run of hexadecimal digits with a number in it; begun only where a run begins, or a long run of letters takes for ever
_DIGITS: Final = regex(r"(?<![0-9a-f])[a-f]*+\d[0-9a-f]*", re.IGNORECASE)
_MASKED: Final = 2000
LONGEST_SHAPE: Final = 160
_RED: Final = regex(rb"\x1b\[(?:\d+;)*(?:0?31|91|38;5;(?:1|9|160|196))(?:;\d+)*m")
_RULE: Final = regex(r"\W{4,}")
_USAGE: Final = regex(r"\s*(?:usage|synopsis)\b.{0,120}", re.IGNORECASE)
USAGE_LINES: Final = 120
NEAR: Final = 4
KINDS: Final = ("cause", "detail", "wrapper", "noise", "silent", "totals", "warning")
CONTEXT: Final = (
    "log_from_end", "log_from_start", "relative", "first_telling", "nth_telling", "after_blank", "before_blank", "deeper_next",
    "dedent", "rarity", "once", "red", "in_passing", "length_long", "length_short", "words_many", "prev_T", "next_T", "prev_H",
    "prev_C", "next_C", "near_T", "first_step", "last_step", "only_step", "told_line", "rule_weight", "rule_first", "rule_count",
    "cause_near", "cause_elsewhere", "column0", "blank", "in_run", "run_start", "before_usage", "in_usage", "outside", "stack_next",
)  # fmt: skip

_PLACES: Final = {name: place for place, name in enumerate(CONTEXT)}


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Give the features' names, in the order of the vectors."""
    return (*(f"shape:{shape.name}" for shape in shapes()), *(f"rule:{kind}" for kind in KINDS), *CONTEXT)


def shape_of(text: str) -> str:
    """Mask everything that varies in numbers: what makes two lines of one log alike."""
    return _DIGITS.sub("0", text.strip()[:_MASKED])[:LONGEST_SHAPE]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


@dataclass(slots=True)
class Described:
    """A candidate line with its features; `match` is the best rule's, or None.

    Of some 170 features a line has a dozen that are not 0: `places` says which, ascending, `numbers` their values. A log of
    1 GB can have 50,000 candidates.
    """

    line: Line
    match: Match | None
    shapes: tuple[int, ...]
    places: array[int]
    numbers: array[float]
    window: Window

    @property
    def values(self) -> list[float]:
        """All features, in the order of `names`."""
        values = [0.0] * len(names())
        for place, number in zip(self.places, self.numbers, strict=True):
            values[place] = number
        return values


def best_match(matches: Iterable[Match]) -> Match | None:
    """Find the most telling of a line's rule matches: noise silences; a cause goes before a wrapper before a detail of the same weight."""
    head = {"noise": 10.0, "cause": 1.0, "wrapper": 0.7, "detail": 0.2, "warning": -3.0, "totals": -5.0, "silent": -6.0}
    return max(matches, key=lambda match: head[match.rule.kind] + match.rule.weight, default=None)


class Describer:
    """Makes features for the candidates of one log."""

    def __init__(self, scan: Scan, lines: dict[int, Line], passing: frozenset[int] | None) -> None:
        self._scan, self._lines, self._passing = scan, lines, passing
        self._shapes: dict[int, tuple[int, ...]] = {}
        self._near: dict[int, frozenset[str]] = {}
        self._groups = [shape.group for shape in shapes()]
        self._groups_of: dict[tuple[int, ...], frozenset[str]] = {}
        self._alike = {number: shape_of(line.text) for number, line in lines.items()}
        self._counts = Counter(self._alike.values())
        self.by_line: dict[int, list[Match]] = {}
        for match in scan.matches:
            self.by_line.setdefault(match.line, []).append(match)

    def shapes_at(self, number: int) -> tuple[int, ...]:
        """Give the shapes of a line; () where there is no line."""
        if number not in self._shapes:
            line = self._lines.get(number)
            self._shapes[number] = matcher()(line.text) if line and line.text.strip() else ()
        return self._shapes[number]

    def groups_at(self, number: int) -> frozenset[str]:
        """Give the groups of the shapes of a line: seven times for each candidate, so they are kept."""
        groups = self._near.get(number)
        if groups is None:
            found = self.shapes_at(number)
            groups = self._groups_of.get(found)
            if groups is None:
                groups = self._groups_of[found] = frozenset(self._groups[index] for index in found)
            self._near[number] = groups
        return groups

    def describe(self, window: Window, numbers: list[int], steps: int, place: int) -> list[Described]:
        """Describe every candidate of `window`, which is the `place`-th of `steps` failed steps."""
        out: list[Described] = []
        telling = 0
        usage = -USAGE_LINES
        fired: Counter[str] = Counter()
        causes = [n for n in numbers if (m := best_match(self.by_line.get(n, ()))) and m.rule.kind == "cause"]
        near = {cause + away for cause in causes[:400] for away in range(-NEAR, NEAR + 1)}
        previous = 0
        for number in numbers:
            line = self._lines.get(number)
            if line is None or not line.text.strip():
                continue
            groups = self.groups_at(number)
            usage = number if self._is_usage(number) else usage
            match = best_match(self.by_line.get(number, ()))
            if match:
                fired[match.rule.id] += 1
            tells = "T" in groups and "N" not in groups
            telling += tells
            context = self._context(line, window, groups, telling if tells else 0)
            context |= self._rule_context(match, fired, near=number in near, elsewhere=bool(causes))
            context |= {
                "first_step": float(steps > 1 and place == 0), "last_step": float(steps > 1 and place == steps - 1),
                "only_step": float(steps == 1), "in_run": float(previous == number - 1 and tells),
                "run_start": float(tells and "T" not in self.groups_at(number - 1)),
                "before_usage": float(usage != number and self._is_usage(self._below(number))),
                "in_usage": float(number - usage < USAGE_LINES), "outside": float(window.before),
                "stack_next": float(self._is_frame(number + 1) and not self._is_frame(number)),
            }  # fmt: skip
            out.append(Described(line, match, self.shapes_at(number), *self._vector(number, match, context), window))
            previous = number
        return out

    def _below(self, number: int) -> int:
        """Give the next line, or the one below it where that is empty."""
        line = self._lines.get(number + 1)
        return number + (1 if line is None or line.text.strip() else 2)

    def _is_frame(self, number: int) -> bool:
        line = self._lines.get(number)
        return line is not None and is_frame(line.text)

    def _is_usage(self, number: int) -> bool:
        """Whether a program begins here to say how it is called: what it has to say against the call stands just above."""
        line = self._lines.get(number)
        return line is not None and _USAGE.fullmatch(line.text) is not None

    def _vector(self, number: int, match: Match | None, context: dict[str, float]) -> tuple[array[int], array[float]]:
        places = array("H", self.shapes_at(number))
        numbers = array("d", [1.0] * len(places))
        base = len(self._groups)
        if match:
            places.append(base + KINDS.index(match.rule.kind))
            numbers.append(1.0)
        base += len(KINDS)
        told = sorted([(base + _PLACES[name], value) for name, value in context.items() if value])
        places.extend([place for place, _ in told])
        numbers.extend([value for _, value in told])
        return places, numbers

    def _context(self, line: Line, window: Window, groups: frozenset[str], telling: int) -> dict[str, float]:
        number, text = line.number, line.text
        before, after = self._lines.get(number - 1), self._lines.get(number + 1)
        previous, following = self.groups_at(number - 1), self.groups_at(number + 1)
        size = max(1, window.last - window.first)
        alike = self._alike[number]
        count = self._counts[alike]
        indent = _indent(text)
        return {
            "log_from_end": math.log1p(window.last - number),
            "log_from_start": math.log1p(max(0, number - window.first)),
            "relative": (number - window.first) / size,
            "first_telling": float(telling == 1),
            "nth_telling": math.log1p(telling) if telling else 0.0,
            "after_blank": float(before is None or not before.text.strip() or bool(_RULE.fullmatch(before.text))),
            "before_blank": float(after is None or not after.text.strip()),
            "deeper_next": float(after is not None and _indent(after.text) > indent),
            "dedent": float(before is not None and _indent(before.text) > indent),
            "rarity": math.log1p(count),
            "once": float(count == 1),
            "red": float(_RED.search(self._scan.log.coloured(number)[:2000]) is not None),
            "in_passing": float(self._passing is not None and hash(alike) in self._passing),
            "length_long": float(len(text) > 200),  # noqa: PLR2004 - longer than two rows
            "length_short": float(len(text.strip()) < 12),  # noqa: PLR2004 - too short to tell
            "words_many": float(text.count(" ") >= 4),  # noqa: PLR2004 - a sentence
            "prev_T": float("T" in previous),
            "next_T": float("T" in following),
            "prev_H": float("H" in previous),
            "prev_C": float("C" in previous),
            "next_C": float("C" in following),
            "near_T": float(self._tells_near(number)),
            "told_line": float(number == window.told),
            "column0": float(indent == 0),
            "blank": float(not groups),
        }

    def _tells_near(self, number: int) -> bool:
        """Tell whether a line two or three away has a telling shape."""
        at = self.groups_at
        return "T" in at(number - 2) or "T" in at(number + 2) or "T" in at(number - 3) or "T" in at(number + 3)

    def _rule_context(
        self, match: Match | None, fired: Counter[str], *, near: bool, elsewhere: bool
    ) -> dict[str, float]:
        is_cause = match is not None and match.rule.kind == "cause"
        return {
            "rule_weight": match.rule.weight if match and match.rule.kind in ("cause", "detail") else 0.0,
            "rule_first": float(is_cause and match is not None and fired[match.rule.id] == 1),
            "rule_count": math.log1p(fired[match.rule.id]) if match else 0.0,
            "cause_near": float(not is_cause and near),
            "cause_elsewhere": float(not is_cause and elsewhere),
        }
