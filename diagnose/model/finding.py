"""What an agent of phase 2 says. There is no finding without evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnose.model.report import Evidence, FailedTest, KnownPattern, Location, SilentFailure
    from diagnose.model.stop import Stop
    from diagnose.model.text import Phrase, Untrusted
    from diagnose.model.words import Category, Verdict, Weighed


@dataclass(frozen=True, slots=True)
class Capture:
    """What stands in a line at the place that a rule's expression names: `{package}` in its words is this value."""

    name: str
    value: Untrusted


@dataclass(frozen=True, slots=True)
class CauseFinding:
    """A candidate for the root cause, in one job's log.

    job: index into the incident's jobs. step: number of the step in the log's reading, 0 for none. score: comparable within
    one diagnosis. confidence: probability that evidence[0] is the right line. follows_any: a wrapper of what stands before it.
    captures: what the rule found in its lines, by its names, for its words about what to do.
    """

    job: int
    step: int
    evidence: tuple[Evidence, ...]
    title: Phrase
    category: Category
    tool: str
    rule: str
    score: float
    confidence: float
    explanation: Phrase
    locations: tuple[Location, ...] = ()
    failed_tests: tuple[FailedTest, ...] = ()
    follows_any: bool = False
    key: str = ""
    captures: tuple[Capture, ...] = ()

    def __post_init__(self) -> None:
        if not self.evidence:
            message = "a finding needs evidence"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class SilentFinding:
    """A hidden failure."""

    job: int
    failure: SilentFailure


@dataclass(frozen=True, slots=True)
class PatternFinding:
    """A failure of this incident that memory knows: `line` of `log` is the evidence that matched."""

    evidence: tuple[Evidence, ...]
    known: KnownPattern


@dataclass(frozen=True, slots=True)
class SuspectFinding:
    """How a candidate at `evidence` relates to the change: a verdict, its log-odds weight, and the reason in words.

    control: what was compared, "" where that has no name.
    """

    evidence: tuple[Evidence, ...]
    verdict: Verdict
    weight: float
    reason: Phrase
    control: Weighed = ""


@dataclass(frozen=True, slots=True)
class StopFinding:
    """What ended a job from outside; `job` is the first of those it is said of."""

    job: int
    stop: Stop

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What is quoted for it."""
        return self.stop.evidence


Finding = CauseFinding | SilentFinding | PatternFinding | SuspectFinding | StopFinding
