"""Check runs and statuses: what other CI systems said of the commit, and jobs of runs that were not asked for one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.incident import Job, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github.jobs import FAILED, UNENDED, status_of, why_no_log
from diagnose.sources.github.lists import whole_list
from diagnose.sources.github.notes import read_notes
from diagnose.sources.github.replies import CheckRun, CheckRuns, Combined, CommitStatus
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Collection

    from diagnose.model.words import JobStatus
    from diagnose.sources.github.session import Session

ACTIONS: Final = "github-actions"
JOB_ADDRESS: Final = regex(r"/actions/runs/(\d+)/job/(\d+)")
STATES: Final[dict[str, JobStatus]] = {
    "success": "success",
    "failure": "failure",
    "error": "failure",
    "pending": "in_progress",
}
MOST_NOTES: Final = 5


@dataclass(frozen=True, slots=True)
class Others:
    """Jobs of other systems (no log), jobs of Actions that only the checks name, and what could not be had.

    partial: whether a list of results did not come whole: then nothing can be said to have passed.
    """

    foreign: tuple[Job, ...] = ()
    own: tuple[Job, ...] = ()
    unseen: tuple[Missing, ...] = ()
    partial: bool = False


def _elsewhere(name: str, system: str, url: str) -> Missing:
    why = phrase(
        '"',
        Untrusted(name),
        '" ran at ',
        Untrusted(system or "another system"),
        ", not in GitHub Actions: GitHub has no log of it.",
    )
    remedy = "" if not url else "its own page has the log; then --log FILE"
    return Missing(phrase('the log of check "', Untrusted(name), '"'), "not-asked", why, remedy)


def _foreign(check: CheckRun) -> Job:
    status = status_of(check.status, check.conclusion)
    url = check.details_url or check.html_url or ""
    system = check.app.name or check.app.slug if check.app else ""
    return Job(
        f"check-{check.id}",
        check.name,
        status,
        _elsewhere(check.name, system, url),
        workflow=system,
        url=url,
        started_at=check.started_at,
        completed_at=check.completed_at,
    )


def _own(check: CheckRun, run_id: str) -> Job:
    status = status_of(check.status, check.conclusion)
    return Job(
        str(check.id),
        check.name,
        status,
        why_no_log(check.name, status, begun=check.started_at is not None),
        run_id=run_id,
        url=check.html_url or "",
        started_at=check.started_at,
        completed_at=check.completed_at,
    )


def _status(status: CommitStatus) -> Job:
    name = status.context
    return Job(
        f"status-{name}",
        name,
        STATES.get(status.state, "unknown"),
        _elsewhere(name, "", status.target_url or ""),
        url=status.target_url or "",
        completed_at=status.updated_at,
    )


async def find_others(session: Session, sha: str, unasked: Collection[str]) -> Others:
    """Return the checks and statuses of a commit. unasked: ids of runs whose jobs were not asked for; checks stand in."""
    listed = await whole_list(
        session, f"/commits/{sha}/check-runs", CheckRuns, lambda page: page.check_runs, {"filter": "latest"}
    )
    foreign: list[Job] = []
    own: list[Job] = []
    for check in listed.items:
        if check.app is None or check.app.slug != ACTIONS:
            foreign.append(await _noted(session, check, len(foreign)))
            continue
        found = JOB_ADDRESS.search(check.details_url or check.html_url or "")
        if found and found[1] in unasked:
            own.append(_own(check, found[1]))
    unseen = (
        []
        if listed.trouble is None
        else [session.missing(listed.trouble, phrase("the checks of other CI systems"), "checks")]
    )
    combined = await session.client.get(session.at(f"/commits/{sha}/status"), Combined, {"per_page": "100"})
    if isinstance(combined, Trouble):
        unseen.append(session.missing(combined, phrase("the statuses of other CI systems"), "statuses"))
    else:
        foreign.extend(_status(status) for status in combined.statuses)
    partial = any(
        missing.kind != "denied" for missing in unseen
    )  # what a token may not see is said, and is nobody's failure
    unseen.extend(job.log for job in foreign if job.status in FAILED and isinstance(job.log, Missing))
    return Others(tuple(foreign), tuple(own), tuple(unseen), partial)


async def _noted(session: Session, check: CheckRun, count: int) -> Job:
    job = _foreign(check)
    if job.status not in FAILED or not check.output.annotations_count or count >= MOST_NOTES:
        return job
    notes = await read_notes(session, job)
    if isinstance(notes, Missing):
        session.lost.append(notes)
        return job
    return replace(job, annotations=notes)


def count_running(jobs: Collection[Job]) -> int:
    """Count the jobs that have not ended."""
    return sum(job.status in UNENDED for job in jobs)
