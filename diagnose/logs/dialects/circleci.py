"""CircleCI: one step's output as it is copied from the web page, and what `circleci local execute` prints.

There is no log of a whole job. Seen in the documentation (local CLI, FAQ) and in public issues and repositories: the script is shown
behind `#!/bin/bash -eo pipefail`, the end is `Exited with code exit status N` (older: `Exited with code N`) and `CircleCI received
exit code N`; the command line tool writes `====>> name` before each step, indents the shebang, and ends with `Success!` or `Error:
task failed`. Not verified: how a step is shown whose shell is set to something else than bash or sh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_VOTE: Final = regex(
    rb"\s*(?:#!/bin/(?:ba|a)?sh -eo? ?(?:-o )?pipefail\s*$|====>> |Exited with code exit status \d|CircleCI received exit code \d|"
    rb"Too long with no output \(exceeded |Build-agent version \d|Starting container cimg/|Using SSH Config Dir '/home/circleci|"
    rb"Error: (?:runner failed \(exited with |task failed)|cat: /tmp/\.bash_env|"
    rb"Your (?:job|build) (?:has )?exceeded the (?:maximum )?(?:run time|memory))"
)
_SHEBANG: Final = regex(r"(\s*)#!/(?:usr/)?bin/(?:env )?(?:ba|a)?sh -e(?:o pipefail)?\s*$")
_EXIT: Final = regex(r"\s*(?:Exited with code (?:exit status )?|CircleCI received exit code )(\d{1,10})\s*$")
_ENDED: Final = regex(
    r"\s*(?:Too long with no output \(exceeded |context deadline exceeded\s*$|"
    r"Your (?:job|build) (?:has )?exceeded the (?:maximum )?(?:run time|memory)|Received \"(?:killed|terminated)\" signal)"
)
_VERDICT: Final = regex(
    r"\s*(?:Error: (?:runner failed \(exited with \d{1,10}\)|task failed)|Task failed|(Success!))\s*$"
)


class CircleCI:
    """A step runs from its name or its script's first line to the line that says how it exited."""

    name = "circleci"
    literals: tuple[bytes, ...] = (
        b"sh -e", b"====>> ", b"Exited with code ", b"CircleCI received exit code ", b"Too long with no output", b"context deadline exceeded",
        b" exceeded the ", b'Received "', b"task failed", b"runner failed", b"Task failed", b"Success!",
    )  # fmt: skip

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count what only CircleCI prints round a step."""
        return 2 * sum(1 for line in lines if _VOTE.match(line[:400]))

    def strip(self, text: str) -> str:
        """Nothing frames a line."""
        return text

    def stamp(self, text: str) -> str:
        """Lines have no stamps."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read names, scripts, exits and verdicts."""
        del text
        if stripped.startswith("====>> "):
            return Mark(line, "step", stripped[7:].strip() or "step")
        shebang = _SHEBANG.match(stripped)
        if shebang:
            return Mark(line, "frame") if shebang[1] else Mark(line, "step", "script")
        found = _EXIT.match(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "failed" if code else "end", code=code)
        return _closing(line, stripped)


def _closing(line: int, stripped: str) -> Mark | None:
    if _ENDED.match(stripped):
        return Mark(line, "failed")
    found = _VERDICT.match(stripped)
    if found:
        return (
            Mark(line, "job-passed", "the task succeeded") if found[1] else Mark(line, "job-failed", "the task failed")
        )
    return None


DIALECT = CircleCI()
