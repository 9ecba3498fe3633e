"""AWS CodeBuild: what the agent says is `[Container] 2026/11/20 09:12:09 text` (`[Instance]` on a reserved machine), all else is output.

Seen in public logs and in the issues of aws/aws-codebuild-docker-images; since 2024 the seconds have a fraction. A command may be a whole
script: then its text follows, and the line that says how it ended ends with the exit status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_OWN: Final = regex(r"\[(?:Container|Instance)\] (\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)(?:\.\d{1,9})? ")
_VOTE: Final = regex(rb"\[(?:Container|Instance)\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? ")
_RUNNING: Final = regex(r"Running command (.+)")
_EXIT: Final = regex(r"Command did not exit successfully .*?exit status (\d{1,10})\s*$")
_LATE_EXIT: Final = regex(r"\s?exit status (\d{1,10})\s*$")
_PHASE: Final = regex(r"Phase complete: ([A-Z_]{1,40}) (?:State: |Success: )(\w{1,20})")
_PASSED: Final = frozenset({"SUCCEEDED", "true"})


class CodeBuild:
    """A step is a phase, and each command in it one of its own."""

    name = "codebuild"
    literals: tuple[bytes, ...] = (b"[Container] ", b"[Instance] ", b"exit status ")

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count what the agent says."""
        return 2 * sum(1 for line in lines if _VOTE.match(line[:100]))

    def strip(self, text: str) -> str:
        """Take the agent's name and time off its own lines."""
        found = _OWN.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give the time of the agent's own lines."""
        found = _OWN.match(text)
        return f"{found[1]}-{found[2]}-{found[3]}T{found[4]}Z" if found else ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read phases, commands and how they ended."""
        if _OWN.match(text) is None:
            late = _LATE_EXIT.fullmatch(stripped)
            return Mark(line, "failed", code=int(late[1])) if late and int(late[1]) else None
        if stripped.startswith("Entering phase "):
            return Mark(line, "step", stripped[15:].strip() or "phase")
        running = _RUNNING.match(stripped)
        if running:
            return Mark(line, "command", running[1].strip() or "command")
        found = _EXIT.match(stripped)
        if found:
            return Mark(line, "failed", code=int(found[1]))
        return _phase(line, stripped) or Mark(line, "frame")


def _phase(line: int, stripped: str) -> Mark | None:
    found = _PHASE.match(stripped)
    if found is None:
        return None
    if found[2] not in _PASSED:
        return Mark(line, "failed")
    return Mark(line, "finish", found[1]) if found[1] == "POST_BUILD" else Mark(line, "end")


DIALECT = CodeBuild()
