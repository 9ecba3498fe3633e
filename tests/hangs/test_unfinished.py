"""The test that had begun and not ended."""

from __future__ import annotations

import pytest

from diagnose.hangs.unfinished import MOST_OPEN, listed, unfinished
from tests.support.reading import log_of


def named(text: str) -> list[tuple[str, int, bool]]:
    log = log_of(text)
    return [(each.test, each.line, each.ended) for each in unfinished(log, 1, log.total)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "building\nlinking\n",
        "=== RUN   TestA\n--- PASS: TestA (0.00s)\n",
        "[ RUN      ] A.B\n[  FAILED  ] A.B (0 ms)\n",
        "    Start 1: a b\n1/1 Test #1: a b ....   Passed    0.01 sec\n",
        "A > b() STARTED\nA > b() FAILED\n",
        "Running com.acme.A\nTests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 sec\n",
        "tests/test_a.py ....     [100%]\n",
        "test_a (tests.A.test_a) ... \nsome output\nok\n",
        "running 1 test\ntest a ... ok\n",
        "t/a.t .. ok\n",
    ],
)
def test_what_ended_is_not_named(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("=== RUN   TestA\n=== RUN   TestA/x\n", [("TestA/x", 2, False)]),
        ("=== RUN   TestA\n=== PAUSE TestA\n=== RUN   TestB\n", [("TestB", 3, False)]),
        (
            "=== RUN   TestA\n=== PAUSE TestA\n=== RUN   TestB\n--- PASS: TestB (0.0s)\n=== CONT  TestA\n",
            [("TestA", 5, False)],
        ),
        ("tests/a.py::t1 \ntests/a.py::t2 \n[gw1] FAILED tests/a.py::t2 \n", [("tests/a.py::t1", 1, False)]),
        ("tests/a.py::t1 \noutput of t1\nPASSED  [ 50%]\ntests/a.py::t2 \n", [("tests/a.py::t2", 4, False)]),
        ("A > b() STARTED\nA > c() STARTED\n", [("A > c()", 2, False), ("A > b()", 1, False)]),
        ("test a ... ok\ntest b has been running for over 60 seconds\n", [("b", 2, False)]),
        ("test b has been running for over 60 seconds\ntest b ... ok\ntest c ... \n", [("c", 3, False)]),
        ("  Suite\n    \u2713 one\n    \u2713 two (1044ms)\n", [("two", 3, True)]),
        ("Test 'A::b' started\nTest 'A::b' ended\nTest 'A::c' started\n", [("A::c", 3, False)]),
        ("RUNS src/a.test.js\nPASS src/b.test.js\n", [("src/a.test.js", 1, False)]),
    ],
)
def test_what_did_not_end_is_named(text: str, found: list[tuple[str, int, bool]]) -> None:
    assert named(text) == found


def test_too_many_at_once_are_none() -> None:
    assert named("".join(f"A > b{number}() STARTED\n" for number in range(MOST_OPEN + 1))) == []


def test_a_long_line_and_a_long_log_take_no_time() -> None:
    assert named("x::" * 100_000 + "\n" + "tests/a.py::" + "a" * 500 + " !\n" * 1000) == []


PANIC = "panic: test timed out after 10m0s\n"


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("", []),
        ("goroutine 391 [running]:\n", []),
        ("\trunning tests:\n\ngoroutine 1\n\t\tTestA (10m0s)\n", []),
        ("\trunning tests:\n\t\tTestA (10m0s)\n\ngoroutine 391 [running]:\n\tTestB (1s)\n", [("TestA", 3)]),
        ("running tests:\n\tTestA (10m0s)\n\tTestA/x y (9m59.5s)\n", [("TestA", 3)]),
        ("running tests:\n\tTestA (10m0s)\n\tTestA/x (9m59.5s)\n\tTestB (1s)\n", [("TestB", 5), ("TestA/x", 4)]),
    ],
)
def test_what_go_lists_when_it_gives_up(text: str, tests: list[tuple[str, int]]) -> None:
    assert [(each.test, each.line) for each in listed(log_of(PANIC + text), 1)] == tests
