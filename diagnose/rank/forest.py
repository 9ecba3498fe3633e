"""A small forest of regression trees, as data: learnt elsewhere, walked here in plain Python.

Trees are LightGBM's (Ke et al., NeurIPS 2017), learnt by LambdaRank so that a right line stands before the others of its log.
What each feature adds to a score is read off the path, by how the expected value changes at each node (Saabas, 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Tree(NamedTuple):
    """One tree; node 0 is the root. A child >= 0 is a node, a child < 0 the leaf -child - 1.

    features, thresholds: a node goes left where the feature is <= the threshold. expected: the mean score below each node.
    """

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    expected: tuple[float, ...]
    leaves: tuple[float, ...]


class Forest(NamedTuple):
    """Trees whose values are added."""

    trees: tuple[Tree, ...] = ()

    def score(self, values: Sequence[float]) -> float:
        """Add up what the trees say of features `values`."""
        total = 0.0
        for features, thresholds, left, right, _, leaves in self.trees:
            node = 0
            while node >= 0:
                node = left[node] if values[features[node]] <= thresholds[node] else right[node]
            total += leaves[-node - 1]
        return total

    def gains(self, values: Sequence[float]) -> dict[int, float]:
        """Say how much each feature (by its place) adds to the score of `values`."""
        out: dict[int, float] = {}
        for features, thresholds, left, right, expected, leaves in self.trees:
            node = 0
            while node >= 0:
                feature = features[node]
                child = left[node] if values[feature] <= thresholds[node] else right[node]
                value = expected[child] if child >= 0 else leaves[-child - 1]
                out[feature] = out.get(feature, 0.0) + value - expected[node]
                node = child
        return out


def forest_of(document: Mapping[str, Any], names: Iterable[str]) -> Forest:
    """Read a forest from its data file: trees over the document's own names of features; one that is gone is 0 everywhere."""
    places = {name: place for place, name in enumerate(names)}
    nowhere = len(places)
    own = [places.get(name, nowhere) for name in document["features"]]
    return Forest(tuple(
        Tree(tuple(own[feature] for feature in features), tuple(thresholds), tuple(left), tuple(right), tuple(expected), tuple(leaves))
        for features, thresholds, left, right, expected, leaves in document["trees"]
    ))  # fmt: skip
