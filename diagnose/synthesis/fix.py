"""What to do: from history, else from the rule, else from the category; with minutes, their basis and the risk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.report import FixStep, FixStrategy
from diagnose.model.text import Untrusted, fill, phrase
from diagnose.safety.plain import plain
from diagnose.scan.expression import search
from diagnose.synthesis.minutes import estimated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.report import Cause, KnownPattern
    from diagnose.model.words import Category, Risk
    from diagnose.scan.rule import Rule
    from diagnose.synthesis.minutes import Took

SURE_MATCH: Final = 0.88
_QUOTED: Final = 12
_VALUE: Final = regex(r"\{(\w+)\}")
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
_OF_A_PLACE: Final = ("compile", "type-check", "lint")
_RISK: Final[dict[Category, Risk]] = {
    "format": "low", "lint": "low", "type-check": "low", "compile": "low", "test": "medium", "dependency": "medium",
    "configuration": "medium", "permission": "high", "infrastructure": "low", "network": "low",
}  # fmt: skip


def told_by(known: Sequence[KnownPattern]) -> KnownPattern | None:
    """Return the pattern whose solution is advice: one that somebody vouches for goes before one that a green run suggests."""
    sure = [pattern for pattern in known if pattern.solution and pattern.similarity >= SURE_MATCH]
    return next(iter(sorted(sure, key=lambda pattern: pattern.guessed)), None)


def strategy(
    cause: Cause, rule: Rule | None, told: KnownPattern | None, captures: dict[str, Untrusted], took: Took
) -> FixStrategy:
    """Make the strategy for the root cause. told: what helped before. took: what earlier failures took.

    A cure that nobody has confirmed stands back behind what a rule advises.
    """
    risk = _RISK.get(cause.category, "medium")
    rule, captures = closer(cause, rule, captures)
    steps = _steps(cause, rule, captures)
    minutes, basis = estimated(cause, rule, told, took)
    if told is None or (told.guessed and rule is not None and rule.remedy):
        # the summary is the first thing to do; steps are what comes after it
        return FixStrategy(steps[0].text, steps[1:], minutes, basis, risk)
    if told.guessed:
        return FixStrategy(
            phrase("A run turned green after this, which nobody has confirmed: ", told.solution),
            steps,
            minutes,
            basis,
            "medium" if risk == "low" else risk,
        )
    return FixStrategy(phrase(told.solution), steps, minutes, basis, risk)


def closer(cause: Cause, rule: Rule | None, captures: dict[str, Untrusted]) -> tuple[Rule | None, dict[str, Untrusted]]:
    """Give the rule with the remedy that the quoted lines call for, where it has one closer than its own, and what that captures."""
    if rule is None or not rule.advice:
        return rule, captures
    said = [plain(captures["message"])] if "message" in captures else []
    for line in (*plain(cause.evidence[0].text).split("\n")[:_QUOTED], *said):
        for each in rule.advice:
            found = search(each.when, line, linear=rule.foreign)
            if found is not None:
                named = {name: Untrusted(value) for name, value in found.items()}
                return replace(rule, remedy=each.remedy, minutes=each.minutes or rule.minutes), captures | named
    return rule, captures


def _speaks(cause: Cause) -> bool:
    """Whether a category's advice fits a line that no rule knows: it names the test or the place of which the advice speaks."""
    if cause.category == "test":
        return bool(cause.failed_tests)
    return cause.category == "format" or (cause.category in _OF_A_PLACE and bool(cause.locations))


def _steps(cause: Cause, rule: Rule | None, captures: dict[str, Untrusted]) -> tuple[FixStep, ...]:
    if rule is None or not rule.remedy or not all(captures.get(name) for name in _VALUE.findall(rule.remedy)):
        # a remedy without the values that it speaks of is no sentence
        return (FixStep(phrase(_ADVICE[cause.category if rule is not None or _speaks(cause) else "other"])),)
    commands = tuple(FixStep(phrase("Run"), fill(command.run, captures), command.safe) for command in rule.commands)
    return (FixStep(fill(rule.remedy, captures)), *commands)
