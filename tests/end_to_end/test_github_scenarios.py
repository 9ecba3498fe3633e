"""A pull request on a GitHub of our own, from the command line to the answer: what is said, and the exit code."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import check_access, load
from tests.support.fake_github import Fault
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_world import BASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Command, Said
    from tests.support.fake_github import FakeGitHub, Scenario


@pytest.fixture
def ask(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Diagnose a scenario's target (which takes place now) with a token, or without."""

    async def at_once(_seconds: float) -> None:
        return

    def asked(name: str | Scenario, *arguments: str, token: str = "x") -> Said:  # noqa: S107 - invented
        scenario = SCENARIOS[name](system_clock().now()) if isinstance(name, str) else name
        server = github(scenario)
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        if token:
            monkeypatch.setenv("GITHUB_TOKEN", token)
        return command(*scenario.target.split(), "--repo", "acme/app", *arguments)

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    return asked


def test_a_matrix_of_twelve_is_one_cause_with_its_jobs_and_one_beside_it(ask: Callable[..., Said]) -> None:
    code, out, err = ask("matrix12", "--format", "json")
    report = json.loads(out)
    root = report["root_cause"]
    assert code == 1
    assert "logs     12 of 12" in err
    assert "assert Decimal('19.98') == Decimal('19.99')" in root["evidence"][0]["text"]
    assert len(root["jobs"]) == 11
    assert "test (windows-latest, 3.13)" not in root["jobs"]
    others = [cause for cause in report["findings"] if cause["job"] == "test (windows-latest, 3.13)"]
    assert others
    assert not any(cause["follows"] for cause in others[:1])
    assert len(report["jobs"]) == 13
    assert report["totals"] == {"run": None, "passed": 2556, "failed": 12, "skipped": None}
    assert report["confidence"] > 0.8
    assert [run["status"] for run in report["agents"]] == ["ok"] * 7


def test_a_matrix_of_twelve_is_told_on_one_screen(ask: Callable[..., Said]) -> None:
    code, out, _ = ask("matrix12")
    assert code == 1
    assert len(out.splitlines()) <= 30
    for words in (
        "Failed: 11 jobs, one cause: a test fails",
        "11 of 13 jobs",
        "ubuntu-latest: 3.10 to 3.13 (4)",
        "windows-latest: 3.10, 3.11, 3.12 (3)",
    ):
        assert words in out


BLIND = [
    ("no-token", 3, "no GitHub token, and acme/app needs one", "gh auth login"),
    ("wrong-token", 3, "GitHub refused the token from GITHUB_TOKEN (401", "gh auth status"),
    (
        "narrow-token",
        3,
        "the token may not read Actions logs of acme/app (403). It lacks actions: read.",
        "permissions: {actions: read",
    ),
    ("no-repository", 3, "GitHub shows no repository acme/app to the token from GITHUB_TOKEN.", "--repo OWNER/NAME"),
    ("no-pull", 3, "acme/app has no pull request 4711. It has an issue of that number.", "gh pr list --repo acme/app"),
    ("running", 3, "9 of 14 checks have ended, none failed so far. Not an answer yet.", "--wait"),
    ("expired", 3, "GitHub has deleted this log (410; kept 90 days", "gh run rerun 900"),
    ("not-stored", 3, "GitHub has not stored its log yet.", "--wait"),
    ("empty-log", 3, 'the log of job "test" is empty (0 bytes). Empty is not "nothing failed".', "gh run rerun"),
    ("server-gone", 3, "answered with a fault of its own (502)", "again in some minutes"),
]


@pytest.mark.parametrize(("name", "code", "told", "remedy"), BLIND, ids=[row[0] for row in BLIND])
def test_what_could_not_be_seen_is_said_with_what_to_try(
    ask: Callable[..., Said], name: str, code: int, told: str, remedy: str
) -> None:
    said = ask(name, token="" if name == "no-token" else "x")
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert remedy in said.err.split("try: ")[1]


ANSWERS = [
    ("passed", 0, ["Passed: 2 jobs, no hidden failure found"]),
    ("closed-pull", 1, ["Failed: a test fails", "the pull request is closed: this is how its last commit stood"]),
    ("gone-fork", 1, ["Failed: a test fails"]),
    ("some-failed", 1, ["Failed: a test fails", "the logs of 5 jobs: they have not ended"]),
    ("flaky", 1, ["Failed: a test fails", "Flaky: the same commit passed this job in another attempt."]),
    (
        "lost-runner",
        1,
        ["Blocked: the runner lost contact with GitHub", "The self-hosted runner lost communication with the server."],
    ),
    (
        "canceled",
        1,
        [
            "Blocked: a newer run replaced this one",
            "Canceling since a higher priority waiting request for 'deploy' exists",
        ],
    ),
    ("startup-failure", 1, ["Blocked: the workflow file is invalid: .github/workflows/ci.yml"]),
    ("rate-limit", 1, ["Failed: 4 jobs, one cause", "4 of 12 logs were read; their answer follows."]),
    ("other-ci", 1, ["Failed: a test fails"]),
]


@pytest.mark.parametrize(("name", "code", "told"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_what_was_seen_is_answered(ask: Callable[..., Said], name: str, code: int, told: list[str]) -> None:
    said = ask(name)
    assert said.code == code
    for words in told:
        assert words in " ".join(said.out.split())


@pytest.mark.parametrize(("name", "skipped"), [("lost-runner", True), ("startup-failure", True), ("flaky", False)])
def test_behind_a_block_nobody_is_asked(ask: Callable[..., Said], name: str, skipped: bool) -> None:  # noqa: FBT001 - a table
    code, out, _ = ask(name, "--format", "json")
    report = json.loads(out)
    assert code == 1
    assert report["status"] == "failed"
    assert {run["status"] for run in report["agents"]} == ({"skipped"} if skipped else {"ok"})
    blocked = [each for each in report["escalation"] if each["trigger"] == "blocked"]
    assert bool(blocked) == skipped
    assert [check["name"] for check in report["basic_check_failures"] if check["blocking"]] == (
        ["setup"] if skipped else []
    )
    if skipped:
        assert {run["error"] for run in report["agents"]} == {"a check blocks: the block is the answer"}


def test_whose_it_is_when_the_base_fails_too(ask: Callable[..., Said]) -> None:
    scenario = SCENARIOS["matrix12"](system_clock().now())
    for check in scenario.world.checks[BASE]:
        check["conclusion"] = "failure"
        scenario.world.logs[check["id"]] = scenario.world.logs[6001]
    report = json.loads(ask(scenario, "--format", "json").out)
    assert report["attribution"]["verdict"] == "base"
    assert (
        f"the base branch's newest run of this job ({BASE[:7]}) shows the same failure"
        in report["attribution"]["reasons"]
    )
    assert report["attribution"]["control"] == "base-red"
    assert 0 < report["attribution"]["requests"] <= 8


@pytest.mark.parametrize(
    ("target", "code", "told"),
    [
        ("--run 900", 1, "Failed: 11 jobs, one cause"), ("--job 6001", 1, "Failed: a test fails"), ("--branch rounding", 1, "Failed: 11 jobs"),
        ("--run 12345", 3, ""), ("--job 12345", 3, ""), ("--branch nowhere", 3, ""),
    ],
)  # fmt: skip
def test_every_kind_of_target(ask: Callable[..., Said], target: str, code: int, told: str) -> None:
    scenario = SCENARIOS["matrix12"](system_clock().now())
    scenario.target = target
    said = ask(scenario)
    assert said.code == code, said
    assert told in said.out
    assert bool(said.out) == (code == 1)


def test_a_log_of_a_good_run_is_compared_with(ask: Callable[..., Said], home: Path) -> None:
    from tests.support.command import PASSING

    (home / "good.log").write_bytes(PASSING)
    assert ask("flaky", "--passing-log", "good.log").code == 1
    said = ask("flaky", "--passing-log", "missing.log")
    assert (said.code, "there is no file missing.log." in said.err) == (2, True)


def test_waiting_ends_when_the_checks_have_ended(ask: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = SCENARIOS["running"](system_clock().now())
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        for jobs in scenario.world.jobs.values():
            for job in jobs:
                if job["status"] != "completed":
                    ended = (scenario.world.now - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
                    job.update(status="completed", conclusion="success", completed_at=ended)
        scenario.world.runs[0].update(status="completed", conclusion="success")

    monkeypatch.setattr("diagnose.fetch.anyio.sleep", nap)
    said = ask(scenario, "--wait")
    assert "waiting  9 of 14 checks have ended" in said.err
    assert naps[0] == 15.0
    assert re.search(
        r"^ *requests \d+ of 300, \d+ unchanged and free; GitHub allows 4,812 of 5,000 more this hour$",
        said.err,
        re.MULTILINE,
    )
    assert (said.code, "Passed" in said.out) == (0, True)


def test_a_github_that_takes_too_long_is_given_up(ask: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = SCENARIOS["flaky"](system_clock().now())
    scenario.faults.append(Fault(r".", kind="stall", seconds=30))
    monkeypatch.setenv("CI_DIAGNOSE_FETCH_DEADLINE", "0.3")
    code, out, err = ask(scenario)
    assert (code, out) == (3, "")
    assert "GitHub did not answer everything within 0.3 s." in err


@pytest.mark.parametrize(
    ("name", "token", "code", "told"),
    [
        ("passed", "x", 0, "from GITHUB_TOKEN"), ("passed", "", 0, "none: public repositories only"), ("wrong-token", "x", 1, "GitHub refused the token"),
        ("server-gone", "x", 1, "502"), ("passed", "a b", 1, "holds a space"),
    ],
)  # fmt: skip
def test_the_doctor_asks_github(
    command: Command,
    github: Callable[[str | Scenario], FakeGitHub],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    token: str,
    code: int,
    told: str,
) -> None:
    async def at_once(_seconds: float) -> None:
        return

    monkeypatch.setitem(check_access.__kwdefaults__ or {}, "sleep", at_once)
    monkeypatch.setenv("GITHUB_API_URL", github(name).url)
    if token:
        monkeypatch.setenv("GH_TOKEN" if name == "nothing" else "GITHUB_TOKEN", token)
    said = command("doctor", "--repo", "acme/app")
    assert said.code == code, said
    assert told in " ".join(said.out.split())


def test_a_runner_s_surroundings_are_enough(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = github(SCENARIOS["matrix12"](system_clock().now()))
    for name, value in {
        "GITHUB_API_URL": server.url,
        "GITHUB_TOKEN": "x",
        "GITHUB_REPOSITORY": "acme/app",
        "GITHUB_ACTIONS": "true",
        "CI": "true",
    }.items():
        monkeypatch.setenv(name, value)
    said = command("--run", "900")
    assert said.code == 1
    assert "11 jobs, one cause" in said.out


def _git(folder: Any, *arguments: str) -> None:
    import subprocess

    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments],
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize(
    ("remote", "branch", "code", "told"),
    [
        ("https://github.com/acme/app.git", "rounding", 1, "11 jobs, one cause"),
        ("https://example.org/acme/app.git", "rounding", 2, "this folder has no GitHub remote"),
        ("https://github.com/acme/app.git", "", 2, "no branch is checked out here"),
    ],
)
def test_without_a_target_it_is_this_checkout_s_branch(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], home: Path, monkeypatch: pytest.MonkeyPatch, remote: str, branch: str, code: int, told: str
) -> None:  # fmt: skip
    server = github(SCENARIOS["matrix12"](system_clock().now()))
    _git(home, "init", "-q", "-b", branch or "main")
    _git(home, "commit", "-q", "--allow-empty", "-m", "x")
    _git(home, "remote", "add", "origin", remote)
    if not branch:
        _git(home, "checkout", "-q", "--detach")
    monkeypatch.setenv("GITHUB_API_URL", server.url)
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    said = command()
    assert said.code == code, said
    assert told in said.out + said.err
