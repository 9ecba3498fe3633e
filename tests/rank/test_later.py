"""How likely later causes are right: a measured table that never rises with the distance, and never above the first cause."""

from __future__ import annotations

import pytest

from diagnose.rank.causes import CauseGroup, causes_of
from diagnose.rank.later import FAR, GUESSES, Table, is_known, likelihood, tables, worth_saying
from tests.support.reading import github_log, reading_of, rule

FAILS = "##[error]Process completed with exit code 1."
CAUSE = rule("^boom: ", "boom: ", id="tool/boom")
DETAIL = rule("^FAILED ", "FAILED ", id="tests/summary", kind="detail")
WARNING = rule("^careful: ", "careful: ", id="tool/careful", kind="warning")


def group(line: str) -> CauseGroup:
    return causes_of(reading_of(github_log(("make", f"{line}\n{FAILS}")), CAUSE, DETAIL, WARNING))[0]


@pytest.mark.parametrize(
    ("line", "known"), [("KeyError: 'x'", False), ("careful: old", False), ("boom: bad", True), ("FAILED test_a", True)]
)
def test_only_what_a_rule_knows_as_a_cause_or_its_name_is_known(line: str, *, known: bool) -> None:
    assert is_known(group(line)) is known


@pytest.mark.parametrize("name", ["known", "unknown"])
def test_the_shipped_table_falls_with_the_distance_and_holds_probabilities(name: str) -> None:
    table = tables()[name]
    assert list(table.within) == sorted(set(table.within))
    assert list(table.right) == sorted(table.right, reverse=True)
    assert len(table.within) == len(table.right)
    assert all(0 < share < 1 for share in table.right)


def test_what_a_rule_knows_is_likelier_than_what_none_knows() -> None:
    known, unknown = tables()["known"], tables()["unknown"]
    assert all(known.of(below / 4) > unknown.of(below / 4) for below in range(24))


@pytest.mark.parametrize(("below", "right"), [(0.0, 0.8), (0.5, 0.8), (0.51, 0.4), (2.0, 0.4), (3.0, 0.1), (99.0, 0.1)])
def test_a_distance_is_looked_up_in_its_band(below: float, right: float) -> None:
    assert Table((0.5, 2.0, 6.0), (0.8, 0.4, 0.1)).of(below) == right


@pytest.mark.parametrize("first", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("below", [-1.0, 0.0, 1.0, 7.0])
def test_a_later_cause_is_never_likelier_than_the_first(first: float, below: float) -> None:
    for line in ("boom: bad", "KeyError: 'x'"):
        assert 0 < likelihood(group(line), below, first) <= first


@pytest.mark.parametrize(
    ("line", "place", "below", "said"),
    [
        ("KeyError: 'x'", GUESSES, 0.1, False), ("KeyError: 'x'", 1, FAR + 0.1, False), ("KeyError: 'x'", 1, FAR, True),
        ("boom: bad", GUESSES, FAR + 1, True),
    ],
)  # fmt: skip
def test_a_guess_is_said_only_when_it_is_near_the_best(line: str, place: int, below: float, *, said: bool) -> None:
    assert worth_saying(group(line), place, below) is said
