"""The terminal at hand and the pseudo-terminal that stands in for it: size, modes, keys."""

from __future__ import annotations

import fcntl
import os
import select
import termios
import threading
import tty
from contextlib import suppress
from typing import Final

OFLAG, LFLAG = 1, 3
LARGEST: Final = 4096


class Pseudo:
    """A pair of pseudo-terminal ends, of the size of `like`.

    whole: the child gets it for its keyboard too, with the modes of `like`; else it only writes there, and its bytes come out as they went in,
    for the terminal behind treats line ends by itself.
    """

    def __init__(self, like: int, *, whole: bool) -> None:
        self.master, self.slave = os.openpty()
        self.path = os.ttyname(self.slave)
        self._like = like
        modes = termios.tcgetattr(like if whole else self.slave)
        if not whole:
            modes[OFLAG] &= ~termios.OPOST
            modes[LFLAG] &= ~termios.ECHO
        termios.tcsetattr(self.slave, termios.TCSANOW, modes)
        self.resize()

    def resize(self) -> None:
        """Take over the size of the terminal behind; who works in the pseudo-terminal is told by the system."""
        with suppress(OSError):
            size = fcntl.ioctl(self._like, termios.TIOCGWINSZ, b"\0" * 8)
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def started(self) -> None:
        """Leave the child's end to the child: when nobody has it open any more, the stream has ended."""
        os.close(self.slave)
        self.slave = -1

    def close(self) -> None:
        """Close what is open."""
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                with suppress(OSError):
                    os.close(descriptor)


class Keyboard(threading.Thread):
    """Hands every key to the pseudo-terminal, which makes of Ctrl-C what its child's program wants. The terminal is raw meanwhile."""

    def __init__(self, terminal: int, master: int, stop: int) -> None:
        super().__init__(daemon=True)
        self._terminal, self._master, self._halt = terminal, master, stop
        self._modes = termios.tcgetattr(terminal)

    def take(self) -> None:
        """Make the terminal raw, at the beginning and when this process comes to the foreground again."""
        if in_foreground(self._terminal):
            with suppress(termios.error):
                tty.setraw(self._terminal, termios.TCSANOW)

    def give_back(self) -> None:
        """Restore the terminal's modes."""
        if in_foreground(self._terminal):
            with suppress(termios.error):
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._modes)

    def run(self) -> None:
        """Move keys until there are none, or it is time to stop."""
        poll = select.poll()
        poll.register(self._terminal, select.POLLIN)
        poll.register(self._halt, select.POLLIN)
        while True:
            found = [descriptor for descriptor, _ in poll.poll()]
            if self._halt in found:
                return
            try:
                keys = os.read(self._terminal, LARGEST)
                if not keys:  # the terminal has hung up, and would say so for ever
                    return
                while keys:
                    keys = keys[os.write(self._master, keys) :]
            except OSError:  # the terminal, or the child's last user of the pseudo-terminal, has gone
                return


def in_foreground(terminal: int) -> bool:
    """Whether the terminal is this process's, and hears its keys now."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False


def has_terminal() -> bool:
    """Whether this process has a controlling terminal, whatever its streams are."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
