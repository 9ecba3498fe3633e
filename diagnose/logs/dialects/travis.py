"""Travis CI: folds and timers glued to the front of a line, `$ command` echoes, `The command "X" exited with N.` after each.

Grammar: travis-ci/travis-build at 2812e526 (lib/travis/build/bash/*.bash), checked on real logs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_VOTE: Final = regex(
    rb"(?:\x1b\[[0-9;]*[mK])*(?:travis_(?:fold|time):|The command \"|The job exceeded the maximum |No output has been received in the last |"
    rb"The log length has exceeded the limit |Done\. Your build exited with|Using worker: )"
)
_GLUED: Final = regex(r"(?:travis_(?:fold|time):[\w:.,=\-]+\s*)+")
# the command may have newlines in it: then only its last line says how it ended
_EXIT: Final = regex(r'" (?:failed and )?exited with (-?\d{1,10})(?: during (\w+))?\.?\s*$')
# what Travis does for itself before and after the job's own commands
_UPKEEP: Final = regex(r"\bcach(?:e|es|ing)\b|^(?:git|rvm|nvm|system_info|resolvconf|worker_info)\b", re.IGNORECASE)
_DONE: Final = regex(r"Done\. Your build exited with (-?\d{1,9})")
_STALLED: Final = regex(
    r"No output has been received in the last|The job exceeded the maximum|The build has been terminated|"
    r"The log length has exceeded the limit"
)


class Travis:
    """A step runs from its echo `$ command` to `The command "command" exited with N.`."""

    name = "travis"
    unclosed = "the log stops before the build's end"
    literals: tuple[bytes, ...] = (
        b"travis_fold:",
        b"travis_time:",
        b'The command "',
        b'" exited with ',
        b"failed and exited with",
        b"Done. Your build exited",
        b"No output has been received",
        b"The job exceeded the maximum",
        b"The build has been terminated",
        b"The log length has exceeded",
        b"$ ",
    )

    def votes(self, lines: Sequence[bytes]) -> int:
        """Folds, timers and the closing lines."""
        return 2 * sum(1 for line in lines if b"travis_" in line[:400] or _VOTE.match(line))

    def strip(self, text: str) -> str:
        """Take fold and timer marks off the front."""
        if text.startswith("travis_"):
            found = _GLUED.match(text)
            return text[found.end() :] if found else text
        return text

    def stamp(self, text: str) -> str:
        """Travis stamps no lines."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read echo, exit and closing lines."""
        if stripped.startswith("$ "):
            return Mark(line, "command", stripped[2:].strip())
        found = _EXIT.search(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "failed" if code else "end", found[2] or "", code)
        if stripped.startswith('The command "') or (text.startswith("travis_") and not stripped):
            return Mark(line, "frame")
        return _closing(line, stripped)

    def is_upkeep(self, step: str) -> bool:
        """Caches, checkouts and the machine's own tools."""
        return _UPKEEP.search(step) is not None


def _closing(line: int, stripped: str) -> Mark | None:
    if _STALLED.search(stripped):
        return Mark(line, "failed")
    done = _DONE.match(stripped)
    if done:
        code = int(done[1])
        return Mark(line, "job-failed" if code else "job-passed", f"the build exited with {code}", code)
    return None


DIALECT = Travis()
