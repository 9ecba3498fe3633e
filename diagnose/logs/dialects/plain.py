"""A log of no known system: output alone, perhaps with a shell's own trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.dialect import Mark


class Plain:
    """Every line is output. One vote, so that any real signature wins."""

    name = "plain"
    literals: tuple[bytes, ...] = ()

    def votes(self, lines: Sequence[bytes]) -> int:
        """Fewer than any signature counted twice."""
        return 1 if lines else 0

    def strip(self, text: str) -> str:
        """Nothing is framing."""
        return text

    def stamp(self, text: str) -> str:
        """Give none: a plain log has no stamps that can be relied on."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Mark no line."""
        del line, text, stripped
        return None


DIALECT = Plain()
