"""The command that a job was at when it printed a line, in logs of systems that write each command before they run it.

GitHub echoes a step's whole script above its output (`diagnose.workflows.join.in_echo`). GitLab and Travis write `$ command` before each
one, Azure Pipelines "Script contents:" above a script's output, CircleCI a step's script below its shell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows import circleci, gitlab, travis
from diagnose.workflows.model import Shell

if TYPE_CHECKING:
    from collections.abc import Iterable

SHELLS: Final = {
    "gitlab": gitlab.SHELL, "travis": travis.SHELL, "circleci": circleci.DEFAULT, "azure-pipelines": Shell("bash", errexit=False, pipefail=False),
}  # fmt: skip
"""How each system runs a command where its file says nothing else."""

MOST_LINES: Final = 20
_PROMPT: Final = regex(r"\$ (?P<command>\S.*)")
_FOLDED: Final = " # collapsed multi-line command"
_SHEBANG: Final = regex(r"\s*#!\S*/(?:ba)?sh\b.*")
_CONTENTS: Final = "Script contents:"
_OUTPUT: Final = regex(r"=+ Starting Command Output =+")


def echoed(dialect: str, before: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the lines of the log that hold the command, () where the system writes none.

    before: (number, text) of the step's lines up to the one that is asked about. Of CircleCI's, lines of output may follow the command's.
    """
    rows = list(before)
    if dialect in ("gitlab", "travis"):
        return _prompted(rows)
    if dialect == "azure-pipelines":
        return _contents(rows)
    return _below_shell(rows) if dialect == "circleci" else []


def _prompted(rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
    for number, text in reversed(rows):
        found = _PROMPT.match(text)
        if found is not None:
            return [(number, found["command"].removesuffix(_FOLDED))]
    return []


def _contents(rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
    first = next((place for place, (_, text) in enumerate(rows) if text.strip() == _CONTENTS), None)
    if first is None:
        return []
    last = next((place for place, (_, text) in enumerate(rows) if place > first and _OUTPUT.match(text)), None)
    return rows[first + 1 : last] if last is not None else []


def _below_shell(rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
    first = next((place for place, (_, text) in enumerate(rows) if _SHEBANG.fullmatch(text)), None)
    return [] if first is None else rows[first + 1 : first + 1 + MOST_LINES]
