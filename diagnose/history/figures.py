"""The figures of a history: how much failed, how often it was known, how often a person was asked, how sure, how soon it was green."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from diagnose.history.flaky import FlakyTest, flaky_tests
from diagnose.history.kinds import KINDS, Kind, kind_of
from diagnose.history.resolving import Resolved, resolved
from diagnose.history.wording import Share, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.memory.history import Event, History, Known

RECOGNISED_OVER: Final = 0.6
ESCALATED_UNDER: Final = 0.2
SURE_OVER: Final = 0.7
MOST_WEEKS: Final = 26
LEAST_WEEKS: Final = 12
MOST_TOP: Final = 10


@dataclass(frozen=True, slots=True)
class Week:
    """Failures of one week, Monday to Sunday in UTC. kinds: by group; seen: of all, met before; escalated: of all, asked for a person."""

    monday: date
    kinds: dict[Kind, int]
    seen: Share
    escalated: Share

    @property
    def failures(self) -> int:
        """All of them."""
        return self.seen.whole


@dataclass(frozen=True, slots=True)
class Target:
    """A figure against what it should be. said: its value in words; of: with how many; basis: of what; met: None where there is nothing to measure yet."""

    name: str
    said: str
    of: str
    goal: str
    basis: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a history comes to.

    weeks: the newest MOST_WEEKS, none left out between; outside: failures of other weeks; untrusted: failures of forks and the like; sure: mean confidence;
    bands: answers by BANDS; top: the patterns met most often, twice at least, and how often.
    """

    failures: int
    patterns: int
    repositories: int
    untrusted: int
    first: date | None
    last: date | None
    seen: Share
    recognised: Share
    escalated: Share
    sure: float | None
    confident: Share
    bands: tuple[int, ...]
    kinds: dict[Kind, int]
    weeks: tuple[Week, ...]
    outside: int
    resolved: Resolved
    flaky: tuple[FlakyTest, ...]
    top: tuple[tuple[Known, int], ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """The four success figures, each against its target."""
        return (
            _recognition(self.recognised),
            _escalation(self.escalated),
            _confidence(self.sure, self.failures),
            _time(self.resolved),
        )


BANDS: Final = (0.95, 0.85, 0.70, 0.50, 0.0)
"""From where on a confidence has its word: almost certain, very likely, likely, unsure, a guess."""


def figures(history: History, today: date) -> Figures:
    """Count a history. today: the last date of interest, in UTC; weeks go up to it."""
    events = history.events
    again = [event for event in events if event.again]
    weeks = _weeks(events, today)
    patterns = {known.key: known for known in history.patterns}
    counted = Counter(event.pattern for event in events)
    return Figures(
        failures=len(events), patterns=len(patterns),
        repositories=len({event.repository for event in events if event.repository}), untrusted=sum(not event.trusted for event in events),
        first=events[0].at.date() if events else None, last=events[-1].at.date() if events else None,
        seen=Share(len(again), len(events)), recognised=Share(sum(event.recognised for event in again), len(again)),
        escalated=Share(sum(event.escalated for event in events), len(events)),
        sure=sum(event.confidence for event in events) / len(events) if events else None,
        confident=Share(sum(event.confidence >= SURE_OVER for event in events), len(events)), bands=_bands(events),
        kinds=_kinds(events), weeks=weeks, outside=len(events) - sum(week.failures for week in weeks), resolved=resolved(history), flaky=flaky_tests(history),
        top=tuple((patterns[key], times) for key, times in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])) if key in patterns and times > 1)[:MOST_TOP],
    )  # fmt: skip


def _kinds(events: Sequence[Event]) -> dict[Kind, int]:
    counted = Counter(kind_of(event.category) for event in events)
    return {kind: counted[kind] for kind in KINDS}


def _bands(events: Sequence[Event]) -> tuple[int, ...]:
    counted = Counter(next(place for place, least in enumerate(BANDS) if event.confidence >= least) for event in events)
    return tuple(counted[place] for place in range(len(BANDS)))


def _weeks(events: Sequence[Event], today: date) -> tuple[Week, ...]:
    if not events:
        return ()
    by_week: dict[date, list[Event]] = {}
    for event in events:
        by_week.setdefault(_monday(event.at.date()), []).append(event)
    present = _monday(today)
    newest = max((monday for monday in by_week if monday <= present), default=None)
    if newest is None:
        return ()
    # up to today, unless nothing of that would be seen
    last = present if (present - newest).days // 7 < MOST_WEEKS else newest
    shown = min(MOST_WEEKS, max(LEAST_WEEKS, (last - min(by_week)).days // 7 + 1))
    return tuple(
        _week(monday, by_week.get(monday, []))
        for monday in (last - timedelta(weeks=back) for back in range(shown - 1, -1, -1))
    )


def _week(monday: date, events: list[Event]) -> Week:
    return Week(
        monday, _kinds(events), Share(sum(event.again for event in events), len(events)), Share(sum(event.escalated for event in events), len(events)),
    )  # fmt: skip


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_NOTHING: Final = "nothing to measure yet"


def _of(share: Share) -> tuple[str, str]:
    return (share.words(), f"{share.words()} of {share.whole:,}") if share.whole else (_NOTHING, _NOTHING)


def _recognition(share: Share) -> Target:
    value = share.value
    basis = f"of {share.whole:,} failures that had been met before" if share.whole else "no failure came a second time"
    return Target(
        "Repeats recognised", *_of(share), "over 60 %", basis, None if value is None else value > RECOGNISED_OVER
    )


def _escalation(share: Share) -> Target:
    value = share.value
    basis = f"of {share.whole:,} failures" if share.whole else "no failure"
    return Target(
        "Escalated to a person", *_of(share), "under 20 %", basis, None if value is None else value < ESCALATED_UNDER
    )


def _confidence(mean: float | None, failures: int) -> Target:
    basis = f"mean of {failures:,} answers" if failures else "no answer"
    said = _NOTHING if mean is None else f"{int(mean * 100 + 1e-9) / 100:.2f}"
    return Target(
        "Confidence",
        said,
        said if mean is None else f"{said}, mean of {failures:,}",
        "over 0.70",
        basis,
        None if mean is None else mean > SURE_OVER,
    )


def _time(found: Resolved) -> Target:
    known, new = found.medians
    name, goal = "Time to resolve", "known sooner than new"
    basis = f"medians of {len(found.known):,} known and {len(found.new):,} new failures, to the next green run"
    if known is not None and new is not None:
        both = f"{span(known)} known, {span(new)} new"
        return Target(name, both, both, goal, basis, known < new)
    if known is None and new is None:
        return Target(name, _NOTHING, _NOTHING, goal, "no green run after a failure is kept", None)
    only = f"{span(known)} known" if known is not None else f"{span(new)} new" if new is not None else ""
    return Target(name, only, only, goal, basis, None)
