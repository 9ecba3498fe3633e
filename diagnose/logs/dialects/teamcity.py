r"""TeamCity: a downloaded build log, and service messages as test runners print them.

Log lines are `[12:34:56]W:<tab> [Step 1/3] text`: a letter for the status (W, E, F, i or none), a tab for each block around the line,
the innermost block's name. A step begins at `Step 1/3: name (runner)`, its process says `Process exited with code N`. The log's head
says how the build ended: `Finished 2026-01-02 03:04:05 with status FAILURE '...'`. Older logs have no letter: `[12:34:56][Step 1/3]
text`. Seen in downloaded logs in public repositories, of servers 2014 to 2023. Service messages: jetbrains.com/help/teamcity,
JetBrains/teamcity-messages at 8fe6fb8: `##teamcity[name key='value' ...]`, escapes `|' |n |r |[ |] || |0xNNNN`. Not verified: the
letters of failed tests' lines (E and F are taken for errors).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.clock import clock_of
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

_TIME: Final = r"\[(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\]"
_PREFIX: Final = regex(
    rf"{_TIME}(?:([A-Za-z ]):(?:(?:\t+ ?| {{3,}})\[[^\]\n]{{1,300}}\] ?|[ \t]*)| ?\[Step \d+/\d+\] ?|\[[^\]\n]{{1,300}}\] ?| ?)"
)
_VOTE: Final = regex(
    rb"\[(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\](?:[A-Za-z ]:[ \t]| ?\[Step \d+/\d+\] )|TeamCity (?:URL https?://|server version is )|"
    rb"Finished .{1,60} with status [A-Z]+ '"
)
_MESSAGE: Final = regex(rb"\s*##teamcity\[[a-zA-Z]+ ")
_STATUS: Final = regex(rb"Finished .{1,60} with status ([A-Z]{3,20}) '")

_STEP: Final = regex(r"Step (\d{1,4}/\d{1,4}): (.{1,200})$")
_TIMED: Final = regex(r" \((?:\d+[hms](?::\d+[ms])*|< ?1s)\)$")
_EXIT: Final = regex(r"Process exited with code (-?\d{1,10})\b")
_SKIPPED: Final = regex(r"Build step .{1,200} is skipped because of ")
_AFTER: Final = regex(r"Publishing artifacts|Build finished\s*$")  # internal ones are published at the beginning too
_NOTED: Final = regex(
    r"##teamcity\[(?:testFailed |buildProblem |(?:buildStatus|message) (?:.*' )?status='(?:FAILURE|ERROR)')"
)
_ESCAPED: Final = regex(rb"\|(?:([\[\]'|nrxlp])|0x([0-9A-Fa-f]{4}))")


class TeamCity:
    """A step runs from its header to the next; `status` is what the log's head says of the whole build, "" where it says nothing."""

    name = "teamcity"
    daily = True
    literals: tuple[bytes, ...] = (
        b"Step ", b"Process exited with code ", b"Publishing ", b"Build finished", b"##teamcity[", b"]E:", b"]F:", b" in directory: ",
        b"Changed build status to failed", b" is skipped because of ",
    )  # fmt: skip
    reach = 0

    def __init__(self, status: str = "") -> None:
        self._status = status

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count TeamCity's own lines twice, service messages, which runners print anywhere, once."""
        return sum(2 if _VOTE.match(line) else 1 if _MESSAGE.match(line) else 0 for line in lines)

    def fitted(self, lines: Sequence[bytes]) -> TeamCity:
        """Read in the log's head how the build ended."""
        for line in lines[:12]:
            found = _STATUS.match(line)
            if found:
                return TeamCity(found[1].decode())
        return self

    def strip(self, text: str) -> str:
        """Take time, status and block off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give none: there is a time without a date."""
        del text
        return ""

    def seconds(self, raw: bytes) -> float | None:
        """Read the time of day."""
        return clock_of(raw)

    def whole(self, data: bytes) -> bytes:
        """Undo the escapes of service messages, but those without which a value's end or its lines could not be told."""
        if b"##teamcity[" not in data or b"|" not in data:
            return data
        return b"\n".join(_ESCAPED.sub(_meant, line) if b"##teamcity[" in line else line for line in data.split(b"\n"))

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read steps, exits, service messages and the build's end."""
        prefix = _PREFIX.match(text)
        if stripped.startswith("##teamcity["):
            return Mark(line, "failed", "error") if _NOTED.match(stripped) else Mark(line, "frame")
        if prefix and not prefix[0].rstrip().endswith("]"):
            outer = self._outer(line, stripped)
            if outer:
                return outer
        if _SKIPPED.match(stripped):
            return Mark(line, "skipped")
        found = _EXIT.match(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "failed" if code else "end", code=code)
        if stripped.startswith("in directory: "):
            return Mark(line, "frame-off")
        return Mark(line, "failed", "error") if prefix and prefix[1] in ("E", "F") else None

    def _outer(self, line: int, stripped: str) -> Mark | None:
        """Read a line outside of every block."""
        step = _STEP.match(stripped)
        if step:
            return Mark(line, "step", f"Step {step[1]}: {_TIMED.sub('', step[2]).strip()}")
        if stripped.startswith("Changed build status to failed due to "):
            return Mark(line, "failed", "error")
        if not _AFTER.match(stripped):
            return None
        if not stripped.startswith("Build finished") or not self._status:
            return Mark(line, "after", stripped.partition(" (")[0].strip())
        passed = self._status in ("NORMAL", "SUCCESS")
        return Mark(line, "job-passed" if passed else "job-failed", f"the build's status is {self._status}")


def _meant(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes(found[1]) if found[1] in b"[]" else bytes(found[0])
    character = chr(int(found[2], 16))
    return (
        character.encode("utf-8", "replace") if character.isprintable() and character not in "'|" else bytes(found[0])
    )


DIALECT = TeamCity()
