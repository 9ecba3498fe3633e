"""Children at once: each guarded, each with its own deadline, outcomes in the order of the children.

A child that raises, hangs or even blocks its thread costs nobody else's result: each runs in a thread with an event loop of
its own, and is abandoned at its deadline. Cancelling the caller cancels all. The threads are daemons: anyio's own workers
are not, and one that blocks for an hour would hold up the end of the program for as long.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import anyio
from anyio.from_thread import BlockingPortal

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

    async def guarded(place: int, child: Child[T]) -> None:
        start = elapsed()
        value: T | None = None
        error = ""
        with anyio.move_on_after(child.deadline) as scope:
            try:
                found: T = await _run(child, portal)
                value = found
            except _ChildError as problem:
                error = _told(problem.why)
            except Exception as problem:  # noqa: BLE001 - this is the guard: a bug of one child is a value for the others
                error = _told(problem)
        seconds = elapsed() - start
        if scope.cancelled_caught:
            outcomes[place] = Outcome(child.name, "timeout", seconds, error=f"stopped after {child.deadline:g} s")
        elif error:
            outcomes[place] = Outcome(child.name, "error", seconds, error=error)
        else:
            outcomes[place] = Outcome(child.name, "ok", seconds, value=value)

    async with BlockingPortal() as portal, anyio.create_task_group() as group:
        for place, child in enumerate(children):
            group.start_soon(guarded, place, child)
    return [outcome for outcome in outcomes if outcome is not None]


class _ChildError(Exception):
    """What a child raised in its own thread, even if it wanted to end the program."""

    def __init__(self, why: BaseException) -> None:
        super().__init__()
        self.why = why


def _told(problem: BaseException) -> str:
    try:
        return f"{type(problem).__name__}: {problem}"
    except Exception:  # noqa: BLE001 - an exception may hold what refuses to be printed
        return f"{type(problem).__name__}: it says nothing that can be read"


async def _run(child: Child[T], portal: BlockingPortal) -> T:
    if not child.own_thread:
        return await child.work()
    ended = anyio.Event()
    values: list[T] = []
    problems: list[BaseException] = []

    async def work() -> T:
        return await child.work()

    def body() -> None:
        try:
            values.append(anyio.run(work))
        except BaseException as problem:  # noqa: BLE001 - SystemExit and CancelledError of a child are its own, too
            problems.append(problem)
        with suppress(RuntimeError):  # nobody waits any more
            portal.start_task_soon(ended.set)

    Thread(target=Context().run, args=(body,), name=f"child {child.name}", daemon=True).start()
    await ended.wait()
    if problems:
        raise _ChildError(problems[0])
    return values[0]
