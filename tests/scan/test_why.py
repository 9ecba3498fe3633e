from __future__ import annotations

import pytest

from diagnose.scan.why import MOST_LINES, longest_part, why_not
from tests.support.reading import rule, scan_of

BAD = rule(r"^bad: (?P<message>\w+) \(\d+\)$", "bad: ", "worse: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fine\n", ["tool/rule does not match: no line holds 'bad: ' or 'worse: ' (in this case of letters)"]),
        ("BAD: x\n", ["tool/rule does not match: no line holds 'bad: ' or 'worse: ' (in this case of letters)"]),
        ("a\nbad: x (7)\n", ["tool/rule matches line 2: bad: x (7)"]),
        ("a\n  not bad: x\n", ["tool/rule does not match. Lines that hold a literal:", "line 2: not bad: x\n    the expression fits nowhere on it"]),
        ("bad: x (y)\n", ["tool/rule does not match. Lines that hold a literal:", "line 1: bad: x (y)\n    the expression fits up to '^bad: (?P<message>\\\\w+) \\\\('"]),
    ],
)
def test_why_a_rule_does_not_match(text: str, told: list[str]) -> None:
    assert why_not(BAD, scan_of(text, BAD)) == told


def test_case_is_not_to_blame_where_it_does_not_matter() -> None:
    one = rule("bad: [0-9]", "Bad: ", caseless=True)
    assert why_not(one, scan_of("x\n", one)) == ["tool/rule does not match: no line holds 'Bad: ', in any case"]
    assert why_not(one, scan_of("BAD: x\n", one))[1] == "line 1: BAD: x\n    the expression fits up to 'bad: '"


@pytest.mark.parametrize("line", ["bad: x (7)\n", "bad: x\n"])
def test_a_few_lines_are_enough(line: str) -> None:
    told = why_not(BAD, scan_of(line * 6000, BAD))
    assert len([each for each in told if "line " in each]) == MOST_LINES


def test_lines_far_down_a_log_are_looked_at() -> None:
    assert why_not(BAD, scan_of("a\n" * 12_000 + "bad: x\n", BAD))[1].startswith("line 12001: bad: x")


@pytest.mark.parametrize(
    ("expression", "text", "part"),
    [
        ("error: x", "error: y", "error: "),
        ("^error", "an error", ""),
        ("(?:a|b)c", "bd", "(?:a|b)"),
        (r"\bword\b", "sword", ""),
        ("[ab]+c{2}d", "abcc", "[ab]+c{2}"),
        ("abc", "xyz", ""),
    ],
)
def test_the_part_of_an_expression_that_fits(expression: str, text: str, part: str) -> None:
    assert longest_part(rule(expression, "xx"), text) == part
