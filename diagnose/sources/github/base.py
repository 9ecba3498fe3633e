"""The controls: what the failed jobs do on the base branch, and what they did before at this commit."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import Attempt, BaseResult, Missing
from diagnose.model.text import phrase
from diagnose.sources.github.baseline import Green, lasted
from diagnose.sources.github.jobs import UNENDED, find_jobs, status_of
from diagnose.sources.github.others import ACTIONS, JOB_ADDRESS
from diagnose.sources.github.replies import CheckRuns, Jobs, Runs
from diagnose.sources.github.scope import quoted
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.incident import Job
    from diagnose.sources.github.replies import JobReply, Run
    from diagnose.sources.github.session import Session

MOST_WORKFLOWS: Final = 3
MOST_OLDER: Final = 3
UNTOLD: Final = frozenset({"cancelled", "skipped", "startup_failure", "action_required", None})
ENDED: Final = frozenset({"success", "failure", "timed_out"})


async def find_base(
    session: Session, branch: str, failed: Sequence[Job], runs: Sequence[Run], sha: str
) -> tuple[tuple[BaseResult, ...] | Missing, dict[str, Green]]:
    """Return the newest ended result on `branch` of each job that failed, by name, at a commit other than `sha`.

    First the checks of the branch's tip; for names that it lacks (still running, or not run there), the newest ended run of the
    same workflow. With it, by name, the jobs of the tip that passed, where the name leaves no doubt which job it is.
    """
    names = {job.name for job in failed}
    found: dict[str, BaseResult] = {}
    greens: dict[str, Green] = {}
    pages = await session.client.pages(
        session.at(f"/commits/{quoted(f'heads/{branch}')}/check-runs"), CheckRuns, {"filter": "latest"}, most=4
    )
    checks = [
        each for page in pages.items for each in page.check_runs if each.app is not None and each.app.slug == ACTIONS
    ]
    single = _of_one_run(failed)
    on_base = Counter(check.name for check in checks)
    for check in checks:
        status = status_of(check.status, check.conclusion)
        if check.name in names and check.name not in found and status in ENDED and check.head_sha != sha:
            address = JOB_ADDRESS.search(check.details_url or check.html_url or "")
            found[check.name] = BaseResult(
                check.name, status, check.head_sha, check.completed_at, str(check.id), address[1] if address else ""
            )
            if status == "success" and check.name in single and on_base[check.name] == 1 and address is not None:
                greens[check.name] = Green(
                    check.id,
                    check.name,
                    address[1],
                    check.head_sha,
                    check.completed_at,
                    lasted(check.started_at, check.completed_at),
                )
    workflows = list(
        dict.fromkeys(
            run.workflow_id
            for run in runs
            if any(job.run_id == str(run.id) and job.name not in found for job in failed)
        )
    )
    for workflow in workflows[:MOST_WORKFLOWS]:
        for reply in await _ended_jobs(session, workflow, branch, sha):
            status = status_of(reply.status, reply.conclusion)
            if reply.name in names and reply.name not in found and status in ENDED:
                found[reply.name] = BaseResult(
                    reply.name, status, reply.head_sha, reply.completed_at, str(reply.id), str(reply.run_id)
                )
                if status == "success" and reply.name in single:
                    greens[reply.name] = Green(
                        reply.id,
                        reply.name,
                        str(reply.run_id),
                        reply.head_sha,
                        reply.completed_at,
                        lasted(reply.started_at, reply.completed_at),
                    )
    if not found and pages.trouble is not None:
        return session.missing(pages.trouble, phrase("the results of the base branch"), "checks"), greens
    return tuple(found.values()), greens


def _of_one_run(failed: Sequence[Job]) -> set[str]:
    """Give the names that failed in one run alone: in two workflows one name is two jobs."""
    runs: dict[str, set[str]] = {}
    for job in failed:
        runs.setdefault(job.name, set()).add(job.run_id)
    return {name for name, where in runs.items() if len(where) == 1}


async def _ended_jobs(session: Session, workflow: int, branch: str, sha: str) -> tuple[JobReply, ...]:
    query = {"branch": branch, "status": "completed", "per_page": "10", "exclude_pull_requests": "true"}
    runs = await session.client.get(session.at(f"/actions/workflows/{workflow}/runs"), Runs, query)
    if isinstance(runs, Trouble):
        return ()
    for run in runs.workflow_runs:
        if run.head_sha == sha or run.conclusion in UNTOLD or not _is_own(session, run):
            continue
        pages = await session.client.pages(
            session.at(f"/actions/runs/{run.id}/attempts/{run.run_attempt}/jobs"), Jobs, most=3
        )
        return tuple(each for page in pages.items for each in page.jobs)
    return ()


def _is_own(session: Session, run: Run) -> bool:
    """Tell whether the run is of the branch itself: a pull request from a fork's branch of the same name is not."""
    home = run.head_repository
    same = home is not None and home.full_name.lower() == session.repository.lower()
    return same and not run.event.startswith("pull_request")


async def find_attempts(
    session: Session, older: Sequence[Run], runs: Sequence[Run], failed: Sequence[Job]
) -> tuple[Attempt, ...]:
    """Return how the failed jobs did in other runs of the same workflow at the same commit."""
    workflows = {run.workflow_id for run in runs if any(job.run_id == str(run.id) for job in failed)}
    same = [
        run for run in older if run.workflow_id in workflows and status_of(run.status, run.conclusion) not in UNENDED
    ][:MOST_OLDER]
    names = {job.name for job in failed}
    found = await together([partial(find_jobs, session, run) for run in same])
    for each in found:
        if each.trouble is not None:
            session.lose(each.trouble, phrase(f"the jobs of run {each.run.id}, an earlier one of this commit"), "jobs")
    return tuple(
        attempt
        for each in found
        for attempt in (
            *each.earlier,
            *(
                Attempt(job.name, job.run_attempt, status_of(job.status, job.conclusion), str(job.run_id))
                for job in each.jobs
            ),
        )
        if attempt.job in names
    )
