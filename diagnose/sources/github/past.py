"""Past runs of a repository, oldest first; of each what its jobs did, attempt by attempt, and an Incident of those that failed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import anyio

from diagnose.model.incident import Branch, Incident, LogFile
from diagnose.sources.github.address import read_base
from diagnose.sources.github.baseline import stem_of
from diagnose.sources.github.client import Client
from diagnose.sources.github.jobs import FAILED, UNENDED, has_begun, make_job, startup_job, status_of
from diagnose.sources.github.logs import fill
from diagnose.sources.github.replies import Jobs, Repository, Run, Runs, User
from diagnose.sources.github.session import Options, Session
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from diagnose.kit.clock import Clock
    from diagnose.model.incident import Job, Missing
    from diagnose.model.words import JobStatus
    from diagnose.sources.github.limits import Limits
    from diagnose.sources.github.replies import JobReply
    from diagnose.sources.github.token import Token

PAGES: Final = 10  # a search of runs gives at most 1,000
MOST_PAGES: Final = 40
MOST_ATTEMPTS: Final = 3
MOST_LOGS: Final = 6
"""Failed logs of one attempt that are read; of one matrix MOST_OF_MATRIX."""

MOST_OF_MATRIX: Final = 2
MOST_NOTES: Final = 2
OWN_EVENTS: Final = frozenset({
    "push", "pull_request", "schedule", "workflow_dispatch", "repository_dispatch", "merge_group", "release", "create", "delete", "deployment", "dynamic",
})  # fmt: skip
"""Events that, in a repository's own branches, only people with write access bring about. Others (`pull_request_target`, a comment, another
workflow's end) run with what strangers sent, whatever commit they name."""


class PastRun(Run):
    """A run with what tells its place in time, and who started it."""

    created_at: datetime
    actor: User | None = None


class PastRuns(Runs):
    """A page of them."""

    workflow_runs: tuple[PastRun, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Runs, oldest first. trouble: why they are not all, None when they are. cut: there are more between than were listed."""

    runs: tuple[PastRun, ...]
    trouble: Trouble | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt of a run: its jobs as GitHub tells them."""

    run: PastRun
    number: int
    jobs: tuple[JobReply, ...]

    @property
    def failed(self) -> tuple[JobReply, ...]:
        """Jobs that failed by themselves; what was canceled tells nothing."""
        return tuple(job for job in self.jobs if status_of(job.status, job.conclusion) in FAILED)

    @property
    def passed(self) -> tuple[JobReply, ...]:
        """Jobs that passed."""
        return tuple(job for job in self.jobs if status_of(job.status, job.conclusion) == "success")

    @property
    def at(self) -> datetime:
        """When its last job ended."""
        return max(
            (job.completed_at for job in self.jobs if job.completed_at is not None),
            default=self.run.updated_at or self.run.created_at,
        )


@asynccontextmanager
async def opened(
    repository: str,
    *,
    token: Token | None,
    spool: Path,
    clock: Clock,
    api_url: str,
    budget: int,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    limits: Limits | None = None,
) -> AsyncIterator[Session | Refusal]:
    """Open a session on a repository for many requests, at most `budget`."""
    base = read_base(api_url)
    if isinstance(base, Refusal):
        yield base
        return
    async with Client(base, token, clock=clock, sleep=sleep, budget=budget, limits=limits) as client:
        options = Options(baseline=False, most_notes=MOST_NOTES, most_attempts=MOST_ATTEMPTS)
        yield Session(client, repository, clock, sleep, spool, lambda _stage, _done, _total: None, options)


async def find_repository(session: Session) -> Repository | Trouble:
    """Return the repository itself: its own spelling, and its default branch."""
    return await session.client.get(session.at(""), Repository)


async def find_run(session: Session, number: str) -> PastRun | Trouble:
    """Return one run."""
    return await session.client.get(session.at(f"/actions/runs/{number}"), PastRun)


async def list_runs(session: Session, *, branch: str, since: datetime, until: datetime) -> Listed:
    """List the runs that began in [since, until], of a branch or (branch "") of all, oldest first.

    A search gives at most 1,000, newest first; what is older is asked for by a search that ends where the one before did.
    """
    found: dict[int, PastRun] = {}
    pages, end = 0, until
    while pages < MOST_PAGES:
        query = {
            "created": f"{_moment(since)}..{_moment(end)}",
            "exclude_pull_requests": "true",
            **({"branch": branch} if branch else {}),
        }
        got = await session.client.pages(session.at("/actions/runs"), PastRuns, query, most=PAGES)
        pages += max(1, len(got.items))
        runs = [run for page in got.items for run in page.workflow_runs]
        found.update({run.id: run for run in runs})
        total = got.items[-1].total_count if got.items else 0
        short = got.trouble or (
            Trouble("incomplete", detail=f"{len(runs)} of {total}") if len(runs) < min(total, PAGES * 100) else None
        )
        if short is not None and short.kind != "too-many":
            return Listed(_oldest_first(found), short, cut=True)
        oldest = min((run.created_at for run in runs), default=None)
        whole = got.trouble is None and len(runs) < PAGES * 100  # a search that holds more ends there without a word
        if whole or oldest is None or oldest <= since:
            return Listed(_oldest_first(found))
        end = min(oldest, end - timedelta(seconds=1))
    return Listed(_oldest_first(found), cut=True)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _oldest_first(found: dict[int, PastRun]) -> tuple[PastRun, ...]:
    return tuple(sorted(found.values(), key=lambda run: (run.created_at, run.id)))


def has_ended(run: Run) -> bool:
    """Tell whether a run will change no more by itself."""
    return status_of(run.status, run.conclusion) not in UNENDED


def conclusion_of(run: Run) -> JobStatus:
    """Tell how a run ended."""
    return status_of(run.status, run.conclusion)


def is_trusted(session: Session, run: Run) -> bool:
    """Tell whether only people with write access could have made what ran: the head is of this repository, and the event one of OWN_EVENTS."""
    home = run.head_repository
    return home is not None and home.full_name.lower() == session.repository.lower() and run.event in OWN_EVENTS


async def find_attempts(session: Session, run: PastRun) -> tuple[Attempted, ...] | Trouble:
    """Return the newest attempts of a run, oldest first, each with its own jobs. Costs a request each (a page of 100 jobs)."""
    out: list[Attempted] = []
    for number in range(run.run_attempt, max(0, run.run_attempt - MOST_ATTEMPTS), -1):
        pages = await session.client.pages(session.at(f"/actions/runs/{run.id}/attempts/{number}/jobs"), Jobs, most=3)
        if pages.trouble is not None and not pages.items:
            if out:
                break  # an attempt that GitHub has forgotten
            return pages.trouble
        jobs = tuple(job for page in pages.items for job in page.jobs if job.run_attempt == number)
        out.append(Attempted(run, number, jobs))
    return tuple(reversed(out))


async def read_failed(
    session: Session, attempt: Attempted, *, default: str, trusted: bool
) -> tuple[Incident, tuple[Missing, ...]]:
    """Read the logs of an attempt's failed jobs into the spool; the Incident of these jobs, and what could not be had.

    Of a matrix MOST_OF_MATRIX members are read, of all MOST_LOGS. default: the repository's default branch.
    """
    run = attempt.run
    jobs = [startup_job(run)] if run.conclusion == "startup_failure" else [make_job(job, run) for job in attempt.failed]
    begun = {str(job.id) for job in attempt.failed if has_begun(job) or job.started_at is not None}
    chosen = _chosen([job for job in jobs if job.id in begun])
    filled, unseen = await fill(session, jobs, chosen)
    read = {job.id for job in chosen}
    kept = [
        job
        for job in filled
        if isinstance(job.log, LogFile) or job.id in read or job.annotations or job.status == "startup_failure"
    ]
    head = run.head_branch or ""
    incident = Incident(
        kind="run",
        target=f"{session.repository} run {run.id}",
        jobs=tuple(kept),
        conclusion="failure",
        repository=session.repository,
        commit=run.head_sha,
        branch=Branch(head, default) if head else None,
        trusted=trusted,
    )
    lost = [job.log for job in kept if not isinstance(job.log, LogFile) and job.id in read]
    return incident, (*unseen, *(log for log in lost if log not in unseen))


def _chosen(jobs: list[Job]) -> list[Job]:
    count: dict[str, int] = {}
    out: list[Job] = []
    for job in jobs:
        stem = stem_of(job.name)
        count[stem] = count.get(stem, 0) + 1
        if count[stem] <= MOST_OF_MATRIX and len(out) < MOST_LOGS:
            out.append(job)
    return out


async def read_log_of(session: Session, job: int, spool: Path, *, most: int) -> Path | None:
    """Stream the log of a job into the spool; None when it cannot be had."""
    path = spool / f"job-{job}.log"
    size = await session.client.download(session.at(f"/actions/jobs/{job}/logs"), path, most=most)
    return None if isinstance(size, Trouble) else path


def without(incident: Incident, names: frozenset[str]) -> Incident:
    """Return an incident without the jobs of these names."""
    return replace(incident, jobs=tuple(job for job in incident.jobs if job.name not in names))
