"""Whether it comes and goes: the same commit passed, a pattern that memory knows to pass on a re-run, words of time and order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.incident import Missing
from diagnose.model.text import phrase
from diagnose.safety.plain import plain
from diagnose.synthesis.whose import weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.model.incident import Attempt
    from diagnose.model.report import Cause, KnownPattern
    from diagnose.scan.rule import Rule
    from diagnose.synthesis.whose.tally import Tally

SAME: Final = 0.88
MANY_REDS: Final = 2
"""Failures at this commit before the one at hand: three in a row come of something that stays."""

_WORDS: Final = regex(
    r"(?i)\btimed? ?out\b|\bdeadline exceeded\b|address already in use|\bport \d+ (?:is )?(?:already )?(?:in use|taken)|data race|connection reset|\bdeadlock\b"
)


def weigh(
    case: Case, cause: Cause, tally: Tally, rule: Rule | None, known: Sequence[KnownPattern], *, touched_test: bool
) -> None:
    """Weigh earlier results of this commit, known patterns and words. touched_test: the failing test is in the diff."""
    before = earlier(case, {plain(job) for job in (cause.job, *cause.jobs)})
    passed = any(attempt.status == "success" for attempt in before)
    always = cause.category in weights.ALWAYS_SO
    if passed:
        # that proves that it can pass, not that something outside is to blame: the words say no more
        reason = phrase("the same commit passed this job in another attempt")
        tally.add("flaky", weights.SAME_COMMIT, reason, "same-commit")
        tally.add("change", weights.PASSED_BEFORE)
        tally.add("base", weights.PASSED_BEFORE)
    reds = sum(attempt.status in ("failure", "timed_out") for attempt in before)
    if reds >= MANY_REDS and not passed:
        tally.add("flaky", weights.REDS, phrase(f"it failed {reds + 1} times in a row at this commit"))
        tally.add("infrastructure", weights.ALWAYS_THIS)
    if always:
        tally.add("flaky", weights.DETERMINISTIC)
        return
    if any(pattern.flaky and pattern.similarity >= SAME for pattern in known):
        tally.add(
            "flaky",
            weights.KNOWN_FLAKY,
            phrase("this failure is known: the same code passed when it was run again"),
            "known-flaky",
        )
    if rule is not None and (rule.flaky or (cause.category == "test" and _WORDS.search(plain(cause.evidence[0].text)))):
        tally.add("flaky", weights.FLAKY_WORDS, phrase("failures of this kind come and go"))
    if touched_test:
        tally.add("flaky", weights.TEST_TOUCHED)
        if tally.has("same-commit", "known-flaky"):
            tally.cautions.append(
                phrase("the change touches the failing test itself: that it comes and goes acquits nobody")
            )


def earlier(case: Case, jobs: set[str]) -> list[Attempt]:
    """Return what these jobs did at this commit in other attempts and runs."""
    attempts = case.incident.attempts
    if attempts is None or isinstance(attempts, Missing):
        return []
    return [attempt for attempt in attempts if attempt.job in jobs]
