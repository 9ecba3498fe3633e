"""Time to resolve, and flaky tests: each from failures and green runs in a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.history.flaky import MOST, flaky_tests
from diagnose.history.resolving import BUCKETS, buckets, resolved
from diagnose.memory.history import Event, Green, History, Known
from diagnose.safety.plain import plain
from tests.support.histories import event, green, known


def history(events: list[Event], greens: list[Green], patterns: tuple[Known, ...] = (known(1), known(2))) -> History:
    return History(
        patterns, tuple(sorted(events, key=lambda one: one.at)), tuple(sorted(greens, key=lambda one: one.at))
    )


@pytest.mark.parametrize(
    ("events", "greens", "known_times", "new_times", "waiting"),
    [
        ([], [green(1)], (), (), 0),
        ([event(1, 2)], [], (), (), 1),
        ([event(1, 2)], [green(3)], (), (), 1),  # green before it
        ([event(1, 2)], [green(1, job="lint")], (), (), 1),  # another job
        ([event(1, 2)], [green(1, branch="other")], (), (), 1),
        ([event(1, 2)], [green(1, repository="acme/other")], (), (), 1),
        ([event(1, 2, branch="")], [], (), (), 0),  # a log alone is never seen green
        ([event(1, 2)], [green(1), green(0.5)], (), (1440.0,), 0),
        ([event(1, 3), event(1, 2), event(1, 1.5)], [green(1)], (), (2880.0,), 0),  # pushed three times, one failure
        ([event(1, 3), event(2, 2)], [green(1)], (), (2880.0, 1440.0), 0),  # another cause in between
        ([event(1, 3), event(1, 1, again=True)], [green(2), green(0.5)], (720.0,), (1440.0,), 0),  # back after it was green
    ],
)  # fmt: skip
def test_time_is_from_the_first_failure_to_the_next_green(
    events: list[Event],
    greens: list[Green],
    known_times: tuple[float, ...],
    new_times: tuple[float, ...],
    waiting: int,
) -> None:
    found = resolved(history(events, greens))
    assert (found.known, found.new, found.waiting) == (known_times, new_times, waiting)


def test_a_time_that_was_written_down_counts_once() -> None:
    told = history([event(1, 3), event(1, 1, again=True)], [], (known(1, elapsed=2.5),))
    assert (resolved(told).new, resolved(told).known, resolved(told).waiting) == ((150.0,), (), 0)


@pytest.mark.parametrize(
    ("minutes", "bucket"), [(0.0, 0), (14.9, 0), (15.0, 1), (59, 1), (60, 2), (239, 2), (240, 3), (1440, 4), (1e9, 4)]
)
def test_each_time_falls_in_one_bucket(minutes: float, bucket: int) -> None:
    assert buckets((minutes,)) == tuple(int(place == bucket) for place in range(len(BUCKETS)))


ONE = ("tests/test_a.py::test_one",)


@pytest.mark.parametrize(
    ("events", "greens", "patterns", "expected"),
    [
        ([event(1, 2, tests=ONE)], [], (), []),
        ([event(1, 2, tests=ONE, commit="aaa1111")], [green(1, commit="bbb2222")], (), []),
        ([event(1, 2, tests=ONE, commit="")], [green(1, commit="")], (), []),  # no commit is no code
        ([event(1, 2, tests=ONE, commit="aaa1111")], [green(1, commit="aaa1111", job="lint")], (), []),
        ([event(1, 2, verdict="flaky")], [], (), []),  # no test is named
        ([event(1, 2, verdict="flaky", tests=ONE, trusted=False)], [], (), []),  # a stranger names no test
        ([event(1, 2, verdict="flaky", tests=(*ONE, *ONE))], [], (), [(1, 1)]),
        ([event(1, 2, tests=ONE, commit="aaa1111")], [green(3, commit="aaa1111")], (), [(1, 1)]),
        ([event(1, 2, tests=ONE), event(1, 1, tests=ONE)], [], (known(1, how="re-run"),), [(2, 2)]),
        ([event(1, 3, tests=ONE), event(1, 2, verdict="flaky", tests=ONE)], [], (), [(2, 1)]),
    ],
)  # fmt: skip
def test_a_test_is_flaky_only_where_the_same_code_passed(
    events: list[Event], greens: list[Green], patterns: tuple[Known, ...], expected: list[tuple[int, int]]
) -> None:
    assert [(test.failed, test.flaky) for test in flaky_tests(history(events, greens, patterns))] == expected


def test_the_runs_of_its_job_are_in_order_and_say_what_failed() -> None:
    events = [
        event(1, 5, tests=ONE, verdict="flaky"),
        event(2, 4, tests=("other",)),
        event(2, 3, trusted=False, tests=ONE),
        event(1, 1, tests=ONE),
    ]
    (found,) = flaky_tests(history(events, [green(6), green(2), green(2, job="lint")]))
    assert found.runs == ("passed", "failed", "other", "passed", "failed")
    assert (found.reason, plain(found.job)) == (1, "test (3.12)")
    assert flaky_tests(history(events, []))[0].runs == ()


def test_the_flakiest_come_first_and_are_bounded() -> None:
    events = [event(1, place + 1, verdict="flaky", tests=(f"test_{place % 30}",)) for place in range(61)]
    found = flaky_tests(history(events, []))
    assert len(found) == MOST
    assert plain(found[0].name) == "test_0"


def test_one_test_of_two_repositories_is_two() -> None:
    events = [event(1, 2, verdict="flaky", tests=ONE), event(1, 1, verdict="flaky", tests=ONE, repository="acme/other")]
    assert len(flaky_tests(history([replace(one) for one in events], []))) == 2
