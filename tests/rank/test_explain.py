"""Why a line won: short true sentences of the features that decided, without the features' names."""

from __future__ import annotations

import re

import pytest

from diagnose.rank import explain as module
from diagnose.rank.causes import causes_of
from diagnose.rank.explain import compared, runner_up, words
from diagnose.rank.features import CONTEXT, names
from diagnose.rank.reading import Reading
from diagnose.rank.shapes import shapes
from tests.support.reading import github_log, reading_of, rule, shipped_reading_of

FAILS = "##[error]Process completed with exit code 1."
CAUSE = rule(r"^boom: (?P<message>.*)", "boom: ", id="tool/boom")
LIGHT = rule("^hm: ", "hm: ", id="tool/hm", weight=0.4)
DETAIL = rule("^FAILED ", "FAILED ", id="tests/summary", kind="detail")
WARNING = rule("^careful: ", "careful: ", id="tool/careful", kind="warning")
EXIT = rule(r"^##\[error\]Process completed", "##[error]Process completed", id="ci/exit-code", kind="wrapper")
REAL = github_log(
    (
        "pytest",
        "collected 2 items\nE       assert 1 == 2\n\ntests/test_a.py:4: AssertionError\nFAILED tests/test_a.py::test_a - assert 1 == 2\n1 failed in 0.1s\n"
        + FAILS,
    )
)
JARGON = re.compile(r"[a-z]_[a-z]|log1p|weight|score|shape|feature|nth")


def read(output: str, *, step: str = "make") -> Reading:
    return reading_of(github_log((step, f"{output}\n{FAILS}")), CAUSE, LIGHT, DETAIL, WARNING)


def told(reading: Reading, line: int = 0) -> list[str]:
    one = next((one for one in reading.candidates if one.line == line), reading.candidates[0])
    return words(reading, one)


def test_a_line_without_a_rival_says_that_there_is_none() -> None:
    reading = read("boom: bad")
    only = Reading(reading.scan, reading.windows, reading.candidates[:1], 0.5)
    assert runner_up(only, only.candidates[0]) is None
    assert words(only, only.candidates[0]) == ["No other line of what failed may be the reason."]


def test_a_line_of_the_same_cause_is_no_rival() -> None:
    reading = read("boom: bad 1\n\nquiet\n\nboom: bad 2")
    best, other = reading.candidates[0], runner_up(reading, reading.candidates[0])
    assert other is None or not other.text.startswith("boom: ")
    assert best.text.startswith("boom: ")


def test_two_lines_that_nothing_sets_apart() -> None:
    reading = read("boom: bad\n\n\nKeyError: 'x'")
    first = reading.candidates[0]
    assert compared(reading, first, first).why == ()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("boom: bad\n\nKeyError: 'x'", "A rule knows it as a cause (tool/boom), and none knows line "),
        ("quiet\n" * 9 + "boom: bad\n\nsome words here", "A rule knows it as a cause (tool/boom)"),
        ("boom: bad\n\nhm: light one", "(tool/boom) tells more surely what failed than that of line "),
    ],
)
def test_what_a_rule_knows_is_said_with_the_rules_name(output: str, said: str) -> None:
    reading = read(output)
    assert reading.candidates[0].text == "boom: bad"
    assert any(said in sentence for sentence in told(reading)), told(reading)


def test_a_later_cause_is_told_what_stands_above_it() -> None:
    reading = read("boom: bad\n\nKeyError: 'x'")
    groups = causes_of(reading)
    second = words(reading, groups[1].lead)
    assert second[0] == f"Line {groups[0].lead.line} stands above it:"
    assert words(reading, groups[0].lead)[0] == f"It stands above line {groups[1].lead.line}, the next best:"


def test_what_a_passing_run_prints_too_is_said() -> None:
    text = github_log(("make", f"something odd here\nsomething else here\n{FAILS}"))
    passing = frozenset({hash("something odd here")})
    reading = reading_of(text, EXIT, passing=passing)
    assert reading.candidates[0].text == "something else here"
    assert any("a passing run prints line " in sentence.lower() for sentence in told(reading)), told(reading)


@pytest.mark.parametrize(
    "text",
    [
        REAL,
        github_log(
            (
                "make",
                f"a.c:3:5: error: bad\nmake: *** [a.o] Error 1\nb.c:1:2: error: worse\n\x1b[31mKeyError: 'x'\x1b[0m\n{FAILS}",
            )
        ),
        github_log(
            ("make", f"odd\n{FAILS}"),
            ("npm test", f"TypeError: x is not a function\n    at a (b.js:1:2)\n    at c (d.js:3:4)\n{FAILS}"),
        ),
        '$ make\nError: it broke\n  because of this\nFailed to do that\nThe command "make" exited with 2.\n\nDone. Your build exited with 1.\n',
        "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/b.go:3 +0x1\nexit status 2\n",
    ],
)
def test_sentences_are_few_short_whole_and_of_no_jargon(text: str) -> None:
    reading = shipped_reading_of(text)
    assert reading.candidates
    for group in causes_of(reading):
        if group.lead not in reading.candidates:
            continue
        said = words(reading, group.lead)
        assert 1 <= len(said) <= 2 + module.MOST + 1
        assert len(set(said)) == len(said)
        for sentence in said:
            assert sentence.endswith((".", ":")), sentence
            assert sentence[0].isupper(), sentence
            assert len(sentence) < 160, sentence
            assert not JARGON.search(re.sub(r"\([\w./-]+\)", "", sentence)), sentence
            assert not re.search(r"\b(\w+) \1\b", sentence), sentence


def test_every_feature_is_of_one_topic() -> None:
    topics = [feature for features in module._TOPICS.values() for feature in features]
    assert sorted(topics) == sorted(CONTEXT)
    assert {module._topic(name) for name in names()} <= set(module._SENTENCE)


def test_what_shapes_say_is_said_of_shapes_that_there_are() -> None:
    assert set(module._SAYS) <= {shape.name for shape in shapes()}
    assert {shape.group for shape in shapes()} <= set(module._GROUP_SAYS) | {"X"}
