"""GitHub Actions: the job log as the API and the web page give it, and each step's file of a run archive.

Grammar: actions/runner 2.336, Logging.cs and ExecutionContext.cs. A line is an optional BOM, a timestamp of seven decimals,
a space, and text; a message with newlines in it is stamped once, so that a line may lack the stamp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.preamble import of_github

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.log import Line
    from diagnose.logs.preamble import Preamble

STAMP: Final = regex(r"\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z) ?\ufeff?")
_VOTE: Final = regex(
    rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z |##\[(?:group|endgroup)\]|Post job cleanup\."
)
_ACTION: Final = regex(r"Run (?:[\w.-]+/[\w./-]+@|\./|docker://)")
_EXIT: Final = regex(
    r"##\[error\](?:Process completed with exit code (-?\d{1,10})|The process '.*' failed with exit code (-?\d{1,10}))"
)
_HEADS: Final = (
    "Current runner version: ",
    "##[group]Runner Image",
    "Requested labels: ",
    "##[group]Operating System",
    "Prepare workflow directory",
)
_CONTAINER: Final = regex(r"##\[command\]\S*docker run --name ")
_ENDED: Final = regex(
    r"##\[error\](?:The operation was canceled|A task was canceled|The action .*has timed out|"
    r"The runner has received a shutdown signal)"
)


class GitHub:
    """Steps begin at `##[group]Run ...`; the header up to `##[endgroup]` is echoed script, inputs and environment."""

    name = "github"
    error = "##[error]"
    literals: tuple[bytes, ...] = (
        b"##[group]",
        b"##[endgroup]",
        b"##[error]",
        b"Post job cleanup.",
        b"Cleaning up orphan processes",
        b"Current runner version:",
        b"Complete job name:",
    )

    def votes(self, lines: Sequence[bytes]) -> int:
        """Stamps of seven decimals, groups, and the post job's line."""
        return sum(1 for line in lines if _VOTE.match(line))

    def strip(self, text: str) -> str:
        """Take BOM and timestamp off."""
        found = STAMP.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Give the runner's timestamp."""
        found = STAMP.match(text)
        return found[1] if found else ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read a line of the runner's own."""
        del text
        if stripped.startswith("##["):
            return _command(line, stripped)
        if stripped.startswith(("Post job cleanup.", "Cleaning up orphan processes")):
            return Mark(line, "finish", stripped.strip())
        if stripped.startswith("Current runner version:"):
            return Mark(line, "setup", "Set up job")
        return None

    def preface(self, lines: Sequence[Line]) -> Preamble:
        """Read machine, token and checkout."""
        return of_github(lines)

    def opens(self, text: str) -> bool:
        """The runner says first what it is and what it runs on."""
        return text.startswith(_HEADS)

    def ends_mute(self, beginning: Sequence[str]) -> bool:
        """An action that is a container: the runner sets its result and writes nothing (actions/runner, ContainerActionHandler.cs)."""
        return any(_CONTAINER.match(text) for text in beginning)

    def is_script(self, step: str) -> bool:
        """A step is named after its script or its action."""
        return step.startswith("Run ") and not _ACTION.match(step)


def _command(line: int, stripped: str) -> Mark | None:
    if stripped.startswith("##[group]"):
        name = stripped[9:].strip()
        return Mark(line, "step", name) if name.startswith("Run ") else Mark(line, "frame")
    if stripped.startswith("##[endgroup]"):
        return Mark(line, "frame-off")
    if stripped.startswith("##[error]"):
        return _failure(line, stripped)
    return None


def _failure(line: int, stripped: str) -> Mark:
    found = _EXIT.match(stripped)
    if found:
        return Mark(line, "failed", code=int(found[1] or found[2]))
    if _ENDED.match(stripped):
        return Mark(line, "failed")
    return Mark(line, "failed", "error")


DIALECT = GitHub()
