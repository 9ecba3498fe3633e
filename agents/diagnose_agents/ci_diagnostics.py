"""What failed: the causes that each job's log shows, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.model.finding import CauseFinding
from diagnose.model.report import FailedTest, Location
from diagnose.model.text import Untrusted, fill, phrase
from diagnose.rank.causes import causes_of
from diagnose.rank.outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.model.finding import Finding
    from diagnose.model.report import Evidence
    from diagnose.model.text import Phrase
    from diagnose.rank.causes import CauseGroup
    from diagnose.rank.reading import Reading

EVIDENCE_LINES: Final = 6
MOST_NAMED: Final = 500
MOST_CHARACTERS: Final = 200
GUESSES: Final = 6
FAR: Final = 6.0
_SEVERITIES: Final = {"error": "error", "fatal error": "error", "fatal": "error", "warning": "warning", "warn": "warning", "note": "note", "info": "note", "style": "note", "help": "note"}


class CiDiagnostics:
    """Turns each failed job's reading into findings."""

    name = "ci_diagnostics"
    cheap = True

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Say the causes of every job that failed, each with its evidence."""
        found: list[Finding] = []
        for job, reading in enumerate(case.readings):
            if reading is not None and _failed(case, job, reading):
                found.extend(_findings(case, job, reading))
        return found


def _failed(case: Case, job: int, reading: Reading) -> bool:
    status = case.incident.jobs[job].status
    if status == "unknown":
        return outcome_of(reading).status == "failed"
    return status in ("failure", "timed_out", "cancelled")


def _findings(case: Case, job: int, reading: Reading) -> list[CauseFinding]:
    out: list[CauseFinding] = []
    rest = 1 - reading.probability
    groups = causes_of(reading)
    best = groups[0].lead.score if groups else 0.0
    for place, group in enumerate(groups):
        # a line that no rule knows is an alternative when it is near the best, and nothing otherwise
        if place >= GUESSES and group.lead.match is None:
            continue
        if place and group.lead.match is None and best - group.lead.score > FAR:
            continue
        confidence = reading.probability if place == 0 else rest / (place + 1)
        out.append(_finding(case, job, reading, group, confidence))
    return out


def _finding(case: Case, job: int, reading: Reading, group: CauseGroup, confidence: float) -> CauseFinding:
    lead = group.lead
    match = lead.match
    said = case.said
    return CauseFinding(
        job=job,
        step=group.step.number if group.step else 0,
        evidence=_evidence(case, reading, group),
        title=_title(case, group),
        category=group.category,
        tool=group.tool,
        rule=group.rule,
        score=lead.score,
        confidence=confidence,
        explanation=_explanation(group),
        locations=tuple(
            Location(said(p.file), p.line, p.column, _SEVERITIES.get(p.severity, "error"), said(p.message) if p.message else None)  # type: ignore[arg-type]
            for p in list(group.places)[:MOST_NAMED]
        ),
        failed_tests=tuple(
            FailedTest(said(t.name), said(t.file) if t.file else None, t.line, said(t.message) if t.message else None)
            for t in list(group.tests.values())[:MOST_NAMED]
        ),
        follows_any=match is not None and match.rule.kind == "wrapper",
        key=group.rule,
    )


def _evidence(case: Case, reading: Reading, group: CauseGroup) -> tuple[Evidence, ...]:
    extent = group.lead.extent
    pieces = [case.quote(reading.log, extent.line, min(extent.last, extent.line + EVIDENCE_LINES - 1))]
    left = EVIDENCE_LINES - (pieces[0].end_line - pieces[0].line + 1)
    for member in group.members[: max(0, left)]:
        pieces.append(case.quote(reading.log, member.line, member.line))  # noqa: PERF401 - quotes are made one by one
    return tuple(pieces)


def _title(case: Case, group: CauseGroup) -> Phrase:
    lead = group.lead
    if lead.match is None:
        return phrase(case.said(lead.text.strip(), MOST_CHARACTERS))
    captures = {name: case.said(value) for name, value in lead.extent.captures.items()}
    filled = fill(lead.match.rule.title, captures)
    if all(isinstance(part, str) for part in filled.parts) or any(part for part in filled.parts if isinstance(part, Untrusted)):
        return filled
    return phrase(case.said(lead.text.strip(), MOST_CHARACTERS))


def _explanation(group: CauseGroup) -> Phrase:
    match = group.lead.match
    if match is None:
        return phrase("No rule knows this line; it stands out in the step that failed.")
    return phrase("")
