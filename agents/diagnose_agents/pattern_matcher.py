"""Seen before: asks memory for the failures that these logs show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.case import Asked
from diagnose.model.finding import PatternFinding
from diagnose.rank.causes import causes_of
from diagnose.rank.outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.model.finding import Finding

ALTERNATIVES: Final = 3


class PatternMatcher:
    """Looks up the best cause of each log, and its alternatives, in what is remembered."""

    name = "pattern_matcher"
    cheap = True

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Say which known patterns fit, each with the lines that fit."""
        found: list[Finding] = []
        for job, reading in enumerate(case.readings):
            status = case.incident.jobs[job].status
            if (
                reading is None
                or (status == "unknown" and outcome_of(reading).status != "failed")
                or status == "success"
            ):
                continue
            groups = causes_of(reading)[: ALTERNATIVES + 1]
            asked = [
                Asked(case.identity(reading.log, group.lead.line), group.category, group.tool, group.rule)
                for group in groups
            ]
            for group, known in zip(groups, case.recall(asked), strict=False):
                evidence = (case.quote(reading.log, group.lead.line, group.lead.line),)
                found.extend(PatternFinding(evidence, pattern) for pattern in known)
        return found
