"""Which machine a line speaks of: the job's own, where the job should have started what does not answer, or another."""

from __future__ import annotations

from typing import Final

from diagnose.kit.regex import regex

_OWN: Final = regex(r"\b127\.0\.0\.1\b|\blocalhost\b|\[?::1\]|\b0\.0\.0\.0\b")


def is_own_host(text: str) -> bool:
    """Tell whether a line names the machine that it was printed on."""
    return _OWN.search(text) is not None
