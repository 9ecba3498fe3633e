"""What a job's log does not hold is said as a finding of its own, before the lines that merely stand there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.model.incident import Annotation, LogFile
from diagnose.rank.elsewhere import NOT_HERE
from diagnose_agents.ci_diagnostics import ELSEWHERE, MOST_NOTES, CiDiagnostics
from tests.checks.build_case import case_of, github, job, words

if TYPE_CHECKING:
    from diagnose.model.finding import CauseFinding
    from diagnose.model.incident import Job

FAILS = "##[error]Process completed with exit code 1."
NOTE = Annotation("failure", "The process was cut off\nby the machine", "src/a.c", 7)
QUIET = Annotation("failure", "Process completed with exit code 1.", ".github", 3)


def found(one: Job, text: str | None) -> list[CauseFinding]:
    case = case_of((replace(one, log=job(log=False).log) if text is None else one, text))
    return list(anyio.run(CiDiagnostics().examine, case))  # type: ignore[arg-type]


def noted(*notes: Annotation, status: Any = "failure") -> Job:
    return job(status=status, annotations=notes)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (noted(status="success"), None), (noted(NOTE, status="success"), None), (noted(QUIET), None), (noted(Annotation("warning", "node 20 is old")), None),
        (noted(Annotation("failure", " \n ")), None), (noted(status="success"), github(("make", "fine"))), (noted(NOTE), github(("make", f"##[error]it broke\n{FAILS}"))),
    ],
)  # fmt: skip
def test_where_nothing_is_noted_or_the_log_speaks_there_is_no_such_finding(one: Job, text: str | None) -> None:
    assert not [each for each in found(one, text) if each.key.startswith(ELSEWHERE)]


def test_a_note_on_a_job_without_a_log_is_told_with_its_place() -> None:
    (told,) = found(noted(QUIET, NOTE), None)
    assert (words(told.title), told.evidence[0].line) == ("The process was cut off", 0)
    assert [(words(place.file), place.line) for place in told.locations] == [("src/a.c", 7)]
    assert told.evidence[0].log == "build"
    assert not told.rule


def test_notes_are_told_up_to_a_bound() -> None:
    assert len(found(noted(*(replace(NOTE, message=f"note {place}") for place in range(30))), None)) == MOST_NOTES


@pytest.mark.parametrize("notes", [(), (NOTE,)])
def test_a_job_that_failed_while_no_step_did_says_so_first(notes: tuple[Annotation, ...]) -> None:
    told = found(noted(*notes), github(("make", "some words\nand others")))
    assert told[0].key == f"{ELSEWHERE}nothing-failed"
    assert words(told[0].explanation).startswith(f"{NOT_HERE} Look at ")
    assert [each.key for each in told[1 : 1 + len(notes)]] == [f"{ELSEWHERE}note"] * len(notes)
    assert all(each.confidence <= told[0].confidence for each in told)


def test_a_step_that_does_nothing_but_fail_is_the_answer() -> None:
    told = found(noted(), github(("exit 1", FAILS)))
    assert (told[0].key, words(told[0].title)) == (
        f"{ELSEWHERE}only-fails",
        "the step does nothing but fail (`exit 1`): its condition was met, and the log does not show which",
    )
    assert words(told[0].evidence[0].text) == "exit 1"
    assert isinstance(noted().log, LogFile)
