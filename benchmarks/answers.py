"""The whole answer on logs of projects left out: fits of four folds, put in place of the shipped weights, answer the fifth's logs.

Every case of the corpus is answered once a seed, also those without labelled lines (green logs, logs whose tests are named). A project
that no fit has seen is answered by the fit of the first fold.
"""

from __future__ import annotations

import json
import lzma
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import anyio
import numpy as np

import diagnose.api
import diagnose.rank.model
from benchmarks.judge import FIGURES, judge, means
from benchmarks.learn import (
    FOLDS,
    SURE,
    case_weights,
    confidence_rows,
    ece,
    folds,
    forest_fit,
    logistic_fit,
    softmax_fit,
    weights_of,
)
from benchmarks.trees import document_of
from diagnose.api import Request, examine
from diagnose.config import Settings
from diagnose.rank.features import names
from diagnose.rank.forest import forest_of
from diagnose.rank.model import SIGNALS, Weights
from diagnose.render.json_report import tree
from diagnose.safety.json_out import to_json
from diagnose.scan.rulebase import RuleBase
from diagnose.sources.refusal import Refusal
from diagnose.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.learn import Example, Scores


@dataclass(frozen=True)
class Answered:
    """One case's figures. confidence: 0..1, as the report says it; right: whether its first line is labelled, None where nobody knows."""

    set_name: str
    ident: str
    project: str
    figures: dict[str, float]
    confidence: float
    status: str


@dataclass(frozen=True)
class Question:
    """One case to be answered by the weights of fold `fold`."""

    folder: Path
    case: dict[str, Any]
    fold: int
    packs: bool


_fits: list[Weights] = []


def fitted(examples: Sequence[Example], scores: Sequence[Scores], seed: int) -> list[Weights]:
    """Fit all that ships, once a fold, without that fold's projects. scores: of every log, by weights that never saw its project."""
    rows, right = confidence_rows(examples, [score.both for score in scores])
    weight = case_weights(examples)
    with ProcessPoolExecutor() as pool:
        tasks = []
        for inside in folds(examples, seed):
            rest = np.setdiff1d(np.arange(len(examples)), inside)
            b = logistic_fit(rows[rest], right[rest], weight[rest])
            tasks.append(([examples[index] for index in rest], dict(zip(SIGNALS, map(float, b), strict=True)), seed))
        return list(pool.map(_fit, tasks))


def _fit(task: tuple[list[Example], dict[str, float], int]) -> Weights:
    rest, confidence, seed = task
    weight = weights_of(rest)
    line = tuple(float(value) for value in softmax_fit(rest, weight))
    return Weights(line, forest_of(document_of(forest_fit(rest, weight, seed)), names()), confidence)


def questions(corpus: Path, examples: Sequence[Example], seed: int, *, packs: bool) -> list[Question]:
    """List every case, each with the fold whose fit did not see its project."""
    home = {examples[index].project: number for number, fold in enumerate(folds(examples, seed)) for index in fold}
    return [
        Question(index.parent, case, home.get(case.get("project") or case["id"], 0), packs)
        for index in sorted(corpus.glob("*/cases.jsonl"))
        for case in map(json.loads, index.read_text(encoding="utf-8").splitlines())
    ]


def answered(asked: Sequence[Question], fits: Sequence[Weights], workers: int | None = None) -> list[Answered]:
    """Answer every question in this many processes."""
    with ProcessPoolExecutor(workers, initializer=_settle, initargs=(list(fits),)) as pool:
        return list(pool.map(_answer, asked, chunksize=8))


def _settle(fits: list[Weights]) -> None:
    _fits[:] = fits
    for name in [each for each in os.environ if each.startswith(("GITHUB_", "CI_DIAGNOSE_", "RUNNER_"))]:
        del os.environ[name]
    os.environ.pop("CI", None)


def _answer(asked: Question) -> Answered:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(diagnose.rank.model, "weights", return_value=_fits[asked.fold]),
    ):
        logs = [
            _unpacked(asked.folder / asked.case[name], Path(folder), name)
            for name in ("log", "passing_log")
            if asked.case.get(name)
        ]
        request = Request(logs=(str(logs[0]),), passing=str(logs[1]) if len(logs) > 1 else None)
        world = World(env={}, folder=Path(folder))
        no_rules = mock.patch.object(diagnose.api, "rules_for", return_value=RuleBase((), "none"))
        if asked.packs:
            found = anyio.run(examine, request, Settings(memory=False), world)
        else:
            with no_rules:
                found = anyio.run(examine, request, Settings(memory=False), world)
    project = asked.case.get("project") or asked.case["id"]
    if isinstance(found, Refusal):
        return Answered(asked.folder.name, asked.case["id"], project, {}, 0.0, "refused")
    report = json.loads(to_json(tree(found.report)))
    return Answered(
        asked.folder.name,
        asked.case["id"],
        project,
        judge(asked.case["truth"], report),
        report["confidence"],
        report["status"],
    )


def _unpacked(path: Path, folder: Path, name: str) -> Path:
    path = path.resolve()
    if path.suffix != ".xz":
        return path
    target = folder / f"{name}-{path.stem}"
    target.write_bytes(lzma.decompress(path.read_bytes()))
    return target


def answers_table(rounds: Sequence[Sequence[Answered]]) -> str:
    """Print-ready: each set's figures, means over projects and seeds; then how well the stated confidence holds."""
    lines = [f"{'answers':<18}" + "".join(f"{figure:>9}" for figure in FIGURES) + f"{'logs':>6}"]
    sets = list(dict.fromkeys(one.set_name for one in rounds[0]))
    for name in sets:
        rows = [means((one.project, one.figures) for one in each if one.set_name == name) for each in rounds]
        cells = [
            f"{np.mean([row[figure][0] for row in rows]):>9.3f}" if figure in rows[0] else f"{'':>9}"
            for figure in FIGURES
        ]
        lines.append(f"{name:<18}{''.join(cells)}{sum(one.set_name == name for one in rounds[0]):>6}")
    lines += [
        "",
        f"{'confidence':<18}{'ece':>9}{'sure':>9}{'right':>9}{'escalate':>9}   (sure: at least {SURE}; right: of these; escalate: below it)",
    ]
    for name in sets:
        got = [[one for one in each if one.set_name == name and "anchor" in one.figures] for each in rounds]
        if len(got[0]) >= FOLDS * 6:
            lines.append(
                f"{name:<18}" + "".join(f"{value:>9.3f}" for value in np.mean([_trust(each) for each in got], axis=0))
            )
    return "\n".join(lines)


def _trust(answers: Sequence[Answered]) -> tuple[float, float, float, float]:
    p = np.array([one.confidence for one in answers])
    r = np.array([one.figures["anchor"] for one in answers])
    sure = p >= SURE
    return ece(p, r), float(sure.mean()), float(r[sure].mean()) if sure.any() else 0.0, float(1 - sure.mean())
