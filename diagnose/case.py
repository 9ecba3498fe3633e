"""A Case: what an agent of phase 2 is given. And what it must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from diagnose.kit.regex import regex
from diagnose.kit.workspace import below_checkout
from diagnose.model.report import Evidence
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from diagnose.drift.compare import Drift
    from diagnose.logs.log import Line, Log
    from diagnose.model.finding import Finding
    from diagnose.model.incident import Incident
    from diagnose.model.report import KnownPattern
    from diagnose.model.words import Category
    from diagnose.rank.reading import Reading
    from diagnose.scan.scanner import Scan


KEY_LINES: Final = 100
"""How many lines of a private key may stand before or behind a quoted one; a key of 8,192 bits has 100."""

_MAY_BE_A_KEY: Final = regex(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{16,}={0,2}\s*$")


def redacted(log: Log, lines: Sequence[Line], redact: Callable[[str], str]) -> list[str]:
    """Redact neighbouring lines of a log together; as many texts as lines, so that numbers stay true."""
    texts = [line.text for line in lines]
    if any(_MAY_BE_A_KEY.search(text) for text in texts):
        # lines out of the middle of a private key are known for what they are by what stands round them
        round_them = log.lines(lines[0].number - KEY_LINES, lines[-1].number + KEY_LINES)
        whole = redact("\n".join(line.text for line in round_them)).split("\n")
        skipped = lines[0].number - round_them[0].number
        if len(whole) == len(round_them):
            return whole[skipped : skipped + len(lines)]
    clean = redact("\n".join(texts)).split("\n")
    return clean if len(clean) == len(texts) else [redact(text) for text in texts]


IDENTITY_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A failure to be looked up in memory: its evidence lines, redacted, the telling one first."""

    lines: tuple[str, ...]
    category: Category
    tool: str
    rule: str


def to_the_letter(one: Asked, other: Asked) -> bool:
    """Say whether two failures have the same lines: for when memory, which knows what varies, has not been handed in."""
    return bool(one.lines) and one.lines == other.lines


class Recall(Protocol):
    """Memory, as an agent sees it."""

    def __call__(self, asked: Sequence[Asked]) -> Sequence[Sequence[KnownPattern]]:
        """For each of `asked` (root cause first, then alternatives), the known patterns, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """The incident, and one shared reading for each of its jobs (None where there is no log), in the jobs' order.

    redact: applied to a whole text before any of it is cut or shown. now: when the diagnosis began. reports: for each of the
    incident's reports its file as a log that can be quoted, None where there is none. passing: for each job that passed or was stopped, the log of
    the run before that it can be compared with, as scanned; None where there is none. controls: a reading for each of the incident's
    controls, None where it has no log. alike: whether two failures are the same. drift: for each job that failed what was resolved
    otherwise than in its last green run, None where nothing could be compared.
    """

    incident: Incident
    readings: tuple[Reading | None, ...]
    redact: Callable[[str], str]
    recall: Recall
    now: datetime
    reports: tuple[Log | None, ...] = ()
    passing: tuple[Scan | None, ...] = ()
    controls: tuple[Reading | None, ...] = ()
    alike: Callable[[Asked, Asked], bool] = to_the_letter
    drift: tuple[Drift | None, ...] = ()

    def log_named(self, name: str) -> Log | None:
        """Find what evidence quotes by that name: a job's log, or a test report's file."""
        logs = (reading.log for reading in self.readings if reading is not None)
        return next((log for log in (*logs, *self.reports) if log is not None and log.name == name), None)

    def close(self) -> None:
        """Close every log that was opened for it; nothing can be quoted any more."""
        logs = [
            *(reading.log for reading in self.readings if reading is not None),
            *(scan.log for scan in self.passing if scan is not None),
        ]
        logs += [reading.log for reading in self.controls if reading is not None]
        for log in (*logs, *(log for log in self.reports if log is not None)):
            log.pages.close()

    def quote(self, log: Log, first: int, last: int) -> Evidence:
        """Quote lines of a log, redacted. The text has one line for each of first..last."""
        lines = log.lines(first, last)
        clean = "\n".join(redacted(log, lines, self.redact))
        end = lines[-1].number if lines else first
        return Evidence(log.name, first, max(end, first), Untrusted(clean))

    def identity(self, log: Log, line: int) -> tuple[str, ...]:
        """What a failure is known by: its telling line and the IDENTITY_LINES - 1 after it, redacted.

        Measured: a line alone is recognised with a precision of 0.78, with the nine after it of 0.94.
        """
        return tuple(redacted(log, log.lines(line, line + IDENTITY_LINES - 1), self.redact))

    def said(self, text: str, most: int | None = None) -> Untrusted:
        """Wrap foreign text after redaction; cut to `most` characters only then: half a secret is not known for one."""
        return Untrusted(self.redact(text)[:most])

    def called(self, file: str) -> Untrusted:
        """Wrap a file's name: as it is called in a checkout, where it lies in a runner's."""
        return self.said(below_checkout(file))


class Agent(Protocol):
    """One way to look at a case. Found by the entry point group `ci_diagnose.agents`; made without arguments.

    name: as the report lists it. cheap: it also runs where a first look says that the failure is simple.
    """

    name: str
    cheap: bool

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Look, and say what was found; [] when nothing. May raise or take long: the pipeline guards it."""
        ...
