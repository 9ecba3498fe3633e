"""A job that was ended from outside, on a GitHub of our own: who ended it, what it was at, how long it takes when it is well."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import load
from tests.support.fake_github import Scenario
from tests.support.github_scenarios import _world
from tests.support.github_world import note, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.command import Command
    from tests.support.fake_github import FakeGitHub

HUNG = [
    "##[group]Run python -m pytest -v",
    "shell: /usr/bin/bash -e {0}",
    "##[endgroup]",
    "tests/test_a.py::test_one PASSED   [ 50%]",
]
LIMIT = "The job running on runner GitHub Actions 3 has exceeded the maximum execution time of 60 minutes."
WORKFLOW = b"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    timeout-minutes: 60\n    steps:\n      - run: python -m pytest -v\n"


def stopped(former: tuple[float, ...], *, hangs: bool) -> Scenario:
    """A job that ran for an hour and was ended, and the minutes that its last green runs took."""
    world = _world("stopped", system_clock().now())
    began = world.now - timedelta(minutes=61)
    run = world.add_run(900, conclusion="cancelled")
    job = world.add_job(run, 6000, "test", "cancelled", began=began, ended=began + timedelta(minutes=60))
    job["steps"] = [
        {
            "name": "Run pytest",
            "status": "completed",
            "conclusion": "cancelled",
            "number": 2,
            "started_at": stamp(began),
            "completed_at": stamp(world.now),
        }
    ]
    lines = [(0, text) for text in HUNG]
    lines += (
        [(3590, "tests/test_a.py::test_wait ")]
        if hangs
        else [(60 * number, f"tests/test_a.py::test_{number} PASSED") for number in range(60)]
    )
    lines += [(3600, "##[error]The operation was canceled.")]
    world.logs[6000] = "".join(
        f"{began + timedelta(seconds=at):%Y-%m-%dT%H:%M:%S}.1234567Z {text}\n" for at, text in lines
    ).encode()
    world.notes[6000] = [note(LIMIT), note("The operation was canceled.", line=9)]
    world.contents[".github/workflows/ci.yml"] = WORKFLOW
    for number, minutes in enumerate(former):
        ended = world.now - timedelta(days=1 + number)
        green = world.add_run(880 - number, f"{number}" * 40, event="push", head_branch="main", conclusion="success")
        done = world.add_job(
            green, 5000 + number, "test", "success", began=ended - timedelta(minutes=minutes), ended=ended
        )
        world.logs[done["id"]] = b"tests/test_a.py::test_one PASSED\n"
    return Scenario(world, about="the job was ended at its limit")


@pytest.fixture
def ask(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str]]:
    async def at_once(_seconds: float) -> None:
        return

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    monkeypatch.setenv("GITHUB_TOKEN", "x")

    def asked(scenario: Scenario, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("GITHUB_API_URL", github(scenario).url)
        said = command("--run", "900", "--repo", "acme/app", *arguments)
        return said.code, said.out

    return asked


@pytest.mark.parametrize(
    ("former", "hangs", "pace", "told", "advice"),
    [
        (
            (9, 8, 7),
            True,
            "hung",
            "the last green runs took 9 min, 8 min, 7 min of the 1 h that it may",
            "Run tests/test_a.py::test_wait alone",
        ),
        (
            (57, 55, 12),
            False,
            "slow",
            "the last green runs took 57 min, 55 min, 12 min of the 1 h that it may",
            "was near the limit before",
        ),
        (
            (9,),
            False,
            "slow",
            "the last green run took 9 min of the 1 h that it may",
            "It took much longer than before",
        ),
        ((), False, "slow", "", "raise the limit"),
    ],
)
def test_how_near_to_the_limit_former_runs_were_is_in_the_answer(
    ask: Callable[..., tuple[int, str]],
    former: tuple[float, ...],
    hangs: bool,  # noqa: FBT001 - a column of a table
    pace: str,
    told: str,
    advice: str,
) -> None:
    code, out = ask(stopped(former, hangs=hangs), "--format", "json")
    report = json.loads(out)
    (stop,) = report["stops"]
    assert code == 1
    assert (stop["reason"], stop["pace"], stop["limit_minutes"], stop["former_minutes"]) == (
        "job-timeout",
        pace,
        60,
        list(former),
    )
    assert told in stop["doing"]
    assert advice in stop["advice"]
    assert told in report["root_cause"]["explanation"]
    assert advice in report["fix_strategy"]["summary"]


def test_the_screen_says_it_too(ask: Callable[..., tuple[int, str]]) -> None:
    code, out = ask(stopped((57, 55, 12), hangs=True))
    said = " ".join(out.split())
    assert code == 1
    for words in (
        "the job hung in tests/test_a.py::test_wait",
        "57 min, 55 min, 12 min of the 1 h that it may",
        "Run tests/test_a.py::test_wait alone",
    ):
        assert words in said
