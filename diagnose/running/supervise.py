"""From the command's start to the end of all that it started.

It ends by itself, or we are told to end it: then it is told the same, and after SIGTERM it has `grace` seconds before SIGKILL. What it leaves
behind when it has ended gets SIGTERM after `settle` seconds, and SIGKILL after two more; what cannot be ended is named, and nobody waits for it.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.running.alarms import HANDED_ON, Alarms
from diagnose.running.family import Family, Member, send
from diagnose.running.start import NotStarted
from diagnose.running.streams import Loss, Manner, Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from diagnose.running.capture import Capture

LEFT_GRACE: Final = 2.0
"""Seconds between SIGTERM and SIGKILL for what is left behind; and that a killed process may take to vanish."""

LOOK: Final = 0.05
"""Seconds between looks at what is left."""

PATIENCE: Final = 2.0
"""Seconds for the last bytes to be taken when we were told to end."""


class Terms(NamedTuple):
    """grace, settle: seconds, as the module says. leave: what is left behind may go on."""

    grace: float = 10.0
    settle: float = 1.0
    leave: bool = False


class Ended(NamedTuple):
    """How a command ended. code: its exit code, or minus the signal that ended it. asked: the signal that we were told to end by, 0 for none.

    left: the names of what it left behind and was ended; undead: of what could not be. Names are foreign text. adopted: whether daemons were seen.
    """

    code: int
    asked: int
    seconds: float
    manner: Manner
    left: tuple[str, ...]
    undead: tuple[str, ...]
    losses: tuple[Loss, ...]
    adopted: bool


def supervise(
    argv: Sequence[str],
    env: Mapping[str, str],
    capture: Capture,
    meanwhile: Callable[[], Callable[[], float]],
    terms: Terms = Terms(),  # noqa: B008 - immutable
    *,
    standard: Sequence[int] = (0, 1, 2),
) -> Ended | NotStarted:
    """Run a command to its end. standard: our own streams. meanwhile: called once the command runs; gives the seconds of a clock.

    To be called in the main thread, where signals come.
    """
    family = Family(adopt=not terms.leave)
    with Alarms() as alarms:
        streams = Streams(capture, standard)
        watch = _Watch(streams, alarms, family, terms)
        try:
            child = streams.start(argv, env)
            if isinstance(child, NotStarted):
                return child
            watch.child, family.group = child, child if streams.apart else 0
            watch.elapsed = meanwhile()
            began = watch.elapsed()
            code = watch.until_it_ends()
            watch.settle()
        except BaseException:  # a mistake of ours: nothing is left running unseen
            send(family.members(), signal.SIGKILL)
            streams.join(LOOK)
            family.tidy()
            raise
        finally:
            streams.close(PATIENCE)
            family.release()
    return Ended(
        code,
        watch.asked,
        watch.elapsed() - began,
        streams.manner,
        tuple(watch.left.values()),
        watch.undead,
        tuple(streams.losses),
        family.adopts,
    )


class _Watch:
    """Looks after one command. asked: the last signal that we were told to end by."""

    def __init__(self, streams: Streams, alarms: Alarms, family: Family, terms: Terms) -> None:
        self.child = 0
        self.asked = 0
        self.left: dict[int, str] = {}
        self.undead: tuple[str, ...] = ()
        self.elapsed: Callable[[], float] = float
        self._streams, self._alarms, self._family, self._terms = streams, alarms, family, terms
        self._kill_at: float | None = None

    def until_it_ends(self) -> int:
        """Wait for the command itself. Returns its exit code, or minus its signal; minus SIGTERM when it cannot be ended."""
        status = self._family.reap(self.child)
        while status is None:
            due = None if self._kill_at is None else self._kill_at - self.elapsed()
            if due is not None and due <= 0:
                members = self._family.members()
                if due < -LEFT_GRACE:
                    self.undead = tuple(member.name for member in members)
                    return -signal.SIGTERM
                send(members, signal.SIGKILL)
                due = LOOK
            self._hear(self._alarms.wait(due))
            status = self._family.reap(self.child)
        return os.waitstatus_to_exitcode(status)

    def settle(self) -> None:
        """Take in the last bytes; end what is left behind."""
        self._streams.mark()
        now = self.elapsed()
        steps = _Steps(now if self.asked else now + self._terms.settle)
        while not self.undead and not self._is_over(steps):
            self._streams.join(LOOK)
            self._hear(self._alarms.wait(LOOK if self._streams.drained else 0))
            self._family.tidy()
        self._family.tidy()  # what ended between that look and the last one

    def _is_over(self, steps: _Steps) -> bool:
        members = [] if self._terms.leave else self._family.members()
        if not members and self._streams.drained:
            return True
        now = self.elapsed()
        if now < steps.at:
            return False
        if not members:  # a stranger, or one that may stay, holds a stream; or its reader is slow
            return self._streams.spent or (self.asked != 0 and now >= steps.at + PATIENCE)
        if steps.sent is signal.SIGKILL and now >= steps.at + LEFT_GRACE:
            self.undead = tuple(member.name for member in members)
            return True
        self._end(members, steps, now)
        return False

    def _end(self, members: list[Member], steps: _Steps, now: float) -> None:
        if steps.sent is not None and now >= steps.at + LEFT_GRACE and steps.sent is not signal.SIGKILL:
            steps.sent, steps.at = signal.SIGKILL, now
        fresh = [member for member in members if member.pid not in self.left]
        if steps.sent is None:
            steps.sent, steps.at = signal.SIGTERM, now
        send(members if steps.sent is signal.SIGKILL else fresh, steps.sent)
        self.left |= {member.pid: member.name for member in fresh}

    def _hear(self, numbers: list[int]) -> None:
        for number in numbers:
            if number == signal.SIGWINCH:
                self._streams.resized()
            elif number == signal.SIGCONT:
                self._streams.resumed()
            elif number in HANDED_ON:
                self._hand_on(signal.Signals(number))

    def _hand_on(self, number: signal.Signals) -> None:
        if number not in (signal.SIGUSR1, signal.SIGUSR2):
            self.asked = number
        if number == signal.SIGTERM and self._kill_at is None:
            self._kill_at = self.elapsed() + self._terms.grace
        if not self._streams.apart:
            if number not in (signal.SIGINT, signal.SIGQUIT):  # these the terminal has told the command already
                send(self._family.members(), number)
            return
        for group in self._streams.group(self.child):
            with suppress(OSError):
                os.killpg(group, number)
                if number == signal.SIGTERM:
                    os.killpg(group, signal.SIGCONT)


class _Steps:
    """How far the ending of what is left has come. sent: the last signal. at: since when, or when it begins."""

    def __init__(self, at: float) -> None:
        self.sent: signal.Signals | None = None
        self.at = at
