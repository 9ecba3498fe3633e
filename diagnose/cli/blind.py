"""When nothing could be seen: what to say, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.model.incident import Missing
from diagnose.model.text import phrase

if TYPE_CHECKING:
    from diagnose.api import Answer
    from diagnose.model.text import Phrase


def blind(found: Answer) -> tuple[Phrase, str] | None:
    """Message and remedy when no cause could be looked for; None when the report is an answer.

    A failure whose every log is missing, and checks that have not ended, are no answer: the CI system's red alone says nothing.
    """
    report, incident = found.report, found.case.incident
    blocked = any(check.blocking for check in report.environment)
    if report.status == "passed" or report.root_cause is not None or blocked:
        return None
    if incident.running and report.status == "undetermined":
        # the jobs that a source lists are those that failed or still run; the others ended well
        ended = len(incident.jobs) - incident.running
        from diagnose.sources.github.sentences import checks_running

        told = checks_running(max(0, ended), max(incident.running, len(incident.jobs)))
        return told.message, told.remedy
    if any(found.case.readings):
        return None
    logs = [job.log for job in incident.jobs if isinstance(job.log, Missing) and job.log.kind != "not-asked"]
    gone = logs or list(incident.unseen)
    first = next(iter(gone), None)
    if first is None:
        return phrase("nothing of it could be read, so nothing can be said."), "ci-diagnose doctor"
    same = sum(missing.kind == first.kind for missing in gone)
    more = f" So it is with {same - 1} more." if same > 1 else ""
    return phrase(first.why, more), first.remedy
