"""Vercel: `[09:12:09.123] text` on the page, `09:12:09.123 | text` or a tab where it is copied, `Building: text` in what the command line prints.

Seen in public logs (vercel 28 to 53) and in copies from the page; the page's own download has the stamp in brackets. The stamp may be
lost: then only Vercel's own lines tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAME: Final = r"(?:\[\d\d:\d\d:\d\d\.\d{3}\](?: |$)|\d\d:\d\d:\d\d\.\d{3}(?:\s{0,4}\||\s{0,3}\t|  )\s?|Building: )"
_PREFIX: Final = regex(_FRAME)
_STAMPED: Final = regex(_FRAME.encode())
_OWN: Final = regex(
    rf"(?:{_FRAME})?".encode()
    + rb"(?:Running \"vercel build\"|Vercel CLI \d|Running build in [A-Z]|Build machine configuration: |Cloning completed: |Cloning \S{1,200} \(Branch: |"
    rb"Retrieving list of deployment files|Restored build cache|Previous build caches not available|Detected Next\.js version: |"
    rb"Running \"install\" command: |Build Completed in /vercel/output|Deploying outputs\.\.\.|Error: Command \"[^\"]{1,300}\" exited with \d)"
)
_RUNNING: Final = regex(r'Running "([^"]{1,300})"(?: command: `(.{1,300})`)?')
_EXIT: Final = regex(r'Error: Command "[^"]{1,300}" exited with (\d{1,10})\s*$')


class Vercel:
    """A step is a command that Vercel says it runs: that of the installation, that of the build; then the deployment."""

    name = "vercel"
    literals: tuple[bytes, ...] = (b'Running "', b'Error: Command "', b"Deploying outputs", b"Deployment completed")

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count Vercel's own lines, and beside two of them the frames."""
        own = sum(1 for line in lines if _OWN.match(line[:600]))
        return 2 * own + (sum(1 for line in lines if _STAMPED.match(line)) if own > 1 else 0)

    def strip(self, text: str) -> str:
        """Take the time, or the command line's label, off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give none: the stamp has no date."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read commands, exits and the verdict."""
        del text
        running = _RUNNING.match(stripped)
        if running:
            return (
                Mark(line, "step", "vercel build")
                if running[1] == "vercel build"
                else Mark(line, "command", running[2] or running[1])
            )
        found = _EXIT.match(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "failed" if code else "end", code=code)
        if stripped.startswith("Deploying outputs"):
            return Mark(line, "step", "deploy")
        return (
            Mark(line, "job-passed", "the deployment completed")
            if stripped.startswith("Deployment completed")
            else None
        )


DIALECT = Vercel()
