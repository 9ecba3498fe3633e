"""How a job was ended before its work was done, and what it was doing then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from diagnose.model.evidence import Evidence
    from diagnose.model.text import Phrase, Untrusted

StopReason = Literal[
    "job-timeout",
    "step-timeout",
    "command-timeout",
    "test-timeout",
    "no-output",
    "newer-run",
    "fail-fast",
    "shutdown",
    "lost-runner",
    "person",
    "unknown",
]
Pace = Literal["hung", "slow", "unknown"]


@dataclass(frozen=True, slots=True)
class Stop:
    """What ended the job from outside, and what ran then.

    jobs: all that were ended so, the first being the one that is told of. title: what ended it. doing: what it was doing, empty where nothing
    tells. advice: what to do. evidence: the line that says what ended it (line 0: an annotation), then the test that had begun.
    confidence: that the reason is right. pace: hung: it printed nothing for long before the end; slow: it still printed; unknown: no line is
    stamped. silent_seconds: the silence before the end, behind line `silent_after`. test: that had begun and not ended at `test_line`, or,
    where `after` is set, the last that had ended: the one behind it is meant. took_minutes, limit_minutes: how long the job ran and how long
    it may. former_minutes: how long its last green runs took, newest first.
    """

    jobs: tuple[Untrusted, ...]
    reason: StopReason
    title: Phrase
    doing: Phrase
    advice: Phrase
    evidence: tuple[Evidence, ...]
    confidence: float
    pace: Pace = "unknown"
    silent_seconds: float | None = None
    silent_after: int = 0
    test: Untrusted | None = None
    test_line: int = 0
    after: bool = False
    runner: str = ""
    took_minutes: float | None = None
    limit_minutes: float | None = None
    former_minutes: tuple[float, ...] = ()
