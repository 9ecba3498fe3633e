from __future__ import annotations

import pytest

from diagnose.rank import window as module
from diagnose.rank.window import Window, candidate_numbers, neighbourhood, windows_of
from diagnose.scan.rule import Block
from tests.support.reading import STAMP, github_log, rule, scan_of, stamped

FAILS = "##[error]Process completed with exit code 1."
CANCELLED = "##[error]The operation was canceled."
BAD = rule("bad", "bad")


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", [("", 1, 1, 0, False)]),
        ("a\nb\n", [("", 1, 2, 0, False)]),
        (github_log(("a", "one"), ("b", f"x\n{FAILS}")), [("Run b", 11, 12, 12, True)]),
        (
            github_log(("a", f"x\n{FAILS}"), ("b", f"y\nz\n{FAILS}")),
            [("Run a", 6, 7, 7, True), ("Run b", 12, 14, 14, True)],
        ),
        (github_log(("a", f"x\n{FAILS}\nbehind")), [("Run a", 6, 7, 7, True)]),
        (github_log(("a", f"x\n{CANCELLED}"), ("b", f"no such file\n{FAILS}")), [("Run a", 6, 7, 7, True)]),
        (
            github_log(("a", f"x\n{FAILS}"), ("b", f"y\n{CANCELLED}")),
            [("Run a", 6, 7, 7, True), ("Run b", 12, 13, 13, True)],
        ),
        (
            "".join(
                f"{step}\t{STAMP}{text}\n"
                for step in ("j\ta", "j\tc", "k\tb")
                for text in ("x", CANCELLED if step == "j\ta" else FAILS)
            ),
            [("a", 1, 2, 2, True), ("b", 5, 6, 6, True)],
        ),
        (github_log(("acme/a@v1", "x\n##[error]note\ny")), [("Run acme/a@v1", 6, 7, 7, False)]),
        (github_log(("a", "one"), ("b", "two")), [("", 1, 13, 0, False)]),
        (github_log(("a", FAILS)), [("Run a", 6, 6, 6, True)]),
        (stamped(FAILS), [("", 1, 1, 1, True)]),
        ('travis_fold:start:x\n$ a\nout\nThe command "a" exited with 0.\n$ b\nout\nmore\n', [("b", 6, 7, 0, False)]),
        (
            'travis_fold:start:x\n$ a\nout\nThe command "a" exited with 2.\n\nDone. Your build exited with 1.\n',
            [("a", 3, 4, 4, True)],
        ),
        ("travis_fold:start:x\n$ a\nout\nDone. Your build exited with 0.\n", [("a", 3, 3, 0, False)]),
        (f"j\ta\t{STAMP}out\nj\tb\t{STAMP}x\ty\nj\tPost b\t{STAMP}Post job cleanup.\n", [("b", 2, 2, 0, False)]),
    ],
)
def test_where_the_cause_is_looked_for(text: str, windows: list[tuple[str, int, int, int, bool]]) -> None:
    found = windows_of(scan_of(text))
    assert [
        (window.step.name if window.step else "", window.first, window.last, window.told, window.certain)
        for window in found
    ] == windows


@pytest.mark.parametrize(
    ("former", "last", "looked_at"),
    [
        ("fatal: no answer", "bad\n", []),  # the failed step says why itself
        ("fatal: no answer", "sh: test/run: No such file or directory\nand more\n", []),
        ("fatal: no answer", "sh: test/run: No such file or directory\n" * 9, []),
        ("fatal: no answer", "", ["a"]),
        ("fatal: no answer", "sh: test/run: No such file or directory\n", ["a"]),
        ("", "sh: test/run: No such file or directory\n", ["a"]),
    ],
)
def test_a_step_that_misses_something_leads_to_the_one_before_it(former: str, last: str, looked_at: list[str]) -> None:
    text = f'travis_fold:start:x\n$ a\n{former}\nThe command "a" exited with 0.\n$ b\n{last}The command "b" exited with 127.\n\nDone. Your build exited with 1.\n'
    windows = windows_of(scan_of(text))
    assert [window.step.name for window in windows if window.before and window.step] == looked_at
    assert [(window.step.name, window.certain) for window in windows if window.step and not window.before] == [
        ("b", True)
    ]


def test_what_is_looked_at_before_a_failed_step_is_bounded() -> None:
    text = (
        "travis_fold:start:x\n$ a\n"
        + "out\n" * 1000
        + 'The command "a" exited with 0.\n$ b\nThe command "b" exited with 1.\n\nDone. Your build exited with 1.\n'
    )
    first, second = windows_of(scan_of(text))
    assert (first.before, first.last - first.first, second.certain) == (True, module.BEFORE_LINES, True)


def candidates(text: str, first: int, last: int) -> list[int]:
    return candidate_numbers(scan_of(text, BAD), Window(None, first, last, 0, certain=False))


def test_every_line_of_a_short_window_is_a_candidate() -> None:
    assert candidates("a\n" * 50, 3, 20) == list(range(3, 21))


def test_of_a_long_window_hits_words_and_the_closing_lines_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("LAST_LINES", 20), ("CLOSING", 5), ("FIRST_HITS", 2), ("LAST_HITS", 1)):
        monkeypatch.setattr(module, name, value)
    lines = ["quiet"] * 100
    for number in (2, 30, 40, 50, 99):
        lines[number - 1] = "an error"
    for number in (3, 33, 44, 55):
        lines[number - 1] = "bad"
    lines[101:] = ["error", "bad"]
    found = candidates("\n".join(lines) + "\n", 10, 90)
    assert found == [30, 33, 40, 44, 50, 55, *range(85, 91)]


def test_lines_beside_a_candidate_are_read_with_it() -> None:
    scan = scan_of("".join(f"{number}\n" for number in range(1, 101)))
    near = neighbourhood(scan, [1, 50, 53, 100])
    assert sorted(near) == [*range(1, 5), *range(47, 57), *range(97, 101)]
    assert all(line.text == str(number) == str(line.number) for number, line in near.items())
    assert neighbourhood(scan, []) == {}
    assert sorted(neighbourhood(scan, [7], reach=0)) == [7]


WARNS = rule("^warning: ", "warning: ", id="tool/warns", kind="warning", block=Block(after=4, after_while="^ "))


@pytest.mark.parametrize(
    ("text", "warned", "listed"),
    [
        ("a\nb\n", set(), set()),
        ("warning: x\n  error here\n  and here\nb\n", {2, 3}, set()),
        ("warning: x\nb\n", set(), set()),
        ("> White listed:\n  1. [L1] 404 http://x\n  2. http://y timed out\n\nIssues\n  1. 404\n", set(), {2, 3}),
        ("Ignored issues (2):\n- CVE-1\n- CVE-2\nCVE-3\n", set(), {2, 3}),
        ("Known failures:\n  test_a\ntest_b\n", set(), {2}),
        ("ERRORS IGNORED:\n  1 unique\n", set(), {2}),
        ("Expected:\n  3\n", set(), set()),
        ("Allowed:\n  3\n", set(), set()),
        ("Errors:\n  3\n", set(), set()),
        ("it is ignored\n  3\n", set(), set()),
    ],
)
def test_what_does_not_count_is_found(text: str, warned: set[int], listed: set[int]) -> None:
    scan = scan_of(text, WARNS)
    lines = {line.number: line for line in scan.log.lines(1, scan.log.total)}
    assert module.spared(scan, lines) == (warned, listed)
