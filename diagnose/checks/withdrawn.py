"""Runner images and actions in use that a service withdrew or is about to, and images that are others than in the last green run."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.checks.failing import FAILED
from diagnose.checks.tables import BROWNOUT_FROM, actions, aliases, images
from diagnose.logs.preamble import preamble_of
from diagnose.model.incident import Missing, Passing
from diagnose.model.text import phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from diagnose.case import Case
    from diagnose.checks.tables import Retired
    from diagnose.logs.preamble import Preamble, Used
    from diagnose.model.incident import Job
    from diagnose.model.report import Evidence
    from diagnose.model.text import Phrase

HORIZON: Final = timedelta(days=90)
LONGEST_WAIT: Final = timedelta(minutes=15)
"""A guess: hosted machines come within a minute or two."""

_OWN_MACHINES: Final = (
    "See that a runner with all of these labels is online. GitHub lets no runner register that is older than 2.329.0, "
    "and gives no job to a release that is 30 days behind its successor."
)
_RULE: Final = (
    "Somebody who may approve it does so on the run's page, or its timer runs out; running again does not help."
)
_HOSTED_MACHINES: Final = "GitHub has no such machine free, or the account runs as many jobs at once as it may: wait, or look at www.githubstatus.com."


class Withdrawn(NamedTuple):
    """What is withdrawn or moved, in words; `blocks` when the job could not even begin for it; `notice` when it stopped nothing."""

    job: int
    message: Phrase
    advice: str
    blocks: bool = False
    notice: bool = False
    evidence: tuple[Evidence, ...] = ()


def withdrawn(case: Case, failed: Collection[int]) -> Iterator[Withdrawn]:
    """Everything that the jobs of `case` name and that is withdrawn: labels of jobs that never ran, then what logs list.

    failed: the indices of the jobs that failed.
    """
    seen: set[str] = set()
    for index, reading in enumerate(case.readings):
        yield from _unstarted(case, index)
        if reading is None:
            continue
        preamble = preamble_of(reading.log)
        for key, item in [*_listed(case, index, preamble), *_moved(case, index, preamble, failed=index in failed)]:
            if key not in seen:
                seen.add(key)
                yield item


def _unstarted(case: Case, index: int) -> Iterator[Withdrawn]:
    """A job on a retired label waits for a machine that does not come, or is failed without a log."""
    job = case.incident.jobs[index]
    ran = job.steps or not isinstance(job.log, Missing)
    if ran or job.status not in (*FAILED, "queued", "waiting"):
        return
    gone = None if "self-hosted" in job.labels else _gone(case, index)
    if gone is not None:
        yield gone
    elif job.status == "queued":
        yield from _waiting(case, index)
    elif job.status == "waiting":
        message = phrase("the job ", case.said(job.name), " waits for a protection rule of its environment")
        yield Withdrawn(index, message, _RULE)


def _gone(case: Case, index: int) -> Withdrawn | None:
    job = case.incident.jobs[index]
    for label in (label.lower() for label in job.labels):
        row = images().get(label)
        if row is None:
            continue
        if row.removed <= case.now.date():
            message = phrase("the job ", case.said(job.name), f" asks for {label}, which was removed on {row.removed}")
            return Withdrawn(index, message, f"Use {row.advice}.", blocks=True)
        day = _brownout(job, row)
        if day is not None:
            message = phrase(
                "the job ",
                case.said(job.name),
                f" asks for {label}, whose jobs fail by plan on {day} from {BROWNOUT_FROM}:00 UTC",
            )
            advice = (
                f"A run after midnight UTC passes again, until {label} is removed on {row.removed}: use {row.advice}."
            )
            return Withdrawn(index, message, advice, blocks=True)
    return None


def _brownout(job: Job, row: Retired) -> date | None:
    """Give the day of the brownout in whose hours the job was to begin."""
    at = job.started_at or job.completed_at
    if at is None or job.status not in FAILED:
        return None
    at = at.astimezone(UTC)
    return at.date() if at.date() in row.brownouts and at.hour >= BROWNOUT_FROM else None


def _waiting(case: Case, index: int) -> Iterator[Withdrawn]:
    job = case.incident.jobs[index]
    if job.started_at is None or not job.labels or case.now - job.started_at <= LONGEST_WAIT:
        return
    minutes = (case.now - job.started_at) // timedelta(minutes=1)
    labels = case.said(", ".join(job.labels))
    own = "self-hosted" in job.labels or not any(
        label.lower().startswith(("ubuntu", "windows", "macos")) for label in job.labels
    )
    message = phrase("the job ", case.said(job.name), f" has waited {minutes} min for a runner with ", labels)
    yield Withdrawn(index, message, _OWN_MACHINES if own else _HOSTED_MACHINES)


def _listed(case: Case, index: int, preamble: Preamble) -> Iterator[tuple[str, Withdrawn]]:
    """What a log lists as used was still served when it was written: a notice, whatever became of it since."""
    today = case.now.date()
    for used in preamble.used:
        row = actions().get((used.name, _major(used)))
        if row is not None and row.removed <= today:
            text = phrase(f"{used.name}@{_major(used)} is refused since {row.removed}")
            yield f"{used.name}@{_major(used)}", _notice(case, index, text, f"Use {row.advice}.", used.line)
    image = images().get(_plain(preamble.image))
    # an image that ran and is gone by now is an old log's: only what is still to come is news
    if image is not None and (image.deprecated or image.removed - HORIZON) <= today < image.removed:
        text = phrase(f"{preamble.image} will be removed on {image.removed}")
        yield preamble.image, _notice(case, index, text, f"Use {image.advice}.", preamble.image_line)


def _plain(image: str) -> str:
    """Give the image's name without its architecture: both are withdrawn together."""
    return image.removesuffix("-arm64")


def _major(used: Used) -> str:
    return used.ref.partition(".")[0]


def _notice(case: Case, index: int, text: Phrase, advice: str, line: int) -> Withdrawn:
    reading = case.readings[index]
    evidence = (case.quote(reading.log, line, line),) if reading is not None and line else ()
    return Withdrawn(index, text, advice, notice=True, evidence=evidence)


def _moved(case: Case, index: int, preamble: Preamble, *, failed: bool) -> Iterator[tuple[str, Withdrawn]]:
    """Compare the machine's image with that of the same job's last green run."""
    job = case.incident.jobs[index]
    scan = case.passing[index] if index < len(case.passing) else None
    if scan is None or not preamble.image or (isinstance(job.passing, Passing) and job.passing.job != job.name):
        return
    before = preamble_of(scan.log)
    if not before.image or (preamble.labels and before.labels and preamble.labels != before.labels):
        return  # another machine was asked for: that is the workflow's or the matrix's doing
    if before.image != preamble.image:
        text = phrase(
            "the image is ",
            case.said(preamble.image),
            " here and was ",
            case.said(before.image),
            " in the last green run",
            _alias(preamble, before),
        )
        advice = "Name the former image in runs-on to see whether this one is the reason."
        yield (
            f"{before.image}>{preamble.image}",
            _notice(case, index, text, advice, preamble.image_line)._replace(notice=not failed),
        )
    elif before.image_version and preamble.image_version and before.image_version != preamble.image_version:
        version, former = case.said(preamble.image_version), case.said(before.image_version)
        text = phrase(
            "the image ",
            case.said(preamble.image),
            " is of version ",
            version,
            " here and was of ",
            former,
            " in the last green run",
        )
        yield f"{before.image_version}>{preamble.image_version}", _notice(case, index, text, "", preamble.image_line)


def _alias(preamble: Preamble, before: Preamble) -> str:
    """Say which label moved between the two images, and when; "" where none is known to have."""
    both = {_plain(preamble.image), _plain(before.image)}
    alias = next((each for each in aliases() if {each.image, each.before} == both), None)
    asked = [label.removesuffix("-xlarge").removesuffix("-large") for label in preamble.labels or before.labels]
    if alias is None or (asked and alias.name not in asked):
        return ""
    return f": {alias.name} moved from {alias.before} to {alias.image} between {alias.first} and {alias.last}"
