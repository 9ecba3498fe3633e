"""A Log: the lines of one job's output, by number, with what the CI system's own lines say of them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.logs.decode import strip_colours
from diagnose.logs.frames import raw_lines
from diagnose.logs.nested import said
from diagnose.logs.steps import closing_of

if TYPE_CHECKING:
    from diagnose.logs.dialect import Dialect, Mark
    from diagnose.logs.pages import Pages
    from diagnose.logs.steps import Step


_USUAL: Final = 500  # bytes of a line that is remembered: with 4,096 of them 4 MB at most


class Line(NamedTuple):
    """number: 1-based over the raw bytes. text: as a terminal shows it, without the CI system's framing."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Log:
    """One log, read once: its pages, its dialect, its marks and steps."""

    name: str
    pages: Pages
    dialect: Dialect
    marks: tuple[Mark, ...]
    steps: tuple[Step, ...]

    @property
    def total(self) -> int:
        """How many lines it has."""
        return self.pages.total

    def lines(self, first: int, last: int) -> list[Line]:
        """Lines first..last, inclusive, cut to what is there."""
        first = max(first, 1)
        raw = raw_lines(self.pages, self.dialect, first, last)
        return [Line(number, _text(self.dialect, line)) for number, line in enumerate(raw, first)]

    def text(self, number: int) -> str:
        """One line's text, "" beyond the ends."""
        found = self.lines(number, number)
        return found[0].text if found else ""

    def coloured(self, number: int) -> bytes:
        """One line's raw bytes."""
        found = self.pages.raw(number, number)
        return found[0] if found else b""

    @property
    def closing(self) -> Mark | None:
        """The CI system's verdict on the whole job, where the log ends with one."""
        return closing_of(self.marks, self.total)

    def step_at(self, number: int) -> Step | None:
        """Find the step that wrote line `number`; None before the first."""
        place = bisect_right(self.steps, number, key=lambda step: step.first) - 1
        return self.steps[place] if place >= 0 else None

    def is_framing(self, number: int) -> bool:
        """Tell whether this is one of the CI system's own lines, or what it echoes: script, settings, environment."""
        step = self.step_at(number)
        return step is not None and step.first <= number < step.body


def _text(dialect: Dialect, raw: bytes) -> str:
    """Give what a raw line says. The lines round a failure are asked for ten times over: they are decoded once."""
    usual = len(raw) <= _USUAL
    return _remembered(dialect, raw) if usual else said(dialect, strip_colours(raw))  # type: ignore[arg-type]  # a dialect is one of its kind


@lru_cache(maxsize=4096)
def _remembered(dialect: Dialect, raw: bytes) -> str:
    return said(dialect, strip_colours(raw))
