"""Counts, shares, spans and dates in words. A share of nothing is never a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0..1; None of nothing."""
        return self.part / self.whole if self.whole else None

    def words(self) -> str:
        """Return "55 %", or "-" of nothing; only all is 100 %, only none is 0 %."""
        if not self.whole:
            return "-"
        rounded = round(100 * self.part / self.whole)
        if self.part and not rounded:
            return "under 1 %"
        return f"{99 if rounded == 100 and self.part < self.whole else rounded} %"  # noqa: PLR2004 - percent


def count(number: int, one: str, many: str = "") -> str:
    """Return "1 failure", "2,104 failures"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def times(number: int) -> str:
    """Return "once", "12 times"."""
    return "once" if number == 1 else f"{number:,} times"


def spelled(number: int) -> str:
    """Return a small number as a word."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def span(minutes: float) -> str:
    """Return "40 min", "3 h", "2 days": one unit, rounded."""
    if minutes < 1:
        return "under 1 min"
    if minutes < 2 * _HOUR - 0.5:
        return f"{round(minutes)} min"
    if minutes < 2 * _DAY - _HOUR / 2:
        return f"{round(minutes / _HOUR)} h"
    return f"{round(minutes / _DAY):,} days"


def day(when: date, now: date) -> str:
    """Return "19 Nov", with the year where it is not the present one."""
    year = "" if when.year == now.year else f" {when.year}"
    return f"{when.day} {MONTHS[when.month - 1]}{year}"


def median(values: tuple[float, ...]) -> float | None:
    """Return the middle value, None of nothing."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
