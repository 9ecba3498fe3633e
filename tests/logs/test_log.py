from __future__ import annotations

import pytest

from diagnose.logs.dialects import detect, dialects
from tests.support.reading import STAMP, log_of, stamped


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "plain"),
        ("out\nof nothing known\n", "plain"),
        ("\0\0\0\n", "plain"),
        ('a.proj(3,5): error MSB3073: The command "npm install" exited with code 1.\n', "plain"),
        ("2026-11-20T09:12:04Z a stamp of another tool\n" * 9, "plain"),
        (stamped("out"), "github"),
        ("\ufeff" + stamped("out"), "github"),
        ("##[group]Run make\n##[endgroup]\n", "github"),
        (f"job\tstep\t{STAMP}out\n", "github-cli"),
        ('\x1b[33;1mThe command "make" exited with 1.\x1b[0m\n', "travis"),
        ("Using worker: worker-linux-1\n", "travis"),
        ("[task 2026-11-20T09:12:04.168Z] out\n", "taskcluster"),
        (stamped("travis_fold:start:x\nout\nout"), "github"),
        ("\n" * 500 + "travis_fold:start:x\n" * 3 + "\n" * 500, "plain"),
        ("\n" * 500 + "Done. Your build exited with 0.\n", "travis"),
    ],
)
def test_the_dialect_is_found_by_what_a_log_holds(text: str, name: str) -> None:
    data = text.encode()
    assert detect(data).name == name


def test_dialects_have_names_of_their_own() -> None:
    names = [dialect.name for dialect in dialects()]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("a stamp", "a stamp"),
        ("", ""),
        ("\ufeffmarked by the tool", "marked by the tool"),
        ("  indented", "  indented"),
        ("1%\r99%", "99%"),
        ("red \x1b[31mword\x1b[0m", "red word"),
    ],
)
def test_the_runners_stamp_comes_off_and_nothing_else(line: str, text: str) -> None:
    log = log_of(stamped("first") + f"{STAMP}{line}\n")
    if "\r" in line:
        assert log.text(2) == text
        return
    assert [each.text for each in log.lines(1, 2)] == ["first", text]


def test_lines_are_cut_to_what_is_there() -> None:
    log = log_of("a\nb\nc")
    assert [tuple(line) for line in log.lines(-3, 99)] == [(1, "a"), (2, "b"), (3, "c")]
    assert log.lines(3, 2) == log.lines(4, 9) == []
    assert (log.total, log.text(0), log.text(2), log.text(4)) == (3, "", "b", "")


def test_the_raw_bytes_keep_their_colours() -> None:
    log = log_of("\x1b[31mred\x1b[0m\n")
    assert (log.text(1), log.coloured(1), log.coloured(2)) == ("red", b"\x1b[31mred\x1b[0m", b"")


def test_a_line_belongs_to_the_last_step_begun() -> None:
    log = log_of(stamped("early\n##[group]Run a\n##[endgroup]\nout\n##[group]Run b\nx"))
    assert [step.name if (step := log.step_at(number)) else None for number in range(1, 7)] == [
        None,
        "Run a",
        "Run a",
        "Run a",
        "Run b",
        "Run b",
    ]


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        (f"{STAMP}x", STAMP.strip()),
        (f"\ufeff{STAMP}x", STAMP.strip()),
        ("x", ""),
        (f"job\tstep\t{STAMP}x", STAMP.strip()),
        ("[task 2026-01-02T03:04:05.678Z] x", "2026-01-02T03:04:05.678Z"),
    ],
)
def test_the_time_of_a_line(text: str, stamp: str) -> None:
    assert stamp in {dialect.stamp(text) for dialect in dialects()}
