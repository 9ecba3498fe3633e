"""The gate to a terminal, and the removal of colours that reading a log needs as well.

Escape sequences are dropped in one pass that leaves no introducer behind, so no second sequence can form out of the
remains of the first (`ESC ESC[0m[2J`). What else a terminal would act on, or not show, is written out as `<U+XXXX>`.
Sequences: ECMA-48 (5th edition) sections 5.4, 5.6 and 8.3; OSC ended by BEL: xterm's ctlseqs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from unicodedata import category

from diagnose.kit.regex import regex
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from diagnose.model.text import Phrase, Untrusted

MARKS_IN_A_ROW: Final = 6

_STRING_END = r"[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)?"
# A string (OSC, DCS, APC, PM, SOS) that nobody ended stops at the end of its line: it must not swallow the log.
_SEQUENCE = regex(
    rf"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]){_STRING_END}|\x1b[ -/]*[0-~]",
)
_INTRODUCERS = regex(r"[\x1b\x90\x98\x9b\x9d-\x9f]")
_LINE_END = regex(r"\r*\n|\r+")
_CONTROL = regex(r"[\x00-\x08\x0b-\x1f\x7f]")
HIDDEN: Final = regex(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]",
)
_JOINERS = regex(r"[\u200c\u200d\ufe00-\ufe0f]+")
_MANY_FOREIGN = regex(rf"[^\x00-\x7f]{{{MARKS_IN_A_ROW + 1},}}")
_KEYCAP = "\u20e3"
_SELECTOR = "\ufe0f"


def strip_ansi(text: str) -> str:
    """Drop escape sequences and colours, also halves of them; no ESC and no C1 introducer is left.

    Line ends stay, so lines keep their numbers. Linear in the text; nearly free when there is nothing to drop.
    """
    if "\x1b" not in text and (text.isascii() or not _INTRODUCERS.search(text)):
        return text
    return _INTRODUCERS.sub("", _SEQUENCE.sub("", text))


def to_terminal(text: str | Untrusted | Phrase) -> str:
    r"""Make text that a terminal shows and does not obey.

    Of controls only `\n` and `\t` stay; CRLF and a lone CR become `\n`; everything else that acts, hides or reorders
    reads `<U+XXXX>`, or `\xNN` for a byte that was no UTF-8. Escape sequences are gone.
    """
    raw = plain(text)
    if raw.isascii() and not _CONTROL.search(raw):
        return raw
    return show_hidden(_LINE_END.sub("\n", _SEQUENCE.sub("", raw)), _visible)


def show_hidden(text: str, show: Callable[[str], str]) -> str:
    """Put `show(character)` in place of each character that acts or is not seen; cut towers of combining marks.

    Joiners and variation selectors stay between letters that need them (Persian, Hindi, emoji).
    """
    text = HIDDEN.sub(lambda match: show(match[0]), text)
    if text.isascii():
        return text
    text = _JOINERS.sub(lambda match: match[0] if _joins(match) else "".join(map(show, match[0])), text)
    return _MANY_FOREIGN.sub(lambda match: _cut_towers(match[0]), text)


def _visible(character: str) -> str:
    code = ord(character)
    return f"\\x{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"<U+{code:04X}>"  # noqa: PLR2004 - surrogateescape, PEP 383


def _joins(match: re.Match[str]) -> bool:
    """Tell whether a run of joiners stands where writing needs it."""
    run, text = match[0], match.string
    before = text[match.start() - 1] if match.start() else "a"
    after = text[match.end() : match.end() + 1] or "a"
    if run == _SELECTOR and after == _KEYCAP:
        return True
    selectors_only = run.strip("\u200c\u200d") == run
    return not before.isascii() and len(run) <= 2 and (selectors_only or not after.isascii())  # noqa: PLR2004 - selector and joiner


def _cut_towers(text: str) -> str:
    out: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if category(character) in ("Mn", "Me") else 0
        if marks <= MARKS_IN_A_ROW:
            out.append(character)
    return "".join(out)
