"""What of an answer is right, as far as a case's truth says: the figures of one report, each 0..1."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TEN: Final = 10
LONGEST: Final = 200
PLACES: Final = 20
FIGURES: Final = (
    "anchor",
    "hit10",
    "recall10",
    "red",
    "quiet",
    "step",
    "instep",
    "named",
    "counted",
    "located",
    "category",
    "tool",
)


def causes(report: dict[str, Any]) -> list[dict[str, Any]]:
    """List the root cause, then the alternatives."""
    return [cause for cause in (report["root_cause"], *report["alternatives"]) if cause]


def lines_of(cause: dict[str, Any] | None) -> list[int]:
    """List the numbers of a cause's evidence lines, in the order in which they are read."""
    pieces = cause["evidence"] if cause else []
    return [
        n
        for piece in pieces
        if piece["line"]
        for n in range(piece["line"], min(piece["end_line"] or piece["line"], piece["line"] + LONGEST) + 1)
    ]


def shown(report: dict[str, Any]) -> list[int]:
    """Give the first TEN evidence lines in reading order."""
    return list(dict.fromkeys(n for cause in causes(report) for n in lines_of(cause)))[:TEN]


def judge(truth: dict[str, Any], report: dict[str, Any]) -> dict[str, float]:
    """Judge a report (as its JSON says it) by all that `truth` knows."""
    cause = report["root_cause"] or {}
    mine = lines_of(report["root_cause"])
    out: dict[str, float] = {}
    if truth.get("status") == "failed":
        out["red"] = float(report["status"] == "failed")
    if truth.get("status") == "passed":
        out["quiet"] = float(report["status"] != "failed")
    if truth.get("lines"):
        label = {n for first, last in truth["lines"] for n in range(first, last + 1)}
        ten = shown(report)
        out["anchor"] = float(bool(mine) and mine[0] in label)
        out["hit10"] = float(not label.isdisjoint(ten))
        out["recall10"] = len(label.intersection(ten)) / min(TEN, len(label))
    if truth.get("step"):
        out["step"] = float(_plain((cause.get("step") or {}).get("name") or "") == _plain(truth["step"]))
    if truth.get("span"):
        out["instep"] = float(bool(mine) and truth["span"][0] <= mine[0] <= truth["span"][1])
    return {**out, **_details(truth, report, cause)}


def _details(truth: dict[str, Any], report: dict[str, Any], cause: dict[str, Any]) -> dict[str, float]:
    out: dict[str, float] = {}
    if truth.get("tests"):
        got = {leaf(test["name"]) for each in (*causes(report), *report["findings"]) for test in each["failed_tests"]}
        out["named"] = _f1({leaf(name) for name in truth["tests"]}, got)
    if "totals" in truth:
        out["counted"] = float((report["totals"] or {}).get("failed") == truth["totals"]["failed"])
    if truth.get("locations"):
        out["located"] = _located(truth["locations"][:PLACES], report)
    if truth.get("category"):
        right = truth["category"]
        out["category"] = float(cause.get("category") in (right if isinstance(right, list) else [right]))
    if truth.get("tool"):
        out["tool"] = float(_plain(cause.get("tool") or "") == _plain(truth["tool"]))
    return out


def leaf(name: str) -> str:
    """Give the last part of a test's name, without parameters and class: what all runners agree on."""
    name = re.split(r"\s*[(\[{]", _plain(name))[0] or _plain(name)
    parts = [part for part in re.split("::|#|\u203a|\u00bb| > | - |/|[.](?=\\w+$)", name) if part.strip()]
    return parts[-1].strip() if parts else name


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()


def _f1(want: set[str], got: set[str]) -> float:
    precision, recall = (len(want & got) / len(got) if got else 0.0), len(want & got) / len(want)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _located(want: Sequence[dict[str, Any]], report: dict[str, Any]) -> float:
    spots = {
        (place["file"].replace("\\", "/").lstrip("./"), place["line"])
        for each in (*causes(report), *report["findings"])
        for place in (*each["locations"], *each["failed_tests"])
        if place["file"]
    }
    hits = 0
    for place in want:
        file = place["file"].replace("\\", "/").lstrip("./")
        hits += any(_same(file, said) and place.get("line") in (None, line) for said, line in spots)
    return hits / len(want)


def _same(one: str, other: str) -> bool:
    return one == other or one.endswith("/" + other) or other.endswith("/" + one)


def means(judged: Iterable[tuple[str, dict[str, float]]]) -> dict[str, tuple[float, int]]:
    """Give each figure's mean over projects of the mean over their cases, and of how many cases. judged: (project, figures)."""
    values: dict[str, dict[str, list[float]]] = {figure: defaultdict(list) for figure in FIGURES}
    for project, figures in judged:
        for figure, value in figures.items():
            values[figure][project].append(value)
    out = {}
    for figure, projects in values.items():
        if projects:
            mean = math.fsum(sum(each) / len(each) for each in projects.values()) / len(projects)
            out[figure] = (mean, sum(map(len, projects.values())))
    return out
