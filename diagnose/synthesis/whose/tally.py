"""The tally: what speaks for and against each verdict, with its reason and the comparison behind it; and the decision."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diagnose.model.report import Attribution
from diagnose.model.text import phrase
from diagnose.synthesis.whose.weights import LEAST, MARGIN, MOST, PRIOR

if TYPE_CHECKING:
    from diagnose.model.text import Phrase
    from diagnose.model.words import Verdict, Weighed


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence. control: the comparison behind it, "" where it is none that a verdict may stand on."""

    verdict: Verdict
    weight: float
    control: Weighed
    reason: Phrase


@dataclass(slots=True)
class Tally:
    """Evidence as it comes in. doubts: said beside a verdict that is not certain. cautions: said in any case. vetoed: verdicts that may not stand."""

    odds: dict[Verdict, float] = field(default_factory=lambda: dict(PRIOR))
    pieces: list[Piece] = field(default_factory=list)
    doubts: list[Phrase] = field(default_factory=list)
    cautions: list[Phrase] = field(default_factory=list)
    vetoed: set[Verdict] = field(default_factory=set)

    def add(self, verdict: Verdict, weight: float, reason: Phrase | None = None, control: Weighed = "") -> None:
        """Weigh one piece; one with a reason is told where its verdict stands, or where none does."""
        self.odds[verdict] += weight
        if reason is not None and weight > 0:
            self.pieces.append(Piece(verdict, weight, control, reason))
        elif reason is not None:
            self.doubts.append(reason)

    def has(self, *controls: Weighed) -> bool:
        """Whether one of these comparisons speaks for something."""
        return any(piece.control in controls for piece in self.pieces)

    def decide(self) -> Attribution:
        """Name the likeliest; "unknown" where it is not likely enough, hardly leads, is vetoed, or stands on no comparison with a name."""
        total = sum(math.exp(value) for value in self.odds.values())
        shares = sorted(((math.exp(value) / total, verdict) for verdict, value in self.odds.items()), reverse=True)
        (best, verdict), (second, _) = shares[:2]
        own = sorted((piece for piece in self.pieces if piece.verdict == verdict), key=lambda piece: -piece.weight)
        named: Weighed = next((piece.control for piece in own if piece.control), "")
        if verdict == "unknown" or best < LEAST or best - second < MARGIN or not named or verdict in self.vetoed:
            told = [
                *(piece.reason for piece in sorted(self.pieces, key=lambda piece: -piece.weight)),
                *self.doubts,
                *self.cautions,
            ]
            nothing = phrase("no earlier run, change or base is known to compare with")
            return Attribution(
                "unknown", round(self._unsure(best, verdict), 3), tuple(dict.fromkeys(told)) or (nothing,)
            )
        reasons = tuple(dict.fromkeys([*(piece.reason for piece in own), *self.cautions]))
        return Attribution(verdict, round(min(best, MOST), 3), reasons, named)

    def _unsure(self, best: float, verdict: Verdict) -> float:
        """How sure it is that nobody can be named: a verdict that is vetoed, or has no comparison, is not known the less for being likely."""
        return best if verdict == "unknown" else max(1 - best, 1 - LEAST)
