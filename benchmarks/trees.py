"""A fitted forest as the product reads it."""

from __future__ import annotations

from typing import Any

from diagnose.rank.features import names


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
    columns: list[list[Any]] = [[], [], [], [], [], []]
    features, thresholds, left, right, expected, leaves = columns

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
    return columns
