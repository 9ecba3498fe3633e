"""Netlify: every line is `3:05:09 PM: text`; the build command is echoed, its failure told in a box, and then what becomes of the deploy.

Seen in public logs (build images of 2019 to 2026); titles and the box as in netlify/build (packages/build/src/error/types.ts). The page
puts the line that says why a stage failed first, and says it again at the end; local builds of `netlify build` have no stamps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX: Final = regex(r"\s{0,8}\d{1,2}:\d\d:\d\d [AP]M:(?: |$)")
_STAMPED: Final = regex(rb"\s{0,8}\d{1,2}:\d\d:\d\d [AP]M:(?: |\s*$)")
_OWN: Final = regex(
    rb"(?:\s{0,8}\d{1,2}:\d\d:\d\d [AP]M: )?(?:build-image version: |buildbot version: |Build ready to start|Fetching cached dependencies|Failed to fetch cache, continuing|"
    rb"Preparing Git Reference |Custom (?:build|publish) (?:path|command) detected|Finished processing build request in |Failing build: |"
    rb"[Ff]ailed during stage '|Build failed due to a user error: |Started restoring cached build plugins|Netlify Build\s|"
    rb'\s*"build\.command" failed\s|Site is live|Resolved config\s*$)'
)
_INSTALLS: Final = frozenset({"Installing dependencies", "Starting to install dependencies"})
_TIDIES: Final = ("Caching artifacts", "Creating deploy upload records", "Started saving ")
_EXIT: Final = regex(r"\s{0,8}(?:Error message\s+)?Command failed with exit code (\d{1,10})(?:: |$)")
_SCRIPT: Final = regex(
    r"(?:[Ff]ailed during stage '[^']{0,80}': |Build failed due to a user error: |Build was terminated: |Error running command: )"
    r".{0,200}?non-zero exit code: (\d{1,10})\b"
)


class Netlify:
    """A step is the installation, the build's preparation, or a command that is echoed as `$ command`."""

    name = "netlify"
    literals: tuple[bytes, ...] = (
        b"nstall", b"Starting build script", b"$ ", b"Caching artifacts", b"Creating deploy upload records", b"Started saving ",
        b"Command failed with exit code ", b"non-zero exit code: ", b"Failing build: ", b"Site is live",
    )  # fmt: skip

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count Netlify's own lines, and beside two of them the stamps."""
        own = sum(1 for line in lines if _OWN.match(line[:400]))
        return 2 * own + (sum(1 for line in lines if _STAMPED.match(line)) if own > 1 else 0)

    def strip(self, text: str) -> str:
        """Take the time of day off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give none: the stamp has no date."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read stages, commands, exits and the verdict."""
        del text
        said = stripped.strip()
        if said in _INSTALLS:
            return Mark(line, "step", "install dependencies")
        if said.startswith("Starting build script"):
            return Mark(line, "step", "build")
        if stripped.startswith("$ "):
            return Mark(line, "command", said[2:].strip() or "command")
        if said.startswith(_TIDIES):
            return Mark(line, "after", "deploy")
        return _closing(line, stripped)


def _closing(line: int, stripped: str) -> Mark | None:
    found = _EXIT.match(stripped)
    if found:
        return Mark(line, "failed", code=int(found[1]))
    script = _SCRIPT.match(stripped)
    if script:
        if line == 1:
            return Mark(line, "frame")  # the page says the end first
        return Mark(line, "job-failed", "the build script failed", int(script[1]))
    if stripped.startswith("Failing build: "):
        return Mark(line, "job-failed", stripped.rstrip()[:200])
    return Mark(line, "job-passed", "the site is live") if stripped.startswith("Site is live") else None


DIALECT = Netlify()
