"""What stands open in a comment: state and whose, what and where, what to do, the lines that tell. It is read on a phone.

The room is counted in characters as a reader sees them. Foreign words are shortened before they go through the gate, never behind it: a
code span cut in half would be open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.report import Evidence
from diagnose.model.text import Phrase, Untrusted, phrase
from diagnose.render import confidence, several, title, words
from diagnose.render.marks import UNICODE, Marks
from diagnose.render.places import spot
from diagnose.render.quote import quote
from diagnose.render.voice import TerminalVoice, capital, ended
from diagnose.safety.markdown import phrase_to_markdown, to_markdown_block

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnose.model.report import Cause, Escalation, Report
    from diagnose.render.confidence import Reliability
    from diagnose.render.quote import Quoted

ROOM: Final = 600
"""Characters that stand open in a comment, at most: 18 rows of a phone."""
LONG_FENCE: Final = 20
_FENCE_LINES: Final = 3
_LINE_LEAST: Final = 60
_SPANS: Final = (160, 120, 80, 60, 40, 24)
_FOR_READINGS: Final = 1.5
_STATE: Final = 150
_SHARES: Final = ((_STATE, 170, 180, 150), (_STATE, 130, 120, 90), (110, 100, 90, 60))
"""Characters for the state, for what it is, for what to do and for the request to a person; the first that leave room for the lines that tell."""
_FOR_FENCE: Final = 90
_READINGS: Final = 2
_OUTSIDE: Final = ("infrastructure", "network")
_SIGNS = regex(r"\*\*|`+ ?| ?`+|</?sub>|<!--.*?-->|&lt;")
_SENTENCE = regex(r"(?<=[a-z)\d])\. (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class MarkdownVoice:
    """Sentences for GitHub's Markdown. span: characters of a foreign word, what is over is cut."""

    marks: Marks = UNICODE
    span: int = _SPANS[0]

    def say(self, words: Phrase | Untrusted | str) -> str:
        """Return one gated line."""
        return phrase_to_markdown(words if isinstance(words, Phrase) else phrase(words), limit=self.span)


def seen(markdown: str) -> int:
    """Return how many characters of a piece of Markdown a reader sees."""
    return len(_SIGNS.sub("", markdown))


def opening(report: Report, table: Reliability, room: int | None = ROOM) -> list[str]:
    """Return the paragraphs in order, none of them empty. room: characters for all of them together; None for a page that is not short."""
    if room is None:
        said, look = _said(report, table, (10**6,) * 4)
        return [text for text in (*said, _fence(report, None), look) if text]
    tried = [_said(report, table, shares) for shares in _SHARES]
    said, look = next((one for one in tried if _room_left(room, *one) >= _FOR_FENCE), tried[-1])
    return [text for text in (*said, _fence(report, _room_left(room, said, look)), look) if text]


def _room_left(room: int, said: Sequence[str], look: str) -> int:
    return room - sum(seen(text) + 1 for text in (*said, look)) - len("text")


def _said(report: Report, table: Reliability, shares: tuple[int, ...]) -> tuple[list[str], str]:
    state, what, do, look = shares
    wide = _FOR_READINGS if title.state(report) in ("unclear", "undetermined") else 1
    said = [
        _fit(partial(part, report, table), most)
        for part, most in ((_outside, what), (_state, state), (_what, what * wide))
    ]
    return [*said, _do(report, do)], _look(report, look)


def _fit(say: Callable[[MarkdownVoice], str], most: float) -> str:
    """Return what is said with the longest spans that keep it within `most` characters; the shortest where none do."""
    told = [say(MarkdownVoice())]
    while seen(told[-1]) > most and len(told) < len(_SPANS):
        told.append(say(MarkdownVoice(span=_SPANS[len(told)])))
    return told[-1]


def outage(report: Report) -> Cause | None:
    """Return a cause outside the repository that stands beside the first one: it is told before all."""
    root = report.root_cause
    if root is None or root.category in _OUTSIDE:
        return None
    return next((one for one in several.beside(report) if one.category in _OUTSIDE), None)


def _outside(report: Report, _table: Reliability, voice: MarkdownVoice) -> str:
    found = outage(report)
    return f"**Outside the repository:** {ended(voice.say(found.title))}" if found else ""


def _state(report: Report, _table: Reliability, voice: MarkdownVoice) -> str:
    kind = title.state(report)
    sentence = ended(capital(voice.say(title.title(report).sentence)))
    return {
        "failed": f"**CI failed: {extent(report)}.** {_whose(report, voice)}",
        "unclear": f"**CI failed, and we are not sure why.** {_asks(report)}",
        "blocked": f"**CI is blocked before its tests.** {_whose(report, voice)}",
        "hidden": f"**CI passed, but it hides {words.count(len(report.hidden), 'failure')}.** Nothing is marked red.",
        "passed": f"**CI passed.** {sentence}",
        "undetermined": f"**Not known whether CI failed.** {sentence}",
    }[kind].rstrip()


def extent(report: Report) -> str:
    """Return how far a failure goes: "12 jobs, one cause", "2 tests, one cause", "3 causes"."""
    cause = report.root_cause
    others = len(several.beside(report))
    causes = "one cause" if not others else f"{others + 1:,} causes"
    if cause is not None and len(cause.jobs) > 1:
        return f"{words.count(len(cause.jobs), 'job')}, {causes}"
    if cause is not None and cause.failed_tests:
        return f"{words.count(len(cause.failed_tests), 'test')}, {causes}"
    return causes


def _asks(report: Report) -> str:
    found = len(title.readings(report))
    few = {
        0: "No line of the log tells why.",
        1: "A person should judge one reading.",
        2: "A person should choose between two readings.",
    }
    return few.get(found, f"A person should choose: of {found} readings these two are the likeliest.")


def _whose(report: Report, voice: MarkdownVoice) -> str:
    """Return whose it is with its comparison, shorter where it is long; what is not known is left to the folds."""
    if report.attribution.verdict == "unknown":
        return ""
    whole = words.whose(report.attribution, voice)
    if seen(whole) <= _STATE:
        return whole
    return words.whose(replace(report.attribution, reasons=report.attribution.reasons[:1], decision=None), voice)


def _what(report: Report, table: Reliability, voice: MarkdownVoice) -> str:
    kind = title.state(report)
    if kind in ("unclear", "undetermined"):
        return _readings(report, table, voice)
    if kind == "passed":
        return ""
    sentence = title.title(report).sentence
    if kind == "hidden":
        sentence = report.hidden[0].title
    elif kind == "failed" and report.root_cause:
        sentence = title.cause_title(report, report.root_cause)
    said = capital(voice.say(sentence))
    where = first_place(report.root_cause, voice, said) if report.root_cause else ""
    return f"{said}: {where}" if where else ended(said)


def _readings(report: Report, table: Reliability, voice: MarkdownVoice) -> str:
    rows: list[str] = []
    for index, cause in enumerate(title.readings(report)[:_READINGS], 1):
        first = cause.evidence[0]
        place = f"log line {first.line}" if first.line else "an annotation"
        often = confidence.often(cause.confidence, table)
        sure = (
            f"{often} the right one"
            if often
            else f"{confidence.word(cause.confidence).lower()}, {confidence.number(cause.confidence)}"
        )
        rows.append(f"{index}. {capital(voice.say(cause.title))}, {place} ({sure})")
    return "\n".join(rows)


def first_place(cause: Cause, voice: MarkdownVoice, said: str = "") -> str:
    """Return the first place of a cause, with the name of the test where the place is not the test's own and `said` has not named it; "" for none."""
    test = cause.failed_tests[0] if cause.failed_tests else None
    if test is not None and test.file is not None:
        return spot(test.file, test.line, None, voice)
    name = voice.say(test.name) if test is not None else ""
    named = f"test {name}" if name and name not in said else ""
    if cause.locations:
        first = cause.locations[0]
        where = spot(first.file, first.line, None, voice)
        return f"{where}, {named}" if named else where
    return named


def advice(report: Report) -> Phrase:
    """Return what to do, whole, without its minutes; empty where nothing is known."""
    if report.fix_strategy is not None:
        return report.fix_strategy.summary
    if title.state(report) == "hidden":
        return phrase(report.hidden[0].advice)
    return phrase()


def _do(report: Report, most: int) -> str:
    whole = advice(report)
    if not whole:
        known = words.known(report, report.root_cause.id) if report.root_cause else None
        helped = _fit(lambda voice: words.known_fix(known, voice), most) if known else ""
        return f"**Do:** as last time: {helped}" if helped else ""
    minutes = f" {words.minutes(report.fix_strategy.minutes)}" if report.fix_strategy else ""
    said = _fit(lambda voice: ended(voice.say(whole)), most)
    if seen(said) > most:
        said = _fit(lambda voice: ended(voice.say(first_sentence(whole))), most)
    return f"**Do:** {said}{minutes}"


def first_sentence(said: Phrase) -> Phrase:
    """Return the first sentence of several; a full stop within foreign words ends none."""
    kept: list[str | Untrusted] = []
    for part in said.parts:
        end = _SENTENCE.search(part) if isinstance(part, str) else None
        if end is not None and isinstance(part, str):
            return Phrase((*kept, part[: end.start() + 1]))
        kept.append(part)
    return said


def _fence(report: Report, room: int | None) -> str:
    """Return at most three quoted lines with their numbers. room: characters, at least one line's; None for twenty lines, whole."""
    shown = quote(evidence(report), TerminalVoice(), _FENCE_LINES if room is not None else LONG_FENCE).lines
    return fence(shown if room is None else _fitting(shown, max(room, _FOR_FENCE)))


def fence(lines: Sequence[Quoted]) -> str:
    """Return quoted lines with their numbers as a block, "" for none."""
    if not lines:
        return ""
    wide = max(_wide(line) for line in lines)
    return to_markdown_block(
        "\n".join(f"{str(line.number) if line.number else 'note':>{wide}} │ {line.text}" for line in lines)
    ).strip("\n")


def _wide(line: Quoted) -> int:
    return len(str(line.number)) if line.number else 4


def _fitting(lines: Sequence[Quoted], room: int) -> list[Quoted]:
    """Keep the line that tells, and of the others, in their order, what the room takes; what is too long is cut."""
    fitted: dict[int, Quoted] = {}
    telling = next((at for at, line in enumerate(lines) if line.tells), 0)
    for at in sorted(range(len(lines)), key=lambda at: at != telling):
        line = lines[at]
        left = room - _wide(line) - 3
        if at != telling and left < min(len(line.text), _LINE_LEAST):
            continue
        fitted[at] = replace(line, text=_cut(line.text, left))
        room = left - len(fitted[at].text)
    return [fitted[at] for at in sorted(fitted)]


def evidence(report: Report) -> Sequence[Evidence]:
    """Return the lines that an answer of this state quotes."""
    if report.status == "passed" and report.hidden:
        first = report.hidden[0]
        return (Evidence(first.log, first.line, first.line, first.text),)
    if found := title.readings(report):
        return found[0].evidence
    check = words.blocking(report)
    return check.evidence if check else ()


def _cut(text: str, room: int) -> str:
    """Cut a line to `room` characters and say how many are left out."""
    if len(text) <= room:
        return text
    kept = max(20, room - len(f" [… {len(text):,} more]"))
    return f"{text[:kept]} [… {len(text) - kept:,} more]"


def _look(report: Report, most: int) -> str:
    """Return the request for a person; it is never folded. That the confidence is low is what the first line of an unclear answer says."""
    reasons = every = tuple(
        one for one in report.escalation if one.trigger != "confidence" or title.state(report) != "unclear"
    )
    while reasons:
        left = len(every) - len(reasons)
        more = f" And {words.count(left, 'more reason')}." if left else ""
        said = _fit(partial(_asked, reasons), most) + more
        if seen(said) <= most or len(reasons) == 1:
            return f"**Look:** {said}"
        reasons = reasons[:-1]
    return ""


def _asked(reasons: Sequence[Escalation], voice: MarkdownVoice) -> str:
    return " ".join(ended(voice.say(one.reason)) for one in reasons)
