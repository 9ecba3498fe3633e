"""What hides failures, as a list: which line lost the one that the answer tells of, and the places that could hide another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.model.text import phrase
from diagnose.render.places import spot
from diagnose.render.voice import ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.report import Report, SilentFailure
    from diagnose.render.voice import Voice


def hiding(report: Report, voice: Voice) -> tuple[str, list[str]]:
    """Return a heading and its items: where each hidden failure was lost, then the notes; no items where nothing is known."""
    lost = list(_lost(report, voice))
    notes = [_note(failure, voice) for failure in report.silent_failures if not failure.seen]
    heading = "What hid it" if lost else f"Could hide a failure: {len(notes):,}"
    return heading, [*lost, *notes]


def _lost(report: Report, voice: Voice) -> Iterator[str]:
    told: set[str] = set()
    for failure in report.hidden:
        if failure.place is None:
            continue
        said = ended(
            f"Lost at {spot(failure.place.file, failure.place.line, None, voice)}: {voice.say(failure.why or phrase(failure.title))}"
        )
        if said not in told:
            told.add(said)
            yield said


def _note(failure: SilentFailure, voice: Voice) -> str:
    place = f", {spot(failure.place.file, failure.place.line, None, voice)}" if failure.place is not None else ""
    said = voice.say(failure.title)
    return ended(f"{said[:1].upper()}{said[1:]}{place}")  # a title of ours: its first word is none of a tool's names
