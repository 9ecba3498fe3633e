"""Make diagnose/rank/weights.json and reliability.json from a labelled corpus, whole projects left out.

    uv run --group fit benchmarks/fit_ranker.py CORPUS [--write]

CORPUS: a folder with `<set>/cases.jsonl`; a case has `log` (a path, may be .xz), `project`, `truth.status` and `truth.lines`
(ranges of right first lines), perhaps `passing_log`. First a linear model is fitted by a softmax over each log's candidates, so
that a right line beats the others of its log; then a forest of small trees by LambdaRank, which orders the linear model's best.
Each project weighs as the root of its cases. The figures printed are those of five folds in which no project is on both sides;
the calibrator is fitted on the scores of these folds by the two stages as they ship, never on those of the final weights.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lightgbm
import numpy as np
from scipy.optimize import minimize

from diagnose.logs.pages import Pages
from diagnose.rank.baseline import passing_shapes
from diagnose.rank.features import names
from diagnose.rank.model import SECOND_STAGE, signals
from diagnose.rank.reading import describe as read_lines
from diagnose.rank.reading import usable_of
from diagnose.scan.rulebase import load, patterns_folder
from diagnose.scan.scanner import Scanner

RANK: Final = Path(__file__).resolve().parents[1] / "diagnose" / "rank"
SIGNALS: Final = ("one", "share", "margin", "spread", "certain_step", "rule_cause", "steps", "candidates")
BANDS: Final = (0.95, 0.85, 0.70, 0.50, 0.0)
FOLDS: Final = 5
SURE: Final = 0.7
NOTHING: Final = 1e-4
SEED: Final = 7
TREES: Final = 200
FOREST: Final = {
    "objective": "lambdarank", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 20, "feature_fraction": 0.3, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambdarank_truncation_level": 10, "max_bin": 63, "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip


@dataclass
class Example:
    """A log's candidates: features (candidates x features), 1.0 where the line is right, and what the calibrator sees."""

    set_name: str
    project: str
    x: Any
    y: Any
    certain: list[bool]
    cause: list[bool]
    steps: int


_scanner: list[Scanner] = []


def describe(job: tuple[str, Path, dict[str, Any]]) -> Example | None:
    """Read one case's log as the product does."""
    set_name, folder, case = job
    if not _scanner:
        _scanner.append(Scanner(load(patterns_folder(), None)))
    with tempfile.TemporaryDirectory() as spool:
        scan = _scanner[0].scan("log", _pages(folder / case["log"], spool))
        passing = passing_shapes(_pages(folder / case["passing_log"], spool)) if case.get("passing_log") else None
        windows, described = read_lines(scan, passing)
        items = usable_of(described)
    if not items:
        return None
    label = {n for first, last in case["truth"]["lines"] for n in range(first, last + 1)}
    return Example(
        set_name,
        case["project"],
        np.array([item.values for item in items]),
        np.array([float(item.line.number in label) for item in items]),
        [item.window.certain for item in items],
        [item.match is not None and item.match.rule.kind == "cause" for item in items],
        len(windows),
    )


def _pages(path: Path, spool: str) -> Pages:
    path = path.resolve()
    if path.suffix == ".xz":
        target = Path(spool) / path.stem
        target.write_bytes(lzma.decompress(path.read_bytes()))
        path = target
    return Pages(path.open("rb"))


def softmax_fit(examples: list[Example], weight: dict[str, float], l2: float = 3.0) -> Any:
    """Weights (one a feature) that make right lines beat the others of their log."""
    used = [example for example in examples if example.y.max() > 0]
    x = np.vstack([example.x for example in used])
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


def folds(examples: list[Example]) -> list[list[int]]:
    """Indices left out in each fold; the largest projects are dealt first, so that folds are alike in size."""
    out: list[list[int]] = [[] for _ in range(FOLDS)]
    sizes = Counter(example.project for example in examples)
    for project, _ in sizes.most_common():
        min(out, key=len).extend(i for i, example in enumerate(examples) if example.project == project)
    return out


def forest_fit(examples: list[Example], weight: dict[str, float], seed: int = SEED) -> Any:
    """Fit the second stage; the same data give the same trees."""
    used = [example for example in examples if example.y.max() > 0]
    data = lightgbm.Dataset(
        np.vstack([example.x for example in used]),
        np.concatenate([example.y for example in used]),
        group=[len(example.y) for example in used],
        weight=np.concatenate([np.full(len(example.y), weight[example.project]) for example in used]),
    )
    return lightgbm.train({**FOREST, "seed": seed}, data, TREES)


def staged(x: Any, b: Any, forest: Any) -> Any:
    """Score a log's candidates as the product does: the forest orders the linear model's best, the rest stand below."""
    linear = x @ b
    likely = np.argsort(-linear, kind="stable")[:SECOND_STAGE]
    scores = np.empty(len(x))
    again = forest.predict(x[likely])
    scores[:] = linear - linear[likely].min() + again.min()
    scores[likely] = again
    return scores


def left_out_scores(examples: list[Example], weight: dict[str, float]) -> list[Any]:
    """Each example's scores by weights that never saw its project."""
    scores: list[Any] = [None] * len(examples)
    for fold in folds(examples):
        inside = set(fold)
        rest = [example for i, example in enumerate(examples) if i not in inside]
        b, forest = softmax_fit(rest, weight), forest_fit(rest, weight)
        for i in fold:
            scores[i] = staged(examples[i].x, b, forest)
    return scores


def document_of(forest: Any) -> dict[str, Any]:
    """Write the forest as the product reads it: features that no tree asks for are left out."""
    trees = [_flat(info["tree_structure"]) for info in forest.dump_model()["tree_info"]]
    used = sorted({feature for tree in trees for feature in tree[0]})
    place = {feature: i for i, feature in enumerate(used)}
    return {
        "features": [names()[feature] for feature in used],
        "trees": [[[place[feature] for feature in tree[0]], *tree[1:]] for tree in trees],
    }


def _flat(root: dict[str, Any]) -> list[list[Any]]:
    features, thresholds, left, right, expected, leaves = columns = [[], [], [], [], [], []]  # type: tuple[list[Any], ...]

    def walk(node: dict[str, Any]) -> int:
        if "split_feature" not in node:
            leaves.append(round(node["leaf_value"], 4))
            return -len(leaves)
        at = len(features)
        features.append(node["split_feature"])
        thresholds.append(round(node["threshold"], 5))
        expected.append(round(node["internal_value"], 4))
        left.append(0)
        right.append(0)
        left[at], right[at] = walk(node["left_child"]), walk(node["right_child"])
        return at

    if walk(root) < 0:  # a tree of one leaf: a node that leads to it both ways
        return [[0], [0.0], [-1], [-1], [leaves[0]], leaves]
    return list(columns)


def confidence_rows(examples: list[Example], scores: list[Any]) -> tuple[Any, Any]:
    """What the calibrator sees of each log, and whether its best line is right."""
    rows, right = [], []
    for example, score in zip(examples, scores, strict=True):
        order = np.argsort(-score, kind="stable")
        best = int(order[0])
        given = signals(list(score[order]), certain_step=example.certain[best], rule_cause=example.cause[best], failed_steps=example.steps)
        rows.append([given[name] for name in SIGNALS])
        right.append(example.y[best])
    return np.array(rows), np.array(right)


def logistic_fit(f: Any, r: Any, w: Any) -> Any:
    """Weighted logistic regression with a little shrinkage; the first column is the constant."""

    def loss(b: Any) -> tuple[float, Any]:
        z = f @ b
        gradient = f.T @ (w * (1 / (1 + np.exp(-z)) - r))
        gradient[1:] += b[1:]
        return float((w * (np.logaddexp(0, z) - r * z)).sum() + (b[1:] @ b[1:]) / 2), gradient

    return minimize(loss, np.zeros(f.shape[1]), jac=True, method="L-BFGS-B").x


def calibrate(examples: list[Example], f: Any, r: Any, w: Any) -> Any:
    """Each log's probability by a calibrator that never saw its project."""
    p = np.zeros(len(r))
    for fold in folds(examples):
        rest = np.setdiff1d(np.arange(len(r)), fold)
        p[fold] = 1 / (1 + np.exp(-f[fold] @ logistic_fit(f[rest], r[rest], w[rest])))
    return np.clip(p, 0.01, 0.99)


def report(examples: list[Example], scores: list[Any], p: Any, r: Any) -> None:
    """Print the left-out figures: by set the mean over projects, then calibration."""
    by_set: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for example, score in zip(examples, scores, strict=True):
        order = np.argsort(-score, kind="stable")
        by_set[example.set_name][example.project].append((example.y[order[0]], example.y[order[:10]].max()))
    print(f"{'set':<18} {'anchor':>7} {'hit10':>7} {'logs':>6} {'projects':>9}   (projects left out)")
    for name, projects in by_set.items():
        means = np.array([np.mean(rows, axis=0) for rows in projects.values()]).mean(0)
        print(f"{name:<18} {means[0]:7.3f} {means[1]:7.3f} {sum(map(len, projects.values())):6} {len(projects):9}")
    order = np.argsort(p)
    ece = sum(abs(p[part].sum() - r[part].sum()) for part in np.array_split(order, 10)) / len(r)
    print(f"calibration: ece {ece:.3f}, sure (>= 0.7) {np.mean(p >= SURE):.2f}, right of these {r[p >= SURE].mean():.3f}")
    for band in bands(p, r):
        print(f"  from {band['at_least']:.2f}: {band['right']} of {band['cases']} right")


def bands(p: Any, r: Any) -> list[dict[str, float]]:
    """How often each band of confidence was right."""
    out, upper = [], 2.0
    for lower in BANDS:
        inside = (p >= lower) & (p < upper)
        out.append({"at_least": lower, "cases": int(inside.sum()), "right": int(r[inside].sum())})
        upper = lower
    return out


def main() -> None:
    """Fit, print, and write when asked to."""
    cli = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    cli.add_argument("corpus", type=Path)
    cli.add_argument("--write", action="store_true")
    args = cli.parse_args()
    jobs = [
        (index.parent.name, index.parent, case)
        for index in sorted(args.corpus.glob("*/cases.jsonl"))
        for case in map(json.loads, index.read_text().splitlines())
        if case["truth"].get("lines") and case["truth"]["status"] == "failed"
    ]
    with ProcessPoolExecutor() as pool:
        examples = [example for example in pool.map(describe, jobs, chunksize=8) if example is not None]
    counts = Counter(example.project for example in examples)
    weight = {project: 1 / math.sqrt(count) for project, count in counts.items()}
    scores = left_out_scores(examples, weight)
    f, r = confidence_rows(examples, scores)
    w = np.array([weight[example.project] for example in examples])
    p = calibrate(examples, f, r, w)
    report(examples, scores, p, r)
    if args.write:
        line = {name: round(float(value), 4) for name, value in zip(names(), softmax_fit(examples, weight), strict=True) if abs(value) > NOTHING}
        confidence = {name: round(float(value), 4) for name, value in zip(SIGNALS, logistic_fit(f, r, w), strict=True)}
        document = {"line": line, "confidence": confidence, "forest": document_of(forest_fit(examples, weight))}
        (RANK / "weights.json").write_text(json.dumps(document, separators=(",", ":")).replace("]]],", "]]],\n").replace("]],[[", "]],\n[[") + "\n")
        (RANK / "reliability.json").write_text(json.dumps({"bands": bands(p, r)}, indent=1) + "\n")


if __name__ == "__main__":
    main()
