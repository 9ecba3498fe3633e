"""The logs of jobs that passed, where nothing failed: a green run can hide a failure, and only its logs show it.

At most `Options.most_passing` of them, one of each matrix first, and as many as leave requests to the rest of the diagnosis. What was
not looked into is said once, not once a job.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import LogFile, Missing
from diagnose.model.text import phrase
from diagnose.sources.github.baseline import RESERVE, short_of_requests, stem_of
from diagnose.sources.github.limits import whole_number
from diagnose.sources.github.logs import read_log
from diagnose.sources.github.session import together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.incident import Job
    from diagnose.sources.github.session import Session

FINE: Final = frozenset({"success", "skipped", "neutral"})
READ: Final = frozenset({"success", "neutral"})
WHAT: Final = phrase("hidden failures")


async def read_green(session: Session, jobs: Sequence[Job]) -> tuple[list[Job], list[Missing]]:
    """Return `jobs` with the logs of those that passed, and what was not looked into; as they are where one failed or still runs."""
    if session.options.most_passing < 1 or any(
        job.status not in FINE for job in jobs if job.id != session.options.own_job
    ):
        return list(jobs), []
    able = [job for job in jobs if job.status in READ and job.id.isdigit() and not isinstance(job.log, LogFile)]
    short = short_of_requests(session)
    if short is not None and able:
        return list(jobs), [replace(short, what=WHAT, remedy="--job ID")]
    asked = _first_ones(able)[: min(session.options.most_passing, _left(session))]

    def told(done: int) -> None:
        session.progress("logs", done, len(asked))

    logs = dict(
        zip(
            [job.id for job in asked],
            await together([partial(read_log, session, job) for job in asked], told),
            strict=True,
        )
    )
    filled = [replace(job, log=log) if isinstance(log := logs.get(job.id), LogFile) else job for job in jobs]
    return filled, _unseen(list(logs.values()), len(able))


def _left(session: Session) -> int:
    """Count the requests that may go to logs of green jobs: of this diagnosis' own and of those that GitHub still allows."""
    client = session.client
    allowed = whole_number(client.headers.get("x-ratelimit-remaining"))
    own = client.budget - client.used
    return max(0, (own if allowed is None else min(own, allowed)) - RESERVE)


def _first_ones(jobs: Sequence[Job]) -> list[Job]:
    """Put one job of each matrix before the others: members of a matrix hide the same."""
    first: dict[tuple[str, str], Job] = {}
    for job in jobs:
        first.setdefault((job.workflow, stem_of(job.name)), job)
    chosen = {job.id for job in first.values()}
    return [*first.values(), *(job for job in jobs if job.id not in chosen)]


def _unseen(logs: Sequence[LogFile | Missing], able: int) -> list[Missing]:
    gone = [log for log in logs if isinstance(log, Missing)]
    told: list[Missing] = []
    if gone:
        many = f" So it is with {len(gone) - 1} more." if len(gone) > 1 else ""
        told.append(replace(gone[0], why=gone[0].why + phrase(many)) if many else gone[0])
    if len(logs) < able:
        why = phrase(f"the logs of {len(logs)} of {able} jobs that passed were asked for, not more.")
        told.append(Missing(WHAT, "too-large", why, "--job ID, or CI_DIAGNOSE_PASSING_LOGS=150"))
    return told
