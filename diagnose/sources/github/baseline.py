"""The last green run of what failed: its log is held against the failed one, and what stands in both is no news.

What is asked for is little: the base branch's checks, read anyway, name the newest jobs by id, so that often only the logs are asked
for. Else the workflow's newest green runs are listed and the jobs of at most MOST_RUNS of them. Jobs of one matrix and one kind of
machine share a log. All of it may fail or be left out without harm: each job gets what was found, or why there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio

from diagnose.model.incident import LogFile, Missing, Passing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github import sentences
from diagnose.sources.github.limits import whole_number
from diagnose.sources.github.logs import BOM_BYTES, log_name
from diagnose.sources.github.replies import Jobs, Runs
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from diagnose.model.incident import Job
    from diagnose.model.text import Phrase
    from diagnose.sources.github.replies import JobReply, Run
    from diagnose.sources.github.session import Session

MOST_LOGS: Final = 3
MOST_RUNS: Final = 2
FORMER: Final = 3
"""Of a job that was stopped so many green runs are looked at: how long it takes when it is well."""

STOPPED: Final = frozenset({"cancelled", "timed_out"})
MOST_BYTES: Final = 20 << 20
SECONDS: Final = 20.0
RESERVE: Final = 30
"""Requests, of those set aside and of those that GitHub still allows, that are left to the rest of the diagnosis."""

REMEDY: Final = "--passing-log FILE"
WHAT: Final = phrase("a passing run to compare with")


@dataclass(frozen=True, slots=True)
class Green:
    """A job that passed, as far as its log and its place are concerned. took: seconds."""

    id: int
    name: str
    run_id: str
    sha: str
    at: datetime | None = None
    took: float | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """A branch on which green runs count. home: the repository that its runs are of. pulls: whether a pull request's runs count too.

    A branch of the base's name in a fork is another branch, and what it runs proves nothing about the base.
    """

    branch: str
    home: str
    pulls: bool = False


@dataclass(frozen=True, slots=True)
class Quest:
    """What is looked for. jobs: those that need a log to compare with, the first ones first. greens: known already, by name.

    sides: the base first. sha: the commit that is diagnosed, whose own runs do not count.
    """

    jobs: Sequence[Job]
    runs: Sequence[Run]
    sides: Sequence[Side]
    sha: str
    greens: Mapping[str, Green]


@dataclass(frozen=True, slots=True)
class _Group:
    """Jobs that share a log: of one workflow (0: unknown), one name up to its matrix values, one kind of machine."""

    workflow: int
    stem: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Listed:
    """The green jobs of a workflow's newest green runs, run by run, and the branch that they are of."""

    runs: tuple[tuple[JobReply, ...], ...] = ()
    branches: tuple[str, ...] = ()
    trouble: Missing | None = None


async def find_passing(session: Session, quest: Quest) -> dict[str, Passing | Missing]:
    """Return for each job (by id) the log of its last green run, or why there is none. Takes SECONDS at most."""
    groups = _groups(quest)
    chosen = _chosen(groups)
    found: dict[_Group, Passing | Missing] = {}
    listed: dict[int, _Listed] = {}

    def told(done: int) -> None:
        session.progress("passing", done, len(chosen))

    with anyio.move_on_after(SECONDS):
        listed |= await _list(session, quest, {group: groups[group][0] for group in chosen})
        await together(
            [partial(_fill, session, quest, group, groups[group][0], listed, found) for group in chosen], told
        )
    late = Missing(
        WHAT, "unreachable", phrase(f"GitHub did not answer everything about it within {SECONDS:g} s."), REMEDY
    )
    given = {group: found.get(group, late) for group in chosen}
    return {
        job.id: _own(job, _shared(group, given), listed.get(group.workflow, _Listed()))
        for group, jobs in groups.items()
        for job in jobs
    }


def stem_of(name: str) -> str:
    """Give a job's name without the values of its matrix: `test (3.12, linux)` is a `test`."""
    head, opened, _ = name.partition(" (")
    return head if opened and name.endswith(")") else name


def _groups(quest: Quest) -> dict[_Group, list[Job]]:
    workflows = {str(run.id): run.workflow_id for run in quest.runs}
    out: dict[_Group, list[Job]] = {}
    for job in quest.jobs:
        out.setdefault(_Group(workflows.get(job.run_id, 0), stem_of(job.name), job.labels), []).append(job)
    return out


def _chosen(groups: Mapping[_Group, Sequence[Job]]) -> list[_Group]:
    """Choose whose logs are asked for: one of each name first, then those on other machines."""
    first: dict[tuple[int, str], _Group] = {}
    for group in groups:
        first.setdefault((group.workflow, group.stem), group)
    rest = [group for group in groups if group not in first.values()]
    return [*first.values(), *rest][:MOST_LOGS]


def _shared(group: _Group, given: Mapping[_Group, Passing | Missing]) -> Passing | Missing:
    own = given.get(group)
    near = [found for other, found in given.items() if (other.workflow, other.stem) == (group.workflow, group.stem)]
    best = (
        own
        if isinstance(own, Passing)
        else next((found for found in near if isinstance(found, Passing)), own or next(iter(near), None))
    )
    why = phrase(f"the logs of {MOST_LOGS} other jobs are compared, not more.")
    return best or Missing(WHAT, "not-asked", why, REMEDY)


def _own(job: Job, passing: Passing | Missing, listed: _Listed) -> Passing | Missing:
    """Give a job that shares a log with another of its matrix its own times."""
    if isinstance(passing, Missing) or passing.job == job.name:
        return passing
    return replace(passing, took=former(job, listed.runs))


def short_of_requests(session: Session) -> Missing | None:
    """Say that requests run low: what is left of them is for what matters more; None when they do not."""
    client = session.client
    allowed = whole_number(client.headers.get("x-ratelimit-remaining"))
    own = client.budget - client.used
    if own <= RESERVE:
        why = phrase(f"it was not asked for: {max(own, 0)} of the {client.budget} requests of this diagnosis are left.")
        return Missing(WHAT, "rate-limited", why, REMEDY)
    if allowed is not None and allowed <= RESERVE:
        why = phrase(f"it was not asked for: GitHub allows {allowed} more requests for now.")
        return Missing(WHAT, "rate-limited", why, REMEDY)
    return None


async def _list(session: Session, quest: Quest, firsts: Mapping[_Group, Job]) -> dict[int, _Listed]:
    """List the green jobs of each workflow of which the checks of the base did not say enough."""
    unknown = [
        group.workflow
        for group, job in firsts.items()
        if (job.name not in quest.greens or job.status in STOPPED) and group.workflow
    ]
    workflows = list(dict.fromkeys(unknown))
    wanted = {flow: [job for group, job in firsts.items() if group.workflow == flow] for flow in workflows}
    found = await together([partial(_of_workflow, session, quest, flow, wanted[flow]) for flow in workflows])
    return dict(zip(workflows, found, strict=True))


async def _of_workflow(session: Session, quest: Quest, workflow: int, jobs: Sequence[Job]) -> _Listed:
    """List the newest green runs' jobs, side by side, until each of `jobs` is among them, FORMER times where one was stopped."""
    enough = FORMER if any(job.status in STOPPED for job in jobs) else 1
    listed: list[tuple[JobReply, ...]] = []
    looked: list[str] = []
    for side in quest.sides:
        looked.append(side.branch)
        runs = await _runs(session, quest, workflow, side)
        if isinstance(runs, Missing):
            return _Listed(tuple(listed), tuple(looked), runs)
        for run in runs[: max(MOST_RUNS, enough)]:
            short = short_of_requests(session)
            if short is not None:
                return _Listed(tuple(listed), tuple(looked), short)
            pages = await session.client.pages(
                session.at(f"/actions/runs/{run.id}/attempts/{run.run_attempt}/jobs"), Jobs, most=3
            )
            if pages.trouble is not None and not pages.items:
                return _Listed(tuple(listed), tuple(looked), _told(session, pages.trouble))
            listed.append(tuple(each for page in pages.items for each in page.jobs if each.conclusion == "success"))
            if sum(all(_member(job, replies) for job in jobs) for replies in listed) >= enough:
                return _Listed(tuple(listed), tuple(looked))
    return _Listed(tuple(listed), tuple(looked))


async def _runs(session: Session, quest: Quest, workflow: int, side: Side) -> list[Run] | Missing:
    short = short_of_requests(session)
    if short is not None:
        return short
    query = {"branch": side.branch, "status": "success", "per_page": "10", "exclude_pull_requests": "true"}
    found = await session.client.get(session.at(f"/actions/workflows/{workflow}/runs"), Runs, query)
    if isinstance(found, Trouble):
        return _told(session, found)
    return [
        run
        for run in found.workflow_runs
        if run.head_sha != quest.sha and run.conclusion == "success" and _counts(run, side)
    ]


def _counts(run: Run, side: Side) -> bool:
    home = run.head_repository.full_name.lower() if run.head_repository is not None else ""
    return home == side.home.lower() and (side.pulls or not run.event.startswith("pull_request"))


def _member(job: Job, replies: Sequence[JobReply]) -> JobReply | None:
    """Find the job itself by its name; else one of its matrix, on the same kind of machine before another."""
    same = [reply for reply in replies if reply.name == job.name]
    near = [reply for reply in replies if stem_of(reply.name) == stem_of(job.name)]
    return next(iter((*same, *(reply for reply in near if reply.labels == job.labels), *near)), None)


async def _fill(
    session: Session,
    quest: Quest,
    group: _Group,
    job: Job,
    listed: Mapping[int, _Listed],
    found: dict[_Group, Passing | Missing],
) -> None:
    """Find the log for one group; what is known when time is up stays."""
    green = quest.greens.get(job.name) or _listed(job, listed.get(group.workflow, _Listed()))
    if isinstance(green, Missing):
        found[group] = green
        return
    took = former(job, listed.get(group.workflow, _Listed()).runs) or ((green.took,) if green.took is not None else ())
    found[group] = short_of_requests(session) or await _read(session, job, green, took)


def _listed(job: Job, listed: _Listed) -> Green | Missing:
    for replies in listed.runs:
        reply = _member(job, replies)
        if reply is not None:
            return Green(
                reply.id,
                reply.name,
                str(reply.run_id),
                reply.head_sha,
                reply.completed_at,
                lasted(reply.started_at, reply.completed_at),
            )
    if listed.trouble is not None:
        return listed.trouble
    return _none(job, listed)


def _none(job: Job, listed: _Listed) -> Missing:
    """Say that nothing green was found, and where it was looked for."""
    where: list[str | Untrusted] = []
    for branch in listed.branches:
        where += [" or " if where else " on ", Untrusted(branch)]
    if listed.runs:
        why = phrase('the newest green runs of its workflow have no job "', Untrusted(job.name), '"', *where, ".")
    else:
        why = phrase("no earlier run of workflow ", Untrusted(job.workflow or "?"), " has passed", *where, ".")
    return Missing(WHAT, "not-stored", why, REMEDY)


def former(job: Job, runs: Sequence[Sequence[JobReply]]) -> tuple[float, ...]:
    """Give the seconds that a job of this name took in each run, as far as GitHub tells; another member of its matrix says nothing of it."""
    times = [
        lasted(reply.started_at, reply.completed_at) for replies in runs for reply in replies if reply.name == job.name
    ]
    return tuple(seconds for seconds in times if seconds is not None)


def lasted(began: datetime | None, ended: datetime | None) -> float | None:
    """Give the seconds between two moments; None where one is unknown or they are the wrong way round."""
    seconds = (ended - began).total_seconds() if began is not None and ended is not None else 0.0
    return seconds if seconds > 0 else None


async def _read(session: Session, job: Job, green: Green, took: tuple[float, ...]) -> Passing | Missing:
    """Stream the log of a green job into the spool."""
    path = session.spool / f"passing-{green.id}.log"
    size = await session.client.download(session.at(f"/actions/jobs/{green.id}/logs"), path, most=MOST_BYTES)
    if isinstance(size, Trouble):
        return _no_log(session, green, size)
    if size <= BOM_BYTES:
        return Missing(WHAT, "empty", phrase(f"the log of its last green run, {green.run_id}, is empty."), REMEDY)
    name = log_name(replace(job, id=str(green.id), name=green.name))
    return Passing(LogFile(name, path), green.name, green.run_id, green.sha, green.at, took)


def _no_log(session: Session, green: Green, trouble: Trouble) -> Missing:
    if trouble.kind == "gone":
        expired = sentences.expired_log(green.name, green.run_id, green.at)
        return Missing(WHAT, "expired", _of(green, expired.why), REMEDY)
    if trouble.kind in ("not-stored", "not-found"):
        return Missing(WHAT, "not-stored", phrase(f"GitHub has no log of its last green run, {green.run_id}."), REMEDY)
    if trouble.kind == "too-large":
        why = phrase(f"the log of its last green run, {green.run_id}, has more than {MOST_BYTES >> 20} MB.")
        return Missing(WHAT, "too-large", why, REMEDY)
    return _told(session, trouble)


def _of(green: Green, why: Phrase) -> Phrase:
    return phrase(f"its last green run was {green.run_id}: ", why)


def _told(session: Session, trouble: Trouble) -> Missing:
    return replace(session.missing(trouble, WHAT, "Actions logs"), remedy=REMEDY)
