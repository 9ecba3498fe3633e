"""A failed test's name as its runner takes it back, and quoted for the shell whatever it holds."""

from __future__ import annotations

import shlex

import pytest

from diagnose.model.report import Cause, Evidence, FailedTest
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.plain import plain
from diagnose.scan.rule import Rule
from diagnose.synthesis.asked import asked
from diagnose.synthesis.reproduce import reproduce


@pytest.mark.parametrize(
    ("tool", "printed", "taken"),
    [
        ("pytest", "tests/test_a.py::test_b[x-1]", "tests/test_a.py::test_b[x-1]"),
        ("mocha", "cart \u203a sum \u203a adds prices", "cart sum adds prices"),
        ("jasmine", "cart \u203a adds prices", "cart adds prices"),
        ("maven-surefire", "com.acme.CartTest.total", "com.acme.CartTest#total"),
        ("maven-surefire", "total(com.acme.CartTest)", "com.acme.CartTest#total"),
        ("maven-surefire", "CartTest.total[2]", "CartTest#total"),
        ("maven-surefire", "CartTest.total(String)[1]", "CartTest#total"),
        ("maven-surefire", "com.acme.CartTest", "com.acme.CartTest"),
        ("gradle", "com.acme.CartTest > total()", "com.acme.CartTest.total"),
        ("gradle", "CartTest > total(int) [1]", "CartTest.total"),
        ("gradle", "CartTest > adds two prices", "CartTest.adds two prices"),
        ("unittest", "test_a (mod.T)", "mod.T.test_a"),
        ("unittest", "test_a (mod.T.test_a)", "mod.T.test_a"),
        ("unittest", "test_a (mod.T) (i=1)", "mod.T.test_a"),
        ("phpunit", "Acme\\CartTest::testTotal", "Acme\\\\CartTest::testTotal"),
        ("phpunit", 'CartTest::testTotal with data set "empty" (array())', "CartTest::testTotal"),
        ("phpunit", "CartTest::testTotal with data set #0 (1, 2)", "CartTest::testTotal"),
        ("pest", "Tests\\CartTest > it sums prices", "it sums prices"),
        ("pest", "Tests\\CartTest > it sums pri\u2026", "it sums pri"),
        ("dotnet-test", "Acme.CartTests.Total(count: 2)", "Acme.CartTests.Total"),
        ("go-test", "TestTotal/a+b", "TestTotal/a\\+b"),
        ("ctest", "cart.total", "cart\\.total"),
        ("bats", "adds (twice)", "adds \\(twice\\)"),
    ],
)
def test_a_name_is_written_as_its_runner_takes_it(tool: str, printed: str, taken: str) -> None:
    assert asked(printed, tool) == taken


@pytest.mark.parametrize(
    "template", ["run -k '^{test}$' x", "run '{test}' x", "run {test} x", "run 'only * -- \"{test}\"' x"]
)
@pytest.mark.parametrize("name", ["TestA", "a;id", "it's $(id)", "a b`id`", "'; id; '", '"; id; "'])
def test_a_name_from_a_log_stays_one_word_of_the_command(template: str, name: str) -> None:
    rule = Rule("t/t", "t", "t", "cause", "t", "test", ("x",), "x", reproduce=template)
    evidence = (Evidence("log", 1, 1, Untrusted("x")),)
    cause = Cause(
        "c1",
        phrase("t"),
        "test",
        "t",
        "t/t",
        Untrusted("job"),
        None,
        evidence,
        0.5,
        phrase(""),
        failed_tests=(FailedTest(Untrusted(name)),),
    )
    words = shlex.split(plain(reproduce(cause, rule, "")[0]))
    assert len(words) == len(shlex.split(template))
    assert any(name in word for word in words)
    assert words[0] == "run"
    assert words[-1] == "x"
