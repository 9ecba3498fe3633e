"""A log of no known system: output alone, perhaps with a shell's own trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.entrypoint import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

# One line names no system, but where a system's closing words end a log, they are the verdict.
_FINISHED: Final = regex(r"Finished: (SUCCESS|FAILURE|UNSTABLE|ABORTED|NOT_BUILT)\s*$")
_DONE: Final = regex(r"Done\. Your build exited with (\d{1,9})\b")
# The last line of what `ci-diagnose run` keeps of a command's output.
_RUN: Final = regex(r"\[the command ended with exit code (\d{1,3})\]$")


class Plain:
    """Every line is output. No votes: it is what a log is that no other dialect knows."""

    name = "plain"
    literals: tuple[bytes, ...] = (
        b"Finished: ",
        b"Done. Your build exited with ",
        b"[the command ended with exit code ",
        b"Error executing test process",
    )

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count nothing."""
        del lines
        return 0

    def strip(self, text: str) -> str:
        """Nothing is framing."""
        return text

    def stamp(self, text: str) -> str:
        """Give none: a plain log has no stamps that can be relied on."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read other systems' closing words."""
        del text
        finished = _FINISHED.match(stripped)
        if finished:
            return Mark(
                line, "job-passed" if finished[1] == "SUCCESS" else "job-failed", f"the build finished: {finished[1]}"
            )
        done = _DONE.match(stripped)
        if done:
            code = int(done[1])
            return Mark(line, "job-failed" if code else "job-passed", f"the build exited with {code}", code)
        ran = _RUN.match(stripped)
        if ran:
            code = int(ran[1])
            return Mark(line, "failed", code=code) if code else Mark(line, "job-passed", "the command ended with 0", 0)
        return verdict(line, stripped) if "Error executing test process" in stripped else None


DIALECT = Plain()
