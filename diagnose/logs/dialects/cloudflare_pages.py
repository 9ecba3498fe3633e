r"""Cloudflare Pages and Workers Builds: `2026-11-20T09:12:09.123456Z\ttext`, or `09:12:09.123\ttext` where it is copied from the page.

Seen in public logs of 2021 to 2025: what succeeded is `Success: `, what did not `Failed: `; the user's command is named before it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAME: Final = r"(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z)|\d\d:\d\d:\d\d\.\d{3})(?:\t| \| ?)"
_PREFIX: Final = regex(_FRAME)
_STAMPED: Final = regex(_FRAME.encode())
_OWN: Final = regex(
    _FRAME.encode()
    + rb"(?:Initializing build environment|Success: (?:Finished (?:initializing build environment|cloning repository files)|Build command completed|Your site was deployed)|"
    rb"Cloning repository\.\.\.|Using v\d root directory strategy|Executing user (?:build |deploy )?command: |Detected the following tools from environment|"
    rb"Failed: (?:build command exited|error occurred while|Error while executing user command|an internal error)|Installing project dependencies: )"
)
_COMMAND: Final = regex(r"(?:Executing user (?:build |deploy )?command|Installing project dependencies): (.+)")
_EXIT: Final = regex(
    r"Failed: (?:Error while executing user command\. Exited with error code|build command exited with code): (\d{1,10})"
)
_FAILED: Final = regex(r"Failed: (?:error occurred while |an internal error|.{0,80} not found)")


class CloudflarePages:
    """A step is a command that the builder names before it runs it."""

    name = "cloudflare-pages"
    literals: tuple[bytes, ...] = (
        b"Executing user ",
        b"Installing project dependencies: ",
        b"Failed: ",
        b"Success: Your site was deployed",
    )

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the builder's own lines, and beside two of them the stamps."""
        own = sum(1 for line in lines if _OWN.match(line[:400]))
        return 2 * own + (sum(1 for line in lines if _STAMPED.match(line[:100])) if own > 1 else 0)

    def strip(self, text: str) -> str:
        """Take the stamp off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give the stamp where it has a date."""
        found = _PREFIX.match(text)
        return (found[1] or "") if found else ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read commands, exits and the verdict."""
        del text
        command = _COMMAND.match(stripped)
        if command:
            return Mark(line, "command", command[1].strip() or "command")
        found = _EXIT.match(stripped)
        if found:
            return Mark(line, "failed", code=int(found[1]))
        if _FAILED.match(stripped):
            return Mark(line, "job-failed", stripped.rstrip()[:200])
        return (
            Mark(line, "job-passed", "the site was deployed")
            if stripped.startswith("Success: Your site was deployed")
            else None
        )


DIALECT = CloudflarePages()
