"""What a dialect must say of a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

Sign = Literal["step", "enter", "end", "frame-on", "frame-off", "failed", "after", "setup", "frame"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the CI system's own.

    step: a step begins (`name`), a header follows. enter: this line is output of the step `name`, which goes on or begins
    here. A name may be "job<TAB>step". end: it ends with `code` (None: unknown). frame-on, frame-off: what stands between is
    echoed script and settings, not output. failed: the CI system says that the step failed, `code` its exit code.
    after: post-processing begins (what follows cannot be the cause). setup: the machine is being prepared. frame: only
    this line is framing.
    """

    line: int
    sign: Sign
    name: str = ""
    code: int | None = None


class Dialect(Protocol):
    """One CI system's way to write logs.

    literals: bytes of which every marking line holds one; they join the scanner's pass, so that marks cost no pass of
    their own.
    """

    name: str
    literals: tuple[bytes, ...]

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the `lines` that bear this dialect's signature."""
        ...

    def strip(self, text: str) -> str:
        """Take the framing off a line: timestamp, job and step prefix, stream marks."""
        ...

    def stamp(self, text: str) -> str:
        """Give the line's ISO 8601 timestamp, or ""."""
        ...

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Say what a line means to the CI system; None when it is output."""
        ...
