"""The stretches of a log that ended well: where a failure can be hidden."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.logs.steps import failed_steps
from diagnose.rank.outcome import outcome_of
from diagnose_agents._suites import counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.logs.log import Log
    from diagnose.logs.steps import Step
    from diagnose.model.words import JobStatus
    from diagnose.rank.reading import Reading

_BAD: Final = ("failure", "timed_out", "cancelled", "startup_failure")
_LOUD: Final = ("swallowed-failure", "swallowed-timeout", "crash-ignored", "upload-failed")
_TELLING: Final = ("cause", "detail", "wrapper")
_BEFORE: Final = 3
_BEHIND: Final = 40
_ORDINARY: Final = re.compile(r"[^\W_]")
_PLACE: Final = re.compile(r":\d+:\d+:|^\d+ (?:errors?|warnings?)\b")
_ACTION: Final = re.compile(r"Run (?:[\w.-]+/[\w./-]+@|\./|docker://)")
# What the CI system does for itself after or before the job's own commands.
_UPKEEP: Final = re.compile(r"\bcach(?:e|es|ing)\b|^(?:git|rvm|nvm|system_info|resolvconf|worker_info)\b", re.IGNORECASE)


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
        if passed or (status == "unknown" and _explained(reading)):
            yield Scope(1, log.total, passed and status == "success")
        return
    end = log.total + 1 if passed else min((step.first for step in failed), default=0)
    for step in log.steps:
        upkeep = log.dialect.name == "travis" and _UPKEEP.search(step.name)
        if step.kind == "run" and step.first < end and step.end != "failed" and not upkeep:
            yield Scope(step.body, _last(log, step), sure=True)


def _passed(reading: Reading, failed: list[Step]) -> bool:
    noted = not failed and any(step.end == "error" for step in reading.log.steps)
    return noted or outcome_of(reading).status != "failed"


def _only_noted(log: Log, step: Step) -> bool:
    """Tell whether a step only wrote an error note: a script that fails is always followed by its exit code in GitHub's logs."""
    script = step.name.startswith("Run ") and not _ACTION.match(step.name)
    ended = any(other.kind == "after" and other.first > step.first for other in log.steps)
    return log.dialect.name == "github" and step.end == "error" and script and ended


def _last(log: Log, step: Step) -> int:
    """Find where the step's own output ends: behind its end mark the CI system goes on for itself."""
    for mark in log.marks:
        if mark.sign == "end" and step.first <= mark.line <= step.last:
            return mark.line
    return step.last


def _explained(reading: Reading) -> bool:
    """Tell whether a bare log, whose exit code nobody knows, holds no failure but hidden ones.

    Each line that a rule knows as a failure belongs to a hidden failure's block, totals count none, and after a line that
    stops most runs the output goes on.
    """
    if any(count.failed for count in counts(reading.scan)):
        return False
    matches = reading.scan.matches
    silent = [match for match in matches if match.rule.kind == "silent"]
    telling = [match.line for match in matches if match.rule.kind in _TELLING]
    if not all(any(hidden.line - _BEFORE <= line <= hidden.line + _BEHIND for hidden in silent) for line in telling):
        return False
    loud = [match.line for match in silent if match.rule.silent in _LOUD]
    return not loud or _goes_on(reading, max(loud + telling))


def _goes_on(reading: Reading, line: int) -> bool:
    """Tell whether ordinary output follows: not the rest of a message (indented, a place, a rule of dashes) nor talk of failure."""
    words = reading.scan.words
    for after in reading.log.lines(line + 1, line + _BEHIND):
        place = bisect_left(words, after.number)
        telling = place < len(words) and words[place] == after.number
        if not telling and _ORDINARY.match(after.text) and not _PLACE.search(after.text):
            return True
    return False
