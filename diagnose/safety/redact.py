"""Redaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST = re.compile(r"gh[a-z]_[A-Za-z0-9._-]{36,}|github_pat_[A-Za-z0-9_]{40,}|(?:AKIA|ASIA)[A-Z0-9]{16}")


class Redactor:
    """Takes secrets out of text: known values first, then what has a secret's shape."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """environment: variables whose values may be secrets."""
        self._values = tuple(value for value in (environment or {}).values() if len(value) >= 8)

    def redact(self, text: str) -> str:
        """Return `text` with each secret replaced by `[secret:kind]`."""
        for value in self._values:
            text = text.replace(value, "[secret:value]")
        return _FIRST.sub("[secret:token]", text)

    def redact_lines(self, lines: list[str]) -> list[str]:
        """Redact lines of one text; as many come back."""
        return [self.redact(line) for line in lines]
