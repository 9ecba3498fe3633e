"""What the command's streams are: pseudo-terminals where a terminal stands behind ours, pipes where none does, and the pumps between."""

from __future__ import annotations

import fcntl
import os
import select
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from diagnose.running.pump import Pump
from diagnose.running.start import NotStarted, start
from diagnose.running.terminal import Keyboard, Pseudo, has_terminal, in_foreground

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.running.capture import Capture

IN, OUT, ERR = 0, 1, 2
NAMES: Final = {OUT: "standard output", ERR: "standard error"}
PIPE_BYTES: Final = 1 << 20
"""What a pipe holds where the system allows it: fewer changes of process for the same bytes."""

Manner = Literal["terminal", "output", "pipes"]


class Loss(NamedTuple):
    """What a stream's reader did not take: which, how many bytes, why."""

    stream: str
    size: int
    why: str


def manner_of(standard: Sequence[int]) -> Manner:
    """Say how the streams are to be made of `standard`, our own three.

    terminal: a keyboard and a screen are there: the command gets a pseudo-terminal whole. output: a screen alone, or the keyboard is somebody else's
    now. pipes: no screen.
    """
    if not any(os.isatty(standard[each]) for each in (OUT, ERR)):
        return "pipes"
    return "terminal" if os.isatty(standard[IN]) and in_foreground(standard[IN]) else "output"


class Streams:
    """The command's streams. standard: our own three descriptors.

    apart: the command has a process group of its own, so that signals must be handed on; otherwise it shares ours and hears the terminal itself.
    """

    def __init__(self, capture: Capture, standard: Sequence[int] = (IN, OUT, ERR)) -> None:
        self.manner = manner_of(standard)
        self.apart = self.manner == "terminal" or (self.manner == "pipes" and not has_terminal())
        self.losses: list[Loss] = []
        self._standard, self._capture = standard, capture
        self._pumps: dict[int, Pump] = {}
        self._sources: dict[int, int] = {}
        self._theirs: dict[int, int] = {}
        self._pseudo: Pseudo | None = None
        self._keyboard: Keyboard | None = None
        self._marks: dict[int, int] = {}
        self._halt, self._stopping = os.pipe()
        self._open()

    def start(self, argv: Sequence[str], env: Mapping[str, str]) -> int | NotStarted:
        """Start the command and move its bytes. Returns its number."""
        whole = self.manner == "terminal"
        streams = self._theirs if whole else {IN: self._standard[IN], **self._theirs}
        if whole and self._pseudo:
            self._keyboard = Keyboard(self._standard[IN], self._pseudo.master, self._halt)
            self._keyboard.take()  # before a key can be meant for the command
        begun = start(
            argv, env, streams, group=self.apart, terminal=self._pseudo.path if whole and self._pseudo else ""
        )
        for descriptor in {*self._theirs.values()} - ({self._pseudo.slave} if self._pseudo else set()):
            os.close(descriptor)
        if self._pseudo:
            self._pseudo.started()
        if isinstance(begun, NotStarted):
            return begun
        for stream, source in self._sources.items():
            pump = Pump(source, self._standard[stream], partial(self._capture.add, stream), self._halt)
            self._pumps[stream] = pump
            pump.start()
        if self._keyboard:
            self._keyboard.start()
        return begun

    @property
    def drained(self) -> bool:
        """Whether every stream has ended."""
        return not any(pump.is_alive() for pump in self._pumps.values())

    def mark(self) -> None:
        """The command itself has ended: what it wrote is in the streams by now."""
        self._marks = {stream: pump.moved for stream, pump in self._pumps.items()}

    @property
    def spent(self) -> bool:
        """Whether all that stood in the streams at the mark has been moved: a stream that is still open is somebody else's, silent or not."""
        return all(
            pump.waiting or pump.moved - self._marks.get(stream, 0) > PIPE_BYTES
            for stream, pump in self._pumps.items()
            if pump.is_alive()
        )

    def join(self, seconds: float) -> None:
        """Wait for the streams to end, at most so long for each."""
        for pump in self._pumps.values():
            pump.join(seconds)

    def resized(self) -> None:
        """The terminal's window has another size."""
        if self._pseudo:
            self._pseudo.resize()

    def resumed(self) -> None:
        """This process goes on after it was stopped."""
        if self._keyboard:
            self._keyboard.take()
        self.resized()

    def group(self, child: int) -> list[int]:
        """Process groups that a signal for the command is for: its own, and the one in front in its terminal."""
        front = 0
        if self._pseudo and self.manner == "terminal":
            with suppress(OSError):
                front = os.tcgetpgrp(self._pseudo.master)
        return [child, front] if front not in (0, child) else [child]

    def close(self, seconds: float) -> None:
        """Stop moving, restore the terminal. Pumps whose reader takes nothing are left behind after `seconds`."""
        for pump in self._pumps.values():
            pump.enough = True
        os.close(self._stopping)
        for stream, pump in self._pumps.items():
            pump.join(seconds)
            self._capture.end(stream)
            if pump.lost:
                self.losses.append(Loss(NAMES[stream], pump.lost, pump.lost_why))
        if self._keyboard:
            self._keyboard.give_back()
            if self._keyboard.is_alive():
                self._keyboard.join(seconds)
        if not any(pump.is_alive() for pump in self._pumps.values()):
            for source in {*self._sources.values()} - ({self._pseudo.master} if self._pseudo else set()):
                os.close(source)
            if self._pseudo:
                self._pseudo.close()
            if not (self._keyboard and self._keyboard.is_alive()):
                os.close(self._halt)

    def _open(self) -> None:
        screens = [stream for stream in (OUT, ERR) if os.isatty(self._standard[stream])]
        if screens:
            self._pseudo = Pseudo(self._standard[screens[0]], whole=self.manner == "terminal")
            self._sources[screens[0]] = self._pseudo.master
            self._theirs.update(dict.fromkeys(screens, self._pseudo.slave))
        for stream in (OUT, ERR):
            if stream not in self._theirs:
                self._sources[stream], self._theirs[stream] = _pipe()
            _widen(self._standard[stream])
        if len(self._sources) > 1:
            self._capture.of_several()


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    _widen(writing)
    return reading, writing


def _widen(descriptor: int) -> None:
    """Let a pipe hold more, where it is one: our own on the other side of the command's too, or its bytes would wait there."""
    with suppress(OSError, AttributeError):  # no pipe, or the user's share of pipe memory is used up
        if fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) < PIPE_BYTES:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def poll_of(descriptor: int) -> select.poll:
    """Make something that waits until a descriptor can be read."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return poll
