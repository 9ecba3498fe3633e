"""How long it took from a failure to the first run of the same job, on the same branch, that was green."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.history.wording import median

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.history import Event, History
    from diagnose.model.text import Untrusted

BUCKETS: Final[tuple[tuple[str, float], ...]] = (
    ("under 15 min", 15), ("15 to 60 min", 60), ("1 to 4 h", 240), ("4 to 24 h", 1440), ("longer", float("inf")),
)  # fmt: skip
"""What a time is called, and below how many minutes."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Minutes from failure to green, of failures `known` before and of `new` ones, and how many have not been seen green yet."""

    known: tuple[float, ...] = ()
    new: tuple[float, ...] = ()
    waiting: int = 0

    @property
    def medians(self) -> tuple[float | None, float | None]:
        """Of the known, of the new; None of nothing."""
        return median(self.known), median(self.new)


def buckets(minutes: tuple[float, ...]) -> tuple[int, ...]:
    """Return how many of these times fall in each of BUCKETS."""
    out = [0] * len(BUCKETS)
    for each in minutes:
        out[next(place for place, (_, below) in enumerate(BUCKETS) if each < below)] += 1
    return tuple(out)


def resolved(history: History) -> Resolved:
    """Measure each failure once, from its first sighting before a green run, however often it was pushed in between.

    A failure whose green run is not kept, and whose pattern says how long it took, counts with that.
    """
    times = green_times(history)
    known: list[float] = []
    new: list[float] = []
    waiting = 0
    counted: set[tuple[object, ...]] = set()
    told = {known.key: known.pattern.elapsed for known in history.patterns}
    for event in history.events:
        green = next_green(times, event)
        one = (event.pattern, event.repository, event.branch, event.job, green)
        if one in counted:
            continue
        counted.add(one)
        minutes = (green - event.at).total_seconds() / 60 if green is not None else _told(told, event)
        if minutes is not None:
            (known if event.again else new).append(minutes)
        elif event.branch:  # a log without a branch is never seen green
            waiting += 1
    return Resolved(tuple(known), tuple(new), waiting)


Times = dict[tuple["Untrusted", "Untrusted", "Untrusted"], list["datetime"]]


def green_times(history: History) -> Times:
    """Return when each job was green: repository, branch, job; oldest first."""
    out: Times = {}
    for green in history.greens:
        out.setdefault((green.repository, green.branch, green.job), []).append(green.at)
    return out


def next_green(times: Times, event: Event) -> datetime | None:
    """Return when the job of this failure was green next."""
    at = times.get((event.repository, event.branch, event.job), [])
    place = bisect_right(at, event.at)
    return at[place] if place < len(at) else None


def _told(elapsed: dict[int, float | None], event: Event) -> float | None:
    hours = elapsed.get(event.pattern)
    # what was measured once is the time of the first failure; that of a later one is not known
    return None if hours is None or event.again else hours * 60
