"""Hands-on minutes: what it took before, else what the rule says, else a figure for the category.

No study was found that gives minutes by category: these are judgements, and a report says so (`basis: category`). What a repository's own
failures of a category took goes before them from ENOUGH on. Waiting for reviews and runners is not in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from diagnose.model.report import Minutes

if TYPE_CHECKING:
    from diagnose.model.report import Cause, KnownPattern
    from diagnose.model.words import Basis, Category
    from diagnose.scan.rule import Rule

ENOUGH: Final = 3
"""Failures of a category that were fixed in known time, from which on they say what the next takes."""

SPREAD: Final = 3
"""One time that it took says little of the next: it may take a third of that, or three times."""

BY_CATEGORY: Final[dict[Category, Minutes]] = {
    "format": Minutes(1, 2, 10),
    "lint": Minutes(2, 5, 30),
    "type-check": Minutes(3, 10, 60),
    "compile": Minutes(3, 10, 90),
    "vcs": Minutes(5, 15, 120),
    "dependency": Minutes(5, 25, 240),
    "build-system": Minutes(5, 25, 240),
    "configuration": Minutes(5, 20, 120),
    "permission": Minutes(5, 20, 240),
    "test": Minutes(10, 25, 240),
    "resource": Minutes(15, 60, 480),
    "timeout": Minutes(20, 60, 480),
    "infrastructure": Minutes(2, 10, 120),
    "network": Minutes(2, 10, 120),
    "other": Minutes(10, 25, 240),
}


Took = Mapping[tuple[str, str], Sequence[float]]
"""Hands-on minutes of failures that were fixed in known time, by category and tool."""


def estimated(cause: Cause, rule: Rule | None, told: KnownPattern | None, took: Took) -> tuple[Minutes, Basis]:
    """Estimate from history, else by the rule, else by the category. told: what helped before. took: of this repository.

    History is what this failure took, else what those of its category and tool took; what all of its category took says more than a figure
    that we made up, and less than the rule. What a machine worked out of a green run (`KnownPattern.guessed`) is no measure.
    """
    if told is not None and told.minutes is not None and not told.guessed:
        return Minutes(told.minutes / SPREAD, told.minutes, told.minutes * SPREAD), "history"
    alike = took.get((cause.category, cause.tool), ()) if cause.tool else ()
    if len(alike) >= ENOUGH:
        return _of(alike), "history"
    if rule is not None and rule.minutes:
        return Minutes(*rule.minutes), "rule"
    every = [minutes for (category, _), each in took.items() if category == cause.category for minutes in each]
    return (_of(every), "history") if len(every) >= ENOUGH else (BY_CATEGORY[cause.category], "category")


def _of(took: Sequence[float]) -> Minutes:
    from statistics import median  # it imports decimal and fractions

    return Minutes(min(took), median(took), max(took))
