"""A forest as data: what its trees say, and what each feature adds."""

from __future__ import annotations

import pytest

from diagnose.rank.forest import Forest, forest_of

# a <= 0.5 ? -1 : (b <= 2 ? 1 : 3), and a stump on b
TREES = [
    [[0, 1], [0.5, 2.0], [-1, -2], [1, -3], [0.5, 2.0], [-1.0, 1.0, 3.0]],
    [[1], [1.0], [-1], [-2], [0.25], [0.0, 0.5]],
]
DOCUMENT = {"features": ["a", "b"], "trees": TREES}


@pytest.mark.parametrize(
    ("values", "score", "gains"),
    [
        ([0.0, 0.0, 0.0], -1.0, {0: -1.5, 1: -0.25}),
        ([1.0, 0.0, 0.0], 1.0, {0: 1.5, 1: -1.25}),
        ([1.0, 2.0, 0.0], 1.5, {0: 1.5, 1: -0.75}),
        ([1.0, 2.1, 0.0], 3.5, {0: 1.5, 1: 1.25}),
        ([0.5, 9.0, 0.0], -0.5, {0: -1.5, 1: 0.25}),
    ],
)
def test_scores(values: list[float], score: float, gains: dict[int, float]) -> None:
    forest = forest_of(DOCUMENT, ("a", "b"))
    assert forest.score(values) == score
    assert forest.gains(values) == pytest.approx(gains)


def test_features_are_found_by_name_and_one_that_is_gone_is_nothing() -> None:
    assert forest_of(DOCUMENT, ("x", "b", "a")).score([7.0, 2.1, 1.0, 0.0]) == 3.5
    assert forest_of(DOCUMENT, ("b",)).score([2.1, 0.0]) == -0.5


def test_no_trees_say_nothing() -> None:
    assert Forest().score([1.0]) == 0.0
    assert Forest().gains([1.0]) == {}
