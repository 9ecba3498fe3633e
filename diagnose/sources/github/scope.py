"""From what the user points at to a commit, the runs that count, and the two sides of the change.

Runs, check runs and statuses hang on the head commit of a pull request, never on the merge commit that the runner checks out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diagnose.model.text import phrase
from diagnose.sources.github.replies import Commit, JobReply, Pull, PullBrief, Repository, Run
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from diagnose.sources.github.session import Session
    from diagnose.sources.refusal import Refusal
    from diagnose.sources.target import Target


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at. run: only this run, None for all of `sha`; job: only this job of it.

    head: the branch, "" when unknown. base: the branch it is compared with, "" when it is the base itself.
    commit: the commit's own reply when it was asked for. default: the repository's default branch, "" when unknown.
    """

    sha: str
    run: Run | None = None
    job: JobReply | None = None
    pull: Pull | None = None
    commit: Commit | None = None
    head: str = ""
    base: str = ""
    default: str = ""

    @property
    def of_pull(self) -> bool:
        """Whether the pull request's head is exactly this commit."""
        return self.pull is not None and self.pull.head.sha == self.sha


async def resolve(session: Session, target: Target) -> Scope | Refusal:
    """Find what `target` means; a Refusal when it is not there or may not be seen."""
    if target.kind == "pr":
        return await _of_pull(session, target)
    if target.kind == "run":
        run = await session.client.get(session.at(f"/actions/runs/{target.value}"), Run)
        return (
            await session.not_found(run, target, "runs")
            if isinstance(run, Trouble)
            else await _of_run(session, run, None)
        )
    if target.kind == "job":
        return await _of_job(session, target)
    return await _of_commit(session, target)


async def renewed(session: Session, scope: Scope) -> Scope | Refusal:
    """Ask again for the run, or the job, that is looked at: they change as time goes by; the commit stays."""
    run, job = scope.run, scope.job
    if run is None:
        return scope
    found = await session.client.get(session.at(f"/actions/runs/{run.id}"), Run)
    if isinstance(found, Trouble):
        return session.refuse(found, "runs")
    if job is not None:
        again = await session.client.get(session.at(f"/actions/jobs/{job.id}"), JobReply)
        if isinstance(again, Trouble):
            return session.refuse(again, "jobs")
        job = again
    return replace(scope, run=found, job=job)


async def _of_pull(session: Session, target: Target) -> Scope | Refusal:
    pull = await session.client.get(session.at(f"/pulls/{target.value}"), Pull)
    if isinstance(pull, Trouble):
        return await session.not_found(pull, target, "pull requests")
    default = pull.base.repo.default_branch if pull.base.repo else ""
    return Scope(pull.head.sha, pull=pull, head=pull.head.ref, base=pull.base.ref, default=default)


async def _of_job(session: Session, target: Target) -> Scope | Refusal:
    job = await session.client.get(session.at(f"/actions/jobs/{target.value}"), JobReply)
    if isinstance(job, Trouble):
        return await session.not_found(job, target, "jobs")
    run = await session.client.get(session.at(f"/actions/runs/{job.run_id}"), Run)
    if isinstance(run, Trouble):
        return session.refuse(run, "runs")
    return await _of_run(session, run, job)


async def _of_run(session: Session, run: Run, job: JobReply | None) -> Scope:
    pull = None
    if run.event.startswith("pull_request"):
        pull = await _pull(session, run.head_sha, run.pull_requests or ())
    default = await _default_branch(session, pull)
    head = run.head_branch or ""
    return Scope(run.head_sha, run=run, job=job, pull=pull, head=head, base=_base(pull, head, default), default=default)


async def _of_commit(session: Session, target: Target) -> Scope | Refusal:
    ref = f"heads/{target.value}" if target.kind == "branch" else target.value
    commit = await session.client.get(session.at(f"/commits/{quoted(ref)}"), Commit)
    if isinstance(commit, Trouble):
        return await session.not_found(commit, target, "contents")
    pull = await _pull(session, commit.sha, ())
    if pull is not None and pull.head.sha != commit.sha:
        pull = None
    default = await _default_branch(session, pull)
    head = target.value if target.kind == "branch" else (pull.head.ref if pull else "")
    base = pull.base.ref if pull else (default if target.kind == "branch" and head != default else "")
    return Scope(commit.sha, pull=pull, commit=commit, head=head, base=base, default=default)


def quoted(name: str) -> str:
    """Return a ref or a path as a piece of an address; its slashes stay."""
    from urllib.parse import quote

    return quote(name, safe="/")


def _base(pull: Pull | None, head: str, default: str) -> str:
    if pull is not None:
        return pull.base.ref
    return default if head and head != default else ""


async def _default_branch(session: Session, pull: Pull | None) -> str:
    if pull is not None and pull.base.repo is not None and pull.base.repo.default_branch:
        return pull.base.repo.default_branch
    home = await session.client.get(session.at(""), Repository)
    if isinstance(home, Trouble):
        session.lose(home, phrase("the default branch"), "the repository")
        return ""
    return home.default_branch


async def _pull(session: Session, sha: str, known: tuple[PullBrief, ...]) -> Pull | None:
    """Return the pull request of a commit: an open one first. Payloads of forks name none, so GitHub is asked by commit."""
    if not known:
        asked = await session.client.get(session.at(f"/commits/{sha}/pulls"), tuple[PullBrief, ...], {"per_page": "10"})
        if isinstance(asked, Trouble):
            session.lose(asked, phrase("the pull requests of this commit"), "pull requests")
            return None
        known = asked
    for brief in sorted(known, key=lambda each: each.state != "open")[:1]:
        pull = await session.client.get(session.at(f"/pulls/{brief.number}"), Pull)
        if not isinstance(pull, Trouble):
            return pull
        session.lose(pull, phrase(f"pull request {brief.number}"), "pull requests")
    return None
