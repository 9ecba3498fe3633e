"""What hides failures, in every form: the line that lost the one that is told, and the places that could hide another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.model.report import Location, Report, SilentFailure
from diagnose.model.text import Untrusted, phrase
from diagnose.render.hiding import hiding
from diagnose.render.interface import View, renderer
from diagnose.render.voice import TerminalVoice
from tests.render.samples import hidden, passed

PLACE = Location(Untrusted(".github/workflows/ci.yml"), 6, None, "warning", Untrusted("make test | tee out"))
NOTE = SilentFailure(
    "swallowed-failure", phrase("could hide a failure: ", Untrusted("make lint || true <b>@mona</b>")), "", 0, Untrusted(""), "note", "", seen=False,
    why=phrase("its exit code is thrown away"), place=Location(Untrusted(".github/workflows/lint.yml"), 9, None, "note", Untrusted("")),
)  # fmt: skip


def lost() -> Report:
    report = hidden()
    (first,) = report.silent_failures
    return replace(
        report,
        silent_failures=(replace(first, place=PLACE, why=phrase("the pipe keeps only the last exit code")), NOTE),
    )


def test_nothing_hides_where_nothing_is_known() -> None:
    assert hiding(passed(), TerminalVoice()) == ("Could hide a failure: 0", [])
    assert hiding(hidden(), TerminalVoice())[1] == []


def test_the_line_that_lost_it_comes_first_and_once() -> None:
    report = lost()
    twice = replace(report, silent_failures=(report.silent_failures[0], *report.silent_failures))
    assert hiding(twice, TerminalVoice()) == (
        "What hid it",
        [
            "Lost at .github/workflows/ci.yml:6: the pipe keeps only the last exit code.",
            "Could hide a failure: make lint || true <b>@mona</b>, .github/workflows/lint.yml:9.",
        ],
    )


@pytest.mark.parametrize("full", [False, True])
def test_a_comment_holds_the_notes_and_no_foreign_markup(full: bool) -> None:  # noqa: FBT001 - one switch
    text = renderer("markdown").render(lost(), View(full=full))
    assert ".github/workflows/ci.yml:6" in text
    assert ".github/workflows/lint.yml:9" in text
    assert "What hid it" in text
    assert "` make lint ¦¦ true <b>@mona</b> `" in text  # in a code span
    assert "CI passed, but it hides 1 failure." in text


def test_notes_alone_are_told_below_a_green_answer() -> None:
    text = renderer("markdown").render(replace(passed(), silent_failures=(NOTE,)), View())
    assert "**CI passed.**" in text
    assert "Could hide a failure: 1" in text
