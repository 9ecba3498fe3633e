"""The shapes of GitHub's answers, as far as they are used: strict on what is read, indifferent to the rest.

Source: GitHub's OpenAPI description (npm @octokit/openapi). Fields that the description calls nullable, and those that are null
in practice (a pull request's `head.repo` once the fork is deleted), may be null here.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads it at run time

from pydantic import BaseModel, ConfigDict, Field


class Reply(BaseModel):
    """Base of all: no conversions, unknown fields ignored, nothing changed afterwards."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class User(Reply):
    """An account."""

    login: str


class Repository(Reply):
    """A repository."""

    id: int
    full_name: str
    default_branch: str = ""
    private: bool = False


class Side(Reply):
    """One side of a pull request. repo is null when the fork is gone."""

    sha: str
    ref: str
    repo: Repository | None = None


class Pull(Reply):
    """A pull request. mergeable is null while GitHub computes it."""

    number: int
    title: str
    state: str
    head: Side
    base: Side
    user: User | None = None
    draft: bool = False
    merged: bool = False
    mergeable: bool | None = None
    changed_files: int = 0

    @property
    def from_fork(self) -> bool:
        """Whether the head is of another repository, or of one that is gone."""
        return self.head.repo is None or self.base.repo is None or self.head.repo.id != self.base.repo.id


class PullBrief(Reply):
    """A pull request as lists give it."""

    number: int
    state: str = "open"


class File(Reply):
    """A changed file. patch is missing for binary and large files."""

    filename: str
    status: str
    previous_filename: str | None = None
    patch: str | None = None


class RepositoryName(Reply):
    """A repository as a run names it."""

    full_name: str


class Run(Reply):
    """A workflow run, at its newest attempt."""

    id: int
    name: str | None = None
    head_sha: str
    head_branch: str | None = None
    status: str | None
    conclusion: str | None
    event: str
    path: str
    workflow_id: int
    html_url: str
    run_attempt: int = 1
    head_repository: RepositoryName | None = None
    repository: RepositoryName | None = None
    actor: User | None = None
    pull_requests: tuple[PullBrief, ...] | None = None
    updated_at: datetime | None = None


class Runs(Reply):
    """A page of runs."""

    total_count: int
    workflow_runs: tuple[Run, ...]


class Step(Reply):
    """A step of a job; numbers have gaps."""

    name: str
    number: int
    status: str
    conclusion: str | None
    started_at: datetime | None = None
    completed_at: datetime | None = None


class JobReply(Reply):
    """A job of one attempt of a run. Its id is also the id of its check run."""

    id: int
    run_id: int
    head_sha: str
    name: str
    status: str
    conclusion: str | None
    workflow_name: str | None = None
    run_attempt: int = 1
    html_url: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    labels: tuple[str, ...] = ()
    node_id: str = ""


class Jobs(Reply):
    """A page of jobs."""

    total_count: int
    jobs: tuple[JobReply, ...]


class Artifact(Reply):
    """A file that a run has kept, always given as a zip. size_in_bytes: of that zip."""

    id: int
    name: str
    size_in_bytes: int
    expired: bool
    created_at: datetime | None = None


class Artifacts(Reply):
    """A page of artifacts."""

    total_count: int
    artifacts: tuple[Artifact, ...]


class Note(Reply):
    """An annotation."""

    path: str
    start_line: int
    annotation_level: str | None
    message: str | None
    title: str | None = None


class App(Reply):
    """The application that made a check run."""

    slug: str = ""
    name: str = ""


class Output(Reply):
    """What a check run says for itself."""

    title: str | None = None
    annotations_count: int = 0


class CheckRun(Reply):
    """A check run, of GitHub Actions or of another CI system."""

    id: int
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    details_url: str | None = None
    html_url: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    app: App | None = None
    output: Output = Field(default_factory=Output)


class CheckRuns(Reply):
    """A page of check runs."""

    total_count: int
    check_runs: tuple[CheckRun, ...]


class CommitStatus(Reply):
    """A status of another CI system."""

    context: str
    state: str
    description: str | None = None
    target_url: str | None = None
    updated_at: datetime | None = None


class Combined(Reply):
    """The newest status of each context. `state` is not read: it is "pending" when there are none at all."""

    statuses: tuple[CommitStatus, ...]


class Parent(Reply):
    """A commit's parent."""

    sha: str


class Words(Reply):
    """A commit's message."""

    message: str


class Commit(Reply):
    """A commit, with the files it changed against its first parent."""

    sha: str
    commit: Words
    author: User | None = None
    parents: tuple[Parent, ...] = ()
    files: tuple[File, ...] = ()


class Comparison(Reply):
    """How two commits stand: ahead and behind count commits. At most 300 files, on the first page only."""

    ahead_by: int
    behind_by: int
    merge_base_commit: Parent
    files: tuple[File, ...] = ()


class Resource(Reply):
    """One rate limit; reset in epoch seconds."""

    limit: int
    remaining: int
    reset: int


class Resources(Reply):
    """The rate limits."""

    core: Resource


class RateLimit(Reply):
    """The answer of /rate_limit (`rate` is left out by newer API versions)."""

    resources: Resources


class Issue(Reply):
    """An issue: only that it is there."""

    number: int
