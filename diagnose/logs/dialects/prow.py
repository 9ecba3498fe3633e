r"""Prow: a container's output as it is, with the entrypoint's own lines in it, and the test images' `wrapper.sh] [TEST]` lines.

Grammar: kubernetes-sigs/prow at a619408, pkg/entrypoint/run.go; its logger writes JSON in production and `level=error msg=".."`
otherwise. wrapper.sh: the script of the kubekins and similar images. Not verified: which other images name their phases so.
One line of the entrypoint names no system where it is the only one: then the log is plain, and the line its verdict all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.entrypoint import LINE, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

_VOTE: Final = regex(
    rb"(?:" + LINE.replace("?P<said>", "").encode() + rb"|wrapper\.sh\] (?:\[[A-Z ]{1,20}\]|Exiting \d))"
)
_TEST: Final = regex(r"wrapper\.sh\] \[TEST\] Running Test Command: `(.{1,2000}?)` \.\.\.")
_ENDED: Final = regex(r"wrapper\.sh\] \[TEST\] Test Command exit code: (-?\d{1,10})\s*$")
_PHASE: Final = regex(r"wrapper\.sh\] \[(SETUP|CLEANUP)\]")


class Prow:
    """One step, the test command, where wrapper.sh names it; the entrypoint's last line is the verdict."""

    name = "prow"
    literals: tuple[bytes, ...] = (
        b"wrapper.sh] ", b"Process did not ", b"Entrypoint received interrupt", b"Process gracefully exited", b"Error executing test process",
        b"Error writing exit code", b"Skipping as previous step", b"Could not interrupt process", b"Could not kill process",
    )  # fmt: skip

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the entrypoint's and the wrapper's lines."""
        return sum(1 for line in lines if _VOTE.match(line))

    def strip(self, text: str) -> str:
        """Nothing is framing: the output is as the process wrote it."""
        return text

    def stamp(self, text: str) -> str:
        """Prow stamps no lines."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read the wrapper's phases and the entrypoint's messages."""
        del text
        test = _TEST.match(stripped)
        if test:
            return Mark(line, "command", test[1])
        ended = _ENDED.match(stripped)
        if ended:
            code = int(ended[1])
            return Mark(line, "failed" if code else "end", code=code)
        phase = _PHASE.match(stripped)
        if phase:
            return Mark(line, "enter" if phase[1] == "SETUP" else "after", f"wrapper.sh {phase[1].lower()}")
        return verdict(line, stripped)


DIALECT = Prow()
