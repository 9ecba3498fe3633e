"""The store's functions for an event loop: each runs in a worker thread, and the loop goes on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread

from diagnose.memory import patterns as stored
from diagnose.memory import recognise
from diagnose.memory import record as recording
from diagnose.memory.similarity import SAME

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from diagnose.memory.entry import Entry
    from diagnose.memory.patterns import Resolution
    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.recognise import Lookup
    from diagnose.memory.record import Occurrence, Recorded
    from diagnose.memory.rows import Pattern
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store


async def record(store: Store, occurrence: Occurrence) -> Recorded | StoreProblem:
    """As `diagnose.memory.record.record`; a write that has begun is finished, cancelled or not."""
    return await anyio.to_thread.run_sync(partial(recording.record, store, occurrence))


async def lookup(
    store: Store,
    entries: Sequence[Entry],
    signatures: Sequence[Signature],
    *,
    repository: str,
    target: str,
    now: datetime,
    least: float = SAME,
) -> Lookup:
    """As `diagnose.memory.recognise.lookup`; given up at once when cancelled."""
    ask = partial(
        recognise.lookup, store, entries, signatures, repository=repository, target=target, now=now, least=least
    )
    return await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)


async def resolve(
    store: Store, signature: Signature, resolution: Resolution, *, repository: str, now: datetime
) -> Pattern | StoreProblem:
    """As `diagnose.memory.patterns.resolve`; a write that has begun is finished, cancelled or not."""
    return await anyio.to_thread.run_sync(
        partial(stored.resolve, store, signature, resolution, repository=repository, now=now)
    )
