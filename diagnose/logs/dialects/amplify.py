"""AWS Amplify Hosting: `2026-11-20T09:12:09.123Z [INFO]: text`, and lines of the same write behind as many blanks, 33 to 36.

Seen in public logs of 2025 and 2026. Standard error of the build is marked WARNING, whatever it says; `# ` begins what Amplify does
itself, `!!! ` what it could not do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX: Final = regex(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \[(?:INFO|WARNING|ERROR|HELP|DEBUG)\]:(?: |$)| {33,36}"
)
_VOTE: Final = regex(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[(?:INFO|WARNING|ERROR)\]:(?: |\s*$)")
_OWN: Final = regex(rb".{0,40}\]: (?:# |!!! |Git SSH Key acquired)")
_COMMAND: Final = regex(r"# Executing command: (.+)")
_PHASE: Final = regex(r"# (Starting|Completed) phase: (\w{1,40})")
_EXIT: Final = regex(r"!!! Error: Command failed with exit code (\d{1,10})")


class Amplify:
    """A step is a phase, and each command in it one of its own."""

    name = "amplify"
    literals: tuple[bytes, ...] = (b"# Executing command: ", b"# Starting ", b"# Completed phase: ", b"!!! ")

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count framed lines where at least one is of Amplify itself: other programs write a level in brackets too."""
        framed = [line for line in lines if _VOTE.match(line[:100])]
        return 2 * len(framed) if any(_OWN.match(line[:100]) for line in framed) else 0

    def strip(self, text: str) -> str:
        """Take stamp and level off, or the blanks that stand for them."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give the time of a write's first line."""
        found = _PREFIX.match(text)
        return (found[1] or "") if found else ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read phases, commands, exits and the verdict."""
        del text
        command = _COMMAND.match(stripped)
        if command:
            return Mark(line, "command", command[1].strip() or "command")
        phase = _PHASE.match(stripped)
        if phase:
            return Mark(line, "step" if phase[1] == "Starting" else "end", phase[2])
        if stripped.startswith("# Starting environment caching"):
            return Mark(line, "after", "environment caching")
        found = _EXIT.match(stripped)
        if found:
            return Mark(line, "job-failed", "the command failed", int(found[1]))
        return Mark(line, "job-failed", "the build failed") if stripped.startswith("!!! Build failed") else None


DIALECT = Amplify()
