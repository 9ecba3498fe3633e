"""The weights: data, not code. `weights.json` is made by benchmarks/fit_ranker.py with whole projects left out.

Two stages, since a log has up to thousands of candidates: a linear score finds the likely ones, a forest orders these.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.rank.features import names
from diagnose.rank.forest import Forest, forest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.rank.features import Described

SECOND_STAGE: Final = 60


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
    return Weights(tuple(float(line.get(name, 0.0)) for name in names()), forest_of(document["forest"], names()), document["confidence"])


def score_of(places: Sequence[int], numbers: Sequence[float]) -> float:
    """How likely a line is by the first stage, with `numbers` at `places`, ascending, and 0 elsewhere; comparable within one log."""
    line = weights().line
    return float(sum([line[place] * number for place, number in zip(places, numbers, strict=True)]))


def ordered(described: Sequence[Described]) -> list[tuple[float, Described]]:
    """Order candidates, best first, with their scores; comparable within one log. Equal ones stand as in the log."""
    first = sorted(((score_of(item.places, item.numbers), item) for item in described), key=lambda pair: (-pair[0], pair[1].line.number))
    likely, rest = first[:SECOND_STAGE], first[SECOND_STAGE:]
    forest = weights().forest
    again = sorted(((forest.score([*item.values, 0.0]), item) for _, item in likely), key=lambda pair: (-pair[0], pair[1].line.number))
    if not rest:
        return again
    # the others stand below, as far apart as the first stage has them
    shift = again[-1][0] - likely[-1][0]
    return [*again, *((value + shift, item) for value, item in rest)]


def reasons(values: Sequence[float], than: Sequence[float], most: int = 5) -> list[tuple[str, float]]:
    """Find the features that set `values` above `than`, with what each adds, greatest first."""
    forest, told = weights().forest, names()
    mine, its = forest.gains([*values, 0.0]), forest.gains([*than, 0.0])
    gains = [(told[place], mine.get(place, 0.0) - its.get(place, 0.0)) for place in sorted(mine.keys() | its.keys()) if place < len(told)]
    return sorted((gain for gain in gains if gain[1]), key=lambda gain: -abs(gain[1]))[:most]


def signals(scores: Sequence[float], *, certain_step: bool, rule_cause: bool, failed_steps: int) -> dict[str, float]:
    """Gather what the calibrator looks at, of the scores of all candidates of a log, best first."""
    top = scores[:11]
    best = top[0]
    second = top[1] if len(top) > 1 else best - 5
    fifth = top[4] if len(top) > 4 else top[-1] - 2  # noqa: PLR2004 - the fifth place
    total = sum(math.exp(value - best) for value in scores[:300])
    return {
        "one": 1.0,
        "share": 1.0 / total,
        "margin": min(best - second, 5.0),
        "spread": min(best - fifth, 8.0),
        "certain_step": float(certain_step),
        "rule_cause": float(rule_cause),
        "steps": math.log(max(1, failed_steps)),
        "candidates": math.log1p(len(scores)),
    }


def probability(given: dict[str, float]) -> float:
    """Give the calibrated probability that the best candidate is the line that tells; 0.01 to 0.99."""
    calibrator = weights().confidence
    logit = sum(calibrator.get(name, 0.0) * value for name, value in given.items())
    return min(0.99, max(0.01, 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))))
