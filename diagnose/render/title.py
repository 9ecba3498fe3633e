"""The first line: a state, and a sentence that stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from diagnose.model.text import Phrase, phrase
from diagnose.rank.elsewhere import NOT_HERE
from diagnose.render import words

if TYPE_CHECKING:
    from diagnose.model.report import Cause, Report

State = Literal["failed", "unclear", "blocked", "hidden", "passed", "undetermined"]
_WORD: Final[dict[State, str]] = {
    "failed": "Failed",
    "unclear": "Failed",
    "blocked": "Blocked",
    "hidden": "Passed",
    "passed": "Passed",
    "undetermined": "Undetermined",
}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six")
_ENDED_BADLY: Final = ("failure", "timed_out", "startup_failure", "cancelled", "action_required")


@dataclass(frozen=True, slots=True)
class Title:
    """word: the state in words. joint: what stands between it and the sentence (": " or ", ")."""

    state: State
    word: str
    joint: str
    sentence: Phrase


def readings(report: Report) -> tuple[Cause, ...]:
    """Return the candidates of an unclear answer, best first."""
    every = (*((report.root_cause,) if report.root_cause else ()), *report.alternatives)
    return tuple(one for one in every if one is every[0] or one.rule or not _holds(one, every[0]))


def _holds(one: Cause, other: Cause) -> bool:
    """Whether the first quotes the other's telling line too: then it is the same place, read from a line before."""
    at = other.evidence[0]
    return any(piece.log == at.log and 0 < piece.line <= at.line <= piece.end_line for piece in one.evidence)


def state(report: Report) -> State:
    """Tell which of the six kinds of answer this is."""
    if report.status == "passed":
        return "hidden" if report.hidden else "passed"
    if words.blocking(report):
        return "blocked"
    if report.status == "undetermined":
        return "unclear" if readings(report) and _went_wrong(report) else "undetermined"
    if report.root_cause is None or any(one.trigger == "confidence" for one in report.escalation):
        return "unclear"
    return "failed"


def _went_wrong(report: Report) -> bool:
    return any(job.status in _ENDED_BADLY for job in report.jobs) or any(one.exit_code for one in readings(report))


def title(report: Report) -> Title:
    """Return the first line of the answer."""
    kind = state(report)
    sentence = {
        "failed": _failed,
        "unclear": _unclear,
        "blocked": _blocked,
        "hidden": _hidden,
        "passed": _passed,
        "undetermined": _undetermined,
    }[kind](report)
    joint = ", " if kind in ("unclear", "hidden") else ": "
    return Title(kind, _WORD[kind], joint, sentence)


def cause_title(report: Report, cause: Cause) -> Phrase:
    """Return a cause's own title, with what memory knows of it."""
    known = words.known(report, cause.id)
    if known is None or not known.fixed_by:
        return cause.title
    return phrase(cause.title, f". Known: seen {words.count(known.seen, 'time')}, fixed by ", known.fixed_by)


def _failed(report: Report) -> Phrase:
    if report.root_cause is None:
        return phrase("no line tells why")
    jobs = len(report.root_cause.jobs)
    alike = f"{jobs:,} jobs, one cause: " if jobs > 1 else ""
    return phrase(alike, cause_title(report, report.root_cause))


def _unclear(report: Report) -> Phrase:
    found = len(readings(report))
    if not found:
        return phrase("cause unclear: no line of the log tells why")
    if _elsewhere(report):
        return phrase("cause not in this log: ", readings(report)[0].title)
    number = _NUMBERS[found] if found < len(_NUMBERS) else str(found)
    asks = "a person should choose" if found > 1 else "a person should judge it"
    return phrase(f"cause unclear: {number} reading{'s' if found > 1 else ''}, {asks}")


def _blocked(report: Report) -> Phrase:
    check = words.blocking(report)
    if report.root_cause:
        return report.root_cause.title
    return check.message if check else phrase("a check failed")


def _hidden(report: Report) -> Phrase:
    first, *others = report.hidden
    more = f" ({words.count(len(others), 'more hidden failure')})" if others else ""
    return phrase("but ", first.title, more)


def _passed(report: Report) -> Phrase:
    tests = report.totals.run if report.totals else None
    counted = [words.count(len(report.jobs), "job")] if report.jobs else []
    counted += [words.count(tests, "test")] if tests is not None else []
    return phrase(", ".join([*counted, _looked(report)]))


def _looked(report: Report) -> str:
    """Say what was looked into: that nothing is hidden is said of logs that were read, and of no others."""
    ran = [job for job in report.jobs if job.status not in ("skipped", "neutral")]
    read = sum(bool(job.log) for job in ran)
    if ran and not read:
        return "no log of which was read" if len(ran) == 1 else "none of whose logs was read"
    return "no hidden failure found" + (f" in the {words.count(read, 'log')} read" if read < len(ran) else "")


def _elsewhere(report: Report) -> bool:
    """Whether the first reading says what the log does not hold."""
    return readings(report)[0].explanation.parts[:1] == (NOT_HERE,)


def _undetermined(report: Report) -> Phrase:
    if readings(report) and _elsewhere(report):
        return phrase(readings(report)[0].title)
    if readings(report):
        return phrase("nothing says whether it failed; the likeliest line is below")
    if report.hidden:
        return phrase("nothing says whether it failed, but ", report.hidden[0].title)
    return phrase("nothing says whether it failed, and no line points to a failure")
