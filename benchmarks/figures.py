"""Figures of left-out scores: by set the mean over projects, over several seeds; how well the stated confidence holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.learn import (
    SURE,
    TEN,
    bands,
    calibrated,
    case_weights,
    confidence_rows,
    ece,
    logistic_fit,
    mean_bands,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.learn import Example

DRAWS: Final = 50
FEWEST: Final = 30  # of fewer answers a calibration error is chance


@dataclass(frozen=True)
class Round:
    """One seed's figures, an entry a log. anchor, hit10, recall10: 0..1. rows: what the calibrator saw. p: the confidence, left out too."""

    examples: Sequence[Example]
    anchor: Any
    hit10: Any
    recall10: Any
    rows: Any
    p: Any

    def mean(self, figure: str, set_name: str) -> float:
        """Mean over a set's projects of the mean over their logs."""
        values = getattr(self, figure)
        projects: dict[str, list[float]] = {}
        for example, value in zip(self.examples, values, strict=True):
            if example.set_name == set_name:
                projects.setdefault(example.project, []).append(float(value))
        return float(np.mean([np.mean(each) for each in projects.values()]))


def judged(examples: Sequence[Example], scores: Sequence[Any], seed: int) -> Round:
    """Judge each log's order of candidates, and calibrate with projects left out."""
    rows, anchor = confidence_rows(examples, scores)
    hit, recall = [], []
    for example, score in zip(examples, scores, strict=True):
        right = example.y[np.argsort(-score, kind="stable")[:TEN]]
        hit.append(right.max())
        recall.append(right.sum() / min(TEN, example.labelled))
    return Round(examples, anchor, np.array(hit), np.array(recall), rows, calibrated(examples, rows, anchor, seed))


def sets_of(examples: Sequence[Example]) -> list[str]:
    """Name the sets, in the order of the corpus."""
    return list(dict.fromkeys(example.set_name for example in examples))


def spread(values: Sequence[float]) -> str:
    """Write a mean and the standard deviation over seeds."""
    return f"{np.mean(values):.3f} ±{np.std(values):.3f}"


def table(rounds: Sequence[Round]) -> str:
    """Print-ready: anchor, hit10 and recall10 of each set."""
    examples = rounds[0].examples
    lines = [f"{'set':<18}{'anchor':>15}{'hit10':>15}{'recall10':>15}{'logs':>6}{'projects':>9}"]
    for name in sets_of(examples):
        own = [example.project for example in examples if example.set_name == name]
        figures = "".join(
            f"{spread([each.mean(figure, name) for each in rounds]):>15}" for figure in ("anchor", "hit10", "recall10")
        )
        lines.append(f"{name:<18}{figures}{len(own):>6}{len(set(own)):>9}")
    return "\n".join(lines)


def calibration(rounds: Sequence[Round]) -> str:
    """Print-ready: calibration of all and of each set, means over the seeds, then the bands.

    chance: the calibration error that so many answers show when their confidence is exactly true, by drawing outcomes from it.
    """
    examples = rounds[0].examples
    lines = [
        f"{'confidence':<18}{'ece':>7}{'chance':>8}{'sure':>7}{'right':>7}{'logs':>6}   (sure: at least {SURE}; right: of these)"
    ]
    for name in ["all", *sets_of(examples)]:
        own = np.array([name in ("all", example.set_name) for example in examples])
        if own.sum() < FEWEST:
            continue
        got = [_calibration(each.p[own], each.anchor[own]) for each in rounds]
        means = [float(np.mean([row[place] for row in got])) for place in range(4)]
        lines.append(f"{name:<18}{means[0]:>7.3f}{means[1]:>8.3f}{means[2]:>7.2f}{means[3]:>7.3f}{own.sum():>6}")
    lines += [
        "",
        *(f"from {band['at_least']:.2f}: {band['right']} of {band['cases']} right" for band in reliability(rounds)),
    ]
    return "\n".join(lines)


def _calibration(p: Any, r: Any) -> tuple[float, float, float, float]:
    chance = np.random.default_rng(0)
    drawn = [ece(p, (chance.random(len(p)) < p).astype(float)) for _ in range(DRAWS)]
    sure = p >= SURE
    return ece(p, r), float(np.mean(drawn)), float(sure.mean()), float(r[sure].mean()) if sure.any() else 0.0


def reliability(rounds: Sequence[Round]) -> list[dict[str, float]]:
    """Give the bands of confidence, means over the seeds."""
    return mean_bands([bands(each.p, each.anchor) for each in rounds])


def calibrator(rounds: Sequence[Round]) -> list[float]:
    """Fit the calibrator's weights on all seeds at once; each log counts as much as in one."""
    weight = case_weights(rounds[0].examples) / len(rounds)
    fitted = logistic_fit(
        np.concatenate([each.rows for each in rounds]),
        np.concatenate([each.anchor for each in rounds]),
        np.tile(weight, len(rounds)),
    )
    return [float(value) for value in fitted]


def paired(
    rounds: Sequence[Round], others: Sequence[Round], figure: Callable[[Round, str], float], set_name: str
) -> str:
    """Write what `others` have less than `rounds`, seed by seed."""
    return spread([figure(one, set_name) - figure(other, set_name) for one, other in zip(rounds, others, strict=True)])
