"""Woodpecker: `woodpecker-cli exec` prints `[step:L<n>:<s>s] text`, n counting the step's lines, s the seconds since its start.

Grammar: woodpecker-ci/woodpecker at a4cb541 (cli/exec/line.go; cli/pipeline/log/log_show.go: `workflow > step (#pid):` before each
step's lines; pipeline/errors/runtime.go: `uuid=...: exit code N`; pipeline/backend/common/script_posix.go: `echo + <quoted command>`).
Drone's older command line wrote the same. What the API gives is decoded by diagnose.logs.records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.traced import command_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX: Final = regex(r"\[([^\[\]\n]{1,80}):L(\d{1,9}):\d{1,9}s\] ?")
_HEADER: Final = regex(r"([\w./-]{1,80}) > ([\w ./-]{1,80}) \(#\d{1,6}\):$")
_VOTE: Final = regex(
    rb"\[[^\[\]\n]{1,80}:L\d{1,9}:\d{1,9}s\]|(?:\x1b\[[0-9;]*m)+[\w./-]{1,80} > [\w ./-]{1,80} \(#\d{1,6}\):|"
    rb".{0,300}\buuid=[0-9A-Za-z-]{8,40}: (?:exit code \d|received oom kill)"
)
_EXIT: Final = regex(r"\buuid=[0-9A-Za-z-]{8,40}: (?:exit code (\d{1,10})|received oom kill)")


class Woodpecker:
    """The prefix, or a heading, names the step."""

    name = "woodpecker"
    literals: tuple[bytes, ...] = (b":L", b" (#", b"+ ", b": exit code ", b": received oom kill")

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count prefixes, headings and exits."""
        return 2 * sum(1 for line in lines if _VOTE.match(line[:400]))

    def strip(self, text: str) -> str:
        """Take the step's name, the line's number and the time off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give none: the time runs from the step's start."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read names, commands and exits."""
        found, command = _PREFIX.match(text), command_of(stripped)
        if found:
            return Mark(line, "echo", command) if command and int(found[2]) else Mark(line, "enter", f"\t{found[1]}")
        header = _HEADER.match(stripped)
        if header:
            return Mark(line, "step", f"{header[1]}\t{header[2]}")
        ended = _EXIT.search(stripped[:2000])
        if ended:
            return Mark(line, "failed", code=int(ended[1]) if ended[1] else None)
        return Mark(line, "echo", command) if command else None


DIALECT = Woodpecker()
