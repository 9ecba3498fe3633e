"""Where in the source: files with lines, the tests that failed there, how many errors each file has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.render.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.report import Cause, FailedTest, Location
    from diagnose.model.text import Untrusted
    from diagnose.render.voice import Voice

Place = tuple[str, str]
"""A place ("tests/a.py:41", or "") and a note on it ("test_convert", "3 errors")."""


def places(cause: Cause, voice: Voice, rows: int | None) -> tuple[list[Place], str]:
    """Return at most `rows` places (None for all), the last of them given up for a fold where there are more.

    The fold says how many errors or tests in how many files it hides, and how to open it; "" when it hides none.
    """
    if cause.failed_tests:
        found = [(place, name, 1) for place, name in _tests(cause, voice)]
        noun = "test"
    else:
        # what was only warned of is no place of an error; where there is nothing else, it is called what it is
        errors = [one for one in cause.locations if one.severity == "error"]
        noun = "error" if errors or not cause.locations else "warning"
        found = _files(errors or cause.locations, noun, voice)
    if rows is None or len(found) <= rows:
        return [(place, note) for place, note, _ in found], ""
    shown, hidden = found[: rows - 1], found[rows - 1 :]
    left = sum(number for _, _, number in hidden)
    inside = f" in {count(len(hidden), 'file')}" if noun != "test" else f" {count(left, noun).split()[1]}"
    return [(place, note) for place, note, _ in shown], f"{left:,} more{inside}: --full"


def spot(file: Untrusted, line: int | None, column: int | None, voice: Voice) -> str:
    """Return "file:41:7" as one gated piece."""
    tail = "" if line is None else f":{line}" if column is None else f":{line}:{column}"
    return voice.say(file.map(lambda name: name + tail))


def _tests(cause: Cause, voice: Voice) -> list[Place]:
    lone = cause.locations[0] if len(cause.locations) == 1 and len(cause.failed_tests) == 1 else None
    return [_test(test, lone, voice) for test in cause.failed_tests]


def _test(test: FailedTest, lone: Location | None, voice: Voice) -> Place:
    name = voice.say(test.name)
    if test.file is not None:
        return spot(test.file, test.line, None, voice), name
    if lone is not None:
        return spot(lone.file, lone.line, lone.column, voice), name
    return "", name


def _files(locations: Sequence[Location], noun: str, voice: Voice) -> list[tuple[str, str, int]]:
    """Group by file, in the order of the log; a file's first place stands for it."""
    first: dict[str, str] = {}
    number: dict[str, int] = {}
    for one in locations:
        name = voice.say(one.file)
        first.setdefault(name, spot(one.file, one.line, one.column, voice))
        number[name] = number.get(name, 0) + 1
    return [
        (place, count(number[name], noun) if number[name] > 1 else "", number[name]) for name, place in first.items()
    ]
