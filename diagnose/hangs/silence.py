"""How long a step printed nothing: the stamps of its lines, and the gaps between them.

A stamp is the moment at which the CI system read the line. A program that buffers its output by blocks makes gaps that are none, and a
line that was never ended is stamped when its program died.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.logs.dialect import Clocked
from diagnose.logs.frames import raw_lines

if TYPE_CHECKING:
    from diagnose.logs.dialect import Dialect
    from diagnose.logs.log import Log

MOST_LINES: Final = 50_000
AFTERMATH: Final = 15.0
"""Seconds before the end in which what is printed may be the answer to being stopped: a dump of threads, a traceback, a flushed line.

actions/runner (ProcessInvoker) sends SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL.
"""

LEAST: Final = 60.0
TIMES_MEDIAN: Final = 10
TIMES_GREEN: Final = 3
_HEAD: Final = 400
_DAY: Final = 86_400.0


class Silence(NamedTuple):
    """Seconds without a line, between the lines `after` and `until`."""

    seconds: float
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class Timing:
    """The stamps of some lines of a log. seconds: from the first to the last. usual: the median of the gaps but the final one.

    longest: the longest silence. final: the longest of those that end at most AFTERMATH before the last stamp.
    """

    seconds: float
    usual: float
    longest: Silence
    final: Silence

    def hung(self, green: float = 0.0) -> bool:
        """Tell whether the silence before the end is none that this step usually has. green: the longest when it passed, in seconds."""
        return self.final.seconds > max(LEAST, TIMES_MEDIAN * self.usual, TIMES_GREEN * green)


def timing(log: Log, first: int, last: int) -> Timing | None:
    """Measure the lines first..last, the last MOST_LINES of them; None where fewer than two have a stamp."""
    first = max(first, last - MOST_LINES + 1, 1)
    stamped: list[tuple[int, float]] = []
    daily = isinstance(log.dialect, Clocked) and log.dialect.daily
    day = 0.0
    for number, raw in enumerate(raw_lines(log.pages, log.dialect, first, last), first):
        seconds = _moment(raw, log.dialect)
        if seconds is None:
            continue
        if stamped and daily and seconds + day < stamped[-1][1] - _DAY / 2:
            day += _DAY
        stamped.append((number, seconds + day))
    if len(stamped) < 2:  # noqa: PLR2004 - a gap has two ends
        return None
    gaps = [Silence(max(0.0, at - before), line, number) for (line, before), (number, at) in pairwise(stamped)]
    end = stamped[-1][1]
    near = [gap for gap, (_, at) in zip(gaps, stamped[1:], strict=True) if end - at <= AFTERMATH]
    longest, final = max(gaps, key=lambda gap: gap.seconds), max(near, key=lambda gap: gap.seconds)
    return Timing(
        end - stamped[0][1], median([gap.seconds for gap in gaps if gap is not final] or [0.0]), longest, final
    )


def _moment(raw: bytes, dialect: Dialect) -> float | None:
    """Give a line's stamp in seconds, of any beginning; None where it has none."""
    stamp = dialect.stamp(raw[:_HEAD].decode("utf-8", "replace"))
    if stamp:
        return _read(stamp)
    return dialect.seconds(raw) if isinstance(dialect, Clocked) else None


def _read(stamp: str) -> float | None:
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
