"""Jobs that were ended from outside, in the report: where nothing in the log failed by itself, what ended the job is the root cause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.model.report import Cause, FixStrategy, Minutes
from diagnose.model.text import phrase
from diagnose.safety.plain import plain
from diagnose.synthesis.minutes import BY_CATEGORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.model.evidence import Evidence
    from diagnose.model.stop import Stop, StopReason
    from diagnose.model.text import Phrase
    from diagnose.model.words import Category
    from diagnose.scan.rule import Rule

ENOUGH: Final = 0.5
"""The confidence from which a line that no rule knows stays the answer where nothing says who cancelled the job."""

_CATEGORIES: Final[dict[StopReason, Category]] = {
    "newer-run": "other", "fail-fast": "other", "person": "other", "unknown": "other", "shutdown": "infrastructure", "lost-runner": "infrastructure",
}  # fmt: skip
_NOTHING_TO_MEND: Final = ("newer-run", "fail-fast", "person")
_AT_ONCE: Final = Minutes(0, 1, 5)


@dataclass(frozen=True, slots=True)
class Told:
    """The root cause and the fix, as they stand with the stops; the same as before where no stop explains them."""

    root: Cause | None
    fix: FixStrategy | None
    by: Stop | None = None


def with_stops(
    root: Cause | None,
    fix: FixStrategy | None,
    stops: Sequence[Stop],
    rules: Mapping[str, Rule],
    *,
    remembered: bool = False,
) -> Told:
    """Put what ended the job in the place of a line that only happens to be its last; a failure that a rule knows stays.

    remembered: the fix is what helped before; it stays too.
    """
    stop = _of(root, stops)
    if stop is None or (root is not None and not _gives_way(root, stop, rules)):
        return Told(root, fix)
    category = (
        "timeout"
        if stop.pace == "hung" and stop.reason not in _NOTHING_TO_MEND
        else _CATEGORIES.get(stop.reason, "timeout")
    )
    told = phrase(stop.title, "; " if stop.doing else "", stop.doing)
    evidence = _evidence(root, stop, rules)
    if root is None:
        root = Cause(
            "c1", _title(stop), category, "", "", stop.jobs[0], None, evidence, stop.confidence, told, jobs=stop.jobs
        )
    else:
        sure = max(root.confidence, stop.confidence) if evidence[0] == root.evidence[0] else stop.confidence
        root = replace(
            root, title=_title(stop), category=category, evidence=evidence, confidence=sure, explanation=told
        )
    if fix is None or not remembered:
        minutes = _AT_ONCE if stop.reason in _NOTHING_TO_MEND else BY_CATEGORY[category]
        fix = FixStrategy(stop.advice, (), minutes, "category", "low")
    return Told(root, fix, stop)


def _of(root: Cause | None, stops: Sequence[Stop]) -> Stop | None:
    """Find the stop that the root cause's job was ended by; without a root cause the first."""
    if root is None:
        return stops[0] if stops else None
    job = plain(root.job)
    return next((stop for stop in stops if job in {plain(each) for each in stop.jobs}), None)


def _gives_way(root: Cause, stop: Stop, rules: Mapping[str, Rule]) -> bool:
    rule = rules.get(root.rule)
    if rule is None:
        return stop.reason != "unknown" or stop.pace == "hung" or root.confidence < ENOUGH
    if rule.kind in ("wrapper", "warning"):
        return True
    at = root.evidence[0]
    return any((each.log, each.line) == (at.log, at.line) for each in stop.evidence[:1])


def _evidence(root: Cause | None, stop: Stop, rules: Mapping[str, Rule]) -> tuple[Evidence, ...]:
    """Put the line that tells first: the one that a rule knows, or the test that hangs, or what ended the job."""
    own = stop.evidence
    if root is not None and root.rule and rules.get(root.rule) is not None and rules[root.rule].kind != "wrapper":
        shown = {(each.log, line) for each in root.evidence for line in range(each.line, each.end_line + 1)}
        return (*root.evidence, *(each for each in own if (each.log, each.line) not in shown))
    if stop.pace == "hung" and len(own) > 1 and stop.reason not in _NOTHING_TO_MEND:
        return (*own[1:], own[0])
    return own


def _title(stop: Stop) -> Phrase:
    if stop.pace != "hung" or stop.reason in _NOTHING_TO_MEND:
        return stop.title
    if stop.test is not None:
        return phrase("the job hung behind " if stop.after else "the job hung in ", stop.test)
    return phrase("the job hung: ", stop.title)
