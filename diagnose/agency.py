"""Phase 2: which agents are asked, how they are guarded, and what of their words is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from diagnose.kit.gather import Child, gather
from diagnose.kit.plugins import entry_points
from diagnose.kit.shapes import Shapes
from diagnose.model import evidence, finding, report, stop, text, words
from diagnose.model.finding import CauseFinding, Finding, SilentFinding, StopFinding
from diagnose.model.report import AgentRun, Evidence
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from diagnose.case import Agent, Case
    from diagnose.kit.gather import Outcome
    from diagnose.model.check import Check
    from diagnose.model.text import Phrase

GROUP: Final = "ci_diagnose.agents"
SIMPLE: Final = 0.85
MOST_FINDINGS: Final = 5000


def installed_agents() -> tuple[list[Agent], list[AgentRun]]:
    """Load every agent that is installed, by name; and, as runs, those that could not be loaded."""
    agents: list[Agent] = []
    broken: list[AgentRun] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            agents.append(point.load()())
        except Exception as error:  # noqa: BLE001 - a third party's agent must not cost the answer
            broken.append(
                AgentRun(
                    point.name,
                    "error",
                    0.0,
                    phrase("it could not be loaded: ", Untrusted(f"{type(error).__name__}: {error}")),
                )
            )
    return agents, broken


def first_look(case: Case, checks: Sequence[Check], *, orchestra: bool) -> Mapping[str, str]:
    """Decide who need not be asked. Agent's name, or "*" for all that are not cheap, or "all", to the reason."""
    if any(check.blocking for check in checks):
        return {"all": "a check blocks: the block is the answer"}
    if orchestra:
        return {}
    read = [reading for reading in case.readings if reading is not None]
    if case.incident.kind == "log":
        return {"*": "a log alone has no change to compare with"}
    simple = (
        len(read) == 1
        and read[0].probability >= SIMPLE
        and bool(read[0].candidates)
        and read[0].candidates[0].match is not None
    )
    if simple and case.incident.change is None:
        return {"*": "one job, one known cause, almost certain: the others have nothing to add"}
    return {}


class Asker:
    """Asks agents at once, and keeps what the logs bear out."""

    def __init__(self, agents: Sequence[Agent], deadline: float, elapsed: Callable[[], float]) -> None:
        """deadline: seconds for each agent."""
        self._agents, self._deadline, self._elapsed = agents, deadline, elapsed

    async def ask(self, case: Case, skip: Mapping[str, str]) -> tuple[tuple[AgentRun, ...], tuple[Finding, ...]]:
        """Run the agents that are not skipped; their runs in order, and all findings that stand."""
        reasons = {agent.name: _reason(agent, skip) for agent in self._agents}
        wanted = [agent for agent in self._agents if not reasons[agent.name]]
        children = [Child(agent.name, _call(agent, case), self._deadline) for agent in wanted]
        outcomes = {outcome.name: outcome for outcome in await gather(children, self._elapsed)}
        runs: list[AgentRun] = []
        findings: list[Finding] = []
        for agent in self._agents:
            if reasons[agent.name]:
                runs.append(AgentRun(agent.name, "skipped", 0.0, phrase(reasons[agent.name])))
                continue
            run, stood = _believed(case, outcomes[agent.name])
            runs.append(run)
            findings += stood
        return tuple(runs), tuple(findings)


def _reason(agent: Agent, skip: Mapping[str, str]) -> str:
    return skip.get("all", "") or skip.get(agent.name, "") or ("" if agent.cheap else skip.get("*", ""))


def _call(agent: Agent, case: Case):  # type: ignore[no-untyped-def]  # noqa: ANN202 - what gather takes
    async def work() -> Sequence[Finding]:
        return await agent.examine(case)

    return work


def _believed(case: Case, outcome: Outcome[Sequence[Finding]]) -> tuple[AgentRun, list[Finding]]:
    seconds = round(outcome.seconds, 3)
    if outcome.status != "ok":
        return AgentRun(outcome.name, outcome.status, seconds, phrase(Untrusted(case.redact(outcome.error)))), []
    value = outcome.value
    if not isinstance(value, (list, tuple)):
        return AgentRun(
            outcome.name, "error", seconds, phrase(f"it answered with {type(value).__name__}, not with findings")
        ), []
    stood = [each for each in value[:MOST_FINDINGS] if not _nonsense(case, each)]
    error: Phrase | None = None
    if len(stood) != len(value):
        error = phrase(
            f"{len(value) - len(stood)} of {len(value)} findings are not borne out by the logs, and were dropped"
        )
    return AgentRun(outcome.name, "error" if error else "ok", seconds, error), stood


_SHAPES: Final = Shapes((evidence, finding, report, stop, text, words))


def _nonsense(case: Case, found: object) -> bool:
    """Whether a finding is none, or quotes what does not stand in the log: no quote is believed unread."""
    try:
        if not _SHAPES.fits(found, Finding):
            return True
        fitting = cast("Finding", found)
        return not (_is_possible(case, fitting) and all(_stands(case, piece) for piece in _quotes(fitting)))
    except Exception:  # noqa: BLE001 - an agent may hand over anything
        return True


def _is_possible(case: Case, found: Finding) -> bool:
    if isinstance(found, SilentFinding) and not case.incident.jobs:  # of a test report that came without a job
        return found.job == 0
    if isinstance(found, (CauseFinding, SilentFinding, StopFinding)) and not 0 <= found.job < len(case.incident.jobs):
        return False
    return not isinstance(found, CauseFinding) or 0 <= found.confidence <= 1


def _quotes(found: Finding) -> Sequence[Evidence]:
    if isinstance(found, SilentFinding):
        failure = found.failure
        return (Evidence(failure.log, failure.line, failure.line, failure.text),) if failure.line else ()
    return found.evidence


def _stands(case: Case, piece: Evidence) -> bool:
    if piece.line == 0:
        return _is_noted(case, plain(piece.text))
    log = case.log_named(piece.log)
    inside = log is not None and 1 <= piece.line <= piece.end_line <= log.total
    return log is not None and inside and case.quote(log, piece.line, piece.end_line).text == piece.text


def _is_noted(case: Case, quoted: str) -> bool:
    """Whether an annotation, which has no place in a log, says this."""
    notes = (note for job in case.incident.jobs for note in job.annotations)
    return bool(quoted) and any(quoted in case.redact(f"{note.title}\n{note.message}") for note in notes)
