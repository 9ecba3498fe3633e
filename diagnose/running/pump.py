"""One stream of a command: read as soon as something is there, passed on as it is, kept."""

from __future__ import annotations

import errno
import os
import select
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST: Final = 1 << 20
"""Bytes that are read at once."""

GONE: Final = (errno.EPIPE, errno.EIO, errno.EBADF, errno.ENXIO, errno.ECONNRESET)
"""A reader that has left does not come back; a full disk may have room again."""


class Pump(threading.Thread):
    """Moves bytes from `source` to `sink` until the source ends. A sink that takes nothing more does not end it.

    waiting: nothing is there to be read. moved: bytes read. lost: bytes that the sink did not take, lost_why: the reason of the first loss.
    enough: set by others, with which `stop` becomes readable: it ends at the next look.
    """

    def __init__(self, source: int, sink: int, keep: Callable[[memoryview], None], stop: int) -> None:
        super().__init__(daemon=True)
        self.waiting = False
        self.enough = False
        self.moved = 0
        self.lost = 0
        self.lost_why = ""
        self._source, self._sink, self._keep, self._halt = source, sink, keep, stop
        self._gone = False

    def run(self) -> None:
        """Move all there is."""
        buffer = bytearray(LARGEST)
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        poll.register(self._halt, select.POLLIN)
        while self._ready(poll):
            try:
                count = os.readv(self._source, [buffer])
            except BlockingIOError:
                continue
            except OSError:  # a pseudo-terminal whose last user has gone says EIO
                return
            if not count:
                return
            self.moved += count
            piece = memoryview(buffer)[:count]
            self._pass_on(piece)
            self._keep(piece)

    def _ready(self, poll: select.poll) -> bool:
        """Wait for bytes or the source's end."""
        if self.enough:
            return False
        self.waiting = True
        found = poll.poll()
        self.waiting = False
        return any(descriptor == self._source for descriptor, _ in found)

    def _pass_on(self, piece: memoryview) -> None:
        while piece and not self._gone:
            try:
                count = os.write(self._sink, piece)
            except BlockingIOError:
                _writable(self._sink)
                continue
            except OSError as error:
                self._gone = error.errno in GONE
                self.lost_why = self.lost_why or (error.strerror or "it cannot be written").lower()
                break
            piece = piece[count:]
        self.lost += len(piece)


def _writable(sink: int) -> None:
    poll = select.poll()
    poll.register(sink, select.POLLOUT)
    poll.poll()
