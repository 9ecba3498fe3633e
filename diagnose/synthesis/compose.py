"""All that was found, to one Report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from diagnose.model.finding import CauseFinding, PatternFinding, SilentFinding, StopFinding, SuspectFinding
from diagnose.model.report import FixStrategy, JobReport, Report, StepReport
from diagnose.model.text import Untrusted, mapped, phrase
from diagnose.rank.elsewhere import NOT_HERE
from diagnose.rank.outcome import outcome_of
from diagnose.safety.plain import plain
from diagnose.synthesis.attribution import Beside, attribute
from diagnose.synthesis.drifted import with_moved
from diagnose.synthesis.escalation import escalations
from diagnose.synthesis.exits import with_exit
from diagnose.synthesis.fix import SURE_MATCH, strategy, told_by
from diagnose.synthesis.grouping import causes as make_causes
from diagnose.synthesis.grouping import merge, step_name
from diagnose.synthesis.minutes import BY_CATEGORY
from diagnose.synthesis.missing import look_elsewhere
from diagnose.synthesis.reports import given, of_report, report_limits, report_totals, runner_rule, united
from diagnose.synthesis.reproduce import reproduce
from diagnose.synthesis.retry import retry
from diagnose.synthesis.stopping import with_stops
from diagnose.synthesis.totals import totals_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from diagnose.case import Case
    from diagnose.model.check import Check
    from diagnose.model.finding import Finding
    from diagnose.model.incident import Job, Missing
    from diagnose.model.report import AgentRun, Cause, KnownPattern, SilentFailure
    from diagnose.model.text import Phrase
    from diagnose.model.words import JobStatus, Status
    from diagnose.rank.reading import Reading
    from diagnose.scan.rule import Rule
    from diagnose.synthesis.minutes import Took

ALTERNATIVES: Final = 5
FINDINGS: Final = 40
FEW_SIGHTINGS: Final = 3
_STILL_RUN: Final = "they have not ended, and GitHub has no log of a running job; --wait waits for them"
HOW_IT_ENDED: Final = "The log does not say how the command ended; `ci-diagnose run -- COMMAND` sees it."
RAISED: Final = 0.15
LIKELY: Final = 0.84
MOST_BY_MEMORY: Final = 0.95
CONFIRMED_TWICE: Final = 0.7
MOST_SURE_ALONE: Final = 0.6
"""How sure one green run can make of its cure (`diagnose.memory.propose`)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a person is asked. below: confidence, 0..1; over_minutes: the likely time of the fix."""

    below: float = 0.7
    over_minutes: float = 30.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the phases brought: checks of phase 1, agents and findings of phase 2, and what was not looked at. took: as memory has it."""

    checks: tuple[Check, ...]
    agents: tuple[AgentRun, ...]
    findings: tuple[Finding, ...]
    unseen: tuple[Phrase, ...]
    took: Took = field(default_factory=dict)


def compose(case: Case, got: Gathered, rules: Mapping[str, Rule], limits: Limits, tool: str) -> Report:
    """Write the report. Its times are filled in by the pipeline."""
    found = [finding for finding in got.findings if isinstance(finding, CauseFinding)]
    suspects = [finding for finding in got.findings if isinstance(finding, SuspectFinding)]
    silent = [finding.failure for finding in got.findings if isinstance(finding, SilentFinding)]
    stops = tuple(finding.stop for finding in got.findings if isinstance(finding, StopFinding))
    blocks = [check for check in got.checks if check.blocking]
    found = united(case, found, rules)
    all_causes = make_causes(case, merge(found), rules)
    all_causes = [cause for cause in all_causes if not _wrapper(cause, rules)] or all_causes
    root = all_causes[0] if all_causes else None
    known = _known(got.findings, root)
    about = [pattern for pattern in known if root is not None and pattern.cause == root.id]
    root = _with_memory(root, about)
    others, rest = _apart(case, root, all_causes[1:])
    rule = rules.get(root.rule) if root is not None else None
    captures = _captures(root, found)
    elsewhere = look_elsewhere(root)
    told = told_by(about)
    remembered = told is not None and not told.guessed
    fix = strategy(root, rule, told, captures, got.took) if root is not None else None
    if elsewhere is not None and root is not None and not remembered:
        fix, root = elsewhere, replace(root, explanation=phrase(NOT_HERE))
    stopped = with_stops(root, fix, stops, rules, remembered=remembered)
    root, fix = (
        with_moved(case, with_exit(case, stopped.root), stopped.fix)
        if stopped.by is None
        else (stopped.root, stopped.fix)
    )
    if stopped.by is not None:  # what ended the job explains its last lines: one that no rule knows is no other reading
        rest = [cause for cause in rest if cause.rule]
    if fix is None and blocks and blocks[0].remedy:
        fix = FixStrategy(phrase(blocks[0].remedy), (), BY_CATEGORY["configuration"], "category", "low")
    whose = attribute(case, root, rules, Beside(_about(root, suspects), about, blocks))
    raised = escalations(
        root=root, causes=[cause for cause in all_causes if not cause.follows], fix=fix, attribution=whose, rule=rule, blocks=blocks,
        agents=got.agents, below=limits.below, over_minutes=limits.over_minutes,
    )  # fmt: skip
    status = status_of(case, root is not None or bool(blocks))
    if status == "undetermined" and root is None:
        raised = tuple(
            replace(one, reason=phrase(HOW_IT_ENDED)) if one.trigger == "confidence" else one for one in raised
        )
    if status == "passed" or (status == "undetermined" and case.incident.kind != "log"):
        raised = tuple(reason for reason in raised if reason.trigger in ("blocked", "agents"))
        root, others, rest, fix = None, [], [], None
    return Report(
        status=status,
        root_cause=root,
        alternatives=tuple(rest[:ALTERNATIVES]),
        confidence=root.confidence if root is not None else 0.0,
        fix_strategy=fix,
        estimated_fix_time=fix.minutes.likely if fix else None,
        attribution=whose,
        requires_escalation=bool(raised),
        escalation=raised,
        basic_check_failures=tuple(check for check in got.checks if check.status == "failed"),
        environment=got.checks,
        agents=got.agents,
        findings=tuple([*others, *(cause for cause in rest[ALTERNATIVES:] if cause.rule)][:FINDINGS]),
        silent_failures=_explained(case, silent),
        totals=report_totals(case, totals_of(case.readings)),
        known_patterns=tuple(known) if status == "failed" else (),
        reproduce=reproduce(root, rule or runner_rule(case, root, rules), _step(case, found, root))
        if root is not None and (elsewhere is None or root.tool)
        else (),
        jobs=tuple(
            _job(job, reading, case.said) for job, reading in zip(case.incident.jobs, case.readings, strict=True)
        ),
        limits=got.unseen,
        tool=tool,
        target=case.said(case.incident.target),
        started_at=case.now,
        seconds=0.0,
        retry=retry(case, rules, failed=status == "failed"),
        stops=stops,
    )


def _apart(case: Case, root: Cause | None, rest: Sequence[Cause]) -> tuple[list[Cause], list[Cause]]:
    """Part what else failed (the best cause of a job that the root cause does not explain, tests of a report) from other readings of the same."""
    explained = {plain(job) for job in root.jobs} if root is not None else set()
    others: list[Cause] = []
    rivals: list[Cause] = []
    for cause in rest:
        jobs = {plain(job) for job in cause.jobs}
        if root is not None and ((jobs and jobs.isdisjoint(explained)) or of_report(case, cause)):
            explained |= jobs
            others.append(cause)
        else:
            rivals.append(cause)
    return others, rivals


def status_of(case: Case, something: bool) -> Status:  # noqa: FBT001 - one fact, named where it is passed
    """What the whole is: the CI system's own word where it has one, else what the logs say."""
    incident = case.incident
    statuses = {job.status for job in incident.jobs}
    if statuses & {"failure", "timed_out", "startup_failure", "cancelled"} or incident.conclusion in (
        "failure",
        "timed_out",
        "startup_failure",
        "cancelled",
    ):
        return "failed"
    if incident.kind == "log":
        outcomes = {_outcome(job, reading) for job, reading in zip(incident.jobs, case.readings, strict=True)}
        if "failed" in outcomes or any(report.bad for report in given(case)):
            return "failed"
        return "passed" if outcomes == {"passed"} else "undetermined"
    if incident.running:
        return "undetermined"
    ended = statuses - {
        "queued",
        "in_progress",
        "waiting",
    }  # nothing is waited for: what has not ended is the job that asks
    if ended and ended <= {"success", "skipped", "neutral"}:
        return "passed"
    return "failed" if something else "undetermined"


def _outcome(job: Job, reading: Reading | None) -> Status:
    """How one job ended, of which only its log or its test report is known."""
    if reading is not None:
        return outcome_of(reading).status
    return "passed" if job.status == "success" else "undetermined"


def _wrapper(cause: Cause, rules: Mapping[str, Rule]) -> bool:
    return cause.rule in rules and rules[cause.rule].kind == "wrapper"


def _known(findings: Sequence[Finding], root: Cause | None) -> list[KnownPattern]:
    best: dict[str, KnownPattern] = {}
    for finding in findings:
        if not isinstance(finding, PatternFinding):
            continue
        at = finding.evidence[0]
        about = (
            root.id if root is not None and (root.evidence[0].log, root.evidence[0].line) == (at.log, at.line) else ""
        )
        known = replace(finding.known, cause=about)
        old = best.get(known.pattern)
        if old is None or (bool(known.cause), known.similarity) > (bool(old.cause), old.similarity):
            best[known.pattern] = known
    return sorted(best.values(), key=lambda known: (not known.cause, -known.similarity, -known.seen))


def _with_memory(root: Cause | None, about: Sequence[KnownPattern]) -> Cause | None:
    """A known pattern that fits raises the confidence: as far as `_most` says, by who vouches for it."""
    fits = [_most(pattern) for pattern in about if pattern.similarity >= SURE_MATCH and pattern.solution]
    if root is None or not fits:
        return root
    return replace(root, confidence=max(root.confidence, min(max(fits), root.confidence + RAISED)))


def _most(pattern: KnownPattern) -> float:
    """Up to where a pattern raises the confidence: "likely" while it was seen fewer than three times, or where another's file tells of it.

    What turned one run green, as far as a machine can tell, confirms nothing; two fixes alike say that the line told the truth.
    """
    if pattern.guessed:
        return CONFIRMED_TWICE if (pattern.sure or 0.0) > MOST_SURE_ALONE else 0.0
    return LIKELY if pattern.seen < FEW_SIGHTINGS or pattern.said_by == "import" else MOST_BY_MEMORY


def _about(root: Cause | None, suspects: Sequence[SuspectFinding]) -> list[SuspectFinding]:
    if root is None:
        return []
    at = root.evidence[0]
    same = [s for s in suspects if (s.evidence[0].log, s.evidence[0].line) == (at.log, at.line)]
    return same or [s for s in suspects if s.verdict == "unknown"][:1]


def _explained(case: Case, silent: Sequence[SilentFailure]) -> tuple[SilentFailure, ...]:
    if not silent:
        return ()
    from diagnose.synthesis.hidden import explained  # most failures hide nothing, and pay nothing

    return explained(case, silent)


def _captures(root: Cause | None, found: Sequence[CauseFinding]) -> dict[str, Untrusted]:
    if root is None:
        return {}
    own = next((each for each in found if each.evidence[0] == root.evidence[0] and each.rule == root.rule), None)
    out: dict[str, Untrusted] = {each.name: each.value for each in own.captures} if own is not None else {}
    if root.locations:
        out.setdefault("file", root.locations[0].file)
        if root.locations[0].line is not None:
            out.setdefault("line", Untrusted(str(root.locations[0].line)))
        if root.locations[0].message:
            out.setdefault("message", root.locations[0].message)
    if root.failed_tests:
        out.setdefault("test", root.failed_tests[0].name)
    for part in root.title.parts:
        if isinstance(part, Untrusted):
            out.setdefault("name", part)
    return out


def _step(case: Case, found: Sequence[CauseFinding], root: Cause | None) -> str:
    for finding in found:
        if root is not None and finding.evidence[0] == root.evidence[0]:
            reading = case.readings[finding.job]
            step = next((s for s in reading.log.steps if s.number == finding.step), None) if reading else None
            return step.name if step else step_name(case, finding.job, finding.step)
    return ""


_ENDS: Final[dict[str, JobStatus]] = {
    "failed": "failure",
    "error": "unknown",
    "passed": "success",
    "unknown": "unknown",
}


def _job(job: Job, reading: Reading | None, said: Callable[[str], Untrusted]) -> JobReport:
    log = reading.log.name if reading else ""
    steps: tuple[StepReport, ...]
    if reading is not None and reading.log.steps:
        steps = tuple(
            StepReport(step.number, said(step.name), _ENDS[step.end], step.first, step.last)
            for step in reading.log.steps[:300]
        )
    else:
        steps = tuple(StepReport(info.number, said(info.name), info.status, 0, 0) for info in job.steps)
    return JobReport(said(job.name), job.status if job.status != "unknown" else _log_status(reading), steps, log)


def _log_status(reading: Reading | None) -> JobStatus:
    if reading is None:
        return "unknown"
    status = outcome_of(reading).status
    return "failure" if status == "failed" else "success" if status == "passed" else "unknown"


def _logs_that_lack(case: Case) -> list[Missing]:
    """List the logs that could not be had; several for one reason are counted, and what was said of all others is not said of each."""
    from diagnose.model.incident import OTHER_LOGS, Missing

    by_kind: dict[str, list[Missing]] = {}
    for job in case.incident.jobs:
        if isinstance(job.log, Missing) and job.log.kind != "not-asked":
            by_kind.setdefault(job.log.kind, []).append(job.log)
    said = {missing.kind for missing in case.incident.unseen if missing.what == OTHER_LOGS}
    out: list[Missing] = []
    for kind, logs in by_kind.items():
        if kind in said:
            continue
        if kind == "running" and len(logs) > 1:
            out.append(
                Missing(phrase(f"the logs of {len(logs):,} jobs"), logs[0].kind, phrase(_STILL_RUN), logs[0].remedy)
            )
        else:
            out += logs
    return out


def missing_phrases(case: Case) -> tuple[Phrase, ...]:
    """What could not be had or was left out, in words, each once. A log that was not asked for is one that nobody needs, and is not said."""
    from diagnose.model.incident import Branch, Missing

    gone = [*case.incident.unseen, *_logs_that_lack(case)]
    gone += [
        value
        for value in (
            case.incident.change,
            case.incident.branch,
            case.incident.base,
            case.incident.attempts,
            case.incident.passing,
        )
        if isinstance(value, Missing)
    ]
    gone += [job.passing for job in case.incident.jobs if isinstance(job.passing, Missing)]
    out: dict[str, Phrase] = {}
    branch = case.incident.branch
    if isinstance(branch, Branch) and branch.closed:
        state = "merged" if branch.merged else "closed"
        out["closed"] = phrase(f"the pull request is {state}: this is how its last commit stood")
    for missing in gone:
        told = mapped(phrase(missing.what, ": ", missing.why), case.redact)
        out.setdefault(plain(told), told)
    for said in report_limits(case):
        told = mapped(said, case.redact)
        out.setdefault(plain(told), told)
    return tuple(out.values())
