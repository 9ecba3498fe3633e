"""Hidden failures, with what hides them: a failure that a log shows, joined with the line that lost it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from diagnose.model.report import Location
from diagnose.model.text import phrase
from diagnose.safety.plain import plain
from diagnose.workflows.document import Unreadable
from diagnose.workflows.echoed import SHELLS, echoed
from diagnose.workflows.join import in_echo, in_file, in_script
from diagnose.workflows.lint import lint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.logs.log import Log
    from diagnose.logs.steps import Step
    from diagnose.model.report import SilentFailure
    from diagnose.rank.reading import Reading
    from diagnose.workflows.join import Culprit
    from diagnose.workflows.model import Finding

SURE: Final = 0.97
"""A failure stands in the log, the step passed, and the very line that loses exit codes is known."""

_LOST: Final = ("swallowed-failure", "swallowed-timeout", "crash-ignored", "unhandled-exception")
_HEADER: Final = 200
_BACK: Final = 20_000


def explained(case: Case, failures: Sequence[SilentFailure]) -> tuple[SilentFailure, ...]:
    """Say of each failure that a log shows which line lost it; what is only a note goes last, and not twice."""
    files = _of_files(case) if any(failure.seen and failure.kind in _LOST for failure in failures) else []
    seen = [
        _explained(case, failure, files) if failure.kind in _LOST and failure.why is None else failure
        for failure in failures
        if failure.seen
    ]
    named = {_spot(failure) for failure in seen} - {None}
    notes = [failure for failure in failures if not failure.seen and _spot(failure) not in named]
    return (*seen, *notes)


def _spot(failure: SilentFailure) -> tuple[str, int | None] | None:
    return (plain(failure.place.file), failure.place.line) if failure.place is not None else None


def _of_files(case: Case) -> list[Finding]:
    found: list[Finding] = []
    for path, data in case.incident.workflows:
        findings = lint(path, data, intended=True)
        if findings is not None and not isinstance(findings, Unreadable):
            found.extend(findings)
    return found


def _explained(case: Case, failure: SilentFailure, files: Sequence[Finding]) -> SilentFailure:
    reading = next(
        (reading for reading in case.readings if reading is not None and reading.log.name == failure.log), None
    )
    step = _step_at(reading, failure.line) if reading is not None else None
    if reading is None or step is None:
        return failure
    culprit = _culprit(reading.log, step, failure.line, files)
    return failure if culprit is None else _with(case, failure, culprit)


def _culprit(log: Log, step: Step, line: int, files: Sequence[Finding]) -> Culprit | None:
    """Find what lost a failure that stands on `line` of the log: by the step's echoed script, or by the command that was echoed last."""
    last = min(step.body - 1, step.first + _HEADER)
    header = (
        [(each.number, each.text.removeprefix("##[group]")) for each in log.lines(step.first, last)]
        if last >= step.first
        else []
    )
    system = log.dialect.name
    if system not in SHELLS:
        return in_file(files, header, step.name) or in_echo(header)
    command = echoed(system, [(each.number, each.text) for each in log.lines(max(step.first, line - _BACK), line - 1)])
    found = in_file(files, command, step.name)
    return found if found is not None or system == "circleci" else in_script(command, SHELLS[system])


def _step_at(reading: Reading, line: int) -> Step | None:
    return next((step for step in reading.log.steps if step.first <= line <= max(step.last, step.told)), None)


def _with(case: Case, failure: SilentFailure, culprit: Culprit) -> SilentFailure:
    place = Location(
        case.said(culprit.file or failure.log), culprit.line, None, "warning", case.said(culprit.text, 400)
    )
    return replace(failure, confidence=SURE, why=phrase(culprit.why), place=place, advice=culprit.advice)
