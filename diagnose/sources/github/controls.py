"""The controls beside the base's newest result: logs that failed there, the commit that the branch left the base at, other pull requests.

All that asks whose a failure is shares MOST requests, and stops with them. What each step brings decides on the next: a base that fails
needs its log and no sibling; siblings are asked for where the base tells of nothing. What is not found is no harm: nothing is concluded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import anyio

from diagnose.model.incident import BaseResult, Control, LogFile, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github.base import ENDED
from diagnose.sources.github.baseline import MOST_BYTES, stem_of
from diagnose.sources.github.jobs import status_of
from diagnose.sources.github.logs import BOM_BYTES, log_name
from diagnose.sources.github.others import ACTIONS, JOB_ADDRESS
from diagnose.sources.github.replies import CheckRuns, Jobs, Runs
from diagnose.sources.github.scope import quoted
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from diagnose.model.incident import Branch, Job
    from diagnose.sources.github.replies import JobReply, Run
    from diagnose.sources.github.session import Session

MOST: Final = 8
"""Requests for earlier runs, the base, the merge base and siblings together."""

MOST_RED: Final = 2
MOST_SIBLINGS: Final = 3
LISTED: Final = 20
SECONDS: Final = 20.0
SAME_DAY: Final = timedelta(hours=24)
_RED: Final = ("failure", "timed_out")


@dataclass(frozen=True, slots=True)
class Around:
    """What is compared with. failed: the jobs that failed, of `runs`. base: what the base branch says of them, by job. author: of the change."""

    failed: Sequence[Job]
    runs: Sequence[Run]
    base: Sequence[BaseResult]
    branch: Branch | Missing | None
    against: str
    sha: str
    author: str = ""


async def find_controls(session: Session, around: Around) -> tuple[Control, ...]:
    """Return what other runs say of the jobs that failed, with the logs of those that failed too. Takes SECONDS at most.

    session: one whose client may make only so many requests. The base's own results come first, then the merge base's, then siblings.
    """
    found: list[Control] = []
    with anyio.move_on_after(SECONDS):
        for result in _apart(around, around.base):
            control = Control("base", result.job, result.status, result.sha, result.at, result.run_id)
            found.append(await _with_log(session, around, control, result.job_id))
        for control, number in await _merge_base(session, around):
            # where the base's newest run fails, its log is the one to compare with
            told = any(each.job == control.job and each.status in _RED for each in found)
            found.append(control if told else await _with_log(session, around, control, number))
        if not any(control.status in _RED for control in found):
            await _siblings(session, around, found)
    return tuple(found)


def _apart(around: Around, results: Sequence[BaseResult]) -> list[BaseResult]:
    """Take the results of jobs that failed here; of several red ones of a matrix one, and MOST_RED in all, are worth a log."""
    names = {job.name for job in around.failed}
    own = [result for result in results if result.job in names]
    worth: dict[str, BaseResult] = {}
    for result in own:
        if result.status in _RED and len(worth) < MOST_RED:
            worth.setdefault(stem_of(result.job), result)
    return [result if result in worth.values() else replace(result, job_id="") for result in own]


async def _with_log(session: Session, around: Around, control: Control, number: str) -> Control:
    """Read the log of a control that failed; number: the id of its job, "" for none."""
    if control.status not in _RED or not number.isdigit():
        return control
    mine = next((job for job in around.failed if job.name == control.job), around.failed[0])
    path = session.spool / f"control-{number}.log"
    size = await session.client.download(session.at(f"/actions/jobs/{number}/logs"), path, most=MOST_BYTES)
    noun = phrase('the log of job "', Untrusted(control.job), '" of another run')
    if isinstance(size, Trouble):
        return replace(control, log=session.missing(size, noun, "Actions logs"))
    if size <= BOM_BYTES:
        return replace(control, log=Missing(noun, "empty", phrase("it is empty.")))
    return replace(control, log=LogFile(log_name(replace(mine, id=number, name=control.job)), path))


async def _merge_base(session: Session, around: Around) -> list[tuple[Control, str]]:
    """Ask what the commit says at which the branch left the base; nothing where that is what the base's newest results are of."""
    left_at = "" if around.branch is None or isinstance(around.branch, Missing) else around.branch.merge_base
    if not left_at or left_at == around.sha or any(result.sha == left_at for result in around.base):
        return []
    names = {job.name for job in around.failed}
    query = {"filter": "latest"} | ({"check_name": next(iter(names))} if len(names) == 1 else {})
    pages = await session.client.pages(session.at(f"/commits/{quoted(left_at)}/check-runs"), CheckRuns, query, most=1)
    out: dict[str, tuple[Control, str]] = {}
    for check in (each for page in pages.items for each in page.check_runs):
        status = status_of(check.status, check.conclusion)
        if check.app is None or check.app.slug != ACTIONS or check.name not in names or status not in ENDED:
            continue
        address = JOB_ADDRESS.search(check.details_url or check.html_url or "")
        run = address[1] if address else ""
        out.setdefault(
            check.name,
            (Control("merge-base", check.name, status, check.head_sha, check.completed_at, run), str(check.id)),
        )
    red: dict[str, str] = {}
    for control, _ in out.values():
        if control.status in _RED:
            red.setdefault(stem_of(control.job), control.job)
    return [
        (control, number if control.job in list(red.values())[:MOST_RED] else "") for control, number in out.values()
    ]


async def _siblings(session: Session, around: Around, found: list[Control]) -> None:
    """Add the same job's failures in other people's pull requests of the same day, one an author, newest first."""
    first = around.failed[0]
    run = next((each for each in around.runs if str(each.id) == first.run_id), None)
    when = first.completed_at or (run.updated_at if run is not None else None)
    if run is None or when is None:
        return
    query = {"status": "failure", "per_page": str(LISTED), "exclude_pull_requests": "true"}
    listed = await session.client.get(session.at(f"/actions/workflows/{run.workflow_id}/runs"), Runs, query)
    if isinstance(listed, Trouble):
        return
    for sibling in _others(listed.workflow_runs, around, run, when)[:MOST_SIBLINGS]:
        pages = await session.client.pages(
            session.at(f"/actions/runs/{sibling.id}/attempts/{sibling.run_attempt}/jobs"), Jobs, most=1
        )
        reply = _same_job(first, [each for page in pages.items for each in page.jobs])
        if reply is None:
            continue
        status = status_of(reply.status, reply.conclusion)
        author = sibling.actor.login if sibling.actor is not None else ""
        control = Control(
            "sibling",
            reply.name,
            status,
            sibling.head_sha,
            reply.completed_at,
            str(sibling.id),
            sibling.head_branch or "",
            author,
        )
        found.append(await _with_log(session, around, control, str(reply.id)))


def _others(runs: Sequence[Run], around: Around, own: Run, when: datetime) -> list[Run]:
    """Choose the failed runs of other people's branches within a day of ours: one of each author, the newest."""
    out: dict[str, Run] = {}
    for run in sorted(runs, key=lambda each: -each.id):
        near = run.updated_at is not None and abs(run.updated_at - when) <= SAME_DAY
        elsewhere = run.head_sha != around.sha and _branch(run) != _branch(own) and run.head_branch != around.against
        author = run.actor.login if run.actor is not None else ""
        if near and elsewhere and author and author != (around.author or (own.actor.login if own.actor else "")):
            out.setdefault(author, run)
    return list(out.values())


def _branch(run: Run) -> tuple[str, str]:
    return (run.head_repository.full_name if run.head_repository is not None else "", run.head_branch or "")


def _same_job(job: Job, replies: Sequence[JobReply]) -> JobReply | None:
    """Find the job of this name that failed, else one of its matrix."""
    red = [reply for reply in replies if status_of(reply.status, reply.conclusion) in _RED]
    same = [reply for reply in red if reply.name == job.name]
    return next(iter((*same, *(reply for reply in red if stem_of(reply.name) == stem_of(job.name)))), None)
