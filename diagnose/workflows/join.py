"""Which line lost a failure that a log shows: the log's own echo of the step's script, or a line of the workflow file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.fates import sites
from diagnose.workflows.github import shell_of
from diagnose.workflows.lost import LOSSES, OPTIONS, Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.workflows.model import Finding, Shell

_SHELL: Final = regex(r"shell: (?:(?P<path>\S+[/\\])?(?P<rest>\S.*))")
_WINDOWS: Final = regex(r"(?:^|[\\/])(pwsh|powershell|cmd)\.exe\b", re.IGNORECASE)
_EXPRESSION: Final = regex(r"\$\{\{.*?\}\}")


@dataclass(frozen=True, slots=True)
class Culprit:
    """What lost the exit code. line: of the log, or of `file` when that is not "". text: that line, foreign."""

    line: int
    text: str
    why: str
    advice: str
    file: str = ""


def in_echo(header: Sequence[tuple[int, str]]) -> Culprit | None:
    """Find the command that lost its exit code in the script that GitHub echoes before it runs.

    header: (line of the log, text) from "Run ..." up to the output; it ends with `shell: ...` and `env:`.
    """
    place = next((place for place, (_, text) in enumerate(header) if _SHELL.fullmatch(text.strip())), None)
    if place is None or place < 1:
        return None
    named = _SHELL.fullmatch(header[place][1].strip())
    assert named is not None  # noqa: S101 - for the type checker: it was found above
    return in_script(header[1:place], _shell(named["rest"]))


def in_script(script: Sequence[tuple[int, str]], shell: Shell) -> Culprit | None:
    """Find the command of a script, as (line of the log, text), that lost its exit code in this shell."""
    for site in sites(script, shell):
        text = next((text for number, text in script if number == site.line), "").strip()
        if loss := LOSSES.get(site.fate):
            return Culprit(site.line, text, loss.why, loss.advice)
        option = _option(site.tool, site.words)
        if option is not None:
            return Culprit(site.line, text, option.why, option.advice)
    return None


def _shell(told: str) -> Shell:
    windows = _WINDOWS.search(told)
    return shell_of("cmd" if windows and windows[1].lower() == "cmd" else "pwsh" if windows else told)


def _option(tool: str, words: Sequence[str]) -> Option | None:
    """Find the option by which a check keeps its exit code 0."""
    name = tool.split(maxsplit=1)[0]
    return next(
        (option for option in OPTIONS if name in option.tools and option.expression.search(" ".join(words))), None
    )


def in_file(findings: Iterable[Finding], header: Sequence[tuple[int, str]], name: str) -> Culprit | None:
    """Find the finding of a workflow file that belongs to a step of a log.

    header: what the log shows of the step's script. name: the step's own. A setting belongs to the step by its name, a command by
    standing in the echoed script, whatever `${{ }}` in it became.
    """
    shown = [text.strip() for _, text in header]
    for finding in findings:
        if finding.kind in ("continue-on-error", "continueOnError", "allow_failure"):
            same = finding.step and finding.step in (name, name.removeprefix("Run "))
        else:
            same = _fits(finding.text, shown)
        if same:
            return Culprit(finding.line, finding.text, finding.why, finding.advice, finding.file)
    return None


def _fits(text: str, shown: Sequence[str]) -> bool:
    text = re.sub(r"^(?:- )?(?:run|script|bash|sh|command): *[|>]?[+-]? *", "", text).strip()
    if len(text) < 4:  # noqa: PLR2004 - `|| true` alone stands below what it hides
        return False
    pieces = [re.escape(piece) for piece in _EXPRESSION.split(text)]
    expression = re.compile(".{0,500}?".join(pieces))
    return any(expression.fullmatch(line) for line in shown)
