"""A command run by `ci-diagnose run`: as a process with pipes, or in a terminal that a test types into."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from diagnose.running.start import start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROGRAM: Final = (sys.executable, "-c", "from diagnose.cli import entry; entry()", "run")
SECONDS: Final = 40.0


@contextmanager
def begun(
    *arguments: str, stdin: int = subprocess.DEVNULL, env: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `ci-diagnose run` without a controlling terminal, its streams piped; it is killed where the test leaves it."""
    command = [*prefix, *PROGRAM, *arguments]
    child = subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=around(env), start_new_session=True
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                stream.close()


def around(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with `env`, without what pytest adds: to the redactor it looks like a password."""
    return {name: value for name, value in {**os.environ, **(env or {})}.items() if name != "PYTEST_CURRENT_TEST"}


def ran(
    *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
) -> tuple[int, bytes, bytes]:
    """Run it to its end. Returns its exit code (minus a signal), standard output and standard error."""
    with begun(*arguments, stdin=subprocess.PIPE, env=env, prefix=prefix) as child:
        out, err = child.communicate(stdin, timeout=SECONDS)
        return child.returncode, out, err


def lives(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Terminal:
    """A terminal of its own session, with a program in it."""

    def __init__(
        self, argv: Sequence[str], streams: Mapping[int, int] | None = None, size: tuple[int, int] = (24, 80)
    ) -> None:
        self.screen = b""
        self._master, self._slave = os.openpty()
        self.resize(*size)
        self.modes = termios.tcgetattr(self._slave)
        theirs = {0: self._slave, 1: self._slave, 2: self._slave} | dict(streams or {})
        begun_as = start(argv, os.environ, theirs, group=False, terminal=os.ttyname(self._slave))
        assert isinstance(begun_as, int)
        self.pid = begun_as

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if lives(self.pid):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)
        os.close(self._slave)

    def resize(self, rows: int, columns: int) -> None:
        """Change the window."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def until(self, words: bytes) -> bytes:
        """Read the screen until it holds these words. Returns all of it."""
        while words not in self.screen:
            assert self._more(SECONDS), self.screen
        return self.screen

    def end(self) -> int:
        """Read to the end. Returns the exit code (minus a signal)."""
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self._more(0):
                    pass
                return os.waitstatus_to_exitcode(status)
            self._more(0.01)

    def is_restored(self) -> bool:
        """Whether the terminal's modes are those from before."""
        return termios.tcgetattr(self._slave) == self.modes

    def _more(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return False
        try:
            self.screen += os.read(self._master, 65536)
        except OSError:
            return False
        return True
