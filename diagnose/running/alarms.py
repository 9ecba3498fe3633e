"""Signals, as something to wait for: handlers do nothing, the numbers come through a pipe."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from diagnose.running.streams import poll_of

if TYPE_CHECKING:
    from types import FrameType

HANDED_ON: Final = tuple(
    getattr(signal, name) for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2")
)
"""What the command hears when we are told."""

OURS: Final = (signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH)


class Alarms:
    """While it lasts, no signal of these ends this process. What was ignored at the start (`nohup`) stays so."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._former = {number: signal.getsignal(number) for number in (*HANDED_ON, *OURS)}
        self._poll = poll_of(self._read)

    def __enter__(self) -> Self:
        self._fd = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number, former in self._former.items():
            if former is not signal.SIG_IGN or number in OURS:
                signal.signal(number, _nothing)
        return self

    def __exit__(self, *_: object) -> None:
        for number, former in self._former.items():
            signal.signal(number, former if former is not None else signal.SIG_DFL)
        signal.set_wakeup_fd(self._fd)
        os.close(self._read)
        os.close(self._write)

    def wait(self, seconds: float | None) -> list[int]:
        """Wait for signals, at most so long. Returns those that came, in order."""
        self._poll.poll(None if seconds is None else max(0.0, seconds) * 1000)
        with suppress(BlockingIOError):
            return [*os.read(self._read, 512)]
        return []


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Be there, so that the number goes into the pipe."""
