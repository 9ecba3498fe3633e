"""Cases out of text: a log that is really scanned and read, an incident round it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnose.case import Case
from diagnose.logs.pages import Pages
from diagnose.model.incident import Incident, Job, LogFile, Missing
from diagnose.model.text import Phrase, Untrusted, phrase
from diagnose.rank.reading import Reading, read
from diagnose.scan.pack import read_pack, rules_of
from diagnose.scan.rulebase import RuleBase, patterns_folder
from diagnose.scan.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Asked
    from diagnose.model.report import Evidence, KnownPattern
    from diagnose.scan.rule import Rule
    from diagnose.scan.scanner import Scan

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STAMP = "2026-11-20T09:12:04.1683002Z "


def words(text: Phrase | Untrusted) -> str:
    """Open foreign text, to be compared: tests are no way out."""
    if isinstance(text, Untrusted):
        return text._text
    return "".join(part if isinstance(part, str) else part._text for part in text.parts)


def quoted(evidence: Sequence[Evidence]) -> list[tuple[int, str]]:
    return [(piece.line, words(piece.text)) for piece in evidence]


@cache
def scanner(*more: Rule) -> Scanner:
    pack = patterns_folder() / "ci" / "github-actions.toml"
    return Scanner(RuleBase((*rules_of(read_pack(pack), "ci"), *more), "test"))


def reading_of(text: str, *rules: Rule) -> Reading:
    return read(scanner(*rules).scan("log", Pages(io.BytesIO(text.encode()))))


def job(name: str = "build", status: Any = "failure", *, log: bool = True, **more: Any) -> Job:
    gone = Missing(phrase("the log"), "expired", phrase("it is too old"))
    return Job(id="1", name=name, status=status, log=LogFile("log", Path("log")) if log else gone, **more)


def recall(asked: Sequence[Asked]) -> Sequence[Sequence[KnownPattern]]:
    return [[] for _ in asked]


def scan_of(text: str, *rules: Rule) -> Scan:
    return scanner(*rules).scan("before", Pages(io.BytesIO(text.encode())))


def case_of(*jobs: tuple[Job, str | None], rules: tuple[Rule, ...] = (), **incident: Any) -> Case:
    """A case of (job, text of its log or None); more fields of the incident by name. "SECRET" is redacted."""
    readings = tuple(None if text is None else reading_of(text, *rules) for _, text in jobs)
    whole = Incident(**{"kind": "run", "target": "1", "jobs": tuple(each for each, _ in jobs), **incident})
    return Case(whole, readings, lambda text: text.replace("SECRET", "***"), recall, NOW)


def github(*steps: tuple[str, str], setup: str = "") -> str:
    """A GitHub job log: (header after "Run ", output) a step; the last line of an output may be an error note."""
    lines = ["Current runner version: '2.336.0'", *setup.splitlines()]
    for name, output in steps:
        lines += [f"##[group]Run {name}", f"\x1b[36;1m{name}\x1b[0m", "##[endgroup]", *output.splitlines()]
    lines += ["Post job cleanup.", "Cleaning up orphan processes"]
    return "".join(f"{STAMP}{line}\n" for line in lines)
