"""Counts of tests, as the logs say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.model.report import Totals
from diagnose.scan.blocks import extent_of

if TYPE_CHECKING:
    from diagnose.rank.reading import Reading


def totals_of(readings: tuple[Reading | None, ...]) -> Totals | None:
    """The sum over all logs of each log's counts; None when no log says any."""
    each = [totals for reading in readings if reading is not None and (totals := log_totals(reading)) is not None]
    if not each:
        return None
    return Totals(*(_sum([getattr(totals, name) for totals in each]) for name in ("run", "passed", "failed", "skipped")))


def log_totals(reading: Reading) -> Totals | None:
    """The counts of one log: of each rule that tells totals the sum of its lines, and of these the most telling rule.

    A runner that prints a subtotal for each module and a grand total at the end counts once: when the last line equals the
    sum of those before it, it is the total.
    """
    by_rule: dict[str, list[dict[str, int]]] = {}
    for match in reading.scan.matches:
        if match.rule.kind == "totals":
            captures = extent_of(reading.log, match).captures
            counts = {name: int(value) for name, value in captures.items() if value.isascii() and value.isdigit() and len(value) < 10}  # noqa: PLR2004
            if counts:
                by_rule.setdefault(match.rule.id, []).append(counts)
    if not by_rule:
        return None
    best = max(by_rule.values(), key=lambda rows: (sum(_failures(row) for row in rows) > 0, len(rows)))
    return _fold(best)


def _failures(row: dict[str, int]) -> int:
    return row.get("failed", 0) + row.get("errors", 0)


def _fold(rows: list[dict[str, int]]) -> Totals:
    if len(rows) > 1:
        last, before = rows[-1], rows[:-1]
        names = set(last) & {"run", "passed", "failed"}
        if names and all(last[name] == sum(row.get(name, 0) for row in before) for name in names):
            rows = [last]
    values: dict[str, int | None] = {}
    for name in ("run", "passed", "skipped"):
        values[name] = _sum([row.get(name) for row in rows])
    said = any("failed" in row or "errors" in row for row in rows)
    passed_only = any(values[name] is not None for name in ("run", "passed"))
    failed = sum(_failures(row) for row in rows) if said or passed_only else None
    return Totals(run=values["run"], passed=values["passed"], failed=failed, skipped=values["skipped"])


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
