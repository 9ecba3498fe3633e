r"""AppVeyor: `[00:01:12] text` in a downloaded log, no stamp in text that is copied from the page.

Seen in downloaded logs in public repositories and in issues of appveyor/ci: `Build started`, the clone under `C:\projects` or
`/home/appveyor/projects`, phases as `Running "install" scripts` (older: `Running Install scripts`), commands as they stand, `Command
exited with code N`, `Build failed` or `Build success` at the end. Not verified: the words of deployment phases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.clock import clock_of
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX: Final = regex(r"\[\d\d:\d\d:\d\d\] ?")
_STAMPED: Final = regex(rb"\[\d\d:\d\d:\d\d\] ")
_OWN: Final = regex(
    rb"(?:\[\d\d:\d\d:\d\d\] )?(?:\x1b\[[0-9;]*m)*(?:Build started\s*$|git clone -q .*(?i:[/\\]projects[/\\])|"
    rb'Running (?:"[a-z_]{2,20}" scripts|(?:Install|Init|[A-Z][a-z]+ (?:build|test|deploy)) scripts)\s*$|'
    rb"Command (?:exited with code -?\d+|executed with exception)|Build (?:success|failed)\s*$|Configuring 'stack'|"
    rb"Build execution time has reached the maximum allowed time)"
)
_PHASE: Final = regex(r'Running "?([A-Za-z_]{2,20}(?: [a-z]{2,20})?)"? scripts\s*$')
_AFTER: Final = frozenset({"on_success", "on_failure", "on_finish"})
_EXIT: Final = regex(r"Command exited with code (-?\d{1,10})\s*$")
_ENDED: Final = regex(
    r"Command executed with exception|Build execution time has reached the maximum allowed time|Build execution time exceeded"
)


class AppVeyor:
    """A step is a phase, from `Running "phase" scripts` to the next; a command that fails ends the build."""

    name = "appveyor"
    daily = True
    literals: tuple[bytes, ...] = (
        b"Build started", b'" scripts', b" scripts", b"Command exited with code ", b"Command executed with exception", b"Build success",
        b"Build failed", b"Build execution time ",
    )  # fmt: skip

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count AppVeyor's own lines, and beside two of them the stamps, which other tools write too."""
        own = sum(1 for line in lines if _OWN.match(line[:400]))
        return 2 * own + (sum(1 for line in lines if _STAMPED.match(line)) if own > 1 else 0)

    def strip(self, text: str) -> str:
        """Take the time since the start off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give none: the time runs from the build's start."""
        del text
        return ""

    def seconds(self, raw: bytes) -> float | None:
        """Read the time since the start."""
        return clock_of(raw)

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read phases, exits and the verdict."""
        del text
        phase = _PHASE.match(stripped)
        if phase:
            return Mark(line, "after" if phase[1].lower() in _AFTER else "step", phase[1])
        found = _EXIT.match(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "failed" if code else "end", code=code)
        if _ENDED.match(stripped):
            return Mark(line, "failed")
        return _whole(line, stripped.rstrip())


def _whole(line: int, stripped: str) -> Mark | None:
    if stripped == "Build started":
        return Mark(line, "step", "Build started")
    if stripped in ("Build success", "Build failed"):
        passed = stripped == "Build success"
        return Mark(
            line, "job-passed" if passed else "job-failed", "the build succeeded" if passed else "the build failed"
        )
    return None


DIALECT = AppVeyor()
