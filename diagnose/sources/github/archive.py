"""The logs of many jobs of one run by one request: GitHub gives a run's logs as a zip, once the run has ended.

The archive names a job by its name alone, without some letters and cut short, so only a name that no other job of the run comes to is taken,
and a log that itself says another name is not. What the archive does not give is asked for job by job.
Source: cli/cli `pkg/cmd/run/view/logs.go` for the names; the runner ends "Set up job" with "Complete job name: ...".
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from diagnose.kit.regex import regex
from diagnose.model.incident import LogFile, Missing
from diagnose.safety.archives import read_log_archive
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diagnose.model.incident import Job
    from diagnose.safety.archives import Member
    from diagnose.sources.github.session import Session

FROM: Final = 30
"""Logs of one run from which on its archive is asked for."""

MOST_BYTES: Final = 256 << 20
MOST_NAME: Final = 90  # UTF-16 code units
HEAD: Final = 256 << 10
_MEMBER: Final = regex(r"-?\d{1,9}_([^/]+)\.txt")
_CALLED: Final = regex(rb"Complete job name: ([^\r\n]{1,1000})")


def member_name(job: str) -> str:
    """Return what an archive calls a job."""
    units = re.sub("[/:]", "", job).encode("utf-16-le", "surrogatepass")[: 2 * MOST_NAME]
    return units.decode("utf-16-le", "replace").strip()


async def from_archives(
    session: Session, jobs: Sequence[Job], wanted: Sequence[Job], name: Callable[[Job], str]
) -> dict[str, LogFile]:
    """Return logs of `wanted`, by the job's id, as far as the archives of their runs give them. name: what a report calls a log."""
    count = Counter((job.run_id, job.attempt) for job in wanted)
    out: dict[str, LogFile] = {}
    for (run, attempt), many in count.items():
        if many < FROM or not run.isdigit():
            continue
        path = session.spool / f"run-{run}-{attempt}.zip"
        size = await session.client.download(
            session.at(f"/actions/runs/{run}/attempts/{attempt}/logs"), path, most=MOST_BYTES
        )
        if isinstance(size, Trouble):
            continue
        of_run = [job for job in jobs if (job.run_id, job.attempt) == (run, attempt)]
        chosen = [job for job in wanted if (job.run_id, job.attempt) == (run, attempt)]
        for job, target in await anyio.to_thread.run_sync(_taken, session.spool, path, of_run, chosen):
            out[job.id] = LogFile(name(job), target)
    return out


def _taken(spool: Path, path: Path, of_run: Sequence[Job], wanted: Sequence[Job]) -> list[tuple[Job, Path]]:
    """Copy the logs out of one archive, which is then taken away."""
    archive = read_log_archive(path)
    out: list[tuple[Job, Path]] = []
    if isinstance(archive, Missing):
        path.unlink(missing_ok=True)
        return out
    names = Counter(member_name(job.name) for job in of_run)
    members: dict[str, list[Member]] = {}
    for member in archive.members:
        found = _MEMBER.fullmatch(member.name)
        if found:
            members.setdefault(found[1], []).append(member)
    for job in wanted:
        here = members.get(member_name(job.name), [])
        if len(here) != 1 or names[member_name(job.name)] != 1:
            continue
        target = spool / f"{job.id}.log"
        if _copied(here[0], target) and _is_of(target, job.name):
            out.append((job, target))
        else:
            target.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    return out


def _copied(member: Member, target: Path) -> bool:
    with target.open("wb") as file:
        done = member.copy_to(file)
    return not isinstance(done, Missing) and done > 0


def _is_of(path: Path, job: str) -> bool:
    """Tell whether a log is this job's, as far as it says."""
    with path.open("rb") as file:
        found = _CALLED.search(file.read(HEAD))
    return found is None or found[1].decode("utf-8", "replace").strip() == job.strip()
