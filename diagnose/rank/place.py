"""What a cause names: places in source files."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A place in a source file, as captured. column: 1-based. severity: the tool's own word, lower case."""

    file: str
    line: int | None
    column: int | None
    severity: str
    message: str
