from __future__ import annotations

import asyncio  # noqa: TID251 - a child may raise what its event loop raises
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest

from diagnose.kit.gather import Child, Outcome, gather
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]


def ticks() -> Callable[[], float]:
    """A clock that moves by one second at each look."""
    steps = count()
    return lambda: float(next(steps))


async def says(value: object, after: float = 0.0) -> object:
    await anyio.sleep(after)
    return value


async def raises(problem: BaseException) -> object:
    raise problem


async def hangs() -> object:
    await anyio.sleep_forever()
    return None


async def blocks() -> object:
    time.sleep(1.5)  # noqa: ASYNC251 - a child that blocks its thread is what is tested
    return "late"


async def run(*children: Child[Any]) -> list[Outcome[Any]]:
    return await gather(children, ticks())


class MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


async def test_no_children_have_no_outcomes() -> None:
    assert await run() == []


@pytest.mark.parametrize("own_thread", [True, False])
@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (RuntimeError("broke"), "RuntimeError: broke"),
        (RuntimeError(), "RuntimeError: "),
        (TimeoutError("its own"), "TimeoutError: its own"),
        (StopAsyncIteration("end"), "StopAsyncIteration: end"),
        (ValueError(Untrusted("secret")), "ValueError: it says nothing that can be read"),
        (MuteError(), "MuteError: it says nothing that can be read"),
        (ExceptionGroup("both", [ValueError("a")]), "ExceptionGroup: both (1 sub-exception)"),
    ],
)
async def test_a_child_that_raises_is_a_sentence_and_costs_nobody_else(
    problem: Exception, error: str, *, own_thread: bool
) -> None:
    bad, good = await run(
        Child("bad", lambda: raises(problem), 5, own_thread), Child("good", lambda: says(7), 5, own_thread)
    )
    assert (bad.status, bad.error, bad.value) == ("error", error, None)
    assert (good.status, good.error, good.value) == ("ok", "", 7)


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt("x"), "KeyboardInterrupt: x"),
        (asyncio.CancelledError("odd"), "CancelledError: odd"),
    ],
)
async def test_not_even_a_child_that_wants_to_end_the_program_does(problem: BaseException, error: str) -> None:
    bad, good = await run(Child("bad", lambda: raises(problem), 5), Child("good", lambda: says(7), 5))
    assert (bad.status, bad.error) == ("error", error)
    assert good.value == 7


async def test_work_that_cannot_even_be_called_is_an_error() -> None:
    def broken() -> Any:
        raise LookupError("no such agent")

    (bad,) = await run(Child("bad", broken, 5))
    assert (bad.status, bad.error) == ("error", "LookupError: no such agent")


@pytest.mark.parametrize("own_thread", [True, False])
async def test_a_child_that_waits_for_ever_is_stopped_at_its_deadline(*, own_thread: bool) -> None:
    hung, good = await run(Child("hung", hangs, 0.05, own_thread), Child("good", lambda: says("here"), 5, own_thread))
    assert hung == Outcome("hung", "timeout", hung.seconds, error="stopped after 0.05 s")
    assert good.value == "here"


async def test_a_child_that_blocks_its_thread_is_abandoned_and_the_others_go_on() -> None:
    blocked, good = await run(Child("blocked", blocks, 0.05), Child("good", lambda: says("here", after=0.1), 5))
    assert (blocked.status, blocked.value) == ("timeout", None)
    assert good.value == "here"


async def test_outcomes_keep_the_order_of_the_children_whoever_ends_first() -> None:
    waits = (0.06, 0.0, 0.03)
    outcomes = await run(*(Child(f"after {wait}", lambda wait=wait: says(wait, wait), 5) for wait in waits))  # type: ignore[misc]
    assert [(outcome.name, outcome.value) for outcome in outcomes] == [(f"after {wait}", wait) for wait in waits]


async def test_more_children_than_threads_that_anyio_grants_run_at_once() -> None:
    together = threading.Barrier(60, timeout=20)

    async def meets() -> int:
        return together.wait() and 1

    outcomes = await run(*(Child(str(number), meets, 30) for number in range(60)))
    assert {outcome.status for outcome in outcomes} == {"ok"}


async def test_none_is_a_value() -> None:
    assert await run(Child("none", lambda: says(None), 5)) == [Outcome("none", "ok", 1.0)]


async def test_seconds_are_those_of_the_clock_that_was_handed_in() -> None:
    (outcome,) = await run(Child("one", lambda: says(1), 5, own_thread=False))
    assert outcome.seconds == 1.0


@pytest.mark.parametrize("own_thread", [True, False])
async def test_cancelling_the_caller_cancels_all_and_is_not_swallowed(*, own_thread: bool) -> None:
    started = threading.Event()
    behind: list[str] = []

    async def work() -> object:
        started.set()
        return await hangs()

    async def caller() -> None:
        await run(Child("hung", work, 30, own_thread), Child("other", hangs, 30, own_thread))
        behind.append("the caller went on")

    async with anyio.create_task_group() as group:
        group.start_soon(caller)
        await anyio.to_thread.run_sync(started.wait)
        group.cancel_scope.cancel()
    assert behind == []


def test_a_blocked_child_does_not_hold_up_the_end_of_the_program() -> None:
    code = (
        "import anyio, time\n"
        "from diagnose.kit.gather import Child, gather\n"
        "async def stuck(): time.sleep(3600)\n"
        "print(anyio.run(gather, [Child('stuck', stuck, 0.05)], time.perf_counter)[0].status)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("timeout\n", "", 0)
