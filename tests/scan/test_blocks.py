"""How far a block reaches: (first, last) round the telling line `>>`, for each field of Block."""

from __future__ import annotations

from typing import Any

import pytest

from diagnose.scan.blocks import STRUCTURE_MOST, extent_of, named_by, structure_extent
from diagnose.scan.rule import Block, Capture
from tests.support.reading import log_of, rule, scan_of, stamped


def extent(text: str, block: Block | None = None, *captures: Capture, **more: Any) -> Any:
    one = rule(r"^\s*>>(?: (?P<message>\w+))?", ">>", block=block or Block(), captures=captures, **more)
    found = scan_of(text, one)
    return extent_of(found.log, found.matches[0])


def reach(text: str, block: Block) -> tuple[int, int]:
    found = extent(text, block)
    return found.first, found.last


@pytest.mark.parametrize(
    ("block", "text", "first_last"),
    [
        (Block(), "a\n>>\nb\n", (2, 2)),
        (Block(after=2), "a\n>>\nb\nc\nd\n", (2, 4)),
        (Block(after=9), ">>\nb\n", (1, 2)),
        (Block(after=9), ">>", (1, 1)),
        (Block(before=2), "a\nb\nc\n>>\n", (2, 4)),
        (Block(before=9), "a\n>>\n", (1, 2)),
        (Block(before=9), ">>\n", (1, 1)),
        (Block(before=3, before_until="^==="), "===\na\nb\n>>\n", (1, 4)),
        (Block(before=2, before_until="^==="), "===\na\nb\n>>\n", (4, 4)),
        (Block(before=9, before_until="^==="), "=== 1\n=== 2\na\n>>\n", (2, 4)),
        (Block(before=9, before_until="^==="), "a\nb\n>>\n", (3, 3)),
        (Block(after=9), ">>\nb\n\nc\n", (1, 2)),
        (Block(after=9), ">>\n\nb\n", (1, 1)),
        (Block(after=9), ">>\nb\n \t \nc\n", (1, 2)),
        (Block(after=9, blank=2), ">>\nb\n\nc\n\n\nd\n", (1, 4)),
        (Block(after=9, blank=0), ">>\n\n\n\n\nb\n\n", (1, 6)),
        (Block(after=3, blank=0), ">>\n\n\n\n\nb\n", (1, 1)),
        (Block(after=9, after_until="^---"), ">>\nb\n--- end\nc\n", (1, 2)),
        (Block(after=9, after_until="^---"), ">>\n---\n", (1, 1)),
        (Block(after=9, after_while="^E "), ">>\nE a\nE b\nc\nE d\n", (1, 3)),
        (Block(after=9, after_while="^E "), ">>\nc\nE d\n", (1, 1)),
        (Block(after=9, after_while="^E ", blank=2), ">>\nE a\n\nE b\nc\n", (1, 4)),
        (Block(after=9, indented=True), ">>\n  b\n c\nd\n  e\n", (1, 3)),
        (Block(after=9, indented=True), "  >>\n   b\n  c\n", (1, 2)),
        (Block(after=9, indented=True, blank=2), ">>\n  b\n\n  c\nd\n", (1, 4)),
        (Block(after=9, indented=True, after_until="stop"), ">>\n  b\n  stop\n  c\n", (1, 2)),
        (Block(before=1, after=1), "a\nb\n>>\nc\nd\n", (2, 4)),
    ],
)
def test_a_block_reaches_as_far_as_its_rule_says(block: Block, text: str, first_last: tuple[int, int]) -> None:
    assert reach(text, block) == first_last
    assert reach(stamped(text + "end") if text.endswith("\n") else stamped(text), block) in (
        first_last,
        reach(text + "end\n", block),
    )


@pytest.mark.parametrize(
    ("capture", "text", "captures"),
    [
        (Capture("^in (?P<file>.*)"), "in above\n>>\n\n\nin below\n", {}),
        (Capture("^in (?P<file>.*)"), ">>\nin one\nin two\n", {"file": "one"}),
        (Capture("^in (?P<file>.*)", "below", 1), ">>\nx\nin two\n", {}),
        (Capture("^in (?P<file>.*)", "below", 2), ">>\nx\nin two\n", {"file": "two"}),
        (Capture("^in (?P<file>.*)", "below", 9), ">>\n\n\n\nin far\n", {"file": "far"}),
        (Capture("^in (?P<file>.*)", "above", 9), "in far\nin near\nx\n>>\n", {"file": "near"}),
        (Capture("^in (?P<file>.*)", "above", 1), "in far\nx\n>>\n", {}),
        (Capture("^in (?P<file>.*)", "above", 0), "in far\n>>\n", {}),
        (Capture("^in (?P<file>.*)", "below", 0), ">>\nin far\n", {}),
        (Capture("^in (?P<file>.*)", "above"), ">>\n", {}),
        (Capture("^in (?P<file>a)?(?P<line>\\d)?"), ">>\nin 7\n", {"line": "7"}),
    ],
)
def test_other_lines_are_asked_for_what_the_telling_line_does_not_say(
    capture: Capture, text: str, captures: dict[str, str]
) -> None:
    wide = Block(after=2, blank=0) if capture.where == "block" else Block()
    assert extent(text, wide, capture).captures == captures


def test_the_telling_lines_own_captures_stand_and_earlier_ones_before_later() -> None:
    found = extent(
        ">> mine\nx: theirs f1\nf2\n",
        Block(after=3),
        Capture(r"^x: (?P<message>\w+) (?P<file>\w+)"),
        Capture(r"(?P<file>f2)"),
    )
    assert found.captures == {"message": "mine", "file": "f1"}


def test_captures_reach_farther_than_the_block_and_leave_it_as_it_is() -> None:
    found = extent(
        "file a.c\n\n\n>> bad\n\n\nat 7\n",
        Block(before=1, after=1),
        Capture("^file (?P<file>.*)", "above", 9),
        Capture(r"^at (?P<line>\d)", "below", 9),
    )
    assert (found.first, found.line, found.last) == (3, 4, 4)
    assert found.captures == {"message": "bad", "file": "a.c", "line": "7"}


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("a", 1),
        ("a\n", 1),
        ("a\nb\nc\n", 3),
        ("a\n\nb\n", 1),
        ("a\n \nb\n", 1),
        ("a\n  b\n  c\nd\n", 4),
        ("  a\n  b\nc\n", 2),
        ("a\n##[error]b\n", 1),
        ("a\n" * 40, 1 + STRUCTURE_MOST),
    ],
)
def test_what_no_rule_knows_goes_on_to_a_blank_line_a_dedent_or_a_command(text: str, last: int) -> None:
    found = structure_extent(log_of(text), 1, 99)
    assert (found.first, found.line, found.last, found.captures) == (1, 1, last, {})


def test_a_structures_block_stays_in_its_window() -> None:
    assert structure_extent(log_of("a\nb\nc\nd\n"), 2, 3).last == 3
    assert structure_extent(log_of("a\n"), 5, 9).last == 5


TITLE = Capture(r"^ +(?:\d+\) )?(?P<name>\S.*?):?$", "above", 6, r"^ {2}\d+\) ")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  prose\n     adds:\n>>\n", "adds"),
        ("  1) cart\n\nprose\n     adds:\n>>\n", "adds"),
        ("  1) cart:\n>>\n", "cart"),
        ("  1) cart\n       adds:\n>>\n", "cart \u203a adds"),
        ("  1) other\n  2) cart\n       when full\n         adds:\n\n>>\n", "cart \u203a when full \u203a adds"),
    ],
)
def test_a_title_on_several_lines_is_read_whole(text: str, name: str) -> None:
    assert extent(text, None, TITLE).captures["name"] == name


def test_every_line_of_a_block_names_a_test() -> None:
    one = rule(
        r"^(?P<test>\w+)? ?>>",
        ">>",
        block=Block(after=9),
        captures=(
            Capture(r"^ +(?P<test>\w+)$"),
            Capture(r"^ +(?P<code>\d+)$"),
            Capture(r"^after (?P<test>\w+)", "below", 9),
        ),
    )
    found = scan_of("first >>\n  a\n  7\nprose\n  b\n", one)
    assert named_by(found.log, found.matches[0]) == ["first", "a", "7", "b"]
    found = scan_of(" >>\n\nafter c\n", one)
    assert named_by(found.log, found.matches[0]) == ["c"]
