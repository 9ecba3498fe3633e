"""Where a failure comes from, and who could have made it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from diagnose.model.incident import Branch, Change, Incident, Job, LogFile, Missing
from diagnose.model.text import phrase
from diagnose.whence import Whence, whence

if TYPE_CHECKING:
    from pathlib import Path

OWN = Change((), author="anna")
FORK = Change((), author="eve", from_fork=True)
UNKNOWN = Missing(phrase("the files of the change"), "denied", phrase("no right"))
SIDES = Branch("topic", "main")


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        (Incident("log", "a.log", ()), Whence()),
        (Incident("pr", "o/r PR 7", (), change=OWN, branch=SIDES), Whence("topic", "anna", "")),
        (Incident("pr", "o/r PR 7", (), change=FORK, branch=SIDES), Whence("topic", "eve", "", trusted=False)),
        (Incident("pr", "o/r PR 7", (), change=UNKNOWN, branch=SIDES), Whence("topic", "", "", trusted=False)),
        (Incident("run", "o/r run 7", (), change=OWN, branch=SIDES), Whence("topic", "anna", "", trusted=False)),
        (Incident("run", "o/r run 7", (), trusted=True), Whence()),
        (Incident("commit", "o/r commit abc", ()), Whence(trusted=False)),
        (Incident("branch", "o/r branch topic/x", ()), Whence("topic/x")),
        (Incident("branch", "o/r branch topic/x", (), ref="topic/x", head="o/r", own=True), Whence("topic/x")),
        (
            Incident("branch", "o/r branch topic/x", (), ref="topic/x", head="eve/r", own=False),
            Whence("topic/x", trusted=False),
        ),
        (Incident("run", "o/r run 7", (), trusted=True, ref="main", head="o/r", own=True), Whence("main")),
        (Incident("run", "o/r run 7", (), ref="main", head="eve/r", own=False), Whence("main", trusted=False)),
        (Incident("job", "o/r job 7", (), ref="main", head="o/r", own=True), Whence("main", trusted=False)),
        (Incident("pr", "o/r PR 7", (), change=UNKNOWN, branch=SIDES, head="o/r", own=True), Whence("topic")),
        (Incident("branch", "o/r branch eve:main", ()), Whence("eve:main", trusted=False)),
    ],
)
def test_of_a_ci_system(incident: Incident, expected: Whence) -> None:
    assert whence(incident, None, {"GITHUB_ACTIONS": "true"} if incident.kind != "log" else {}) == expected


def test_the_address_is_the_jobs(tmp_path: Path) -> None:
    job = Job("1", "build", "failure", LogFile("build", tmp_path), url="https://ci/1")
    assert whence(Incident("run", "o/r run 7", (job,), trusted=True), job, {}).link == "https://ci/1"


def pull(head: object) -> dict[str, object]:
    return {"pull_request": {"head": {"repo": head}, "base": {"repo": {"full_name": "o/r"}}}}


EVENTS: list[tuple[str, object, bool]] = [
    ("push", None, True),
    ("schedule", None, True),
    ("issue_comment", {}, False),
    ("", None, False),
    ("pull_request", pull({"full_name": "o/r"}), True),
    ("pull_request", pull({"full_name": "eve/r"}), False),
    ("pull_request", pull(None), False),
    ("pull_request_target", pull({"full_name": "eve/r"}), False),
    ("pull_request", None, False),
    ("pull_request", "garbage", False),
    ("pull_request", [], False),
    (
        "pull_request",
        {"pull_request": {"head": {"repo": {"full_name": ""}}, "base": {"repo": {"full_name": ""}}}},
        False,
    ),
    (
        "workflow_run",
        {"workflow_run": {"head_repository": {"full_name": "o/r"}}, "repository": {"full_name": "o/r"}},
        True,
    ),
    (
        "workflow_run",
        {"workflow_run": {"head_repository": {"full_name": "eve/r"}}, "repository": {"full_name": "o/r"}},
        False,
    ),
]


@pytest.mark.parametrize(("name", "event", "trusted"), EVENTS)
def test_of_a_log_inside_github_actions(name: str, event: object, trusted: object, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    if event is not None:
        path.write_text("{" if event == "garbage" else json.dumps(event))
    env = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_REF_NAME": "main",
        "GITHUB_ACTOR": "anna",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_RUN_ID": "7",
    }
    found = whence(Incident("log", "-", ()), None, env)
    assert found == Whence("main", "anna", "https://github.com/o/r/actions/runs/7", trusted=bool(trusted))


def test_without_an_address_there_is_none() -> None:
    assert whence(
        Incident("log", "-", ()),
        None,
        {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_HEAD_REF": "topic"},
    ) == Whence("topic")
