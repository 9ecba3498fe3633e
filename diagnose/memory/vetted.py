"""An entry from a file of somebody else's, before it is kept: redacted."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.memory.entry import Entry

_OURS = frozenset({"id", "state", "last_seen"})


def vetted(entry: Entry, redact: Callable[[str], str]) -> Entry:
    """Return the entry with every text of it redacted."""
    texts: dict[str, Any] = {
        each.name: redact(value)
        for each in fields(entry)
        if each.name not in _OURS and isinstance(value := getattr(entry, each.name), str)
    }
    return replace(
        entry,
        **texts,
        extra=tuple((redact(label), redact(value)) for label, value in entry.extra),
        prose=tuple(redact(line) for line in entry.prose),
    )
