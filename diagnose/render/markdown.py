"""The comment on a pull request: what stands open is read on a phone, the rest is folded, in a fixed order.

Our words stand bare; foreign words stand in code spans and fences only. Paragraphs, not line breaks: a comment turns a line
end into a break, a step summary does not. No tables, headings, images or links of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render import confidence, words
from diagnose.render.folds import folds
from diagnose.render.foot import Foot, foot_line
from diagnose.render.opening import ROOM, MarkdownVoice, advice, opening, seen
from diagnose.render.voice import ended

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from diagnose.render.interface import View

NAME: Final = "markdown"

MARKER: Final = "<!-- ci-diagnose:v1 -->"
"""The first bytes of every comment of ours: who keeps one comment up to date finds it by them and by its author."""
_WHOLE: Final = 20_000


class Markdown:
    """The body of a comment."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return at most 20,000 characters; folds that do not fit are left out whole, and that is said."""
        return comment(report, view)


def comment(report: Report, view: View, foot: Foot | None = None, marker: str = MARKER) -> str:
    """Return the body of a comment that begins with `marker`."""
    table = confidence.measured() if view.reliability is None else view.reliability
    last = foot_line(report, foot or Foot())
    voice = MarkdownVoice()
    text = marker + "\n" + "\n\n".join(opening(report, table, None if view.full else ROOM - seen(last)))
    cut = bool(advice(report)) and ended(voice.say(advice(report))) not in text
    left_out = 0
    for fold in folds(report, view, voice, cut=cut):
        if _size(text) + _size(fold) + _size(last) > _WHOLE - 200:
            left_out += 1
            continue
        text += "\n\n" + fold
    if left_out:
        text += f"\n\n{words.count(left_out, 'more fold')} did not fit: `ci-diagnose --full` shows all."
    return f"{text}\n\n{last}\n"


def _size(text: str) -> int:
    """Return characters, more for those that take over three bytes each: GitHub is said to count bytes, and refuses what is over 65,536."""
    return max(len(text), len(text.encode()) // 3)


RENDERER: Final = Markdown()
