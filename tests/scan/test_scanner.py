from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from diagnose.logs.dialects import dialects
from diagnose.logs.pages import Pages
from diagnose.scan import scanner as module
from diagnose.scan.expression import CUT
from diagnose.scan.scanner import Scanner
from tests.support.reading import STAMP, github_log, rule, scan_of, scanner, stamped

if TYPE_CHECKING:
    from diagnose.scan.rule import Rule

FAR = 900_000
BAD = rule(r"^bad: (?P<message>\w+)", "bad: ")


def lines_of(data: bytes | str, *rules: Rule) -> list[tuple[int, str]]:
    return [(match.line, match.rule.id) for match in scan_of(data, *rules).matches]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"not bad: x\n", []),
        (b"bad : x\n", []),
        (b"bad: \nx\n", []),
        (b"bad: x", [1]),
        (b"a\nbad: x\nb\nbad: y\n", [2, 4]),
        (b"\xef\xbb\xbfbad: x\n\xef\xbb\xbfbad: y\n", [1, 2]),
        (b"bad: x\r\r\nb\r\r\nbad: y\r\r\n", [1, 3]),
        (b"50%\rbad: x\n", [1]),
        (b"bad: x\rfine\n", []),
        (b"\0\nbad: x\0\n", [2]),
        (b"|\x08/\x08bad: x\n", [1]),
        (b"\x1b[31mbad\x1b[0m: \x1b[1mx\x1b[0m\n", [1]),
        (b"b\x1b[31mad\x1b[0m\x1b[1m: x\n", [1]),
        (b"\x1b[3\nbad: x\x1b[\n", [2]),
        (b"\x1b[31\nmbad: x\nbad: y\n", [3]),
        (b"\xff\xfe\nbad: x\n", [2]),
        (b"x" * FAR + b"\nbad: x\n", [2]),
        (b"bad: x" + b"y" * FAR + b"\n", [1]),
        (b"z" * FAR + b"bad: x\n", []),
    ],
)
def test_the_numbers_of_the_lines_that_a_rule_finds(data: bytes, lines: list[int]) -> None:
    assert lines_of(data, BAD) == [(line, "tool/rule") for line in lines]


def test_a_match_holds_the_line_without_framing_and_its_captures() -> None:
    (match,) = scan_of(stamped("\x1b[31mbad: one\x1b[0m two"), BAD).matches
    assert (match.line, match.text, dict(match.captures)) == (1, "bad: one two", {"message": "one"})


@pytest.mark.parametrize("caseless", [True, False])
@pytest.mark.parametrize(
    ("word", "expression"), [("first", r"(?:first|LATE) (?P<code>\d)"), ("LATE", r"(?:first|LATE) (?P<code>\d)")]
)
def test_on_a_very_long_line_any_of_the_literals_leads_to_the_hit(
    word: str, expression: str, *, caseless: bool
) -> None:
    line = "x" * FAR + (word.swapcase() if caseless else word) + " 7" + "y" * FAR + "\n"
    (match,) = scan_of(line, rule(expression, "first", "LATE", caseless=caseless)).matches
    assert match.captures["code"] == "7"
    assert len(match.text) <= module.LONG + 2 * len(CUT)


def test_a_part_of_a_very_long_line_is_not_its_beginning() -> None:
    anchored = rule(r"^x{5}", "xx")
    assert lines_of("." * FAR + "x" * FAR, anchored) == []
    assert lines_of("x" * FAR, anchored) == [(1, "tool/rule")]


def test_the_bytes_are_read_once() -> None:
    pages = Pages(io.BytesIO(github_log(("make", "out\nbad: x\n" * 40_000)).encode()))
    found = scanner((BAD,)).scan("log", pages)
    assert pages.reads == pages.size
    assert len(found.matches) == module.PER_RULE
    assert found.dropped == 40_000 - module.PER_RULE


def test_lines_that_hold_a_telling_word_are_kept_by_number() -> None:
    assert list(scan_of("fine\nan ERROR\nFailed\nok\n✗ x\nerr or\n").words) == [2, 3, 5]


def test_a_rule_that_needs_a_context_is_silent_without_it() -> None:
    late = rule("^x$", "x", requires=("the tool",))
    assert lines_of("x\n", late) == []
    assert lines_of("x\nthe too l\n", late) == []
    assert lines_of("x\nso says the tool, last\n", late) == [(1, "tool/rule")]
    assert lines_of("the tool\nx\n", late, rule("tool", "tool", id="other/one")) == [(1, "other/one"), (2, "tool/rule")]


def test_rules_that_share_a_literal_are_all_asked_in_their_order() -> None:
    rules = [
        rule(expression, "bad", id=f"t/{name}") for name, expression in (("a", "bad$"), ("b", "^bad"), ("c", "^no bad"))
    ]
    assert lines_of("bad\nno bad\n", *rules) == [(1, "t/a"), (1, "t/b"), (2, "t/a"), (2, "t/c")]


@pytest.mark.parametrize(("caseless", "lines"), [(True, [1, 2, 3]), (False, [3])])
def test_a_rule_that_does_not_care_for_case(caseless: bool, lines: list[int]) -> None:  # noqa: FBT001 - a column of the table
    found = lines_of("BAD: A\nBad: a\nbad: a\n", rule("^bad: a", "bad: ", caseless=caseless))
    assert [line for line, _ in found] == lines


def test_without_rules_a_log_still_has_its_steps_and_words() -> None:
    found = scan_of(github_log(("make", "error: x\n##[error]Process completed with exit code 1.")))
    assert [step.end for step in found.log.steps] == ["unknown", "failed", "unknown", "unknown"]
    assert list(found.words) == [6, 7]
    assert (found.matches, found.dropped) == ((), 0)


def test_marks_come_in_the_order_of_lines_and_a_step_that_goes_on_is_marked_once() -> None:
    text = "".join(f"j\ts{number // 50}\t{STAMP}a\tb\n" for number in range(100))
    log = scan_of(text).log
    assert [(mark.line, mark.name) for mark in log.marks] == [(1, "j\ts0"), (51, "j\ts1")]


def test_one_scanner_serves_many_logs() -> None:
    one = Scanner(scanner((BAD,)).rules)
    for _ in range(2):
        found = one.scan("a", Pages(io.BytesIO(b"bad: x\n")))
        assert [match.line for match in found.matches] == [1]
        assert one.scan("b", Pages(io.BytesIO(b"fine\n"))).matches == ()


def test_what_is_looked_for_in_one_systems_logs_is_not_what_others_mark_with() -> None:
    one = Scanner(scanner((BAD,)).rules)
    wanted = {dialect.name: one.literals(dialect) for dialect in dialects()}
    assert all(b"bad: " in literals and b"error" in literals for literals in wanted.values())
    assert (b"\t" in wanted["github-cli"], b"\t" in wanted["github"], b"\t" in wanted["plain"]) == (True, False, False)


def test_a_section_of_skipped_tests_is_not_heard_until_the_next_heading_or_count() -> None:
    heading = rule(r"^Skipped:$", "Skipped:", id="tool/skipped", kind="noise", mutes=("tool/rule",))
    opened = rule(r"^Failed:$", "Failed:", id="tool/head", kind="wrapper")
    other = rule(r"^Failed:$", "Failed:", id="other/head", kind="wrapper")
    rules = (BAD, heading, opened, other)
    told = [
        line
        for line, name in lines_of("bad: a\nSkipped:\nbad: b\nbad: c\nFailed:\nbad: d\n", *rules)
        if name == "tool/rule"
    ]
    assert told == [1, 6]
    assert [name for _, name in lines_of("Skipped:\nFailed:\nbad: b\n", BAD, heading, other)] == [
        "tool/skipped",
        "other/head",
    ]


def test_a_rule_of_a_section_fires_there_alone_and_the_line_is_its_tools() -> None:
    opens = rule("^= FAILURES =$", "= FAILURES =", id="tool/opens", kind="noise")
    inside = rule(r"^(?P<message>\w+Error: .*)$", "Error: ", id="tool/inside", within=("tool/opens",))
    ends = rule(r"^\d failed$", " failed", id="tool/ends", kind="totals")
    mutes = rule("^-- printed --$", "-- printed --", id="tool/printed", kind="noise", mutes=("tool/inside",))
    other = rule(r"^\w+Error: ", "Error: ", id="python/error")
    text = (
        "AError: 1\n= FAILURES =\nBError: 2\n-- printed --\nCError: 3\n= FAILURES =\nDError: 4\n2 failed\nEError: 5\n"
    )
    found = [
        (match.line, match.rule.id)
        for match in scan_of(text, opens, inside, ends, mutes, other).matches
        if match.rule.kind == "cause"
    ]
    assert found == [
        (1, "python/error"),
        (3, "tool/inside"),
        (5, "python/error"),
        (7, "tool/inside"),
        (9, "python/error"),
    ]
