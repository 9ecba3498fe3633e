"""A quotation of a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnose.model.text import Untrusted


@dataclass(frozen=True, slots=True)
class Evidence:
    """Lines of a log, quoted. `line` is 1-based over the raw bytes; `text` has end_line - line + 1 lines, redacted.

    line 0 stands for an annotation, which has no place in a log.
    """

    log: str
    line: int
    end_line: int
    text: Untrusted

    def __post_init__(self) -> None:
        if self.end_line < self.line:
            message = f"evidence ends at {self.end_line}, before its first line {self.line}"
            raise ValueError(message)
