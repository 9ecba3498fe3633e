"""The streams between a command and ours, in this process: a screen, a keyboard, readers that go away, programs that are none."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from diagnose.running import streams, terminal
from diagnose.running.capture import Capture
from diagnose.running.supervise import Ended, Terms, supervise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from diagnose.running.start import NotStarted

TESTS = "test -t 0 && echo keyboard; test -t 1 && echo screen; test -t 2 && echo errors"


@pytest.fixture
def screen() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal."""
    master, slave = os.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


@pytest.fixture
def null() -> Iterator[int]:
    descriptor = os.open(os.devnull, os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def run(
    argv: Sequence[str], standard: Sequence[int], once: Callable[[], None] = lambda: None
) -> tuple[Ended | NotStarted, bytes]:
    """Run a command on these streams. Returns how it ended, and what was kept. once: done when it runs."""

    def begun() -> Any:
        once()
        return system_clock().elapsed

    capture = Capture()
    ended = supervise(argv, os.environ, capture, begun, Terms(0.3, 0.1), standard=standard)
    with capture.as_file() as path:
        assert path is not None
        kept = path.read_bytes()
    capture.close()
    return ended, kept


def test_a_screen_without_a_keyboard(screen: tuple[int, int], null: int) -> None:
    ended, kept = run(["sh", "-c", TESTS], (null, screen[1], screen[1]))
    assert isinstance(ended, Ended)
    assert (ended.manner, kept) == ("output", b"screen\nerrors\n")
    assert os.read(screen[0], 100) == b"screen\r\nerrors\r\n"  # the terminal behind ends its lines itself


def test_one_screen_and_a_file(screen: tuple[int, int], null: int) -> None:
    ended, kept = run(["sh", "-c", f"{TESTS}; echo other >&2"], (null, null, screen[1]))
    assert isinstance(ended, Ended)
    assert sorted(kept.splitlines()) == [b"errors", b"other"]
    assert os.read(screen[0], 100) == b"other\r\n"


def test_a_keyboard_and_a_screen(screen: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = screen
    monkeypatch.setattr(streams, "in_foreground", lambda _: True)
    monkeypatch.setattr(terminal, "in_foreground", lambda _: True)

    def once() -> None:
        os.write(master, b"mona\r")
        for number in (signal.SIGWINCH, signal.SIGCONT):
            os.kill(os.getpid(), number)

    ended, kept = run(["sh", "-c", f"{TESTS}; read name; echo hello $name; exit 4"], (slave, slave, slave), once)
    assert isinstance(ended, Ended)
    assert (ended.code, ended.manner) == (4, "terminal")
    assert b"keyboard\r\nscreen\r\nerrors\r\n" in kept.replace(b"mona\r\n", b"")
    assert kept.endswith(b"hello mona\r\n")


def test_a_signal_goes_to_what_is_in_front(screen: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "in_foreground", lambda _: True)
    ended, _ = run(["bash", "-ci", "sleep 100"], (screen[1],) * 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert isinstance(ended, Ended)
    assert ended.asked == signal.SIGTERM


@pytest.mark.parametrize(("path", "code"), [("/dev/full", errno.ENOSPC), ("a pipe that nobody reads", errno.EPIPE)])
def test_what_nobody_takes_is_counted_and_kept(null: int, path: str, code: int) -> None:
    if path == "/dev/full":
        sink = os.open(path, os.O_WRONLY)
    else:
        reading, sink = os.pipe()
        os.close(reading)
    ended, kept = run(["sh", "-c", "seq 1000; echo err >&2"], (null, sink, null))
    os.close(sink)
    assert isinstance(ended, Ended)
    assert [(loss.stream, loss.size, loss.why) for loss in ended.losses] == [
        ("standard output", 3893, os.strerror(code).lower())
    ]
    assert sorted(kept.splitlines()) == sorted([*(str(number).encode() for number in range(1, 1001)), b"err"])


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["no-such-program"], 127), ([""], 127), (["/"], 126), (["./script-that-is-none"], 126), (["./empty", "x"], 0)],
)
def test_what_is_no_program_says_so(
    home: Path, null: int, monkeypatch: pytest.MonkeyPatch, argv: list[str], code: int
) -> None:
    (home / "script-that-is-none").write_text("true")
    (home / "empty").write_text("test $1 = x")
    (home / "empty").chmod(0o700)
    ended, _ = run(argv, (null,) * 3)
    assert ended.code == code
    assert isinstance(ended, Ended) == (code == 0)


def test_a_script_is_looked_for_as_a_shell_would(home: Path, null: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "tool").write_text("exit 6")
    (home / "tool").chmod(0o700)
    monkeypatch.setenv("PATH", f"{home}:{os.environ['PATH']}")
    ended, _ = run(["tool"], (null,) * 3)
    assert ended.code == 6


def test_a_process_without_a_terminal_of_its_own_gives_the_command_a_group(
    null: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for has, group in ((False, False), (True, True)):
        monkeypatch.setattr(streams, "has_terminal", lambda has=has: has)
        ended, kept = run(["sh", "-c", "ps -o pgid= -p $$"], (null, null, null))
        assert isinstance(ended, Ended)
        assert (int(kept) == os.getpgrp()) == group


def test_term_reaches_a_command_that_shares_our_group(null: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "has_terminal", lambda: True)
    ended, _ = run(["sleep", "100"], (null,) * 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert isinstance(ended, Ended)
    assert (ended.code, ended.asked) == (-signal.SIGTERM, signal.SIGTERM)
