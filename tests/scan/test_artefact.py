"""Rules as they are kept: the same rules, made when they are asked for, or nothing at all."""

from __future__ import annotations

import pytest

from diagnose.scan.artefact import ById, KeptRules, dump, parse
from diagnose.scan.rule import Advice, Block, Capture, Command
from tests.support.reading import rule

RULES = (
    rule(
        "aa",
        id="t/1",
        block=Block(after=3),
        captures=(Capture("(?P<file>x)", "above", 2),),
        commands=(Command("run", safe=True),),
        advice=(Advice("x (?P<name>y)", "Less {name}.", (1.0, 2.0, 3.0)), Advice("z", "No z.")),
        minutes=(1.0, 2.0, 3.0),
    ),
    rule("✗ (?P<message>.*)", "✗ ", id="t/2", caseless=True, requires=("ctx", "other"), explains=("*",), weight=0.5),
)


def kept() -> KeptRules:
    found = parse(dump(RULES, "key"), "key")
    assert found is not None
    return found[0]


def test_what_is_kept_is_what_was_given() -> None:
    rules = kept()
    assert (len(rules), tuple(rules), rules[0], rules[-1], rules[0:1]) == (2, RULES, RULES[0], RULES[1], RULES[:1])
    assert rules == RULES
    assert rules == kept()
    assert rules != RULES[:1]
    assert rules != "text"
    assert hash(rules) == hash(kept())
    assert rules[1] is rules[1]
    with pytest.raises(IndexError):
        rules[2]


def test_rules_are_found_by_their_id() -> None:
    known = ById(kept())
    assert (len(known), list(known), known["t/2"], "t/1" in known, "t/3" in known) == (
        2,
        ["t/1", "t/2"],
        RULES[1],
        True,
        False,
    )
    with pytest.raises(KeyError):
        known["t/3"]


def test_no_rules_are_kept_too() -> None:
    found = parse(dump((), "key"), "key")
    assert found is not None
    assert tuple(found[0]) == ()


def test_every_byte_of_it_counts() -> None:
    data = dump(RULES, "key")
    assert parse(data, "other key") is None
    for place in range(0, len(data) - 4, 3):
        changed = bytes([data[place] ^ 1])
        assert parse(data[:place] + changed + data[place + 1 :], "key") is None
    for end in range(0, len(data) - 4, 11):
        assert parse(data[:end], "key") is None
