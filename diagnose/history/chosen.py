"""The part of a history that is wanted, and where its patterns stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Literal

from diagnose.memory.columns import stamped
from diagnose.memory.wanted import Wanted
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from diagnose.memory.history import Event, History, Known

Standing = Literal["person", "open", "fixed", "gone"]
"""Of a pattern on the page: a person is needed, nothing is known that helps, it is known what helped, or it was said not to be one."""


def chosen(history: History, wanted: Wanted) -> History:
    """Return the failures that are wanted, and the patterns that they belong to; runs that were green stay, failures are measured against them."""
    if wanted == Wanted():
        return history
    states = {known.key: known.pattern.state for known in history.patterns}
    events = tuple(
        event for event in history.events if _fits(event, wanted) and wanted.state in ("", states.get(event.pattern))
    )
    met = {event.pattern for event in events}
    patterns = tuple(known for known in history.patterns if known.key in met or _alone(known, wanted))
    return replace(history, patterns=patterns, events=events, older=0)


def _fits(event: Event, wanted: Wanted) -> bool:
    return (
        (wanted.since is None or event.at >= wanted.since)
        and (wanted.until is None or event.at < wanted.until)
        and wanted.repository in ("", plain(event.repository))
        and wanted.branch in ("", plain(event.branch))
        and wanted.job.casefold() in plain(event.job).casefold()
        and wanted.category in ("", event.category)
        and wanted.verdict in ("", event.verdict)
    )


def _alone(known: Known, wanted: Wanted) -> bool:
    """Say whether a pattern is wanted that has no failure here: not where something is asked that only a failure has."""
    pattern = known.pattern
    return (
        not (wanted.job or wanted.verdict or wanted.branch)
        and wanted.repository in ("", plain(pattern.repository))
        and wanted.category in ("", pattern.category)
        and (wanted.since is None or pattern.last_seen >= stamped(wanted.since))
        and (wanted.until is None or pattern.last_seen < stamped(wanted.until))
        and wanted.fits(pattern)
    )


def standing(known: Known, newest: Event | None) -> Standing:
    """Return where a pattern stands. newest: its last failure; who was asked for and has not answered is needed still."""
    if known.pattern.state in ("withdrawn", "wrong"):
        return "gone"
    if known.pattern.state == "resolved" or (known.pattern.state == "stale" and known.pattern.solution):
        return "fixed"
    return "person" if newest is not None and newest.escalated else "open"


def last_day(wanted: Wanted, now: datetime) -> date:
    """Return the last day that is asked about, in UTC; today at the latest."""
    return min(now, wanted.until - timedelta(seconds=1) if wanted.until else now).astimezone(UTC).date()


def by_pattern(events: Iterable[Event]) -> dict[int, list[Event]]:
    """Return each pattern's failures, in their order."""
    out: dict[int, list[Event]] = {}
    for event in events:
        out.setdefault(event.pattern, []).append(event)
    return out
