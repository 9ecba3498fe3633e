"""Runs and their jobs: which runs count, all attempts of each merged by the job's name, and what each state means.

After "re-run failed jobs" the newest attempt lists only what was run again, so the attempts are read from the newest to the first
and the newest result of each name stands; the older ones are what tells a flaky test.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import Attempt, Job, Missing, StepInfo
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github import sentences
from diagnose.sources.github.lists import whole_list
from diagnose.sources.github.replies import Jobs, Runs
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.model.words import JobStatus
    from diagnose.sources.github.replies import JobReply, Run, Step
    from diagnose.sources.github.session import Session

CONCLUSIONS: Final[dict[str, JobStatus]] = {
    "success": "success",
    "failure": "failure",
    "cancelled": "cancelled",
    "skipped": "skipped",
    "timed_out": "timed_out",
    "neutral": "neutral",
    "action_required": "action_required",
    "startup_failure": "startup_failure",
    "stale": "stale",
}
STATES: Final[dict[str, JobStatus]] = {
    "queued": "queued",
    "requested": "queued",
    "pending": "waiting",
    "in_progress": "in_progress",
    "waiting": "waiting",
}
FAILED: Final[frozenset[JobStatus]] = frozenset({"failure", "timed_out", "startup_failure"})
UNENDED: Final[frozenset[JobStatus]] = frozenset({"queued", "in_progress", "waiting"})


def status_of(status: str | None, conclusion: str | None) -> JobStatus:
    """Read GitHub's two words as one."""
    if status == "completed":
        return CONCLUSIONS.get(conclusion or "", "unknown")
    return STATES.get(status or "", "unknown")


@dataclass(frozen=True, slots=True)
class Choice:
    """The runs that count, newest of each workflow and event, and the older ones of the same."""

    runs: tuple[Run, ...]
    older: tuple[Run, ...]
    unseen: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class RunJobs:
    """The jobs of one run as they stand, and what the same jobs did in earlier attempts."""

    run: Run
    jobs: tuple[JobReply, ...]
    earlier: tuple[Attempt, ...] = ()
    trouble: Trouble | None = None


def choose(runs: Iterable[Run]) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Split runs of one commit into the newest of each workflow and event, failed ones first, and the others."""
    newest: dict[tuple[int, str], Run] = {}
    older: list[Run] = []
    for run in sorted(runs, key=lambda each: -each.id):
        key = (run.workflow_id, run.event)
        if key in newest:
            older.append(run)
        else:
            newest[key] = run
    ordered = sorted(newest.values(), key=lambda each: (each.conclusion == "success", each.id))
    return tuple(ordered), tuple(older)


async def find_runs(session: Session, sha: str) -> Choice | Trouble:
    """Return the runs of a commit."""
    query = {"head_sha": sha, "exclude_pull_requests": "true"}
    listed = await whole_list(session, "/actions/runs", Runs, lambda page: page.workflow_runs, query)
    if listed.trouble is not None and not listed.items:
        return listed.trouble
    runs, older = choose(run for run in listed.items if run.head_sha == sha)
    unseen = () if listed.trouble is None else (session.missing(listed.trouble, phrase("some of the runs"), "runs"),)
    return Choice(runs, older, unseen)


async def find_jobs(session: Session, run: Run) -> RunJobs:
    """Return the jobs of `run`, its attempts merged."""
    if run.conclusion == "startup_failure":
        return RunJobs(run, ())
    jobs: dict[tuple[str, int], JobReply] = {}
    earlier: dict[tuple[str, int], Attempt] = {}
    trouble: Trouble | None = None
    oldest = max(0, run.run_attempt - session.options.most_attempts)
    for attempt in range(run.run_attempt, oldest, -1):
        path = f"/actions/runs/{run.id}/attempts/{attempt}/jobs"
        listed = await whole_list(session, path, Jobs, lambda page: page.jobs)
        trouble = trouble or listed.trouble
        count: Counter[str] = Counter()
        for reply in listed.items:
            session.nodes[str(reply.id)] = reply.node_id
            key = (reply.name, count[reply.name])
            count[reply.name] += 1
            newest = jobs.setdefault(key, reply)
            if newest.run_attempt != reply.run_attempt:
                state = status_of(reply.status, reply.conclusion)
                earlier[reply.name, reply.run_attempt] = Attempt(reply.name, reply.run_attempt, state, str(run.id))
    found = RunJobs(run, tuple(jobs.values()), tuple(earlier.values()), trouble)
    return replace(found, trouble=trouble or _contradiction(found))


def _contradiction(found: RunJobs) -> Trouble | None:
    """Say that a run failed and that GitHub lists no job that did: then nothing of it has been looked at."""
    if found.run.conclusion not in ("failure", "timed_out"):
        return None
    bad = FAILED | {"cancelled", "action_required"}
    if any(status_of(job.status, job.conclusion) in bad | UNENDED for job in found.jobs):
        return None
    return Trouble("incomplete", detail=f"run {found.run.id} has failed, and no failed job of it is listed")


async def find_all_jobs(session: Session, runs: Sequence[Run]) -> list[RunJobs]:
    """Return the jobs of all `runs`."""

    def told(done: int) -> None:
        session.progress("jobs", done, len(runs))

    return await together([partial(find_jobs, session, run) for run in runs], told)


def _step(step: Step) -> StepInfo:
    return StepInfo(step.number, step.name, status_of(step.status, step.conclusion), step.started_at, step.completed_at)


def make_job(reply: JobReply, run: Run | None) -> Job:
    """Make a Job of GitHub's answer; its log is Missing for the reason that its state gives, until it is read."""
    status = status_of(reply.status, reply.conclusion)
    steps = tuple(sorted((_step(step) for step in reply.steps), key=lambda step: step.number))
    return Job(
        str(reply.id),
        reply.name,
        status,
        why_no_log(reply.name, status, begun=has_begun(reply)),
        steps,
        (),
        str(reply.run_id),
        reply.workflow_name or (run.name if run and run.name else ""),
        reply.run_attempt,
        reply.labels,
        reply.html_url or "",
        reply.started_at,
        reply.completed_at,
    )


def has_begun(reply: JobReply) -> bool:
    """Tell whether any step of the job began: only then can there be a log."""
    return any(step.started_at is not None for step in reply.steps)


def why_no_log(name: str, status: JobStatus, *, begun: bool) -> Missing:
    """Say why a job of this state has no log here."""
    if status in UNENDED:
        return sentences.running_log(name)
    if status == "skipped":
        return sentences.skipped_log(name)
    if status == "cancelled":
        return sentences.cancelled_log(name, begun=begun)
    if status == "action_required":
        return sentences.waiting_log(name)
    return sentences.unasked_log(name)


def startup_job(run: Run) -> Job:
    """Stand a job in for a run that GitHub could not start: there are no jobs and no logs, only the workflow file."""
    noun = phrase('the log of workflow "', Untrusted(run.path), '"')
    why = phrase(
        "GitHub could not start ",
        Untrusted(run.path),
        ": the workflow file is not valid. It began no job, so there is no log.",
    )
    remedy = "actionlint    or the message on the run's page"
    return Job(
        f"run-{run.id}",
        run.name or run.path,
        "startup_failure",
        Missing(noun, "never-started", why, remedy),
        run_id=str(run.id),
        workflow=run.name or run.path,
        attempt=run.run_attempt,
        url=run.html_url,
        completed_at=run.updated_at,
    )
