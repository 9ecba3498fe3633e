"""The answer for a terminal: title, header, quoted lines with a gutter, labels. One cause fits 24 rows of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render import answer, words
from diagnose.render.copying import command, place
from diagnose.render.layout import expand_tabs, hard, prose, width_of, window
from diagnose.render.narrate import narrated
from diagnose.render.paint import painted
from diagnose.render.quote import LINES, hit
from diagnose.render.voice import TerminalVoice

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from diagnose.model.text import Phrase
    from diagnose.render.answer import Answer, Reading, Whole
    from diagnose.render.interface import View
    from diagnose.render.labels import Entry, Label
    from diagnose.render.layout import Row
    from diagnose.render.quote import Quoted

NAME: Final = "text"

_LEAST: Final = 20
_NARROW: Final = 40
_PROSE: Final = 100
_WIDE: Final = 120
_SCREEN: Final = 24
_LEAST_LINES: Final = 3
_LIMITS: Final = 3
_HANG: Final = 9
_NUMBER: Final = 6
_ROWS_OF_A_LINE: Final = 3
_CARRIED: Final = 3  # a space at the end of a row begins the next one
_ROWS_OF_A_LABEL: Final = 4
_STATE_STYLE: Final = {
    "failed": "state",
    "blocked": "state",
    "unclear": "look",
    "hidden": "look",
    "undetermined": "look",
    "passed": "good",
}
_STATE_MARK: Final = {"undetermined": "unclear", "hidden": "unclear"}


class Text:
    """The default format."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return the answer in rows of at most view.width cells (at least 20); narrated when view.plain."""
        voice = TerminalVoice(view.ascii)
        if view.plain:
            return painted(narrated(report, view, voice), colour=False)
        page = _Page(view, voice)
        if view.full:
            return painted(page.rows(report, answer.whole(report, view, voice, None)), colour=view.colour)
        rows: list[Row] = []
        for most in range(LINES if view.width < _WIDE else LINES + 4, _LEAST_LINES - 1, -1):
            rows = page.rows(report, answer.whole(report, view, voice, most))
            if len(rows) <= _SCREEN:
                break
        return painted(rows, colour=view.colour)


class _Page:
    """Rows of a given width."""

    def __init__(self, view: View, voice: TerminalVoice) -> None:
        self.full = view.full
        self.voice = voice
        self.marks = voice.marks
        self.width = max(_LEAST, view.width)
        self.prose = min(self.width, _PROSE)
        self.hang = _HANG if self.width >= _NARROW else 2
        self.number = _NUMBER

    def rows(self, report: Report, whole: Whole) -> list[Row]:
        numbers = [line.number for one in whole.answers for reading in one.readings for line in reading.quote.lines]
        self.number = max(_NUMBER, len(str(max(numbers, default=0))))
        out: list[Row] = []
        for one in whole.answers:
            out += [[]] if out else []
            out += self._answer(report, one)
        shown = whole.not_seen if self.full else whole.not_seen[:_LIMITS]
        folded = [f"{len(whole.not_seen) - len(shown):,} more: --full"] if len(whole.not_seen) > len(shown) else []
        for index, text in enumerate([*shown, *folded]):
            lead = "" if index and self.width >= _NARROW else "not seen"
            out += self._hanging(f"  {lead:<8}  ", "dim", 12 if self.width >= _NARROW else 2, text)
        if whole.totals:
            out += [[], *prose([(whole.totals, "dim")], self.prose, self.prose)]
        return out

    def _answer(self, report: Report, one: Answer) -> list[Row]:
        out = [[(one.place, "dim")]] if one.place else []
        out += self._title(one)
        out += self._head(report, one)
        for reading in one.readings:
            out += [[], *self._reading(reading, one)]
        if one.labels:
            out.append([])
        for label in one.labels:
            out += self._label(label)
        return out

    def _title(self, one: Answer) -> list[Row]:
        kind = one.title.state
        style = _STATE_STYLE[kind]
        mark = getattr(self.marks, _STATE_MARK.get(kind, kind))
        spans = [(f"{mark} ", style), (one.title.word, style), (one.title.joint + one.sentence, "strong")]
        room = min(self.width, 80)
        rows = prose(
            [(text.rstrip(" ") if index == 0 else text, name) for index, (text, name) in enumerate(spans[:1])],
            room,
            room,
        )
        rest = prose(spans[1:], room - width_of(mark) - 1, room - 2)
        return [[*rows[0], (" ", ""), *rest[0]], *([("  ", ""), *row] for row in rest[1:])]

    def _head(self, report: Report, one: Answer) -> list[Row]:
        text = f" {self.marks.dot} ".join(one.head)
        totals = "" if one.place else words.tests(report)
        longer = f"{text} {self.marks.dot} {totals}" if totals else text
        fits = self.full or width_of(longer) + 2 <= self.width
        return self._indented(longer if fits else text, "dim", self.width) if text else []

    def _indented(self, text: str, style: str, width: int) -> list[Row]:
        return [[("  ", ""), *row] for row in prose([(text, style)], width - 2, width - 2)]

    def _reading(self, reading: Reading, one: Answer) -> list[Row]:
        out: list[Row] = []
        log = reading.quote.lines[0].log if reading.quote.lines else ""
        for line in reading.quote.lines:
            if line.log != log:
                log = line.log
                out += self._indented(f"in {self.voice.say(log)}", "dim", self.width)
            out += self._line(line, reading.about)
        if reading.quote.hidden:
            out += self._hanging(
                " " * (self.number + 4),
                "",
                self.number + 4,
                f"{words.count(reading.quote.hidden, 'more line')}: --full",
                "dim",
            )
        if reading.number:
            widest = max(width_of(other.meaning) for other in one.readings)
            out += self._meaning(reading, widest)
        return out

    def _line(self, line: Quoted, about: Phrase) -> list[Row]:
        number = f" {'note':<{self.number - 1}}" if not line.number else f"{line.number:>{self.number}}"
        mark = self.marks.tells if line.tells else " "
        room = self.width - self.number - 4
        text = expand_tabs(line.text)
        if not self.full:
            text = window(text, hit(about, text, self.voice), room * _ROWS_OF_A_LINE - _CARRIED, self.marks.more)
        style = "tells" if line.tells else ""
        first: Row = [(mark, style), (f"{number} {self.marks.bar} ", "dim")]
        later: Row = [(" " * (self.number + 2) + f"{self.marks.broken} ", "dim")]
        rows = hard([(text, style)], room, room)
        return [[*(later if index else first), *row] for index, row in enumerate(rows)]

    def _meaning(self, reading: Reading, widest: int) -> list[Row]:
        lead = f"  {reading.number}  "
        pad = widest - width_of(reading.meaning) + 3
        if len(lead) + widest + 3 + len(reading.sure) <= self.width:
            return [[(lead + reading.meaning + " " * pad + reading.sure, "")]]
        return self._hanging(lead, "", len(lead), f"{reading.meaning} {reading.sure}")

    def _label(self, label: Label) -> list[Row]:
        lead, style = (f"! {label.word:<6} ", "look") if label.urgent else (f"  {label.word:<6} ", "dim")
        rows: list[Row] = []
        for entry in label.entries:
            rows += self._entry(entry)
        if self.hang != _HANG:
            return [[(lead.rstrip(" "), style)], *([("  ", ""), *row] for row in rows)]
        blank = " " * self.hang
        return [[(blank, "") if index else (lead, style), *row] for index, row in enumerate(rows)]

    def _entry(self, entry: Entry) -> list[Row]:
        room = self.width - self.hang
        if entry.kind == "command":
            return command(entry.spans, room, self.marks.broken)
        if entry.kind == "place":
            return place(entry.spans, room, self.marks.broken)
        return self._folded(entry, self.prose - self.hang)

    def _folded(self, entry: Entry, room: int) -> list[Row]:
        rows = prose(entry.spans, room, room)
        most = _ROWS_OF_A_LABEL * (1 if room >= _NARROW else 3)
        if self.full or len(rows) <= most:
            return rows
        every = "".join(text for text, _ in entry.spans).split(" ")
        kept = sum(len("".join(text for text, _ in row).split(" ")) for row in rows[:most])
        while kept > 1:
            kept -= 1
            note = f"{self.marks.more} {words.count(len(every) - kept, 'word')} more: --full"
            shorter = prose([(" ".join([*every[:kept], note]), "")], room, room)
            if len(shorter) <= most:
                return shorter
        return prose([(f"{words.count(len(every), 'word')}: --full", "")], room, room)

    def _hanging(self, lead: str, style: str, hang: int, text: str, text_style: str = "") -> list[Row]:
        lead = lead[: self.width // 2]
        hang = min(hang, self.width // 2)
        room = max(hang + 8, self.prose)
        rows = prose([(text, text_style)], room - len(lead), room - hang)
        return [[(" " * hang, "") if index else (lead, style), *row] for index, row in enumerate(rows)]


RENDERER: Final = Text()
