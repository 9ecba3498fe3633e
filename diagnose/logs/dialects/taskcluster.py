"""Taskcluster, as Firefox is built with: `[task 2026-01-02T03:04:05.678Z] text`, mozharness' own stamp and level behind it.

Grammar: taskcluster's docker-worker and generic-worker logs; checked on real ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX: Final = regex(
    r"\[(?:task|taskcluster|vcs|cache|setup|fetches|mounts|volume)\S* (\d{4}-\d\d-\d\d[T ][\d:.]+Z?)\] ?"
)
_HARNESS: Final = regex(r"\d\d:\d\d:\d\d +(?:INFO|ERROR|WARNING|CRITICAL|FATAL|DEBUG) - +")
_VOTE: Final = regex(rb"\[task(?:cluster)? \d{4}-\d\d-\d\d[T ]")
_ENDED: Final = regex(r"(?:Unsuccessful|Successful) task run with exit code: (-?\d{1,10})")


class Taskcluster:
    """One step: the task. Its exit code stands on the last line."""

    name = "taskcluster"
    literals: tuple[bytes, ...] = (b"task run with exit code: ", b"=== Task Starting ===")

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count stamped lines."""
        return sum(1 for line in lines if _VOTE.match(line))

    def strip(self, text: str) -> str:
        """Take both stamps off."""
        found = _PREFIX.match(text)
        text = text[found.end() :] if found else text
        inner = _HARNESS.match(text)
        return text[inner.end() :] if inner else text

    def stamp(self, text: str) -> str:
        """Give the worker's timestamp."""
        found = _PREFIX.match(text)
        return found[1] if found else ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read the task's beginning and its end."""
        del text
        if "=== Task Starting ===" in stripped:
            return Mark(line, "enter", "task")
        found = _ENDED.search(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "failed", code=code) if code else Mark(line, "job-passed", "the task ended with 0", 0)
        return None


DIALECT = Taskcluster()
