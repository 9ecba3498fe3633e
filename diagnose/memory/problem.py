"""Why memory could not read or keep something: a value, so that no diagnosis waits for or falls over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnose.model.text import Phrase


@dataclass(frozen=True, slots=True)
class StoreProblem:
    """What could not be done and why, in a sentence; remedy: one command or setting, or ""."""

    message: Phrase
    remedy: str = ""
