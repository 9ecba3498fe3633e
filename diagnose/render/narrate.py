"""The answer as sentences, for screen readers and braille: no signs, no bars, no columns, no wrapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render import answer
from diagnose.render.layout import expand_tabs, window
from diagnose.render.quote import LINES, hit
from diagnose.render.voice import ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.report import Report
    from diagnose.render.answer import Answer, Reading
    from diagnose.render.interface import View
    from diagnose.render.labels import Label
    from diagnose.render.layout import Row
    from diagnose.render.voice import TerminalVoice

_CHARACTERS: Final = 400
_SENTENCE: Final = {
    "checks": "Checks",
    "why": "Why",
    "where": "Where",
    "jobs": "Jobs",
    "whose": "Whose",
    "again": "Run again",
    "seen": "Seen before",
    "fix": "Fix",
    "try": "Try",
    "sure": "How sure",
    "look": "A person should look",
    "or": "It may also be",
    "also": "Also found",
    "hidden": "Hidden failure",
    "more": "More",
    "teach": "Teach it",
    "rest": "Not tried",
    "looked": "Looked",
}


def narrated(report: Report, view: View, voice: TerminalVoice) -> list[Row]:
    """Return one row a sentence; rows are not broken, the reader's own device does that."""
    whole = answer.whole(report, view, voice, None if view.full else LINES)
    said: list[str] = []
    for one in whole.answers:
        said += _block(one, view, voice)
    said += [f"Not seen: {text}" for text in whole.not_seen]
    if whole.totals:
        said.append(f"In all: {whole.totals}")
    return [[(text, "")] for text in said]


def _block(one: Answer, view: View, voice: TerminalVoice) -> Iterator[str]:
    if one.place:
        yield f"{one.place}."
    yield ended(f"{one.title.word}{one.title.joint}{one.sentence}")
    if one.head:
        yield ended("In: " + ", ".join(one.head))
    for reading in one.readings:
        yield from _reading(reading, view, voice)
    for label in one.labels:
        yield _label(label)


def _reading(reading: Reading, view: View, voice: TerminalVoice) -> Iterator[str]:
    if reading.number:
        yield f"Reading {reading.number}: {reading.meaning} {reading.sure}"
    for line in reading.quote.lines:
        text = expand_tabs(line.text)
        if not view.full:
            text = window(text, hit(reading.about, text, voice), _CHARACTERS, voice.marks.more)
        place = f"line {line.number}" if line.number else "annotation"
        yield f"{place}, this one: {text}" if line.tells else f"{place}: {text}"
    if reading.quote.hidden:
        yield f"{reading.quote.hidden:,} more lines: --full."


def _label(label: Label) -> str:
    texts = ["".join(text for text, _ in entry.spans).replace("  ", " ") for entry in label.entries]
    joined = "; ".join(text.rstrip(".") for text in texts) if len(texts) > 1 else texts[0]
    return f"{_SENTENCE[label.word]}: {joined if label.word in ('try', 'teach', 'more') or label.entries[-1].kind == 'command' else ended(joined)}"
