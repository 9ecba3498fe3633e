"""The report: the contract between the diagnosis and everyone who reads it. Schema version 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.model.evidence import Evidence as Evidence  # noqa: PLC0414 - the contract is imported from here

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.model.check import Check
    from diagnose.model.stop import Stop
    from diagnose.model.text import Phrase, Untrusted
    from diagnose.model.words import (
        AgentStatus,
        Basis,
        Category,
        JobStatus,
        Risk,
        SaidBy,
        Severity,
        SilentKind,
        Status,
        Trigger,
        Verdict,
        Weighed,
    )

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file; line and column 1-based, None when the tool did not say."""

    file: Untrusted
    line: int | None = None
    column: int | None = None
    severity: Severity = "error"
    message: Untrusted | None = None


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test that failed, under the name its runner gives it."""

    name: Untrusted
    file: Untrusted | None = None
    line: int | None = None
    message: Untrusted | None = None


@dataclass(frozen=True, slots=True)
class StepRef:
    """A step of a job: its number (as the CI system counts, or in order of appearance) and name."""

    number: int
    name: Untrusted


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason for the failure. evidence[0].line is the line that tells.

    tool, rule: "" where no rule knows it. jobs: all that show it, the first being `job`. follows: ids of causes that
    brought this one about. members: evidence of other jobs that differs from the first.
    """

    id: str
    title: Phrase
    category: Category
    tool: str
    rule: str
    job: Untrusted
    step: StepRef | None
    evidence: tuple[Evidence, ...]
    confidence: float
    explanation: Phrase
    locations: tuple[Location, ...] = ()
    failed_tests: tuple[FailedTest, ...] = ()
    follows: tuple[str, ...] = ()
    jobs: tuple[Untrusted, ...] = ()
    members: tuple[Evidence, ...] = ()
    exit_code: int | None = None

    def __post_init__(self) -> None:
        if not self.evidence:
            message = f"cause {self.id} has no evidence"
            raise ValueError(message)
        if not 0 <= self.confidence <= 1:
            message = f"cause {self.id}: confidence {self.confidence} is not between 0 and 1"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Minutes:
    """Hands-on minutes: low <= likely <= high."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.likely <= self.high:
            message = f"minutes out of order: {self.low}, {self.likely}, {self.high}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class FixStep:
    """One thing to do. `safe`: the command changes nothing outside the work tree and can be run without thought."""

    text: Phrase
    command: Phrase | None = None
    safe: bool = False


@dataclass(frozen=True, slots=True)
class FixStrategy:
    """What to do, how long it takes, where that figure is from, and what it may break."""

    summary: Phrase
    steps: tuple[FixStep, ...]
    minutes: Minutes
    basis: Basis
    risk: Risk


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose it is, how sure, and the control behind it.

    control: the comparison that weighs most for the verdict, "" for unknown. requests: to the CI system, for these comparisons.
    decision: what only a person can decide, None where nothing.
    """

    verdict: Verdict
    confidence: float
    reasons: tuple[Phrase, ...]
    control: Weighed = ""
    requests: int = 0
    decision: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Whether to run again. jobs: which, when it is advised. at_most: how often, of the runs that this commit may have.

    reasons: why, or why not. command: what runs them again, None where it is not advised or not known. Never run by us.
    """

    advised: bool
    jobs: tuple[Untrusted, ...]
    at_most: int
    reasons: tuple[Phrase, ...]
    command: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A request for a person, and what brought it about."""

    trigger: Trigger
    reason: Phrase


@dataclass(frozen=True, slots=True)
class AgentRun:
    """How an agent of phase 2 fared; `error` says what went wrong, `note` why it was skipped."""

    name: str
    status: AgentStatus
    seconds: float
    error: Phrase | None = None


@dataclass(frozen=True, slots=True)
class SilentFailure:
    """A failure that the exit code hides.

    seen: this run's log shows it, at `line` of `log`. Else a workflow file could hide one, at `place`, and nothing says that it did: then
    log is "", line 0. confidence: that it is one. why: what hides it. place: the line of a workflow file, or of a log that echoes a script.
    """

    kind: SilentKind
    title: Phrase
    log: str
    line: int
    text: Untrusted
    severity: Severity
    advice: str
    seen: bool = True
    confidence: float = 0.9
    why: Phrase | None = None
    place: Location | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of tests, as the log says them; None where it does not."""

    run: int | None = None
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None


@dataclass(frozen=True, slots=True)
class KnownPattern:
    """A failure that was seen before. similarity 0..1; sources newest first, at most 20. flaky: the same code passed when it was run again.

    said_by: who says the solution, "" where there is none. sure: of the solution, 0..1, None where nobody stated it.
    """

    pattern: str
    similarity: float
    seen: int
    last_seen: str
    sources: tuple[Untrusted, ...]
    title: Untrusted
    root_cause: Untrusted
    solution: Untrusted
    fixed_by: Untrusted
    minutes: float | None
    cause: str = ""
    flaky: bool = False
    said_by: SaidBy = ""
    sure: float | None = None

    @property
    def guessed(self) -> bool:
        """Whether nobody has confirmed the solution: a machine took it from a run that turned green."""
        return bool(self.solution) and self.said_by in ("green-run", "re-run")


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job as the report lists it."""

    name: Untrusted
    status: JobStatus
    steps: tuple[StepReport, ...]
    log: str


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step and the lines of the log that it wrote; first_line 0 when the log does not show it."""

    number: int
    name: Untrusted
    status: JobStatus
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Report:
    """The answer. Its fields are those of the published schema, in its order."""

    status: Status
    root_cause: Cause | None
    alternatives: tuple[Cause, ...]
    confidence: float
    fix_strategy: FixStrategy | None
    estimated_fix_time: float | None
    attribution: Attribution
    requires_escalation: bool
    escalation: tuple[Escalation, ...]
    basic_check_failures: tuple[Check, ...]
    environment: tuple[Check, ...]
    agents: tuple[AgentRun, ...]
    findings: tuple[Cause, ...]
    silent_failures: tuple[SilentFailure, ...]
    totals: Totals | None
    known_patterns: tuple[KnownPattern, ...]
    reproduce: tuple[Phrase, ...]
    jobs: tuple[JobReport, ...]
    limits: tuple[Phrase, ...]
    tool: str
    target: Untrusted
    started_at: datetime
    seconds: float
    schema_version: int = SCHEMA_VERSION
    stops: tuple[Stop, ...] = ()
    retry: Retry | None = None

    @property
    def hidden(self) -> tuple[SilentFailure, ...]:
        """Hidden failures that this run's logs show; those that a workflow file could hide are notes."""
        return tuple(failure for failure in self.silent_failures if failure.seen)

    def __post_init__(self) -> None:
        if self.requires_escalation != bool(self.escalation):
            message = "a report escalates exactly when it gives a reason to"
            raise ValueError(message)
