"""Drone: `drone exec` prints `[step:N] text`, N counting the step's lines from 0.

Grammar: drone/drone-runtime (runtime/term/term.go, runtime/error.go: `name : exit code N`) and drone/drone-cli at 662f6f4 (`drone log
view` prints the bare text). A step's commands are echoed as `+ command`. What the API gives is decoded by diagnose.logs.records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.traced import command_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX: Final = regex(r"\[([\w -]{1,80}):(\d{1,9})\] ?")
_FRAME: Final = regex(rb"(?:\x1b\[[0-9;]*m)*\[[A-Za-z_][\w -]{0,80}:\d{1,9}\](?:\x1b\[[0-9;]*m)* ")
_OWN: Final = regex(_FRAME.pattern + rb"\+ (.*)")
_EXIT: Final = regex(r"(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?([\w -]{1,80}) : exit code (\d{1,10})$")
_EXITED: Final = regex(rb"(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?[\w -]{1,80} : exit code \d{1,10}\s*$")


class Drone:
    """The prefix names the step."""

    name = "drone"
    literals: tuple[bytes, ...] = (b"] ", b" : exit code ", b" : received oom kill")

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the commands and exits, and beside two of them the prefixes, which other tools' places look like."""
        own = sum(1 for line in lines if _is_own(line[:400]))
        return 2 * own + (sum(1 for line in lines if _FRAME.match(line[:400])) if own > 1 else 0)

    def strip(self, text: str) -> str:
        """Take the step's name and the line's number off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Lines have no stamps."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read names, commands and exits."""
        found = _PREFIX.match(text)
        if found:
            command = command_of(stripped)
            return Mark(line, "echo", command) if command and int(found[2]) else Mark(line, "enter", f"\t{found[1]}")
        ended = _EXIT.match(text)
        if ended:
            return Mark(line, "failed", code=int(ended[2]))
        return Mark(line, "failed") if text.endswith(" : received oom kill") else None


def _is_own(line: bytes) -> bool:
    found = _OWN.match(line)
    if found:
        return bool(command_of("+ " + found[1].decode("utf-8", "replace")))
    return _EXITED.match(line) is not None


DIALECT = Drone()
