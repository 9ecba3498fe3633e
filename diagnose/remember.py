"""Memory for one diagnosis: what is known is looked up while the agents run, what was found is recorded at the end."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from diagnose.case import Asked, Case
    from diagnose.config import Settings
    from diagnose.memory.entry import Entry
    from diagnose.memory.record import Seen
    from diagnose.memory.store import Store
    from diagnose.model.incident import Incident
    from diagnose.model.report import Cause, KnownPattern, Report
    from diagnose.world import World

FILE: Final = "memory.sqlite3"
ALTERNATIVES: Final = 3


def store_path(settings: Settings, data: Path | None) -> Path | None:
    """Where the pattern database is; None when nothing is remembered."""
    if not settings.memory or data is None:
        return None
    return (Path(settings.memory_folder).expanduser() if settings.memory_folder else data) / FILE


@dataclass(frozen=True, slots=True)
class Memory:
    """The store and the written record, for one repository; `path` None: nothing is remembered."""

    path: Path | None
    discoveries: Path | None
    repository: str
    target: str
    now: datetime

    @classmethod
    def of(cls, settings: Settings, world: World, incident: Incident) -> Memory:
        """Memory as the settings say. The record is read from the checkout at hand, never from the tested change."""
        record = world.folder / settings.discoveries
        return cls(
            store_path(settings, world.data), record if settings.memory else None, incident.repository, target_of(incident),
            world.clock.now(),
        )  # fmt: skip

    def _store(self) -> Store | None:
        if self.path is None:
            return None
        from diagnose.memory.store import Store

        return Store(self.path, time.sleep)

    def _entries(self) -> tuple[Entry, ...]:
        if self.discoveries is None or not self.discoveries.is_file():
            return ()
        from diagnose.memory.append import read
        from diagnose.memory.discoveries import parse
        from diagnose.memory.problem import StoreProblem

        found = read(self.discoveries)
        return () if isinstance(found, StoreProblem) else parse(found)[0]

    def recall(self, asked: Sequence[Asked]) -> list[list[KnownPattern]]:
        """For each failure asked about (root first), what is known of it, best first."""
        store = self._store()
        answers: list[list[KnownPattern]] = [[] for _ in asked]
        if store is None or (not store.path.exists() and not (self.discoveries and self.discoveries.is_file())):
            return answers
        from diagnose.memory.recognise import lookup
        from diagnose.memory.signature import sign

        signed = [(place, sign(each.lines, category=each.category, tool=each.tool, rule=each.rule)) for place, each in enumerate(asked)]
        known = [(place, signature) for place, signature in signed if signature is not None]
        found = lookup(
            store, self._entries(), [signature for _, signature in known], repository=self.repository, target=self.target, now=self.now
        )
        for one in found.found:
            answers[known[one.rank][0]].append(one.known)
        return answers

    def record(self, report: Report, case: Case) -> str:
        """Record the failure and its alternatives. Returns "" or why it could not be kept."""
        store = self._store()
        if store is None or report.status != "failed" or report.root_cause is None:
            return ""
        from diagnose.memory.problem import StoreProblem
        from diagnose.memory.record import Occurrence, record

        known = identities(report, case)
        root = _seen(report.root_cause, known[report.root_cause.id])
        if root is None:
            return ""
        others = tuple(seen for cause in report.alternatives[:ALTERNATIVES] if (seen := _seen(cause, known[cause.id])) is not None)
        occurrence = Occurrence(
            self.repository, case.redact(self.target), self.now, root, others, job=plain(report.root_cause.job), commit=case.incident.commit
        )
        kept = record(store, occurrence)
        return f"{plain(kept.message)}" if isinstance(kept, StoreProblem) else ""


def identities(report: Report, case: Case) -> dict[str, tuple[str, ...]]:
    """For each cause of the report (by id) the lines that it is known by; of an annotation its own words."""
    out: dict[str, tuple[str, ...]] = {}
    for cause in (report.root_cause, *report.alternatives, *report.findings):
        if cause is not None:
            first = cause.evidence[0]
            log = case.log_named(first.log) if first.line else None
            known = case.identity(log, first.line) if log is not None else tuple(plain(first.text).split("\n"))
            out[cause.id] = known
    return out


def _seen(cause: Cause, lines: tuple[str, ...]) -> Seen | None:
    from diagnose.memory.record import Seen
    from diagnose.memory.signature import sign

    signature = sign(lines, category=cause.category, tool=cause.tool, rule=cause.rule)
    return None if signature is None else Seen(signature, plain(cause.title), cause.confidence, cause.evidence[0].line)


def target_of(incident: Incident) -> str:
    """What makes this failure one sighting: the run on a CI system; of a bare log its name and what is in it."""
    if incident.kind != "log":
        runs = sorted({job.run_id for job in incident.jobs if job.run_id})
        return f"{incident.target} {' '.join(runs)}".strip()
    from diagnose.model.incident import LogFile

    digest = hashlib.sha256()
    for job in incident.jobs:
        if isinstance(job.log, LogFile):
            try:
                with job.log.path.open("rb") as file:
                    digest.update(file.read(1 << 16))
                    size = file.seek(0, 2)
                    file.seek(max(0, size - (1 << 16)))
                    digest.update(file.read() + str(size).encode())
            except OSError:
                continue
    name = incident.target.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{digest.hexdigest()[:12]}/{name}"


