"""Several causes: which of the others are causes beside the first one, which are other readings of it, and what merely follows what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.render import title

if TYPE_CHECKING:
    from diagnose.model.report import Cause, Report
    from diagnose.model.text import Untrusted
    from diagnose.render.voice import Voice

# the confidence of a later cause is measured too: from here on it is right more often than not, so it is counted as a cause
_COUNTS: Final = 0.5
_WORDS: Final = regex(r"[^\W\d_]{3,}")


def beside(report: Report) -> tuple[Cause, ...]:
    """Return the causes beside the root cause: a rule knows them, they are more likely right than not, and they follow nothing."""
    if title.state(report) != "failed":
        return report.findings
    told = [report.root_cause] if report.root_cause is not None else []
    own: list[Cause] = []
    for one in report.alternatives:
        if one.rule and one.confidence >= _COUNTS and not one.follows and not any(_same(one, other) for other in told):
            own.append(one)
            told.append(one)
    return tuple(sorted((*own, *report.findings), key=lambda one: -one.confidence))


def _same(one: Cause, other: Cause) -> bool:
    """Whether two rules tell of one failure: their lines stand next to each other, and do not name two places."""
    here, there = one.evidence[0], other.evidence[0]
    if here.log != there.log or not here.line or abs(here.line - there.line) > 1:
        return False
    mine, its = _places(one), _places(other)
    return not mine or not its or bool(mine & its)


def _places(cause: Cause) -> set[tuple[Untrusted, int | None]]:
    tests = {(test.file, test.line) for test in cause.failed_tests if test.file is not None}
    return tests | {(place.file, place.line) for place in cause.locations}


def readings(report: Report) -> tuple[Cause, ...]:
    """Return the other readings of the root cause, and what follows it: the alternatives that are no cause beside it."""
    counted = {one.id for one in beside(report)}
    return tuple(one for one in report.alternatives if one.id not in counted)


def rivals(report: Report, voice: Voice) -> tuple[Cause, ...]:
    """Return the other readings that stand in a job of the root cause: what another job shows is no reading of it."""
    if report.root_cause is None:
        return readings(report)
    own = {voice.say(job) for job in (*report.root_cause.jobs, report.root_cause.job)}
    told = (report.root_cause, *beside(report))
    return tuple(
        one
        for one in readings(report)
        if own & {voice.say(job) for job in (*one.jobs, one.job)}
        and not (one.rule and any(_same(one, other) for other in told))
    )


def worth_a_row(one: Cause, report: Report, voice: Voice) -> bool:
    """Whether a rival is named: beside what a rule knows, a line that none knows is most often a piece of the same output.

    It is named when it is more likely right than not and says something, or is no line of the log at all.
    """
    if one.rule or not one.evidence[0].line or report.root_cause is None or not report.root_cause.rule:
        return True
    return one.confidence >= _COUNTS and len(_WORDS.findall(voice.say(one.title))) > 1


def follows(cause: Cause, report: Report, voice: Voice) -> str:
    """Return "follows line 123", "" for a cause that follows nothing; the line's log where there are several."""
    every = [one for one in (report.root_cause, *report.alternatives, *report.findings) if one is not None]
    first = next((one for one in every if one.id in cause.follows), None)
    if first is None:
        return ""
    at = first.evidence[0]
    several = len({job.log for job in report.jobs}) > 1
    return f"follows {voice.say(at.log)}:{at.line}" if several else f"follows line {at.line}"
