"""explain, resolve, history: what was said last, what fixed it, and that it is known the next time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from diagnose.render import confidence
from tests.support.command import FAILING, FAILS, PASSING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

FIX = (
    "--cause",
    "prices are rounded before they are added",
    "--solution",
    "round the sum, not the items",
    "--fixed-by",
    "42e02ac",
    "--minutes",
    "40",
)


@pytest.mark.parametrize(
    ("before", "arguments", "told"),
    [
        (None, ["explain"], "there is no answer to explain yet."),
        (None, ["explain", "c1"], "there is no answer to explain yet."),
        (FAILING, ["explain", "c77"], "the last answer has no cause c77; it has c1"),
        (PASSING, ["explain", "c1"], "the last answer has no cause c1; it has none."),
        (None, ["resolve", "c1", "--solution", "x"], "there is no answer to resolve yet."),
        (FAILING, ["resolve", "c77", "--solution", "x"], "the last answer has no cause c77."),
        (FAILING, ["resolve", "c1"], "what fixed it must be said."),
        (FAILING, ["resolve", "c1", "--solution", "x", "--fixed-by", "a b; rm"], "--fixed-by takes a commit"),
        (FAILING, ["resolve", "c1", "--solution", "x", "--minutes", "nan"], "--minutes"),
        (None, ["history", "show", "ffff"], "no pattern's id begins with ffff."),
        (FAILING, ["history", "show", "not-hex"], ""),
    ],
)
def test_what_is_not_there_is_said(command: Command, before: bytes | None, arguments: list[str], told: str) -> None:
    if before is not None:
        command("--log", "-", stdin=before)
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "try: " in err


def test_a_spoilt_last_answer_is_none(command: Command, tmp_path: Path) -> None:
    command("--log", "-", stdin=FAILING)
    (tmp_path / "data" / "ci-diagnose" / "last.json").write_text('{"report": [')
    assert command("explain").code == 2
    (tmp_path / "data" / "ci-diagnose" / "last.json").write_text("[]")
    assert command("resolve").code == 2


def test_explain_says_how_often_each_confidence_was_right_without_any_answer(command: Command) -> None:
    code, out, err = command("explain", "--reliability")
    assert (code, err) == (0, "")
    assert out == confidence.listing(confidence.measured())
    assert "Almost certain" in out


def test_explain_shows_every_line_and_the_reasons(command: Command) -> None:
    command("--log", "-", stdin=FAILING)
    code, out, err = command("explain", "c1")
    assert (code, err) == (0, "")
    assert out.startswith("c1  a test fails: AssertionError")
    assert "confidence 0." in out
    assert "     │ " not in out
    assert "AssertionError: assert Decimal('19.98') == Decimal('19.99')" in out
    assert "where  tests/test_orders.py:41" in out
    assert "test_total_rounds" in out
    assert "  why    " in out


def test_history_is_empty_then_fills(command: Command) -> None:
    assert command("history") == (
        0,
        "Nothing is recorded yet. It fills as you diagnose; `history import DISCOVERIES.md` reads an older record.\n",
        "",
    )
    assert command("history", "search", "boom") == (0, "No pattern holds these words.\n", "")
    command("--log", "-", stdin=FAILING)
    command("--log", "-", stdin=FAILS)
    code, out, _ = command("history", "list")
    assert code == 0
    rows = out.splitlines()
    assert rows[0].startswith("2 patterns, 2 failures")
    found = command("history", "search", "Decimal")
    assert (found.code, "a test fails" in found.out) == (0, True)
    identity = next(row for row in rows if "a test fails" in row).split()[0]
    shown = command("history", "show", identity[:4])
    assert (shown.code, identity in shown.out, "seen" in shown.out) == (0, True, True)


def test_the_same_log_twice_is_one_sighting(command: Command, home: Path) -> None:
    (home / "a.log").write_bytes(FAILING)
    for _ in range(3):
        command("--log", "a.log")
    assert command("history").out.startswith("1 pattern, 1 failure in 0 min, 0 % seen before")


@pytest.mark.parametrize("flag", [["--no-memory"], []])
def test_memory_that_is_off_keeps_nothing(command: Command, monkeypatch: pytest.MonkeyPatch, flag: list[str]) -> None:
    if not flag:
        monkeypatch.setenv("CI_DIAGNOSE_MEMORY", "false")
    assert command("--log", "-", *flag, stdin=FAILING).code == 1
    if flag:
        assert command("history").out.startswith("Nothing is recorded yet.")
    else:
        code, out, err = command("history")
        assert (code, out) == (2, "")
        assert "memory is off." in err


def test_options_of_list_need_not_name_it(command: Command) -> None:
    command("--log", "-", stdin=FAILING)
    assert command("history", "--all").out == command("history", "list", "--all").out
    assert (
        command("history", "--json", "--repo", "no/where").out
        == command("history", "list", "--json", "--repo", "no/where").out
    )
    assert command("history", "--help").out.startswith("Usage: ci-diagnose history [OPTIONS] [COMMAND]")


def test_many_patterns_are_cut_and_shown_on_demand(command: Command) -> None:
    words = [
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliet",
        "kilo",
        "lima",
        "mike",
        "november",
    ]
    for word in words:
        command(
            "--log", "-", stdin=FAILS.replace(b"'x' undeclared", f"'{word}' undeclared in the {word} part".encode())
        )
    folded, whole = command("history").out, command("history", "list", "--all").out
    assert "more: --all" in folded
    assert len(whole.splitlines()) > len(folded.splitlines())
    assert command("history", "list", "--repo", "no/where").out == "No pattern fits: repo no/where.\n"


def test_what_was_resolved_is_recognised_in_a_new_file_with_its_fix(command: Command, home: Path) -> None:
    command("--log", "-", stdin=FAILING)
    code, out, err = command("resolve", "c1", *FIX)
    assert (code, err) == (0, "")
    assert "in DISCOVERIES.md:" in out
    record = (home / "DISCOVERIES.md").read_text()
    assert "- Solution: round the sum, not the items (fixed by 42e02ac)" in record
    assert "- Time to resolve: 40 min" in record
    (home / "tomorrow.log").write_bytes(FAILING.replace(b"2026-11-20T12", b"2026-11-21T09"))
    code, out, _ = command("--log", "tomorrow.log", "--format", "json")
    report = json.loads(out)
    assert code == 1
    assert report["known_patterns"][0]["solution"] == "round the sum, not the items"
    assert report["known_patterns"][0]["fixed_by"] == "42e02ac"
    assert (report["fix_strategy"]["summary"], report["fix_strategy"]["basis"]) == (
        "round the sum, not the items",
        "history",
    )
    assert report["estimated_fix_time"] == 40
    assert "round the sum, not the items" in command("--log", "tomorrow.log").out
    listed = command("history").out
    assert "fixed 40 min" in listed


def test_what_is_written_in_the_checkout_is_enough(
    command: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("--log", "-", stdin=FAILING)
    command("resolve", "c1", *FIX)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "a colleague"))
    report = json.loads(command("--log", "-", "--format", "json", stdin=FAILING).out)
    assert report["known_patterns"][0]["solution"] == "round the sum, not the items"


def test_a_record_that_cannot_be_written_is_said(command: Command, home: Path) -> None:
    command("--log", "-", stdin=FAILING)
    (home / "DISCOVERIES.md").mkdir()
    code, out, err = command("resolve", "c1", *FIX)
    assert (code, out) == (3, "")
    assert "the record DISCOVERIES.md is a folder" in err


def test_what_carries_no_identity_is_not_recorded(command: Command) -> None:
    command("--log", "-", stdin=b"make: *** [Makefile:2: all] Error 1\n")
    code, out, err = command("resolve", "c1", *FIX)
    assert (code, out) == (2, "")
    assert "carry no identity" in err


def test_who_can_be_asked_is_asked(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    from diagnose.cli import main

    command("--log", "-", stdin=FAILING)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("\nround the sum\n\n"))
    assert main(["resolve"]) == 0
    record = (home / "DISCOVERIES.md").read_text()
    assert "- Root cause: a test fails: AssertionError" in record
    assert "- Solution: round the sum" in record
    assert "- Time to resolve: 15 min" in record


def test_a_spoilt_database_is_said_and_costs_no_answer(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "ci-diagnose"
    folder.mkdir(parents=True)
    (folder / "memory.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    code, out, _ = command("--log", "-", stdin=FAILING)
    assert (code, "Failed" in out) == (1, True)
    for arguments in (["history"], ["history", "show", "ab"], ["history", "search", "x"]):
        assert command(*arguments).code in (0, 2, 3)
