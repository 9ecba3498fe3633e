"""One call from a target to a report: what the command line and the library both stand on."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from diagnose.agency import installed_agents
from diagnose.intake import from_logs, passing_log
from diagnose.model.incident import Incident, LogFile
from diagnose.pipeline import Means, diagnose_incident
from diagnose.remember import Memory, identities
from diagnose.safety.redact import Redactor
from diagnose.scan.rulebase import load, patterns_folder
from diagnose.sources.own_workflows import own_workflows
from diagnose.sources.refusal import Refusal
from diagnose.synthesis.compose import Limits
from diagnose.synthesis.why import why as why_each

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.config import Settings
    from diagnose.model.incident import TargetKind
    from diagnose.model.report import Report
    from diagnose.scan.rulebase import RuleBase
    from diagnose.world import World


@dataclass(frozen=True, slots=True)
class Request:
    """What to diagnose. kind "log": `logs` are file names, "-" for standard input; else `value` is a number, name or SHA.

    passing: a log of a passing run. junit: test reports (JUnit XML) beside the target, or alone with kind "log". repository: "owner/name", "" for this checkout's.
    given: an incident that the caller has made itself; with it nothing is fetched or read but what it names.
    """

    kind: TargetKind = "log"
    value: str = ""
    logs: tuple[str, ...] = ()
    passing: str | None = None
    repository: str = ""
    wait: bool = False
    junit: tuple[str, ...] = ()
    given: Incident | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A report, the case behind it (its logs are closed), what memory could not do, and which rules were left out, if any."""

    # not in `repr`: asyncio makes one of what its main task returns, while it puts the signal handler back (1.6 s for a log of 200 MB)
    report: Report = field(repr=False)
    case: Case = field(repr=False)
    why: dict[str, list[str]] = field(repr=False)
    known_by: dict[str, tuple[str, ...]] = field(repr=False)
    memory_problem: str = ""
    rule_problems: tuple[str, ...] = ()


def rules_for(world: World) -> RuleBase:
    """Load the rules in force: the shipped packs, and the user's own unless this is a CI run of somebody's tree."""
    own = world.folder / ".ci-diagnose" / "rules"
    if not own.is_dir():
        return load(patterns_folder(), world.cache)
    if not world.env.get("CI"):
        return load(patterns_folder(), world.cache, extra=own)
    count = len(list(own.glob("*.toml")))
    unread = f"{own.parent.name}/{own.name}: {count} pack{'s' * (count != 1)} not loaded: in a CI run the tree may be a stranger's (CI is set)"
    return replace(load(patterns_folder(), world.cache), unread=(unread,) if count else ())


async def examine(request: Request, settings: Settings, world: World) -> Answer | Refusal:
    """Fetch, diagnose, remember. A Refusal says why there is nothing to diagnose."""
    with tempfile.TemporaryDirectory(prefix="ci-diagnose-") as spool:
        incident = await _incident(request, settings, world, Path(spool))
        if isinstance(incident, Refusal):
            return incident
        memory = Memory.of(settings, world, incident)
        rules = rules_for(world)
        agents, broken = installed_agents()
        means = Means(
            rules=rules,
            agents=agents,
            recall=memory.recall,
            redact=Redactor(world.env).redact,
            clock=world.clock,
            limits=Limits(settings.escalate_below, settings.escalate_over_minutes),
            checks_deadline=settings.checks_deadline,
            agents_deadline=settings.agents_deadline,
            orchestra=settings.orchestra,
            tool=tool_name(),
            progress=world.progress,
            broken=tuple(broken),
            alike=memory.alike,
            took=memory.took,
        )
        report, case = await diagnose_incident(incident, means)
        why = why_each(report, case)
        known_by = identities(report, case)
        problem = await anyio.to_thread.run_sync(memory.record, report, case)
        case.close()
        return Answer(report, case, why, known_by, problem, rules.problems + rules.unread)


def tool_name() -> str:
    """Name and version, as a report's `tool` field has it."""
    from diagnose.version import VERSION

    return f"ci-diagnose {VERSION}"


async def _incident(request: Request, settings: Settings, world: World, spool: Path) -> Incident | Refusal:
    found = await _target(request, settings, world, spool)
    if isinstance(found, Refusal) or not request.junit:
        return found
    from diagnose.sources.junit.given import from_reports, with_reports

    given = await anyio.to_thread.run_sync(from_reports, request.junit, spool)
    return given if isinstance(given, Refusal) else with_reports(found, given)


async def _target(request: Request, settings: Settings, world: World, spool: Path) -> Incident | Refusal:
    if request.given is not None:
        return request.given
    if request.kind == "log":
        if request.junit and not request.logs:
            return Incident("log", "", (), repository=request.repository)
        stdin = world.stdin or sys.stdin.buffer
        found = await anyio.to_thread.run_sync(from_logs, request.logs, spool, stdin, request.passing)
        if isinstance(found, Refusal):
            return found
        logs = [job.log.path for job in found.jobs if isinstance(job.log, LogFile)]
        own = await anyio.to_thread.run_sync(own_workflows, world.folder, logs)
        return replace(found, repository=request.repository, workflows=own)
    from diagnose.fetch import Surroundings, Wanted, from_github

    wanted = Wanted(request.kind, request.value, request.repository, request.wait, baseline=request.passing is None)
    around = Surroundings(settings, world.env, world.folder, spool, world.clock, world.progress, world.cache)
    found = await from_github(wanted, around)
    if isinstance(found, Refusal) or request.passing is None:
        return found
    good = await anyio.to_thread.run_sync(passing_log, request.passing, spool)
    return good if isinstance(good, Refusal) else replace(found, passing=good)
