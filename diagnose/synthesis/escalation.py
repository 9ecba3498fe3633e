"""When a person is asked, and why: every trigger of the contract."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from diagnose.model.report import Escalation
from diagnose.model.text import phrase
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.check import Check
    from diagnose.model.report import AgentRun, Attribution, Cause, FixStrategy
    from diagnose.scan.rule import Rule


def escalations(  # noqa: PLR0913 - one argument a trigger
    *,
    root: Cause | None,
    causes: Sequence[Cause],
    fix: FixStrategy | None,
    attribution: Attribution,
    rule: Rule | None,
    blocks: Sequence[Check],
    agents: Sequence[AgentRun],
    below: float,
    over_minutes: float,
) -> tuple[Escalation, ...]:
    """Every reason to ask a person, in the contract's order. below: confidence; over_minutes: the likely time to fix."""
    out: list[Escalation] = []
    if root is None and not blocks:
        out.append(Escalation("confidence", phrase("No line of the log points to a failure.")))
    elif root is not None and root.confidence < below:
        out.append(
            Escalation(
                "confidence",
                phrase(
                    f"The first line is right with probability {math.floor(root.confidence * 100 + 1e-9) / 100:.2f}, "
                    f"under {below:.2f}: a person should judge it."
                ),
            )
        )
    if fix is not None and fix.minutes.likely > over_minutes:
        out.append(
            Escalation(
                "fix_time",
                phrase(f"The fix takes about {fix.minutes.likely:.0f} minutes, more than {over_minutes:.0f}."),
            )
        )
    if (
        attribution.verdict == "infrastructure"
        or (root is not None and root.category == "infrastructure")
        or (rule is not None and rule.infrastructure and not rule.retry)
    ):
        out.append(
            Escalation("infrastructure", phrase("The machine or a service is touched; the code alone cannot mend it."))
        )
    systems = {cause.category for cause in _independent(causes)}
    if len(systems) > 1:
        out.append(
            Escalation(
                "several_systems",
                phrase(f"Independent failures of {len(systems)} kinds: {', '.join(sorted(systems))}."),
            )
        )
    out += [Escalation("blocked", phrase(f"The check {check.name} blocks: ", check.message)) for check in blocks]
    failed = [agent.name for agent in agents if agent.status in ("error", "timeout")]
    if failed:
        out.append(Escalation("agents", phrase(f"Not every agent answered: {', '.join(failed)}.")))
    return tuple(out)


def _independent(causes: Sequence[Cause]) -> list[Cause]:
    """Causes that a rule knows, in different jobs, that follow nothing: really several, not several readings of one."""
    seen: set[str] = set()
    out: list[Cause] = []
    for cause in causes:
        job = plain(cause.job)
        if cause.rule and not cause.follows and job not in seen:
            out.append(cause)
        seen.add(job)
    return out
