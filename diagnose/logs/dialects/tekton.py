r"""Tekton as `tkn pipelinerun logs` and `tkn taskrun logs` print it: `[task : step] text`, `[step] text`.

Grammar: tektoncd/cli at 95ae329 (pkg/log/writer.go, task_reader.go): one blank line behind each step; what went wrong comes from
the task's status, on standard error, before or behind the steps' lines. The text of that status is tektoncd/pipeline's
(`"step-NAME" exited with code N (image: ...`), not verified for all versions. `[step] ` looks like `[info] ` of other tools, so it counts
only beside two statuses that name such a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

_NAME: Final = "[a-z0-9][a-z0-9.-]{0,100}"
_PREFIX: Final = regex(rf"\[(?:(?P<task>{_NAME}) : )?(?P<step>{_NAME})\] ?")
_COLOUR: Final = rb"(?:\x1b\[[0-9;]*m)*"
_VOTE: Final = regex(_COLOUR + rf"\[{_NAME} : {_NAME}\](?: |$)".encode())
_SHORT: Final = regex(_COLOUR + rf"\[({_NAME})\](?: |$)".encode())
_EXITED: Final = regex(r'"step-(?P<step>[\w.-]{1,100})" exited with code (?P<code>\d{1,10})\b')
_TASK: Final = regex(r"(?:failed to get logs for )?[Tt]ask (?P<task>[\w.-]{1,100}) (?:has failed|: container)")
_FAILED: Final = regex(
    r"(?:failed to get logs for task (?P<task>[\w.-]{1,100}) : )?container step-(?P<step>[\w.-]{1,100}) has failed"
)
_STATUS: Final = regex(
    _COLOUR
    + rb"(?:[Tt]ask |failed to get logs for |container |\").{0,300}?\bstep-([\w.-]{1,100})\"? (?:exited with code \d|has failed)"
)
_OPENS: Final = (b"[", b"\x1b")
_TIMEOUT: Final = regex(r'\b(?:Task|Pipeline)Run "?[\w./-]{1,200}"? failed to finish within ')


class Tekton:
    """Steps by the prefix of each line; the status of a task says which of its steps failed."""

    name = "tekton"
    literals: tuple[bytes, ...] = (b"] ", b"]", b" has failed", b" exited with code ", b" failed to finish within ")

    def __init__(self, short: frozenset[str] = frozenset()) -> None:
        """Make it for a log. short: the steps that prefix lines without a task."""
        self._short = short

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count prefixed lines, and statuses; prefixes without a task only beside a status."""
        told = [found for line in lines if b"step-" in line and (found := _STATUS.match(line))]
        framed = [line for line in lines if line[:1] in _OPENS]
        long = sum(1 for line in framed if _VOTE.match(line))
        if long or not told:
            return long + len(told)
        names = {found[1] for found in told}
        short = [found[1] for line in framed if (found := _SHORT.match(line))]
        return len(told) + (len(short) if names & set(short) else 0)

    def fitted(self, lines: Sequence[bytes]) -> Tekton:
        """Learn the steps' names where tasks are not named."""
        if any(_VOTE.match(line) for line in lines):
            return self
        return Tekton(frozenset(found[1].decode() for line in lines if (found := _SHORT.match(line))))

    def strip(self, text: str) -> str:
        """Take the prefix off."""
        found = self._prefix(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Tkn writes no stamps unless it is asked to, and then the step's own."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Begin a step at a new prefix; read the status of a task."""
        del stripped
        found = self._prefix(text)
        if found:
            return Mark(line, "enter", f"{found['task'] or ''}\t{found['step']}")
        exited = _EXITED.search(text)
        if exited:
            task = _TASK.search(text)
            return Mark(line, "failed", f"{task['task'] if task else ''}\t{exited['step']}", int(exited["code"]))
        failed = _FAILED.search(text)
        if failed:
            return Mark(line, "failed", f"{failed['task'] or ''}\t{failed['step']}")
        return Mark(line, "job-failed", "the run took longer than it may") if _TIMEOUT.search(text) else None

    def _prefix(self, text: str) -> re.Match[str] | None:
        if not text.startswith("["):
            return None
        found = _PREFIX.match(text)
        if found is None or (found["task"] is None and found["step"] not in self._short):
            return None
        return found


DIALECT = Tekton()
