"""The folded parts of a comment, in their fixed order; a fold with nothing to say is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.model.text import joined
from diagnose.render import confidence, matrix, several, title, words
from diagnose.render.hiding import hiding
from diagnose.render.opening import advice
from diagnose.render.places import spot
from diagnose.render.voice import TerminalVoice, capital, ended
from diagnose.safety.markdown import to_markdown_block, to_markdown_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.report import Cause, FailedTest, Report, Retry
    from diagnose.model.text import Phrase
    from diagnose.render.interface import View
    from diagnose.render.voice import Voice

_ITEMS: Final = 20


def folds(report: Report, view: View, voice: Voice, *, cut: bool = False) -> Iterator[str]:
    """Yield each fold as HTML around Markdown; open ones, without the fold, when view.full. cut: above stands not all of what to do."""
    subject = None if title.state(report) in ("unclear", "undetermined") else report.root_cause
    table = confidence.measured() if view.reliability is None else view.reliability
    if subject is not None:
        times = confidence.often(subject.confidence, table)
        sure = confidence.word(subject.confidence).lower() + (
            f", right {times}" if times else f" ({confidence.number(subject.confidence)})"
        )
        yield from _fold(f"Why we say so: {sure}", _reasons(report, subject, voice), full=view.full)
    elif title.readings(report):
        yield from _fold("Why these", _readings(report, voice), full=view.full)
    if report.reproduce:
        yield from _fold("Run it here", [], full=view.full, block=joined(report.reproduce, "\n"))
    yield from _fold("Step by step", _steps(report, voice, whole=cut), full=view.full)
    if subject is not None:
        yield from _tests(subject, voice, full=view.full)
        yield from _jobs(report, subject, full=view.full)
    yield from _fold(*_also(report, voice), full=view.full)
    yield from _fold(*hiding(report, voice), full=view.full)
    if report.retry is not None:
        yield from _fold(
            f"Run again: {'yes' if report.retry.advised else 'no'}", _again(report.retry, voice), full=view.full
        )
    missing = words.not_seen(report, voice)
    yield from _fold(f"Not seen: {len(missing):,}", [capital(text) for text in missing], full=view.full)


def _fold(summary: str, items: list[str], *, full: bool, block: Phrase | None = None) -> Iterator[str]:
    """summary: words of ours only, for it stands in HTML."""
    if not items and block is None:
        return
    shown = items[:_ITEMS]
    rows = "\n".join(f"- {item}" for item in shown)
    if len(items) > len(shown):
        rows += f"\n- {len(items) - len(shown):,} more: `ci-diagnose --full`"
    body = to_markdown_block(block, limit=4000).strip("\n") if block is not None else rows
    yield f"**{summary}**\n\n{body}" if full else f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _reasons(report: Report, subject: Cause, voice: Voice) -> list[str]:
    whose = report.attribution
    said = [
        voice.say(subject.explanation),
        *(voice.say(reason) for reason in whose.reasons),
        voice.say(whose.decision or ""),
    ]
    if known := words.known(report, subject.id):
        said.append(f"Seen before, {words.seen(known, voice)}")
    rivals = (one for one in several.rivals(report, voice) if several.worth_a_row(one, report, voice))
    if others := [one for one in rivals if not one.follows]:
        said.append(f"If that is wrong, look next at: {voice.say(others[0].title)}")
    return [capital(ended(text)) for text in said if text]


def _readings(report: Report, voice: Voice) -> list[str]:
    """Say why each reading may be right, and why none of them is claimed."""
    said = [voice.say(one.explanation) for one in title.readings(report) if one.explanation]
    return list(
        dict.fromkeys(
            ended(text)
            for text in (*said, *(voice.say(one.reason) for one in report.escalation if one.trigger == "confidence"))
        )
    )


def _steps(report: Report, voice: Voice, *, whole: bool) -> list[str]:
    """Return the steps; whole: what to do goes before them, for above only its first sentence stands."""
    steps = words.steps(report.fix_strategy, voice)
    first = [ended(voice.say(advice(report)))] if whole else []
    return first + [
        f"{voice.say(step.text).removesuffix('.')}: {to_markdown_span(step.command)}"
        if step.command
        else ended(voice.say(step.text))
        for step in steps
    ]


def _again(retry: Retry, voice: Voice) -> list[str]:
    said = words.again(retry, voice, full=True)
    return [f"{said} Command: {to_markdown_span(retry.command)}" if retry.command else said]


def _tests(subject: Cause, voice: Voice, *, full: bool) -> Iterator[str]:
    if len(subject.failed_tests) > 1:
        yield from _fold(
            words.count(len(subject.failed_tests), "failed test"),
            [_test(one, voice) for one in subject.failed_tests],
            full=full,
        )


def _test(one: FailedTest, voice: Voice) -> str:
    name = voice.say(one.name)
    return f"{name}, {spot(one.file, one.line, None, voice)}" if one.file is not None else name


def _jobs(report: Report, subject: Cause, *, full: bool) -> Iterator[str]:
    if len(subject.jobs) < 2:  # noqa: PLR2004 - one job needs no list
        return
    plain = TerminalVoice()
    named = matrix.groups(
        [plain.say(job) for job in subject.jobs], [plain.say(job.name) for job in report.jobs], plain.marks
    )
    alike = "all alike" if not subject.members else f"the line differs in {len(subject.members):,}"
    summary = f"{len(subject.jobs):,} of {words.count(max(len(subject.jobs), len(report.jobs)), 'job')} fail, {alike}"
    yield from _fold(summary, [to_markdown_span(name) for name in named], full=full)


def _also(report: Report, voice: Voice) -> tuple[str, list[str]]:
    hidden = report.hidden[1:] if report.status == "passed" else report.hidden
    after = [one for one in several.readings(report) if one.follows]
    items = [_item(one, report, voice) for one in (*several.beside(report), *after)]
    items += [f"Hidden: {voice.say(one.title)}, line {one.line}" for one in hidden]
    return f"Also seen: {len(items):,}", items


def _item(one: Cause, report: Report, voice: Voice) -> str:
    line = one.evidence[0].line
    place = f"line {line}" if line else "annotation"
    after = several.follows(one, report, voice)
    return f"{one.id}: {voice.say(one.title)}, {place}" + (f", {after}" if after else "")
