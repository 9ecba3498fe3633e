"""Counts of tests, as a log says them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.model.report import Totals
from diagnose.scan.blocks import extent_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.rank.reading import Reading
    from diagnose.scan.rule import Rule

_FIELDS: Final = ("run", "passed", "failed", "skipped")
_DIGITS: Final = 9
_TWICE: Final = 2


class _Row(NamedTuple):
    """A line that counts: its number, and what it says."""

    line: int
    counts: dict[str, int]


def log_totals(reading: Reading) -> Totals | None:
    """The counts of one log: of each rule that tells totals the sum of its lines, then the most telling rule, runner by runner.

    Runners of one ecosystem count each other's tests (Surefire TestNG's, ctest GoogleTest's, Cypress Mocha's): the one that
    tells most counts. Those of different ecosystems do not: they are added. A subtotal of each module with a grand total at
    the end counts once, and so does a line that is printed twice. What a command counted before it was tried again is void.
    """
    tries = _tried_again(reading)
    by_rule: dict[str, tuple[Rule, list[_Row]]] = {}
    for match in reading.scan.matches:
        if match.rule.kind == "totals" and not any(first <= match.line < last for first, last in tries):
            counts = _counts(extent_of(reading.log, match).captures)
            if counts:
                by_rule.setdefault(match.rule.id, (match.rule, []))[1].append(_Row(match.line, counts))
    by_ecosystem: dict[str, list[tuple[Rule, list[_Row]]]] = {}
    for rule, rows in by_rule.values():
        by_ecosystem.setdefault(rule.ecosystem, []).append((rule, rows))
    return added(_most_telling(told) for told in _of_their_own(list(by_ecosystem.values())))


def counts_failures(reading: Reading) -> bool:
    """Tell whether any line of totals counts a failed test; an error outside of the tests is none."""
    return any(
        _counts(extent_of(reading.log, match).captures).get("failed")
        for match in reading.scan.matches
        if match.rule.kind == "totals"
    )


def _of_their_own(ecosystems: list[list[tuple[Rule, list[_Row]]]]) -> Iterable[list[tuple[Rule, list[_Row]]]]:
    """Leave out an ecosystem that counts nothing but lines that another one counts: two runners share a wording."""
    lines = [{row.line for _, rows in told for row in rows} for told in ecosystems]
    for place, told in enumerate(ecosystems):
        if not any(
            lines[place] < other or (lines[place] == other and at < place)
            for at, other in enumerate(lines)
            if at != place
        ):
            yield told


def _tried_again(reading: Reading) -> list[tuple[int, int]]:
    """The lines (first, last) of each try of a command that was followed by another: up to the line that says so, in its step."""
    tries: list[tuple[int, int]] = []
    for match in reading.scan.matches:
        if match.rule.kind == "noise" and match.rule.retry:
            step = next((step for step in reading.log.steps if step.first <= match.line <= step.last), None)
            tries.append((step.first if step else 1, match.line))
    return tries


def _counts(captures: dict[str, str]) -> dict[str, int]:
    return {
        name: int(value)
        for name, value in captures.items()
        if value.isascii() and value.isdigit() and len(value) <= _DIGITS
    }


def added(each: Iterable[Totals]) -> Totals | None:
    """Add totals up; None when there are none. A field that none of them tells stays None."""
    told = list(each)
    return Totals(*(_sum([getattr(totals, name) for totals in told]) for name in _FIELDS)) if told else None


def _most_telling(told: list[tuple[Rule, list[_Row]]]) -> Totals:
    """Take the rule of the greatest weight that counts failures, else the one with most lines; its runner's other rules fill gaps."""
    best, rows = max(
        told, key=lambda one: (one[0].weight, sum(_failures(row.counts) for row in one[1]) > 0, len(one[1]))
    )
    whole = _fold(rows)
    for rule, more in told:
        if rule.tool == best.tool and rule.id != best.id:
            other = _fold(more)
            whole = Totals(
                *(mine if (mine := getattr(whole, name)) is not None else getattr(other, name) for name in _FIELDS)
            )
    return whole


def _failures(row: dict[str, int]) -> int:
    return row.get("failed", 0) + row.get("errors", 0)


def _once(rows: list[_Row]) -> list[dict[str, int]]:
    """Drop a line that says the same as the one just before it: two formatters, or standard output and error."""
    return [
        row.counts
        for before, row in zip([None, *rows], rows, strict=False)
        if before is None or row.counts != before.counts or row.line - before.line > _TWICE
    ]


def _fold(rows: list[_Row]) -> Totals:
    each = _once(rows)
    if len(each) > 2:  # noqa: PLR2004 - two runs that end alike are two runs, not one and its total
        last, before = each[-1], each[:-1]
        names = set(last) & {"run", "passed", "failed"}
        # a grand total tells all that its parts told: a line of one field alone is a part that came again
        if (
            names
            and names.issuperset(name for row in before for name in row if name in _FIELDS[:3])
            and all(last[name] == sum(row.get(name, 0) for row in before) for name in names)
        ):
            each = [last]
    values = {name: _sum([row.get(name) for row in each]) for name in ("run", "passed", "skipped")}
    said = any("failed" in row or "errors" in row for row in each)
    passed_only = any(values[name] is not None for name in ("run", "passed"))
    failed = sum(_failures(row) for row in each) if said or passed_only else None
    return Totals(run=values["run"], passed=values["passed"], failed=failed, skipped=values["skipped"])


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
