"""What in the workflow files that ran could hide a failure: notes, for nothing in this run's logs says that it did."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.finding import SilentFinding
from diagnose.model.report import Location, SilentFailure
from diagnose.model.text import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.model.finding import Finding
    from diagnose.workflows.model import Finding as Hole

MOST: Final = 10
SHARE: Final = 0.5
"""A hole that nothing fell through in this run is half as sure as the lint is of the hole itself."""

LINE: Final = 400
_EXPRESSION: Final = regex(r"\$\{\{.*?\}\}")


class WorkflowLint:
    """Reads the workflow files of the incident; says nothing of jobs that did not run."""

    name = "workflow_lint"
    cheap = True

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Note every place that could hide a failure in a job of this run, the surest first, MOST at most.

        Of a saved log nobody knows which job of a file it is: there the files only explain what the log shows.
        """
        if case.incident.kind == "log" or not case.incident.workflows:
            return []
        from diagnose.workflows.document import Unreadable  # most logs come without a workflow file
        from diagnose.workflows.lint import lint

        found: list[tuple[int, Hole]] = []
        for path, data in case.incident.workflows:
            holes = lint(path, data)
            for hole in holes if isinstance(holes, tuple) and not isinstance(holes, Unreadable) else ():
                job = _job(case, hole)
                if job is not None:
                    found.append((job, hole))
        found.sort(key=lambda each: -each[1].confidence)
        return [SilentFinding(job, _note(case, hole)) for job, hole in found[:MOST]]


def _note(case: Case, hole: Hole) -> SilentFailure:
    text = case.said(hole.text, LINE)
    place = Location(case.said(hole.file), hole.line, None, "note", text)
    title = phrase("could hide a failure: ", text)
    return SilentFailure(
        hole.silent,
        title,
        "",
        0,
        text,
        "note",
        hole.advice,
        seen=False,
        confidence=round(hole.confidence * SHARE, 2),
        why=phrase(hole.why),
        place=place,
    )


def _job(case: Case, hole: Hole) -> int | None:
    """Find a job of the run that the hole is in: by the file's key or name, with or without the values of a matrix."""
    names = [name for name in (hole.job, hole.job_name) if name]
    for index, job in enumerate(case.incident.jobs):
        own = job.name.rpartition(" / ")[2]
        if any(_same(own, name) or _same(job.name, name) for name in names):
            return index
    return None


def _same(shown: str, written: str) -> bool:
    if shown == written or shown.partition(" (")[0] == written:
        return True
    pieces = [re.escape(piece) for piece in _EXPRESSION.split(written)]
    return (
        len(pieces) > 1
        and any(len(piece) > 2 for piece in pieces)  # noqa: PLR2004 - a name of expressions alone fits every job
        and re.fullmatch(".{0,200}?".join(pieces), shown) is not None
    )
