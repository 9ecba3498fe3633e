"""Runner images and actions in use that a service withdrew or is about to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.checks.failing import FAILED
from diagnose.checks.tables import actions, images
from diagnose.model.incident import Missing
from diagnose.model.text import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from diagnose.case import Case
    from diagnose.logs.log import Line
    from diagnose.model.report import Evidence
    from diagnose.model.text import Phrase

HORIZON: Final = timedelta(days=90)
_SETUP_LINES: Final = 400
_ACTION: Final = re.compile(r"Download action repository '([\w.-]{1,100}/[\w.-]{1,100})@v(\d{1,3})(?:\.[\w.-]{1,40})?'")
_IMAGE: Final = re.compile(r"Image: ([\w.-]{1,60})$")


class Withdrawn(NamedTuple):
    """What is withdrawn, in words; `blocks` when the job could not even begin for it."""

    job: int
    message: Phrase
    advice: str
    blocks: bool
    evidence: tuple[Evidence, ...] = ()


def withdrawn(case: Case) -> Iterator[Withdrawn]:
    """Everything withdrawn that the jobs of `case` name: labels of jobs that never ran, then what their logs list."""
    seen: set[str] = set()
    for job in range(len(case.incident.jobs)):
        yield from _labels(case, job)
        for key, item in _listed(case, job):
            if key not in seen:
                seen.add(key)
                yield item


def _labels(case: Case, index: int) -> Iterator[Withdrawn]:
    """Find retired labels: a job on one waits for a machine that does not come, or is failed without a log."""
    job = case.incident.jobs[index]
    ran = job.steps or not isinstance(job.log, Missing)
    if ran or "self-hosted" in job.labels or job.status not in (*FAILED, "queued", "waiting"):
        return
    today = case.now.date()
    for label in job.labels:
        row = images().get(label.lower())
        if row is not None and row.removed <= today:
            message = phrase("the job ", case.said(job.name), f" asks for {label.lower()}, which was removed on {row.removed}")
            yield Withdrawn(index, message, f"Use {row.advice}.", blocks=True)


def _listed(case: Case, index: int) -> Iterator[tuple[str, Withdrawn]]:
    reading = case.readings[index]
    if reading is None or not reading.log.dialect.name.startswith("github"):
        return
    today = case.now.date()
    for line in reading.log.lines(1, _SETUP_LINES):
        found = _of_line(line, today)
        if found is not None:
            key, text, advice = found
            yield key, Withdrawn(index, text, advice, blocks=False, evidence=(case.quote(reading.log, line.number, line.number),))


def _of_line(line: Line, today: date) -> tuple[str, Phrase, str] | None:
    action = _ACTION.match(line.text)
    if action:
        name, major = action[1].lower(), f"v{action[2]}"
        row = actions().get((name, major))
        if row is not None and row.removed <= today:
            return f"{name}@{major}", phrase(f"{name}@{major} is refused since {row.removed}"), f"Use {row.advice}."
    image = _IMAGE.match(line.text)
    if image:
        row = images().get(image[1])
        # an image that ran and is gone by now is an old log's: only what is still to come is news
        if row is not None and today < row.removed <= today + HORIZON:
            return image[1], phrase(f"{image[1]} will be removed on {row.removed}"), f"Use {row.advice}."
    return None
