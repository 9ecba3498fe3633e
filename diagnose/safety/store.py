"""The gate to memory: what the pattern store and DISCOVERIES.md may keep of a text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from diagnose.safety.plain import plain
from diagnose.safety.redact import Redactor
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from diagnose.model.text import Phrase, Untrusted

__all__ = ["STORE_CHARACTERS", "plain", "to_store"]

STORE_CHARACTERS: Final = 2_000


def to_store(
    text: str | Untrusted | Phrase,
    *,
    one_line: bool = False,
    limit: int = STORE_CHARACTERS,
    redactor: Redactor | None = None,
) -> str:
    """Make text fit to be kept: redacted, without escape sequences, controls written out, at most `limit` characters.

    one_line: white space of any kind becomes single spaces. redactor: one that knows the run's own secrets; without it
    secrets are known by their shape only. What is kept is still foreign: it passes a gate again on its way out.
    """
    known = redactor or _shapes_only()
    shown = to_terminal(known.redact(plain(text)))
    if one_line:
        shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


@lru_cache(maxsize=1)
def _shapes_only() -> Redactor:
    return Redactor()
