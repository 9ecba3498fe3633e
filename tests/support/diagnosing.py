"""The pipeline with agents, checks and memory of one's own, over logs out of bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio

from diagnose.agency import installed_agents
from diagnose.kit.clock import Clock
from diagnose.model.incident import Incident, Job, LogFile
from diagnose.pipeline import Means, diagnose_incident
from tests.support.reading import shipped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diagnose.case import Asked, Case
    from diagnose.model.report import KnownPattern, Report

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def nothing_known(asked: Sequence[Asked]) -> list[list[KnownPattern]]:
    return [[] for _ in asked]


def incident_of(folder: Path, *logs: bytes, status: Any = "failure", **more: Any) -> Incident:
    """An incident of one job a log ("test (0)", ...), all of `status`; more fields by name."""
    jobs = []
    for place, data in enumerate(logs):
        path = folder / f"{place}.log"
        path.write_bytes(data)
        jobs.append(Job(str(place), f"test ({place})", status, LogFile(f"test ({place}).log", path)))
    return replace(Incident("run", "run 7", tuple(jobs), conclusion=status), **more)


def diagnosed(incident: Incident, *agents: Any, **more: Any) -> Report:
    """Run the three phases with the shipped rules and `agents`; the installed ones when there are none."""
    import time

    means = Means(
        rules=shipped(), agents=agents or installed_agents()[0], recall=nothing_known, redact=lambda text: text,
        clock=Clock(lambda: NOON, time.monotonic), **more,
    )  # fmt: skip

    async def walk() -> tuple[Report, Case]:
        return await diagnose_incident(incident, means)

    report, case = anyio.run(walk)
    case.close()
    return report
