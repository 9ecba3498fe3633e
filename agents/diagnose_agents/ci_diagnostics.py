"""What failed: the causes that each job's log shows, best first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.evidence import Evidence
from diagnose.model.finding import Capture, CauseFinding
from diagnose.model.incident import LogFile
from diagnose.model.report import FailedTest, Location
from diagnose.model.text import Untrusted, fill, phrase
from diagnose.rank.causes import causes_of
from diagnose.rank.elsewhere import NOT_HERE, command_of, elsewhere_of
from diagnose.rank.excerpt import excerpt_of
from diagnose.rank.later import likelihood, worth_saying
from diagnose.rank.outcome import outcome_of
from diagnose.scan.places import spot_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from diagnose.case import Case
    from diagnose.model.finding import Finding
    from diagnose.model.incident import Annotation
    from diagnose.model.text import Phrase
    from diagnose.model.words import Severity
    from diagnose.rank.causes import CauseGroup
    from diagnose.rank.elsewhere import Elsewhere
    from diagnose.rank.reading import Reading

EVIDENCE_LINES: Final = 6
MOST_NAMED: Final = 500
MOST_CHARACTERS: Final = 200
UNTOLD: Final = 0.5
# CauseFinding.key of what is said of a log and not by a line of it; what follows the colon is the kind
ELSEWHERE: Final = "elsewhere:"
NOTED: Final = 0.5
MOST_NOTES: Final = 5
_ENDED_BADLY: Final = ("failure", "timed_out", "cancelled", "startup_failure")
_SUBJECT: Final = regex(r"\{(\w+)\}")
_SAYS_NOTHING: Final = ("Process completed with exit code", "The process '")
_SEVERITIES: Final[dict[str, Severity]] = {
    "error": "error", "fatal error": "error", "fatal": "error", "warning": "warning", "warn": "warning", "note": "note", "info": "note", "style": "note", "help": "note",
    "information": "note", "remark": "note", "hint": "note", "advice": "note", "notice": "note", "convention": "note", "refactor": "note", "low": "note",
    "performance": "warning", "portability": "warning", "medium": "warning", "minor": "warning", "questionable": "warning", "extension": "warning",
    "obsolescent": "warning", "deleted feature used": "warning",
}  # fmt: skip


class CiDiagnostics:
    """Turns each failed job's reading into findings."""

    name = "ci_diagnostics"
    cheap = True

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Say the causes of every job that failed, each with its evidence."""
        found: list[Finding] = []
        for job, reading in enumerate(case.readings):
            if reading is None:
                found.extend(_notes(case, job))
            else:
                found.extend(
                    _with_elsewhere(case, job, reading, _findings(case, job, reading, _sureness(case, job, reading)))
                )
        return found


def _sureness(case: Case, job: int, reading: Reading) -> float:
    """How sure an answer can be: wholly where the job failed, not at all where it did not, little where nothing tells which."""
    status = case.incident.jobs[job].status
    if status != "unknown":
        return float(status in ("failure", "timed_out", "cancelled"))
    outcome = outcome_of(reading).status
    if outcome == "undetermined":
        return UNTOLD if _points(reading) else 0.0
    return float(outcome == "failed")


def _points(reading: Reading) -> bool:
    """Whether a line points at something: a rule knows it, or it names a place in a file and what is there."""
    if reading.warnings:
        return True
    first = reading.candidates[:1]
    return any(candidate.match is not None or _says_where(candidate.text) for candidate in first)


def _says_where(text: str) -> bool:
    spot = spot_of(text)
    return spot is not None and bool(spot.message)


def _findings(case: Case, job: int, reading: Reading, sureness: float) -> list[CauseFinding]:
    out: list[CauseFinding] = []
    if not sureness:
        return out
    first = reading.probability * sureness
    groups = causes_of(reading)
    best = groups[0].lead.score if groups else 0.0
    for place, group in enumerate(groups):
        below = best - group.lead.score
        if place and not worth_saying(group, place, below):
            continue
        confidence = first if place == 0 else likelihood(group, below, reading.probability) * sureness
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
            Location(
                case.called(p.file),
                p.line,
                p.column,
                _SEVERITIES.get(p.severity, "error"),
                said(p.message) if p.message else None,
            )
            for p in list(group.places)[:MOST_NAMED]
        ),
        failed_tests=tuple(
            FailedTest(
                said(t.name),
                case.called(t.file) if t.file else None,
                t.line,
                said(t.message) if t.message else None,
            )
            for t in list(group.tests.values())[:MOST_NAMED]
        ),
        follows_any=match is not None and match.rule.kind == "wrapper",
        key=group.rule,
        captures=tuple(Capture(name, value) for name, value in _captures(case, lead.extent.captures).items())
        if match is not None
        else (),
    )


def _evidence(case: Case, reading: Reading, group: CauseGroup) -> tuple[Evidence, ...]:
    ranges = excerpt_of(reading.log, group.lead.extent, EVIDENCE_LINES)
    pieces = [case.quote(reading.log, first, last) for first, last in ranges]
    left = EVIDENCE_LINES - sum(last - first + 1 for first, last in ranges)
    for member in group.members[: max(0, left)]:
        pieces.append(case.quote(reading.log, member.line, member.line))  # noqa: PERF401 - quotes are made one by one
    return tuple(pieces)


def _title(case: Case, group: CauseGroup) -> Phrase:
    lead = group.lead
    if lead.match is None:
        return phrase(case.said(lead.text.strip(), MOST_CHARACTERS))
    captures = _captures(case, lead.extent.captures)
    filled = fill(lead.match.rule.title, captures)
    subject = _SUBJECT.match(lead.match.rule.title)
    if subject is not None and not captures.get(subject[1]):  # "fails" alone is no sentence
        return phrase(case.said(lead.text.strip(), MOST_CHARACTERS))
    if all(isinstance(part, str) for part in filled.parts) or any(
        part for part in filled.parts if isinstance(part, Untrusted)
    ):
        return filled
    return phrase(case.said(lead.text.strip(), MOST_CHARACTERS))


def _captures(case: Case, found: Mapping[str, str]) -> dict[str, Untrusted]:
    """Give what was captured; a file as it is called in a checkout, not on the runner."""
    return {name: case.called(value) if name == "file" else case.said(value) for name, value in found.items()}


def _explanation(group: CauseGroup) -> Phrase:
    match = group.lead.match
    if match is None:
        return phrase("No rule knows this line; it stands out in the step that failed.")
    return phrase("")


def _with_elsewhere(case: Case, job: int, reading: Reading, findings: Sequence[CauseFinding]) -> list[CauseFinding]:
    """Put what the log does not hold before the lines that merely stand in it; as it is where the log may hold the reason."""
    told = elsewhere_of(reading, failed=case.incident.jobs[job].status in _ENDED_BADLY)
    if told is None:
        return list(findings)
    least = 1 - told.likely
    rest = (
        replace(each, confidence=min(each.confidence, least))
        for each in findings
        if each.evidence[0].line != told.first
    )
    return [_missing(case, job, reading, told), *_notes(case, job), *rest]


def _missing(case: Case, job: int, reading: Reading, told: Elsewhere) -> CauseFinding:
    step = next((step for step in reading.log.steps if step.first <= told.first <= step.last), None)
    captures = {"name": case.said(told.name)} if told.name else {}
    return CauseFinding(
        job=job,
        step=step.number if step else 0,
        evidence=(case.quote(reading.log, told.first, min(told.last, told.first + EVIDENCE_LINES - 1)),),
        title=fill(told.title, captures),
        category="other",
        tool=command_of(reading) if told.kind in ("silent", "to-a-file") else "",
        rule="",
        score=0.0,
        confidence=told.likely,
        explanation=phrase(f"{NOT_HERE} ", fill(told.where, captures)),
        key=ELSEWHERE + told.kind,
    )


def _notes(case: Case, job: int) -> Iterator[CauseFinding]:
    """Say what the CI system notes beside the log of a job that failed: it has no line."""
    told = case.incident.jobs[job]
    if told.status not in _ENDED_BADLY:
        return
    notes = [
        note
        for note in told.annotations
        if note.level == "failure" and note.message.strip() and not note.message.startswith(_SAYS_NOTHING)
    ]
    for note in notes[:MOST_NOTES]:
        yield _note(case, job, note)


def _note(case: Case, job: int, note: Annotation) -> CauseFinding:
    text = case.redact(note.message)
    first = next((line.strip() for line in text.split("\n") if line.strip()), text)
    shown = text[: text.find("\n", text.find(first))] if "\n" in text[text.find(first) :] else text
    at = case.incident.jobs[job]
    name = at.log.name if isinstance(at.log, LogFile) else at.name
    place = (Location(case.said(note.path), note.line),) if note.path and note.path != ".github" else ()
    return CauseFinding(
        job=job, step=0, evidence=(Evidence(name, 0, 0, Untrusted(shown.strip("\n") or first)),), title=phrase(Untrusted(first[:200])), category="other", tool="", rule="",
        score=0.0, confidence=NOTED, explanation=phrase("It stands in the notes on the job, not in its log."), locations=place, key=ELSEWHERE + "note",
    )  # fmt: skip
