"""The endpoints of GitHub that are used: each with a world in which it is asked, and the way of asking."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from tests.conftest import NOON
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_world import BASE, HEAD, changed, check_run, commit_status, note

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.sources.target import PlaceKind
    from tests.support.fake_github import Scenario

Way = Literal["load", "doctor", "learn", "comment"]


@dataclass(frozen=True)
class Endpoint:
    """One endpoint, or one of its uses. where: finds its path. gives: "json", "list" or "stream". method: "" for any.

    standing: what our comment on the pull request says already, "" where there is none.
    """

    name: str
    where: str
    world: Callable[[], Scenario]
    gives: str = "json"
    kind: PlaceKind = "pr"
    value: str = "123"
    on: str = "api"
    way: Way = "load"
    method: str = ""
    standing: str = ""


def everything() -> Scenario:
    """A pull request of which everything is asked: a failed job with annotations and artifacts, another system, a base with a green run."""
    scenario = SCENARIOS["test-reports"](NOON)
    world = scenario.world
    world.add_artifact(900, 33, "junit-more", {"junit.xml": world_report()})
    workflow = changed(".github/workflows/ci.yml", patch="@@ -1 +1 @@\n-a\n+b")
    world.files[123].append(workflow)
    world.pulls[123]["changed_files"] = 2
    for pair in world.compare.values():
        pair["files"] = list(world.files[123])
    world.contents[".github/workflows/ci.yml"] = b"on: push\njobs: {}\n"
    world.checks[HEAD].append(
        check_run(
            7000, "ci/circleci: build", HEAD, "completed", "failure", slug="circleci-checks", system="CircleCI", notes=1
        )
    )
    world.notes[7000] = [note("build failed", "src/app/orders.py", 33)]
    world.statuses[HEAD] = [commit_status("buildkite/app", "failure", "https://buildkite.com/x")]
    ended = NOON - timedelta(hours=5)
    run = world.add_run(880, BASE, event="push", head_branch="main", conclusion="success")
    job = world.add_job(run, 5000, "test", "success", began=ended, ended=ended)
    world.logs[job["id"]] = b"green\n"
    older = world.add_run(850, conclusion="success")
    world.add_job(older, 5500, "test", "success")
    return scenario


def world_report() -> str:
    return '<testsuite name="more" tests="1" failures="1"><testcase classname="m" name="t"><failure message="x">x</failure></testcase></testsuite>'


def unchecked_base() -> Scenario:
    """The base's tip has no checks, so that the workflow's runs are asked for."""
    scenario = everything()
    scenario.world.checks[BASE] = []
    return scenario


def many() -> Scenario:
    """So many failed jobs that the archive and GraphQL are asked."""
    scenario = SCENARIOS["passed"](NOON)
    run = scenario.world.add_run(1000)
    for index in range(30):
        job = scenario.world.add_job(run, 20_000 + index, f"test ({index})", "failure")
        scenario.world.logs[job["id"]] = b"boom\n"
        scenario.world.notes[20_000 + index] = [note(f"boom {index}", "src/a.py", 3)]
    return scenario


def red_base() -> Scenario:
    """The base fails too: its log is asked for."""
    scenario = everything()
    world = scenario.world
    world.checks[BASE][0]["conclusion"] = "failure"
    world.runs[-2]["conclusion"] = world.jobs[880, 1][0]["conclusion"] = "failure"
    return scenario


def lonely() -> Scenario:
    """A branch without a pull request."""
    scenario = everything()
    scenario.world.pulls.clear()
    return scenario


def an_issue() -> Scenario:
    return SCENARIOS["no-pull"](NOON)


def copied(body: Any) -> Any:
    return json.loads(json.dumps(body))


PULL = rf"^/repos/acme/app/commits/{HEAD}"
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("pull request", r"/pulls/123$", everything),
    Endpoint("files of a pull request", r"/pulls/123/files$", everything, "list"),
    Endpoint("comparison", r"/compare/", everything),
    Endpoint("runs of a commit", r"/actions/runs$", everything, "list"),
    Endpoint("jobs of an attempt", r"/actions/runs/900/attempts/1/jobs$", everything, "list"),
    Endpoint("log of a job", r"/actions/jobs/6000/logs$", everything, "stream"),
    Endpoint("store of logs", r"^/logs/6000", everything, "stream", on="store"),
    Endpoint("annotations", r"/check-runs/6000/annotations$", everything, "list"),
    Endpoint("annotations of another system", r"/check-runs/7000/annotations$", everything, "list"),
    Endpoint("check runs", PULL + "/check-runs$", everything, "list"),
    Endpoint("statuses", PULL + "/status$", everything),
    Endpoint("check runs of the base", r"/commits/heads/main/check-runs$", everything, "list"),
    Endpoint("runs of a workflow", r"/actions/workflows/9/runs$", unchecked_base, "list"),
    Endpoint("jobs of the base", r"/actions/runs/880/attempts/1/jobs$", unchecked_base, "list"),
    Endpoint("jobs of an older run", r"/actions/runs/850/attempts/1/jobs$", everything, "list"),
    Endpoint("log of a green job", r"/actions/jobs/5000/logs$", everything, "stream"),
    Endpoint("store of green logs", r"^/logs/5000", everything, "stream", on="store"),
    Endpoint("log of the base's failure", r"/actions/jobs/5000/logs$", red_base, "stream"),
    Endpoint("artifacts", r"/actions/runs/900/artifacts$", everything, "list"),
    Endpoint("an artifact", r"/actions/artifacts/32/zip$", everything, "stream"),
    Endpoint("store of artifacts", r"^/artifacts/32", everything, "stream", on="store"),
    Endpoint("file at a commit", r"/contents/", everything, "stream"),
    Endpoint("archive of logs", r"/actions/runs/1000/attempts/1/logs$", many, "stream"),
    Endpoint("store of archives", r"^/runs/1000-1", many, "stream", on="store"),
    Endpoint("GraphQL", r"^/graphql$", many),
    Endpoint("run", r"/actions/runs/900$", everything, kind="run", value="900"),
    Endpoint("job", r"/actions/jobs/6000$", everything, kind="job", value="6000"),
    Endpoint("commit", r"/commits/heads/rounding$", lonely, kind="branch", value="rounding"),
    Endpoint("pull requests of a commit", PULL + "/pulls$", everything, "list", kind="run", value="900"),
    Endpoint("repository", r"^/repos/acme/app$", lonely, kind="branch", value="rounding"),
    Endpoint("issue", r"/issues/4711$", an_issue, value="4711"),
    Endpoint("rate limit", r"^/rate_limit$", everything, way="doctor"),
    Endpoint("user", r"^/user$", everything, way="doctor"),
    Endpoint("runs of a time", r"/actions/runs$", everything, "list", way="learn"),
    Endpoint("comments", r"/issues/123/comments$", everything, "list", way="comment", method="GET", standing="older"),
    Endpoint("a new comment", r"/issues/123/comments$", everything, way="comment", method="POST"),
    Endpoint("another text of a comment", r"/issues/comments/5000$", everything, way="comment", standing="older"),
    Endpoint("whose the token is", r"^/graphql$", everything, way="comment", standing="older"),
    Endpoint("pull request of a comment", r"/pulls/123$", everything, way="comment"),
)
