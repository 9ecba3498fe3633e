"""Why a line won, in words made of the features that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.rank.model import reasons

if TYPE_CHECKING:
    from diagnose.rank.reading import Candidate, Reading

_CONTEXT: Final[dict[str, str]] = {
    "log_from_end": "its distance to the end of the failed step",
    "log_from_start": "its distance to the start of the failed step",
    "relative": "where in the failed step it stands",
    "first_telling": "it is the first line of the step that tells of a failure",
    "nth_telling": "how many telling lines stand before it",
    "after_blank": "a block begins with it",
    "before_blank": "a block ends with it",
    "deeper_next": "indented lines follow it",
    "dedent": "it ends an indented part",
    "rarity": "how often lines of its shape occur in this log",
    "once": "no other line of this log has its shape",
    "red": "the tool printed it in red",
    "in_passing": "a passing run prints it too",
    "prev_T": "the line before it tells of a failure",
    "next_T": "the line after it tells of a failure",
    "prev_H": "the line before it is a heading of failures",
    "near_T": "lines near it tell of a failure",
    "told_line": "it is the line that says that the step failed",
    "rule_weight": "how telling its rule is",
    "rule_first": "it is the first hit of its rule",
    "rule_count": "how many hits of its rule stand before it",
    "cause_near": "a rule knows a cause right beside it",
    "cause_elsewhere": "a rule knows a cause elsewhere in the step",
    "column0": "it begins in the first column",
    "blank": "nothing in it has a known shape",
    "only_step": "it stands in the only step that failed",
    "first_step": "it stands in the first step that failed",
    "last_step": "it stands in the last step that failed",
    "in_run": "telling lines stand in a row here",
    "run_start": "a row of telling lines begins with it",
}


def runner_up(reading: Reading, candidate: Candidate) -> Candidate | None:
    """Find the best other candidate of the same log."""
    return next((other for other in reading.candidates if other.line != candidate.line), None)


def words(reading: Reading, candidate: Candidate) -> list[str]:
    """Give the reasons, greatest first, each a sentence of our own words; against the runner-up, or against nothing."""
    other = runner_up(reading, candidate)
    than = other.values if other else tuple(0.0 for _ in candidate.values)
    return [f"{'for' if gain > 0 else 'against'} it: {_word(name)} ({gain:+.2f})" for name, gain in reasons(candidate.values, than) if abs(gain) >= 0.01]  # noqa: PLR2004 - less decides nothing


def _word(name: str) -> str:
    kind, colon, rest = name.partition(":")
    if kind == "shape" and colon:
        return f"its shape: {rest.replace('_', ' ')}"
    if kind == "rule" and colon:
        return f"a rule of kind {rest} knows it"
    return _CONTEXT.get(name, name.replace("_", " "))
