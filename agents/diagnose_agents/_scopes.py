"""The stretches of a log that ended well: where a failure can be hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.logs.dialect import Coding, Tending
from diagnose.logs.steps import failed_steps
from diagnose.rank.outcome import outcome_of
from diagnose.rank.swallowed import explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.logs.log import Log
    from diagnose.logs.steps import Step
    from diagnose.model.words import JobStatus
    from diagnose.rank.reading import Reading

_BAD: Final = ("failure", "timed_out", "cancelled", "startup_failure")


class Scope(NamedTuple):
    """Lines first..last that one step wrote, and the step ended well. sure: not only for want of words that say otherwise."""

    first: int
    last: int
    sure: bool


def scopes(reading: Reading, status: JobStatus) -> Iterator[Scope]:
    """Find every step of a job that passed; of one that failed, the steps before its first failure."""
    log = reading.log
    failed = [step for step in failed_steps(log.steps) if not _only_noted(log, step)]
    passed = status == "success" or (status == "unknown" and _passed(reading, failed))
    if not passed and status not in ("unknown", *_BAD):
        return
    if not log.steps:
        if passed or (status == "unknown" and explained(reading)):
            yield Scope(1, log.total, passed and status == "success")
        return
    end = log.total + 1 if passed else min((step.first for step in failed), default=0)
    for step in log.steps:
        upkeep = isinstance(log.dialect, Tending) and log.dialect.is_upkeep(step.name)
        if step.kind == "run" and step.first < end and step.end != "failed" and not upkeep:
            yield Scope(step.body, _last(log, step), sure=True)


def _passed(reading: Reading, failed: list[Step]) -> bool:
    noted = not failed and any(step.end == "error" for step in reading.log.steps)
    return noted or outcome_of(reading).status != "failed"


def _only_noted(log: Log, step: Step) -> bool:
    """Tell whether a step only wrote an error note, in a log where a script that fails is always followed by its exit code."""
    if step.end != "error" or not isinstance(log.dialect, Coding) or not log.dialect.is_script(step.name):
        return False
    return any(other.kind == "after" and other.first > step.first for other in log.steps)


def _last(log: Log, step: Step) -> int:
    """Find where the step's own output ends: behind its end mark the CI system goes on for itself."""
    for mark in log.marks:
        if mark.sign == "end" and step.first <= mark.line <= step.last:
            return mark.line
    return step.last
