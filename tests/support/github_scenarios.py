"""The worlds that are tried: each a function from the present moment to a scenario, so that "20 s ago" is 20 s ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.support.fake_github import Fault, Scenario
from tests.support.github_logs import CODEC, ROUNDING, python_job
from tests.support.github_world import BASE, HEAD, World, changed, check_run, commit_status, note

if TYPE_CHECKING:
    from collections.abc import Callable

PATCH = (
    "@@ -30,7 +30,7 @@ class Order:\n     def total(self):\n         total = Decimal(0)\n         for item in self.items:\n"
    "-            total += item.price.quantize(CENT) * item.count\n+            total += (item.price * item.count).quantize(CENT, ROUND_DOWN)\n"
    "         return total\n \n     def __len__(self):"
)
SYSTEMS = (("ubuntu-latest", "ubuntu-24.04"), ("windows-latest", "windows-2025"), ("macos-latest", "macos-15"))
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
ODD = "test (windows-latest, 3.13)"


def _world(name: str, now: datetime) -> World:
    """A repository with pull request 123, whose base is green, and nothing run on it yet."""
    world = World(name, now)
    world.add_pull()
    world.files[123] = [changed("src/app/orders.py", patch=PATCH)]
    world.add_commit(HEAD, [BASE], world.files[123])
    world.add_commit(BASE, [], [], "Green")
    world.commits["heads/main"] = world.commits[BASE]
    world.commits["heads/rounding"] = world.commits[HEAD]
    for pair in (f"main...{HEAD}", f"{BASE}...{HEAD}"):
        world.add_compare(*pair.split("..."), ahead=1, behind=2, files=world.files[123])
    return world


def _green_base(world: World, names: list[str]) -> None:
    ended = world.now - timedelta(hours=5)
    run = world.add_run(880, BASE, event="push", head_branch="main", conclusion="success")
    for index, name in enumerate(names):
        job = world.add_job(run, 5000 + index, name, "success", began=ended - timedelta(seconds=30), ended=ended)
        world.give_log(job, python_job(name, "ubuntu-24.04", "3.12", BASE, None), ended - timedelta(seconds=30))


def _one_failure(world: World, name: str = "test", **more: object) -> int:
    """Add a run with one failed job and return the job's id."""
    began = world.now - timedelta(minutes=4)
    run = world.add_run(900)
    job = world.add_job(run, 6000, name, "failure", began=began, ended=more.get("ended", began + timedelta(seconds=30)))
    world.give_log(job, python_job(name, "ubuntu-24.04", "3.12", HEAD, ROUNDING), began)
    world.notes[6000] = [note("Process completed with exit code 1.", line=41)]
    return 6000


def matrix12(now: datetime) -> Scenario:
    world = _world("matrix12", now)
    began = now - timedelta(minutes=6)
    run = world.add_run(900)
    names = []
    for system, image in SYSTEMS:
        for python in PYTHONS:
            name = f"test ({system}, {python})"
            names.append(name)
            job = world.add_job(
                run,
                6000 + len(names),
                name,
                "failure",
                began=began,
                ended=began + timedelta(seconds=40),
                labels=[system],
            )
            world.give_log(job, python_job(name, image, python, HEAD, CODEC if name == ODD else ROUNDING), began)
            world.notes[job["id"]] = [note("Process completed with exit code 1.", line=42)]
    lint = world.add_job(run, 6100, "lint", "success", began=began, ended=began + timedelta(seconds=9))
    world.give_log(lint, python_job("lint", "ubuntu-24.04", "3.12", HEAD, None), began)
    _green_base(world, names)
    return Scenario(world, about="pull request 123: 12 jobs of a matrix failed, 11 by one cause, one by another")


def flaky(now: datetime) -> Scenario:
    world = _world("flaky", now)
    began = now - timedelta(minutes=9)
    run = world.add_run(900, run_attempt=2)
    first = world.add_job(run, 6000, "test", "success", run_attempt=1, began=began)
    world.logs[first["id"]] = b""
    world.add_job(run, 6001, "lint", "success", run_attempt=1, began=began)
    again = world.add_job(run, 6002, "test", "failure", run_attempt=2)
    world.give_log(again, python_job("test", "ubuntu-24.04", "3.12", HEAD, ROUNDING), began)
    return Scenario(world, about="the job failed at its second attempt and passed at its first")


def passed(now: datetime) -> Scenario:
    world = _world("passed", now)
    began = now - timedelta(minutes=4)
    run = world.add_run(900, conclusion="success")
    for index, name in enumerate(("test", "lint")):
        job = world.add_job(run, 6000 + index, name, "success", began=began)
        world.give_log(job, python_job(name, "ubuntu-24.04", "3.12", HEAD, None), began)
    return Scenario(world, about="nothing failed")


def no_token(now: datetime) -> Scenario:
    world = _world("no-token", now)
    _one_failure(world)
    headers = {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(now.timestamp()) + 1380),
    }
    body = b'{"message":"API rate limit exceeded for 192.0.2.1.","documentation_url":"https://docs.github.com/rest"}'
    return Scenario(
        world,
        [Fault(r".", status=403, headers=headers, body=body, anonymous_only=True)],
        "the 60 requests without a token are used up",
    )


def wrong_token(now: datetime) -> Scenario:
    world = _world("wrong-token", now)
    _one_failure(world)
    return Scenario(
        world, [Fault(r".", status=401, body=b'{"message":"Bad credentials","status":"401"}')], "the token is not valid"
    )


def narrow_token(now: datetime) -> Scenario:
    world = _world("narrow-token", now)
    _one_failure(world)
    body = b'{"message":"Resource not accessible by integration","status":"403"}'
    return Scenario(world, [Fault(r"/actions/jobs/\d+/logs", status=403, body=body)], "the token may not read logs")


def no_repository(now: datetime) -> Scenario:
    return Scenario(
        _world("no-repository", now),
        [Fault(r".", status=404, body=b'{"message":"Not Found","status":"404"}')],
        "no such repository",
    )


def no_pull(now: datetime) -> Scenario:
    world = _world("no-pull", now)
    world.issues[4711] = {"number": 4711, "title": "An issue"}
    return Scenario(world, about="4711 is an issue, not a pull request", target="--pr 4711")


def closed_pull(now: datetime) -> Scenario:
    world = _world("closed-pull", now)
    _one_failure(world)
    world.pulls[123] |= {"state": "closed", "merged": False, "mergeable": None, "mergeable_state": "unknown"}
    return Scenario(world, about="the pull request is closed")


def gone_fork(now: datetime) -> Scenario:
    world = _world("gone-fork", now)
    _one_failure(world)
    world.pulls[123]["head"]["repo"] = None
    return Scenario(world, about="the fork that the pull request came from is deleted")


def running(now: datetime) -> Scenario:
    world = _world("running", now)
    run = world.add_run(900, status="in_progress", conclusion=None)
    for index in range(14):
        ended = index < 9
        world.add_job(
            run,
            6000 + index,
            f"test ({index})",
            "success" if ended else None,
            status="completed" if ended else "in_progress",
        )
    return Scenario(world, about="9 of 14 checks have ended, none failed")


def some_failed(now: datetime) -> Scenario:
    world = _world("some-failed", now)
    _one_failure(world)
    world.runs[0] |= {"status": "in_progress", "conclusion": None}
    for index in range(5):
        world.add_job(world.runs[0], 6001 + index, f"test ({index})", None, status="queued" if index else "in_progress")
    return Scenario(world, about="one check failed, five still run")


def expired(now: datetime) -> Scenario:
    world = _world("expired", now)
    world.logs[_one_failure(world, ended=now - timedelta(days=200))] = 410
    return Scenario(world, about="GitHub has deleted the log")


def not_stored(now: datetime) -> Scenario:
    world = _world("not-stored", now)
    world.logs[_one_failure(world, "build", ended=now - timedelta(seconds=20))] = None
    return Scenario(world, about="the job has just ended and its log is not stored yet")


def lost_runner(now: datetime) -> Scenario:
    world = _world("lost-runner", now)
    world.logs[_one_failure(world, "build", ended=now - timedelta(hours=3))] = None
    world.notes[6000] = [
        note("The self-hosted runner lost communication with the server. Verify the machine is running.")
    ]
    return Scenario(world, about="the runner was lost: no log, only an annotation")


def empty_log(now: datetime) -> Scenario:
    world = _world("empty-log", now)
    world.logs[_one_failure(world)] = b""
    return Scenario(world, about="the log has no bytes")


def canceled(now: datetime) -> Scenario:
    world = _world("canceled", now)
    run = world.add_run(900, conclusion="cancelled")
    world.add_job(run, 6000, "deploy", "cancelled")
    world.notes[6000] = [note("Canceling since a higher priority waiting request for 'deploy' exists")]
    return Scenario(world, about="the run was canceled before its job began")


def startup_failure(now: datetime) -> Scenario:
    world = _world("startup-failure", now)
    world.add_run(900, conclusion="startup_failure", name=".github/workflows/ci.yml")
    world.contents[".github/workflows/ci.yml"] = (
        b"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    stepz: []\n"
    )
    return Scenario(world, about="the workflow file is not valid")


def rate_limit(now: datetime) -> Scenario:
    scenario = matrix12(now)
    headers = {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(now.timestamp()) + 1380),
    }
    body = b'{"message":"API rate limit exceeded for user ID 1.","documentation_url":"https://docs.github.com/rest"}'
    scenario.faults.append(Fault(r"/actions/jobs/60(0[5-9]|1\d)/logs", status=403, headers=headers, body=body))
    scenario.about = "GitHub allows no more requests after four logs"
    return scenario


def server_gone(now: datetime) -> Scenario:
    scenario = matrix12(now)
    scenario.faults.append(
        Fault(r".", status=502, body=b"<html><h1>502 Bad Gateway</h1></html>", headers={"Content-Type": "text/html"})
    )
    scenario.about = "every request ends in 502"
    return scenario


REPORT = (
    '<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="2" skipped="1" tests="214">\n'
    '<testcase classname="tests.test_orders" name="test_total_rounds" time="0.001"><failure message="AssertionError: assert Decimal(&apos;19.98&apos;) == Decimal(&apos;19.99&apos;)">'
    "E       AssertionError\n\ntests/test_orders.py:41: AssertionError</failure></testcase>\n"
    '<testcase classname="tests.test_tax" name="test_tax[de]" time="0.001"><failure message="AssertionError: assert Decimal(&apos;3.79&apos;) == Decimal(&apos;3.80&apos;)">'
    "E       assert\n\ntests/test_tax.py:9: AssertionError</failure></testcase>\n"
    '<testcase classname="tests.test_tax" name="test_later"><skipped message="later"/></testcase>\n'
    + "".join(f'<testcase classname="tests.test_more" name="test_{number}"/>\n' for number in range(211))
    + "</testsuite></testsuites>\n"
)


def test_reports(now: datetime) -> Scenario:
    world = _world("test-reports", now)
    _one_failure(world)
    world.add_artifact(900, 31, "coverage-html", {"index.html": "<html/>"})
    world.add_artifact(
        900, 32, "test-results-ubuntu", {"junit.xml": REPORT, "coverage.xml": "<coverage/>", "notes.txt": "x"}
    )
    return Scenario(
        world, about="the run kept its test results as an artifact, which name one failed test more than the log"
    )


def other_ci(now: datetime) -> Scenario:
    world = _world("other-ci", now)
    _one_failure(world)
    world.checks[HEAD].append(
        check_run(
            7000,
            "ci/circleci: build",
            HEAD,
            "completed",
            "failure",
            slug="circleci-checks",
            system="CircleCI",
            url="https://circleci.com/x",
            notes=1,
        )
    )
    world.notes[7000] = [note("build failed", "src/app/orders.py", 33)]
    world.statuses[HEAD] = [
        commit_status("buildkite/app", "failure", "https://buildkite.com/x"),
        commit_status("docs", "success"),
    ]
    return Scenario(world, about="two other CI systems failed too")


SCENARIOS: dict[str, Callable[[datetime], Scenario]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        matrix12, flaky, passed, no_token, wrong_token, narrow_token, no_repository, no_pull, closed_pull, gone_fork, running, some_failed,
        expired, not_stored, lost_runner, empty_log, canceled, startup_failure, rate_limit, server_gone, other_ci, test_reports,
    )
}  # fmt: skip
