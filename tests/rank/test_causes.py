"""Candidates to causes: what one rule says many times in one step is one cause, with its tests and places."""

from __future__ import annotations

import pytest

from diagnose.model.words import CATEGORIES
from diagnose.rank import causes as module
from diagnose.rank.baseline import passing_shapes
from diagnose.rank.causes import Failed, causes_of
from diagnose.rank.features import shape_of
from diagnose.rank.kind import guess
from diagnose.rank.outcome import outcome_of
from diagnose.rank.place import Place
from diagnose.rank.reading import read
from diagnose.scan.rule import Block, Capture, Rule
from tests.support.reading import github_log, pages_of, reading_of, rule, scan_of, shipped_reading_of

FAILS = "##[error]Process completed with exit code 1."
LINT = rule(
    r"^(?P<file>[\w/.]+):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<severity>error|warning) (?P<message>.*)",
    "error ",
    "warning ",
    id="lint/finding",
    category="lint",
)
TEST = rule(
    r"^E  +(?P<message>.*)",
    "E  ",
    id="tests/assert",
    category="test",
    block=Block(before=5, before_until="^== "),
    captures=(Capture("^== (?P<test>.*)", "above", 5), Capture(r"^at (?P<file>[\w./]+):(?P<line>\d+)", "below", 2)),
)
SUMMARY = rule(
    r"^FAILED (?P<file>[\w./]+)::(?P<test>\w+)(?: - (?P<message>.*))?",
    "FAILED ",
    id="tests/summary",
    category="test",
    kind="detail",
    weight=0.5,
)
OTHER = rule(r"^boom: (?P<message>.*)", "boom: ", id="other/boom", category="resource")
WRAPPER = rule(r"^make: \*\*\*", "make: ***", id="make/failed", kind="wrapper")


def causes(text: str, *rules: Rule) -> list[module.CauseGroup]:
    return causes_of(reading_of(text, *(rules or (LINT, TEST, SUMMARY, OTHER, WRAPPER))))


def one(text: str, rule_id: str) -> module.CauseGroup:
    (found,) = [group for group in causes(text) if group.rule == rule_id]
    return found


def test_findings_of_one_linter_are_one_cause_with_every_place() -> None:
    group = one(
        github_log(("lint", f"src/a.c:7: error bad\nsrc/a.c:7: error bad\nsrc/b.c:9:3: warning worse\n{FAILS}")),
        "lint/finding",
    )
    assert set(group.places) == {Place("src/a.c", 7, None, "error", "bad"), Place("src/b.c", 9, 3, "warning", "worse")}
    assert (group.category, group.tool, group.step and group.step.name) == ("lint", "lint", "Run lint")
    assert len(group.members) == 2


CC = rule(r"^(?P<file>\w+\.c):(?P<line>\d+): error: (?P<message>.*)", ": error: ", id="cc/error", category="compile")


def test_the_first_of_what_a_compiler_says_leads() -> None:
    group, *_ = causes(
        github_log(
            ("cc", f"a.c:7: error: undeclared\n\n\nb.c:9: error: AssertionError: worse\n\nc.c:1: error: fatal\n{FAILS}")
        ),
        CC,
    )
    assert (group.lead.line, sorted(member.line for member in group.members)) == (6, [9, 11])
    assert next(iter(group.places)).file == "a.c"


def test_what_a_passing_run_prints_too_does_not_lead() -> None:
    text = github_log(("cc", f"a.c:7: error: undeclared\n\n\nb.c:9: error: worse\n{FAILS}"))
    passing = passing_shapes(pages_of("a.c:7: error: undeclared\n"), {shape_of("a.c:7: error: undeclared")})
    group, *_ = causes_of(read(scan_of(text, CC), passing))
    assert (group.lead.line, [member.line for member in group.members]) == (9, [6])


AGAIN = rule(
    r"^ +run \d: ok$", ": ok", id="tests/again", kind="noise", captures=(Capture(r"^flaky (?P<test>\S+)", "above", 3),)
)
SUITES = rule(
    r"^suites:$",
    "suites:",
    id="tests/suites",
    kind="noise",
    block=Block(after=9),
    captures=(Capture(r"^ +(?P<test>\S+)"),),
)
STRANGER = rule(
    r"^ +run \d: ok$",
    ": ok",
    id="stranger/again",
    kind="noise",
    captures=(Capture(r"^flaky (?P<test>\S+)", "above", 3),),
)
TWO = "FAILED a/t.py::test_a - no\nFAILED a/t.py::test_b - no\nFAILED a/t.py::test_c - no\n"


@pytest.mark.parametrize(
    ("text", "rules", "left"),
    [
        (TWO, (SUMMARY, AGAIN, SUITES), {"test_a", "test_b", "test_c"}),
        (f"{TWO}flaky t.test_b\n  run 2: ok\n", (SUMMARY, STRANGER), {"test_a", "test_b", "test_c"}),
        (f"{TWO}flaky other.test_bb\n  run 2: ok\n", (SUMMARY, AGAIN), {"test_a", "test_b", "test_c"}),
        (f"{TWO}flaky t.test_b\n  run 2: ok\n", (SUMMARY, AGAIN), {"test_a", "test_c"}),
        (f"{TWO}suites:\n  test_a\n  test_c\n", (SUMMARY, SUITES), {"test_b"}),
    ],
)
def test_what_a_noise_rule_of_the_same_tool_names_is_no_failed_test(
    text: str, rules: tuple[Rule, ...], left: set[str]
) -> None:
    found = causes(github_log(("test", f"{text}{FAILS}")), *rules)
    assert [set(group.tests) for group in found if group.rule == "tests/summary"] == [left]


def test_the_same_linter_in_two_steps_is_two_causes() -> None:
    text = github_log(("lint a", f"src/a.c:7: error bad\n{FAILS}"), ("lint b", f"src/a.c:7: error bad\n{FAILS}"))
    assert sorted(group.step.name for group in causes(text) if group.step and group.rule == "lint/finding") == [
        "Run lint a",
        "Run lint b",
    ]


def test_tests_with_different_messages_are_causes_of_their_own_and_alike_ones_are_one() -> None:
    text = github_log(("test", f"== a\nE   assert 1 == 2\n\n== b\nE   assert 7 == 8\n\n== c\nE   no such key\n{FAILS}"))
    groups = [group for group in causes(text) if group.rule == "tests/assert"]
    assert sorted(sorted(group.tests) for group in groups) == [["a", "b"], ["c"]]


def test_a_test_is_told_with_its_file_line_and_message() -> None:
    group = one(github_log(("test", f"== adds\nE   assert 1 == 2\nat test/a.py:9\n{FAILS}")), "tests/assert")
    assert group.tests == {"adds": Failed("adds", "test/a.py", 9, "assert 1 == 2")}


def test_a_summary_joins_the_cause_of_its_tool() -> None:
    text = github_log(
        ("test", f"== adds\nE   assert 1 == 2\n\nFAILED test/a.py::other - why\nFAILED test/a.py::third\n{FAILS}")
    )
    groups = causes(text)
    assert "tests/summary" not in [group.rule for group in groups]
    (group,) = [group for group in groups if group.rule == "tests/assert"]
    assert set(group.tests) == {"adds", "other", "third"}
    assert group.tests["other"] == Failed("other", "test/a.py", None, "why")


def test_the_test_of_the_telling_line_is_named_first() -> None:
    text = github_log(
        ("test", f"FAILED test/b.py::second - no\nFAILED test/a.py::first - AssertionError: the telling one\n{FAILS}")
    )
    group = one(text, "tests/summary")
    assert next(iter(group.tests)) == group.lead.extent.captures["test"]


def test_a_summary_alone_is_a_cause_with_all_its_tests() -> None:
    group = one(github_log(("test", f"FAILED test/a.py::one - x\nFAILED test/b.py::two - y\n{FAILS}")), "tests/summary")
    assert set(group.tests) == {"one", "two"}
    assert {test.file for test in group.tests.values()} == {"test/a.py", "test/b.py"}


def test_what_stands_outside_of_the_failed_step_is_of_no_cause() -> None:
    text = github_log(("lint", "src/a.c:7: error bad"), ("lint again", f"src/b.c:7: error bad\n{FAILS}"))
    assert {place.file for group in causes(text) for place in group.places} == {"src/b.c"}


def test_two_tools_are_two_causes() -> None:
    text = github_log(("make", f"boom: out of memory\n\nsrc/a.c:7: error bad\n{FAILS}"))
    assert {group.rule for group in causes(text)} >= {"other/boom", "lint/finding"}


def test_where_only_a_wrapper_stands_it_is_told() -> None:
    (group,) = causes(
        github_log(("make", f"====\n\nmake: *** [x] Error 1\n{FAILS}")),
        WRAPPER,
        rule(r"^##\[error\]P", "##[error]P", id="ci/exit", kind="noise"),
    )[:1]
    assert group.lead.text in ("make: *** [x] Error 1", FAILS, "====")


def test_lines_that_no_rule_knows_are_causes_by_their_shape() -> None:
    groups = causes(
        github_log(("deploy", f"fatal problem 17 here\n\nfatal problem 18 here\n\nsomething else is broken\n{FAILS}")),
        OTHER,
    )
    shaped = [group for group in groups if group.lead.text.startswith("fatal problem")]
    assert [(group.rule, group.tool, len(group.members)) for group in shaped] == [("", "deploy", 1)]


def test_there_is_an_end_to_the_causes() -> None:
    text = github_log(
        (
            "x",
            "".join(f"boom: {'abcdefghijklmnopqrstuvwxyz'[number % 26] * (number + 3)}\n\n" for number in range(60))
            + FAILS,
        )
    )
    assert len(causes(text)) <= module.MOST_CAUSES


def test_more_hits_than_candidates_still_give_their_places() -> None:
    text = github_log(("lint", "".join(f"src/f{number}.c:{number}: error bad\n" for number in range(1, 900)) + FAILS))
    group = one(text, "lint/finding")
    assert len(group.places) == 899


@pytest.mark.parametrize(("said", "line"), [("7", 7), ("0", 0), ("123456789", None), ("1" * 300, None)])
def test_a_line_number_is_a_number_that_a_file_can_have(said: str, line: int | None) -> None:
    group = one(github_log(("lint", f"src/a.c:{said}: error bad\n{FAILS}")), "lint/finding")
    assert [place.line for place in group.places] == [line]


def test_an_empty_log_has_no_cause() -> None:
    assert causes("") == []


@pytest.mark.parametrize(
    ("step", "text", "category"),
    [
        ("", "", "other"),
        ("run it", "something odd", "other"),
        ("run npm test", "connection refused", "network"),
        ("run npm test", "something odd", "test"),
        ("run eslint", "assertionerror", "test"),
        ("run eslint", "odd", "lint"),
        ("run black --check", "odd", "format"),
        ("run mypy", "odd", "type-check"),
        ("run npm ci", "odd", "dependency"),
        ("run make", "odd", "compile"),
        ("deploy", "403 forbidden", "permission"),
        ("deploy", "no space left on device", "resource"),
        ("deploy", "cannot find symbol", "compile"),
        ("deploy", "no matching distribution found", "dependency"),
    ],
)
def test_what_no_rule_knows_has_a_category_by_its_words_and_its_step(step: str, text: str, category: str) -> None:
    assert guess(step, text, None) == category
    assert category in CATEGORIES


def test_the_shipped_rules_gather_a_pytest_run() -> None:
    text = github_log(
        (
            "pytest",
            (
                "=================================== FAILURES ===================================\n"
                "__________________________________ test_adds ___________________________________\n\n"
                "    def test_adds():\n>       assert add(1, 1) == 3\nE       assert 2 == 3\nE        +  where 2 = add(1, 1)\n\n"
                "tests/test_cart.py:5: AssertionError\n"
                "=========================== short test summary info ============================\n"
                f"FAILED tests/test_cart.py::test_adds - assert 2 == 3\n========================= 1 failed in 0.12s ==========================\n{FAILS}"
            ),
        )
    )
    reading = shipped_reading_of(text)
    best = causes_of(reading)[0]
    assert (best.lead.line, best.rule, best.category) == (11, "pytest/assertion", "test")
    assert any("test_adds" in name for name in best.tests)
    assert any(place.file == "tests/test_cart.py" and place.line == 5 for place in best.places)


def test_what_was_swallowed_stands_before_what_is_only_warned_of() -> None:
    log = "src/a.c:4:9: warning: unused variable 'n' [-Wunused-variable]\nsrc/b.c:7:23: error: expected ';'\n"
    reading = shipped_reading_of(
        log + "".join(f"linking part {number}\n" for number in range(30)) + "images are made\n"
    )
    assert outcome_of(reading).status == "undetermined"
    assert causes_of(reading)[0].rule == "gcc/error"
