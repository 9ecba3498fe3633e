"""What a run did outside itself: requests, programs. Noted where it happens, read by who keeps the trail; without a reader nothing is kept."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST: Final = 50
"""Distinct endpoints, and programs, that are named; all are counted."""


@dataclass(slots=True)
class Ledger:
    """Requests by endpoint (no query, no host), programs as they were called. The counts go on where the lists end."""

    requests: int = 0
    endpoints: dict[str, int] = field(default_factory=dict)
    programs: int = 0
    commands: list[tuple[str, ...]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def request(self, endpoint: str) -> None:
        """Count a request."""
        with self._lock:
            self.requests += 1
            if endpoint in self.endpoints or len(self.endpoints) < MOST:
                self.endpoints[endpoint] = self.endpoints.get(endpoint, 0) + 1

    def program(self, argv: Sequence[str]) -> None:
        """Count a program that was started."""
        with self._lock:
            self.programs += 1
            if len(self.commands) < MOST:
                self.commands.append(tuple(argv))


_PRESENT: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@contextmanager
def ledger() -> Iterator[Ledger]:
    """Keep a ledger of what happens inside, tasks and worker threads included."""
    found = Ledger()
    token = _PRESENT.set(found)
    try:
        yield found
    finally:
        _PRESENT.reset(token)


def note_request(endpoint: str) -> None:
    """Say that a request is sent. endpoint: its path, without the query."""
    found = _PRESENT.get()
    if found is not None:
        found.request(endpoint)


def note_program(argv: Sequence[str]) -> None:
    """Say that a program is started."""
    found = _PRESENT.get()
    if found is not None:
        found.program(argv)
