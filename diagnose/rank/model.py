"""The weights: data, not code. `weights.json` is made by benchmarks/fit_ranker.py with whole projects left out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.rank.features import names

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a feature, in the order of `features.names`; and the calibrator's, by name."""

    line: tuple[float, ...]
    confidence: dict[str, float]


@lru_cache(maxsize=1)
def weights() -> Weights:
    """Load the data file; a feature that it does not know weighs nothing."""
    document = json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
    line = document["line"]
    return Weights(tuple(float(line.get(name, 0.0)) for name in names()), document["confidence"])


def score(values: Sequence[float]) -> float:
    """How telling a line with these feature values is; comparable within one log."""
    return sum(value * weight for value, weight in zip(values, weights().line, strict=True) if value)


def score_of(places: Sequence[int], numbers: Sequence[float]) -> float:
    """Give the same score for the features at `places`, ascending, when all others are 0."""
    line = weights().line
    return float(sum([line[place] * number for place, number in zip(places, numbers, strict=True)]))


def reasons(values: Sequence[float], than: Sequence[float], most: int = 5) -> list[tuple[str, float]]:
    """Find the features that set `values` above `than`, with what each adds, greatest first."""
    gains = [
        (name, (value - other) * weight)
        for name, value, other, weight in zip(names(), values, than, weights().line, strict=True)
        if value != other
    ]
    return sorted(gains, key=lambda gain: -abs(gain[1]))[:most]


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
