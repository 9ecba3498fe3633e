r"""Buildkite: `ESC_bk;t=<ms>BEL` before a line and wherever the cursor jumps; groups `---`, `+++`, `~~~` that end at the next one.

Grammar: terminal-to-html at b62296c (fixtures, bk.go: BEL or ST ends a stamp), buildkite/docs managing_log_output.md, the
agent's internal/job/executor.go (hooks' headings, what is said of exit codes). Diffs and `go test` begin lines with `---`
too: such titles open no group here, though Buildkite's page shows one. Not verified: headings of agents before 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

# a stamp whose escape character was lost on the way; whole ones go with the colours
_BARE: Final = regex(r"(?:_bk;d?t=\d{1,16}[;\w=]{0,60}\x07)+")
_VOTE: Final = regex(
    rb"(?:\x1b?_bk;d?t=\d{1,16}|(?:\x1b\[[0-9;]*[mK])*(?:~~~ (?:Preparing (?:working directory|plugins)|Setting up (?:plugins|working directory)|"
    rb"Running (?:(?:agent|global|local|repository|plugin|vendored plugin) .{1,100} hook|commands?\b|script\b|batch script\b)|Uploading artifacts)|"
    rb"\^\^\^ \+\+\+\s*$|\xf0\x9f\x9a\xa8 Error: |user command error: ))"
)
_STAMP: Final = regex(rb"_bk;t=(\d{10,16})")
_HEAD: Final = 400
_GROUP: Final = regex(r"(?P<sign>---|\+\+\+|~~~) (?P<title>\S.{0,300})")
_DIFF: Final = regex(
    r"(?:FAIL|PASS|SKIP|BENCH): |(?:[ab]|i|w|old|new)/|/dev/null\b|(?i:expected|actual|received|original|got|want|stdout|stderr)\b|"
    r"(?:\.{0,2}/)?[\w.@/+-]+\.\w+(?:\.orig)?(?:[\s:]|$)|.*\t\d{4}-\d\d-\d\d "
)
_HOOK: Final = regex(r"Running .{0,200}?\b(?P<hook>[\w-]+) hook\b")
_SETUP_HOOKS: Final = frozenset(
    ("environment", "pre-bootstrap", "pre-checkout", "checkout", "post-checkout", "pre-command")
)
_SETUP: Final = ("Preparing ", "Setting up ", "Creating ", "Getting ", "Agent ")
_AFTER: Final = ("Uploading artifacts", "Cleaning up", "Removing ", "Storing ")
_ERROR: Final = regex(r"🚨 Error: (?:.{0,300} exited with status (?P<code>-?\d{1,10})\b)?")
_USER: Final = regex(r"user command error: (?:.{0,300}\b)?exit status (\d{1,10})\b")
_STOPPED: Final = regex(r"# Received cancellation signal, interrupting")


class Buildkite:
    """Groups are steps: the agent's own before the command are set-up, those behind it come after."""

    name = "buildkite"
    daily = False
    literals: tuple[bytes, ...] = (
        b"--- ", b"+++ ", b"~~~ ", b"^^^ +++", "🚨 Error: ".encode(), b"user command error: ", b"# Received cancellation signal", b"$ ",
    )  # fmt: skip

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count stamps, and what the agent writes itself; a group's heading alone may be a diff's."""
        return sum(1 for line in lines if _VOTE.match(line))

    def strip(self, text: str) -> str:
        """Take stamps off that are no escape sequences any more."""
        found = _BARE.match(text) if text.startswith("_bk;") else None
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give none: stamps are escape sequences, and gone with the colours."""
        del text
        return ""

    def seconds(self, raw: bytes) -> float | None:
        """Read the first stamp of a line, in milliseconds since 1970."""
        found = _STAMP.search(raw, 0, _HEAD)
        return int(found[1]) / 1000 if found else None

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read groups, errors and prompts."""
        del text
        group = _GROUP.match(stripped)
        if group:
            return (
                None if _DIFF.match(group["title"]) and group["sign"] != "~~~" else _group(line, group["title"].strip())
            )
        if stripped.startswith("^^^ +++"):
            return Mark(line, "frame")
        if stripped.startswith("$ "):
            return Mark(line, "echo", stripped[2:].strip())
        return _error(line, stripped)


def _group(line: int, title: str) -> Mark:
    hook = _HOOK.match(title)
    if hook and hook["hook"] != "command":
        return Mark(line, "setup" if hook["hook"] in _SETUP_HOOKS else "after", title)
    if title.startswith(_AFTER):
        return Mark(line, "after", title)
    return Mark(line, "setup" if title.startswith(_SETUP) else "step", title)


def _error(line: int, stripped: str) -> Mark | None:
    error = _ERROR.match(stripped)
    if error:
        return Mark(line, "failed", code=int(error["code"]) if error["code"] else None)
    user = _USER.match(stripped)
    if user:
        return Mark(line, "job-failed", f"the command failed: exit status {int(user[1])}", int(user[1]))
    return Mark(line, "failed") if _STOPPED.match(stripped) else None


DIALECT = Buildkite()
