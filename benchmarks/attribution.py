"""Whose a failure is: scripted incidents on a GitHub of our own, some from a git checkout, against what is known of each.

Usage: benchmarks/attribution.py             prints a row for each incident, the sums, and the requests that asking cost
       benchmarks/attribution.py WORD...     only those of which the description or the verdict holds a word, with the reasons
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]  # run as a script

from diagnose.safety.plain import plain  # noqa: E402 - the path is set above
from diagnose.sources.github.controls import MOST  # noqa: E402 - as above
from tests.support.whose_asked import ask  # noqa: E402 - as above
from tests.support.whose_incidents import ROWS  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.whose_asked import Asked
    from tests.support.whose_incidents import Whose


def table(rows: Sequence[Whose], *, reasons: bool) -> int:
    """Print a row an incident; 1 when any is not as it should be."""
    right: Counter[str] = Counter()
    asked: list[Asked] = []
    print(f"{'should be':<15} {'is':<15} {'sure':>5} {'by':<15} {'again':<6} {'asked':>5}  incident")
    with tempfile.TemporaryDirectory(prefix="attribution-") as cache:
        for row in rows:
            with tempfile.TemporaryDirectory(prefix="attribution-") as folder:
                found = ask(row, Path(folder), Path(cache))
            asked.append(found)
            right[row.verdict] += not found.wrong
            _print(row, found, reasons=reasons)
    every = Counter(row.verdict for row in rows)
    dearest = max(found.report.attribution.requests for found in asked)
    mean = sum(found.report.attribution.requests for found in asked) / len(asked)
    print(", ".join(f"{verdict} {right[verdict]} of {count}" for verdict, count in every.items()))
    print(
        f"{sum(right.values())} of {len(rows)} as they should be; requests for whose it is: {mean:.1f} on average, {dearest} at most, of {MOST} allowed"
    )
    return int(sum(right.values()) < len(rows) or dearest > MOST)


def _print(row: Whose, found: Asked, *, reasons: bool) -> None:
    got = found.report.attribution
    again = found.report.retry is not None and found.report.retry.advised
    print(
        f"{row.verdict:<15} {got.verdict:<15} {got.confidence:>5.2f} {got.control or '-':<15} {'yes' if again else 'no':<6} {got.requests:>5}  {row.about}"
        + (f"  WRONG: {', '.join(found.wrong)}" if found.wrong else ""),
    )
    if reasons or found.wrong:
        retry = found.report.retry
        told = [*got.reasons, *([got.decision] if got.decision else []), *(retry.reasons if retry else ())]
        print("".join(f"    {plain(each)}\n" for each in told), end="")


def main(words: Sequence[str]) -> int:
    """Print the table, or the rows that hold a word."""
    rows = [row for row in ROWS if not words or any(word in f"{row.about} {row.verdict}" for word in words)]
    return table(rows, reasons=bool(words)) if rows else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
