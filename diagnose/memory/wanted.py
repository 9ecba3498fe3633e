"""Which patterns a person wants to see: by when, where, what and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnose.memory.columns import plain, stamped

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.rows import Pattern


@dataclass(frozen=True, slots=True)
class Wanted:
    """What holds of a pattern that is wanted; None and "" stand for anything.

    since, until: it was met from then on, before then. job: part of a job's name. category, verdict, branch: of a sighting within that time.
    state: as shown (a Pattern's). repository: "owner/name".
    """

    since: datetime | None = None
    until: datetime | None = None
    job: str = ""
    category: str = ""
    verdict: str = ""
    state: str = ""
    repository: str = ""
    branch: str = ""

    def condition(self) -> tuple[str, dict[str, object]]:
        """Return what a row of `rows.COLUMNS` must fulfil, and its parameters."""
        values: dict[str, object] = {
            "w_repo": plain(self.repository) or None, "w_category": plain(self.category) or None,
            "w_since": stamped(self.since) if self.since else None, "w_until": stamped(self.until) if self.until else None,
            "w_job": plain(self.job).casefold() or None, "w_verdict": plain(self.verdict) or None, "w_branch": plain(self.branch) or None,
        }  # fmt: skip
        parts = ["(:w_repo IS NULL OR r.name = :w_repo)", "(:w_category IS NULL OR p.category = :w_category)"]
        met = (
            "EXISTS (SELECT 1 FROM occurrence o WHERE o.pattern = p.key AND o.rank = 0 AND (:w_since IS NULL OR o.at >= :w_since) AND (:w_until IS NULL OR o.at < :w_until)"
            " AND (:w_job IS NULL OR instr(lower(o.job), :w_job)) AND (:w_verdict IS NULL OR o.verdict = :w_verdict) AND (:w_branch IS NULL OR o.branch = :w_branch))"
        )
        if self.job or self.verdict or self.branch:
            parts.append(met)
        elif self.since or self.until:
            # what was read from a written record has no sightings, only its first and last day
            parts.append(
                f"({met} OR ((:w_since IS NULL OR p.last_seen >= :w_since) AND (:w_until IS NULL OR p.last_seen < :w_until)))"
            )
        return " AND ".join(parts), values

    def fits(self, pattern: Pattern) -> bool:
        """Say what no row can: the state is made of several columns and the present day."""
        return not self.state or pattern.state == self.state
