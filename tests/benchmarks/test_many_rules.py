"""The invented rules of the benchmark are rules: what the gate looks for stands on every line that they match."""

from __future__ import annotations

import random  # noqa: TID251 - seeded

import pytest

from benchmarks.many_rules import FEW, MANY, main, rule_sets, shared_words, variant
from diagnose.scan.literals import required
from tests.support.reading import rule


def test_many_rules_are_few_and_their_kin() -> None:
    few, many = rule_sets()
    assert (len(few), len(many), many[:FEW]) == (FEW, MANY, few)
    assert len({each.id for each in many}) == MANY
    assert all(required(each.expression, each.literals, caseless=each.caseless) for each in many)
    assert len({each.literals for each in many}) > MANY * 2 // 3


def test_a_tool_s_own_words_are_other_words_and_shared_ones_stay() -> None:
    one = rule(
        r"^gadget: error: (?P<file>[^:]+): missing Sprocket \w+$",
        "gadget: error: ",
        "missing Sprocket",
        requires=("gadget version",),
    )
    made = variant(one, 7, frozenset({"error", "missing", "version"}), random.Random(1))  # noqa: S311 - the same words each time
    assert made.id == "tool-7/rule"
    assert "gadget" not in repr((made.literals, made.expression, made.requires))
    assert made.literals[0].endswith(": error: ")
    assert made.requires[0].removesuffix(" version") == made.literals[0].partition(":")[0]
    assert r"(?P<file>[^:]+)" in made.expression
    assert made.literals[1].partition(" ")[2].istitle()


def test_words_of_many_tools_are_nobody_s_own() -> None:
    rules = [rule("x", "error: xxxx", id=f"t{number}/one") for number in range(12)] + [
        rule("x", "sprocket", id="t/one")
    ]
    assert shared_words(rules) == {"error", "xxxx"}


@pytest.mark.parametrize("arguments", [["--size", "20000"]])
def test_one_command_measures(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "3000 rules, " in out
    assert "literal database compiled in" in out
