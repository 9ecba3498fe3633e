"""The life of a repository, run after run: what fails, what is pushed, what passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.support.github_logs import ROUNDING, python_job
from tests.support.github_world import World, changed, commit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.github_world import Json

ORDERS = changed(
    "src/app/orders.py",
    patch="@@ -31,2 +31,2 @@\n         total = Decimal(0)\n-        return total\n+        return total.quantize(CENT)",
)
README = changed("README.md", patch="@@ -1 +1 @@\n-a\n+b")
PIN = changed("requirements.txt", patch="@@ -1,2 +1,2 @@\n httpx\n-urllib3==2.0\n+urllib3==1.26.18")
CONFLICT = [
    "ERROR: Cannot install botocore==1.31.0 and urllib3==2.0 because these package versions have conflicting dependencies.",
    "", "The conflict is caused by:", "    The user requested urllib3==2.0", "    botocore 1.31.0 depends on urllib3<1.27 and >=1.25.4", "",
    "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/#dealing-with-dependency-conflicts",
    "##[error]Process completed with exit code 1.",
]  # fmt: skip


def sha(number: int) -> str:
    """A commit's name: 0a01, 0a02, and so on."""
    return f"{0x0A00 + number:04x}".ljust(40, "0")


@dataclass
class Life:
    """Writes a world's runs. `now` moves on with each; commits are numbered, each the child of the one before on its branch."""

    world: World
    at: datetime
    numbers: int = 900
    commits: dict[str, list[Json]] = field(default_factory=dict)

    def push(
        self,
        branch: str,
        number: int,
        files: Sequence[Json],
        message: str,
        *,
        after: timedelta = timedelta(minutes=10),
        parents: Sequence[str] = (),
    ) -> str:
        """Push a commit on a branch; what lies between each earlier one of the branch and this one can be compared."""
        self.at += after
        line = self.commits.setdefault(branch, [])
        made = commit(sha(number), message, [line[-1]["sha"] if line else sha(0), *parents], files, self.at)
        self.world.commits[sha(number)] = self.world.commits[f"heads/{branch}"] = made
        line.append(made)
        for place, earlier in enumerate(line[:-1]):
            between = line[place + 1 :]
            every = {file["filename"]: file for each in between for file in each["files"]}
            bare = [{name: value for name, value in each.items() if name != "files"} for each in between]
            self.world.add_compare(
                earlier["sha"], sha(number), ahead=len(between), behind=0, files=list(every.values()), commits=bare
            )
            self.world.add_compare(sha(number), earlier["sha"], ahead=0, behind=len(between))
        return sha(number)

    def run(self, branch: str, commit_sha: str, failure: list[str] | None, *, job: str = "test", **more: Any) -> Json:
        """Run CI on a commit; `failure` are the lines that the last step prints, None when it passes."""
        self.numbers += 1
        self.at += timedelta(minutes=4)
        conclusion = "failure" if failure else "success"
        ended = self.at
        times = {"created_at": _stamp(ended - timedelta(minutes=2)), "updated_at": _stamp(ended), "event": "push"}
        run = self.world.add_run(
            self.numbers, commit_sha, head_branch=branch, **{**times, "conclusion": conclusion, **more}
        )
        self.add_job(run, job, failure, ended, run["run_attempt"])
        return run

    def add_job(self, run: Json, name: str, failure: list[str] | None, ended: datetime, attempt: int) -> Json:
        """Add a job of an attempt, with its log."""
        number = run["id"] * 100 + attempt * 10 + len(self.world.jobs.get((run["id"], attempt), []))
        began = ended - timedelta(minutes=2)
        job = self.world.add_job(
            run, number, name, "failure" if failure else "success", run_attempt=attempt, began=began, ended=ended
        )
        self.world.give_log(job, python_job(name, "ubuntu-24.04", "3.12", run["head_sha"], failure), began)
        return job

    def rerun(self, run: Json, failure: list[str] | None, *, job: str = "test") -> None:
        """Run the same commit again: a second attempt."""
        self.at += timedelta(minutes=6)
        run |= {
            "run_attempt": run["run_attempt"] + 1,
            "conclusion": "failure" if failure else "success",
            "updated_at": _stamp(self.at),
        }
        self.world.jobs.setdefault((run["id"], run["run_attempt"]), [])
        self.add_job(run, job, failure, self.at, run["run_attempt"])


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def failing_total(value: str = "19.98") -> list[str]:
    """The lines of a test that fails, with another number."""
    return [line.replace("19.98", value) for line in ROUNDING]


def begin(now: datetime, *, days: float = 5) -> Life:
    """A repository whose life began so many days ago."""
    return Life(World("life", now), now - timedelta(days=days))
