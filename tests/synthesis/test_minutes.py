"""What a fix takes: history first, then the rule, then the category; and how far memory makes surer."""

from __future__ import annotations

from typing import Any

import pytest

from diagnose.model.report import Cause, Evidence, KnownPattern
from diagnose.model.text import Untrusted, phrase
from diagnose.synthesis.compose import _with_memory
from diagnose.synthesis.minutes import BY_CATEGORY, estimated
from tests.support.reading import rule

EMPTY = Untrusted("")
CAUSE = Cause(
    "c1",
    phrase("x"),
    "test",
    "pytest",
    "",
    Untrusted("test"),
    None,
    (Evidence("log", 5, 5, Untrusted("boom")),),
    0.6,
    phrase(),
)


def known(**more: Any) -> KnownPattern:
    told = {"solution": Untrusted("pin it"), "minutes": 12.0, "seen": 9, "cause": "c1", **more}
    return KnownPattern(
        pattern="abcd1234",
        similarity=0.95,
        last_seen="",
        sources=(),
        title=EMPTY,
        root_cause=EMPTY,
        fixed_by=EMPTY,
        **told,
    )


ESTIMATES: list[tuple[Any, Any, dict[tuple[str, str], list[float]], tuple[float, float, float] | None, str]] = [
    (None, None, {}, None, "category"),
    (None, None, {("test", "pytest"): [4, 8]}, None, "category"),
    (None, None, {("lint", "pytest"): [4, 8, 30]}, None, "category"),
    (None, (1, 7, 20), {}, (1, 7, 20), "rule"),
    (None, (1, 7, 20), {("test", "jest"): [4, 8, 30]}, (1, 7, 20), "rule"),
    (known(said_by="green-run", sure=0.6), (1, 7, 20), {}, (1, 7, 20), "rule"),
    (known(minutes=None), (1, 7, 20), {}, (1, 7, 20), "rule"),
    (None, None, {("test", "jest"): [4, 8], ("test", ""): [30]}, (4, 8, 30), "history"),
    (None, (1, 7, 20), {("test", "pytest"): [4, 8, 30]}, (4, 8, 30), "history"),
    (known(), (1, 7, 20), {("test", "pytest"): [4, 8, 30]}, (4, 12, 36), "history"),
    (known(said_by="record"), None, {}, (4, 12, 36), "history"),
]


@pytest.mark.parametrize(("told", "by_rule", "took", "minutes", "basis"), ESTIMATES)
def test_history_goes_first(told: Any, by_rule: Any, took: Any, minutes: Any, basis: str) -> None:
    found, named = estimated(CAUSE, rule("x", id="a/b", minutes=by_rule) if by_rule else None, told, took)
    expected = BY_CATEGORY["test"] if minutes is None else None
    assert named == basis
    assert found == expected if expected is not None else (found.low, found.likely, found.high) == minutes


@pytest.mark.parametrize(
    ("about", "after"),
    [
        ([], 0.6), ([known(solution=EMPTY)], 0.6), ([known(said_by="green-run", sure=0.6)], 0.6), ([known(said_by="re-run", sure=None)], 0.6),
        ([known(said_by="green-run", sure=0.8)], 0.7), ([known(said_by="import")], 0.75), ([known(said_by="person")], 0.75),
        ([known(said_by="green-run", sure=0.6), known(said_by="record")], 0.75),
    ],
)  # fmt: skip
def test_only_what_somebody_vouches_for_makes_surer(about: list[KnownPattern], after: float) -> None:
    root = _with_memory(CAUSE, about)
    assert root is not None
    assert root.confidence == pytest.approx(after)


@pytest.mark.parametrize(
    ("said_by", "guessed"),
    [("", False), ("person", False), ("record", False), ("import", False), ("green-run", True), ("re-run", True)],
)
def test_a_guess_is_what_a_run_tells(said_by: Any, guessed: bool) -> None:  # noqa: FBT001 - a column of the table
    assert known(said_by=said_by).guessed == guessed
    assert not known(said_by=said_by, solution=EMPTY).guessed
