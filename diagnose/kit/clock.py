"""The one place where time is read. Rooms below the pipeline are handed a clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Clock:
    """now: the time of day, aware, UTC. elapsed: seconds that only ever grow."""

    now: Callable[[], datetime]
    elapsed: Callable[[], float]


def system_clock() -> Clock:
    """Read the machine's clock."""
    return Clock(now=lambda: datetime.now(UTC), elapsed=time.perf_counter)  # noqa: TID251 - the one place
