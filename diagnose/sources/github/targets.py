"""From a target to an Incident."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from diagnose.model.incident import Attempt, Incident, LogFile, Missing
from diagnose.model.text import phrase
from diagnose.sources.github import base
from diagnose.sources.github.artifacts import find_reports
from diagnose.sources.github.baseline import Green, Quest, Side, find_passing
from diagnose.sources.github.beside import find_before, find_beside
from diagnose.sources.github.change import find_branch, find_change, find_files
from diagnose.sources.github.controls import MOST, Around, find_controls
from diagnose.sources.github.green import read_green
from diagnose.sources.github.jobs import (
    FAILED,
    UNENDED,
    RunJobs,
    find_all_jobs,
    find_runs,
    has_begun,
    make_job,
    startup_job,
    status_of,
)
from diagnose.sources.github.logs import fill, wanted
from diagnose.sources.github.others import Others, count_running, find_others
from diagnose.sources.github.past import is_trusted
from diagnose.sources.github.scope import Scope, renewed, resolve
from diagnose.sources.github.sentences import own_log, waiting_log
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.github.waiting import wait_until_ended
from diagnose.sources.github.workflow_files import find_workflows
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.model.incident import BaseResult, Branch, Change, Control, Job, JunitReport
    from diagnose.model.text import Phrase
    from diagnose.model.words import JobStatus
    from diagnose.sources.github.replies import Run
    from diagnose.sources.github.session import Session
    from diagnose.sources.github.waiting import Patience
    from diagnose.sources.target import Target


@dataclass(slots=True)
class Draft:
    """An incident while it is put together."""

    scope: Scope
    runs: tuple[Run, ...] = ()
    older: tuple[Run, ...] = ()
    jobs: list[Job] = field(default_factory=list)
    begun: frozenset[str] = frozenset()
    earlier: list[Attempt] = field(default_factory=list)
    change: Change | Missing | None = None
    branch: Branch | Missing | None = None
    base: tuple[BaseResult, ...] | Missing | None = None
    files: tuple[tuple[str, bytes], ...] = ()
    reports: tuple[JunitReport | Missing, ...] = ()
    workflows: tuple[tuple[str, bytes], ...] = ()
    controls: tuple[Control, ...] = ()
    before: tuple[tuple[str, bytes], ...] = ()
    asked: int = 0
    partial: bool = False
    unseen: list[Missing] = field(default_factory=list)

    @property
    def failed(self) -> list[Job]:
        """The jobs of GitHub Actions that failed."""
        return [job for job in self.jobs if job.status in FAILED and job.run_id]


async def build(session: Session, target: Target, patience: Patience | None = None) -> Incident | Refusal:
    """Ask for everything, the dear parts only when something failed. patience: wait for what still runs."""
    session.progress("checks", 0, 0)
    scope = await resolve(session, target)
    if isinstance(scope, Refusal):
        return scope
    draft = Draft(scope)
    refusal = await _look(session, draft)
    if refusal is not None:
        return refusal
    if patience is not None:
        await _wait(session, draft, patience)
    await _read(session, draft)
    return _incident(session, target, draft)


async def _wait(session: Session, draft: Draft, patience: Patience) -> None:
    """Look at the jobs again until they have ended; what waiting did not bring is said."""

    async def again() -> Phrase | None:
        scope = await renewed(session, draft.scope)
        if isinstance(scope, Refusal):
            return scope.message
        fresh = Draft(scope)
        refusal = await _jobs(session, fresh)
        if refusal is not None:
            return refusal.message
        draft.scope, draft.runs, draft.older, draft.jobs = fresh.scope, fresh.runs, fresh.older, fresh.jobs
        draft.begun, draft.earlier, draft.unseen, draft.partial = (
            fresh.begun,
            fresh.earlier,
            fresh.unseen,
            fresh.partial,
        )
        return None

    def running() -> tuple[int, int]:
        left = _running(session, draft)
        return left, max(left, len(draft.jobs))

    missing = await wait_until_ended(session, patience, running, again)
    if missing is not None:
        draft.unseen.append(missing)


async def _look(session: Session, draft: Draft) -> Refusal | None:
    """Find runs and jobs, the other checks, the change and the branch, at once."""
    scope = draft.scope
    refusals: list[Refusal] = []

    async def jobs() -> None:
        refusal = await _jobs(session, draft)
        if refusal is not None:
            refusals.append(refusal)

    async def change() -> None:
        draft.change = await find_change(session, scope)

    async def branch() -> None:
        draft.branch = await find_branch(session, scope)

    async with anyio.create_task_group() as group:
        for work in (jobs, change, branch):
            group.start_soon(work)
    return refusals[0] if refusals else None


async def _jobs(session: Session, draft: Draft) -> Refusal | None:
    scope = draft.scope
    if scope.run is None:
        choice = await find_runs(session, scope.sha)
        if isinstance(choice, Trouble):
            return session.refuse(choice, "runs")
        draft.runs, draft.older = choice.runs, choice.older
        draft.unseen.extend(choice.unseen)
        draft.partial = bool(choice.unseen)
    else:
        draft.runs = (scope.run,)
    most = session.options.most_runs
    found = await find_all_jobs(session, draft.runs[:most])
    troubles = [each.trouble for each in found if each.trouble is not None]
    if troubles and not any(each.jobs for each in found):
        return session.refuse(troubles[0], "jobs")
    draft.unseen.extend(session.missing(trouble, phrase("some of the jobs"), "jobs") for trouble in troubles[:1])
    draft.partial = draft.partial or bool(troubles)
    for each in found:
        _add(draft, each)
    if scope.run is None:
        _add_others(draft, await find_others(session, scope.sha, {str(run.id) for run in draft.runs[most:]}))
    own = session.options.own_job
    draft.jobs = [
        replace(job, log=own_log(job.name)) if job.id == own and job.status in UNENDED else job for job in draft.jobs
    ]
    return None


def _add(draft: Draft, found: RunJobs) -> None:
    only = draft.scope.job
    replies = [reply for reply in found.jobs if only is None or reply.id == only.id]
    if only is not None and not replies:
        replies = [only]  # of an older attempt
    if found.run.conclusion == "startup_failure":
        draft.jobs.append(startup_job(found.run))
    draft.jobs.extend(make_job(reply, found.run) for reply in replies)
    draft.begun |= {str(reply.id) for reply in replies if has_begun(reply)}
    names = {reply.name for reply in replies}
    draft.earlier.extend(attempt for attempt in found.earlier if attempt.job in names)
    if only is not None:
        others = [reply for reply in found.jobs if reply.name == only.name and reply.id != only.id]
        draft.earlier.extend(
            Attempt(reply.name, reply.run_attempt, status_of(reply.status, reply.conclusion), str(reply.run_id))
            for reply in others
        )


def _add_others(draft: Draft, others: Others) -> None:
    draft.jobs.extend((*others.own, *others.foreign))
    draft.begun |= {job.id for job in others.own if job.started_at is not None}
    draft.unseen.extend(others.unseen)
    draft.partial = draft.partial or others.partial


async def _read(session: Session, draft: Draft) -> None:
    """Read logs and annotations; and, when something failed, the controls."""
    everything = session.options.fetch_passing_logs or draft.scope.job is not None
    draft.jobs, unseen = await fill(session, draft.jobs, wanted(draft.jobs, draft.begun, everything=everything))
    draft.unseen.extend(unseen)
    failed = draft.failed
    if not failed:
        draft.jobs, dark = await read_green(session, draft.jobs)
        draft.unseen.extend(dark)
        await _compare(session, draft, [job for job in draft.jobs if isinstance(job.log, LogFile)], {})
        draft.workflows = await find_workflows(session, draft.runs, draft.jobs, draft.scope.sha, ())
        return
    scope = draft.scope

    async def controls() -> None:
        await _control(session, draft, failed)

    async def files() -> None:
        invalid = [run.path for run in draft.runs if run.conclusion == "startup_failure"]
        change = draft.change
        if change is not None:
            draft.files = await find_files(session, scope, change, invalid)

    async def reports() -> None:
        draft.reports = await find_reports(session, failed)

    async with anyio.create_task_group() as group:
        for work in (controls, files, reports):
            group.start_soon(work)
    draft.files = (*draft.files, *await find_beside(session, scope.sha, draft.files))
    draft.before = await find_before(session, draft.files, draft.jobs)
    draft.workflows = await find_workflows(session, draft.runs, draft.jobs, scope.sha, draft.files)


async def _control(session: Session, draft: Draft, failed: Sequence[Job]) -> None:
    """Ask whose it is, within the requests set aside for that: the base, earlier runs of the commit, then what these leave open."""
    scope, against = draft.scope, _base_of(draft.scope)
    lent = replace(session, client=session.client.lend(MOST))
    greens: dict[str, Green] = {}
    if against:
        draft.base, greens = await base.find_base(lent, against, failed, draft.runs, scope.sha)
    draft.earlier.extend(await base.find_attempts(lent, draft.older, draft.runs, failed))

    async def compare() -> None:
        await _compare(session, draft, failed, greens)

    async def others() -> None:
        known = () if draft.base is None or isinstance(draft.base, Missing) else draft.base
        author = "" if draft.change is None or isinstance(draft.change, Missing) else draft.change.author
        draft.controls = await find_controls(
            lent, Around(failed, draft.runs, known, draft.branch, against, scope.sha, author)
        )

    async with anyio.create_task_group() as group:
        group.start_soon(compare)
        group.start_soon(others)
    draft.asked = lent.client.used
    session.progress("controls", draft.asked, draft.asked)


def _base_of(scope: Scope) -> str:
    return scope.base or scope.head or scope.default


async def _compare(session: Session, draft: Draft, jobs: Sequence[Job], greens: Mapping[str, Green]) -> None:
    """Find for each of `jobs` the log of its last green run: on the base branch, else on the same branch before."""
    readable = [job for job in jobs if isinstance(job.log, LogFile)]
    if not session.options.baseline or not readable:
        return
    scope, home = draft.scope, session.repository
    against = _base_of(scope)
    sides = [Side(against, home)] if against else []
    if scope.head and scope.head != against:
        sides.append(Side(scope.head, _home_of(scope) or home, pulls=True))
    found = await find_passing(session, Quest(readable, draft.runs, sides, scope.sha, greens))
    draft.jobs = [replace(job, passing=found[job.id]) if job.id in found else job for job in draft.jobs]


def _home_of(scope: Scope) -> str:
    """Give the repository that the head's branch is of: a fork's, perhaps."""
    if scope.pull is not None and scope.pull.head.repo is not None:
        return scope.pull.head.repo.full_name
    return (
        scope.run.head_repository.full_name if scope.run is not None and scope.run.head_repository is not None else ""
    )


def _conclusion(draft: Draft, running: int) -> JobStatus:
    run = draft.scope.run
    if run is not None and draft.scope.job is None and run.status == "completed":
        return status_of(run.status, run.conclusion)
    states = {job.status for job in draft.jobs}
    if states & FAILED:
        return "failure"
    if running:
        return "in_progress"
    if draft.partial:
        return "unknown"  # nothing failed of what was seen, and not all was seen
    for state in ("cancelled", "action_required", "success", "neutral", "skipped"):
        if state in states:
            return state
    return "unknown"


def _running(session: Session, draft: Draft) -> int:
    """Count what has not ended: jobs, but for the one that asks, and runs that have no job yet."""
    begun_runs = {job.run_id for job in draft.jobs}
    jobless = [
        run for run in draft.runs if str(run.id) not in begun_runs and status_of(run.status, run.conclusion) in UNENDED
    ]
    return count_running([job for job in draft.jobs if job.id != session.options.own_job]) + len(jobless)


def _incident(session: Session, target: Target, draft: Draft) -> Incident:
    scope = draft.scope
    running = _running(session, draft)
    if (not draft.jobs and not running) or any(run.conclusion == "action_required" for run in draft.runs):
        draft.unseen.append(_nothing_ran(session, draft))
    return Incident(
        kind=target.kind,
        target=f"{session.repository} {'PR' if target.kind == 'pr' else target.kind} {target.value}",
        jobs=tuple(draft.jobs),
        conclusion=_conclusion(draft, running),
        repository=session.repository,
        commit=scope.sha,
        change=draft.change,
        branch=draft.branch,
        base=draft.base,
        attempts=tuple(draft.earlier),
        unseen=tuple(dict.fromkeys((*draft.unseen, *session.lost))),
        running=running,
        trusted=_trusted(session, scope),
        files=draft.files,
        workflows=draft.workflows,
        reports=draft.reports,
        controls=draft.controls,
        asked=draft.asked,
        ref=scope.head,
        head=_home_of(scope),
        own=_home_of(scope).lower() == session.repository.lower() if _home_of(scope) else None,
        before=draft.before,
    )


def _nothing_ran(session: Session, draft: Draft) -> Missing:
    waiting = [run for run in draft.runs if run.conclusion == "action_required"]
    if waiting:
        return waiting_log(waiting[0].name or waiting[0].path)
    why = phrase(f"no check has run for commit {draft.scope.sha[:12]} of {session.repository}.")
    return Missing(phrase("the checks"), "never-started", why, f"gh run list --repo {session.repository}")


def _trusted(session: Session, scope: Scope) -> bool:
    """Tell whether only people with write access could have made what ran: a run of the repository's own, or its default branch."""
    if scope.run is not None:
        return is_trusted(session, scope.run)
    return scope.pull is None and bool(scope.default) and scope.head == scope.default
