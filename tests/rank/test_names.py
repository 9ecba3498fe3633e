"""One test under several spellings, and tests that are near but not the same."""

from __future__ import annotations

import pytest

from diagnose.rank.names import fullest, known_as, means, plain_name, suites_of


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


@pytest.mark.parametrize(
    ("one", "other", "whole"),
    [
        ("Tests\\CartTest > it sums all pri\u2026", "it sums all prices", "Tests\\CartTest > it sums all prices"),
        (
            "Tests\\CartTest > it sums all pri\u2026",
            "Tests\\CartTest > it sums all prices",
            "Tests\\CartTest > it sums all prices",
        ),
        ("it sums all prices", "Tests\\CartTest > it sums all pri\u2026", "Tests\\CartTest > it sums all prices"),
    ],
)
def test_a_title_that_its_runner_cut_is_whole_again(one: str, other: str, whole: str) -> None:
    assert known_as([one], other) == one
    assert fullest(one, other) == whole


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tests\\CartTest > it sums\u2026", "it multiplies"),
        ("Tests\\CartTest > it sums all pri\u2026", "Tests\\PriceTest > it sums all prices"),
        ("Tests\\CartTest > it\u2026", "items"),
        ("Tests\\CartTest > it sums all pri\u2026", "Tests\\CartTest > it sums all pri\u2026 twice\u2026"),
    ],
)
def test_other_titles_do_not_mend_a_cut_one(one: str, other: str) -> None:
    assert not known_as([one], other)


def test_suites_stand_before_their_tests() -> None:
    assert suites_of(["cart \u203a sums \u203a prices", "top", "a > b"]) == {"cart", "cart \u203a sums"}
