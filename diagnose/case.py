"""A Case: what an agent of phase 2 is given. And what it must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from diagnose.model.report import Evidence
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from diagnose.logs.log import Log
    from diagnose.model.finding import Finding
    from diagnose.model.incident import Incident
    from diagnose.model.report import KnownPattern
    from diagnose.model.words import Category
    from diagnose.rank.reading import Reading


@dataclass(frozen=True, slots=True)
class Asked:
    """A failure to be looked up in memory: its evidence lines, redacted, the telling one first."""

    lines: tuple[str, ...]
    category: Category
    tool: str
    rule: str


class Recall(Protocol):
    """Memory, as an agent sees it."""

    def __call__(self, asked: Sequence[Asked]) -> Sequence[Sequence[KnownPattern]]:
        """For each of `asked` (root cause first, then alternatives), the known patterns, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """The incident, and one shared reading for each of its jobs (None where there is no log), in the jobs' order.

    redact: applied to a whole text before any of it is cut or shown. now: when the diagnosis began.
    """

    incident: Incident
    readings: tuple[Reading | None, ...]
    redact: Callable[[str], str]
    recall: Recall
    now: datetime

    def quote(self, log: Log, first: int, last: int) -> Evidence:
        """Quote lines of a log, redacted. The text has one line for each of first..last."""
        lines = log.lines(first, last)
        text = "\n".join(line.text for line in lines)
        clean = self.redact(text)
        if clean.count("\n") != text.count("\n"):
            # a secret of several lines became one mark: keep the count, so that numbers stay true
            clean = "\n".join(self.redact(line.text) for line in lines)
        end = lines[-1].number if lines else first
        return Evidence(log.name, first, max(end, first), Untrusted(clean))

    def said(self, text: str) -> Untrusted:
        """Wrap foreign text after redaction."""
        return Untrusted(self.redact(text))


class Agent(Protocol):
    """One way to look at a case. Found by the entry point group `ci_diagnose.agents`; made without arguments.

    name: as the report lists it. cheap: it also runs where a first look says that the failure is simple.
    """

    name: str
    cheap: bool

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Look, and say what was found; [] when nothing. May raise or take long: the pipeline guards it."""
        ...
