"""Several causes: which of the others are causes beside the first one, which are other readings of it, and what merely follows what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render import title

if TYPE_CHECKING:
    from diagnose.model.report import Cause, Report
    from diagnose.render.voice import Voice

# the confidence of a later cause is measured too: from here on it is right more often than not, so it is counted as a cause
_COUNTS: Final = 0.5


def beside(report: Report) -> tuple[Cause, ...]:
    """Return the causes beside the root cause: a rule knows them, they are more likely right than not, and they follow nothing."""
    if title.state(report) != "failed":
        return report.findings
    own = tuple(one for one in report.alternatives if one.rule and one.confidence >= _COUNTS and not one.follows)
    return (*own, *report.findings)


def readings(report: Report) -> tuple[Cause, ...]:
    """Return the other readings of the root cause, and what follows it: the alternatives that are no cause beside it."""
    counted = {one.id for one in beside(report)}
    return tuple(one for one in report.alternatives if one.id not in counted)


def rivals(report: Report, voice: Voice) -> tuple[Cause, ...]:
    """Return the other readings that stand in a job of the root cause: what another job shows is no reading of it."""
    if report.root_cause is None:
        return readings(report)
    own = {voice.say(job) for job in (*report.root_cause.jobs, report.root_cause.job)}
    return tuple(one for one in readings(report) if own & {voice.say(job) for job in (*one.jobs, one.job)})


def follows(cause: Cause, report: Report, voice: Voice) -> str:
    """Return "follows line 123", "" for a cause that follows nothing; the line's log where there are several."""
    every = [one for one in (report.root_cause, *report.alternatives, *report.findings) if one is not None]
    first = next((one for one in every if one.id in cause.follows), None)
    if first is None:
        return ""
    at = first.evidence[0]
    several = len({job.log for job in report.jobs}) > 1
    return f"follows {voice.say(at.log)}:{at.line}" if several else f"follows line {at.line}"
