"""Why a source can give no incident at all, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from diagnose.model.text import Phrase

RefusalKind = Literal[
    "usage",
    "no-token",
    "bad-token",
    "denied",
    "not-found",
    "ambiguous",
    "no-repository",
    "rate-limited",
    "unreachable",
    "bad-reply",
    "running",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong and what it means (message), and one command or setting to try (remedy, "" for none).

    The words stand without the program's name in front and without "try:"; the command line adds both.
    """

    kind: RefusalKind
    message: Phrase
    remedy: str = ""
