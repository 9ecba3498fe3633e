"""A reason that stands elsewhere: what the answer then says to do is where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.model.report import FixStrategy
from diagnose.model.text import Phrase
from diagnose.rank.elsewhere import NOT_HERE
from diagnose.synthesis.minutes import BY_CATEGORY

if TYPE_CHECKING:
    from diagnose.model.report import Cause


def look_elsewhere(cause: Cause | None) -> FixStrategy | None:
    """Where to look for the reason, None where the log holds it."""
    parts = cause.explanation.parts if cause is not None else ()
    if len(parts) < 2 or parts[0] != f"{NOT_HERE} ":  # noqa: PLR2004 - our sentence, then where to look
        return None
    return FixStrategy(Phrase(parts[1:]), (), BY_CATEGORY["other"], "category", "low")
