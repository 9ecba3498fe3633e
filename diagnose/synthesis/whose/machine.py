"""Whether the machine or a service did it: what the message says, in which step, and in how many jobs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.text import phrase
from diagnose.rank.causes import causes_of
from diagnose.rank.outcome import outcome_of
from diagnose.safety.plain import plain
from diagnose.scan.hosts import is_own_host
from diagnose.synthesis.whose import weights
from diagnose.synthesis.whose.said import SAID

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.report import Cause
    from diagnose.model.text import Phrase
    from diagnose.rank.reading import Reading
    from diagnose.scan.rule import Rule
    from diagnose.synthesis.whose.tally import Tally

FAILED: Final = ("failure", "timed_out", "cancelled", "startup_failure")
MANY: Final = 3
"""Unrelated jobs that fail by the machine at once, from which on one place is to blame."""

_SETS_UP: Final = regex(
    r"(?i)^(?:run )?(?:actions/(?:checkout|cache|setup-[\w-]+|(?:up|down)load-artifact)|[\w.-]+/setup-[\w-]+|docker/(?:login|setup)[\w-]*)(?:/[\w-]+)*@|"
    r"^(?:set up job|initialize containers|complete job|post |pull |stop containers|check ?out\b|set ?up \w+)"
)


def weigh(case: Case, cause: Cause, tally: Tally, rule: Rule | None) -> None:
    """Weigh the message, the step and the other jobs. A test or compiler error in one of the cause's jobs vetoes the verdict."""
    jobs = {plain(job) for job in (cause.job, *cause.jobs)}
    if any(
        is_real(reading)
        for job, reading in zip(case.incident.jobs, case.readings, strict=True)
        if job.name in jobs and reading is not None
    ):
        tally.vetoed.add("infrastructure")
    own = _loopback(cause)
    if rule is not None and rule.infrastructure and cause.category not in weights.ALWAYS_SO:
        if own:
            tally.doubts.append(phrase("the address is the job's own: it should have started what does not answer"))
        elif "infrastructure" not in tally.vetoed:
            tally.add("infrastructure", weights.MESSAGE, _message(rule), "message")
    elif cause.category in ("infrastructure", "network") and not own:
        tally.add(
            "infrastructure", weights.KIND, phrase("the failure is of the kind that machines and services bring about")
        )
    if cause.step is not None and _SETS_UP.search(plain(cause.step.name)) and cause.category not in weights.REAL:
        tally.add(
            "infrastructure",
            weights.STEP,
            phrase("the step that failed sets the job up: none of the project's code ran in it"),
            "step",
        )
        tally.add("change", weights.NOT_IN_SETUP)
    if "infrastructure" not in tally.vetoed:
        _many(case, tally)


def _message(rule: Rule) -> Phrase:
    said = SAID.get(rule.id)
    return phrase(said.why if said is not None else "the message is one of the machine or a service, not of the code")


def _loopback(cause: Cause) -> bool:
    return cause.category in ("network", "infrastructure") and is_own_host(plain(cause.evidence[0].text))


def is_real(reading: Reading) -> bool:
    """Whether a test, compiler or linter fails in one of the failed steps of a log."""
    spans = [(window.first, window.last) for window in reading.windows if not window.before]
    return any(
        match.rule.kind in ("cause", "detail") and match.rule.category in weights.REAL and not match.rule.infrastructure
        and any(first <= match.line <= last for first, last in spans)
        for match in reading.scan.matches
    )  # fmt: skip


def failed_jobs(case: Case) -> list[int]:
    """Return the indices of the jobs that failed, canceled ones left out where others failed by themselves: they only follow."""
    every = [
        place for place, (job, reading) in enumerate(zip(case.incident.jobs, case.readings, strict=True))
        if job.status in FAILED or (job.status == "unknown" and reading is not None and outcome_of(reading).status == "failed")
    ]  # fmt: skip
    own = [place for place in every if case.incident.jobs[place].status != "cancelled"]
    return own or every


def _many(case: Case, tally: Tally) -> None:
    """Weigh failures of the machine's kind in unrelated jobs at once: other workflows, or names that no matrix joins."""
    hit: set[tuple[str, str]] = set()
    for place in failed_jobs(case):
        reading, job = case.readings[place], case.incident.jobs[place]
        groups = causes_of(reading) if reading is not None and not is_real(reading) else []
        if groups and groups[0].lead.match is not None and groups[0].lead.match.rule.infrastructure:
            hit.add((job.workflow, job.name.partition(" (")[0]))
    if len({workflow for workflow, _ in hit if workflow}) > 1 or len(hit) >= MANY:
        tally.add(
            "infrastructure", weights.MANY_JOBS, phrase(f"{len(hit)} unrelated jobs fail that way at once"), "many-jobs"
        )
