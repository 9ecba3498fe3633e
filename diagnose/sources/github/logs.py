"""The logs of jobs, streamed into files, and the annotations beside them.

A log that is not there has a reason, and the job's state tells it, never the answer's status alone: a 404 is the same for a job that
has just ended and for one whose runner was lost. Some ends of a job (a time limit, a lost runner) are only in its annotations.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.incident import LogFile, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github import sentences
from diagnose.sources.github.archive import from_archives
from diagnose.sources.github.jobs import FAILED
from diagnose.sources.github.notes import find_notes
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from diagnose.model.incident import Annotation, Job
    from diagnose.sources.github.session import Session

STORE_WAITS: Final = (2.0, 4.0)
FRESH_SECONDS: Final = 60.0
BOM_BYTES: Final = 3
UNFIT: Final = regex(r"[^A-Za-z0-9 ._()+,=-]+")
NAME_LENGTH: Final = 80
# the runner's own words, only ever in an annotation (actions/runner)
NEWER_RUN: Final = regex(r"Canceling since a higher priority waiting request for '?(.{1,200}?)'? exists")


def log_name(job: Job) -> str:
    """Return what a report calls the log: the job's name in plain letters, with its id, so that no two are the same."""
    plain = UNFIT.sub("_", job.name).strip(" .")[:NAME_LENGTH].rstrip() or "job"
    return f"{plain} [{job.id}]"


def _ended(session: Session, job: Job) -> timedelta | None:
    return session.clock.now() - job.completed_at if job.completed_at is not None else None


async def read_log(session: Session, job: Job) -> LogFile | Missing:
    """Stream the log of an ended job into the spool."""
    path = session.spool / f"{job.id}.log"
    found = await session.client.download(session.at(f"/actions/jobs/{job.id}/logs"), path)
    ended = _ended(session, job)
    if ended is not None and ended.total_seconds() < FRESH_SECONDS:
        for wait in STORE_WAITS:
            if not isinstance(found, Trouble) or found.kind not in ("not-stored", "not-found"):
                break
            await session.sleep(wait)
            found = await session.client.download(session.at(f"/actions/jobs/{job.id}/logs"), path)
    if isinstance(found, Trouble):
        if found.kind == "gone":
            return sentences.expired_log(job.name, job.run_id, job.completed_at)
        if found.kind in ("not-stored", "not-found"):
            return sentences.not_stored_log(job.name, _ended(session, job), job.run_id)
        return session.missing(found, phrase('the log of job "', Untrusted(job.name), '"'), "Actions logs")
    return (
        sentences.empty_log(job.name)
        if found <= BOM_BYTES and not path.read_bytes().strip(b"\xef\xbb\xbf\r\n ")
        else LogFile(log_name(job), path)
    )


def wanted(jobs: Sequence[Job], begun: frozenset[str], *, everything: bool) -> list[Job]:
    """Choose the jobs whose logs are read: the failed ones; when none failed, those that were canceled; or all that ended."""
    failed = [job for job in jobs if job.status in FAILED and job.id.isdigit()]
    canceled = [job for job in jobs if job.status == "cancelled" and job.id in begun]
    chosen = failed or canceled
    if everything:
        rest = [job for job in jobs if job.id.isdigit() and job.status in ("success", "neutral") and job not in chosen]
        return [*chosen, *rest]
    return chosen


async def fill(session: Session, jobs: Sequence[Job], chosen: Sequence[Job]) -> tuple[list[Job], list[Missing]]:
    """Return `jobs` with the logs of `chosen` and the annotations of those that did not end well; and what could not be had."""
    packed = await from_archives(session, jobs, chosen, log_name)
    rest = [job for job in chosen if job.id not in packed]
    asked = rest[: session.options.most_logs]

    def told(done: int) -> None:
        session.progress("logs", done, len(asked))

    read = await together([partial(read_log, session, job) for job in asked], told)
    logs: dict[str, LogFile | Missing] = {**packed, **dict(zip([job.id for job in asked], read, strict=True))}
    over = {job.id for job in rest[session.options.most_logs :]}
    filled = [
        replace(job, log=logs.get(job.id) or (_over(session, job) if job.id in over else job.log)) for job in jobs
    ]
    asked_for = {job.id for job in chosen}
    unseen = _cut_off([job.log for job in filled if job.id in asked_for])
    notes, lost = await find_notes(session, filled)
    return [_with_notes(job, notes.get(job.id, ())) for job in filled], unseen or lost


def _cut_off(logs: Sequence[LogFile | Missing]) -> list[Missing]:
    """Say once, for all logs, that requests ended before the last of them."""
    stopped = [log for log in logs if isinstance(log, Missing) and log.kind in ("rate-limited", "not-asked")]
    return (
        [sentences.logs_cut_off(stopped[0], sum(isinstance(log, LogFile) for log in logs), len(logs))]
        if stopped
        else []
    )


def _with_notes(job: Job, notes: tuple[Annotation, ...]) -> Job:
    job = replace(job, annotations=notes) if notes else job
    if isinstance(job.log, Missing) and job.log.kind == "cancelled":
        for note in notes:
            group = NEWER_RUN.search(note.message)
            if group:
                return replace(job, log=sentences.cancelled_by(job.log, group[1]))
    return job


def _over(session: Session, job: Job) -> Missing:
    why = phrase(f"only {session.options.most_logs} logs are read one by one.")
    return Missing(phrase('the log of job "', Untrusted(job.name), '"'), "not-asked", why, f"--job {job.id}")
