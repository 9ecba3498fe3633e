"""Render: what the platform says begins with `==> `; lines copied from the page may have `Nov 20 09:12:09 AM  ` before them.

Seen in public logs of 2022 to 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAME: Final = r"[A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d [AP]M(?:  |$)"
_PREFIX: Final = regex(_FRAME)
_OWN: Final = regex(
    rf"(?:{_FRAME})?".encode()
    + rb"==> (?:Cloning from |Checking out commit [0-9a-f]{7}|Running build command |Using (?:Node\.js|Node|Python|Ruby|Bun|Poetry|Go|Elixir) version |"
    rb"Uploading build|Build (?:failed|successful) \xf0\x9f|Build uploaded in |Deploying\.\.\.|Your service is live|Exited with status \d|Common ways to troubleshoot your deploy|"
    rb"Publish directory .{1,200} does not exist|Running '|Downloading cache|Docs on specifying a )"
)
_COMMAND: Final = regex(r"==> Running (?:build command )?'(.{1,400})'\.{0,3}")
_EXIT: Final = regex(r"==> Exited with status (\d{1,10})")


class Render:
    """A step is a command that the platform says it runs."""

    name = "render"
    literals: tuple[bytes, ...] = (b"==> ",)

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the platform's own lines: other programs write the arrow too."""
        return 2 * sum(1 for line in lines if _OWN.match(line[:400]))

    def strip(self, text: str) -> str:
        """Take the time off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give none: the stamp has no year."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read commands, exits and the verdict."""
        del text
        command = _COMMAND.match(stripped)
        if command:
            return Mark(line, "command", command[1])
        found = _EXIT.match(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "job-failed" if code else "end", "the command failed" if code else "", code)
        if stripped.startswith("==> Build failed"):
            return Mark(line, "job-failed", "the build failed")
        return (
            Mark(line, "job-passed", "the service is live") if stripped.startswith("==> Your service is live") else None
        )


DIALECT = Render()
