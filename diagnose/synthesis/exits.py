"""What an exit code says, and what it does not say until a line of the log bears it out."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diagnose.kit.regex import regex
from diagnose.model.text import phrase
from diagnose.safety.plain import plain
from diagnose.workflows.tools import bare, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.case import Case
    from diagnose.logs.steps import Step
    from diagnose.model.report import Cause
    from diagnose.rank.reading import Reading

STARTERS: Final = 123
"""Codes above it are not the program's own: a starter (`timeout`, `env`, a shell) speaks, or a signal."""

SIGNALS: Final = 128
LAST_SIGNAL: Final = 64
MOST_LINES: Final = 2000
AFTER: Final = 20
LONGEST: Final = 1000
_TAIL: Final = regex(r"\b(?:code|status)[\s:='\"]{1,4}-?\d{1,10}\W{0,5}$", re.IGNORECASE)
_QUOTED: Final = regex(r"\"[^\"]*\"|`[^`]*`")
_EMPTY_WORDS: Final = frozenset(["process", "completed", "with", "exit", "exited", "code", "status", "error", "err", "npm", "the", "a", "an", "command", "script", "returned", "returns", "job", "failed", "failure", "failing", "bash", "cmd", "task", "terminated", "finished", "ended", "make", "step", "non", "zero", "build", "was", "and"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExitCode:
    """A row of the table. confirm: None where nothing needs to bear the meaning out."""

    codes: tuple[int, ...]
    tools: tuple[str, ...]
    confirm: re.Pattern[str] | None
    means: str
    otherwise: str
    ask: str
    source: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an exit code says. sure: a line of the evidence bears it out, or nothing needs to. ask: what would settle it, "" when settled."""

    text: str
    sure: bool
    ask: str
    source: str


@cache
def table() -> tuple[ExitCode, ...]:
    """Every row, in the table's order: of those that fit, one that names the tool goes first."""
    rows: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("exits.toml").read_text("utf-8"))["exit"]
    return tuple(
        ExitCode(
            tuple(row["codes"]), tuple(row["tools"]), regex(row["confirm"]) if "confirm" in row else None, row["means"], row.get("else", row["means"]),
            row["ask"], row["source"],
        )
        for row in rows
    )  # fmt: skip


def explain_exit(code: int, tool: str = "", evidence: Iterable[str] = ()) -> Meaning | None:
    """Say what an exit code means; None where it says nothing (0, 1 of an unknown tool).

    tool: the program's name as a rule or a shell spells it, "" when unknown. evidence: lines of the step's output. A meaning that
    the code alone does not carry (137 is "killed", not "out of memory") is given only when one of these lines bears it out.
    """
    fits = [row for row in table() if code in row.codes and (not row.tools or tool in row.tools)]
    row = min(fits, key=lambda each: not each.tools, default=None)
    if row is None:
        if SIGNALS < code <= SIGNALS + LAST_SIGNAL:
            return Meaning(
                f"the process was ended by signal {code - SIGNALS}", sure=True, ask="", source="a shell's 128 + n"
            )
        return None
    if row.confirm is None:
        return Meaning(row.means, sure=True, ask=row.ask, source=row.source)
    if any(row.confirm.search(line[:LONGEST]) for line in evidence):
        return Meaning(row.means, sure=True, ask="", source=row.source)
    return Meaning(row.otherwise, sure=False, ask=row.ask, source=row.source)


def is_exit_alone(text: str) -> bool:
    """Whether a line says nothing but that something ended with an exit code."""
    if len(text) > LONGEST or not _TAIL.search(text.strip()):
        return False
    return set(re.findall(r"[a-z]+", _QUOTED.sub("", text).lower())) <= _EMPTY_WORDS


def with_exit(case: Case, cause: Cause | None) -> Cause | None:
    """Add what the exit code says to a cause of which the log tells nothing else: no rule knows its line, or it holds only the code."""
    if cause is None or cause.exit_code is None or not _says_nothing(cause):
        return cause
    reading = next(
        (reading for reading in case.readings if reading is not None and reading.log.name == cause.evidence[0].log),
        None,
    )
    step = _step(reading, cause.evidence[0].line) if reading is not None else None
    lines = _lines(reading, step, cause.evidence[0].line) if reading is not None else ()
    meaning = explain_exit(cause.exit_code, cause.tool or _tool(step), lines)
    if meaning is None:
        return cause
    asked = f". {meaning.ask.rstrip('.')}" if meaning.ask and not meaning.sure else ""
    told = phrase(f"Exit code {cause.exit_code}: {meaning.text}{asked}")
    # a signal or a starter's own code says more than that no rule knows the line
    before = cause.explanation if cause.rule or cause.exit_code <= STARTERS else phrase("")
    return replace(cause, explanation=phrase(before, " ", told) if before else told)


def _says_nothing(cause: Cause) -> bool:
    return not cause.rule or is_exit_alone(plain(cause.evidence[0].text).split("\n", 1)[0])


def _step(reading: Reading, line: int) -> Step | None:
    return next((step for step in reading.log.steps if step.first <= line <= max(step.last, step.told)), None)


def _tool(step: Step | None) -> str:
    """The program that a step of one line runs."""
    words = unwrapped((step.command or step.name.removeprefix("Run ")).split()) if step is not None else ()
    return bare(words[0]) if words else ""


def _lines(reading: Reading, step: Step | None, at: int) -> list[str]:
    """The last lines of the step that the cause stands in, its closing line included."""
    last = min(reading.log.total, max(at + AFTER, step.told if step is not None else 0))
    first = max(step.first if step is not None else 1, last - MOST_LINES)
    return [line.text for line in reading.log.lines(first, last)]
