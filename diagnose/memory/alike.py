"""Whether two failures are the same, by what memory would know each by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.memory.signature import sign
from diagnose.memory.similarity import SAME, score

if TYPE_CHECKING:
    from diagnose.case import Asked


def same_failure(one: Asked, other: Asked) -> bool:
    """Say whether two failures have one signature, or two that are as near as hand-labelled pairs of the same failure.

    False where either has no line that carries identity (an exit code, a cancellation): what says nothing is like nothing.
    """
    left = sign(one.lines, category=one.category, tool=one.tool, rule=one.rule)
    right = sign(other.lines, category=other.category, tool=other.tool, rule=other.rule)
    return left is not None and right is not None and score(left, right, least=SAME) >= SAME
