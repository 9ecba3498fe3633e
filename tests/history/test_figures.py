"""What a history comes to: nothing of nothing, and each figure where it is known by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from diagnose.history.figures import MOST_WEEKS, Target, figures
from diagnose.history.wording import Share, count, day, median, span, spelled, times
from diagnose.memory.history import Event, History
from tests.support.histories import TODAY, event, green, known

DAY = TODAY.date()


def history(*events: Event, patterns: int = 3, **more: Any) -> History:
    return History(
        tuple(known(key) for key in range(1, patterns + 1)), tuple(sorted(events, key=lambda one: one.at)), **more
    )


def target(found: History, name: str) -> Target:
    return next(one for one in figures(found, DAY).targets if one.name == name)


@pytest.mark.parametrize("name", ["Repeats recognised", "Escalated to a person", "Confidence", "Time to resolve"])
def test_of_nothing_there_is_no_figure(name: str) -> None:
    found = target(history(), name)
    assert (found.met, found.said) == (None, "nothing to measure yet")
    assert "%" not in found.said + found.basis


def test_nothing_recorded_is_no_week_and_no_date() -> None:
    found = figures(History(), DAY)
    assert (found.failures, found.weeks, found.first, found.sure, found.seen.value, found.top, found.flaky) == (
        0,
        (),
        None,
        None,
        None,
        (),
        (),
    )


@pytest.mark.parametrize(
    ("recognised", "met"),
    [
        ([], None),
        ([False], False),
        ([True], True),
        ([True, True, True, False, False], False),
        ([True, True, False], True),
    ],
)
def test_recognition_is_of_repeats_over_sixty_in_a_hundred(recognised: list[bool], met: bool | None) -> None:  # noqa: FBT001 - a table
    first = event(1, 30, recognised=True)  # known from elsewhere: no repeat, counts for nothing
    events = [event(1, 20 - place, again=True, recognised=one) for place, one in enumerate(recognised)]
    assert target(history(first, *events), "Repeats recognised").met is met


@pytest.mark.parametrize(("escalated", "of", "met"), [(0, 1, True), (1, 5, False), (1, 6, True), (6, 6, False)])
def test_escalation_is_under_a_fifth(escalated: int, of: int, met: bool) -> None:  # noqa: FBT001 - a table
    assert (
        target(
            history(*(event(1, place + 1, escalated=place < escalated) for place in range(of))), "Escalated to a person"
        ).met
        is met
    )


@pytest.mark.parametrize(
    ("confidences", "met", "said"),
    [([0.7], False, "0.70"), ([0.71], True, "0.71"), ([0.9, 0.4], False, "0.65"), ([1.0, 0.999], True, "0.99")],
)
def test_confidence_is_a_mean_over_seven_tenths(confidences: list[float], met: bool, said: str) -> None:  # noqa: FBT001 - a table
    found = target(
        history(*(event(1, place + 1, confidence=one) for place, one in enumerate(confidences))), "Confidence"
    )
    assert (found.met, found.said) == (met, said)


@pytest.mark.parametrize(
    ("events", "greens", "met", "said"),
    [
        ([], [], None, "nothing to measure yet"),
        ([event(1, 3)], [], None, "nothing to measure yet"),
        ([event(1, 3)], [green(2.5)], None, "12 h new"),
        ([event(1, 3, again=True)], [green(2.5)], None, "12 h known"),
        ([event(1, 3), event(2, 2, again=True)], [green(2.5), green(1.75)], True, "6 h known, 12 h new"),
        ([event(1, 3), event(2, 2, again=True)], [green(2.5), green(1)], False, "24 h known, 12 h new"),
    ],
)
def test_time_to_resolve_is_known_sooner_than_new(
    events: list[Event],
    greens: list[object],
    met: bool | None,  # noqa: FBT001 - a table
    said: str,
) -> None:
    found = target(history(*events, greens=tuple(greens)), "Time to resolve")
    assert (found.met, found.said) == (met, said)


def test_weeks_begin_on_monday_and_none_is_left_out() -> None:
    found = figures(history(event(1, 0.1), event(1, 30, category="lint")), DAY)
    assert [week.monday.weekday() for week in found.weeks] == [0] * 12
    assert {b.monday - a.monday for a, b in zip(found.weeks, found.weeks[1:], strict=False)} == {timedelta(days=7)}
    assert [week.failures for week in found.weeks] == [0] * 7 + [1, 0, 0, 0, 1]
    assert found.weeks[-1].monday == date(2026, 11, 16)
    assert (found.weeks[7].kinds["lint"], found.weeks[7].kinds["test"], found.weeks[0].seen.value) == (1, 0, None)


@pytest.mark.parametrize(
    ("days", "weeks", "outside", "last"),
    [
        ([1, 1000], MOST_WEEKS, 1, date(2026, 11, 16)),  # the newest weeks only, and it is said
        ([1000], 12, 0, date(2024, 2, 19)),  # all of it long ago: its own weeks
        ([1, -30], 12, 1, date(2026, 11, 16)),  # a clock that went ahead
        ([-30], 0, 1, None),
    ],
)
def test_weeks_are_bounded_and_end_where_something_is(
    days: list[float], weeks: int, outside: int, last: date | None
) -> None:
    found = figures(history(*(event(1, one) for one in days)), DAY)
    assert (len(found.weeks), found.outside, found.weeks[-1].monday if found.weeks else None) == (weeks, outside, last)


def test_kinds_bands_and_top_count_every_failure() -> None:
    found = figures(
        history(
            event(1, 3, category="type-check", confidence=0.95),
            event(1, 2, category="compile", confidence=0.849),
            event(2, 1, category="vcs", confidence=0.2),
            event(9, 1),
        ),
        DAY,
    )
    assert {kind: number for kind, number in found.kinds.items() if number} == {"compile": 2, "other": 1, "test": 1}
    assert found.bands == (1, 1, 1, 0, 1)
    assert [(one.key, number) for one, number in found.top] == [(1, 2)]


def test_failures_of_forks_are_counted_apart() -> None:
    assert figures(history(event(1, 1, trusted=False), event(1, 2)), DAY).untrusted == 1


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "-"), (0, 9, "0 %"), (9, 9, "100 %"), (1, 1000, "under 1 %"), (999, 1000, "99 %"), (55, 100, "55 %")],
)
def test_a_share_is_never_rounded_to_all_or_none(part: int, whole: int, words: str) -> None:
    assert Share(part, whole).words() == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.4, "under 1 min"),
        (40, "40 min"),
        (119, "119 min"),
        (119.9, "2 h"),
        (180, "3 h"),
        (2849, "47 h"),
        (2880, "2 days"),
        (1e6, "694 days"),
    ],
)
def test_spans_have_one_unit(minutes: float, words: str) -> None:
    assert span(minutes) == words


def test_words_of_numbers() -> None:
    assert [count(1, "failure"), count(0, "failure"), count(2104, "repository", "repositories")] == [
        "1 failure",
        "0 failures",
        "2,104 repositories",
    ]
    assert [times(1), times(2), spelled(12), spelled(1300)] == ["once", "2 times", "twelve", "1,300"]
    assert [day(date(2026, 3, 1), DAY), day(date(2025, 12, 31), DAY)] == ["1 Mar", "31 Dec 2025"]
    assert [median(()), median((3, 1)), median((5, 1, 2))] == [None, 2, 2]
