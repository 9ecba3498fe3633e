from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.rank.features import CONTEXT, KINDS, best_match, names, shape_of
from diagnose.rank.model import (
    SECOND_STAGE,
    SIGNALS,
    Trait,
    ordered,
    probability,
    reasons,
    score_of,
    signals,
    trait_of,
    weights,
)
from diagnose.rank.reading import describe
from diagnose.scan.rule import KINDS as RULE_KINDS
from diagnose.scan.scanner import Match
from tests.support.reading import reading_of, rule


def vector(**named: float) -> list[float]:
    found = {name.replace("__", ":"): value for name, value in named.items()}
    assert set(found) <= set(names())
    return [found.get(name, 0.0) for name in names()]


def test_every_feature_has_a_name_of_its_own_and_every_kind_of_rule_is_one() -> None:
    assert len(set(names())) == len(names()) == len(weights().line)
    assert set(KINDS) == set(RULE_KINDS)
    assert names()[-len(CONTEXT) :] == CONTEXT


def test_the_weights_are_numbers() -> None:
    assert all(math.isfinite(weight) for weight in weights().line)
    assert any(weights().line)
    assert set(weights().confidence) == set(SIGNALS)


def test_the_first_stage_adds_what_each_feature_weighs() -> None:
    assert score_of([], []) == 0
    one, other = sorted((names().index("rule:cause"), names().index("once")))
    assert score_of([one, other], [1.0, 2.0]) == pytest.approx(weights().line[one] + 2 * weights().line[other])


def test_reasons_are_what_differs_the_heaviest_first() -> None:
    assert reasons(vector(once=1), vector(once=1)) == []
    found = reasons(vector(rule__cause=1, rule_weight=2), vector(), most=2)
    assert "rule_weight" in {name for name, _ in found}
    assert abs(found[0][1]) >= abs(found[1][1])
    assert len(reasons([1.0] * len(names()), vector(), most=3)) == 3


def test_reasons_add_up_to_the_difference_of_the_scores() -> None:
    mine, its = vector(rule__cause=1, rule_weight=1.5, once=1), vector(red=1, relative=0.5)
    told = reasons(mine, its, most=1000)
    forest = weights().forest
    assert sum(gain for _, gain in told) == pytest.approx(forest.score([*mine, 0.0]) - forest.score([*its, 0.0]))


def test_only_the_likely_ones_are_looked_at_twice_and_the_rest_stand_below_in_their_order() -> None:
    reading = reading_of("".join(f"error: thing {'x' * (n % 7)} {n} is bad\n" for n in range(300)))
    scores = [candidate.score for candidate in reading.candidates]
    assert scores == sorted(scores, reverse=True)
    windows, described = describe(reading.scan, None)
    found = ordered(described)
    assert len(found) == len(described) > SECOND_STAGE
    assert [value for value, _ in found] == sorted((value for value, _ in found), reverse=True)
    below = [score_of(item.places, item.numbers) for _, item in found[SECOND_STAGE:]]
    assert below == sorted(below, reverse=True)
    assert windows


def ranked(*rows: tuple[float, int, str]) -> list[tuple[float, Trait]]:
    """Candidates out of (score, line, rule)."""
    return [(score, Trait(line, rule, 1.0, begins=False, preceded=False)) for score, line, rule in rows]


@pytest.mark.parametrize(
    ("candidates", "told"),
    [
        (ranked((1.0, 7, "t/a")), {"margin": 2.0, "rival": 2.0, "beside": 0.0}),  # nobody else
        (
            ranked((1.0, 7, ""), (1.0, 9, "")),
            {"margin": 0.0, "rival": 2.0, "beside": 1.0},
        ),  # the same failure, a line on
        (ranked((1.0, 7, ""), (1.0, 10, "")), {"beside": 0.0}),
        (
            ranked((1.0, 90, "t/a"), (0.9, 7, "t/a"), (0.5, 8, "t/b")),
            {"margin": 0.1, "rival": 0.5},
        ),  # its own rule again is no rival
        (ranked((1.0, 90, ""), (0.9, 7, "")), {"rival": 0.1}),  # two that no rule knows are rivals
        (ranked((1.0, 90, ""), (0.9, 78, ""), (0.5, 77, "")), {"rival": 0.5}),  # from 13 lines on
        (ranked((1000.0, 1, ""), (-1000.0, 99, "")), {"margin": 2.0, "rival": 2.0}),
    ],
)
def test_what_the_calibrator_sees(candidates: list[tuple[float, Trait]], told: dict[str, float]) -> None:
    found = signals(candidates, passing=False)
    assert tuple(found) == SIGNALS
    assert {name: found[name] for name in told} == pytest.approx(told)
    assert (found["one"], found["passing"], signals(candidates, passing=True)["passing"]) == (1.0, 0.0, 1.0)


def test_a_rule_of_any_weight_counts_no_more_than_the_most() -> None:
    found = signals([(1.0, Trait(3, "t/a", 3.0, begins=True, preceded=True))], passing=False)
    assert (found["weight"], found["begins"], found["preceded"]) == (2.0, 1.0, 1.0)


def test_traits_are_read_off_the_features() -> None:
    known = rule("^bad", "bad", weight=1.5)
    _, found = describe(reading_of("quiet words\n\nbad: 1\nerror: cannot open x\n", known).scan, None)
    traits = {trait.line: trait for trait in map(trait_of, found)}
    assert traits[3] == Trait(3, "tool/rule", 1.5, begins=True, preceded=False)
    assert (traits[4].rule, traits[4].weight, traits[4].begins) == ("", 0.0, False)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.integers(1, 99), st.sampled_from(["", "t/a"])), min_size=1, max_size=90
    ),
    st.booleans(),
)
def test_a_probability_is_never_sure(rows: list[tuple[float, int, str]], passing: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    found = signals(ranked(*sorted(rows, reverse=True)), passing=passing)
    assert 0.01 <= probability(found) <= 0.99


def test_a_probability_without_signals_or_with_absurd_ones() -> None:
    assert probability({}) == 0.5
    assert probability({"one": 1e308}) in (0.01, 0.99)
    assert probability({"never heard of": 7.0}) == 0.5


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", ""),
        ("  a 12 b ", "a 0 b"),
        ("at 0xdeadBEEF1", "at 0x0"),
        ("took 3.25s", "took 0.0s"),
        ("sha 3fc09d1 x", "sha 0 x"),
        ("no digits", "no digits"),
        ("x" * 500, "x" * 160),
        ("beef" * 250_000 + " 1", ("beef" * 40)),
        ("ab" * 9 + "1cd.e", "0.e"),
    ],
)
def test_what_makes_two_lines_alike(text: str, shape: str) -> None:
    assert shape_of(text) == shape


def match(kind: str, weight: float = 1.0) -> Match:
    return Match(1, rule("xx", id=f"t/{kind}-{weight}", kind=kind, weight=weight), "xx", {})


@pytest.mark.parametrize(
    ("matches", "best"),
    [
        ([], None),
        ([match("silent"), match("totals")], "t/totals-1.0"),
        ([match("wrapper", 1), match("detail", 1)], "t/wrapper-1"),
        ([match("wrapper", 0.4), match("detail", 1)], "t/detail-1"),
        ([match("detail", 1.7), match("cause", 1)], "t/cause-1"),
        ([match("detail", 3), match("cause", 1)], "t/detail-3"),
        ([match("totals", 3), match("wrapper", 0.1)], "t/wrapper-0.1"),
        ([match("cause", 3), match("noise", 0.1)], "t/noise-0.1"),
        ([match("cause", 1), match("cause", 2), match("cause", 1.5)], "t/cause-2"),
    ],
)
def test_the_most_telling_rule_of_a_line(matches: list[Match], best: str | None) -> None:
    found = best_match(matches)
    assert (found.rule.id if found else None) == best


def test_features_say_what_stands_round_a_line() -> None:
    text = "start\n\n\x1b[31merror: bad 1\x1b[0m\n  where\nend\nerror: bad 2\nerror: bad 3\n"
    reading = reading_of(text, rule("^error: bad", "error: ", weight=1.5))
    told = {candidate.line: dict(zip(names(), candidate.values, strict=True)) for candidate in reading.candidates}
    first, last = told[3], told[7]
    assert (first["red"], first["after_blank"], first["deeper_next"], first["first_telling"], first["column0"]) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert (first["rule:cause"], first["rule_weight"], first["rule_first"]) == (1, 1.5, 1)
    assert (last["red"], last["after_blank"], last["first_telling"], last["rule_first"], last["in_run"]) == (
        0,
        0,
        0,
        0,
        1,
    )
    assert last["rule_count"] == pytest.approx(math.log(4))
    assert last["relative"] == 1.0
    assert first["log_from_end"] == pytest.approx(math.log(5))
    assert first["once"] == 0
    assert first["rarity"] == pytest.approx(math.log(4))
