"""Why a run began no job: an invalid workflow file, or GitHub itself.

GitHub gives both the same conclusion, startup_failure, without a log. So the file is blamed only where it shows a flaw, or where it, or another
workflow or action of the repository, is in the change (renaudallard/homeassistant_be_electricity_prices#73: an outage, and no file touched).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.incident import Change
from diagnose.model.text import joined, phrase
from diagnose.workflows.validity import flaws

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.case import Case
    from diagnose.model.text import Phrase

MOST_FLAWS: Final = 3
MOST_PATHS: Final = 3
_WORKFLOW: Final = regex(r"\.github/workflows/[^/]+\.ya?ml$")
_OF_ACTIONS: Final = regex(r"\.github/(?:workflows|actions)/|(?:.*/)?action\.ya?ml$")
_LINT: Final = "Run actionlint on the workflow files that changed; the run's page shows GitHub's own message."
_AGAIN: Final = "Run it again, and look at www.githubstatus.com; when it repeats, run actionlint on the workflow files."


def no_job_began(case: Case, paths: Sequence[str]) -> tuple[Phrase, str]:
    """Say why, and what to do. paths: the workflow files of the runs that began no job."""
    paths = [path for path in dict.fromkeys(paths) if _WORKFLOW.match(path)]
    found = list(_flaws(case, paths))
    if found:
        return phrase(
            "the workflow file is invalid: ", joined(found[:MOST_FLAWS], "; ")
        ), "Correct that line; actionlint finds more of the kind."
    named = joined([phrase(case.said(path)) for path in paths[:MOST_PATHS]], ", ")
    of = phrase(" of ", named) if paths else phrase()
    touched = _touched(case)
    if touched is None:
        return phrase(
            "no job",
            of,
            " was started: the workflow file is invalid, or GitHub Actions was disturbed when the run began",
        ), _LINT
    if touched:
        return phrase(
            "no job",
            of,
            " was started, and the change touches ",
            case.said(touched),
            ": GitHub refuses the workflow file",
        ), _LINT
    return phrase(
        "no job",
        of,
        " was started, and no workflow file is changed: GitHub Actions was disturbed when the run began, or what a workflow calls has changed",
    ), _AGAIN


def _flaws(case: Case, paths: Sequence[str]) -> Iterator[Phrase]:
    known = {**dict(case.incident.workflows), **dict(case.incident.files)}
    for path in paths:
        for flaw in flaws(known[path]) if path in known else ():
            name = phrase(" (", case.said(flaw.name, 100), ")") if flaw.name else phrase()
            yield phrase(case.said(path), f" line {flaw.line}, " if flaw.line else ", ", flaw.why, name)


def _touched(case: Case) -> str | None:
    """Give the first file of the change that can make a workflow invalid; "" where there is none, None where that is not known."""
    change = case.incident.change
    if not isinstance(change, Change):
        return None
    found = next((file.path for file in change.files if _OF_ACTIONS.match(file.path)), "")
    return found if found or change.complete else None
