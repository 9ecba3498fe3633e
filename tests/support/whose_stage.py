"""A stage for incidents of which it is asked whose they are: a pull request, its base, other people's pull requests, earlier runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.support.github_logs import JobLog, LogStep, checkout, python_job, run_group, set_up, tail
from tests.support.github_world import BASE, HEAD, World, changed, user

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.support.github_world import Json

TIP = "71b71b71" + "0" * 32
README = [changed("README.md", patch="@@ -1 +1 @@\n-a\n+b")]
EXIT = "##[error]Process completed with exit code 1."


def edit(path: str, first: int, text: str = "x = 1", status: str = "modified", old: str = "x = 0") -> Json:
    """A changed file, of which one line is edited."""
    head = f"@@ -{first},1 +{first},1 @@\n" if status != "added" else f"@@ -0,0 +{first},1 @@\n"
    return changed(path, status, head + ("" if status == "added" else f"-{old}\n") + f"+{text}")


def shell_job(job: str, sha: str, name: str, lines: Sequence[str], *, failed: bool = True, end: str = EXIT) -> JobLog:
    """A job whose last step runs a command and prints `lines`."""
    output = [*run_group([name]), *lines, *([end] if failed else [])]
    step = LogStep(3, f"Run {name}", output, "failure" if failed else "success")
    return JobLog([set_up(job, "ubuntu-24.04"), checkout(sha), step, *tail(10)])


def setup_job(job: str, name: str, lines: Sequence[str]) -> JobLog:
    """A job that fails in an action that sets it up."""
    step = LogStep(2, f"Run {name}", [f"##[group]Run {name}", "##[endgroup]", *lines], "failure")
    return JobLog([set_up(job, "ubuntu-24.04"), step, *tail(10)])


@dataclass
class Stage:
    """Builds a world, piece by piece. behind: the base has moved on since the branch left it: its tip is another commit."""

    now: datetime
    files: Sequence[Json] = field(default_factory=lambda: README)
    behind: bool = False
    pull: bool = True
    world: World = field(init=False)
    numbers: int = 900

    def __post_init__(self) -> None:
        self.world = world = World("whose", self.now)
        tip = TIP if self.behind else BASE
        if self.pull:
            world.add_pull(changed_files=len(self.files))
            world.pulls[123]["base"]["sha"] = tip
            world.files[123] = list(self.files)
        world.add_commit(HEAD, [BASE], self.files)
        for sha in (BASE, TIP):
            world.add_commit(sha, [], [], "On the base")
        world.commits["heads/main"] = world.commits[tip]
        world.commits["heads/rounding"] = world.commits[HEAD]
        for base in ("main", BASE, TIP):
            world.add_compare(base, HEAD, ahead=1, behind=3 if self.behind else 0, files=self.files)

    def job(self, run: Json, name: str, log: JobLog | None, conclusion: str = "failure", **more: Any) -> Json:
        """Add a job to a run, with its log."""
        self.numbers += 1
        began = more.pop("began", self.now - timedelta(minutes=6))
        ended = more.pop("ended", began + timedelta(minutes=2))
        made = self.world.add_job(run, self.numbers * 10, name, conclusion, began=began, ended=ended, **more)
        if log is not None:
            self.world.give_log(made, log, began)
        return made

    def run(self, log: JobLog | None, job: str = "test", conclusion: str = "failure", **more: Any) -> Json:
        """Run CI on the head: the run that is diagnosed, when it is the newest."""
        self.numbers += 1
        run = self.world.add_run(self.numbers, conclusion=conclusion, **more)
        self.job(run, job, log, conclusion)
        return run

    def pytest(self, failure: list[str] | None, name: str = "test", **more: Any) -> Json:
        """Run pytest on the head."""
        return self.run(
            python_job(name, "ubuntu-24.04", "3.12", HEAD, failure), name, "failure" if failure else "success", **more
        )

    def base(
        self,
        log: JobLog | list[str] | None,
        name: str = "test",
        *,
        sha: str = "",
        hours: float = 5,
        green: bool = False,
        **more: Any,
    ) -> Json:
        """Run CI on the base: on its tip, or on `sha`."""
        sha = sha or (TIP if self.behind else BASE)
        at = self.now - timedelta(hours=hours)
        conclusion = "success" if log is None or green else "failure"
        self.numbers += 1
        run = self.world.add_run(
            self.numbers, sha, **{"event": "push", "head_branch": "main", "conclusion": conclusion, **more}
        )
        whole = log if isinstance(log, JobLog) else python_job(name, "ubuntu-24.04", "3.12", sha, log)
        return self.job(run, name, whole, conclusion, began=at, ended=at + timedelta(minutes=2))

    def sibling(self, author: str, log: JobLog | list[str], name: str = "test", *, hours: float = 2) -> None:
        """Run CI on another pull request."""
        at = self.now - timedelta(hours=hours)
        self.numbers += 1
        sha = f"{self.numbers:08x}" + "5" * 32
        stamp = f"{at + timedelta(minutes=2):%Y-%m-%dT%H:%M:%SZ}"
        run = self.world.add_run(
            self.numbers, sha, head_branch=f"{author}-{self.numbers}", actor=user(author), updated_at=stamp
        )
        whole = log if isinstance(log, JobLog) else python_job(name, "ubuntu-24.04", "3.12", sha, log)
        self.job(run, name, whole, began=at, ended=at + timedelta(minutes=2))
        self.world.runs.sort(key=lambda each: each["id"])

    def again(self, run: Json, log: JobLog | None, name: str = "test", conclusion: str = "failure") -> Json:
        """Run the same commit again: another attempt of the same run."""
        run |= {"run_attempt": run["run_attempt"] + 1, "conclusion": conclusion}
        self.world.jobs.setdefault((run["id"], run["run_attempt"]), [])
        return self.job(run, name, log, conclusion, run_attempt=run["run_attempt"])
