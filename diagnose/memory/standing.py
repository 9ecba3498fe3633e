"""How far a pattern can be relied on: what speaks against it, and how long ago it was met."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from diagnose.memory.columns import stamped

if TYPE_CHECKING:
    from datetime import datetime

Standing = Literal["good", "doubtful", "silent"]

MUTED_AT: Final = 2
"""Refuted matches and hits in passing logs together that silence a pattern."""

GOOD_PRECISION: Final = 0.9
"""Share of right sightings that outweighs them. elastic-recheck calls a query bad at over 10 % hits in passing jobs."""

STALE_DAYS: Final = 90
"""Days without a sighting after which a pattern is shown with its age, behind all others."""

EXPIRED_DAYS: Final = 365
"""Days without a sighting after which a pattern that nobody solved is no longer known by likeness, only by equal lines."""


def standing(*, seen: int, wrong: int, passed: int) -> Standing:
    """Say how a pattern may match: "good" by likeness too, "doubtful" by equal lines alone, "silent" not at all."""
    against = wrong + passed
    if not against or seen >= GOOD_PRECISION * (seen + against):
        return "good"
    return "silent" if against >= MUTED_AT else "doubtful"


def expired(*, last_seen: str, solved: bool, now: datetime) -> bool:
    """Say whether a pattern is too old to be known by likeness."""
    return not solved and bool(last_seen) and last_seen < stamped(now - timedelta(days=EXPIRED_DAYS))


def stale(last_seen: str, now: datetime) -> bool:
    """Say whether a pattern was not met for STALE_DAYS."""
    return bool(last_seen) and last_seen < stamped(now - timedelta(days=STALE_DAYS))
