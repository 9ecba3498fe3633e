"""Versions of the record joined: by git with this repository's attributes, and by our own hand after a conflict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.discoveries import main, merges, round_trips
from diagnose.memory.discoveries import HEAD, parse
from diagnose.memory.entry import Entry, render
from diagnose.memory.joining import joined, sides

ONE = Entry(
    "socket taken",
    "11111111",
    "two jobs share a port",
    "use port 0",
    "3fc09d1",
    14,
    0.86,
    1,
    "2026-11-20",
    "o/r",
    "",
    "test",
    "pytest",
    "address in use",
)
TWO = replace(ONE, id="22222222", title="resolver conflict")
THREE = replace(ONE, id="33333333", title="disk full")


def file(*entries: Entry, head: str = HEAD) -> str:
    return "\n".join([head, *map(render, entries)])


@pytest.mark.parametrize(("by", "count"), [("git", 6), ("history", 3)])
def test_merges_lose_cut_and_mix_nothing(by: str, count: int) -> None:
    faults, total, bad = merges(count, by=by, first=40)
    assert (faults, bad) == ({}, [])
    assert total > 5 * count


def test_hostile_records_come_back() -> None:
    assert round_trips(1500) == {"same": 1500}


def test_the_benchmark_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--merges", "1", "--records", "50", "--check"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "hostile",
        "records",
        "50",
        "same",
        "50",
        "lost",
        "0",
        "·",
        "cut",
        "0",
        "·",
        "mixed",
        "0",
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "before", "wanted", "folded"),
    [
        (file(ONE), file(ONE), None, [ONE], ()),
        (file(ONE), file(), file(ONE), [ONE], ()),  # a deletion is no withdrawal
        (file(), file(ONE), None, [ONE], ()),
        (file(ONE), file(TWO), None, [ONE, TWO], ()),
        (file(ONE, TWO), file(ONE, THREE), file(ONE), [ONE, TWO, THREE], ()),
        (file(ONE), file(replace(ONE, solution="x")), file(ONE), [replace(ONE, solution="x")], ()),
        (file(replace(ONE, solution="x")), file(ONE), file(ONE), [replace(ONE, solution="x")], ()),
        (
            file(replace(ONE, solution="x")),
            file(replace(ONE, root_cause="y")),
            file(ONE),
            [replace(ONE, solution="x", root_cause="y")],
            ("11111111",),
        ),
        (
            file(replace(ONE, solution="x")),
            file(replace(ONE, solution="y")),
            file(ONE),
            [replace(ONE, solution="x; or: y")],
            ("11111111",),
        ),
        (
            file(replace(ONE, solution="x")),
            file(replace(ONE, state="withdrawn")),
            file(ONE),
            [replace(ONE, solution="x", state="withdrawn")],
            ("11111111",),
        ),
        (file(ONE), file(replace(ONE, state="withdrawn")), None, [replace(ONE, state="withdrawn")], ("11111111",)),
    ],
)
def test_entries_of_two_versions(
    ours: str, theirs: str, before: str | None, wanted: list[Entry], folded: tuple[str, ...]
) -> None:
    done = joined(ours, theirs, before)
    assert parse(done.text) == (tuple(wanted), ())
    assert (done.folded, done.doubts) == (folded, ())
    assert joined(done.text, theirs, theirs).text == done.text
    assert done.text.count(HEAD.strip()) == 1


def test_what_is_not_an_entry_stays_and_is_added() -> None:
    done = joined(f"{HEAD}\nours\n\n# End\nx\n", f"{HEAD}\nours\n\n# End\ny\n\n## Notes\nz\n")
    assert done.text == f"{HEAD}\nours\n\n# End\nx\n\n# End\ny\n\n## Notes\nz\n"


def test_an_entry_that_was_cut_before_stays_as_it_stands() -> None:
    cut = render(ONE).replace("- Solution", "- Lost")
    done = joined(file(TWO) + "\n" + cut, file(TWO) + "\n" + cut.replace("two jobs", "three jobs"))
    assert "two jobs share" in done.text
    assert "three jobs share" in done.text
    assert len(done.doubts) == 2


CONFLICT = "a\n<<<<<<< HEAD\nours\n{}=======\ntheirs\n>>>>>>> branch\nz"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\nz", ("a\nz", "a\nz", None)),
        (CONFLICT.format(""), ("a\nours\nz", "a\ntheirs\nz", None)),
        (CONFLICT.format("||||||| 1234\nold\n"), ("a\nours\nz", "a\ntheirs\nz", "a\nold\nz")),
        (CONFLICT.format("").replace("\n", "\r\n"), ("a\nours\nz", "a\ntheirs\nz", None)),
        ("Title\n=======\n>>>>>>> x\n", ("Title\n=======\n>>>>>>> x\n",) * 2 + (None,)),
        ("<<<<<<< HEAD\nours\n", ("ours\n", "", None)),
    ],
)
def test_the_sides_of_a_conflict(text: str, found: tuple[str, str, str | None]) -> None:
    assert sides(text) == found
