"""The base, the merge base and other pull requests: whether they fail, and with the same failure.

A red job elsewhere is no match by itself: only the same failure is. An exit code, a kill, a cancellation, a time limit are no signatures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.case import Asked
from diagnose.hangs.endings import ENDS
from diagnose.model.incident import Branch, Control, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.rank.causes import causes_of
from diagnose.safety.plain import plain
from diagnose.synthesis.whose import weights

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.case import Case
    from diagnose.model.report import Cause
    from diagnose.model.text import Phrase
    from diagnose.model.words import Weighed
    from diagnose.rank.reading import Reading
    from diagnose.synthesis.whose.tally import Tally

CANDIDATES: Final = 10
SHORT: Final = 7
LEAST_SIBLINGS: Final = 2
LEAST_WORDS: Final = 3
"""Of a line that no rule knows: fewer are printed by runs that pass too."""

_RED: Final = ("failure", "timed_out")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_NO_SIGNATURE: Final = re.compile(
    r"(?i)\bexit(?:ed)?\b.{0,20}\b(?:code|status)?\W{0,3}(?:124|137|143)\b|\bcancell?ed\b|timed? ?out\b.{0,30}\b(?:minutes|seconds|after)|"
    r"^\W*(?:\S+: line \d+:\s+\d+ )?(?:killed|terminated|aborted)\b|signal:? (?:killed|9|15)|shutdown signal|exceeded the maximum execution time"
)


def weigh(case: Case, cause: Cause, tally: Tally, *, touched: bool) -> None:
    """Weigh what other runs of the cause's jobs say. touched: the failure names what the change touched."""
    stems = {_stem(plain(job)) for job in (cause.job, *cause.jobs)}
    own = [(control, reading) for control, reading in _controls(case) if _stem(control.job) in stems]
    asked = asked_of(case, cause)
    shown = [(control, reading is not None and _shows(case, asked, reading), reading) for control, reading in own]
    red = _on_base(case, tally, shown)
    siblings = _on_siblings(case, tally, shown, compared=asked is not None)
    if (red or siblings) and touched:
        tally.add("base", weights.IN_THE_DIFF)
    _green(case, cause, tally, [control for control, _ in own], stems, red=red or siblings)


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


def _controls(case: Case) -> Iterable[tuple[Control, Reading | None]]:
    readings = case.controls or tuple(None for _ in case.incident.controls)
    return zip(case.incident.controls, readings, strict=True)


def _shows(case: Case, asked: Asked | None, reading: Reading) -> bool:
    """Whether one of the first causes of another log is this failure."""
    if asked is None:
        return False
    for group in causes_of(reading)[:CANDIDATES]:
        other = Asked(case.identity(reading.log, group.lead.line), group.category, group.tool, group.rule)
        if case.alike(asked, other):
            return True
    return False


def _on_base(case: Case, tally: Tally, shown: Iterable[tuple[Control, bool, Reading | None]]) -> bool:
    """Weigh the reds of the base and the merge base; True when one shows the same failure."""
    same = False
    for control, match, reading in shown:
        if control.kind == "sibling" or control.status not in _RED:
            continue
        where = _where(case, control)
        if match:
            name: Weighed = "base-red" if control.kind == "base" else "merge-base-red"
            tally.add("base", 0.0 if same else weights.SAME_ON_BASE, phrase(*where, " shows the same failure"), name)
            same = True
        elif reading is None:
            tally.add("base", weights.RED_UNREAD, phrase(*where, " fails too; its log was not compared"))
        else:
            tally.doubts.append(phrase(*where, " fails too, but with another failure"))
    if same:
        tally.add("change", weights.NOT_THE_CHANGE)
    return same


def _where(case: Case, control: Control) -> tuple[str | Untrusted, ...]:
    at = (" (", case.said(control.sha[:SHORT]), ")") if control.sha else ()
    if control.kind == "merge-base":
        return ("the commit at which the branch left the base", *at)
    return ("the base branch's newest run of this job", *at)


def _on_siblings(
    case: Case, tally: Tally, shown: Iterable[tuple[Control, bool, Reading | None]], *, compared: bool
) -> bool:
    """Weigh the pull requests of other people; True when two or more show the same failure."""
    siblings = [(control, match) for control, match, _ in shown if control.kind == "sibling"]
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


def _green(case: Case, cause: Cause, tally: Tally, own: list[Control], stems: set[str], *, red: bool) -> None:
    """Weigh that the base passes. A green from before the failure leaves open what broke since; one from after does not."""
    greens = [control for control in own if control.kind != "sibling" and control.status == "success"]
    told = {(control.job, control.sha) for control in own}
    base = case.incident.base
    known = () if base is None or isinstance(base, Missing) else base
    for result in known:
        if (result.job, result.sha) in told or _stem(result.job) not in stems:
            continue
        if result.status == "success":
            greens.append(Control("base", result.job, "success", result.sha, result.at))
        elif result.status in _RED:
            tally.add(
                "base",
                weights.RED_UNREAD,
                phrase("the base branch's newest run of this job fails too; its log was not compared"),
            )
            return
    if not greens or red or any(control.kind != "sibling" and control.status in _RED for control in own):
        return
    failed = next((job for job in case.incident.jobs if job.name == plain(cause.job)), None)
    began = failed.started_at if failed is not None else None
    after = any(control.at is not None and began is not None and control.at > began for control in greens)
    tally.add("change", weights.GREEN, phrase("the base branch passes this job"), "base-green")
    tally.add("base", weights.GREEN_AFTER if after else weights.GREEN_BEFORE)
    tally.add("flaky", weights.GREEN_OTHERS)
    tally.add("infrastructure", weights.GREEN_OTHERS)


def mended(case: Case, tally: Tally) -> bool:
    """Whether the base has mended what the branch still shows: only then does bringing the branch up to date help."""
    branch = case.incident.branch
    behind = isinstance(branch, Branch) and bool(branch.behind)
    tip = any(control.kind == "base" and control.status == "success" for control in case.incident.controls)
    return behind and tip and tally.has("merge-base-red")


def _stem(name: str) -> str:
    """Give a job's name without the values of its matrix: `test (3.12, linux)` is a `test`."""
    head, opened, _ = name.partition(" (")
    return head if opened and name.endswith(")") else name
