r"""GitLab CI: sections between `section_start:TIME:NAME` and `section_end:TIME:NAME`, commands echoed as `$ command`, a verdict.

Grammar: gitlab-runner 19.4.0 at d79f3e7 (common/build.go, common/buildlogger/internal/timestamper/timestamper.go,
helpers/build_section.go), checked on real traces. With FF_TIMESTAMPS each line begins with a timestamp of six decimals, a
stream's number and type, and a space, or a plus sign where the line goes on that the stream wrote last. A carriage return
stands behind each marker; a trace that went through an editor has a newline there. Not verified: the names of sections of
runners before 13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.streams import STAMPED, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

_STAMP: Final = regex(r"\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) [0-9a-f]{2}[OE][ +]")
_NAMED: Final = r"[\w.-]{1,200}(?:\[[^\]\r\n]{0,200}\])?"
_MARKERS: Final = regex(rf"(?:section_(?:start|end):\d{{1,15}}:{_NAMED}(?:\r+|$))+")
_START: Final = regex(r"section_start:\d{1,15}:([\w.-]{1,200})")
_GLUED: Final = regex(
    rb"(?:\x1b\[[0-9;]*[A-Za-z])*section_(?:start|end):\d{1,15}:[\w.-]{1,200}(?:\[[^\]\r\n]{0,200}\])?\r"
)
_COLOURS: Final = regex(rb"\x1b\[[0-9;]*[A-Za-z]")
_VOTE: Final = regex(
    rb"(?:\x1b\[[0-9;]*[A-Za-z])*(?:section_(?:start|end):\d{1,15}:[\w.-]|Running with gitlab-runner |Job succeeded\b|"
    rb"ERROR: Job failed(?: \(|: )|Executing \"\w+\" stage of the job script)"
)
_BEFORE: Final = "\r\r"  # set between markers and text that stood before them: it is output of the section that ends
_SETUP: Final = (
    "resolve_secrets",
    "prepare_executor",
    "prepare_script",
    "get_sources",
    "clear_worktree",
    "restore_cache",
    "download_artifacts",
)
_AFTER: Final = ("after_script", "archive_cache", "upload_artifacts", "cleanup_file_variables")
# A job whose script went well fails where its artifacts are not stored: then this is the step that failed.
_RUNS: Final = ("step_", "build_script", "upload_artifacts_on_success")
_REACH: Final = 64
_FIRST: Final = 5  # the runner's greeting stands on a trace's first line; what runs runners prints it too
_FAILED: Final = regex(r"ERROR: Job failed(?P<system> \(system failure\))?: (?P<why>.*)")
_CODE: Final = regex(r"(?:exit (?:code|status) |exit code: )(-?\d{1,10})\b")


class GitLab:
    """Each echoed command is a step within the script's sections; the other sections are set-up and what comes after."""

    name = "gitlab"
    literals: tuple[bytes, ...] = (
        b"section_start:",
        b"section_end:",
        b"$ ",
        b"Job succeeded",
        b"ERROR: Job failed",
        b"Running with gitlab-runner ",
    )

    def __init__(self, *, stamped: bool = True) -> None:
        """Make it for a log, of which each line is stamped or none."""
        self._stamped = stamped
        self.reach = _REACH if stamped else 0

    def votes(self, lines: Sequence[bytes]) -> int:
        """Sections, stamps with a stream, the runner's first and last line."""
        return sum(1 for line in lines if STAMPED.match(line) or _VOTE.match(line))

    def fitted(self, lines: Sequence[bytes]) -> GitLab:
        """Look for stamps: without them no line goes on in another."""
        return GitLab(stamped=any(STAMPED.match(line) for line in lines))

    def whole(self, data: bytes) -> bytes:
        """Join what streams wrote in parts; put markers before the text that stands before them on the same line."""
        if self._stamped:
            data = joined(data, self.reach)
        return _fronted(data) if b"section_" in data else data

    def strip(self, text: str) -> str:
        """Take stamp, stream and markers off."""
        found = _STAMP.match(text)
        text = text[found.end() :] if found else text
        if text.startswith("section_"):
            markers = _MARKERS.match(text)
            return text[markers.end() :] if markers else text
        return text

    def stamp(self, text: str) -> str:
        """Give the runner's timestamp."""
        found = _STAMP.match(text)
        return found[1] if found else ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read sections, commands and the verdict."""
        found = _STAMP.match(text)
        inner = text[found.end() :] if found else text
        verdict = _verdict(line, stripped.rstrip())
        if verdict is None and inner.startswith("section_"):
            return _section(line, inner, stripped)
        if stripped.startswith("$ "):
            return Mark(line, "command", stripped[2:].strip())
        if stripped.startswith("Running with gitlab-runner ") and line <= _FIRST:
            return Mark(line, "setup", "prepare")
        return verdict


def _section(line: int, text: str, stripped: str) -> Mark | None:
    markers = _MARKERS.match(text)
    if markers is None:
        return None
    begun = [found[1] for found in _START.finditer(markers[0])]
    late = markers[0].endswith(_BEFORE)
    for name in reversed(begun):
        if name.startswith(_RUNS):
            return Mark(line, "step", name, late=late)
        if name.startswith("section_script_step_"):
            # the command that it is about stands on the same line
            return Mark(line, "command", stripped[2:].strip()) if stripped.startswith("$ ") else Mark(line, "frame")
        if name in _SETUP:
            return Mark(line, "setup", name, late=late)
        if name.startswith(_AFTER):
            return Mark(line, "after", name, late=late)
    return Mark(line, "frame")


def _verdict(line: int, stripped: str) -> Mark | None:
    if stripped == "Job succeeded":
        return Mark(line, "job-passed", "the job succeeded", 0)
    failed = _FAILED.match(stripped)
    if failed is None:
        return None
    if failed["system"]:
        return Mark(line, "job-failed", "the job failed: system failure")
    if failed["why"].startswith("execution took longer than "):
        return Mark(line, "job-failed", "the job failed: it took longer than it may")
    code = _CODE.search(failed["why"])
    if code:
        return Mark(line, "job-failed", f"the job failed: exit code {int(code[1])}", int(code[1]))
    return Mark(line, "job-failed", "the job failed")


def _fronted(data: bytes) -> bytes:
    """Bring markers to the front of their lines, where output without a newline stands before them."""
    pieces, done = [], 0
    for found in _GLUED.finditer(data):
        if found.start() < done:
            continue
        start = data.rfind(b"\n", 0, found.start()) + 1
        stop = data.find(b"\n", found.start())
        stop = len(data) if stop < 0 else stop
        line = _front(data[start:stop])
        pieces += [data[done:start], line]
        done = stop
    return b"".join([*pieces, data[done:]])


def _front(line: bytes) -> bytes:
    stamp = STAMPED.match(line)
    head = line[: stamp.end()] if stamp else b""
    first = _GLUED.search(line, len(head))
    if first is None:
        return line
    before = line[len(head) : first.start()]
    shown = _COLOURS.sub(b"", before).rstrip(b"\r")
    if not shown[shown.rfind(b"\r") + 1 :].strip():
        return line
    markers = b"".join(_COLOURS.sub(b"", found[0]) for found in _GLUED.finditer(line, len(head)))
    return head + markers + b"\r" + before.rstrip(b"\r")


DIALECT = GitLab()
