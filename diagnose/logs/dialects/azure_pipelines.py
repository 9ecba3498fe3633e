"""Azure Pipelines: each step's log, a job's whole log, and text copied from the web page.

Grammar: microsoft/azure-pipelines-agent at 42bde98 (Logging.cs, ExecutionContext.cs, StepsRunner.cs, CommandStringConvertor.cs,
strings.json). The file begins with a byte order mark; a line is a timestamp of seven decimals, a space, and text; a message with
newlines in it is stamped once. A job's log holds its steps' lines, the job's own `Starting:` and `Finishing:` around them. What the
tasks say of exit codes: task.json of microsoft/azure-pipelines-tasks and public logs. Not verified: that a page's copy always loses
`##[section]` and the stamps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.dialects.github import DIALECT as GITHUB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.dialect import Sign

_STAMPED: Final = regex(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ")
_START: Final = rb"(?:(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z )?(?:\xef\xbb\xbf)?"
_GITHUB: Final = regex(
    _START + rb"(?:##\[group\]Run |Current runner version: |Post job cleanup\.|Cleaning up orphan processes)"
)
_SURE: Final = regex(
    _START + rb"(?:##\[section\](?:Starting|Finishing): (?!Request a runner|Prepare job )|Task {9}: |##vso\[\w+\.\w+|"
    rb"##\[debug\](?:Processed: ##vso|Evaluating condition for step)|=+ Starting Command Output =+|"
    rb"##\[error\](?:Bash|PowerShell|Cmd\.exe) exited with code ')"
)
_STARTED: Final = regex(_START + rb"##\[section\]Starting: (.{1,200}?)\s*$")
_HEAD: Final = 60

_EXIT: Final = regex(
    r"##\[error\](?:Error: )?(?:"
    r"(?:Bash|PowerShell|pwsh|Cmd\.exe|Command) exited with code '?(-?\d{1,10})'?\.?$|"
    r"(?:The process '.*'|Script|[\w./\\:-]{1,200}) failed with (?:exit|return|error) code:? '?(-?\d{1,10})'?\.?$|"
    r"Exit code (-?\d{1,10}) returned from (?:process|tool)\b|"
    r"Process completed with exit code (-?\d{1,10})(?:\.| and had)|"
    r"Process '.*' exited with code '(-?\d{1,10})'\.?$)"
)
_ENDED: Final = regex(
    r"##\[error\](?:The Operation will be canceled\.|The operation was canceled\.|The task has timed out\.|"
    r"The job running on agent .{1,200} (?:ran longer|has exceeded)|We stopped hearing from agent |The agent did not connect |"
    r"(?:Bash|PowerShell|Cmd\.exe) wrote one or more lines to the standard error stream)"
)
_COMPLETE: Final = regex(
    r"(?:##\[debug\]Processed: )?##vso\[task\.complete\b[^\]]{0,200}\bresult=Failed\b", re.IGNORECASE
)
_AFTER: Final = regex(r"Post-job: |Stop Containers$|Checkout .{1,200} cleanup$")
_SETUP: Final = regex(r"Initialize job$|Initialize [Cc]ontainers$|Pre-job: |Set up job$")


class AzurePipelines:
    """Steps stand between `##[section]Starting: name` and `##[section]Finishing: name`; `job` is the one that is round them, if known."""

    name = "azure-pipelines"
    error = "##[error]"
    literals: tuple[bytes, ...] = (
        b"##[section]", b"##[error]", b"##[command]", b"##vso[task.complete", b"Starting: ", b"Finishing: ", b" Starting Command Output ",
        b"##[group]", b"##[endgroup]",
    )  # fmt: skip

    def __init__(self, job: str = "") -> None:
        self._job = job

    def fitted(self, lines: Sequence[bytes]) -> AzurePipelines:
        """Learn the job's name: what starts before its first step does."""
        started = [found[1] for line in lines[:_HEAD] if (found := _STARTED.match(line))][:2]
        if len(started) > 1 and started[1] == b"Initialize job":
            return AzurePipelines(started[0].decode("utf-8", "backslashreplace"))
        return self

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the agent's own lines; beside two of them the stamps, which GitHub's runner writes too; none where that one's are more."""
        sure = sum(1 for line in lines if _SURE.match(line))
        if sure <= sum(1 for line in lines if _GITHUB.match(line)):
            return 0
        return 2 * sure + (sum(1 for line in lines if _STAMPED.match(line)) if sure > 1 else 0)

    def strip(self, text: str) -> str:
        """Take byte order mark and timestamp off."""
        return GITHUB.strip(text)

    def stamp(self, text: str) -> str:
        """Give the agent's timestamp."""
        return GITHUB.stamp(text)

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read a line of the agent's own."""
        if stripped.startswith("##["):
            return self._tagged(line, stripped)
        if stripped.startswith("==") and " Starting Command Output ==" in stripped:
            return Mark(line, "frame-off")
        if _COMPLETE.match(stripped):
            return Mark(line, "failed")
        if text == stripped and stripped.startswith(("Starting: ", "Finishing: ")):
            return self._section(line, stripped)  # the web page leaves the tag and the stamp out
        return None

    def _tagged(self, line: int, stripped: str) -> Mark | None:
        if stripped.startswith("##[section]"):
            return self._section(line, stripped[11:])
        if stripped.startswith("##[error]"):
            return _failure(line, stripped)
        if stripped.startswith(("##[command]", "##[group]", "##[endgroup]")):
            return Mark(line, "frame")
        return Mark(line, "failed") if _COMPLETE.match(stripped) else None

    def _section(self, line: int, text: str) -> Mark:
        word, _, name = text.partition(": ")
        name = name.strip()
        if not name or name == self._job:
            return Mark(line, "frame")
        if word == "Starting":
            return Mark(line, _kind(name), f"{self._job}\t{name}" if self._job else name)
        return Mark(line, "end", code=0) if word == "Finishing" else Mark(line, "frame")


def _kind(name: str) -> Sign:
    if name == "Finalize Job":
        return "finish"
    return "setup" if _SETUP.match(name) else "after" if _AFTER.match(name) else "step"


def _failure(line: int, stripped: str) -> Mark:
    found = _EXIT.match(stripped[:4000])
    if found:
        return Mark(line, "failed", code=int(next(code for code in found.groups() if code)))
    if _ENDED.match(stripped):
        return Mark(line, "failed")
    return Mark(line, "failed", "error")


DIALECT = AzurePipelines()
