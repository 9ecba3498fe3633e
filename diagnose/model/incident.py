"""An Incident: all that a source could learn about a failure, and, as values, what it could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from diagnose.model.text import Phrase

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from diagnose.model.words import JobStatus

TargetKind = Literal["log", "pr", "run", "job", "branch", "commit"]
ControlKind = Literal["base", "merge-base", "sibling"]
Absence = Literal[
    "running",
    "expired",
    "empty",
    "cancelled",
    "never-started",
    "not-stored",
    "denied",
    "rate-limited",
    "unreachable",
    "unreadable",
    "too-large",
    "not-asked",
]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that could not be had: what, why, and what to do about it.

    what: a short noun ("the log of job 12"). why: the reason, in a sentence. remedy: one command or setting, or "".
    """

    what: Phrase
    kind: Absence
    why: Phrase
    remedy: str = ""


OTHER_LOGS: Final = Phrase(("the other logs",))
"""`Missing.what` of all logs that were not read: what is said of them is not said of each."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log's bytes on disk, as received (numbering is over these bytes). name: what a report calls it."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class ReportedTest:
    """A test that a report says failed. name: as its runner spells it. file, line: of the source, "" and None when untold.

    suite: the class or suite. at, end: the first and last line of the report file that say so, 1-based. message: as told, raw.
    """

    name: str
    suite: str
    kind: Literal["failure", "error"]
    at: int
    end: int
    file: str = ""
    line: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class JunitReport:
    """A JUnit XML file as read. Counts are of its elements, never of its attributes; failed and errors are told apart.

    file: its bytes, to be quoted by line. tool: of which runner it shows signs, "junit" where of none. tests: those that failed,
    the first ones where there are very many. problem: why it is not, or may not be, the whole, None when it is. run_id, job: the run
    and the job (ids) that it was made in, "" when unknown. flaky: tests that failed and passed when they were run again; they count as passed.
    """

    name: str
    file: LogFile
    tool: str = "junit"
    run: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    flaky: int = 0
    tests: tuple[ReportedTest, ...] = ()
    problem: Phrase | None = None
    run_id: str = ""
    job: str = ""

    @property
    def bad(self) -> int:
        """Failures and errors together."""
        return self.failed + self.errors


@dataclass(frozen=True, slots=True)
class StepInfo:
    """A step as the CI system's API tells it; number as there (it has gaps), times None when not begun or ended."""

    number: int
    name: str
    status: JobStatus
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """A note that the CI system holds beside the log; `path` and `line` None when it names no file."""

    level: Literal["notice", "warning", "failure"]
    message: str
    path: str | None = None
    line: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Passing:
    """The log of a job's last green run, to be compared with. job: that job's name; another member of the same matrix may stand in.

    at: when it ended. took: seconds that the job took in its last green runs, newest first, as far as the source tells.
    """

    log: LogFile
    job: str
    run_id: str = ""
    sha: str = ""
    at: datetime | None = None
    took: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One job of one run. `log` is a LogFile, or Missing with its reason; texts are foreign and raw (not yet redacted).

    passing: the log of its last green run as the source found it, why there is none, or None when nobody looked for one.
    """

    id: str
    name: str
    status: JobStatus
    log: LogFile | Missing
    steps: tuple[StepInfo, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    run_id: str = ""
    workflow: str = ""
    attempt: int = 1
    labels: tuple[str, ...] = ()
    url: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    passing: Passing | Missing | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines first..last (1-based, inclusive) of the new file that the change added or edited."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of the change. `hunks` None when the patch was not given (binary, large); `added` are its new lines' texts."""

    path: str
    status: Literal["added", "removed", "modified", "renamed", "copied", "changed", "unchanged"]
    previous: str | None = None
    hunks: tuple[Hunk, ...] | None = None
    added: tuple[tuple[int, str], ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is being tested. `complete` False when the source cut the list of files."""

    files: tuple[ChangedFile, ...]
    complete: bool = True
    head_sha: str = ""
    base_sha: str = ""
    title: str = ""
    author: str = ""
    from_fork: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """How head and base stand. behind: commits on the base that the head lacks; mergeable None while GitHub computes it.

    merge_base: the commit at which the head left the base. head_sha: the newest commit of the head, "" when unknown.
    """

    head: str
    base: str
    mergeable: bool | None = None
    behind: int | None = None
    ahead: int | None = None
    draft: bool = False
    closed: bool = False
    merged: bool = False
    merge_base: str = ""
    head_sha: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The same job at the same commit, at another attempt or run."""

    job: str
    attempt: int
    status: JobStatus
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class BaseResult:
    """The newest ended result of a job of this name on the base branch. job_id, run_id: "" where the source does not tell."""

    job: str
    status: JobStatus
    sha: str
    at: datetime | None = None
    job_id: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What another run says of a job that failed here: the base branch's newest, the commit that the branch left it at, another pull request.

    sha: the commit that ran. at: when it ended. branch, author: whose it is, of a sibling. log: of a job that failed, to be compared;
    Missing where it could not be had, None where nobody asked for it.
    """

    kind: ControlKind
    job: str
    status: JobStatus
    sha: str
    at: datetime | None = None
    run_id: str = ""
    branch: str = ""
    author: str = ""
    log: LogFile | Missing | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """The work tree at hand: its root, or None when there is none that belongs to the target."""

    root: Path | None
    head_sha: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """Everything known before the diagnosis starts.

    conclusion: what the CI system itself says of the whole ("failure", "success", ...), "unknown" for a bare log.
    unseen: what was not looked at or could not be had, to be repeated in the report's `limits`. passing: a log of a passing run that
    the user named; it goes before each job's own. workflows: (path, bytes) of the workflow files that ran, as they stand at the commit.
    before: those of `files` that are locks, as they stood at the commit of the last green run.
    controls: what other runs say of the jobs that failed; asked: the requests that these, the base and earlier runs have cost.
    ref: the branch that ran, head: the repository that it is of, own: whether that is this one; "" and None where the source does not tell.
    """

    kind: TargetKind
    target: str
    jobs: tuple[Job, ...]
    conclusion: JobStatus = "unknown"
    repository: str = ""
    commit: str = ""
    change: Change | Missing | None = None
    branch: Branch | Missing | None = None
    base: tuple[BaseResult, ...] | Missing | None = None
    attempts: tuple[Attempt, ...] | Missing | None = None
    passing: LogFile | Missing | None = None
    checkout: Checkout | None = None
    unseen: tuple[Missing, ...] = ()
    running: int = 0
    trusted: bool = False
    files: tuple[tuple[str, bytes], ...] = ()
    reports: tuple[JunitReport | Missing, ...] = ()
    workflows: tuple[tuple[str, bytes], ...] = ()
    controls: tuple[Control, ...] = ()
    asked: int = 0
    ref: str = ""
    head: str = ""
    own: bool | None = None
    before: tuple[tuple[str, bytes], ...] = ()
