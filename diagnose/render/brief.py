"""One line a cause, `log:line: ` first, so that editors and grep take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render import confidence, several, title, words
from diagnose.render.paint import painted
from diagnose.render.places import places
from diagnose.render.voice import TerminalVoice

if TYPE_CHECKING:
    from diagnose.model.report import Cause, Report
    from diagnose.render.interface import View
    from diagnose.render.layout import Row

NAME: Final = "brief"


class Brief:
    """Log, line, state, category, tool, place, title, [how sure, whose, minutes], id."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return a line for each cause, each hidden failure and each blocking check; one line when there is none."""
        voice = TerminalVoice(view.ascii)
        lines = _lines(report, voice) or [_nothing(report, voice)]
        return painted([_row(line) for line in lines], colour=False)


def _row(line: str) -> Row:
    return [(line, "")]


def _lines(report: Report, voice: TerminalVoice) -> list[str]:
    kind = title.state(report)
    word = {"unclear": "unclear", "undetermined": "unclear", "blocked": "blocked"}.get(kind, "failed")
    claimed = title.readings(report) if word == "unclear" else (report.root_cause,) if report.root_cause else ()
    lines = [_cause(one, word, report, voice) for one in claimed]
    lines += [_cause(one, "failed", report, voice) for one in several.beside(report)]
    if kind == "blocked" and not claimed and (check := words.blocking(report)):
        at = _at(check.evidence[0].log, check.evidence[0].line, voice) if check.evidence else ""
        lines.append(f"{at}blocked {voice.say(check.name)} {voice.say(check.message)}")
    for silent in report.hidden:
        lines.append(
            f"{_at(silent.log, silent.line, voice)}hidden {silent.severity} {silent.kind} {voice.say(silent.title)}"
        )
    return lines


def _cause(cause: Cause, word: str, report: Report, voice: TerminalVoice) -> str:
    first = cause.evidence[0]
    shown, _ = places(cause, voice, None)
    where = next((place for place, _ in shown if place), "")
    about = [confidence.word(cause.confidence).lower()]
    if cause is report.root_cause:
        about.append(report.attribution.verdict if report.attribution.verdict != "unknown" else "whose unknown")
        if report.estimated_fix_time is not None:
            about.append(f"{report.estimated_fix_time:.0f} min")
    parts = [word, cause.category, cause.tool, where, voice.say(cause.title), f"[{', '.join(about)}]", cause.id]
    return _at(first.log, first.line, voice) + " ".join(voice.say(part) for part in parts if part)


def _at(log: str, line: int, voice: TerminalVoice) -> str:
    return f"{voice.say(log)}:{line}: " if line else f"{voice.say(log)}: " if log else ""


def _nothing(report: Report, voice: TerminalVoice) -> str:
    first = title.title(report)
    return f"{voice.say(report.target)}: {first.word.lower()}{first.joint}{voice.say(first.sentence)}"


RENDERER: Final = Brief()
