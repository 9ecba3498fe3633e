"""What to do: from history, else from the rule, else from the category; with minutes, their basis and the risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.model.report import FixStep, FixStrategy, Minutes
from diagnose.model.text import fill, phrase
from diagnose.synthesis.minutes import BY_CATEGORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.report import Cause, KnownPattern
    from diagnose.model.text import Untrusted
    from diagnose.model.words import Basis, Category, Risk
    from diagnose.scan.rule import Rule

SURE_MATCH: Final = 0.88
_ADVICE: Final[dict[Category, str]] = {
    "test": "Read the values that the test shows; change the code, or the test if the new behaviour is wanted.",
    "compile": "Mend the code at the place that the compiler names; the first error often brings the others about.",
    "type-check": "Make the types agree at the place that is named.",
    "lint": "Follow the message at the place that is named.",
    "format": "Run the formatter and commit what it changes.",
    "dependency": "Make the asked versions agree with what exists; look at what changed in the manifest or lock.",
    "build-system": "Look at the target that is named and at what it needs.",
    "configuration": "Correct the setting that is named.",
    "infrastructure": "Run it again once; if it comes back, look at the machine or the service.",
    "network": "Run it again once; if it comes back, look at the service that is named.",
    "resource": "Use less of what ran out, or take a larger runner.",
    "timeout": "Find what did not end; a limit on each test names it.",
    "permission": "Give the token or user the right that is named.",
    "vcs": "Bring the branch up to date and solve what git names.",
    "other": "Look at the line that is quoted and at what stands before it.",
}
_RISK: Final[dict[Category, Risk]] = {
    "format": "low", "lint": "low", "type-check": "low", "compile": "low", "test": "medium", "dependency": "medium",
    "configuration": "medium", "permission": "high", "infrastructure": "low", "network": "low",
}  # fmt: skip


def strategy(cause: Cause, rule: Rule | None, known: Sequence[KnownPattern], captures: dict[str, Untrusted]) -> FixStrategy:
    """Make the strategy for the root cause. known: patterns of this cause, best first."""
    risk = _RISK.get(cause.category, "medium")
    told = next((pattern for pattern in known if pattern.solution and pattern.similarity >= SURE_MATCH), None)
    if told is not None:
        minutes = told.minutes
        spread = Minutes(minutes / 3, minutes, minutes * 3) if minutes is not None else _minutes(cause, rule)
        return FixStrategy(phrase(told.solution), _steps(cause, rule, captures), spread, "history", risk)
    steps = _steps(cause, rule, captures)
    basis: Basis = "rule" if rule is not None and rule.minutes else "category"
    # the summary is the first thing to do; steps are what comes after it
    return FixStrategy(steps[0].text, steps[1:], _minutes(cause, rule), basis, risk)


def _minutes(cause: Cause, rule: Rule | None) -> Minutes:
    if rule is not None and rule.minutes:
        return Minutes(*rule.minutes)
    return BY_CATEGORY[cause.category]


def _steps(cause: Cause, rule: Rule | None, captures: dict[str, Untrusted]) -> tuple[FixStep, ...]:
    if rule is None or not rule.remedy:
        return (FixStep(phrase(_ADVICE[cause.category])),)
    commands = tuple(FixStep(phrase("Run"), fill(command.run, captures), command.safe) for command in rule.commands)
    return (FixStep(fill(rule.remedy, captures)), *commands)
