"""The comment on a pull request: what stands open is read on a phone, the rest is folded, in a fixed order.

Our words stand bare; foreign words stand in code spans and fences only. Paragraphs, not line breaks: a comment turns a line
end into a break, a step summary does not. No tables, headings, images or links of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.model.text import Phrase, Untrusted, phrase
from diagnose.render import title, words
from diagnose.render.folds import folds
from diagnose.render.marks import UNICODE, Marks
from diagnose.render.places import spot
from diagnose.render.quote import quote
from diagnose.render.voice import TerminalVoice, capital, ended
from diagnose.safety.markdown import phrase_to_markdown, to_markdown_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.report import Cause, Evidence, Report
    from diagnose.render.interface import View

NAME: Final = "markdown"

MARKER: Final = "<!-- ci-diagnose:v1 -->"
"""The first bytes of every comment of ours: who keeps one comment up to date finds it by them and by its author."""
_WHOLE: Final = 20_000
_FENCE_LINES: Final = 3
_LINE_CHARACTERS: Final = 280
_TITLE_CHARACTERS: Final = 160
_READINGS: Final = 2


@dataclass(frozen=True, slots=True)
class MarkdownVoice:
    """Sentences for GitHub's Markdown."""

    marks: Marks = UNICODE

    def say(self, words: Phrase | Untrusted | str) -> str:
        """Return one gated line."""
        return phrase_to_markdown(words if isinstance(words, Phrase) else phrase(words), limit=_TITLE_CHARACTERS)


class Markdown:
    """The body of a comment; a step summary is the same text with view.full."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return at most 20,000 characters; folds that do not fit are left out whole, and that is said."""
        voice = MarkdownVoice()
        parts = [MARKER + "\n" + _state(report, voice), *_opening(report, voice), _fence(report), *_end(report, voice)]
        text = "\n\n".join(part for part in parts if part)
        last = _last(report)
        left_out = 0
        for fold in folds(report, view, voice):
            if len(text) + len(fold) + len(last) > _WHOLE - 200:
                left_out += 1
                continue
            text += "\n\n" + fold
        if left_out:
            text += f"\n\n{words.count(left_out, 'more fold')} did not fit: `ci-diagnose --full` shows all."
        return f"{text}\n\n{last}\n"


def _state(report: Report, voice: MarkdownVoice) -> str:
    kind = title.state(report)
    if kind == "failed" and report.root_cause:
        return f"**CI failed: {_extent(report.root_cause)}.** {_whose(report, voice)}".rstrip()
    if kind == "unclear":
        found = len(title.readings(report))
        asks = {0: "No line of the log tells why.", 1: "A person should judge one reading."}.get(found, f"A person should choose between {found} readings.")
        return f"**CI failed, and we are not sure why.** {asks}"
    if kind == "blocked":
        return f"**CI is blocked before its tests.** {_whose(report, voice)}".rstrip()
    if kind == "hidden":
        return f"**CI passed, but it hides {words.count(len(report.hidden), 'failure')}.** Nothing is marked red."
    if kind == "passed":
        return f"**CI passed.** {capital(ended(voice.say(title.title(report).sentence)))}"
    return f"**Not known whether CI failed.** {capital(ended(voice.say(title.title(report).sentence)))}"


def _extent(cause: Cause) -> str:
    if len(cause.jobs) > 1:
        return f"{words.count(len(cause.jobs), 'job')}, one cause"
    if cause.failed_tests:
        return f"{words.count(len(cause.failed_tests), 'test')}, one cause"
    return "one cause"


def _whose(report: Report, voice: MarkdownVoice) -> str:
    """Return whose it is with its comparison; what is not known is left to the folds."""
    return words.whose(report.attribution, voice) if report.attribution.verdict != "unknown" else ""


def _opening(report: Report, voice: MarkdownVoice) -> list[str]:
    kind = title.state(report)
    if kind in ("unclear", "undetermined"):
        return [_readings(report, voice)]
    if kind == "passed":
        return []
    sentence = title.title(report).sentence
    if kind == "hidden":
        sentence = report.hidden[0].title
    elif kind == "failed" and report.root_cause:
        sentence = title.cause_title(report, report.root_cause)
    said = capital(voice.say(sentence))
    where = _first_place(report.root_cause, voice) if report.root_cause else ""
    what = f"{said}: {where}" if where else ended(said)
    return [what, _do(report, voice)]


def _readings(report: Report, voice: MarkdownVoice) -> str:
    rows: list[str] = []
    for index, cause in enumerate(title.readings(report)[:_READINGS], 1):
        first = cause.evidence[0]
        place = f"log line {first.line}" if first.line else "an annotation"
        rows.append(f"{index}. {voice.say(cause.title)}, {place} ({cause.id}, {round(cause.confidence * 10)} in 10 by our count)")
    return "\n".join(rows)


def _first_place(cause: Cause, voice: MarkdownVoice) -> str:
    test = cause.failed_tests[0] if cause.failed_tests else None
    if test is not None and test.file is not None:
        return spot(test.file, test.line, None, voice)
    if cause.locations:
        first = cause.locations[0]
        where = spot(first.file, first.line, None, voice)
        return f"{where}, test {voice.say(test.name)}" if test is not None else where
    return f"test {voice.say(test.name)}" if test is not None else ""


def _do(report: Report, voice: MarkdownVoice) -> str:
    if report.fix_strategy is not None:
        strategy = report.fix_strategy
        return f"**Do:** {ended(voice.say(strategy.summary))} {words.minutes(strategy.minutes)}"
    if title.state(report) == "hidden" and report.hidden[0].advice:
        return f"**Do:** {ended(voice.say(report.hidden[0].advice))}"
    known = words.known(report, report.root_cause.id) if report.root_cause else None
    helped = words.known_fix(known, voice) if known else ""
    return f"**Do:** as last time: {helped}" if helped else ""


def _fence(report: Report) -> str:
    """Return at most three quoted lines with their numbers."""
    evidence = _evidence(report)
    shown = quote(evidence, TerminalVoice(), _FENCE_LINES).lines
    if not shown:
        return ""
    wide = max(len(str(line.number)) if line.number else 4 for line in shown)
    rows = [f"{str(line.number) if line.number else 'note':>{wide}} │ {_cut(line.text)}" for line in shown]
    return to_markdown_block("\n".join(rows)).strip("\n")


def _evidence(report: Report) -> Sequence[Evidence]:
    from diagnose.model.report import Evidence

    if report.status == "passed" and report.hidden:
        first = report.hidden[0]
        return (Evidence(first.log, first.line, first.line, first.text),)
    if found := title.readings(report):
        return found[0].evidence
    check = words.blocking(report)
    return check.evidence if check else ()


def _cut(text: str) -> str:
    left = len(text) - _LINE_CHARACTERS
    return text if left <= 0 else f"{text[:_LINE_CHARACTERS]} [… {left:,} more characters]"


def _end(report: Report, voice: MarkdownVoice) -> list[str]:
    """Return the request for a person; it is never folded."""
    if not report.escalation:
        return []
    return [f"**Look:** {' '.join(ended(voice.say(one.reason)) for one in report.escalation)}"]


def _last(report: Report) -> str:
    notified = " · nobody was notified" if report.requires_escalation else ""
    target = phrase_to_markdown(Phrase((report.target,)), limit=80)
    return f"<sub>{report.started_at:%H:%M} UTC{notified} · {target}</sub>" if target else f"<sub>{report.started_at:%H:%M} UTC{notified}</sub>"


RENDERER: Final = Markdown()
