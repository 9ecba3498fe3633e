"""A run's log archive, as GitHub gives it for `actions/runs/{id}/logs`: one log a job.

`0_build.txt` is a whole job; `build/4_Run pytest.txt` is one step of it. Where step files are there they are used, each line
with its job and step in front (the form of `gh run view --log`), since only they name the steps; else the job's own file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.incident import LogFile, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.archives import read_log_archive
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.safety.archives import Member

_JOB: Final = regex(r"-?\d+_(?P<job>[^/]+)\.txt")
_STEP: Final = regex(r"(?P<job>[^/]+)/(?P<number>\d+)_(?P<step>[^/]+)\.txt")
_BOM: Final = b"\xef\xbb\xbf"
_CONTROL: Final = regex(r"[\x00-\x1f\x7f]")


def logs_of(path: Path, spool: Path) -> list[LogFile | Missing] | Refusal:
    """Copy each job's log out of the archive into the folder `spool`, under names of ours."""
    archive = read_log_archive(path)
    if isinstance(archive, Missing):
        return Refusal(
            "bad-reply",
            phrase("the archive ", Untrusted(path.name), " is not read: ", archive.why),
            "download it again",
        )
    steps: dict[str, list[tuple[int, str, Member]]] = {}
    jobs: dict[str, Member] = {}
    for member in archive.members:
        if member.name.startswith("__MACOSX/"):
            continue
        if found := _STEP.fullmatch(member.name):
            steps.setdefault(found["job"], []).append((int(found["number"]), found["step"], member))
        elif found := _JOB.fullmatch(member.name):
            jobs[found["job"]] = member
        elif member.name.endswith((".txt", ".log")) and "/" not in member.name:
            jobs[member.name.rsplit(".", 1)[0]] = member
    out: list[LogFile | Missing] = list(archive.skipped)
    for place, job in enumerate(sorted({*jobs, *steps})):
        target = spool / f"archive-{place}.log"
        problem = _from_steps(job, steps[job], target) if job in steps else _copy(jobs[job], target)
        if problem is not None:
            return Refusal(
                "bad-reply",
                phrase("the archive ", Untrusted(path.name), " is not read: ", problem.why),
                "download it again",
            )
        if target.stat().st_size:
            out.append(LogFile(f"{_CONTROL.sub(' ', job)}.txt", target))
    return out


def _copy(member: Member, target: Path) -> Missing | None:
    with target.open("wb") as file:
        done = member.copy_to(file)
    return done if isinstance(done, Missing) else None


def _from_steps(job: str, members: list[tuple[int, str, Member]], target: Path) -> Missing | None:
    piece = target.with_suffix(".step")
    with target.open("wb") as out:
        for _, step, member in sorted(members, key=lambda each: each[0]):
            problem = _copy(member, piece)
            if problem is not None:
                return problem
            prefix = f"{_CONTROL.sub(' ', job)}\t{_CONTROL.sub(' ', step)}\t".encode()
            with piece.open("rb") as lines:
                for line in lines:
                    out.write(prefix + line.removeprefix(_BOM) + (b"" if line.endswith(b"\n") else b"\n"))
    piece.unlink(missing_ok=True)
    return None
