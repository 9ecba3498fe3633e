from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diagnose.scan import why as module
from diagnose.scan.expression import search
from diagnose.scan.parts import flags_of, literal, ways_of
from diagnose.scan.why import MOST_LINES, Stop, stop_of, why_not
from tests.support.reading import rule, scan_of, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD = rule(r"^bad: (?P<message>\w+) \(\d+\)$", "bad: ", "worse: ")
NEAR = "tool/rule does not match. Lines that hold a literal:"
NONE = "tool/rule does not match: no line holds 'bad: ' or 'worse: ' (in this case of letters)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fine\n", [NONE]),
        ("BAD: x\n", [NONE, "line 1 holds 'bad: ' in other letters: BAD: x"]),
        ("a\nbad: x (7)\n", ["tool/rule matches line 2: bad: x (7)"]),
        (
            "a\n  not bad: x\n",
            [NEAR, "line 2: not bad: x\n    the expression fits nowhere on it: its beginning is 'bad: '"],
        ),
        (
            "bad: x (y)\n",
            [
                NEAR,
                "line 1: bad: x (y)\n    the expression fits up to '^bad: (?P<message>\\w+) \\('; then it wants '\\d+', and the line goes on with 'y)'",
            ],
        ),
        (
            "bad: x",
            [
                NEAR,
                "line 1: bad: x\n    the expression fits up to '^bad: (?P<message>\\w+)'; then it wants ' \\(', and the line ends",
            ],
        ),
        (
            "bad: x (7) z\n",
            [
                NEAR,
                (
                    "line 1: bad: x (7) z\n    the expression fits up to '^bad: (?P<message>\\w+) \\(\\d+\\)'; then it wants the end of the line ('$'), "
                    "and the line goes on with ' z'. Without its '$' it fits: something stands behind it on the line"
                ),
            ],
        ),
        (
            "> bad: x (7)\n",
            [
                NEAR,
                "line 1: > bad: x (7)\n    the expression fits nowhere on it: its beginning is 'bad: '. Without its '^' it fits: something stands before it on the line",
            ],
        ),
    ],
)
def test_why_a_rule_does_not_match(text: str, told: list[str]) -> None:
    assert why_not(BAD, scan_of(text, BAD)) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            1,
            "tool/rule does not match line 1: fine\n    it holds none of the literals 'bad: ' or 'worse: ' (in this case of letters): the expression is not tried",
        ),
        (
            2,
            "tool/rule does not match line 2: worse: bad: x (1)\n    the expression fits nowhere on it: its beginning is 'bad: '. Without its '^' it fits: something stands before it on the line",
        ),
        (3, "tool/rule matches line 3: bad: x (7)"),
        (4, "the log has 3 lines, and no line 4"),
    ],
)
def test_one_line_is_looked_at_alone(line: int, told: str) -> None:
    assert why_not(BAD, scan_of("fine\nworse: bad: x (1)\nbad: x (7)\n", BAD), line) == [told]


def test_a_context_that_stands_nowhere_is_told() -> None:
    late = rule("^bad: x$", "bad: ", requires=("the tool", "its name"))
    assert (
        why_not(late, scan_of("bad: x\n", late))[1]
        == "line 1: bad: x\n    the expression fits, but the rule requires 'the tool' or 'its name' somewhere in the same log, and it stands nowhere"
    )
    assert why_not(late, scan_of("bad: y\n", late))[1].endswith(
        "fits up to '^bad: '; then it wants 'x', and the line goes on with 'y'"
    )


def test_case_is_not_to_blame_where_it_does_not_matter() -> None:
    one = rule("bad: [0-9]", "Bad: ", caseless=True)
    assert why_not(one, scan_of("x\n", one)) == ["tool/rule does not match: no line holds 'Bad: ', in any case"]
    assert (
        why_not(one, scan_of("BAD: x\n", one))[1]
        == "line 1: BAD: x\n    the expression fits up to 'bad: '; then it wants '[0-9]', and the line goes on with 'x'"
    )


def test_case_is_to_blame_where_the_expression_asks_for_it() -> None:
    one = rule("^bad: [A-Z]+$", "bad: ")
    assert why_not(one, scan_of("bad: x\n", one))[1].endswith(
        ". In other letters it fits: the rule asks for the case of letters"
    )


def test_a_hit_that_is_silenced_is_told() -> None:
    noise = rule("x$", "x", id="quiet/one", kind="noise")
    one = rule("^bad: ", "bad: ")
    assert why_not(one, scan_of("bad: x\n", one, noise)) == [
        "tool/rule matches line 1: bad: x\n    it is no evidence there: the noise rule quiet/one matches the same line"
    ]
    assert why_not(noise, scan_of("bad: x\n", one, noise)) == ["quiet/one matches line 1: bad: x"]


def test_a_hit_beyond_the_first_ones_is_told() -> None:
    one = rule("^bad: ", "bad: ")
    assert why_not(one, scan_of("bad: x\n" * 2002, one), 2002) == [
        "tool/rule does not match line 2002: bad: x\n    the expression fits, but the rule has so many hits in this log that only the first are kept"
    ]


@pytest.mark.parametrize("line", ["bad: x (7)\n", "bad: x\n"])
def test_a_few_lines_are_enough(line: str) -> None:
    told = why_not(BAD, scan_of(line * 6000, BAD))
    assert len([each for each in told if "line " in each]) == MOST_LINES


def test_lines_far_down_a_log_are_looked_at() -> None:
    assert why_not(BAD, scan_of("a\n" * 12_000 + "bad: x\n", BAD))[1].startswith("line 12001: bad: x")


@pytest.mark.parametrize(
    ("expression", "text", "stop"),
    [
        ("error: x", "error: y", Stop("error: ", "x", "y")),
        ("^error", "an error", Stop("", "error", "an error")),
        ("(?:a|b)c", "bd", Stop("(?:a|b)", "c", "d")),
        (r"\bword\b", "sword", Stop("", "word", "sword")),
        ("[ab]+c{2}d", "abcc", Stop("[ab]+c{2}", "d", "")),
        ("abc", "xyz", Stop("", "abc", "xyz")),
        ("^(?:ab|cd)x", "abc", Stop("^(?:ab|cd)", "x", "c")),
        ("^a(?:b|c)d", "ax", Stop("^a", "(?:b|c)", "x", 2)),
        ("^a(?P<name>b[0-9]|cc)d", "abx", Stop("^a(?P<name>b)", "[0-9]", "x")),
        ("^a(?:b(?:c|d)|e)$", "abx", Stop("^a(?:b)", "(?:c|d)", "x", 2)),
        ("^one|^two three", "two four", Stop("^two ", "three", "four")),
        (r"^a(?:\(b\))+c", "a(b)d", Stop(r"^a(?:\(b\))+", "c", "d")),
        (r"^a[\])(|]b", "a]c", Stop(r"^a[\])(|]", "b", "c")),
        ("(?i)^Bad: x", "bad: y", Stop("(?i)^Bad: ", "x", "y")),
        ("a.*b$", "aab c", Stop("a.*b", "$", " c")),
        ("^ax", "ay " + "z" * 9000, Stop("^a", "x", "y " + "z" * 4093 + "…")),
    ],
)
def test_where_an_expression_stops(expression: str, text: str, stop: Stop) -> None:
    assert stop_of(rule(expression, "a"), text) == stop


@pytest.mark.parametrize(
    ("expression", "ways"),
    [
        ("", [[]]),
        ("a|", [["a"], []]),
        (r"a\|b", [["a", r"\|", "b"]]),
        ("[]|)]x{2,}?y", [["[]|)]", "x{2,}?", "y"]]),
        ("[^]]+(?:a|(b|c)[)])*", [["[^]]+", "(?:a|(b|c)[)])*"]]),
        (r"\x41\pL\p{Lu}\x{41}é", [[r"\x41", r"\pL", r"\p{Lu}", r"\x{41}", "é"]]),
        ("a{b", [["a", "{", "b"]]),
        ("[[:alpha:]]+", [["[[:alpha:]]+"]]),
        ("(?P<file>a(b", [["(?P<file>a(b"]]),
        ("[ab", [["[ab"]]),
    ],
)
def test_the_parts_of_an_expression(expression: str, ways: list[list[str]]) -> None:
    assert [[part.source for part in way] for way in ways_of(expression)] == ways


def test_the_letters_among_the_parts() -> None:
    assert [literal(part) for part in ways_of(r"^a\.\d.(b)c+$\-")[0]] == ["", "a", ".", "", "", "", "", "", "-"]
    assert flags_of("(?i)a") == ("(?i)", "a")
    assert flags_of("(?:i)a") == ("", "(?:i)a")


def test_the_parts_of_every_shipped_expression_are_the_expression() -> None:
    for each in shipped().rules:
        flags, body = flags_of(each.expression)
        assert flags + "|".join("".join(part.source for part in way) for way in ways_of(body)) == each.expression, (
            each.id
        )


def test_every_shipped_rule_says_where_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its own literal alone, each rule says something; and no expression costs more than some searches for each group in it."""
    searches: list[str] = []

    def counted(expression: str, text: str, **more: Any) -> Mapping[str, str] | None:
        searches.append(expression)
        return search(expression, text, **more)

    monkeypatch.setattr(module, "search", counted)
    for each in shipped().rules:
        for text in (f"{each.literals[0]} \x01", "\x01"):
            searches.clear()
            stop = stop_of(each, text)
            assert stop.wants or search(each.expression, text, caseless=each.caseless) is not None, each.id
            assert len(searches) <= 40 * (1 + each.expression.count("(") + each.expression.count("|")), each.id
