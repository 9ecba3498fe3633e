"""The weights: data, not code. `weights.json` is made by benchmarks/fit_ranker.py with whole projects left out.

Two stages, since a log has up to thousands of candidates: a linear score finds the likely ones, a forest orders these.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.rank.features import names
from diagnose.rank.forest import Forest, forest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.rank.features import Described

SECOND_STAGE: Final = 60
# chosen by the log loss of projects left out, over four seeds; what more was tried (categories, kinds of rules, dialect, how many
# steps, candidates and causes, the window's size, the softmax's share) took nothing off it
SIGNALS: Final = ("one", "margin", "rival", "beside", "weight", "begins", "preceded", "passing")
MOST_MARGIN: Final = 2.0
MOST_WEIGHT: Final = 2.0
APART: Final = 12
BESIDE: Final = 2


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a feature, in the order of `features.names`; the forest over them; and the calibrator's weights, by name."""

    line: tuple[float, ...]
    forest: Forest
    confidence: dict[str, float]


@lru_cache(maxsize=1)
def weights() -> Weights:
    """Load the data file; a feature that it does not know weighs nothing."""
    document = json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
    line = document["line"]
    return Weights(
        tuple(float(line.get(name, 0.0)) for name in names()),
        forest_of(document["forest"], names()),
        document["confidence"],
    )


def score_of(places: Sequence[int], numbers: Sequence[float]) -> float:
    """How likely a line is by the first stage, with `numbers` at `places`, ascending, and 0 elsewhere; comparable within one log."""
    line = weights().line
    return float(sum(map(mul, map(line.__getitem__, places), numbers)))


def ordered(described: Sequence[Described]) -> list[tuple[float, Described]]:
    """Order candidates, best first, with their scores; comparable within one log. Equal ones stand as in the log."""
    first = sorted(
        ((score_of(item.places, item.numbers), item) for item in described),
        key=lambda pair: (-pair[0], pair[1].line.number),
    )
    likely, rest = first[:SECOND_STAGE], first[SECOND_STAGE:]
    forest = weights().forest
    again = sorted(
        ((forest.score([*item.values, 0.0]), item) for _, item in likely),
        key=lambda pair: (-pair[0], pair[1].line.number),
    )
    if not rest:
        return again
    # the others stand below, as far apart as the first stage has them
    shift = again[-1][0] - likely[-1][0]
    return [*again, *((value + shift, item) for value, item in rest)]


def reasons(values: Sequence[float], than: Sequence[float], most: int = 5) -> list[tuple[str, float]]:
    """Find the features that set `values` above `than`, with what each adds, greatest first."""
    forest, told = weights().forest, names()
    mine, its = forest.gains([*values, 0.0]), forest.gains([*than, 0.0])
    gains = [
        (told[place], mine.get(place, 0.0) - its.get(place, 0.0))
        for place in sorted(mine.keys() | its.keys())
        if place < len(told)
    ]
    return sorted((gain for gain in gains if gain[1]), key=lambda gain: -abs(gain[1]))[:most]


class Trait(NamedTuple):
    """What the calibrator looks at of a candidate.

    line: its number. rule: the id of the rule that knows it, "" for none. weight: how telling the rule of a cause or detail is, 0
    without one. begins: a block begins with it. preceded: the line before it tells of a failure too.
    """

    line: int
    rule: str
    weight: float
    begins: bool
    preceded: bool


def trait_of(item: Described) -> Trait:
    """Gather what the calibrator looks at of a candidate."""
    values = dict(zip(item.places, item.numbers, strict=True))
    weight, begins, preceded = (values.get(place, 0.0) for place in _trait_places())
    return Trait(item.line.number, item.match.rule.id if item.match else "", weight, bool(begins), bool(preceded))


@lru_cache(maxsize=1)
def _trait_places() -> tuple[int, int, int]:
    return names().index("rule_weight"), names().index("after_blank"), names().index("prev_T")


def signals(ranked: Sequence[tuple[float, Trait]], *, passing: bool) -> dict[str, float]:
    """Gather what the calibrator looks at. ranked: the candidates with their scores, best first; passing: a passing run was compared.

    How far the best stands above the second says little when the second is the next line of the same failure; how far it stands
    above the best that stands elsewhere, and that no hit of the same rule is, says more.
    """
    score, best = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else score - MOST_MARGIN
    others = (
        value
        for value, other in ranked[1:SECOND_STAGE]
        if abs(other.line - best.line) > APART and not (best.rule and other.rule == best.rule)
    )
    return {
        "one": 1.0,
        "margin": min(score - second, MOST_MARGIN),
        "rival": min(score - next(others, score - MOST_MARGIN), MOST_MARGIN),
        "beside": float(len(ranked) > 1 and abs(ranked[1][1].line - best.line) <= BESIDE),
        "weight": min(best.weight, MOST_WEIGHT),
        "begins": float(best.begins),
        "preceded": float(best.preceded),
        "passing": float(passing),
    }


def probability(given: dict[str, float]) -> float:
    """Give the calibrated probability that the best candidate is the line that tells; 0.01 to 0.99."""
    calibrator = weights().confidence
    logit = sum(calibrator.get(name, 0.0) * value for name, value in given.items())
    return min(0.99, max(0.01, 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))))
