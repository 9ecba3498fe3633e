"""What fitting the ranker and measuring it have in common: labelled logs as numbers, folds of whole projects, the two stages, the calibrator.

A corpus is a folder with `<set>/cases.jsonl`; a case has `log` (a path, may be .xz), `project`, `truth.status` and `truth.lines`
(ranges of right first lines), perhaps `passing_log`. Only failing logs with such lines are used. Each project weighs as the root
of its cases. Needs the dependency group `fit`.
"""

from __future__ import annotations

import json
import lzma
import math
import multiprocessing
import random  # noqa: TID251 - seeded: the same folds each time
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import lightgbm
import numpy as np
from scipy.optimize import minimize

from diagnose.logs.pages import Pages
from diagnose.rank.baseline import passing_shapes
from diagnose.rank.features import shape_of
from diagnose.rank.model import SECOND_STAGE, SIGNALS, signals, trait_of
from diagnose.rank.reading import describe, told_by, usable_of
from diagnose.rank.window import Window
from diagnose.scan.rulebase import RuleBase, load, patterns_folder
from diagnose.scan.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.rank.model import Trait

FOLDS: Final = 5
FIRST_SEED: Final = 7
TREES: Final = 200
TEN: Final = 10
SURE: Final = 0.7
BANDS: Final = (0.95, 0.85, 0.70, 0.50, 0.0)
FOREST: Final = {
    "objective": "lambdarank", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 20, "feature_fraction": 0.3, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambdarank_truncation_level": 10, "max_bin": 63, "deterministic": True, "force_row_wise": True, "verbose": -1, "num_threads": 1,
}  # fmt: skip


class Look(NamedTuple):
    """How a log is read. packs: with the shipped rules. whole: all of it, whatever step failed."""

    packs: bool = True
    whole: bool = False


@dataclass
class Example:
    """A log's candidates.

    x: features (candidates x features). y: 1.0 where the line is right. told: for each candidate, the one that speaks for it: a
    heading's is the line below it that says why. labelled: how many lines are. traits, passing: what the calibrator may see.
    """

    set_name: str
    project: str
    x: Any
    y: Any
    told: Any
    labelled: int
    traits: list[Trait]
    passing: bool


def jobs_of(corpus: Path) -> list[tuple[Path, dict[str, Any]]]:
    """List the failing cases with labelled lines, each with its set's folder."""
    return [
        (index.parent, case)
        for index in sorted(corpus.glob("*/cases.jsonl"))
        for case in map(json.loads, index.read_text(encoding="utf-8").splitlines())
        if case["truth"].get("lines") and case["truth"]["status"] == "failed"
    ]


def examples_of(corpus: Path, looks: Sequence[Look] = (Look(),), workers: int | None = None) -> list[list[Example]]:
    """Read every log once a look, each in this many processes; a list for each look. Logs without any candidate are left out."""
    jobs = [(look, folder, case) for look in looks for folder, case in jobs_of(corpus)]
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(described, jobs, chunksize=8))
    size = len(jobs) // len(looks)
    return [
        [example for example in found[place * size : (place + 1) * size] if example is not None]
        for place in range(len(looks))
    ]


_scanners: dict[bool, Scanner] = {}


def described(job: tuple[Look, Path, dict[str, Any]]) -> Example | None:
    """Read one case's log as the product does."""
    look, folder, case = job
    if look.packs not in _scanners:
        _scanners[look.packs] = Scanner(load(patterns_folder(), None) if look.packs else RuleBase((), "none"))
    with tempfile.TemporaryDirectory() as spool:
        scan = _scanners[look.packs].scan("log", _pages(folder / case["log"], spool))
        windows = [Window(None, 1, max(scan.log.total, 1), 0, certain=False)] if look.whole else None
        _, found = describe(scan, None, windows)
        if case.get("passing_log"):
            asked = {shape_of(item.line.text) for item in found}
            _, found = describe(scan, passing_shapes(_pages(folder / case["passing_log"], spool), asked), windows)
        items = usable_of(found)
    if not items:
        return None
    label = {n for first, last in case["truth"]["lines"] for n in range(first, last + 1)}
    by_line = {item.line.number: item for item in items}
    place = {item.line.number: index for index, item in enumerate(items)}
    return Example(
        folder.name,
        case["project"],
        np.array([item.values for item in items], dtype=np.float32),
        np.array([float(item.line.number in label) for item in items]),
        np.array([place[told_by(item, by_line).line.number] for item in items]),
        len(label),
        [trait_of(item) for item in items],
        bool(case.get("passing_log")),
    )


def _pages(path: Path, spool: str) -> Pages:
    path = path.resolve()
    if path.suffix == ".xz":
        target = Path(spool) / path.stem
        target.write_bytes(lzma.decompress(path.read_bytes()))
        path = target
    return Pages(path.open("rb"))


def weights_of(examples: Sequence[Example]) -> dict[str, float]:
    """Give each project's weight of a case."""
    return {
        project: 1 / math.sqrt(count) for project, count in Counter(example.project for example in examples).items()
    }


def case_weights(examples: Sequence[Example]) -> Any:
    """Give each case's weight."""
    weight = weights_of(examples)
    return np.array([weight[example.project] for example in examples])


def folds(examples: Sequence[Example], seed: int) -> list[list[int]]:
    """Indices left out in each fold: whole projects, dealt by `seed`, the large ones first so that folds are alike in size."""
    sizes = Counter(example.project for example in examples)
    chance = random.Random(seed)  # noqa: S311 - dealing, no secret
    dealt = sorted(sizes, key=lambda project: -sizes[project] * chance.uniform(0.5, 1.5))
    hands: list[set[str]] = [set() for _ in range(FOLDS)]
    for project in dealt:
        min(hands, key=lambda hand: sum(sizes[each] for each in hand)).add(project)
    return [[index for index, example in enumerate(examples) if example.project in hand] for hand in hands]


def softmax_fit(
    examples: Sequence[Example], weight: dict[str, float], columns: Any = slice(None), l2: float = 3.0
) -> Any:
    """Weights (one a feature of `columns`) that make right lines beat the others of their log."""
    used = [example for example in examples if example.y.max() > 0]
    x = np.vstack([example.x[:, columns] for example in used]).astype(np.float64)
    spread = x.std(0) + 1e-6
    z = (x - x.mean(0)) / spread
    y = np.concatenate([example.y for example in used])
    sizes = [len(example.y) for example in used]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(used)), sizes)
    w = np.array([weight[example.project] for example in used])

    def loss(b: Any) -> tuple[float, Any]:
        s = z @ b
        e = np.exp(s - np.maximum.reduceat(s, starts)[owner])
        total, right = np.add.reduceat(e, starts), np.add.reduceat(e * y, starts) + 1e-12
        gradient = z.T @ ((e / total[owner] - e * y / right[owner]) * w[owner]) + l2 * b
        return float(-(w * np.log(right / total)).sum() + l2 * (b @ b) / 2), gradient

    return minimize(loss, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x / spread


def forest_fit(
    examples: Sequence[Example], weight: dict[str, float], seed: int = FIRST_SEED, columns: Any = slice(None)
) -> Any:
    """Fit the second stage; the same data and seed give the same trees."""
    used = [example for example in examples if example.y.max() > 0]
    data = lightgbm.Dataset(
        np.vstack([example.x[:, columns] for example in used]),
        np.concatenate([example.y for example in used]),
        group=[len(example.y) for example in used],
        weight=np.concatenate([np.full(len(example.y), weight[example.project]) for example in used]),
    )
    return lightgbm.train({**FOREST, "seed": seed}, data, TREES)


def staged(linear: Any, x: Any, forest: Any) -> Any:
    """Score a log's candidates as the product does: the forest orders the linear model's best, the rest stand below."""
    likely = np.argsort(-linear, kind="stable")[:SECOND_STAGE]
    again = forest.predict(x[likely])
    scores = linear - linear[likely].min() + again.min()
    scores[likely] = again
    return scores


class Scores(NamedTuple):
    """A log's candidates, scored by weights that never saw its project: by the first stage alone, and by both."""

    linear: Any
    both: Any


class Wanted(NamedTuple):
    """A round of fits on set `place` of those handed in, folds and trees by `seed`; the model sees `columns`, all when None."""

    place: int
    seed: int
    columns: tuple[int, ...] | None = None


_shared: list[list[Example]] = []


def _left_out(task: tuple[Wanted, int]) -> list[tuple[int, Scores]]:
    wanted, fold = task
    examples, weight = _shared[wanted.place], weights_of(_shared[wanted.place])
    inside = folds(examples, wanted.seed)[fold]
    gone = set(inside)
    rest = [example for index, example in enumerate(examples) if index not in gone]
    columns = slice(None) if wanted.columns is None else list(wanted.columns)
    b, forest = softmax_fit(rest, weight, columns), forest_fit(rest, weight, wanted.seed, columns)
    out = []
    for index in inside:
        x = examples[index].x[:, columns]
        linear = x @ b
        out.append((index, Scores(linear, staged(linear, x, forest))))
    return out


def left_out_scores(
    sets: Sequence[list[Example]], wanted: Sequence[Wanted], workers: int | None = None
) -> list[list[Scores]]:
    """Score every log by weights that never saw its project, once for each of `wanted`.

    The processes are forks, so that they share the features: there are gigabytes of them.
    """
    _shared[:] = sets
    tasks = [(each, fold) for each in wanted for fold in range(FOLDS)]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        parts = list(pool.map(_left_out, tasks))
    out = []
    for number in range(len(wanted)):
        scored = dict(pair for part in parts[number * FOLDS : (number + 1) * FOLDS] for pair in part)
        out.append([scored[index] for index in range(len(scored))])
    return out


def confidence_rows(examples: Sequence[Example], scores: Sequence[Any]) -> tuple[Any, Any]:
    """What the calibrator sees of each log, and whether the answer's first line is right."""
    rows, right = [], []
    for example, score in zip(examples, scores, strict=True):
        order = np.argsort(-score, kind="stable")
        given = signals(
            [(float(score[place]), example.traits[place]) for place in order[:SECOND_STAGE]], passing=example.passing
        )
        rows.append([given[name] for name in SIGNALS])
        right.append(example.y[example.told[order[0]]])
    return np.array(rows), np.array(right)


def logistic_fit(f: Any, r: Any, w: Any, l2: float = 1.0) -> Any:
    """Weighted logistic regression with a little shrinkage; the first column is the constant."""

    def loss(b: Any) -> tuple[float, Any]:
        z = f @ b
        gradient = f.T @ (w * (1 / (1 + np.exp(-z)) - r))
        gradient[1:] += l2 * b[1:]
        return float((w * (np.logaddexp(0, z) - r * z)).sum() + l2 * (b[1:] @ b[1:]) / 2), gradient

    return minimize(loss, np.zeros(f.shape[1]), jac=True, method="L-BFGS-B").x


def calibrated(examples: Sequence[Example], f: Any, r: Any, seed: int) -> Any:
    """Each log's probability by a calibrator that never saw its project."""
    w = case_weights(examples)
    p = np.zeros(len(r))
    for fold in folds(examples, seed):
        rest = np.setdiff1d(np.arange(len(r)), fold)
        p[fold] = 1 / (1 + np.exp(-f[fold] @ logistic_fit(f[rest], r[rest], w[rest])))
    return np.clip(p, 0.01, 0.99)


def ece(p: Any, r: Any) -> float:
    """Expected calibration error, ten bins of equal count: p probabilities, r 1.0 where right."""
    order = np.argsort(p, kind="stable")
    return float(sum(abs(p[part].sum() - r[part].sum()) for part in np.array_split(order, TEN)) / len(r))


def bands(p: Any, r: Any) -> list[dict[str, float]]:
    """How often each band of confidence was right."""
    out, upper = [], 2.0
    for lower in BANDS:
        inside = (p >= lower) & (p < upper)
        out.append({"at_least": lower, "cases": int(inside.sum()), "right": int(r[inside].sum())})
        upper = lower
    return out


def mean_bands(each: Sequence[list[dict[str, float]]]) -> list[dict[str, float]]:
    """Average the bands of several seeds, in whole cases: every log counts once."""
    return [
        {
            "at_least": rows[0]["at_least"],
            **{name: round(sum(row[name] for row in rows) / len(rows)) for name in ("cases", "right")},
        }
        for rows in zip(*each, strict=True)
    ]
