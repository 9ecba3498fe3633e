"""Children at once: each guarded, each with its own deadline, outcomes in the order of the children.

A child that raises, hangs or even blocks its thread costs nobody else's result: each runs in a worker thread with an event
loop of its own, and is abandoned at its deadline. Cancelling the caller cancels all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Child(Generic[T]):
    """Something to run: a name for the report, the work, and how many seconds it may take.

    own_thread: run it in a thread of its own, so that it may block; else it runs on the caller's loop.
    """

    name: str
    work: Callable[[], Awaitable[T]]
    deadline: float
    own_thread: bool = True


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """How a child fared. value is there exactly when status is ok; error is a sentence for the report otherwise."""

    name: str
    status: Literal["ok", "error", "timeout"]
    seconds: float
    value: T | None = None
    error: str = ""


async def gather(children: Sequence[Child[T]], elapsed: Callable[[], float]) -> list[Outcome[T]]:
    """Run all `children` at once and return their outcomes in order.

    elapsed: a clock in seconds. Raises nothing of a child's; cancellation of the caller passes through.
    """
    outcomes: list[Outcome[T] | None] = [None] * len(children)
    limiter = anyio.CapacityLimiter(max(1, len(children)))

    async def guarded(place: int, child: Child[T]) -> None:
        start = elapsed()
        value: T | None = None
        error = ""
        with anyio.move_on_after(child.deadline) as scope:
            try:
                value = await _run(child, limiter)
            except Exception as problem:  # noqa: BLE001 - this is the guard: a bug of one child is a value for the others
                error = f"{type(problem).__name__}: {problem}"
        seconds = elapsed() - start
        if scope.cancelled_caught:
            outcomes[place] = Outcome(child.name, "timeout", seconds, error=f"stopped after {child.deadline:g} s")
        elif error:
            outcomes[place] = Outcome(child.name, "error", seconds, error=error)
        else:
            outcomes[place] = Outcome(child.name, "ok", seconds, value=value)

    async with anyio.create_task_group() as group:
        for place, child in enumerate(children):
            group.start_soon(guarded, place, child)
    return [outcome for outcome in outcomes if outcome is not None]


async def _run(child: Child[T], limiter: anyio.CapacityLimiter) -> T:
    if not child.own_thread:
        return await child.work()

    async def work() -> T:
        return await child.work()

    return await anyio.to_thread.run_sync(lambda: anyio.run(work), abandon_on_cancel=True, limiter=limiter)
