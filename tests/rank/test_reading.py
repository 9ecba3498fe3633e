from __future__ import annotations

import pytest

from diagnose.rank import baseline
from diagnose.rank import reading as module
from diagnose.rank.baseline import passing_shapes
from diagnose.rank.causes import causes_of
from diagnose.rank.features import names, shape_of
from diagnose.rank.reading import UNTOLD, describe, shapes_asked, told_by
from diagnose.scan.rule import Block
from tests.support.reading import github_log, pages_of, reading_of, rule, scan_of, shipped_reading_of, stamped

FAILS = "##[error]Process completed with exit code 1."
CAUSE = rule(r"^(?:\[\d+\] )?error: (?P<message>.*)", "error: ", id="tool/error")
WRAPPER = rule(r"^make: \*\*\*", "make: ***", id="make/failed", kind="wrapper")
DETAIL = rule("^== (?P<test>.*)", "== ", id="tool/head", kind="detail")


@pytest.mark.parametrize(
    ("text", "line", "text_of_it"),
    [
        (github_log(("make", f"warming up\nerror: bad\nmake: *** [x] Error 1\n{FAILS}")), 7, "error: bad"),
        (
            github_log(("lint", "error: of a step that passed"), ("make", f"quiet\nerror: bad\n{FAILS}")),
            12,
            "error: bad",
        ),
        ("collecting\nerror: bad\ndone in 1 s\n", 2, "error: bad"),
    ],
)
def test_the_first_candidate_is_the_line_that_tells(text: str, line: int, text_of_it: str) -> None:
    reading = reading_of(text, CAUSE, WRAPPER)
    assert (reading.candidates[0].line, reading.candidates[0].text) == (line, text_of_it)
    assert 0.01 <= reading.probability <= 0.99


def test_candidates_are_the_best_first_few_and_no_line_is_two() -> None:
    reading = reading_of("".join(f"error: bad {chr(65 + number % 26)}\n\nquiet\n" for number in range(300)), CAUSE)
    scores = [candidate.score for candidate in reading.candidates]
    assert len(scores) == module.MOST_CANDIDATES
    assert scores == sorted(scores, reverse=True)
    lines = [candidate.line for candidate in reading.candidates]
    assert len(set(lines)) == len(lines)


def test_what_only_says_that_something_failed_is_no_candidate() -> None:
    text = github_log(("make", f"##[group]x\n##[endgroup]\n##[debug]y\n====\n\nmake: *** [x] Error 1\n{FAILS}"))
    reading = reading_of(text, WRAPPER, rule(r"^##\[error\]Process", "##[error]Process", id="ci/exit", kind="wrapper"))
    assert reading.candidates == ()
    assert reading.probability == 0.01
    assert "make: *** [x] Error 1" in {candidate.text for candidate in reading.wrappers}
    assert reading.failed


@pytest.mark.parametrize("text", ["", "\n", "\n\n\n", "\0", stamped("")])
def test_a_log_that_says_nothing_has_no_candidate(text: str) -> None:
    reading = reading_of(text, CAUSE)
    assert [candidate for candidate in reading.candidates if candidate.text.strip("\0")] == []
    assert not reading.failed
    assert reading.probability <= 0.99


def test_a_heading_yields_to_the_cause_below_it_and_neither_is_told_twice() -> None:
    text = github_log(("make", f"== cart\nsome words\nerror: bad\n\n== shop\nother words\nerror: worse\n{FAILS}"))
    reading = reading_of(text, CAUSE, DETAIL)
    lines = [candidate.line for candidate in reading.candidates]
    assert len(set(lines)) == len(lines)
    assert {8, 12} <= set(lines)
    assert not {6, 10} & set(lines)


def test_a_heading_whose_cause_belongs_to_the_next_heading_stays() -> None:
    text = github_log(("make", f"== cart\n== shop\nerror: bad\n{FAILS}"))
    reading = reading_of(text, CAUSE, DETAIL)
    assert {6, 8} <= {candidate.line for candidate in reading.candidates}


PART = rule(r"^\s*--- FAIL: (?P<test>\S+)", "--- FAIL: ", category="test")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("--- FAIL: A\n    a_test.go:1: no\n", 1),
        ("--- FAIL: A\n    --- FAIL: B/x\n", 1),  # of another test
        ("--- FAIL: A\n    --- FAIL: A/x\n        a_test.go:1: no\n", 2),
        ("--- FAIL: A\n    --- FAIL: A/x\n        --- FAIL: A/x/y\n            a_test.go:1: no\n", 3),
    ],
)
def test_a_test_of_which_a_part_failed_yields_to_the_part(text: str, line: int) -> None:
    scan = scan_of(text, PART)
    _, described = describe(scan, None)
    by_line = {item.line.number: item for item in described}
    assert told_by(by_line[1], by_line).line.number == line


@pytest.mark.parametrize(
    ("text", "name", "lines"),
    [
        ("out\nIllegal switch 'j' specified!\nSynopsis:\n    php run-tests.php [options]\n", "before_usage", [2]),
        ("out\nbad flag\n\nusage: x [-h]\n  -h  help\n", "before_usage", [2]),
        ("disk usage: 3 GB\nout\n", "in_usage", []),
        ("out\nusage: x [-h]\n  -h  help\n", "in_usage", [2, 3]),
    ],
)
def test_a_program_that_says_how_it_is_called_says_why_above(text: str, name: str, lines: list[int]) -> None:
    _, described = describe(scan_of(text), None)
    place = names().index(name)
    assert [item.line.number for item in described if item.values[place]] == lines


def test_a_block_of_a_rule_is_one_candidate() -> None:
    wide = rule("^error: ", "error: ", block=Block(after=5))
    reading = reading_of("error: a\nerror of it\nand more\n\nend\n", wide)
    assert (reading.candidates[0].extent.first, reading.candidates[0].extent.last) == (1, 3)
    assert 2 not in [candidate.line for candidate in reading.candidates]


def test_what_a_passing_run_prints_too_is_less_telling() -> None:
    text = github_log(("make", f"[1] error: the usual complaint 17\nquiet\n[2] error: something else\nquiet\n{FAILS}"))
    wanted = shapes_asked(scan_of(text, CAUSE))
    passing = passing_shapes(pages_of(github_log(("make", "[9] error: the usual complaint 99\nquiet"))), wanted)
    assert hash(shape_of("[1] error: the usual complaint 17")) in passing
    alone, compared = reading_of(text, CAUSE), reading_of(text, CAUSE, passing=passing)
    scores = [{candidate.line: candidate.score for candidate in reading.candidates} for reading in (alone, compared)]
    assert scores[1][6] < scores[0][6]
    assert scores[1][8] == scores[0][8]


def test_a_passing_log_is_read_up_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MOST_LINES", 10)
    pages = pages_of("a line of it\n" * 300_000 + "the last\n")
    assert passing_shapes(pages, {"the last", "a line of it"}) == {hash("a line of it")}
    assert pages.reads < pages.size


def test_a_passing_log_is_left_when_everything_is_found() -> None:
    pages = pages_of("a line of it\n" * 300_000)
    assert passing_shapes(pages, {"a line of it"}) == {hash("a line of it")}
    assert pages.reads < pages.size


def test_hostile_logs_are_read_with_all_shipped_rules() -> None:
    for text in (
        "\x1b[",
        "\0" * 9000,
        "error " * 50_000,
        "##[error]" * 9000,
        "\ufeff\r\r\n" * 3000,
        "E   " * 5000,
        "\t" * 100_000,
        "a" * 900_000 + ": error: x",
    ):
        reading = shipped_reading_of(text)
        assert reading.log.total >= 1
        assert len(reading.candidates) <= module.MOST_CANDIDATES


@pytest.mark.parametrize(
    ("output", "least", "most"),
    [
        ("hi", 0, UNTOLD),
        ("starting\nloading data", 0, UNTOLD),
        ("KeyError: 'x'", UNTOLD, 1),
        ("boom: bad", UNTOLD, 1),
    ],
)
def test_a_line_that_wins_because_nothing_else_was_printed_is_a_guess(output: str, least: float, most: float) -> None:
    read = reading_of(github_log(("./prog", f"{output}\n{FAILS}")), rule("^boom: ", "boom: ", id="tool/boom"))
    assert least <= read.probability <= most


LIMIT = rule("^FAIL coverage", "FAIL coverage", id="tests/coverage", category="test", final=True, weight=3)
BROKEN = rule("^E  ", "E  ", id="tests/assert", category="test", weight=0.5)
SUMMARY = rule("^FAILED ", "FAILED ", id="tests/summary", kind="detail", category="test")


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("FAIL coverage is 9 of 80", 6),
        ("E  assert 1 == 2\n.\n.\n.\n.\nFAIL coverage is 9 of 80", 6),
        ("E  assert 1 == 2\n.\n.\n.\n.\nFAIL coverage is 9 of 80\nFAILED a.py::test_a", 6),
    ],
    ids=["limit alone", "a test failed", "and is named below it"],
)
def test_a_limit_that_is_not_met_stands_behind_the_test_that_failed(output: str, line: int) -> None:
    reading = reading_of(
        github_log(("pytest", output + "\n##[error]Process completed with exit code 1.")), LIMIT, BROKEN, SUMMARY
    )
    assert causes_of(reading)[0].lead.line == line


def test_a_line_that_is_only_drawn_tells_nothing() -> None:
    reading = reading_of(github_log(("make", "bad thing\n|    \n╰────╯\n##[error]Process completed with exit code 1.")))
    assert [one.line for one in reading.candidates if not any(map(str.isalnum, one.text))] == []
