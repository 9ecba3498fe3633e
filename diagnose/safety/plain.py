"""Foreign text as a plain string, for the gates of this room."""

from __future__ import annotations

from diagnose.model.text import Phrase, Untrusted, reveal


def plain(text: str | Untrusted | Phrase) -> str:
    """Return the characters of `text`, joined, exactly as they came: hostile to whatever prints or parses them."""
    if isinstance(text, str):
        return text
    if isinstance(text, Untrusted):
        return reveal(text)
    return "".join(part if isinstance(part, str) else reveal(part) for part in text.parts)
