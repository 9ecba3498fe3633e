"""Hands-on minutes by category, for when neither history nor rule knows better.

No study was found that gives minutes by category: these are judgements, and a report says so (`basis: category`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.model.report import Minutes

if TYPE_CHECKING:
    from diagnose.model.words import Category

BY_CATEGORY: Final[dict[Category, Minutes]] = {
    "format": Minutes(1, 2, 10),
    "lint": Minutes(2, 5, 30),
    "type-check": Minutes(3, 10, 60),
    "compile": Minutes(3, 10, 90),
    "vcs": Minutes(5, 15, 120),
    "dependency": Minutes(5, 25, 240),
    "build-system": Minutes(5, 28, 240),
    "configuration": Minutes(5, 20, 120),
    "permission": Minutes(5, 20, 240),
    "test": Minutes(10, 25, 240),
    "resource": Minutes(15, 60, 480),
    "timeout": Minutes(20, 60, 480),
    "infrastructure": Minutes(2, 10, 120),
    "network": Minutes(2, 10, 120),
    "other": Minutes(10, 28, 240),
}
