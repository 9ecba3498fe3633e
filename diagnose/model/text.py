"""Text from outside, and sentences that hold some of it.

The author of a pull request writes the log. A piece of text that came from outside (a log line, a file name, a job's
name, a branch, a message of a server) is `Untrusted`: it cannot be printed, formatted or joined by accident. Only the gates
of `diagnose.safety` open it, once, for one way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True, repr=False)
class Untrusted:
    """Text that somebody else wrote. Redacted before it is wrapped; still hostile to every terminal and parser."""

    _text: str

    def __str__(self) -> str:
        message = "untrusted text leaves through a gate of diagnose.safety only"
        raise TypeError(message)

    def __format__(self, spec: str) -> str:
        return self.__str__()

    def __repr__(self) -> str:
        return f"Untrusted({len(self._text)} characters)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def map(self, change: Callable[[str], str]) -> Untrusted:
        """Return the changed text, as untrusted as before."""
        return Untrusted(change(self._text))


def reveal(text: Untrusted) -> str:
    """Open `text`. For `diagnose.safety` alone: a test refuses this import anywhere else."""
    return text._text  # noqa: SLF001 - the one place that may


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of ours with foreign words in it: pieces of `str` (ours) and `Untrusted` (theirs), in reading order."""

    parts: tuple[str | Untrusted, ...]

    def __bool__(self) -> bool:
        return any(self.parts)

    def __add__(self, other: Phrase) -> Phrase:
        return Phrase(self.parts + other.parts)


def phrase(*parts: str | Untrusted | Phrase) -> Phrase:
    """Build a Phrase of pieces and other phrases."""
    flat: list[str | Untrusted] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Phrase) else (part,))
    return Phrase(tuple(flat))


def fill(template: str, captures: dict[str, Untrusted]) -> Phrase:
    """Fill `{name}` places of our own template with foreign values.

    A name that `captures` lacks leaves the place empty; the template itself is ours, the values never become part of it.
    """
    parts: list[str | Untrusted] = []
    rest = template
    while rest:
        before, brace, after = rest.partition("{")
        if before:
            parts.append(before)
        if not brace:
            break
        name, _, rest = after.partition("}")
        if name in captures:
            parts.append(captures[name])
    return Phrase(tuple(parts))


def mapped(text: Phrase, change: Callable[[str], str]) -> Phrase:
    """Return the phrase with its foreign parts changed (redacted, most often); ours stay."""
    return Phrase(tuple(part.map(change) if isinstance(part, Untrusted) else part for part in text.parts))


def joined(pieces: Iterable[Phrase], between: str) -> Phrase:
    """Join phrases with a separator of ours."""
    out: list[str | Untrusted] = []
    for index, piece in enumerate(pieces):
        if index:
            out.append(between)
        out.extend(piece.parts)
    return Phrase(tuple(out))
