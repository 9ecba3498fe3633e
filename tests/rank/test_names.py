"""One test under several spellings, and tests that are near but not the same."""

from __future__ import annotations

import pytest

from diagnose.rank.names import known_as, means, plain_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/test_x.py::test_a", "tests/test_x.py::test_ab"),
        ("com.acme.FooTest.bar", "FooTest.rebar"),
        ("bar(com.acme.FooTest)", "com.acme.BarTest.bar"),
        ("test_a (mod.T)", "test_a (mod.U)"),
        ("adds", "sums"),
        ("loads (slow)", "loads"),
        ("loads [slow]", "loads"),
        ("test_x.py::test_a[1]", "test_x.py::test_a[2]"),
    ],
)
def test_other_tests_stay_apart(one: str, other: str) -> None:
    assert not known_as([one], other)
    assert not known_as([other], one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/test_x.py::TestT::test_a", "TestT.test_a"),
        ("tests/test_x.py::TestT::test_a[1-2]", "TestT.test_a[1-2]"),
        ("test_a (mod.T)", "mod.T.test_a"),
        ("test_a (mod.T.test_a)", "test_a (mod.T)"),
        ("bar(com.acme.FooTest)", "FooTest.bar"),
        ("bar[0](com.acme.FooTest)", "com.acme.FooTest.bar[0]"),
        ("com.acme.FooTest > bar()", "FooTest.bar"),
        ("com.acme.FooTest#bar", "FooTest.bar"),
        ("cart \u203a sums prices", "sums prices"),
        ("com.acme.FooTest.bar(com.acme.FooTest)", "bar(com.acme.FooTest)"),
        ("bar[1](com.acme.FooTest)", "FooTest.bar"),
        ("FooTest.odd", "odd{int}[2]"),
        ("same", "same"),
    ],
)
def test_spellings_of_one_test_are_the_same(one: str, other: str) -> None:
    assert known_as(["another", one], other) == one
    assert known_as(["another", other], one) == other


def test_the_whole_name_means_its_last_parts_but_not_the_other_way_round() -> None:
    assert means("com.acme.FooTest.bar", "FooTest.bar")
    assert not means("FooTest.bar", "com.acme.FooTest.bar")
    assert plain_name("setUpClass (mod.T)") == "mod.T.setUpClass"
