"""Confidence as a sentence: the band's word, how often such answers were right, and the number."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

BANDS: Final = ((0.95, "Almost certain"), (0.85, "Very likely"), (0.70, "Likely"), (0.50, "Unsure"), (0.0, "A guess"))
ENOUGH_CASES: Final = 30
_MEASURED: Final = Path(__file__).parent.parent / "rank" / "reliability.json"


@dataclass(frozen=True, slots=True)
class Band:
    """Of `cases` answers with a confidence of `at_least` (and below the next band), `right` were right."""

    at_least: float
    cases: int
    right: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often answers were right, band by band; a band without a row was never measured."""

    bands: tuple[Band, ...] = ()

    def of(self, probability: float) -> Band | None:
        """Return the row for the band that holds `probability`, None when it has too few cases."""
        floor = _band(probability)[0]
        row = next((band for band in self.bands if math.isclose(band.at_least, floor)), None)
        return row if row is not None and row.cases >= ENOUGH_CASES else None


def measured(path: Path = _MEASURED) -> Reliability:
    """Read the table of this version: `{"bands": [{"at_least": 0.95, "cases": 88, "right": 84}]}`.

    A missing or unreadable file is an empty table: the sentence then says that there are too few cases.
    """
    return _read(path)


@cache
def _read(path: Path) -> Reliability:
    try:
        rows: Any = json.loads(path.read_text(encoding="utf-8"))["bands"]
        return Reliability(tuple(Band(float(row["at_least"]), int(row["cases"]), int(row["right"])) for row in rows))
    except (OSError, ValueError, KeyError, TypeError):
        return Reliability()


def word(probability: float) -> str:
    """Return the band's word: "Very likely"."""
    return _band(probability)[1]


def number(probability: float) -> str:
    """Return the probability with two decimals, rounded down, so that it never shows the next band's figure."""
    return f"{math.floor(min(probability, 0.99) * 100 + 1e-9) / 100:.2f}"


def often(probability: float, table: Reliability) -> str:
    """Return "9 times in 10" as measured, "" where there are too few cases to say."""
    row = table.of(probability)
    return "" if row is None else _times(row.right / row.cases, row.cases)


def sentence(probability: float, table: Reliability) -> str:
    """Return the whole sentence: "Very likely: answers like this are right 9 times in 10 (0.91)."."""
    times = often(probability, table)
    if not times:
        return f"{word(probability)}; too few cases to say how often that is right ({number(probability)})."
    row = table.of(probability)
    if probability < BANDS[-2][0] and row is not None and 2 * row.right < row.cases:
        return f"A guess, wrong more often than right: right {times} ({number(probability)})."
    return f"{word(probability)}: answers like this are right {times} ({number(probability)})."


def short(probability: float, table: Reliability) -> str:
    """Return the sentence for a row of readings: "Right 6 times in 10 (0.61)."."""
    times = often(probability, table)
    return f"Right {times} ({number(probability)})." if times else f"{word(probability)} ({number(probability)})."


def listing(table: Reliability) -> str:
    """Return the whole table, a row a band, best first: what was stated, in words and numbers, and how often it was right."""
    if not table.bands:
        return "How often answers were right was not measured for this version.\n"
    lines = [
        "How often the first line of an answer was right, by the confidence it stated.",
        "Measured on labelled logs; each was judged by weights that never saw its project.",
        "",
    ]
    lines.append(f"{'confidence':<14}{'said as':<17}{'answers':>7}{'right':>7}{'share':>7}")
    for band, above in zip(table.bands, (None, *table.bands), strict=False):
        top = "0.99" if above is None else f"{above.at_least - 0.01:.2f}"
        share = f"{band.right / band.cases:.2f}" if band.cases >= ENOUGH_CASES else "few"
        lines.append(
            f"{f'{band.at_least:.2f} to {top}':<14}{word(band.at_least):<17}{band.cases:>7}{band.right:>7}{share:>7}"
        )
    cases, right = sum(band.cases for band in table.bands), sum(band.right for band in table.bands)
    lines.append(f"{'all':<31}{cases:>7}{right:>7}{right / cases if cases else 0:>7.2f}")
    return "\n".join(lines) + "\n"


def _band(probability: float) -> tuple[float, str]:
    return next((band for band in BANDS if probability >= band[0]), BANDS[-1])


def _times(rate: float, cases: int) -> str:
    if rate >= 0.985 and cases >= 100:  # noqa: PLR2004 - "99 in 100" is not said of fewer than 100
        return "99 times in 100"
    if rate >= 0.925:  # noqa: PLR2004 - nearer to 19 in 20 than to 9 in 10
        return "19 times in 20"
    if rate < 0.075:  # noqa: PLR2004 - nearer to 1 in 20 than to 1 in 10
        return "1 time in 20" if rate >= 0.025 else "hardly ever"  # noqa: PLR2004 - below half of 1 in 20
    tenths = min(9, max(1, round(rate * 10)))
    return f"{tenths} time{'s' if tenths > 1 else ''} in 10"
