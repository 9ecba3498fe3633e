"""A past failure diagnosed as it would have been then, and recorded with its own date; each distinct cause of a run once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from diagnose.agency import installed_agents
from diagnose.api import rules_for, tool_name
from diagnose.kit.clock import Clock
from diagnose.learn.settle import in_thread
from diagnose.memory.met import met
from diagnose.memory.problem import StoreProblem
from diagnose.memory.record import record
from diagnose.model.incident import LogFile
from diagnose.model.text import Untrusted
from diagnose.pipeline import Means, diagnose_incident
from diagnose.remember import Memory
from diagnose.safety.plain import plain
from diagnose.sources.github.past import without
from diagnose.synthesis.compose import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.case import Agent, Case
    from diagnose.config import Settings
    from diagnose.memory.record import Recorded
    from diagnose.memory.store import Store
    from diagnose.model.incident import Incident
    from diagnose.model.report import AgentRun, Report
    from diagnose.scan.rulebase import RuleBase
    from diagnose.sources.github.past import Attempted
    from diagnose.world import World

MOST_CAUSES: Final = 3
"""Distinct causes of one attempt that are recorded."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A failure that was recorded. title: what failed, redacted. new: nothing like it was known. again: this very sighting was known."""

    pattern: str
    title: Untrusted
    job: Untrusted
    new: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Diagnoser:
    """Diagnoses past failures of one repository with the rules and agents of today."""

    settings: Settings
    world: World
    store: Store
    redact: Callable[[str], str]
    rules: RuleBase
    agents: tuple[Agent, ...]
    broken: tuple[AgentRun, ...]

    @classmethod
    def of(cls, settings: Settings, world: World, store: Store, redact: Callable[[str], str]) -> Diagnoser:
        """Load rules and agents once for a whole walk."""
        agents, broken = installed_agents()
        return cls(settings, world, store, redact, rules_for(world), tuple(agents), tuple(broken))

    async def note(self, incident: Incident, attempt: Attempted) -> list[Noted] | StoreProblem:
        """Record what made these jobs fail. Nothing for a job whose failure is recorded already under another target, or that has no cause."""
        known = await in_thread(partial(met, self.store, repository=incident.repository, run=attempt.run.id))
        if isinstance(known, StoreProblem):
            return known
        out: list[Noted] = []
        for _ in range(MOST_CAUSES):
            if not any(isinstance(job.log, LogFile) or job.annotations for job in incident.jobs):
                break
            noted, covered = await self._one(incident, attempt, known)
            if isinstance(noted, StoreProblem):
                return noted
            out += [noted] if noted is not None else []
            if not covered:
                break
            incident = without(incident, covered)
        return out

    async def _one(
        self, incident: Incident, attempt: Attempted, known: dict[str, frozenset[str]]
    ) -> tuple[Noted | StoreProblem | None, frozenset[str]]:
        """Diagnose what is left of an incident; what was recorded, and the names of the jobs that its cause explains."""
        at = attempt.at
        world = replace(self.world, clock=Clock(lambda: at, self.world.clock.elapsed), progress=lambda _line: None)
        memory = replace(Memory.of(self.settings, world, incident), store=self.store)
        report, case = await diagnose_incident(incident, self._means(memory, world))
        try:
            kept = await in_thread(partial(self._keep, memory, report, case, attempt, known))
        finally:
            case.close()
        cause = report.root_cause
        if cause is None:
            return None, frozenset()
        jobs = frozenset(plain(job) for job in (cause.job, *cause.jobs))
        if kept is None or isinstance(kept, StoreProblem):
            return kept, jobs
        return Noted(
            kept.pattern, Untrusted(plain(cause.title)), cause.job, kept.new_pattern, not kept.new_sighting
        ), jobs

    def _keep(
        self, memory: Memory, report: Report, case: Case, attempt: Attempted, known: dict[str, frozenset[str]]
    ) -> Recorded | StoreProblem | None:
        occurrence = memory.occurrence(report, case)
        if occurrence is None or known.get(occurrence.job, frozenset()) - {occurrence.target}:
            return None
        run = attempt.run
        actor = run.actor.login if run.actor is not None else ""
        return record(
            self.store,
            replace(
                occurrence,
                branch=self.redact(run.head_branch or ""),
                actor=self.redact(actor),
                trusted=case.incident.trusted,
            ),
        )

    def _means(self, memory: Memory, world: World) -> Means:
        settings = self.settings
        return Means(
            rules=self.rules,
            agents=self.agents,
            recall=memory.recall,
            redact=self.redact,
            clock=world.clock,
            limits=Limits(settings.escalate_below, settings.escalate_over_minutes),
            checks_deadline=settings.checks_deadline,
            agents_deadline=settings.agents_deadline,
            orchestra=settings.orchestra,
            tool=tool_name(),
            broken=self.broken,
        )
