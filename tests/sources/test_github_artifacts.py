"""Test reports in the artifacts of a failed run: which are taken, and what is said of those that cannot be had."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.model.incident import Incident, JunitReport, Missing
from diagnose.sources.github.api import load
from diagnose.sources.github.artifacts import MOST_FILES, RESERVE
from diagnose.sources.github.token import Token
from diagnose.sources.target import Target
from tests.conftest import NOON
from tests.sources.test_github_load import CLOCK, no_sleep, words
from tests.support.fake_github import FakeGitHub, Fault, Scenario
from tests.support.github_scenarios import REPORT, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Start = Callable[[str | Scenario], FakeGitHub]

pytestmark = pytest.mark.anyio


def files_of(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.glob(pattern) if path.is_file()]


LISTED = r"/actions/runs/\d+/artifacts"
TAKEN = r"/actions/artifacts/\d+/zip"
SECRET = "ghs_invented_and_opaque"


async def loaded(server: FakeGitHub, spool: Path, **more: Any) -> Incident:
    more.setdefault("token", Token(SECRET, "GITHUB_TOKEN"))
    found = await load(
        Target("pr", "123"), repository="acme/app", spool=spool, clock=CLOCK, api_url=server.url, sleep=no_sleep, **more
    )
    assert isinstance(found, Incident)
    return found


def scenario(*faults: Fault) -> Scenario:
    made = SCENARIOS["test-reports"](NOON)
    made.faults.extend(faults)
    return made


def bare(name: str = "test-results", files: dict[str, bytes | str] | bytes | None = None, **more: Any) -> Scenario:
    """A failed run with this one artifact."""
    made = scenario()
    made.world.artifacts.clear()
    made.world.add_artifact(900, 40, name, {"junit.xml": REPORT} if files is None else files, **more)
    return made


async def test_reports_of_a_failed_run_are_read(github: Start, tmp_path: Path) -> None:
    server = github(scenario())
    found = await loaded(server, tmp_path)
    (report,) = found.reports
    assert isinstance(report, JunitReport)
    assert (report.name, report.tool, report.run, report.bad, report.skipped, report.run_id) == (
        "test-results-ubuntu/junit.xml [32]",
        "pytest",
        214,
        2,
        1,
        "900",
    )
    assert [test.name for test in report.tests] == [
        "tests/test_orders.py::test_total_rounds",
        "tests/test_tax.py::test_tax[de]",
    ]
    assert (server.asked(LISTED), server.asked(TAKEN)) == (1, 1)
    assert [seen.authorization for seen in server.seen if seen.on == "store" and "artifacts" in seen.path] == [None]
    assert {job.name for job in found.jobs} == {"test"}


async def test_a_run_without_artifacts_costs_one_request_and_says_nothing(github: Start, tmp_path: Path) -> None:
    server = github("other-ci")
    found = await loaded(server, tmp_path)
    assert found.reports == ()
    assert (server.asked(LISTED), server.asked(TAKEN)) == (1, 0)


@pytest.mark.parametrize(
    ("name", "more"),
    [("passed", {}), ("running", {}), ("test-reports", {"token": None}), ("test-reports", {"budget": RESERVE})],
)
async def test_nothing_is_asked_where_nothing_failed_or_nothing_may_be_had(
    github: Start, tmp_path: Path, name: str, more: dict[str, Any]
) -> None:
    server = github(name)
    found = await loaded(server, tmp_path, **more)
    assert server.asked("artifacts") == 0
    assert found.reports == ()


NAMES = [
    ("junit", True), ("test-results", True), ("Test Results (ubuntu, 3.12)", True), ("unit-test-reports", True), ("surefire-reports", True), ("xunit.xml", True),
    ("pytest-3.12", True), ("results-e2e-tests", True), ("test_report_linux", True), ("nextest", True),
    ("dist", False), ("coverage", False), ("latest-results", False), ("contest-reports", False), ("playwright-report", False), ("logs", False), ("report-testament", False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "taken"), NAMES, ids=[row[0] for row in NAMES])
async def test_the_name_tells_what_is_taken(github: Start, tmp_path: Path, name: str, taken: bool) -> None:  # noqa: FBT001 - a table
    server = github(bare(name))
    assert len((await loaded(server, tmp_path)).reports) == taken
    assert server.asked(TAKEN) == taken


def zipped(*members: tuple[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in members:
            bundle.writestr(name, text)
    return held.getvalue()


MISSING: dict[str, tuple[Callable[[], Scenario], str, str]] = {
    "no zip": (lambda: bare(files=b"<html>"), "unreadable", "the archive is not read: "),
    "a zip in front of another": (lambda: bare(files=zipped(("a.xml", "<a/>")) + zipped(("junit.xml", REPORT))), "unreadable", "the archive is not read: "),
    "a bomb": (lambda: bare(files={"junit.xml": "<testsuite>" + " " * (30 << 20)}), "too-large", "the archive is not read: "),
    "too large as listed": (lambda: bare(size_in_bytes=21 << 20), "too-large", "it has more than 20 MB."),
    "too large in truth": (lambda: bare(files=b"x" * (21 << 20), size_in_bytes=5), "too-large", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", MISSING)
async def test_what_cannot_be_read_is_missing_with_its_reason(github: Start, tmp_path: Path, name: str) -> None:
    made, kind, why = MISSING[name]
    found = await loaded(github(made()), tmp_path)
    (gone,) = found.reports
    assert isinstance(gone, Missing)
    assert (gone.kind, words(gone.what)) == (kind, 'the test reports in artifact "test-results"')
    assert words(gone.why).startswith(why)
    assert files_of(tmp_path, "*.part") == []


FAULTS = [
    (
        Fault(LISTED, status=403, body=b'{"message":"Resource not accessible by integration"}'),
        "denied",
        "the test reports of run 900",
    ),
    (Fault(LISTED, status=404, body=b"{}"), "not-stored", "the test reports of run 900"),
    (Fault(LISTED, status=200, body=b'{"artifacts": 7}'), "unreadable", "the test reports of run 900"),
    (Fault(TAKEN, status=410, body=b"{}"), "expired", 'the test reports in artifact "test-results-ubuntu"'),
    (
        Fault(TAKEN, status=302, headers={"Location": "http://192.0.2.1/x"}),
        "unreachable",
        'the test reports in artifact "test-results-ubuntu"',
    ),
    (Fault(r"/artifacts/", "cut", on="store"), "unreachable", 'the test reports in artifact "test-results-ubuntu"'),
]


@pytest.mark.parametrize(("fault", "kind", "what"), FAULTS)
async def test_what_github_does_not_give_is_missing_and_costs_nothing_else(
    github: Start, tmp_path: Path, fault: Fault, kind: str, what: str
) -> None:
    found = await loaded(github(scenario(fault)), tmp_path)
    (gone,) = found.reports
    assert isinstance(gone, Missing)
    assert (gone.kind, words(gone.what)) == (kind, what)
    assert found.base is not None
    assert not isinstance(found.base, Missing)


async def test_stale_expired_and_doubled_artifacts_are_left_out(github: Start, tmp_path: Path) -> None:
    made = bare("test-results", {"old.xml": "<testsuite/>"})
    early = f"{NOON - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    made.world.add_artifact(900, 41, "junit-expired", {"a.xml": REPORT}, expired=True)
    made.world.add_artifact(900, 42, "junit-of-an-earlier-attempt", {"a.xml": REPORT}, created_at=early)
    made.world.add_artifact(900, 43, "test-results", {"a.xml": REPORT})
    made.world.add_artifact(900, 44, "test-results-merged", {"all/a.xml": REPORT})
    server = github(made)
    found = await loaded(server, tmp_path)
    assert [report.name for report in found.reports if isinstance(report, JunitReport)] == ["test-results/a.xml [43]"]
    assert server.asked(TAKEN) == 2


async def test_at_most_five_are_taken_and_the_rest_is_said(github: Start, tmp_path: Path) -> None:
    made = bare()
    for number in range(7):
        made.world.add_artifact(
            900, 50 + number, f"junit-{number}", {"a.xml": REPORT.replace("test_later", f"test_{number}_later")}
        )
    server = github(made)
    found = await loaded(server, tmp_path)
    assert server.asked(TAKEN) == 5
    assert sum(isinstance(report, JunitReport) for report in found.reports) == 5
    (gone,) = [report for report in found.reports if isinstance(report, Missing)]
    assert words(gone.why) == "only 5 of 8 artifacts that look like test results are read."


async def test_names_in_an_archive_lead_nowhere(github: Start, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    made = bare(files=zipped(("../../evil.xml", REPORT), ("/etc/evil.xml", REPORT), ("good\x1b[2J.xml", REPORT)))
    found = await loaded(github(made), spool)
    assert {path for path in files_of(tmp_path, "**/*") if path.parent != spool} == set()
    assert all("\x1b" not in report.name for report in found.reports if isinstance(report, JunitReport))


async def test_a_crowd_of_files_is_cut(github: Start, tmp_path: Path) -> None:
    made = bare(
        files={
            f"TEST-{number}.xml": f'<testsuite name="{number}"><testcase name="t"/></testsuite>'
            for number in range(MOST_FILES + 5)
        }
    )
    found = await loaded(github(made), tmp_path)
    assert sum(isinstance(report, JunitReport) for report in found.reports) == MOST_FILES
    assert [words(report.why) for report in found.reports if isinstance(report, Missing)] == [
        f"only the first {MOST_FILES} of {MOST_FILES + 5} XML files are read."
    ]
