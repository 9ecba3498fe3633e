"""How a format says a sentence: the gate it goes through, and the signs it may use.

The words of an answer are chosen once (`words`, `title`, `matrix`); each format hands in its voice, so that all of them say
the same and every foreign word passes the format's own gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from diagnose.kit.regex import regex
from diagnose.model.text import Phrase, phrase
from diagnose.render.marks import Marks, marks
from diagnose.safety.phrases import phrase_to_terminal
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from diagnose.model.text import Untrusted

SENTENCE_CHARACTERS: Final = 1000
_JOINERS: Final = "\u200c\u200d"
_BEYOND_ASCII = regex(r"[^\x00-\x7f]")
_ENDS = (".", "!", "?", ":", "…")
_SMALL = frozenset(
    (
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "it",
        "its",
        "no",
        "not",
        "nothing",
        "none",
        "neither",
        "nobody",
        "one",
        "two",
        "all",
        "every",
        "each",
        "only",
        "on",
        "in",
        "at",
        "by",
        "for",
        "from",
        "with",
        "there",
        "they",
        "both",
        "most",
        "some",
        "another",
    )
)


class Voice(Protocol):
    """A gate for sentences, and the signs that go with it."""

    @property
    def marks(self) -> Marks:
        """The signs."""
        ...

    def say(self, words: Phrase | Untrusted | str) -> str:
        """Return one gated line."""
        ...


@dataclass(frozen=True, slots=True)
class TerminalVoice:
    """Sentences for a terminal, in ASCII when the stream takes no more."""

    ascii_only: bool = False

    @property
    def marks(self) -> Marks:
        """The signs that the stream takes."""
        return marks(ascii_only=self.ascii_only)

    def say(self, words: Phrase | Untrusted | str) -> str:
        """Return one gated line; of a name or sentence longer than a screen the beginning, and how much was left out."""
        text = self._fit(phrase_to_terminal(words if isinstance(words, Phrase) else phrase(words)))
        left = len(text) - SENTENCE_CHARACTERS
        return (
            text
            if left <= 0
            else f"{text[:SENTENCE_CHARACTERS].rstrip(_JOINERS)} {self.marks.more} {left:,} characters left out"
        )

    def quote(self, text: Untrusted) -> str:
        """Return gated lines of a log, with their spaces."""
        return self._fit(to_terminal(text))

    def _fit(self, text: str) -> str:
        return _BEYOND_ASCII.sub(lambda match: f"<U+{ord(match[0]):04X}>", text) if self.ascii_only else text


def ended(sentence: str) -> str:
    """Return the sentence with a full stop, unless it ends already or is empty."""
    return sentence if not sentence or sentence.endswith(_ENDS) else sentence + "."


def capital(text: str) -> str:
    """Return the text with its first letter raised, where it begins with a small word of ours: `npm` stays as it is."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].rstrip(",.:") in _SMALL else text
