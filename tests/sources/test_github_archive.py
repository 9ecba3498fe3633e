from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from diagnose.kit.clock import Clock
from diagnose.model.incident import Incident, LogFile
from diagnose.sources.github.api import load
from diagnose.sources.github.archive import member_name
from diagnose.sources.github.token import Token
from diagnose.sources.target import Target
from tests.conftest import NOON
from tests.support.fake_github import Fault, Scenario, serve
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_world import note

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def no_sleep(_seconds: float) -> None:
    return


def many(count: int = 32) -> Scenario:
    """A pull request with one run of so many failed jobs."""
    scenario = SCENARIOS["passed"](NOON)
    run = scenario.world.add_run(1000)
    for index in range(count):
        job = scenario.world.add_job(run, 20_000 + index, f"test ({index})", "failure")
        scenario.world.logs[job["id"]] = f"Complete job name: test ({index})\nboom {index}\n".encode()
    return scenario


async def asked(scenario: Scenario, spool: Path) -> tuple[Incident, int]:
    """Load the pull request; with how many logs were asked for one by one."""
    with serve(scenario) as server:
        found = await load(
            Target("pr", "123"),
            repository="acme/app",
            token=Token("ghs_x", "GH_TOKEN"),
            spool=spool,
            clock=Clock(lambda: NOON, lambda: 0.0),
            api_url=server.url,
            sleep=no_sleep,
        )
    assert isinstance(found, Incident)
    return found, server.asked(r"/actions/jobs/\d+/logs")


def zips(folder: Path) -> list[Path]:
    return list(folder.glob("*.zip"))


def right(found: Incident, scenario: Scenario) -> bool:
    """Tell whether each failed job has its own log."""
    logs = {job.id: job.log for job in found.jobs if job.status == "failure"}
    return all(
        isinstance(log, LogFile) and log.path.read_bytes() == scenario.world.logs[int(number)]
        for number, log in logs.items()
    )


@pytest.mark.parametrize(
    ("job", "name"),
    [
        ("build / test: x", "build  test x"),
        ("a" * 100, "a" * 90),
        ("😀" * 50, "😀" * 45),
        ("x" + "😀" * 50, "x" + "😀" * 44 + "�"),
        (" a ", "a"),
        ("", ""),
    ],
)
def test_what_an_archive_calls_a_job(job: str, name: str) -> None:
    assert member_name(job) == name


async def test_many_logs_come_by_one_request(tmp_path: Path) -> None:
    scenario = many()
    found, single = await asked(scenario, tmp_path)
    assert right(found, scenario)
    assert single == 0


async def test_a_few_logs_are_asked_for_one_by_one(tmp_path: Path) -> None:
    scenario = many(29)
    found, single = await asked(scenario, tmp_path)
    assert right(found, scenario)
    assert single == 29


async def test_what_has_two_owners_or_says_another_name_is_asked_for(tmp_path: Path) -> None:
    scenario = many(36)
    jobs = scenario.world.jobs[1000, 1]
    jobs[0]["name"], jobs[1]["name"] = "build / x", "build  x"  # one name in the archive
    scenario.world.logs[20_000], scenario.world.logs[20_001] = b"first\n", b"second\n"
    scenario.world.logs[20_002] = b"Complete job name: another\nboom\n"
    scenario.world.logs[20_003] = b""
    found, single = await asked(scenario, tmp_path)
    assert {job.id for job in found.jobs if job.status == "failure" and not isinstance(job.log, LogFile)} == {"20003"}
    assert single == 4


def bundle(*members: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as out:
        for name, body in members:
            out.writestr(name, body)
    return held.getvalue()


HOSTILE = {
    "no zip": b"<html>",
    "empty": b"",
    "two archives in one": bundle(("0_test (0).txt", b"false\n")) + bundle(("0_test (1).txt", b"false\n")),
    "a path out of it": bundle(("../../0_test (0).txt", b"false\n"), ("/0_test (1).txt", b"false\n")),
    "other names": bundle(("test (0)/1_x.txt", b"false\n"), ("readme.txt", b"false\n")),
    "cut": bundle(("0_test (0).txt", b"false\n" * 1000))[:-40],
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_archive_gives_nothing(tmp_path: Path, name: str) -> None:
    scenario = many()
    scenario.faults.append(Fault(r"^/runs/", status=200, body=HOSTILE[name], on="store"))
    found, single = await asked(scenario, tmp_path)
    assert right(found, scenario)
    assert single == 32
    assert zips(tmp_path) == []


async def test_annotations_of_many_jobs_come_by_one_request(tmp_path: Path) -> None:
    scenario = many(12)
    for index in range(12):
        scenario.world.notes[20_000 + index] = [
            note(f"boom {index}", "src/a.py", index + 1, title="T"),
            note("exit code 1"),
        ]
    with serve(scenario) as server:
        found = await load(
            Target("pr", "123"),
            repository="acme/app",
            token=Token("ghs_x", "GH_TOKEN"),
            spool=tmp_path,
            clock=Clock(lambda: NOON, lambda: 0.0),
            api_url=server.url,
            sleep=no_sleep,
        )
    assert isinstance(found, Incident)
    assert (server.asked("^/graphql"), server.asked("/annotations")) == (1, 0)
    failed = [job for job in found.jobs if job.status == "failure"]
    assert [
        (job.annotations[0].path, job.annotations[0].line, job.annotations[0].title, job.annotations[1].path)
        for job in failed[:2]
    ] == [
        ("src/a.py", 1, "T", None),
        ("src/a.py", 2, "T", None),
    ]
    assert all(job.annotations[0].level == "failure" for job in failed)
