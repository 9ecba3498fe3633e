"""One question, one word, one order: what stands under the quoted lines. A label with nothing to say is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from diagnose.model.text import phrase
from diagnose.render import confidence, matrix, several, title, words
from diagnose.render.places import places
from diagnose.render.voice import ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.report import Cause, Report, SilentFailure
    from diagnose.render.interface import View
    from diagnose.render.layout import Span
    from diagnose.render.voice import TerminalVoice

Kind = Literal["prose", "place", "command"]
_WIDE: Final = 120
_STEPS: Final = 3
_OWN_CODES: Final = (
    123  # above it a shell or a starter speaks (not found, a signal, a limit): that may be all that is known
)
_COMMANDS: Final = 1
_BLOCKED: Final = "Nothing behind this check can be judged before it passes."
_ALTERNATIVES: Final = 2
_OTHERS: Final = 3
_WORTH_NAMING: Final = 0.2
# what each agent looks for, in words; another's is called by its name
_LOOKS_FOR: Final = {
    "change_suspect": "what the change touches",
    "ci_diagnostics": "failures",
    "hang_detector": "hangs",
    "pattern_matcher": "failures that are known",
    "silent_failure_detector": "hidden failures",
    "test_reports": "failed tests in reports",
    "workflow_lint": "workflow files that can hide one",
}
_CLAIMED_FIRMLY: Final = 0.85


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing said. kind: prose is wrapped at spaces, a place or a command so that it can still be copied."""

    spans: tuple[Span, ...]
    kind: Kind = "prose"


@dataclass(frozen=True, slots=True)
class Label:
    """A question's word and its answer; urgent: a person is asked for."""

    word: str
    entries: tuple[Entry, ...]
    urgent: bool = False


def said(text: str) -> Entry:
    """Return prose without a style."""
    return Entry(((text, ""),))


def command(text: str) -> Entry:
    """Return something to copy."""
    return Entry(((text, "open"),), "command")


def of_report(report: Report, subject: Cause | None, view: View, voice: TerminalVoice) -> list[Label]:
    """Return the labels of the first block; subject: the cause that is claimed, None when none is."""
    kind = title.state(report)
    found: list[Label | None] = [_checks(report, subject, voice, all_of_them=kind == "blocked")]
    if subject is not None:
        found += [_why(subject, voice), _where(subject, view, voice), _jobs(report, subject, voice)]
    if kind == "passed":
        found.append(_looked_at(report))
    elif kind != "hidden":
        found += [_whose(report, subject, view, voice), _again(report, view, voice)]
    if kind in ("unclear", "undetermined"):
        found += (
            [_why(root, voice)]
            if (root := report.root_cause) is not None and (root.exit_code or 0) > _OWN_CODES
            else []
        )
        found += [_look(report, voice), _fix(report, subject, view, voice), _try(report, view, voice)]
    else:
        found += [
            _seen(report, subject, view, voice),
            _fix(report, subject, view, voice),
            _try(report, view, voice),
            _sure(report, subject, view),
        ]
    found += [_or(report, view, voice), _also(report, voice, full=view.full), _hidden(report, view, voice)]
    found += [_more(report, subject), _rest(report, blocked=kind == "blocked")]
    if kind not in ("unclear", "undetermined"):
        found.append(_look(report, voice))
    return [label for label in found if label is not None]


def of_cause(report: Report, cause: Cause, voice: TerminalVoice) -> list[Label]:
    """Return the labels of another cause, opened."""
    after = several.follows(cause, report, voice)
    found = [
        Label("why", (said(f"It {after}."),)) if after else _why(cause, voice),
        Label("where", entries) if (entries := _place_entries(cause, voice, None)) else None,
        _jobs(report, cause, voice),
    ]
    sure = Label("sure", (said(f"{confidence.word(cause.confidence)} ({confidence.number(cause.confidence)})."),))
    return [label for label in (*found, sure) if label is not None]


def _checks(report: Report, subject: Cause | None, voice: TerminalVoice, *, all_of_them: bool) -> Label | None:
    shown = [one for one in words.checks(report) if all_of_them or one.status in ("failed", "error")]
    quoted = {(piece.log, piece.line) for piece in subject.evidence} if subject is not None else set()
    text = f" {voice.marks.dot} ".join(words.check(one, voice, quoted) for one in shown)
    return Label("checks", (said(text),)) if text else None


def _why(cause: Cause, voice: TerminalVoice) -> Label | None:
    text = voice.say(cause.explanation)
    return Label("why", (said(ended(text)),)) if text else None


def _where(cause: Cause, view: View, voice: TerminalVoice) -> Label | None:
    rows = None if view.full else 4 if view.width >= _WIDE else 3
    entries = _place_entries(cause, voice, rows)
    return Label("where", entries) if entries else None


def _place_entries(cause: Cause, voice: TerminalVoice, rows: int | None) -> tuple[Entry, ...]:
    shown, fold = places(cause, voice, rows)
    entries = [
        Entry(((place, "open"), (f"  {note}" if note and place else note, "")), "place") for place, note in shown
    ]
    return (*entries, said(fold)) if fold else tuple(entries)


def _jobs(report: Report, cause: Cause, voice: TerminalVoice) -> Label | None:
    names = [voice.say(name) for name in cause.jobs]
    if len(names) < 2:  # noqa: PLR2004 - one job stands in the header
        return None
    said_groups = matrix.groups(names, [voice.say(job.name) for job in report.jobs], voice.marks)
    differs = len(cause.members)
    said_groups.append(f"the line differs in {differs:,}" if differs else "same line")
    return Label("jobs", (said(f" {voice.marks.dot} ".join(said_groups)),))


def _whose(report: Report, subject: Cause | None, view: View, voice: TerminalVoice) -> Label | None:
    silent = report.attribution.verdict == "unknown" and not report.attribution.reasons
    return (
        None
        if (subject is None and title.state(report) != "blocked") or silent
        else Label("whose", (said(words.whose(report.attribution, voice, full=view.full)),))
    )


def _again(report: Report, view: View, voice: TerminalVoice) -> Label | None:
    """Say whether to run again; that a failure of the change stays is left out, where only the answer is wanted."""
    retry = report.retry
    if retry is None or (report.attribution.verdict == "change" and not retry.advised and not view.full):
        return None
    entries = [said(words.again(retry, voice, full=view.full))]
    return Label("again", (*entries, command(voice.say(retry.command))) if retry.command else tuple(entries))


def _looked_at(report: Report) -> Label | None:
    logs = len({job.log for job in report.jobs if job.log})
    answered = [_LOOKS_FOR.get(run.name, run.name) for run in report.agents if run.status == "ok"]
    parts = ([words.count(logs, "log")] if logs else []) + ([f"for {words.listing(answered)}"] if answered else [])
    return Label("looked", (said(f"at {', '.join(parts)}."),)) if parts else None


def _seen(report: Report, subject: Cause | None, view: View, voice: TerminalVoice) -> Label | None:
    known = words.known(report, subject.id if subject else "")
    return Label("seen", (said(words.seen(known, voice, full=view.full)),)) if known else None


def _fix(report: Report, subject: Cause | None, view: View, voice: TerminalVoice) -> Label | None:
    entries: list[Entry] = []
    known = words.known(report, subject.id if subject else "")
    if report.fix_strategy is not None:
        entries.append(said(words.fix(report.fix_strategy, voice)))
        entries += _steps(report, voice, full=view.full)
    elif report.status == "passed" and report.hidden and report.hidden[0].advice:
        entries.append(said(ended(voice.say(report.hidden[0].advice))))
    if known and (text := words.known_fix(known, voice)) and not words.is_known_fix(report.fix_strategy, known):
        entries.append(said(f"Last time: {text}"))
    if not entries and report.status == "failed" and subject is not None:
        entries.append(said("None on record."))
    return Label("fix", tuple(entries)) if entries else None


def _steps(report: Report, voice: TerminalVoice, *, full: bool) -> Iterator[Entry]:
    steps = words.steps(report.fix_strategy, voice)
    if len(steps) > _STEPS and not full:
        yield said(f"{words.count(len(steps), 'step')}: --full")
        return
    for index, step in enumerate(steps, 1):
        number = f"{index}. " if len(steps) > 1 else ""
        text = voice.say(step.text)
        yield said(f"{number}{text.removesuffix('.')}:" if step.command else f"{number}{ended(text)}")
        if step.command:
            yield command(voice.say(step.command))
            if not step.safe:
                yield said("This command changes something: read it first.")


def _try(report: Report, view: View, voice: TerminalVoice) -> Label | None:
    told = {voice.say(step.command) for step in words.steps(report.fix_strategy, voice) if step.command}
    lines = [text for one in report.reproduce if (text := voice.say(one)) and text not in told]
    shown = lines if view.full else lines[:_COMMANDS]
    entries = [command(text) for text in shown]
    if len(lines) > len(shown):
        entries.append(said(f"{len(lines) - len(shown):,} more: --full"))
    return Label("try", tuple(entries)) if entries else None


def _sure(report: Report, subject: Cause | None, view: View) -> Label | None:
    probability = subject.confidence if subject else report.confidence
    if subject is None and (title.state(report) in ("hidden", "passed") or not probability):
        return None
    table = confidence.measured() if view.reliability is None else view.reliability
    return Label("sure", (said(confidence.sentence(probability, table)),))


def _or(report: Report, view: View, voice: TerminalVoice) -> Label | None:
    """Name what else it may be, where the claim is not firm or the rival is near."""
    if title.state(report) != "failed" or view.full or report.root_cause is None:
        return None
    firm = report.root_cause.confidence >= _CLAIMED_FIRMLY
    near = [
        one
        for one in several.rivals(report, voice)
        if (one.confidence >= _WORTH_NAMING or not firm) and several.worth_a_row(one, report, voice)
    ][:_ALTERNATIVES]
    return Label("or", tuple(_one_line(one, report, voice) for one in near)) if near else None


def _also(report: Report, voice: TerminalVoice, *, full: bool) -> Label | None:
    found = several.beside(report)
    if full or not found:
        return None
    shown = found[:_OTHERS]
    entries = [_one_line(one, report, voice) for one in shown]
    if len(found) > len(shown):
        entries.append(said(f"{len(found) - len(shown):,} more: --full"))
    return Label("also", tuple(entries))


def _one_line(cause: Cause, report: Report, voice: TerminalVoice) -> Entry:
    first = cause.evidence[0]
    logs = len({job.log for job in report.jobs})
    place = (
        "annotation" if not first.line else f"{voice.say(first.log)}:{first.line}" if logs > 1 else f"line {first.line}"
    )
    after = f", {text}" if (text := several.follows(cause, report, voice)) else ""
    return Entry(
        (
            (cause.id, "open"),
            (f"  {voice.say(cause.title)}, {place}{after} ({confidence.number(cause.confidence)})", ""),
        )
    )


def _hidden(report: Report, view: View, voice: TerminalVoice) -> Label | None:
    told = report.hidden[1:] if report.status == "passed" else report.hidden
    shown = told if view.full else told[:_OTHERS]
    entries = [*_lost_at(report, voice), *(_hidden_line(one, report, voice) for one in shown)]
    if len(told) > len(shown):
        entries.append(said(f"{len(told) - len(shown):,} more: --full"))
    notes = [failure for failure in report.silent_failures if not failure.seen]
    entries += [said(_note(one, voice)) for one in (notes if view.full else notes[:_OTHERS])]
    if len(notes) > _OTHERS and not view.full:
        entries.append(said(f"{len(notes) - _OTHERS:,} more places that could hide one: --full"))
    return Label("hidden", tuple(entries)) if entries else None


def _lost_at(report: Report, voice: TerminalVoice) -> Iterator[Entry]:
    """Name the line that lost the failure of which the answer speaks."""
    first = report.hidden[0] if report.status == "passed" and report.hidden else None
    if first is not None and first.place is not None:
        yield said(f"It was lost at {_spot(first, voice)}: {voice.say(first.why or phrase())}.")


def _note(one: SilentFailure, voice: TerminalVoice) -> str:
    return f"{voice.say(one.title)} ({_spot(one, voice)})" if one.place is not None else voice.say(one.title)


def _spot(one: SilentFailure, voice: TerminalVoice) -> str:
    place = one.place
    return f"{voice.say(place.file)}:{place.line}" if place is not None else ""


def _hidden_line(one: SilentFailure, report: Report, voice: TerminalVoice) -> Entry:
    several = len({job.log for job in report.jobs}) > 1
    place = f"{voice.say(one.log)}:{one.line}" if several else f"line {one.line}"
    return said(voice.say(phrase(one.title, f" ({place})")) if one.line else voice.say(one.title))


def _more(report: Report, subject: Cause | None) -> Label | None:
    if subject is None or report.status != "failed":
        return None
    known = words.known(report, subject.id)
    if known is not None:
        return Label("more", (command(f"ci-diagnose history show {known.pattern}"),))
    if not subject.rule:
        return Label(
            "teach",
            (Entry(((f"ci-diagnose resolve {subject.id}", "open"), ("     next time it will know", "")), "command"),),
        )
    return None


def _rest(report: Report, *, blocked: bool) -> Label | None:
    if not blocked or any(run.status == "ok" for run in report.agents):
        return None
    return Label("rest", (said("The rest was not tried: nothing behind a blocking check is read."),))


def _look(report: Report, voice: TerminalVoice) -> Label | None:
    # the title of a blocked answer is the block itself
    blocked = title.state(report) == "blocked"
    entries = tuple(
        said(_BLOCKED if blocked and one.trigger == "blocked" else ended(voice.say(one.reason)))
        for one in report.escalation
    )
    return Label("look", entries, urgent=True) if entries else None
