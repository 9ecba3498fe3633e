"""How likely the second and later causes of a log are right: measured, as the first one's confidence is.

`later.json` is made by benchmarks/fit_later.py with whole projects left out: how often the telling line of such a cause was a
labelled one, by how far its score stands below the best one's, and by whether a rule knows it. Further below is never likelier.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnose.rank.causes import CauseGroup

GUESSES: Final = 6
FAR: Final = 6.0


class Table(NamedTuple):
    """right[i]: how often a cause was right whose score is up to within[i] below the best; the last one holds for all further below."""

    within: tuple[float, ...]
    right: tuple[float, ...]

    def of(self, below: float) -> float:
        """Look up a cause that stands `below` the best one."""
        return self.right[min(bisect_left(self.within, below), len(self.right) - 1)]


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Table]:
    """Load the data file: "known" for causes that a rule knows, "unknown" for the others."""
    document = json.loads(Path(__file__).with_name("later.json").read_text(encoding="utf-8"))
    return {
        name: Table(*(tuple(float(row[column]) for row in document[name]) for column in ("within", "right")))
        for name in ("known", "unknown")
    }


def is_known(group: CauseGroup) -> bool:
    """Whether a rule knows the cause's telling line as a cause, or as the name of one."""
    return group.lead.match is not None and group.lead.match.rule.kind in ("cause", "detail")


def worth_saying(group: CauseGroup, place: int, below: float) -> bool:
    """Whether a later cause is said at all: one that no rule knows only when it is near the best. place: 1 is the second."""
    return group.lead.match is not None or (place < GUESSES and below <= FAR)


def likelihood(group: CauseGroup, below: float, first: float) -> float:
    """Give the probability that a later cause's telling line is right. below: how far under the best score; first: the best one's probability.

    It never stands above the first one's: that one was chosen.
    """
    return min(first, tables()["known" if is_known(group) else "unknown"].of(max(0.0, below)))
