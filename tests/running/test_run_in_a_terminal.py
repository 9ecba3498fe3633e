"""Where a terminal stands behind, the command has one: size, colours, keys, Ctrl-C; and it is as before when the command has ended."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.running import PROGRAM, Terminal

if TYPE_CHECKING:
    from pathlib import Path

SIZE = "import os, sys; print('terminals', [os.isatty(each) for each in (0, 1, 2)], *os.get_terminal_size(1))"
PYTHON = (sys.executable, "-S", "-c")


@pytest.fixture(autouse=True)
def _plain(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)


def test_the_command_has_a_terminal_of_the_same_size() -> None:
    with Terminal([*PROGRAM, "--", *PYTHON, SIZE], size=(31, 97)) as terminal:
        assert terminal.end() == 0
        assert terminal.screen == b"terminals [True, True, True] 97 31\r\n"
        assert terminal.is_restored()


def test_the_window_changes_for_the_command_too() -> None:
    script = "import os, signal; signal.signal(signal.SIGWINCH, lambda *_: (print(*os.get_terminal_size(1), flush=True), os._exit(5))); print('ready', flush=True); signal.pause()"
    with Terminal([*PROGRAM, "--no-memory", "--", *PYTHON, script]) as terminal:
        terminal.until(b"ready")
        terminal.resize(40, 132)
        assert b"132 40\r\n" in terminal.until(b"132 40")
        assert terminal.end() == 5


def test_a_failure_is_explained_below_what_the_command_printed() -> None:
    with Terminal(
        [
            *PROGRAM,
            "--",
            "sh",
            "-c",
            "printf '\\033[31ma.c:3:5: error: x undeclared (first use in this function)\\033[0m\\n'; exit 2",
        ]
    ) as terminal:
        assert terminal.end() == 2
        before, _, after = terminal.screen.partition(b"\r\n")
        assert before == b"\x1b[31ma.c:3:5: error: x undeclared (first use in this function)\x1b[0m"
        assert b"the C or C++ compiler refuses a.c" in after
        assert terminal.is_restored()


def test_keys_are_the_commands() -> None:
    with Terminal(
        [*PROGRAM, "--", "sh", "-c", "stty -echo; printf 'who? '; read name; echo; echo hello $name"]
    ) as terminal:
        terminal.until(b"who? ")
        terminal.type(b"mona\r")
        assert terminal.end() == 0
        assert terminal.screen == b"who? \r\nhello mona\r\n"
        assert terminal.is_restored()


@pytest.mark.parametrize(
    ("script", "code"),
    [("exec sleep 100", -signal.SIGINT), ("trap 'echo caught; exit 9' INT; while :; do sleep 0.01; done", 9)],
)
def test_ctrl_c_is_the_commands_and_needs_no_explanation_when_it_ends_it(script: str, code: int) -> None:
    with Terminal([*PROGRAM, "--no-memory", "--", "sh", "-c", f"echo ready; {script}"]) as terminal:
        terminal.until(b"ready")
        terminal.type(b"\x03")
        assert terminal.end() == code
        assert terminal.is_restored()
        assert (b"Failed" in terminal.screen) == (code == 9)


def test_a_terminal_that_goes_away_ends_the_command(home: Path) -> None:
    with Terminal(
        [
            *PROGRAM,
            "--no-memory",
            "--",
            "sh",
            "-c",
            "trap 'echo told > told; exit' HUP; echo ready; while :; do sleep 0.01; done",
        ]
    ) as terminal:
        terminal.until(b"ready")
        os.kill(terminal.pid, signal.SIGHUP)
        terminal.end()
    assert (home / "told").read_text() == "told\n"


def test_one_stream_alone_on_the_terminal(home: Path) -> None:
    script = "echo out; echo err >&2; test -t 1 && ! test -t 2 && test -t 0"
    with (
        (home / "err").open("wb") as file,
        Terminal([*PROGRAM, "--no-memory", "--", "sh", "-c", script], {2: file.fileno()}) as terminal,
    ):
        assert terminal.end() == 0
        assert terminal.screen == b"out\r\n"
    assert (home / "err").read_bytes() == b"err\n"


def test_a_keyboard_that_is_somebody_elses_leaves_the_screen(home: Path) -> None:
    (home / "in").write_text("from a file\n")
    with (
        (home / "in").open("rb") as file,
        Terminal(
            [*PROGRAM, "--", "sh", "-c", "cat; test -t 1 && test -t 2 && ! test -t 0 && echo yes"], {0: file.fileno()}
        ) as terminal,
    ):
        assert terminal.end() == 0
        assert terminal.screen == b"from a file\r\nyes\r\n"


def test_ctrl_c_reaches_a_command_whose_output_is_piped(home: Path) -> None:
    reading, writing = os.pipe()
    with Terminal(
        [*PROGRAM, "--no-memory", "--", "sh", "-c", "echo ready >&2; exec sleep 100"], {1: writing}
    ) as terminal:
        os.close(writing)
        terminal.until(b"ready")
        terminal.type(b"\x03")
        assert terminal.end() == -signal.SIGINT
    with os.fdopen(reading, "rb") as file:
        assert file.read() == b""


def test_term_in_a_terminal_without_a_screen_reaches_all(home: Path) -> None:
    reading, writing = os.pipe()
    with Terminal(
        [*PROGRAM, "--no-memory", "--", "sh", "-c", "echo ready; sleep 100; exit 3"], {1: writing, 2: writing}
    ) as terminal:
        os.close(writing)
        with os.fdopen(reading, "rb") as file:
            assert file.readline() == b"ready\n"
            os.kill(terminal.pid, signal.SIGTERM)
            assert terminal.end() == -signal.SIGTERM
            assert file.read() == b""
