"""Make diagnose/rank/later.json from a labelled corpus: how often the second and later causes of a log are right.

    uv run --group fit benchmarks/fit_later.py CORPUS [--write]

benchmarks/learn.py says what CORPUS is; a thousand logs take some five minutes on two cores. Each log is ordered by weights that
never saw its project, then grouped into causes as the product does it. What is printed: how often a later cause's telling line is a
labelled one, by how far its score stands below the best one's and by whether a rule knows it; then the calibration error, with the
table fitted on the other projects, and that of a mere share of what the first cause leaves over.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from unittest.mock import patch

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process a core: threads besides would only wait for each other

import numpy as np  # noqa: E402 - from the group `fit`

from benchmarks.figures import judged  # noqa: E402 - from the checkout
from benchmarks.learn import FIRST_SEED, Look, Wanted, described, ece, folds, jobs_of, left_out_scores, weights_of  # noqa: E402 - as above
from diagnose.logs.pages import Pages  # noqa: E402 - as above
from diagnose.rank import reading as module  # noqa: E402 - as above
from diagnose.rank.baseline import passing_shapes  # noqa: E402 - as above
from diagnose.rank.causes import causes_of  # noqa: E402 - as above
from diagnose.rank.later import is_known, worth_saying  # noqa: E402 - as above
from diagnose.scan.rulebase import load, patterns_folder  # noqa: E402 - as above
from diagnose.scan.scanner import Scanner  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.rank.features import Described

SEEDS: Final = 4
WITHIN: Final = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
# A share of fewer causes than this (over all seeds) is chance: the band joins the one before. A share of none would say "never".
FEW: Final = 60
FILE: Final = ROOT / "diagnose" / "rank" / "later.json"


class Later(NamedTuple):
    """A later cause: how far its score stands below the best one's, its place (1 is the second), whether its line is labelled.

    example: the place of its log among those read. weight: of its project. first: the probability of the log's first cause.
    """

    example: int
    place: int
    below: float
    known: bool
    right: bool
    weight: float
    first: float


_scanner: list[Scanner] = []


def causes_below(task: tuple[Path, dict[str, Any], list[Any]]) -> list[list[tuple[int, float, bool, bool]]]:
    """Group one log into causes, once an order of its candidates: place, distance, known, right of each but the first."""
    folder, case, orders = task
    if not _scanner:
        _scanner.append(Scanner(load(patterns_folder(), None)))
    label = {number for first, last in case["truth"]["lines"] for number in range(first, last + 1)}
    out = []
    with tempfile.TemporaryDirectory() as spool:
        scan = _scanner[0].scan("log", _opened(folder / case["log"], spool))
        other = case.get("passing_log")
        passing = passing_shapes(_opened(folder / other, spool), module.shapes_asked(scan)) if other else None
        for scores in orders:

            def ordered(items: Sequence[Described], scores: Any = scores) -> list[tuple[float, Described]]:
                own = scores if len(items) == len(scores) else np.zeros(len(items))
                return sorted(
                    zip(map(float, own), items, strict=True), key=lambda pair: (-pair[0], pair[1].line.number)
                )

            with patch.object(module, "ordered", ordered):
                groups = causes_of(module.read(scan, passing))
            best = groups[0].lead.score if groups else 0.0
            rows = [(place, best - group.lead.score, group) for place, group in enumerate(groups) if place]
            out.append(
                [
                    (place, below, is_known(group), group.lead.line in label)
                    for place, below, group in rows
                    if worth_saying(group, place, below)
                ]
            )
    return out


def _opened(path: Path, spool: str) -> Pages:
    if path.suffix == ".xz":
        target = Path(spool) / path.stem
        target.write_bytes(lzma.decompress(path.read_bytes()))
        path = target
    return Pages(path.open("rb"))


def gathered(corpus: Path) -> tuple[list[Any], list[list[Later]]]:
    """Read all logs, order them with projects left out, and list their later causes, a list a seed."""
    with ProcessPoolExecutor() as pool:
        every = [(folder, case) for folder, case in jobs_of(corpus)]
        found = list(pool.map(described, [(Look(), folder, case) for folder, case in every], chunksize=8))
        read = [(each, example) for each, example in zip(every, found, strict=True) if example is not None]
        examples = [example for _, example in read]
        seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
        fits = left_out_scores([examples], [Wanted(0, seed) for seed in seeds])
        tasks = [
            (folder, case, [scores[number].both for scores in fits]) for number, ((folder, case), _) in enumerate(read)
        ]
        below = list(pool.map(causes_below, tasks, chunksize=8))
    weight = weights_of(examples)
    out = []
    for turn, (seed, scores) in enumerate(zip(seeds, fits, strict=True)):
        p = judged(examples, [each.both for each in scores], seed).p
        out.append(
            [
                Later(number, *row, weight[examples[number].project], float(p[number]))
                for number, rows in enumerate(below)
                for row in rows[turn]
            ]
        )
    return examples, out


def fitted(rows: Sequence[Later]) -> dict[str, list[dict[str, float]]]:
    """Make the table: in each band the weighted share that is right, pooled with its neighbours until it falls with the distance."""
    out = {}
    for name, known in (("known", True), ("unknown", False)):
        bands: list[list[float]] = []  # weight, weight of the right, upper end, causes
        for lower, upper in zip((-1.0, *WITHIN), (*WITHIN, np.inf), strict=True):
            own = [row for row in rows if row.known is known and lower < row.below <= upper]
            if not own:
                continue
            bands.append([sum(row.weight for row in own), sum(row.weight * row.right for row in own), upper, len(own)])
            while len(bands) > 1 and (bands[-1][3] < FEW or bands[-1][1] / bands[-1][0] > bands[-2][1] / bands[-2][0]):
                last = bands.pop()
                bands[-1] = [bands[-1][0] + last[0], bands[-1][1] + last[1], last[2], bands[-1][3] + last[3]]
        out[name] = [
            {"within": min(upper, 99.0), "right": round(right / weight, 3)} for weight, right, upper, _ in bands
        ]
    return out


def told(table: dict[str, list[dict[str, float]]], row: Later) -> float:
    """Give the probability that the product would state for a later cause by `table`."""
    own = table["known" if row.known else "unknown"]
    return min(row.first, next((band["right"] for band in own if row.below <= band["within"]), own[-1]["right"]))


def report(examples: list[Any], rounds: Sequence[list[Later]]) -> str:
    """Print-ready: the calibration error over the seeds, as fitted on the other projects and as a mere share."""
    lines = [f"{'later causes':<16}{'error':>8}{'stated':>8}{'right':>8}{'causes':>8}"]
    figures: dict[str, list[tuple[float, ...]]] = {"by the table": [], "by a share": []}
    for turn, rows in enumerate(rounds):
        p = np.zeros(len(rows))
        for fold in folds(examples, FIRST_SEED + turn):
            inside = set(fold)
            table = fitted([row for row in rows if row.example not in inside])
            for place, row in enumerate(rows):
                if row.example in inside:
                    p[place] = told(table, row)
        right = np.array([float(row.right) for row in rows])
        share = np.array([(1 - row.first) / (row.place + 1) for row in rows])
        figures["by the table"].append((ece(p, right), float(p.mean()), float(right.mean()), len(rows)))
        figures["by a share"].append((ece(share, right), float(share.mean()), float(right.mean()), len(rows)))
    for name, got in figures.items():
        error, stated, right_, count = np.mean(np.array(got), axis=0)
        lines.append(f"{name:<16}{error:>8.3f}{stated:>8.3f}{right_:>8.3f}{count:>8.0f}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write when asked to."""
    cli = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    cli.add_argument("corpus", type=Path)
    cli.add_argument("--write", action="store_true")
    args = cli.parse_args()
    examples, rounds = gathered(args.corpus)
    table = fitted([row for rows in rounds for row in rows])
    print(report(examples, rounds), json.dumps(table, indent=1), sep="\n\n")
    if args.write:
        FILE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
