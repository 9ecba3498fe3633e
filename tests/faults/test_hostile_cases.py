"""The redirects and archives that lie beside a checkout in CI, through the client itself and through both readers of downloaded archives."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx
import pytest
import respx

from diagnose.kit.clock import Clock
from diagnose.model.incident import Job, JunitReport, LogFile, Missing
from diagnose.model.text import phrase
from diagnose.sources.github.address import Base, read_base
from diagnose.sources.github.archive import MOST_NAME, _taken
from diagnose.sources.github.artifacts import _Chosen, _unpacked
from diagnose.sources.github.client import Client
from diagnose.sources.github.replies import Artifact
from diagnose.sources.github.token import Token
from tests.support.hostile_zips import make_zips
from tests.support.security import CASES, cases_of, judge_of

if TYPE_CHECKING:
    from pathlib import Path

API = "https://api.github.com"
SECRET = "ghs_invented_and_opaque"
CLOCK = Clock(lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC), lambda: 0.0)


async def no_sleep(_seconds: float) -> None:
    return


async def walked(chain: list[str], target: Path) -> list[httpx.Request]:
    """Ask for the first address of a chain; each leads to the next. The requests that were sent."""
    base = read_base(API)
    assert isinstance(base, Base)
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        place = len(sent)
        return (
            httpx.Response(302, headers={"Location": chain[place]})
            if place < len(chain)
            else httpx.Response(200, content=b"log\n")
        )

    with respx.mock() as mock:
        mock.route().mock(side_effect=answer)
        async with Client(base, Token(SECRET, "GITHUB_TOKEN"), clock=CLOCK, sleep=no_sleep) as client:
            await client.download(chain[0].removeprefix(API), target)
    return sent


@pytest.mark.anyio
async def test_the_token_goes_where_the_plan_says(tmp_path: Path) -> None:
    judge_of()
    tried = whole = 0
    for case in cases_of("redirects"):
        chain: list[str] = case["chain"]
        if not chain[0].startswith(f"{API}/") or not all(each.isascii() and each.isprintable() for each in chain):
            continue  # no such address can stand in a header, or be ours to begin with
        tried += 1
        sent = await walked(chain, tmp_path / case["id"])
        followed = [way for way in case["plan"] if way != "refuse"]
        assert len(sent) <= len(followed), case["id"]  # an address that httpx does not take is not followed either
        whole += len(sent) == len(followed)
        at = chain[0]
        for place, (request, way) in enumerate(zip(sent, followed, strict=False)):
            at = urljoin(at, chain[place])
            assert ("authorization" in request.headers) == (way == "token"), case["id"]
            assert SECRET not in str(request.url), case["id"]
    assert tried > 20
    assert whole >= tried - 1


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    judge_of()
    return make_zips(CASES, tmp_path_factory.mktemp("zips"))


def manifest(zips: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((zips / "manifest.json").read_text("utf-8"))
    assert len(found) == 80
    return found


def job(number: int, name: str) -> Job:
    return Job(str(number), name, "failure", Missing(phrase("x"), "not-asked", phrase("y")), run_id="1")


def test_of_a_hostile_archive_no_log_is_taken(zips: Path, tmp_path: Path) -> None:
    jobs = [job(number, name) for number, name in enumerate(["build", "a", "x", "log", "b" * MOST_NAME, "build (1)"])]
    given: dict[str, int] = {}
    for name, entry in manifest(zips).items():
        spool = tmp_path / name
        spool.mkdir()
        archive = spool / "run.zip"
        shutil.copy(zips / name, archive)
        taken = _taken(spool, archive, jobs, jobs)
        left = {path.name for path in spool.iterdir()}
        assert left == {path.name for _, path in taken}, name  # nothing else is left, and nothing lies elsewhere
        given[name] = len(taken)
        assert not taken or entry["expect"] != "refuse", name
    assert given["good-log.zip"] == 1
    assert {path.name for path in tmp_path.iterdir()} == set(manifest(zips))


def test_of_a_hostile_artifact_no_report_is_taken(zips: Path, tmp_path: Path) -> None:
    for name, entry in manifest(zips).items():
        spool = tmp_path / name
        spool.mkdir()
        found = _unpacked(
            spool, zips / name, _Chosen("1", Artifact(id=1, name="junit", size_in_bytes=1, expired=False))
        )
        assert all(isinstance(each, Missing | JunitReport) for each in found), name
        reports = [each for each in found if isinstance(each, JunitReport)]
        assert not reports or entry["expect"] != "refuse", name
        assert all(isinstance(each.file, LogFile) and each.file.path.parent == spool for each in reports), name
        assert all(path.name.startswith("artifact-1-") for path in spool.iterdir()), name
    assert {path.name for path in tmp_path.iterdir()} == set(manifest(zips))
