"""Counts of tests over all logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.rank.counts import added, log_totals

if TYPE_CHECKING:
    from diagnose.model.report import Totals
    from diagnose.rank.reading import Reading


def totals_of(readings: tuple[Reading | None, ...]) -> Totals | None:
    """The sum over all logs of each log's counts; None when no log says any."""
    return added(totals for reading in readings if reading is not None and (totals := log_totals(reading)) is not None)
