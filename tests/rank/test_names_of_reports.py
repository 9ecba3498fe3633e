"""One test, named by a log and by a test report."""

from __future__ import annotations

import pytest

from diagnose.rank.names import same_test

PAIRS = [
    ("tests/test_a.py::test_b", "tests/test_a.py::test_c", False),
    ("tests/test_a.py::test_b[1]", "tests/test_a.py::test_b[2]", False),
    ("test_b", "tests.test_a.my_test_b", False),
    ("com.acme.CartTest.total", "com.acme.CartTest.totals", False),
    ("tests/test_a.py::T::test_b", "tests.test_a.T.test_b", True),
    ("tests/test_a.py::test_b[x/y.py]", "tests.test_a.test_b[x/y.py]", True),
    ("CartTest.total", "com.acme.CartTest.total", True),
    ("CartTest > total()", "com.acme.CartTest.total()", True),
    ("Cart > adds items", "Cart adds items", True),
    ("Cart \u203a adds items", "Cart adds items", True),
    ("src/cart.test.js > Cart > adds items", "Cart adds items", True),
    ("tests::total", "acme::tests::total", True),
    ("TestTotal/rounded", "TestTotal/rounded", True),
    ("Acme\\CartTest::testTotal", "Acme.CartTest.testTotal", True),
]


@pytest.mark.parametrize(("one", "other", "same"), PAIRS)
def test_names_from_different_hands(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table
    assert same_test(one, other) == same
    assert same_test(other, one) == same
