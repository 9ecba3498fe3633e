"""Marks beside a change: where there are none, how many there are, and what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from diagnose.model.report import Attribution, Escalation, Location, SilentFailure
from diagnose.model.text import Untrusted, phrase
from diagnose.render.annotations import MOST, commands, notes
from tests.render.samples import (
    Everything,
    blocked,
    dependency,
    failed_test,
    hidden,
    line,
    passed,
    place,
    pytest_pair,
    root_of,
    several,
    typescript,
    unclear,
    whose,
)

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from diagnose.model.words import Verdict

TREE = Everything()


class Only:
    """A tree of a few files of so many lines."""

    def __init__(self, **files: int) -> None:
        self.files = {name.replace("_", "."): lines for name, lines in files.items()}

    def place(self, file: Untrusted, line: int | None) -> tuple[str, int | None] | None:
        """Know a file by its name."""
        at = TREE.place(file, line)
        return at if at is not None and at[0] in self.files and (line or 1) <= self.files[at[0]] else None


def of(verdict: Verdict) -> Report:
    return replace(pytest_pair(), attribution=Attribution(verdict, 0.9, (phrase("so it is"),)))


def spread(files: int) -> Report:
    places = tuple(Location(Untrusted(f"src/a{number}.ts"), number) for number in range(1, files + 1))
    return replace(typescript(), root_cause=replace(root_of(typescript()), locations=places))


@pytest.mark.parametrize(
    "report",
    [
        of("base"),
        of("flaky"),
        of("infrastructure"),
        unclear(),
        blocked(),
        passed(),
        hidden(),
        dependency(),
        replace(pytest_pair(), requires_escalation=True, escalation=(Escalation("fix_time", phrase("it takes long")),)),
    ],
    ids=[
        "base",
        "flaky",
        "infrastructure",
        "unclear",
        "blocked",
        "passed",
        "hidden without a place",
        "no file",
        "escalated",
    ],
)
def test_none_where_it_would_be_blame_or_has_no_place(report: Report) -> None:
    assert notes(report, TREE) == []


def test_none_where_no_file_is_known() -> None:
    assert notes(pytest_pair(), None) == []
    assert notes(pytest_pair(), Only()) == []


@pytest.mark.parametrize(("lines", "found"), [(41, ["x.py"]), (40, [])])
def test_none_at_a_line_that_the_file_does_not_have(lines: int, found: list[str]) -> None:
    root = replace(root_of(pytest_pair()), failed_tests=(failed_test("t", "x.py", 41),))
    assert [one.file for one in notes(replace(pytest_pair(), root_cause=root), Only(x_py=lines))] == found


@pytest.mark.parametrize(("verdict", "number"), [("change", 2), ("unknown", 2)])
def test_what_may_be_the_changes_is_marked_once_a_file(verdict: Verdict, number: int) -> None:
    found = notes(of(verdict), TREE)
    assert [(one.level, one.file, one.line) for one in found] == [
        ("error", "tests/test_export_markdown.py", 41),
        ("error", "tests/test_export_letter.py", 96),
    ]
    assert len(found) == number


@pytest.mark.parametrize(
    ("files", "marks", "left"),
    [
        (1, 1, ""),
        (10, 10, ""),
        (11, 10, "1 more place: src/a11.ts:11"),
        (40, 10, "30 more places: src/a11.ts:11, src/a12.ts:12"),
    ],
)
def test_ten_at_most_and_the_tenth_tells_of_the_rest(files: int, marks: int, left: str) -> None:
    made = commands(spread(files), TREE)
    assert len(made) == marks <= MOST
    assert ("Not marked" in made[-1]) == bool(left)
    assert left.replace(":", "%3A") in made[-1].replace("::", "\0").replace(":", "%3A")
    assert ("and 10 more" in made[-1]) == (files == 40)


def test_a_mark_says_what_stands_there_and_what_to_do() -> None:
    spot = Location(Untrusted("a.ts"), 3, 1, "error", Untrusted("TS2344: no"))
    root = replace(root_of(typescript()), locations=(spot, place("b.ts", 4)))
    first, second = commands(replace(typescript(), root_cause=root), TREE)
    assert first.startswith(
        "::error file=a.ts,line=3,title=26 type errors in 11 files%2C all on types of Plainmaps (pm)::TS2344: no%0AFix: Adapt 11 files"
    )
    assert "frameShapeSource.ts:11:84 - error TS2344" in second


def test_other_causes_are_marked_without_the_first_ones_fix() -> None:
    other = replace(root_of(dependency()), id="c2", locations=(place("package.json", 12),))
    found = notes(replace(several(), findings=(other,), silent_failures=()), TREE)
    assert [one.file for one in found][-1] == "package.json"
    assert commands(replace(several(), findings=(other,), silent_failures=()), TREE)[-1].endswith(
        "::npm error ERESOLVE could not resolve\n"
    )


def test_a_hidden_failure_is_a_warning_where_it_was_lost() -> None:
    first = hidden().silent_failures[0]
    lost = replace(
        first, place=Location(Untrusted(".github/workflows/ci.yml"), 14), why=phrase("the pipe ends with tee")
    )
    report = replace(hidden(), silent_failures=(lost,), attribution=whose("change", 0.9, "so it is"))
    (made,) = commands(report, TREE)
    assert made.startswith(
        "::warning file=.github/workflows/ci.yml,line=14,title=a test failed%3A the pipe hid its exit code::the pipe ends with tee%0AFAILED tests/test_a.py"
    )


def test_what_only_could_hide_a_failure_is_not_marked() -> None:
    note = SilentFailure(
        "swallowed-failure",
        phrase("a pipe"),
        "",
        0,
        Untrusted(""),
        "note",
        "",
        seen=False,
        place=Location(Untrusted("ci.yml"), 2),
    )
    assert notes(replace(hidden(), silent_failures=(note, *hidden().silent_failures)), TREE) == []


def test_foreign_words_make_no_second_command() -> None:
    text = "x\n::error::pwned\r##[error]pwned %0A::set-output name=a::b"
    root = replace(
        root_of(pytest_pair()),
        title=phrase(Untrusted(text)),
        evidence=(line(3, text),),
        failed_tests=(failed_test("t", "a,b:c.py", 3), failed_test("t", "b,c.py", 3)),
    )
    made = commands(replace(pytest_pair(), root_cause=root), TREE)
    assert [one.split(" ")[0] for one in made] == ["::error"]  # a colon in a name is a stream to Windows: no mark
    assert "file=b%2Cc.py,line=3" in made[0]
    assert made[0].count("\n") == 1
