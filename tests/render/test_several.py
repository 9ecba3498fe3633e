"""Several causes in words: causes beside the first, other readings, and what merely follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.model.text import phrase
from diagnose.render import several
from diagnose.render.interface import View, renderer
from diagnose.render.voice import TerminalVoice
from tests.render.samples import cause, line, place, pytest_pair, root_of

if TYPE_CHECKING:
    from diagnose.model.report import Report


def rival(**more: Any) -> Any:
    confidence = more.pop("confidence", 0.6)
    return cause(
        phrase("another thing"),
        more.pop("evidence", (line(960, "another thing"),)),
        confidence,
        id="c2",
        **{"rule": "tool/boom", **more},
    )


def told(*others: Any, **more: Any) -> Report:
    return replace(pytest_pair(), alternatives=others, **more)


@pytest.mark.parametrize(
    ("other", "beside"),
    [
        (rival(rule=""), False),
        (rival(confidence=0.49), False),
        (rival(follows=("c1",)), False),
        (rival(), True),
        (rival(confidence=0.5), True),
    ],
)
def test_a_cause_beside_the_first_is_known_likely_and_follows_nothing(other: Any, *, beside: bool) -> None:
    report = told(other)
    assert [one.id for one in several.beside(report)] == (["c2"] if beside else [])
    assert [one.id for one in several.readings(report)] == ([] if beside else ["c2"])


@pytest.mark.parametrize(
    ("other", "beside"),
    [
        (rival(evidence=(line(943, "CartTest fails"),)), False),
        (rival(evidence=(line(943, "b.c:3: broken"),), locations=(place("b.c", 3),)), True),
        (rival(evidence=(line(944, "CartTest fails"),)), True),
    ],
)
def test_two_rules_that_tell_of_one_failure_are_one_cause(other: Any, *, beside: bool) -> None:
    assert bool(several.beside(told(other))) is beside


@pytest.mark.parametrize(
    ("other", "worth"),
    [
        (rival(), True),
        (rival(rule="", confidence=0.54), True),
        (rival(rule="", confidence=0.35), False),
        (cause("[ERROR]", (line(960, "[ERROR]"),), 0.54, id="c2", rule=""), False),
        (cause("the runner was lost", (line(0, "the runner was lost"),), 0.3, id="c2", rule=""), True),
    ],
)
def test_beside_a_known_cause_a_line_that_no_rule_knows_is_hardly_a_rival(other: Any, *, worth: bool) -> None:
    report = told(other)
    assert several.worth_a_row(other, report, TerminalVoice()) is worth
    unknown = replace(report, root_cause=replace(root_of(report), rule=""))
    assert several.worth_a_row(other, unknown, TerminalVoice())


def test_where_the_first_is_unsure_the_others_are_readings() -> None:
    unsure = replace(root_of(pytest_pair()), confidence=0.55)
    from diagnose.model.report import Escalation

    report = told(
        rival(confidence=0.55),
        root_cause=unsure,
        requires_escalation=True,
        escalation=(Escalation("confidence", phrase("x")),),
    )
    assert several.beside(report) == ()
    assert [one.id for one in several.readings(report)] == ["c2"]


def test_what_follows_says_which_line() -> None:
    first = root_of(pytest_pair())
    at = first.evidence[0].line
    voice = TerminalVoice()
    report = told(rival(follows=(first.id,)))
    assert several.follows(first, report, voice) == ""
    assert several.follows(rival(follows=("c77",)), report, voice) == ""
    assert several.follows(report.alternatives[0], report, voice) == f"follows line {at}"


@pytest.mark.parametrize(
    ("other", "form", "said"),
    [
        (rival(), "text", "also   c2 another thing, line 960 (0.60)"), (rival(), "text", "2 causes"), (rival(), "brief", "failed"),
        (rival(follows=("c1",), job=root_of(pytest_pair()).job), "text", "follows line 942"), (rival(follows=("c1",)), "text", "1 cause, 1 consequence"),
        (rival(follows=("c1",)), "markdown", "follows line 942"), (rival(), "markdown", "c2: another thing, line 960"),
    ],
)  # fmt: skip
def test_every_form_tells_them(other: Any, form: str, said: str) -> None:
    assert said in renderer(form).render(told(other), View(width=140))


def test_opened_whole_each_stands_with_its_word() -> None:
    text = renderer("text").render(told(rival(), replace(rival(follows=("c1",)), id="c3")), View(width=100, full=True))
    assert "Also: another thing" in text
    assert "After: another thing" in text
    assert "It follows line 942." in text


def test_what_another_job_shows_is_no_reading_of_the_first_cause() -> None:
    own = rival(rule="", job=root_of(pytest_pair()).job)
    report = told(own, replace(rival(rule="", job="elsewhere"), id="c3"))
    voice = TerminalVoice()
    assert [one.id for one in several.rivals(report, voice)] == ["c2"]
    assert [one.id for one in several.rivals(replace(report, root_cause=None), voice)] == ["c2", "c3"]
