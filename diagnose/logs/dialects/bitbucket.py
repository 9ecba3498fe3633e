"""Bitbucket Pipelines: one log a step; no stamps, no markers; each command is shown as `+ command` before it runs.

What is known of it: the set-up's own commands (`+ umask 000`, `retry 6 git clone`, `Images used:`), the paths of the build container
and the words of the clean-up, from public logs and support.atlassian.com (KB "Container 'Build' exceeded memory limit", "Docker cache
upload failure": `Build teardown`). Not verified: the full list of what the clean-up prints, and whether an exit code is ever printed.
None is known, so only `+ exit N` says one; the last command is where a script stops, since it runs under `set -e`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.traced import command_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOUSEKEEPING: Final = regex(
    r"\+ (?:umask 000\s*$|GIT_LFS_SKIP_SMUDGE=1 retry \d+ git clone |git (?:reset --hard [0-9a-f]{7,40}|config (?:user\.|push\.default|http\.|--global )|remote set-url origin |reflog expire)|"
    r'chmod 777 \$BUILD_DIR|echo "\.bitbucket/pipelines/generated")'
)
_AFTER: Final = regex(
    r"Build teardown\s*$|Searching for test report files in directories named \[|Finished scanning for test reports\.|"
    r"Merged test suites, total number tests is |Searching for files matching artifact pattern |Assembling contents of new cache |"
    r"Skipping assembly of docker cache"
)
_VOTE: Final = regex(
    rb"(?:\x1b\[[0-9;]*m)*(?:\+ umask 000\s*$|\+ GIT_LFS_SKIP_SMUDGE=1 retry \d+ git clone |Images used:\s*$|Build (?:setup|teardown)\s*$|"
    rb"Cloning into '/opt/atlassian/pipelines/|\+ git remote set-url origin http://bitbucket\.org/|\+ chmod 777 \$BUILD_DIR|"
    rb"Searching for test report files in directories named \[|Finished scanning for test reports\. Found |"
    rb"Merged test suites, total number tests is |Searching for files matching artifact pattern |"
    rb'Cache "[\w.-]+(?:: [^"]*)?": (?:Downloading|Not found|Skipping|Upload)|Skipping assembly of docker cache|pipe: atlassian/|'
    rb"Container '[\w.-]+' exceeded memory limit|Exceeded build time limit of \d+)|.*/opt/atlassian/pipelines/agent/"
)
_COUNTED: Final = "Merged test suites, total number tests is 0, "
_EXIT: Final = regex(r"\+ exit (\d{1,10})\s*$")
_ENDED: Final = regex(
    r"(?:ERROR: )?(?:Container '[\w.-]{1,80}' exceeded memory limit|Exceeded build time limit of \d|Step exceeded (?:the )?time limit)"
)


class Bitbucket:
    """A step of the script runs from `+ command` to the next one, the last to the clean-up."""

    name = "bitbucket"
    literals: tuple[bytes, ...] = (
        b"+ ", b"Build teardown", b"exceeded ", b"Exceeded ", b"test report", b"Merged test suites", b"artifact pattern", b" cache",
    )  # fmt: skip

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the set-up's and clean-up's own lines."""
        return 2 * sum(1 for line in lines if _VOTE.match(line[:400]))

    def strip(self, text: str) -> str:
        """Nothing frames a line; the clean-up's count of tests, which is 0 where it found no reports, says nothing of the run."""
        return "" if text.startswith(_COUNTED) else text

    def stamp(self, text: str) -> str:
        """Lines have no stamps."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read the commands, the clean-up and the limits."""
        if _AFTER.match(text):
            return Mark(line, "after", "\tBuild teardown")
        if _HOUSEKEEPING.match(stripped):
            return Mark(line, "frame")
        found = _EXIT.match(stripped)
        if found:
            code = int(found[1])
            return Mark(line, "failed" if code else "frame", code=code)
        if _ENDED.match(stripped):
            return Mark(line, "failed")
        command = command_of(stripped)
        return Mark(line, "command", command) if command else None


DIALECT = Bitbucket()
