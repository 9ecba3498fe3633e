"""history stats and history html: from a diagnosis to its figures and its page, and what is said when there is none."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from tests.support.command import FAILING, FAILS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

PAGE = "ci-diagnose-history.html"


@pytest.mark.parametrize("name", ["stats", "html"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "yesterday"), "--since"),
        (("--category", "tests"), "--category"),
        (("--verdict", "mine"), "--verdict"),
        (("--state", "new"), "--state"),
        (("x",), "unexpected"),
    ],
)
def test_a_filter_that_is_none_is_refused(
    command: Command, home: Path, name: str, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = command("history", name, *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert not (home / PAGE).exists()


@pytest.mark.parametrize("name", ["stats", "html"])
def test_memory_that_is_off_has_no_figures(command: Command, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CI_DIAGNOSE_MEMORY", "false")
    code, out, err = command("history", name)
    assert (code, out) == (2, "")
    assert "memory is off." in err


@pytest.mark.parametrize("name", ["stats", "html"])
def test_a_spoilt_store_is_said(command: Command, tmp_path: Path, home: Path, name: str) -> None:
    folder = tmp_path / "data" / "ci-diagnose"
    folder.mkdir(parents=True)
    (folder / "memory.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    code, out, err = command("history", name)
    assert (code, out) == (3, "")
    assert "memory.sqlite3" in err
    assert not (home / PAGE).exists()


def test_nothing_recorded_is_said_and_has_no_share(command: Command, home: Path) -> None:
    assert command("history", "stats").out.startswith("Nothing is recorded yet.")
    code, out, _ = command("history", "stats", "--json")
    assert (code, json.loads(out)["recognised"], json.loads(out)["failures"]) == (0, None, 0)
    assert command("history", "html") == (0, f"{PAGE}\n", "")
    assert "Nothing is recorded yet." in (home / PAGE).read_text("utf-8")


def test_what_was_diagnosed_is_counted_and_shown(command: Command, home: Path) -> None:
    (home / "one.log").write_bytes(FAILING)
    (home / "two.log").write_bytes(FAILING.replace(b"2026-11-20T12", b"2026-11-21T09"))
    for log in ("one.log", "two.log"):
        command("--log", log)
    command("--log", "-", stdin=FAILS)
    code, out, err = command("history", "stats")
    assert (code, err) == (0, "")
    assert "3 failures" in out
    assert "Repeats recognised" in out
    tree = json.loads(command("history", "stats", "--json", "--category", "test").out)
    assert (tree["failures"], tree["kinds"]["test"], tree["filters"]) == (2, 2, {"category": "test"})
    assert command("history", "html", "--output", home / "pages" / "ci.html").code == 0
    page = (home / "pages" / "ci.html").read_text("utf-8")
    assert "3 failures in one week." in page
    assert "AssertionError: assert Decimal(&#x27;19.98&#x27;)" in page
    assert stat.S_IMODE((home / "pages" / "ci.html").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(("name", "value"), [("CI_DIAGNOSE_PLAIN", "1"), ("TERM", "dumb")])
def test_plain_figures_are_sentences(command: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    command("--log", "-", stdin=FAILING)
    monkeypatch.setenv(name, value)
    assert "Confidence: 0." in command("history", "stats").out


def test_what_no_failure_fits_is_said(command: Command, home: Path) -> None:
    command("--log", "-", stdin=FAILING)
    assert command("history", "stats", "--repo", "no/where").out.startswith("Nothing that is recorded fits.")
    command("history", "html", "--repo", "no/where")
    assert "Nothing that is recorded fits." in (home / PAGE).read_text("utf-8")


def test_a_page_that_cannot_be_written_is_said(command: Command, home: Path) -> None:
    (home / "taken").write_text("a file, not a folder")
    code, out, err = command("history", "html", "--output", home / "taken" / "page.html")
    assert (code, out) == (3, "")
    assert "cannot write the page" in err
    assert "try: " in err
