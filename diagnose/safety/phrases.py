"""Phrases on their way to a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from diagnose.model.text import Phrase


def phrase_to_terminal(phrase: Phrase) -> str:
    """Make one line of a sentence: line ends and tabs in foreign parts become spaces, the rest as `to_terminal`.

    The parts are joined first: a sequence cut in half between two of them would be whole again on the screen.
    """
    return " ".join(to_terminal(phrase).split())
