"""Whose it is: log-odds over named evidence, with vetoes. Weights are judgements of checks on real threads, not fitted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import Missing
from diagnose.model.report import Attribution
from diagnose.model.text import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.model.finding import SuspectFinding
    from diagnose.model.report import Cause
    from diagnose.model.text import Phrase
    from diagnose.model.words import Verdict
    from diagnose.scan.rule import Rule

_PRIOR: Final[dict[Verdict, float]] = {"change": 0.0, "base": -1.5, "flaky": -1.5, "infrastructure": -1.5, "unknown": 1.2}
_DETERMINISTIC: Final = ("compile", "type-check", "lint", "format")
_LEAST: Final = 0.6
_MARGIN: Final = 0.2


def attribute(case: Case, cause: Cause | None, rule: Rule | None, suspects: Sequence[SuspectFinding]) -> Attribution:
    """Weigh what is known; "unknown" when the best is under 0.6 or hardly better than the next."""
    if cause is None:
        return Attribution("unknown", 0.0, (phrase("no cause was found, so there is nothing to attribute"),))
    odds = dict(_PRIOR)
    reasons: dict[Verdict, list[Phrase]] = {verdict: [] for verdict in odds}

    def add(verdict: Verdict, weight: float, reason: Phrase) -> None:
        odds[verdict] += weight
        if weight > 0:
            reasons[verdict].append(reason)

    for suspect in suspects:
        add(suspect.verdict, suspect.weight, suspect.reason)
    doubts = [suspect.reason for suspect in suspects if suspect.weight <= 0]
    jobs = {job.name for job, reading in zip(case.incident.jobs, case.readings, strict=True) if reading is not None}
    _from_base(case, jobs, add)
    _from_attempts(case, jobs, cause, add)
    if rule is not None and rule.flaky and cause.category not in _DETERMINISTIC:
        add("flaky", 0.7, phrase("failures of this kind come and go"))
    if rule is not None and rule.infrastructure and cause.category not in _DETERMINISTIC:
        add("infrastructure", 4.0, phrase("the message is one of the machine or a service, not of the code"))
    elif cause.category in ("infrastructure", "network"):
        add("infrastructure", 2.0, phrase("the failure is of the kind that machines and services bring about"))
    return _decide(odds, reasons, doubts)


def _from_base(case: Case, jobs: set[str], add) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a local closure
    base = case.incident.base
    if base is None or isinstance(base, Missing):
        return
    for result in base:
        if result.job not in jobs:
            continue
        if result.status == "failure":
            add("base", 4.0, phrase("the base branch's newest run of this job fails too"))
            add("change", -2.0, phrase(""))
        elif result.status == "success":
            add("change", 2.0, phrase("the base branch passes this job"))
            add("base", -4.0, phrase(""))
        return


def _from_attempts(case: Case, jobs: set[str], cause: Cause, add) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a local closure
    attempts = case.incident.attempts
    if attempts is None or isinstance(attempts, Missing):
        return
    same = [attempt for attempt in attempts if attempt.job in jobs]
    if any(attempt.status == "success" for attempt in same):
        add("flaky", 5.0, phrase("the same commit passed this job in another attempt"))
        add("change", -3.0, phrase(""))
        add("base", -3.0, phrase(""))
    elif len([attempt for attempt in same if attempt.status == "failure"]) >= 2 and cause.category in _DETERMINISTIC:  # noqa: PLR2004 - twice more
        add("flaky", -4.0, phrase(""))


def _decide(odds: dict[Verdict, float], reasons: dict[Verdict, list[Phrase]], doubts: list[Phrase]) -> Attribution:
    total = sum(math.exp(value) for value in odds.values())
    shares = sorted(((math.exp(value) / total, verdict) for verdict, value in odds.items()), reverse=True)
    (best, verdict), (second, _) = shares[:2]
    if verdict == "unknown" or best < _LEAST or best - second < _MARGIN or not reasons[verdict]:
        told = [*(reason for each in reasons.values() for reason in each), *doubts]
        why = tuple(told) or (phrase("nothing to compare with: no earlier run, no change, no base is known"),)
        return Attribution("unknown", round(1 - best, 3) if verdict != "unknown" else round(best, 3), why)
    return Attribution(verdict, round(min(best, 0.97), 3), tuple(reasons[verdict]))
