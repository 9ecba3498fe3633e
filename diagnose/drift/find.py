"""For each job the drift between its log and that of its last green run. Each log is read once, however many jobs share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.drift.compare import compare
from diagnose.drift.lockdiff import moved_in_locks, with_locks
from diagnose.drift.resolved import Reader
from diagnose.logs.pages import Pages
from diagnose.model.incident import LogFile, Passing
from diagnose.rank.outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diagnose.drift.compare import Drift
    from diagnose.drift.resolved import Resolved
    from diagnose.model.incident import Incident, Job
    from diagnose.rank.reading import Reading

_FAILED: Final = ("failure", "timed_out", "cancelled", "startup_failure")


def drift_of(incident: Incident, readings: Sequence[Reading | None]) -> tuple[Drift | None, ...]:
    """Find for each job that failed what moved since its last green run, by both logs and by both locks. None for what passed, and where there is nothing to compare.

    Another member of the same matrix is nothing to compare with: it takes other versions by design.
    """
    failed = [_failed(job, reading) for job, reading in zip(incident.jobs, readings, strict=True)]
    given = incident.passing if isinstance(incident.passing, LogFile) and sum(failed) == 1 else None
    pairs: list[tuple[Path, Path] | None] = []
    for job, bad in zip(incident.jobs, failed, strict=True):
        own = job.passing
        green = own.log if given is None and isinstance(own, Passing) and own.job == job.name else given
        pairs.append((green.path, job.log.path) if bad and green is not None and isinstance(job.log, LogFile) else None)
    moved = moved_in_locks(incident.before, incident.files)
    commit = next(
        (job.passing.sha for job in incident.jobs if isinstance(job.passing, Passing) and job.passing.sha), ""
    )
    of_it = [
        bad and isinstance(job.passing, Passing) and job.passing.sha == commit
        for job, bad in zip(incident.jobs, failed, strict=True)
    ]
    return tuple(
        with_locks(drift, moved) if same else drift for drift, same in zip(find_drift(pairs), of_it, strict=True)
    )


def _failed(job: Job, reading: Reading | None) -> bool:
    return reading is not None and (
        job.status in _FAILED or (job.status == "unknown" and outcome_of(reading).status == "failed")
    )


def find_drift(pairs: Sequence[tuple[Path, Path] | None]) -> tuple[Drift | None, ...]:
    """Compare pairs of log files (green, failed). None for None, for a file that cannot be opened, and where they name nothing to compare."""
    if not any(pairs):
        return tuple(None for _ in pairs)
    reader = Reader()
    known: dict[Path, Resolved | None] = {}
    out: list[Drift | None] = []
    for pair in pairs:
        for path in pair or ():
            if path not in known:
                known[path] = _read(reader, path)
        green, failed = (known[pair[0]], known[pair[1]]) if pair else (None, None)
        drift = compare(green, failed) if green is not None and failed is not None else None
        out.append(drift if drift is not None and drift.known else None)
    return tuple(out)


def _read(reader: Reader, path: Path) -> Resolved | None:
    try:
        with path.open("rb") as file:
            return reader.read(Pages(file))
    except OSError:
        return None
