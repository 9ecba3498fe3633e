from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import Clock
from diagnose.model.incident import Incident, LogFile
from diagnose.sources.github.api import Cost, load
from diagnose.sources.github.session import Options
from diagnose.sources.github.token import Token
from diagnose.sources.github.waiting import Patience
from diagnose.sources.target import Target
from tests.conftest import NOON
from tests.faults.grid import plain
from tests.support.fake_github import Fault, Scenario, serve
from tests.support.github_scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.sources.target import PlaceKind

pytestmark = pytest.mark.anyio


class Nights:
    """Sleeps without sleeping; after so many intervals everything has ended, the last job badly."""

    def __init__(self, scenario: Scenario, nights: int | None, faults: tuple[Fault, ...] = ()) -> None:
        self.scenario, self.nights, self.faults, self.slept = scenario, nights, faults, [0.0][:0]

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.scenario.faults.extend(self.faults)
        if len(self.slept) != self.nights:
            return
        world = self.scenario.world
        for job in world.jobs[900, 1]:
            if job["status"] != "completed":
                job.update(
                    status="completed",
                    conclusion="failure",
                    completed_at=f"{NOON - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
                )
                world.logs[job["id"]] = b"boom\n"
        world.runs[0].update(status="completed", conclusion="failure")


async def waited(
    scenario: Scenario, nights: Nights, spool: Path, kind: PlaceKind = "pr", value: str = "123", **more: Any
) -> tuple[Incident, Cost]:
    costs: list[Cost] = []
    with serve(scenario) as server:
        found = await load(
            Target(kind, value), repository="acme/app", token=Token("ghs_x", "GH_TOKEN"), spool=spool, clock=Clock(lambda: NOON, lambda: 0.0),
            api_url=server.url, sleep=nights, patience=more.pop("patience", Patience()), cache=spool / "kept", told=costs.append, **more,
        )  # fmt: skip
    assert isinstance(found, Incident)
    return found, costs[0]


@pytest.mark.parametrize(("kind", "value"), [("pr", "123"), ("run", "900"), ("branch", "rounding")])
async def test_what_runs_is_waited_for(tmp_path: Path, kind: PlaceKind, value: str) -> None:
    scenario = SCENARIOS["running"](NOON)
    nights = Nights(scenario, 3)
    found, cost = await waited(scenario, nights, tmp_path, kind, value)
    assert nights.slept == [15.0, 22.5, 33.75]
    assert (found.conclusion, found.running, found.unseen) == ("failure", 0, ())
    assert sum(isinstance(job.log, LogFile) for job in found.jobs) == 5
    assert cost.unchanged >= 4  # two looks at which nothing had changed


async def test_a_job_is_waited_for(tmp_path: Path) -> None:
    scenario = SCENARIOS["running"](NOON)
    found, _cost = await waited(scenario, Nights(scenario, 1), tmp_path, "job", "6013")
    assert [(job.status, isinstance(job.log, LogFile)) for job in found.jobs] == [("failure", True)]


async def test_waiting_ends_and_says_what_was_not_seen(tmp_path: Path) -> None:
    scenario = SCENARIOS["running"](NOON)
    nights = Nights(scenario, None)
    found, cost = await waited(scenario, nights, tmp_path)
    assert sum(nights.slept) == pytest.approx(3600, abs=60)
    assert max(nights.slept) == 60.0
    assert [plain(each.what) + ": " + plain(each.why) for each in found.unseen] == [
        "5 of 14 checks, which still run: 60 min were waited for them."
    ]
    assert (found.running, found.conclusion) == (5, "in_progress")
    assert cost.used < 20 < cost.unchanged


async def test_a_part_that_failed_is_read_when_waiting_ends(tmp_path: Path) -> None:
    scenario = SCENARIOS["some-failed"](NOON)
    found, _cost = await waited(scenario, Nights(scenario, None), tmp_path, patience=Patience(whole=30.0))
    assert isinstance(found.jobs[0].log, LogFile)
    assert (found.conclusion, found.running) == ("failure", 5)
    assert plain(found.unseen[-1].what) == "5 of 6 checks, which still run"


async def test_the_job_that_asks_is_not_waited_for(tmp_path: Path) -> None:
    scenario = SCENARIOS["some-failed"](NOON)
    nights = Nights(scenario, None)
    for job in scenario.world.jobs[900, 1][2:]:
        job.update(status="completed", conclusion="success", completed_at="2026-11-20T11:00:00Z")
    found, _cost = await waited(scenario, nights, tmp_path, options=Options(own_job="6001"))
    assert (nights.slept, found.running) == ([], 0)


ENDS: dict[str, tuple[dict[str, Any], tuple[Fault, ...], str]] = {
    "half of the requests are used": ({"budget": 12}, (Fault(r"/jobs$", "header", headers={"ETag": ""}),), "of the 12 requests of this diagnosis are used, and the rest is left to it."),
    "an hour's requests are nearly used": ({}, (Fault(r"/actions/runs$", "header", headers={"X-RateLimit-Remaining": "99"}), Fault(".", "header", headers={"X-RateLimit-Remaining": "99"})), "GitHub allows 99 more requests for now."),
    "without a token, an hour's requests are nearly used": ({}, (Fault(".", "header", headers={"X-RateLimit-Remaining": "5", "X-RateLimit-Limit": "60"}),), "GitHub allows 5 more requests for now."),
    "GitHub fails": ({}, (Fault(r"/actions/runs$", status=502),), "GitHub (127.0.0.1) answered with a fault of its own (502), each time it was asked."),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
async def test_waiting_ends_before_harm_is_done(tmp_path: Path, name: str) -> None:
    more, faults, why = ENDS[name]
    scenario = SCENARIOS["running"](NOON)
    found, cost = await waited(scenario, Nights(scenario, None, faults), tmp_path, **more)
    assert plain(found.unseen[0].why).endswith(why)
    assert found.running == 5
    assert cost.used <= cost.budget
