"""Memory for one diagnosis: what is known is looked up while the agents run, what was found is recorded at the end."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.safety.plain import plain
from diagnose.whence import whence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from diagnose.case import Asked, Case
    from diagnose.config import Settings
    from diagnose.memory.entry import Entry
    from diagnose.memory.green import KeptGreen
    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.record import Occurrence, Seen
    from diagnose.memory.store import Store
    from diagnose.model.incident import Incident, Job
    from diagnose.model.report import Cause, KnownPattern, Report
    from diagnose.world import World

FILE: Final = "memory.sqlite3"
ALTERNATIVES: Final = 3


def store_path(settings: Settings, data: Path | None) -> Path | None:
    """Where the pattern database is; None when nothing is remembered."""
    if not settings.memory or data is None:
        return None
    return (Path(settings.memory_folder).expanduser() if settings.memory_folder else data) / FILE


MEMORY_SECONDS: Final = 3.0
"""Seconds that one diagnosis waits for its memory in all, where that is in use or out of order."""

LINES_READ: Final = 20_000
LOG_READ: Final = 4 << 20
"""Last lines of a passing log, and characters of them, in which known failures are looked for."""

MOST_TIMED: Final = 500
"""Newest patterns of which the minutes are read."""

SAME: Final = 0.88
"""Similarity from which a known pattern is the same failure."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The store and the written record, for one repository. store: None, nothing is remembered. whence: where what is diagnosed comes from."""

    store: Store | None
    discoveries: Path | None
    repository: str
    target: str
    now: datetime
    env: Mapping[str, str]
    trusted: bool

    @classmethod
    def of(cls, settings: Settings, world: World, incident: Incident) -> Memory:
        """Memory as the settings say. The record is read from the checkout at hand, never from the tested change."""
        record = world.folder / settings.discoveries
        return cls(
            _store(store_path(settings, world.data)), record if settings.memory else None, incident.repository, target_of(incident),
            world.clock.now(), world.env, whence(incident, None, world.env).trusted,
        )  # fmt: skip

    def _entries(self) -> tuple[Entry, ...]:
        if self.discoveries is None or (self.env.get("CI") and not self.trusted) or not self.discoveries.is_file():
            return ()  # in the run of a stranger's change the checkout is the stranger's, and so is its record
        from diagnose.memory.append import read
        from diagnose.memory.discoveries import parse
        from diagnose.memory.problem import StoreProblem

        found = read(self.discoveries)
        return () if isinstance(found, StoreProblem) else parse(found)[0]

    @staticmethod
    def alike(one: Asked, other: Asked) -> bool:
        """Whether two failures are the same, in the measure by which patterns are recognised; nothing stored is asked."""
        from diagnose.memory.alike import same_failure

        return same_failure(one, other)

    def recall(self, asked: Sequence[Asked]) -> list[list[KnownPattern]]:
        """For each failure asked about (root first), what is known of it, best first."""
        store = self.store
        answers: list[list[KnownPattern]] = [[] for _ in asked]
        if store is None or (not store.path.exists() and not (self.discoveries and self.discoveries.is_file())):
            return answers
        from diagnose.memory.recognise import lookup
        from diagnose.memory.signature import sign

        signed = [
            (place, sign(each.lines, category=each.category, tool=each.tool, rule=each.rule))
            for place, each in enumerate(asked)
        ]
        known = [(place, signature) for place, signature in signed if signature is not None]
        found = lookup(
            store, self._entries(), [signature for _, signature in known], repository=self.repository, target=self.target, now=self.now, trusted=self.trusted,
        )  # fmt: skip
        for one in found.found:
            answers[known[one.rank][0]].append(one.known)
        return answers

    def took(self) -> dict[tuple[str, str], list[float]]:
        """Hands-on minutes that failures of this repository took, by category and tool; only what people or the written record say."""
        if self.store is None or not self.store.path.exists():
            return {}
        from diagnose.memory.patterns import list_patterns
        from diagnose.memory.problem import StoreProblem
        from diagnose.memory.rows import AUTOMATIC
        from diagnose.memory.wanted import Wanted

        found = list_patterns(self.store, now=self.now, wanted=Wanted(repository=self.repository), limit=MOST_TIMED)
        out: dict[tuple[str, str], list[float]] = {}
        for pattern in () if isinstance(found, StoreProblem) else found:
            stated = pattern.how not in AUTOMATIC or (not pattern.how and pattern.solution)
            if pattern.minutes and stated and pattern.state not in ("wrong", "withdrawn"):
                out.setdefault((pattern.category, pattern.tool), []).append(pattern.minutes)
        return out

    def record(self, report: Report, case: Case) -> str:
        """Record the failure and its alternatives; of a bare log that passed, which known failures it holds too. Returns "" or why it could not be kept."""
        if self.store is None:
            return ""
        from diagnose.memory.problem import StoreProblem
        from diagnose.memory.record import record

        kept: object
        if report.status == "passed":
            # runs of a CI system that passed are learnt from where their branch and their time are known
            looked = case.incident.kind == "log" and self.store.path.exists()
            kept = self._passed(case, self.store) if looked else None
        else:
            occurrence = self.occurrence(report, case)
            kept = record(self.store, occurrence) if occurrence is not None else None
        return f"{plain(kept.message)}" if isinstance(kept, StoreProblem) else ""

    def occurrence(self, report: Report, case: Case) -> Occurrence | None:
        """What is recorded of a failure; None where nothing failed, or no line of it carries identity."""
        if report.status != "failed" or report.root_cause is None:
            return None
        from diagnose.memory.record import Occurrence

        cause, known = report.root_cause, identities(report, case)
        root = _seen(cause, known[cause.id])
        if root is None:
            return None
        name = plain(cause.job)
        job = next((one for one in case.incident.jobs if one.name == name), None)
        place = whence(case.incident, job, self.env)
        return Occurrence(
            self.repository, case.redact(self.target), _ended(job, self.now), root,
            tuple(seen for other in report.alternatives[:ALTERNATIVES] if (seen := _seen(other, known[other.id])) is not None),
            job=name, commit=case.incident.commit, category=cause.category, tool=cause.tool, verdict=report.attribution.verdict,
            branch=case.redact(place.branch), actor=case.redact(place.actor), link=case.redact(place.link),
            tests=tuple(plain(test.name) for test in cause.failed_tests), escalated=report.requires_escalation,
            recognised=any(one.similarity >= SAME and one.cause in ("", cause.id) for one in report.known_patterns),
            minutes=report.estimated_fix_time, trusted=self.trusted and place.trusted,
        )  # fmt: skip

    def _passed(self, case: Case, store: Store) -> KeptGreen | StoreProblem:
        from diagnose.memory.green import Green, keep_green

        place = whence(case.incident, None, self.env)
        logs = [reading.log for reading in case.readings if reading is not None]
        texts = [line.text for log in logs for line in log.lines(log.total - LINES_READ, log.total)]
        green = Green(
            self.repository,
            case.redact(self.target),
            self.now,
            case.redact(place.branch),
            commit=case.incident.commit,
            link=case.redact(place.link),
        )
        # what a stranger's log holds counts against nothing
        return keep_green(store, green, log=case.redact("\n".join(texts)[-LOG_READ:]) if self.trusted else "")


def _ended(job: Job | None, now: datetime) -> datetime:
    """When a failure happened: when its job ended, where the CI system says so; the diagnosis may come days later, after the green run."""
    return now if job is None or job.completed_at is None else min(job.completed_at, now)


def _store(path: Path | None) -> Store | None:
    if path is None:
        return None
    from diagnose.memory.store import Allowance, Store

    return Store(path, time.sleep, Allowance(MEMORY_SECONDS))


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
        # by its run, whatever was asked for: the same run looked at as a branch, as a pull request or by `learn` is no new sighting
        return f"{incident.repository} run {' '.join(runs)}" if runs else incident.target
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
