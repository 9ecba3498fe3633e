"""The answer as terminals tell it, before any layout: title, header, quotes, labels in their fixed order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from diagnose.model.report import Evidence
from diagnose.model.text import phrase
from diagnose.render import confidence, matrix, several, title, words
from diagnose.render.labels import Label, of_cause, of_report
from diagnose.render.quote import quote
from diagnose.render.voice import ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.report import Cause, JobReport, Report
    from diagnose.model.text import Phrase
    from diagnose.render.interface import View
    from diagnose.render.quote import Quote
    from diagnose.render.voice import TerminalVoice

READINGS: Final = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """Quoted lines, and where two of them compete, what each would mean and how often that is right."""

    quote: Quote
    about: Phrase
    number: int = 0
    meaning: str = ""
    sure: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One block. place: "2 of 3" before the title, where there are several. head: the parts of the second line."""

    title: title.Title
    sentence: str
    head: tuple[str, ...]
    readings: tuple[Reading, ...]
    labels: tuple[Label, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """All blocks, what was not looked at, and the last line."""

    answers: tuple[Answer, ...]
    not_seen: tuple[str, ...] = field(default=())
    totals: str = ""


def whole(report: Report, view: View, voice: TerminalVoice, most: int | None) -> Whole:
    """Choose what is told; most: how many lines of a log, None for all."""
    subject = _subject(report)
    blocks = [_first(report, view, voice, most)]
    if view.full:
        rivals = several.readings(report) if subject else ()
        others = [
            *((one, "Also") for one in several.beside(report)),
            *((one, "After" if one.follows else "Or") for one in rivals),
        ]
        blocks += [
            _other(report, one, word, voice, f"{at} of {len(others) + 1}") for at, (one, word) in enumerate(others, 2)
        ]
    return Whole(tuple(blocks), tuple(words.not_seen(report, voice)), _totals(report))


def _subject(report: Report) -> Cause | None:
    return None if title.state(report) in ("unclear", "undetermined") else report.root_cause


def _first(report: Report, view: View, voice: TerminalVoice, most: int | None) -> Answer:
    kind = title.title(report)
    subject = _subject(report)
    if subject is None and kind.state in ("unclear", "undetermined"):
        found = _competing(report, view, voice, most)
        around = title.readings(report)[0] if title.readings(report) else None
    else:
        found = _quoted(report, voice, most)
        around = subject
    return Answer(
        title=kind,
        sentence=voice.say(kind.sentence),
        head=_head(report, around, voice),
        readings=found,
        labels=tuple(of_report(report, subject, view, voice)),
    )


def _other(report: Report, cause: Cause, word: str, voice: TerminalVoice, place: str) -> Answer:
    kind = title.Title("unclear" if word == "Or" else "failed", word, ": ", title.cause_title(report, cause))
    quoted = quote(cause.evidence, voice, None)
    return Answer(
        kind,
        voice.say(kind.sentence),
        _head(report, cause, voice),
        (Reading(quoted, cause.title),),
        tuple(of_cause(report, cause, voice)),
        place,
    )


def _quoted(report: Report, voice: TerminalVoice, most: int | None) -> tuple[Reading, ...]:
    evidence: list[Evidence] = []
    about = phrase()
    if report.status == "passed" and report.hidden:
        first = report.hidden[0]
        evidence.append(Evidence(first.log, first.line, first.line, first.text))
        about = first.title
    elif (check := words.blocking(report)) is not None and report.root_cause is None:
        evidence.extend(check.evidence)
        about = check.message
    if report.root_cause:
        evidence.extend(report.root_cause.evidence)
        about = about or report.root_cause.title
    quoted = quote(evidence, voice, most)
    return (Reading(quoted, about),) if quoted.lines else ()


def _competing(report: Report, view: View, voice: TerminalVoice, most: int | None) -> tuple[Reading, ...]:
    table = confidence.measured() if view.reliability is None else view.reliability
    found = title.readings(report)
    shown = found if view.full else found[:READINGS]
    each = None if most is None else max(1, most // max(1, len(shown)))
    return tuple(
        Reading(
            quote(cause.evidence, voice, each),
            cause.title,
            number=index,
            meaning=ended(voice.say(cause.title)),
            sure=confidence.short(cause.confidence, table),
        )
        for index, cause in enumerate(shown, 1)
    )


def _head(report: Report, cause: Cause | None, voice: TerminalVoice) -> tuple[str, ...]:
    parts = [voice.say(report.target)]
    if cause is not None:
        parts += _place_of(report, cause, voice)
    elif (place := _hidden_place(report)) is not None:
        job, step = place
        parts.append(voice.say(job.name))
        parts += [voice.say(one.name) for one in job.steps if one.number == step]
    elif (check := words.blocking(report)) is not None:
        parts.append(voice.say(check.name))
    if len(parts) > 1 and f"/{parts[0]}".endswith(f"/{parts[1]}"):
        del parts[1]  # a log's file is the target and the job at once
    return tuple(dict.fromkeys(part for part in parts if part))


def _place_of(report: Report, cause: Cause, voice: TerminalVoice) -> list[str]:
    names = [voice.say(name) for name in cause.jobs or (cause.job,)]
    parts = [matrix.name_of_all(names, voice.marks)]
    if len(names) > 1:
        parts.append(f"{len(names):,} of {words.count(max(len(names), len(report.jobs)), 'job')}")
    elif cause.step is not None:
        parts.append(voice.say(cause.step.name))
    if cause.exit_code is not None and len(names) == 1:
        parts.append(f"exit {cause.exit_code}")
    if all(piece.line == 0 for piece in cause.evidence):
        parts.append("no log")
    return parts


def _hidden_place(report: Report) -> tuple[JobReport, int] | None:
    """Return the job and the number of the step that hide the first failure."""
    if report.status != "passed" or not report.hidden:
        return None
    first = report.hidden[0]
    for job in report.jobs:
        if job.log == first.log:
            return job, next((step.number for step in job.steps if step.first_line <= first.line <= step.last_line), -1)
    return None


def _totals(report: Report) -> str:
    causes = (1 if report.root_cause else 0) + len(several.beside(report))
    others, after = several.readings(report), [one for one in several.readings(report) if one.follows]
    parts: Sequence[tuple[int, str, str]] = (
        (causes, "cause", "causes"),
        (len(others) - len(after), *(("other reading", "other readings") if causes else ("reading", "readings"))),
        (len(after), "consequence", "consequences"),
        (len(report.jobs), "job", "jobs"),
    )
    said = [words.count(number, one, many) for number, one, many in parts if number]
    if report.limits:
        said.append(f"{len(report.limits):,} not seen")
    named = report.root_cause or (report.alternatives[0] if report.alternatives else None)
    more = causes > 1 or report.alternatives or len(report.jobs) > 1 or report.limits
    if named is None or not more or report.status == "passed":
        return ""
    return f"{', '.join(said)}. ci-diagnose explain {named.id}"
