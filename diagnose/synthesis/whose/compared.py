"""The base, the merge base and other pull requests: whether they fail, and with the same failure.

A red job elsewhere is no match by itself: only the same failure is. An exit code, a kill, a cancellation, a time limit are no signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.case import Asked
from diagnose.hangs.endings import ENDS
from diagnose.kit.regex import regex
from diagnose.model.incident import Branch
from diagnose.model.text import Untrusted, phrase
from diagnose.rank.causes import causes_of
from diagnose.safety.plain import plain
from diagnose.synthesis.whose import weights
from diagnose.synthesis.whose.chosen import RED, disagree, heard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.model.incident import ControlKind
    from diagnose.model.report import Cause
    from diagnose.model.text import Phrase
    from diagnose.model.words import Weighed
    from diagnose.rank.reading import Reading
    from diagnose.synthesis.whose.chosen import Heard
    from diagnose.synthesis.whose.tally import Tally

CANDIDATES: Final = 10
SHORT: Final = 7
LEAST_SIBLINGS: Final = 2
LEAST_WORDS: Final = 3
"""Of a line that no rule knows: fewer are printed by runs that pass too."""

_WORD: Final = regex(r"[^\W\d_]{2,}")
_NO_SIGNATURE: Final = regex(
    r"(?i)\bexit(?:ed)?\b.{0,20}\b(?:code|status)?\W{0,3}(?:124|137|143)\b|\bcancell?ed\b|timed? ?out\b.{0,30}\b(?:minutes|seconds|after)|"
    r"^\W*(?:\S+: line \d+:\s+\d+ )?(?:killed|terminated|aborted)\b|signal:? (?:killed|9|15)|shutdown signal|exceeded the maximum execution time"
)


def weigh(case: Case, cause: Cause, tally: Tally, *, touched: bool) -> None:
    """Weigh what other runs of the cause's jobs say. touched: the failure names what the change touched."""
    own, left = heard(case, cause)
    asked = asked_of(case, cause)
    shown = [(one, one.reading is not None and _shows(case, asked, one.reading)) for one in own]
    red = _on_base(case, tally, shown)
    siblings = _on_siblings(case, tally, shown, compared=asked is not None)
    if (red or siblings) and touched:
        tally.add("base", weights.IN_THE_DIFF)
    if red or siblings:
        return
    mate = next((one for one in left if one.reading is not None and _shows(case, asked, one.reading)), None)
    if mate is not None:
        tally.doubts.append(phrase(*_at(mate.control.kind), " another job of its matrix shows the same failure"))
    else:
        _green(case, cause, tally, own)


def asked_of(case: Case, cause: Cause) -> Asked | None:
    """Give what a failure is known by; None where its telling line is no signature: it would be like many others."""
    first = cause.evidence[0]
    log = case.log_named(first.log) if first.line else None
    line = plain(first.text).split("\n", 1)[0]
    if log is None or _NO_SIGNATURE.search(line) or (cause.category == "timeout" and not cause.failed_tests):
        return None
    if not cause.rule and (_was_ended(case, plain(cause.job)) or len(set(_WORD.findall(line))) < LEAST_WORDS):
        return None
    return Asked(case.identity(log, first.line), cause.category, cause.tool, cause.rule)


def _was_ended(case: Case, job: str) -> bool:
    """Whether a job was ended from outside: then a line that no rule knows is what it happened to print last."""
    for each, reading in zip(case.incident.jobs, case.readings, strict=True):
        if each.name == job and (
            each.status == "cancelled"
            or (reading is not None and any(match.rule.id in ENDS for match in reading.scan.matches))
        ):
            return True
    return False


def _shows(case: Case, asked: Asked | None, reading: Reading) -> bool:
    """Whether one of the first causes of another log is this failure."""
    if asked is None:
        return False
    for group in causes_of(reading)[:CANDIDATES]:
        other = Asked(case.identity(reading.log, group.lead.line), group.category, group.tool, group.rule)
        if case.alike(asked, other):
            return True
    return False


def _on_base(case: Case, tally: Tally, shown: Sequence[tuple[Heard, bool]]) -> bool:
    """Weigh the reds of the base and the merge base; True when one shows the same failure."""
    same = unread = False
    for kind in ("base", "merge-base"):
        of_kind = [(one, match) for one, match in shown if one.control.kind == kind]
        split = disagree([one for one, _ in of_kind])
        if split and not any(match for _, match in of_kind):
            tally.doubts.append(phrase(*_at(kind), " other jobs of its matrix disagree: some pass, some fail"))
        for one, match in of_kind:
            if one.control.status not in RED or (split and one.mate and not match):
                continue
            where = _where(case, one)
            if match:
                name: Weighed = "base-red" if kind == "base" else "merge-base-red"
                tally.add(
                    "base", 0.0 if same else weights.SAME_ON_BASE, phrase(*where, " shows the same failure"), name
                )
                same = True
            elif one.reading is None:
                # the jobs of a matrix fail together: the second that was not read says nothing new
                weight = 0.0 if unread else weights.RED_UNREAD
                tally.add("base", weight, phrase(*where, " fails too; its log was not compared"))
                unread = True
            else:
                tally.doubts.append(phrase(*where, " fails too, but with another failure"))
    if same:
        tally.add("change", weights.NOT_THE_CHANGE)
    return same


def _at(kind: ControlKind) -> tuple[str, ...]:
    return ("at the commit at which the branch left the base",) if kind == "merge-base" else ("on the base branch",)


def _where(case: Case, one: Heard) -> tuple[str | Untrusted, ...]:
    control = one.control
    at = (" (", case.said(control.sha[:SHORT]), ")") if control.sha else ()
    if control.kind == "merge-base":
        left = "the commit at which the branch left the base"
        return (f"another job of its matrix, at {left}" if one.mate else left, *at, *("," if one.mate else ""))
    if one.mate:
        return ("another job of its matrix, in the base branch's newest run", *at, ",")
    return ("the base branch's newest run of this job", *at)


def _on_siblings(case: Case, tally: Tally, shown: Sequence[tuple[Heard, bool]], *, compared: bool) -> bool:
    """Weigh the pull requests of other people; True when two or more show the same failure."""
    siblings = [(one.control, match) for one, match in shown if one.control.kind == "sibling"]
    same = {control.author: control for control, match in siblings if match}
    if len(same) >= LEAST_SIBLINGS:
        names: list[str | Untrusted | Phrase] = []
        for control in same.values():
            names += [", " if names else "", case.said(control.branch or control.author)]
        tally.add(
            "base",
            weights.SIBLINGS,
            phrase(f"{len(same)} pull requests of other people fail the same way within a day: ", *names),
            "siblings",
        )
        tally.add("change", weights.NOT_BY_SIBLINGS)
        return True
    if same:
        tally.add(
            "base", weights.ONE_SIBLING, phrase("a pull request of somebody else fails the same way; one may be chance")
        )
    elif siblings and compared:
        tally.doubts.append(phrase("other people's pull requests fail this job too, but with another failure"))
    return False


def _green(case: Case, cause: Cause, tally: Tally, own: Sequence[Heard]) -> None:
    """Weigh that the base passes. A green from before the failure leaves open what broke since; one from after does not."""
    told = [one for one in own if one.control.kind != "sibling"]
    greens = [one for one in told if one.control.status == "success"]
    if not greens or any(one.control.status in RED for one in told):
        return
    failed = next((job for job in case.incident.jobs if job.name == plain(cause.job)), None)
    began = failed.started_at if failed is not None else None
    after = any(one.control.at is not None and began is not None and one.control.at > began for one in greens)
    what = "other jobs of this matrix" if all(one.mate for one in greens) else "this job"
    tally.add("change", weights.GREEN, phrase(f"the base branch passes {what}"), "base-green")
    tally.add("base", weights.GREEN_AFTER if after else weights.GREEN_BEFORE)
    tally.add("flaky", weights.GREEN_OTHERS)
    tally.add("infrastructure", weights.GREEN_OTHERS)


def mended(case: Case, cause: Cause, tally: Tally) -> bool:
    """Whether the base has mended what the branch still shows: only then does bringing the branch up to date help."""
    branch = case.incident.branch
    behind = isinstance(branch, Branch) and bool(branch.behind)
    tips = [one.control.status for one in heard(case, cause)[0] if one.control.kind == "base"]
    return behind and "success" in tips and not set(tips) & set(RED) and tally.has("merge-base-red")
