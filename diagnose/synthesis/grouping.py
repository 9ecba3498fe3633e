"""One cause once: the same cause over many jobs is one Cause; what differs between its members is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from diagnose.model.report import Cause, StepRef
from diagnose.model.text import Untrusted
from diagnose.rank.features import shape_of
from diagnose.safety.plain import plain
from diagnose.synthesis.consequence import brought_about

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.case import Case
    from diagnose.model.finding import CauseFinding
    from diagnose.model.report import Evidence, FailedTest, Location
    from diagnose.scan.rule import Rule

MOST_MEMBERS: Final = 20
MOST_ITEMS: Final = 500


@dataclass(slots=True)
class Merged:
    """Findings of one cause: the first is told, the others are counted."""

    findings: list[CauseFinding] = field(default_factory=list)

    @property
    def lead(self) -> CauseFinding:
        """The one that is told: the surest."""
        return self.findings[0]

    @property
    def jobs(self) -> list[int]:
        """The jobs that show it, each once, in order."""
        return sorted({finding.job for finding in self.findings})


def first_line(finding: CauseFinding) -> str:
    """The telling line, redacted."""
    return plain(finding.evidence[0].text).split("\n", 1)[0].strip()


def merge(findings: Sequence[CauseFinding]) -> list[Merged]:
    """Join the findings of all jobs that say the same, best first.

    Same: the same rule, and a telling line that is alike but for its numbers. A cause that stands in most jobs is first.
    """
    by_key: dict[tuple[str, str], Merged] = {}
    for finding in sorted(findings, key=lambda finding: -finding.confidence):
        by_key.setdefault((finding.rule, shape_of(first_line(finding))), Merged()).findings.append(finding)
    jobs = len({finding.job for finding in findings})

    def order(merged: Merged) -> tuple[float, float]:
        spread = len(merged.jobs) / max(1, jobs)
        return (-(not merged.lead.follows_any), -(merged.lead.confidence * (0.5 + 0.5 * spread)))

    return sorted(by_key.values(), key=order)


def causes(case: Case, merged: Sequence[Merged], rules: Mapping[str, Rule]) -> list[Cause]:
    """Make Causes, ids c1, c2, ... in order; `follows` names those that brought one about. What a better one quotes already is left out."""
    merged = [
        each
        for place, each in enumerate(merged)
        if each.lead.rule or not any(_quotes(better, each) for better in merged[:place])
    ]
    out = [_cause(case, f"c{number}", each) for number, each in enumerate(merged, 1)]
    return [_with_follows(cause, each, out, merged, rules) for cause, each in zip(out, merged, strict=True)]


def _quotes(one: Merged, other: Merged) -> bool:
    at = other.lead.evidence[0]
    return bool(at.line) and any(
        piece.log == at.log and piece.line <= at.line <= (piece.end_line or piece.line) for piece in one.lead.evidence
    )


def _cause(case: Case, identity: str, merged: Merged) -> Cause:
    lead = merged.lead
    job = case.incident.jobs[lead.job]
    reading = case.readings[lead.job]
    step = next((s for s in reading.log.steps if s.number == lead.step), None) if reading else None
    return Cause(
        id=identity,
        title=lead.title,
        category=lead.category,
        tool=lead.tool,
        rule=lead.rule,
        job=Untrusted(case.redact(job.name)),
        step=StepRef(lead.step, case.said(step_name(case, lead.job, lead.step))) if step else None,
        evidence=lead.evidence,
        confidence=lead.confidence,
        explanation=lead.explanation,
        locations=_united_locations(merged),
        failed_tests=_united_tests(merged),
        jobs=tuple(Untrusted(case.redact(case.incident.jobs[index].name)) for index in merged.jobs),
        members=_members(merged),
        exit_code=step.code if step else None,
    )


def step_name(case: Case, job: int, number: int) -> str:
    """A step's name: as the API has it for the line's time, else as the log shows it."""
    reading = case.readings[job]
    step = next((s for s in reading.log.steps if s.number == number), None) if reading else None
    failed = [
        info.name for info in case.incident.jobs[job].steps if info.status in ("failure", "timed_out", "cancelled")
    ]
    if len(failed) == 1:
        return failed[0]
    return step.name if step else ""


def _members(merged: Merged) -> tuple[Evidence, ...]:
    seen = {first_line(merged.lead)}
    out: list[Evidence] = []
    for finding in merged.findings[1:]:
        line = first_line(finding)
        if line not in seen and finding.job != merged.lead.job:
            seen.add(line)
            out.append(finding.evidence[0])
    return tuple(out[:MOST_MEMBERS])


def _united_locations(merged: Merged) -> tuple[Location, ...]:
    found: dict[tuple[str, int | None, int | None], Location] = {}
    for finding in merged.findings:
        for location in finding.locations:
            found.setdefault((plain(location.file), location.line, location.column), location)
    return tuple(list(found.values())[:MOST_ITEMS])


def _united_tests(merged: Merged) -> tuple[FailedTest, ...]:
    found: dict[str, FailedTest] = {}
    for finding in merged.findings:
        for test in finding.failed_tests:
            found.setdefault(plain(test.name), test)
    return tuple(list(found.values())[:MOST_ITEMS])


def _with_follows(
    cause: Cause, merged: Merged, all_causes: list[Cause], all_merged: Sequence[Merged], rules: Mapping[str, Rule]
) -> Cause:
    from dataclasses import replace

    follows = tuple(
        other.id
        for other, group in zip(all_causes, all_merged, strict=True)
        if other.id != cause.id and brought_about(group.lead, merged.lead, rules)
    )
    return replace(cause, follows=follows[:3]) if follows else cause
