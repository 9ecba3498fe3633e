"""Which lines of which files are marked beside a change, and what the marks say: at most ten, and none that would be blame.

A mark stands where a cause has a file of the checkout. There is none where the failure is the base's, flaky or the infrastructure's, and
none where a person is asked: a red mark on an innocent diff accuses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from diagnose.model.text import Untrusted, joined, phrase
from diagnose.render import several, title, words
from diagnose.safety.runner import annotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.model.report import Cause, Report, SilentFailure
    from diagnose.model.text import Phrase
    from diagnose.render.interface import Tree

MOST: Final = 10
"""GitHub shows ten of a level for a step and drops the rest."""
_NAMED: Final = 20
_INNOCENT: Final = ("base", "flaky", "infrastructure")
Where = tuple[Untrusted, int | None, Untrusted | None]


@dataclass(frozen=True, slots=True)
class Note:
    """One mark. file: relative, fit to be shown. line: 1-based, None where the tool named none."""

    level: Literal["error", "warning"]
    file: str
    line: int | None
    title: Phrase
    message: Phrase


def commands(report: Report, tree: Tree | None) -> list[str]:
    """Return the workflow commands that make the marks, each with its line feed."""
    return [
        annotation(one.level, one.message, file=one.file, line=one.line, title=one.title) for one in notes(report, tree)
    ]


def notes(report: Report, tree: Tree | None) -> list[Note]:
    """Return the marks, the root cause's first: one for a cause and file; where there are more than ten, the tenth tells of the rest."""
    if (
        tree is None
        or report.requires_escalation
        or report.attribution.verdict in _INNOCENT
        or title.state(report) not in ("failed", "hidden")
    ):
        return []
    found = [*_of_causes(report, tree), *_of_hidden(report, tree)]
    return found if len(found) <= MOST else [*found[: MOST - 1], _rest(found[MOST - 1 :])]


def places_of(cause: Cause) -> list[Where]:
    """Return a cause's places, one a file, in the order of the log: those of its failed tests, then of its errors."""
    every: list[Where] = [(test.file, test.line, test.message) for test in cause.failed_tests if test.file is not None]
    errors = [one for one in cause.locations if one.severity == "error"] or list(cause.locations)
    every += [(one.file, one.line, one.message) for one in errors]
    return every


def _of_causes(report: Report, tree: Tree) -> Iterator[Note]:
    for cause in (*((report.root_cause,) if report.root_cause else ()), *several.beside(report)):
        seen: set[str] = set()
        for file, line, message in places_of(cause):
            at = tree.place(file, line)
            if at is not None and at[0] not in seen:
                seen.add(at[0])
                yield Note("error", *at, title.cause_title(report, cause), _message(report, cause, message))


def _message(report: Report, cause: Cause, said: Untrusted | None) -> Phrase:
    """Return what the tool says at this place, else the line that tells, and what to do about the root cause."""
    telling = (
        phrase(said) if said else phrase(cause.evidence[0].text.map(lambda text: text.strip("\r\n").split("\n")[0]))
    )
    strategy = report.fix_strategy
    if strategy is None or cause is not report.root_cause:
        return telling
    return phrase(telling, "\nFix: ", strategy.summary, " ", words.minutes(strategy.minutes))


def _of_hidden(report: Report, tree: Tree) -> Iterator[Note]:
    for one in report.hidden:
        at = tree.place(one.place.file, one.place.line) if one.place is not None else None
        if at is not None:
            yield Note("warning", *at, one.title, _lost(one))


def _lost(one: SilentFailure) -> Phrase:
    why = phrase(one.why, "\n") if one.why else phrase()
    return phrase(why, one.text, "\nFix: ", one.advice)


def _rest(left: Sequence[Note]) -> Note:
    """Make the tenth mark of all that are left: its own place, how many there are, and where."""
    first = left[0]
    others = joined((phrase(f"{one.file}:{one.line}" if one.line else one.file) for one in left[1 : _NAMED + 1]), ", ")
    more = f" and {len(left) - 1 - _NAMED:,} more" if len(left) > _NAMED + 1 else ""
    told = phrase(first.message, f"\nNot marked: {words.count(len(left) - 1, 'more place')}: ", others, more)
    return Note(first.level, first.file, first.line, first.title, told)
