"""Whose it is: log-odds over named comparisons, with vetoes. Who is named is named by a control; without one it is "unknown".

Unknown counts as the change's for everything that follows from it: nothing here ever says that a change is safe to merge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diagnose.model.report import Attribution
from diagnose.model.text import phrase
from diagnose.synthesis.whose import again, compared, machine, moved, weights
from diagnose.synthesis.whose.said import SAID, said_by
from diagnose.synthesis.whose.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.case import Case
    from diagnose.model.check import Check
    from diagnose.model.finding import SuspectFinding
    from diagnose.model.report import Cause, KnownPattern
    from diagnose.model.text import Phrase
    from diagnose.scan.rule import Rule


@dataclass(frozen=True, slots=True)
class Beside:
    """What else is known. suspects: what agents say of this cause. known: patterns that memory knows it by. blocks: checks that stopped the diagnosis."""

    suspects: Sequence[SuspectFinding] = ()
    known: Sequence[KnownPattern] = ()
    blocks: Sequence[Check] = ()


def attribute(case: Case, cause: Cause | None, rules: Mapping[str, Rule], beside: Beside) -> Attribution:
    """Weigh what is known of a cause; of a blocked run what the block itself says."""
    found = _of_block(beside.blocks, rules) if cause is None else _of_cause(case, cause, rules, beside)
    return replace(found, requests=case.incident.asked)


def _of_block(blocks: Sequence[Check], rules: Mapping[str, Rule]) -> Attribution:
    said = said_by(blocks, rules)
    if said is None or said.verdict == "unknown":
        why = said.why if said is not None else "no cause was found, so there is nothing to attribute"
        return Attribution("unknown", 0.0, (phrase(why),))
    return Attribution(
        said.verdict, weights.MOST, (phrase(said.why),), "message", decision=None if said.again else phrase(said.why)
    )


def _of_cause(case: Case, cause: Cause, rules: Mapping[str, Rule], beside: Beside) -> Attribution:
    rule, tally = rules.get(cause.rule), Tally()
    for suspect in beside.suspects:
        # an agent that names no comparison has looked at the diff
        tally.add(
            suspect.verdict,
            suspect.weight,
            suspect.reason,
            suspect.control or ("diff-file" if suspect.verdict == "change" else ""),
        )
    touched = any(suspect.verdict == "change" and suspect.weight >= weights.TOUCHES for suspect in beside.suspects)
    compared.weigh(case, cause, tally, touched=touched)
    again.weigh(case, cause, tally, rule, beside.known, touched_test=tally.has("diff-test"))
    touched = moved.weigh(case, cause, tally) or touched
    said = SAID.get(cause.rule)
    if said is not None and said.verdict == "base" and not touched:
        tally.add("base", weights.SAME_ON_BASE, phrase(said.why), "message")
    machine.weigh(case, cause, tally, rule)
    if cause.category not in weights.ALWAYS_SO and not touched:
        # one green elsewhere does not tell a change from a failure that comes and goes
        tally.vetoed.add("change")
    found = tally.decide()
    return replace(found, decision=_decision(case, cause, tally, found, rule))


def _decision(case: Case, cause: Cause, tally: Tally, found: Attribution, rule: Rule | None) -> Phrase | None:
    """Say what only a person can decide, by the verdict."""
    if found.verdict == "base":
        return _of_base(case, cause, tally)
    if found.verdict == "flaky":
        return phrase(
            "A person decides whether the test is mended, or set aside with an owner and a date; a passing run hides it only."
        )
    if found.verdict == "infrastructure" and (rule is None or not rule.retry):
        return phrase("Whoever runs the machine or the service acts: running again does not help by itself.")
    if found.verdict == "unknown" and not tally.pieces:
        return None
    if found.verdict == "unknown":
        return phrase("Until a person has compared, it counts as the change's.")
    return None


def _of_base(case: Case, cause: Cause, tally: Tally) -> Phrase:
    if compared.mended(case, cause, tally):
        return phrase("Bring the branch up to date: the base passes this job by now.")
    if tally.has("base-red"):
        return phrase(
            "The base itself fails: a person decides whether to mend it there or to wait; bringing the branch up to date does not help."
        )
    if tally.has("merge-base-red"):
        return phrase(
            "A person decides where to mend it: the commit at which the branch left the base fails too, and no newer green is known."
        )
    return phrase("It came from outside this change: a person decides who mends it, for it stops everybody.")
