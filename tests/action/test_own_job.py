"""The job behind the others belongs to the run that it diagnoses, and has not ended: it is no reason to say that nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnose.kit.clock import system_clock
from tests.support.command import process
from tests.support.fake_github import serve
from tests.support.github_scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("scenario", "running", "own", "code", "status"),
    [
        ("passed", ("why",), "", 3, "none"),
        ("passed", ("why", "docs"), "6200", 3, "none"),
        ("passed", ("why",), "6201", 3, "none"),
        ("passed", ("why",), "6200", 0, "passed"),
        ("matrix12", ("why",), "6200", 1, "failed"),
        ("matrix12", ("why",), "", 1, "failed"),
    ],
)
def test_what_is_said_while_the_job_that_asks_runs(
    scenario: str, running: tuple[str, ...], own: str, code: int, status: str, tmp_path: Path
) -> None:
    made = SCENARIOS[scenario](system_clock().now())
    run = made.world.runs[0]
    run |= {"status": "in_progress", "conclusion": None}
    for number, name in enumerate(running):
        made.world.add_job(run, 6200 + number, name, None, status="in_progress")
    with serve(made) as server:
        env = {
            "GITHUB_API_URL": server.url,
            "GITHUB_TOKEN": "x",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/app",
            "CI_DIAGNOSE_OWN_JOB": own,
            "HOME": str(tmp_path),
        }
        said = process(
            "--run=900", "--repo=acme/app", f"--outputs={tmp_path}/out", "--format=brief", "--no-memory", env=env
        )
    assert said.code == code, said
    assert f"\n{status}\n" in (tmp_path / "out").read_text(encoding="utf-8")
