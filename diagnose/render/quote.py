"""Which lines of a log are quoted, with their true numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.model.report import Cause, Evidence
    from diagnose.model.text import Phrase
    from diagnose.render.voice import TerminalVoice

LINES: Final = 6
_BEFORE: Final = 3
_PREFIX = regex(r"(?:E(?= )|\s)*")
_SHORT: Final = 3
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Quoted:
    """One line: its 1-based number in `log` (0 for an annotation), its gated text, whether it is the line that tells."""

    log: str
    number: int
    text: str
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines to show, and how many of the evidence are not among them."""

    lines: tuple[Quoted, ...]
    hidden: int = 0


def quote(evidence: Sequence[Evidence], voice: TerminalVoice, most: int | None = LINES) -> Quote:
    """Choose at most `most` lines (None for all): the line that tells, then the first line of each piece, then the rest.

    The telling piece comes first; only a piece that ends just above it stands before it. An indentation that all
    shown lines share is taken off.
    """
    if not evidence:
        return Quote(())
    pieces = [_lines(piece, voice) for piece in _ordered(evidence)]
    telling = _lines(evidence[0], voice)[0]
    flat = _unique(line for piece in pieces for line in piece)
    own = next(piece for piece in pieces if telling in piece)
    # what stands right below the telling line says more than the first line of what else there is, where there is room for both
    near = own[own.index(telling) :][: 1 if most is not None and most <= _FEW else 2]
    chosen = _unique([*near, *(piece[0] for piece in pieces), *flat])
    chosen = chosen if most is None else _once(chosen, pieces)[:most]
    keep = {(line.log, line.number, line.text) for line in chosen}
    shown = [line for line in flat if (line.log, line.number, line.text) in keep]
    marked = _without_prefix([replace(line, tells=line == telling) for line in shown])
    return Quote(tuple(marked), len(flat) - len(shown))


def hit(title: Phrase, text: str, voice: TerminalVoice) -> int:
    """Return where in `text` the first foreign word of the title stands, 0 when it does not."""
    for part in title.parts:
        if isinstance(part, Untrusted) and len(part) >= _SHORT:
            found = text.find(voice.say(part))
            if found >= 0:
                return found
    return 0


def members(cause: Cause) -> int:
    """Return how many jobs show another line than the first."""
    return len(cause.members)


def _ordered(evidence: Sequence[Evidence]) -> list[Evidence]:
    first = evidence[0]
    above = [
        one for one in evidence[1:] if one.log == first.log and first.line and 0 < first.line - one.end_line <= _BEFORE
    ]
    above.sort(key=lambda one: one.line)
    return [*above, first, *(one for one in evidence[1:] if one not in above)]


def _lines(piece: Evidence, voice: TerminalVoice) -> list[Quoted]:
    texts = voice.quote(piece.text.map(_as_shown)).split("\n")
    return [
        Quoted(piece.log, min(piece.line + index, piece.end_line), text.rstrip(" ")) for index, text in enumerate(texts)
    ]


def _as_shown(text: str) -> str:
    """Keep of each line what a terminal shows of it: what comes after the last lone carriage return.

    Every line stays one line, so the numbers stay true.
    """
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.removesuffix("\n").split("\n"))


def _once(lines: Sequence[Quoted], pieces: Sequence[Sequence[Quoted]]) -> list[Quoted]:
    """Leave out the lone lines that say what another one says: the same failure printed again tells nothing more."""
    lone = {piece[0] for piece in pieces if len(piece) == 1}
    first: dict[str, Quoted] = {}
    for line in lines:
        first.setdefault(line.text.strip(), line)
    return [line for line in lines if line not in lone or first[line.text.strip()] == line]


def _unique(lines: Iterable[Quoted]) -> list[Quoted]:
    return list({(line.log, line.number, line.text): line for line in lines}.values())


def _without_prefix(lines: list[Quoted]) -> list[Quoted]:
    prefixes = [match[0] for line in lines if line.text and (match := _PREFIX.match(line.text))]
    if not prefixes:
        return lines
    cut = len(_shared(prefixes))
    return [replace(line, text=line.text[cut:]) for line in lines]


def _shared(texts: Sequence[str]) -> str:
    low, high = min(texts), max(texts)
    same = next((index for index, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[:same]
