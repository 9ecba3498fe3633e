from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.kit.clock import Clock
from diagnose.model.incident import Branch, Change, Hunk, Incident, LogFile, Missing, Passing
from diagnose.model.text import phrase
from diagnose.sources.github import sentences
from diagnose.sources.github.address import Base, read_base
from diagnose.sources.github.api import Access, check_access, load
from diagnose.sources.github.client import Client
from diagnose.sources.github.jobs import status_of
from diagnose.sources.github.limits import Limits
from diagnose.sources.github.session import Options, Session
from diagnose.sources.github.token import Token
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.refusal import Refusal
from diagnose.sources.target import PlaceKind, Target
from tests.conftest import NOON
from tests.support.fake_github import FakeGitHub, Fault, Scenario, serve
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_world import BASE, HEAD, changed, check_run, commit_status, repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.model.text import Phrase

    Start = Callable[[str | Scenario], FakeGitHub]

SECRET = "ghs_invented_and_opaque"
SIDE = {"ref": "x", "sha": HEAD, "repo": {"id": 1, "url": "u", "name": "app"}}
CLOCK = Clock(lambda: NOON, lambda: 0.0)

SCRIPT = Path(__file__).resolve().parents[1] / "support" / "fake_github.py"

pytestmark = pytest.mark.anyio


async def no_sleep(_seconds: float) -> None:
    return


def words(said: Phrase) -> str:
    return "".join(part if isinstance(part, str) else part._text for part in said.parts)


async def ask(
    server: FakeGitHub, spool: Path, kind: PlaceKind = "pr", value: str = "123", **more: Any
) -> Incident | Refusal:
    more.setdefault("token", Token(SECRET, "GITHUB_TOKEN"))
    return await load(
        Target(kind, value),
        repository=more.pop("repository", "acme/app"),
        spool=spool,
        clock=CLOCK,
        api_url=server.url,
        sleep=no_sleep,
        **more,
    )


async def incident(
    server: FakeGitHub, spool: Path, kind: PlaceKind = "pr", value: str = "123", **more: Any
) -> Incident:
    found = await ask(server, spool, kind, value, **more)
    assert isinstance(found, Incident), words(found.message)
    return found


def zips(folder: Path) -> list[Path]:
    return list(folder.glob("*.zip"))


def parts(folder: Path) -> list[Path]:
    return list(folder.glob("*.part"))


REFUSALS = {
    "no-token": ("no-token", "no GitHub token, and acme/app needs one (it is private, or the 60 requests an hour without a token are used up).", "gh auth login    or set GITHUB_TOKEN; `ci-diagnose doctor` checks it"),
    "wrong-token": ("bad-token", "GitHub refused the token from GITHUB_TOKEN (401: bad credentials). It is expired, revoked, or for another host. Its value is not shown.", "unset GITHUB_TOKEN, then `gh auth status`"),
    "no-repository": ("no-repository", "GitHub shows no repository acme/app to the token from GITHUB_TOKEN. It has another name, or it is private.", "gh repo view acme/app    or --repo OWNER/NAME"),
    "no-pull": ("not-found", "acme/app has no pull request 4711. It has an issue of that number.", "gh pr list --repo acme/app    or --run ID"),
    "server-gone": ("unreachable", "GitHub (127.0.0.1) answered with a fault of its own (502), each time it was asked.", "again in some minutes"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
async def test_no_incident(github: Start, tmp_path: Path, name: str) -> None:
    server = github(name)
    found = await ask(
        server,
        tmp_path,
        value=server.scenario.target.split()[-1],
        token=None if name == "no-token" else Token(SECRET, "GITHUB_TOKEN"),
    )
    assert isinstance(found, Refusal)
    assert (found.kind, words(found.message), found.remedy) == REFUSALS[name]


LOGS = {
    "narrow-token": ("denied", "the token may not read Actions logs of acme/app (403). It lacks actions: read.", "in the workflow, `permissions: {actions: read, contents: read}`"),
    "expired": ("expired", "GitHub has deleted this log (410; kept 90 days, run of 4 May).", "gh run rerun 900    for a new one"),
    "not-stored": ("not-stored", 'job "build" ended 20 s ago; GitHub has not stored its log yet.', "--wait"),
    "lost-runner": ("not-stored", 'GitHub has no log of job "build": its runner stopped before it could send one, or the log was deleted.', "gh run rerun 900 --failed    for a new one"),
    "empty-log": ("empty", 'the log of job "test" is empty (0 bytes). Empty is not "nothing failed".', "gh run rerun"),
    "canceled": ("cancelled", 'job "deploy" was canceled before it began: there is no log. Canceled by: a newer run of the group "deploy".', ""),
    "startup-failure": ("never-started", "GitHub could not start .github/workflows/ci.yml: the workflow file is not valid. It began no job, so there is no log.", "actionlint    or the message on the run's page"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
async def test_no_log(github: Start, tmp_path: Path, name: str) -> None:
    found = await incident(github(name), tmp_path)
    log = found.jobs[0].log
    assert isinstance(log, Missing)
    assert (log.kind, words(log.why), log.remedy) == LOGS[name]


async def test_the_matrix(github: Start, tmp_path: Path) -> None:
    server = github("matrix12")
    stages: list[tuple[str, int, int]] = []
    found = await incident(server, tmp_path, progress=lambda *stage: stages.append(stage))
    failed = [job for job in found.jobs if job.status == "failure"]
    assert (found.kind, found.conclusion, found.commit, found.running) == ("pr", "failure", HEAD, 0)
    assert [len(failed), len(found.jobs)] == [12, 13]
    for job in failed:
        assert isinstance(job.log, LogFile)
        assert job.log.path.read_bytes() == server.scenario.world.logs[int(job.id)]
        assert [step.number for step in job.steps] == [1, 2, 3, 4, 5, 10, 11]
        assert job.annotations[0].path is None
    assert len({job.log.name for job in failed if isinstance(job.log, LogFile)}) == 12
    assert isinstance(found.change, Change)
    assert [(file.path, file.hunks, [number for number, _ in file.added]) for file in found.change.files] == [
        ("src/app/orders.py", (Hunk(33, 33),), [33])
    ]
    assert found.branch == Branch("rounding", "main", mergeable=True, behind=2, ahead=1, merge_base=BASE, head_sha=HEAD)
    assert isinstance(found.base, tuple)
    assert {(result.status, result.sha) for result in found.base} == {("success", BASE)}
    assert all(isinstance(job.passing, Passing) for job in failed)
    assert ("logs", 12, 12) in stages
    assert found.unseen == ()
    assert not found.trusted


async def test_the_token_goes_to_the_api_alone(github: Start, tmp_path: Path) -> None:
    server = github("matrix12")
    await incident(server, tmp_path)
    assert {each.authorization for each in server.seen if each.on == "api"} == {f"Bearer {SECRET}"}
    assert {each.authorization for each in server.seen if each.on == "store"} == {None}


async def test_a_passed_pull_request_costs_few_requests_and_no_logs(github: Start, tmp_path: Path) -> None:
    server = github("passed")
    found = await incident(server, tmp_path)
    assert (found.conclusion, [job.status for job in found.jobs]) == ("success", ["success", "success"])
    assert len(server.seen) <= 8
    assert {job.log.kind for job in found.jobs if isinstance(job.log, Missing)} == {"not-asked"}


async def test_green_logs_on_request(github: Start, tmp_path: Path) -> None:
    found = await incident(github("passed"), tmp_path, options=Options(fetch_passing_logs=True))
    assert all(isinstance(job.log, LogFile) for job in found.jobs)


async def test_checks_still_running(github: Start, tmp_path: Path) -> None:
    found = await incident(github("running"), tmp_path)
    assert (found.conclusion, found.running, len(found.jobs)) == ("in_progress", 5, 14)


async def test_some_failed_while_others_run(github: Start, tmp_path: Path) -> None:
    found = await incident(github("some-failed"), tmp_path)
    assert (found.conclusion, found.running) == ("failure", 5)
    assert isinstance(found.jobs[0].log, LogFile)
    assert {job.log.kind for job in found.jobs[1:] if isinstance(job.log, Missing)} == {"running"}


async def test_the_job_that_asks_does_not_count_as_running(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["some-failed"](NOON)
    found = await incident(github(scenario), tmp_path, options=Options(own_job="6001"))
    own = next(job.log for job in found.jobs if job.id == "6001")
    assert isinstance(own, Missing)
    assert words(own.why) == "this step is part of the job it should read, and GitHub has no log of a running job."
    assert found.running == 4
    run = await incident(github(scenario), tmp_path, "run", "900", options=Options(own_job="6001"))
    assert (run.conclusion, run.running) == ("failure", 4)


async def test_attempts_are_merged_by_name(github: Start, tmp_path: Path) -> None:
    found = await incident(github("flaky"), tmp_path)
    assert [(job.name, job.status, job.attempt) for job in found.jobs] == [
        ("test", "failure", 2),
        ("lint", "success", 1),
    ]
    assert isinstance(found.attempts, tuple)
    assert [(each.job, each.attempt, each.status) for each in found.attempts] == [("test", 1, "success")]


async def test_requests_end_in_the_middle(github: Start, tmp_path: Path) -> None:
    found = await incident(github("rate-limit"), tmp_path)
    assert [missing.kind for missing in found.unseen][:1] == ["rate-limited"]
    assert words(found.unseen[0].why).startswith("GitHub allows no more requests for 23 min (5,000 an hour used). ")
    assert words(found.unseen[0].why).endswith(" of 12 logs were read; their answer follows.")


@pytest.mark.parametrize(("name", "field"), [("closed-pull", "closed"), ("gone-fork", "from_fork")])
async def test_odd_pull_requests(github: Start, tmp_path: Path, name: str, field: str) -> None:
    found = await incident(github(name), tmp_path)
    assert isinstance(found.branch, Branch)
    assert isinstance(found.change, Change)
    assert (found.branch.closed, found.change.from_fork) == (field == "closed", field == "from_fork")
    assert isinstance(found.jobs[0].log, LogFile)


async def test_other_systems_have_no_logs_and_are_said(github: Start, tmp_path: Path) -> None:
    found = await incident(github("other-ci"), tmp_path)
    assert [(job.name, job.status) for job in found.jobs[1:]] == [
        ("ci/circleci: build", "failure"),
        ("buildkite/app", "failure"),
        ("docs", "success"),
    ]
    assert found.jobs[1].annotations[0].line == 33
    assert [words(missing.what) for missing in found.unseen] == [
        'the log of check "ci/circleci: build"',
        'the log of check "buildkite/app"',
    ]


async def test_the_file_of_a_run_that_could_not_start_is_there(github: Start, tmp_path: Path) -> None:
    found = await incident(github("startup-failure"), tmp_path)
    assert [path for path, _ in found.files] == [".github/workflows/ci.yml"]
    assert found.conclusion == "failure"


PLACES: dict[PlaceKind, tuple[str, int]] = {
    "run": ("900", 13),
    "job": ("6003", 1),
    "branch": ("rounding", 13),
    "commit": (HEAD[:10], 13),
}


@pytest.mark.parametrize("kind", PLACES)
async def test_other_targets_find_the_same(github: Start, tmp_path: Path, kind: PlaceKind) -> None:
    value, jobs = PLACES[kind]
    found = await incident(github("matrix12"), tmp_path, kind, value)
    assert (len(found.jobs), found.commit, found.conclusion) == (jobs, HEAD, "failure")
    assert (found.ref, found.head, found.own) == ("rounding", "acme/app", True)
    assert isinstance(found.change, Change)
    assert found.change.title == "Sum before rounding"
    assert isinstance(found.jobs[0].passing, Passing)


@pytest.mark.parametrize(("kind", "value"), [("run", "1"), ("job", "1"), ("branch", "no/such"), ("commit", "abcdef0")])
async def test_a_place_that_is_not_there(github: Start, tmp_path: Path, kind: PlaceKind, value: str) -> None:
    found = await ask(github("matrix12"), tmp_path, kind, value)
    assert isinstance(found, Refusal)
    assert (found.kind, words(found.message)) == ("not-found", f"acme/app has no {kind} {value}.")


BAD: list[tuple[PlaceKind, str, str]] = [
    ("pr", "0", "acme/app"), ("pr", "12x", "acme/app"), ("run", "../../user", "acme/app"), ("commit", "HEAD", "acme/app"),
    ("branch", "a/../../b", "acme/app"), ("branch", "-x", "acme/app"), ("branch", "a b", "acme/app"), ("branch", "", "acme/app"),
    ("branch", "a?b", "acme/app"), ("pr", "1", "acme"), ("pr", "1", "acme/.."), ("pr", "1", "acme/app/x"), ("pr", "1", "a%2f/b"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "repository"), BAD)
async def test_what_is_not_a_place_is_not_asked_for(
    github: Start, tmp_path: Path, kind: PlaceKind, value: str, repository: str
) -> None:
    server = github("passed")
    found = await ask(server, tmp_path, kind, value, repository=repository)
    assert isinstance(found, Refusal)
    assert (found.kind, server.seen) == ("usage", [])


async def test_a_push_to_the_default_branch_is_trusted_and_compared_with_itself(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["matrix12"](NOON)
    world = scenario.world
    new = "c0ffee" + "0" * 34
    world.add_commit(
        new,
        [BASE],
        [changed("requirements.txt", patch="@@ -1 +1 @@\n-a==1\n+a==2"), changed("src/x.py")],
        "Bump a\n\nbody",
    )
    world.commits["heads/main"] = world.commits[new]
    world.contents["requirements.txt"] = b"a==2\n"
    run = world.add_run(950, new, event="push", head_branch="main")
    job = world.add_job(run, 7000, "test (ubuntu-latest, 3.10)", "failure")
    world.logs[job["id"]] = b"boom\n"
    found = await incident(github(scenario), tmp_path, "branch", "main")
    assert found.trusted
    assert found.branch is None
    assert isinstance(found.change, Change)
    assert (found.change.title, found.change.base_sha) == ("Bump a", BASE)
    assert found.files == (("requirements.txt", b"a==2\n"),)
    assert isinstance(found.base, tuple)
    assert [(result.job, result.status) for result in found.base] == [("test (ubuntu-latest, 3.10)", "success")]
    assert isinstance(await incident(github(scenario), tmp_path, "run", "950"), Incident)


async def test_a_fork_branch_named_like_the_base_proves_nothing_about_it(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["closed-pull"](NOON)
    world = scenario.world
    evil = world.add_run(
        890, "e" * 40, event="push", head_branch="main", head_repository=repository("mallory/app", 8, fork=True)
    )
    world.add_job(evil, 7000, "test", "failure")
    pull = world.add_run(891, "f" * 40, event="pull_request", head_branch="main")
    world.add_job(pull, 7001, "test", "failure")
    found = await incident(github(scenario), tmp_path)
    assert found.base == ()


async def test_an_older_run_of_the_same_commit_is_an_attempt(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["closed-pull"](NOON)
    older = scenario.world.add_run(850, conclusion="success")
    scenario.world.add_job(older, 5500, "test", "success")
    found = await incident(github(scenario), tmp_path)
    assert isinstance(found.attempts, tuple)
    assert [(each.job, each.status, each.run_id) for each in found.attempts] == [("test", "success", "850")]
    assert len(found.jobs) == 1


async def test_a_branch_without_a_pull_request_is_compared_with_the_default_branch(
    github: Start, tmp_path: Path
) -> None:
    scenario = SCENARIOS["matrix12"](NOON)
    scenario.world.pulls.clear()
    scenario.world.files[123].append(changed(".github/workflows/ci.yml", patch="@@ -1 +1 @@\n-a\n+b"))
    for pair in scenario.world.compare.values():
        pair["files"] = [*scenario.world.files[123], changed("../../../user", patch=None)]
    scenario.world.contents[".github/workflows/ci.yml"] = b"on: push\n"
    found = await incident(github(scenario), tmp_path, "branch", "rounding")
    assert found.branch == Branch("rounding", "main", None, 2, 1, merge_base=BASE)
    assert isinstance(found.change, Change)
    assert (len(found.change.files), found.change.base_sha, found.change.complete) == (3, BASE, True)
    assert found.files == ((".github/workflows/ci.yml", b"on: push\n"),)


async def test_a_run_older_than_the_pull_request_has_moved_is_compared_by_commit(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["matrix12"](NOON)
    scenario.world.pulls[123]["head"]["sha"] = "d" * 40
    scenario.world.runs[0]["pull_requests"] = [{"id": 1, "number": 123, "url": "u", "head": SIDE, "base": SIDE}]
    found = await incident(github(scenario), tmp_path, "run", "900")
    assert isinstance(found.change, Change)
    assert (found.change.head_sha, found.change.title, len(found.change.files)) == (HEAD, "Sum before rounding", 1)
    assert isinstance(found.branch, Branch)
    assert found.branch.mergeable is None


@pytest.mark.parametrize("failed", [False, True])
async def test_a_job_that_was_canceled_midway_is_read_when_nothing_else_failed(
    github: Start,
    tmp_path: Path,
    failed: bool,  # noqa: FBT001 - a parameter
) -> None:
    scenario = SCENARIOS["closed-pull"](NOON)
    world = scenario.world
    job = world.add_job(world.runs[0], 6500, "slow", "cancelled", steps=world.jobs[900, 1][0]["steps"])
    world.logs[6500] = b"##[error]The operation was canceled.\n"
    if not failed:
        world.jobs[900, 1] = [job]
    found = await incident(github(scenario), tmp_path)
    log = found.jobs[-1].log
    assert isinstance(log, Missing if failed else LogFile)
    if isinstance(log, Missing):
        assert words(log.why) == 'job "slow" was canceled; its log was not read, since other jobs failed by themselves.'


async def test_more_runs_than_are_asked_one_by_one_come_from_the_checks(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["passed"](NOON)
    world = scenario.world
    for number in (901, 902):
        run = world.add_run(number, workflow_id=number, conclusion="success")
        world.add_job(run, number * 10, f"job {number}", "success")
    server = github(scenario)
    found = await incident(server, tmp_path, options=Options(most_runs=1))
    assert sorted(job.name for job in found.jobs) == ["job 901", "job 902", "lint", "test"]
    assert server.asked("/attempts/") == 1


async def test_a_skipped_job_and_an_odd_conclusion(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["passed"](NOON)
    scenario.world.add_job(scenario.world.runs[0], 6500, "deploy", "skipped")
    found = await incident(github(scenario), tmp_path)
    assert isinstance(found.jobs[-1].log, Missing)
    assert found.jobs[-1].log.kind == "never-started"
    assert status_of("completed", "something new") == "unknown"
    assert status_of(None, None) == "unknown"


async def test_a_log_that_appears_while_it_is_waited_for(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["not-stored"](NOON)

    async def stored(_seconds: float) -> None:
        scenario.world.logs[6000] = b"now it is here\n"

    server = github(scenario)
    found = await load(
        Target("pr", "123"),
        repository="acme/app",
        token=None,
        spool=tmp_path,
        clock=CLOCK,
        api_url=server.url,
        sleep=stored,
    )
    assert isinstance(found, Incident)
    assert isinstance(found.jobs[0].log, LogFile)


async def test_jobs_that_may_not_be_listed_are_a_refusal(github: Start, tmp_path: Path) -> None:
    body = b'{"message":"Resource not accessible by integration"}'
    for where, what in (("/actions/runs$", "runs"), ("/attempts/", "jobs")):
        scenario = SCENARIOS["passed"](NOON)
        scenario.faults.append(Fault(where, status=403, body=body))
        found = await ask(github(scenario), tmp_path)
        assert isinstance(found, Refusal)
        assert words(found.message) == f"the token may not read {what} of acme/app (403). It lacks actions: read."


def test_sentences_for_checks_that_run() -> None:
    found = sentences.checks_running(9, 14)
    assert (found.kind, words(found.message), found.remedy) == (
        "running",
        "9 of 14 checks have ended, none failed so far. Not an answer yet.",
        "--wait",
    )


async def test_mergeable_is_asked_again_a_few_times(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["passed"](NOON)
    scenario.world.pulls[123] |= {"mergeable": None, "mergeable_state": "unknown", "draft": True}
    server = github(scenario)
    found = await incident(server, tmp_path)
    assert isinstance(found.branch, Branch)
    assert (found.branch.mergeable, found.branch.draft) == (None, True)
    assert server.asked(r"/pulls/123$") == 4


async def test_nothing_ran(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["passed"](NOON)
    scenario.world.runs.clear()
    scenario.world.checks.clear()
    found = await incident(github(scenario), tmp_path)
    assert (found.jobs, found.conclusion) == ((), "unknown")
    assert words(found.unseen[0].why) == "no check has run for commit 3fc09d1a0000 of acme/app."


async def test_a_run_that_waits_for_approval(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["passed"](NOON)
    scenario.world.runs.clear()
    scenario.world.checks.clear()
    scenario.world.add_run(901, conclusion="action_required")
    found = await incident(github(scenario), tmp_path)
    assert "waits for a maintainer" in words(found.unseen[0].why)


async def test_checks_that_may_not_be_read_are_said(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["matrix12"](NOON)
    body = b'{"message":"Resource not accessible by integration"}'
    scenario.faults += [
        Fault(where, status=403, body=body) for where in ("/check-runs", "/status$", "/compare/", "/files$")
    ]
    found = await incident(github(scenario), tmp_path)
    assert {missing.kind for missing in found.unseen} == {"denied"}
    assert "It lacks checks: read." in words(found.unseen[0].why) or "It lacks checks: read." in words(
        found.unseen[1].why
    )
    assert isinstance(found.change, Missing)
    assert isinstance(found.branch, Branch)
    assert found.branch.behind is None
    assert isinstance(found.base, tuple)  # the newest ended run of the workflow stands in for the checks
    assert len(found.base) == 12


FAULTS = {
    "a log cut in the middle, once": Fault("/logs/6001", "cut", on="store", times=1),
    "the API cut in the middle, once": Fault("/pulls/123$", "cut", times=1),
    "a 502, once": Fault("/actions/runs$", status=502, times=1),
    "a pause of a second": Fault("/actions/runs$", status=429, headers={"Retry-After": "1"}, times=1),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_passing_fault_changes_nothing(github: Start, tmp_path: Path, name: str) -> None:
    scenario = SCENARIOS["matrix12"](NOON)
    fault = FAULTS[name]
    scenario.faults.append(Fault(fault.where, fault.kind, fault.status, fault.headers, times=1, on=fault.on))
    server = github(scenario)
    found = await incident(server, tmp_path)
    assert scenario.faults[0].times == 0
    assert all(isinstance(job.log, LogFile) for job in found.jobs if job.status == "failure")


async def test_a_log_that_stays_cut_is_missing(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["matrix12"](NOON)
    scenario.faults.append(Fault("/logs/6001", "cut", on="store"))
    found = await incident(github(scenario), tmp_path)
    lost = [job.log for job in found.jobs if isinstance(job.log, Missing) and job.status == "failure"]
    assert [log.kind for log in lost] == ["unreachable"]
    assert parts(tmp_path) == []


async def test_a_stalled_server_is_left(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["passed"](NOON)
    scenario.faults.append(Fault(".", "stall", seconds=30))
    server = github(scenario)
    found = await ask(server, tmp_path, limits=Limits(read=0.05, tries=1))
    server.stop.set()
    assert isinstance(found, Refusal)
    assert words(found.message) == "127.0.0.1 cannot be reached (ReadTimeout), each time it was tried."


async def test_a_redirect_elsewhere_is_refused(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["closed-pull"](NOON)
    scenario.faults.append(
        Fault("/jobs/6000/logs", status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
    )
    found = await incident(github(scenario), tmp_path)
    assert isinstance(found.jobs[0].log, Missing)
    assert found.jobs[0].log.kind == "unreachable"


async def test_endless_pages_end_and_are_said(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["closed-pull"](NOON)
    scenario.faults.append(Fault("/attempts/1/jobs", "endless"))
    server = github(scenario)
    found = await incident(server, tmp_path)
    assert server.asked("/runs/900/attempts/1/jobs") == 10
    assert "too-large" in {missing.kind for missing in found.unseen}


async def test_a_proxy_that_answers_with_html(github: Start, tmp_path: Path) -> None:
    scenario = SCENARIOS["passed"](NOON)
    scenario.faults.append(Fault(".", status=200, body=b"<!doctype html><title>Sign in</title>"))
    found = await ask(github(scenario), tmp_path)
    assert isinstance(found, Refusal)
    assert (found.kind, found.remedy) == ("bad-reply", "check GITHUB_API_URL and the proxy")


def large() -> Scenario:
    """256 jobs of one matrix that failed, 742 checks of another system, 80 statuses."""
    scenario = SCENARIOS["passed"](NOON)
    world = scenario.world
    run = world.add_run(1000)
    for index in range(256):
        job = world.add_job(run, 20_000 + index, f"test ({index})", "failure")
        world.logs[job["id"]] = b"boom\n"
    world.checks[HEAD] += [
        check_run(40_000 + index, f"other {index}", HEAD, "completed", "success", slug="x", system="X")
        for index in range(742)
    ]
    world.statuses[HEAD] = [commit_status(f"context {index}", "success") for index in range(80)]
    return scenario


async def test_256_jobs_and_1000_checks_cost_few_requests(tmp_path: Path) -> None:
    with serve(large()) as server:
        found = await incident(server, tmp_path)
    failed = [job for job in found.jobs if job.status == "failure"]
    assert len(failed) == sum(isinstance(job.log, LogFile) for job in failed) == 256
    assert len(found.jobs) == 256 + 742 + 80
    assert sum(each.on == "api" for each in server.seen) <= 35
    assert found.unseen == ()
    assert zips(tmp_path) == []


async def test_256_jobs_stay_within_300_requests_where_neither_archive_nor_graphql_is_given(tmp_path: Path) -> None:
    scenario = large()
    scenario.faults += [Fault("^/graphql", status=403), Fault(r"/attempts/\d+/logs$", status=404)]
    with serve(scenario) as server:
        found = await incident(server, tmp_path)
    assert 200 < sum(each.on == "api" for each in server.seen) <= 300
    assert sum(isinstance(job.log, LogFile) for job in found.jobs) == 150
    assert (
        words(found.unseen[0].why)
        == "only 150 logs are read one by one. 150 of 256 logs were read; their answer follows."
    )


async def test_a_budget_that_is_used_up_is_said(github: Start, tmp_path: Path) -> None:
    found = await incident(github("matrix12"), tmp_path, budget=12)
    assert found.unseen[0].kind == "not-asked"
    assert words(found.unseen[0].why).startswith("the requests set aside for one diagnosis are used up.")
    found = await incident(github("startup-failure"), tmp_path, budget=7)
    assert [words(missing.what) for missing in found.unseen] == ["the file .github/workflows/ci.yml at this commit"]


async def test_the_few_requests_of_a_part_may_end_without_a_word(tmp_path: Path) -> None:
    base = read_base("https://api.github.com")
    assert isinstance(base, Base)
    async with Client(base, None, clock=CLOCK, sleep=no_sleep) as client:
        said = []
        for each in (client, client.lend(1)):
            session = Session(each, "acme/app", CLOCK, no_sleep, tmp_path, lambda *_: None, Options())
            session.lose(Trouble("budget"), phrase("it"), "runs")
            said.append(len(session.lost))
    assert said == [1, 0]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com",
        "https://u:p@ghe.example.com/api/v3",
        "ftp://x",
        "ghe",
        "https://x y",
        "https://x/?a",
        "https://x:99999",
    ],
)
async def test_an_api_that_is_not_https_is_refused(tmp_path: Path, url: str) -> None:
    found = await load(Target("pr", "1"), repository="a/b", token=None, spool=tmp_path, clock=CLOCK, api_url=url)
    assert isinstance(found, Refusal)
    assert found.kind == "usage"


async def test_doctor(github: Start) -> None:
    server = github("passed")
    found = await check_access(token=Token(SECRET, "GH_TOKEN"), clock=CLOCK, repository="acme/app", api_url=server.url)
    assert found == Access(
        "127.0.0.1", "GH_TOKEN", "mona", ("repo",), 5000, 4812, NOON + timedelta(hours=1), 0.0, "acme/app", "main"
    )


@pytest.mark.parametrize(("name", "kind"), [("wrong-token", "bad-token"), ("server-gone", "unreachable")])
async def test_doctor_without_access(github: Start, name: str, kind: str) -> None:
    found = await check_access(token=Token(SECRET, "GH_TOKEN"), clock=CLOCK, api_url=github(name).url, sleep=no_sleep)
    assert isinstance(found, Refusal)
    assert found.kind == kind


async def test_doctor_names_a_repository_that_is_not_there(github: Start) -> None:
    found = await check_access(
        token=Token(SECRET, "GH_TOKEN"), clock=CLOCK, repository="acme/nothing", api_url=github("passed").url
    )
    assert isinstance(found, Refusal)
    assert found.kind == "no-repository"


async def test_the_fake_is_judged_by_githubs_description(github_schema: Any) -> None:
    if github_schema is None:
        pytest.skip("GitHub's OpenAPI description is not beside the checkout")
    world = SCENARIOS["passed"](NOON).world
    assert github_schema.problems("/repos/acme/app/actions/runs/900", world.runs[0]) == []
    assert github_schema.problems("/repos/acme/app/actions/runs/900", world.runs[0] | {"head_sha": 1})
    assert github_schema.problems("/repos/acme/app/actions/jobs/6000", world.jobs[900, 1][0] | {"status": "exploded"})


async def test_the_fake_runs_as_a_script() -> None:
    async with await anyio.open_process(
        [sys.executable, str(SCRIPT), "--scenario", "running"], stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        text = (await process.stdout.receive()).decode()
        process.kill()
    assert text.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("more", "trusted"),
    [
        ({}, True),
        ({"event": "pull_request_target"}, False),
        ({"head_repository": repository("mallory/app", 9, fork=True)}, False),
    ],
    ids=["a member's pull request", "what strangers bring about", "a fork"],
)
async def test_a_run_is_trusted_by_whose_it_is(
    github: Start,
    tmp_path: Path,
    more: dict[str, Any],
    trusted: bool,  # noqa: FBT001 - a table
) -> None:
    scenario = SCENARIOS["matrix12"](NOON)
    scenario.world.runs[0] |= more
    found = await incident(github(scenario), tmp_path, "run", "900")
    assert found.trusted is trusted
