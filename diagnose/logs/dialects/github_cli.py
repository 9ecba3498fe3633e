"""What `gh run view --log` and `--log-failed` print: job, tab, step, tab, then the runner's line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark
from diagnose.logs.dialects.github import DIALECT as GITHUB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.dialect import Sign
    from diagnose.logs.log import Line
    from diagnose.logs.preamble import Preamble

_PREFIX: Final = regex(r"([^\t]{1,300})\t([^\t]{1,300})\t\ufeff?(?=\d{4}-\d\d-\d\dT)")
_VOTE: Final = regex(rb"[^\t\n]{1,300}\t[^\t\n]{1,300}\t(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")


class GitHubCli:
    """The prefix names job and step, so steps need no guess (but `UNKNOWN STEP`, where gh could not tell)."""

    name = "github-cli"
    error = GITHUB.error
    literals: tuple[bytes, ...] = (b"\t", *GITHUB.literals)

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count prefixed lines."""
        return 2 * sum(1 for line in lines if _VOTE.match(line))

    def strip(self, text: str) -> str:
        """Take prefix, BOM and timestamp off."""
        found = _PREFIX.match(text)
        return GITHUB.strip(text[found.end() :] if found else text)

    def stamp(self, text: str) -> str:
        """Give the runner's timestamp behind the prefix."""
        found = _PREFIX.match(text)
        return GITHUB.stamp(text[found.end() :] if found else text)

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Begin a step at a new prefix; else read the runner's own lines."""
        found = _PREFIX.match(text)
        inner = GITHUB.mark(line, text, stripped)
        if found is None or found[2] == "UNKNOWN STEP":
            return inner
        name = f"{found[1]}\t{found[2]}"
        if inner is None or inner.sign in ("setup", "finish"):
            return Mark(line, _sign(found[2]), name)
        return Mark(line, "step", name) if inner.sign == "step" else inner

    def preface(self, lines: Sequence[Line]) -> Preamble:
        """Read what the runner says."""
        return GITHUB.preface(lines)

    def is_title(self, step: str) -> bool:
        """The prefix holds the step's name, and `Run make` is what a step without one is called."""
        del step
        return True


def _sign(step: str) -> Sign:
    if step.startswith(("Post ", "Complete job")):
        return "finish"
    return "setup" if step.startswith("Set up job") else "enter"


DIALECT = GitHubCli()
