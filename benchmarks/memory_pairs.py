"""How well two failures are told to be the same: hand-labelled pairs, the bound chosen with each project left out.

    python -m benchmarks.memory_pairs CORPUS

CORPUS holds `pairs.jsonl` and the logs of `travis-chunks`. A project counts with at most 12 pairs of a kind. `same` is right; `kind` (the same sort of
failure, another cause) and `different` are wrong; pairs that share only some causes are not judged, and are shown beside it.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diagnose.logs.decode import shown, strip_colours
from diagnose.memory.signature import Signature, sign
from diagnose.memory.similarity import SAME, score
from diagnose.memory.tokens import weight, words

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST: Final = 12
ASKED: Final = 0.98
"""Precision on the other projects at which the bound is set."""

BOUNDS: Final = tuple(half / 2 for half in range(140, 201))


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled pair with its score (-1: no line of one carries identity) and its weight."""

    project: str
    label: str
    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums of weights: found and right, found and wrong, all that are the same, found that share one of several causes."""

    right: float
    wrong: float
    same: float
    partly: float

    @property
    def precision(self) -> float:
        """0..1, 1 where nothing is found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """0..1."""
        return self.right / self.same if self.same else 0.0


def counted(pairs: Sequence[Pair], bound: float) -> Counted:
    """Count what a bound finds."""

    def total(labels: tuple[str, ...], least: float) -> float:
        return sum(pair.weight for pair in pairs if pair.label in labels and pair.score >= least)

    return Counted(
        total(("same",), bound), total(("kind", "different"), bound), total(("same",), -2), total(("overlap",), bound)
    )


def left_out(pairs: Sequence[Pair]) -> tuple[Counted, Counter[float]]:
    """Choose the lowest bound of precision ASKED on all projects but one, judge that one with it, and add up."""
    sums, chosen = [0.0, 0.0, 0.0, 0.0], Counter[float]()
    for project in sorted({pair.project for pair in pairs}):
        others = [pair for pair in pairs if pair.project != project]
        bound = next((bound for bound in BOUNDS if counted(others, bound).precision >= ASKED), BOUNDS[-1])
        chosen[bound] += 1
        own = counted([pair for pair in pairs if pair.project == project], bound)
        sums = [left + right for left, right in zip(sums, (own.right, own.wrong, own.same, own.partly), strict=True)]
    return Counted(*sums), chosen


def scored(rows: Sequence[dict[str, Any]], signatures: dict[str, Signature | None]) -> list[Pair]:
    """Score every pair; words weigh by how many of the logs hold them."""
    held = Counter(
        word for one in signatures.values() if one for word in {word for line in one.masked for word in words(line)}
    )
    sizes = Counter((row["project"], row["label"]) for row in rows)

    def idf(word: str) -> float:
        return weight(held[word], len(signatures))

    out = []
    for row in rows:
        left, right = signatures[row["a"]], signatures[row["b"]]
        value = score(left, right, idf) if left and right else -1.0
        out.append(Pair(row["project"], row["label"], value, min(1.0, MOST / sizes[row["project"], row["label"]])))
    return out


def evidence(rows: Sequence[dict[str, Any]], corpus: Path) -> dict[str, Signature | None]:
    """Sign the labelled lines of each log."""
    out: dict[str, Signature | None] = {}
    for row in rows:
        for side in "ab":
            if row[side] not in out:
                raw = lzma.decompress((corpus / "travis-chunks" / row[f"log_{side}"]).read_bytes()).split(b"\n")
                numbers = [
                    number for first, last in row[f"lines_{side}"] for number in range(first, min(last, len(raw)) + 1)
                ]
                out[row[side]] = sign(
                    [shown(strip_colours(raw[number - 1])) for number in numbers], category="", tool="", rule=""
                )
    return out


def main() -> int:
    """Print the figures."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - one argument
        print(__doc__)
        return 2
    corpus = Path(sys.argv[1])
    rows = [json.loads(line) for line in (corpus / "pairs.jsonl").read_text().splitlines()]
    pairs = scored(rows, evidence(rows, corpus))
    out, chosen = left_out(pairs)
    fixed = counted(pairs, SAME)
    print(f"{len(pairs)} pairs of {len({pair.project for pair in pairs})} projects; weighed: {fixed.same:.0f} the same")
    print(
        f"bound {SAME:g} (in force)          precision {fixed.precision:.3f}  recall {fixed.recall:.3f}  shares a cause {fixed.partly:.0f}"
    )
    print(
        f"bound with projects left out  precision {out.precision:.3f}  recall {out.recall:.3f}  chosen {', '.join(f'{bound:g} ({n})' for bound, n in chosen.most_common(3))}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
