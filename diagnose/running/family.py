"""The processes that a command has started, whoever their parent is by now, and how they are ended.

On Linux this process asks to become the parent of what loses its own (`prctl(PR_SET_CHILD_SUBREAPER)`), so a daemon that left its group and its
session is still found below it. Elsewhere a process that left the group and lost its parent cannot be told from a stranger's: it is let be.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.running.start import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SUBREAPER: Final = 36  # PR_SET_CHILD_SUBREAPER, linux/prctl.h
ENDED: Final = "ZX"
STATE, PARENT, GROUP, BEGAN = 0, 1, 2, 19
"""Places in /proc/PID/stat behind the name, see proc(5)."""


class Member(NamedTuple):
    """A process. began: what tells it from a later one of the same number; "" where unknown. name: as its program says, foreign text."""

    pid: int
    parent: int
    group: int
    state: str
    name: str
    began: str = ""


class Family:
    """What stands below this process now and did not before.

    adopt: whether what loses its parent comes to us. table: a look at all processes.
    """

    def __init__(self, *, adopt: bool = True, table: Callable[[], Mapping[int, Member]] | None = None) -> None:
        self._table = table or (from_proc if os.path.exists("/proc/self/stat") else from_ps)  # noqa: PTH110 - pathlib is not needed for more
        self._before = (
            frozenset(child.pid for child in self._table().values() if child.parent == os.getpid())
            if has_children()
            else frozenset()
        )
        self.adopts = adopt and _adopt(1)
        self.group = 0

    def members(self) -> list[Member]:
        """Those that live."""
        if self.adopts and not self._before and not has_children():
            return []
        table = self._table()
        below: dict[int, list[Member]] = {}
        for one in table.values():
            below.setdefault(one.parent, []).append(one)
        found: dict[int, Member] = {}
        queue = [one for one in below.get(os.getpid(), []) if one.pid not in self._before]
        if self.group and self.group != os.getpgrp():
            queue += [one for one in table.values() if one.group == self.group]
        while queue:
            one = queue.pop()
            if one.pid not in found and one.pid != os.getpid():
                found[one.pid] = one
                queue += below.get(one.pid, [])
        return [one for one in found.values() if one.state not in ENDED]

    def reap(self, child: int) -> int | None:
        """Take note of those that have ended. Returns the status of `child` (as of `waitpid`) when it is among them."""
        if not self.adopts:
            pid, status = os.waitpid(child, os.WNOHANG)
            return status if pid else None
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return None
            if ended.si_pid in self._before:  # not ours to take; ours may still stand behind it
                pid, status = os.waitpid(child, os.WNOHANG)
                return status if pid else None
            pid, status = os.waitpid(ended.si_pid, os.WNOHANG)
            if pid == child:
                return status

    def tidy(self) -> None:
        """Reap those that were adopted, when the command itself is gone."""
        if not self.adopts or not has_children():
            return
        for one in self._table().values():
            if one.parent == os.getpid() and one.state in ENDED and one.pid not in self._before:
                with suppress(ChildProcessError):
                    os.waitpid(one.pid, os.WNOHANG)

    def release(self) -> None:
        """Adopt no more."""
        if self.adopts:
            _adopt(0)


def send(members: Iterable[Member], number: signal.Signals) -> None:
    """Send a signal to each that is still the process that was seen; one that may not be signalled is passed over."""
    for member in members:
        with suppress(OSError):
            _send(member, number)
            if number == signal.SIGTERM:
                _send(member, signal.SIGCONT)  # one that is stopped would not see it


def _send(member: Member, number: signal.Signals) -> None:
    if not member.began or not hasattr(os, "pidfd_open"):
        os.kill(member.pid, number)
        return
    try:
        handle = os.pidfd_open(member.pid)
    except ProcessLookupError:
        return
    except OSError:  # a sandbox that does not know the call
        os.kill(member.pid, number)
        return
    try:
        now = _read_stat(member.pid)
        if now is not None and now.began == member.began:
            signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)


def has_children() -> bool:
    """Whether this process has any child, living or ended."""
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def from_proc() -> dict[int, Member]:
    """Look at /proc. Processes that end meanwhile are not in it."""
    found = (_read_stat(int(name)) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208 - names, not paths
    return {one.pid: one for one in found if one is not None}


def _read_stat(pid: int) -> Member | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - hundreds of times
            text = file.read()
    except OSError:
        return None
    name, _, rest = text.partition(b"(")[2].rpartition(b")")
    fields = rest.decode("ascii", "replace").split()
    if len(fields) <= BEGAN:
        return None
    return Member(
        pid, int(fields[PARENT]), int(fields[GROUP]), fields[STATE], name.decode("utf-8", "replace"), fields[BEGAN]
    )


def from_ps() -> dict[int, Member]:
    """Ask `ps`, where there is no /proc (macOS, BSD)."""
    reading, writing = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    begun = start(
        ("ps", "-A", "-o", "pid=,ppid=,pgid=,state=,comm="), os.environ, {0: null, 1: writing, 2: null}, group=False
    )
    os.close(writing)
    os.close(null)
    with os.fdopen(reading, "rb") as file:
        text = file.read().decode("utf-8", "replace")
    if not isinstance(begun, int):
        return {}
    os.waitpid(begun, 0)
    found = (line.split(None, 4) for line in text.splitlines())
    return {
        int(pid): Member(int(pid), int(parent), int(group), state[0], name)
        for pid, parent, group, state, name in (parts for parts in found if len(parts) == len(Member._fields) - 1)
        if int(pid) != begun
    }


def _adopt(on: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    with suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, on, 0, 0, 0) == 0)
    return False
