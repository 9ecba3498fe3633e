"""Make diagnose/rank/weights.json and reliability.json from a labelled corpus, whole projects left out.

    uv run --group fit benchmarks/fit_ranker.py CORPUS [--write]

benchmarks/learn.py says what CORPUS is. First a linear model is fitted by a softmax over each log's candidates, so that a right line
beats the others of its log; then a forest of small trees by LambdaRank, which orders the linear model's best. The figures printed
are those of five folds in which no project is on both sides, dealt by several seeds; the calibrator is fitted on the scores of these
folds by the two stages as they ship, never on those of the final weights. benchmarks/accuracy.py measures more, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process a core: threads besides would only wait for each other

from benchmarks.figures import calibration, calibrator, judged, reliability, table  # noqa: E402 - from the checkout
from benchmarks.learn import FIRST_SEED, Wanted, examples_of, forest_fit, left_out_scores, softmax_fit, weights_of  # noqa: E402 - as above
from benchmarks.trees import document_of  # noqa: E402 - as above
from diagnose.rank.features import names  # noqa: E402 - as above
from diagnose.rank.model import SIGNALS  # noqa: E402 - as above

RANK: Final = ROOT / "diagnose" / "rank"
SEEDS: Final = 4
NOTHING: Final = 1e-4


def main() -> None:
    """Fit, print, and write when asked to."""
    cli = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    cli.add_argument("corpus", type=Path)
    cli.add_argument("--write", action="store_true")
    args = cli.parse_args()
    (examples,) = examples_of(args.corpus)
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    fits = left_out_scores([examples], [Wanted(0, seed) for seed in seeds])
    rounds = [
        judged(examples, [score.both for score in scores], seed) for seed, scores in zip(seeds, fits, strict=True)
    ]
    print(table(rounds), calibration(rounds), sep="\n\n")
    if not args.write:
        return
    weight = weights_of(examples)
    line = {
        name: round(float(value), 4)
        for name, value in zip(names(), softmax_fit(examples, weight), strict=True)
        if abs(value) > NOTHING
    }
    confidence = {name: round(value, 4) for name, value in zip(SIGNALS, calibrator(rounds), strict=True)}
    document = {"line": line, "confidence": confidence, "forest": document_of(forest_fit(examples, weight))}
    (RANK / "weights.json").write_text(
        json.dumps(document, separators=(",", ":")).replace("]]],", "]]],\n").replace("]],[[", "]],\n[[") + "\n"
    )
    (RANK / "reliability.json").write_text(json.dumps({"bands": reliability(rounds)}, indent=1) + "\n")


if __name__ == "__main__":
    main()
