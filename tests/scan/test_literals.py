"""An expression needs a literal exactly when no line can match without one: else the gate in front of it loses lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.scan.expression import problem
from diagnose.scan.literals import required
from tests.support.reading import shipped


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        ("error", ["Error"]),
        ("errors?", ["errors"]),
        ("(?:error)?", ["error"]),
        ("error|fail", ["error"]),
        ("error|", ["error"]),
        (r"err\w+", ["error"]),
        ("err[o0]r", ["error"]),
        ("err.r", ["error"]),
        ("er*or", ["error"]),
        ("er+or", ["erro"]),
        ("(?:error)*", ["error"]),
        ("(?:error){0,3}", ["error"]),
        ("(?:a|b){2}", ["ab"]),
        ("[^e]rror", ["error"]),
        ("[a-e]rror", ["error"]),
        (r"er\b ror", ["error"]),
        ("(?i:error)", ["error"]),
        ("(?i)error", ["error"]),
        ("x(?i:y)z", ["xyz"]),
        ("zx{50}y", ["z" + "x" * 41]),
        ("z" + "x{50}" + "y", ["z" + "x" * 40 + "y"]),
        (r"\d+ failed|\d+ errors", [" failed"]),
        ("(?:a|b|c|d|e)(?:a|b|c|d|e)(?:a|b|c|d|e)(?:a|b|c|d|e)(?:a|b|c|d|e)", ["aaaaa"]),
        ("é", ["e"]),
        ("", ["x"]),
        ("^$", ["x"]),
    ],
)
@pytest.mark.parametrize("caseless", [False])
def test_an_expression_that_can_do_without(expression: str, literals: list[str], *, caseless: bool) -> None:
    assert not required(expression, tuple(literals), caseless=caseless)


@pytest.mark.parametrize(
    ("expression", "literals", "caseless"),
    [
        ("error", ["error"], False),
        ("error", ["rro"], False),
        ("^error$", ["error"], False),
        ("errors?", ["error"], False),
        ("errors?:", ["error:", "errors:"], False),
        ("(?P<code>E)rror", ["Error"], False),
        ("error|fail", ["error", "fail"], False),
        ("(?:error|fail)ed", ["errored", "failed"], False),
        ("[Ee]rror", ["rror"], False),
        ("[Ee]rror", ["Error", "error"], False),
        ("er{2}or", ["error"], False),
        ("er+or", ["er"], False),
        ("(?:no ){1,3}such", ["such"], False),
        ("(?:ab){2,}", ["abab"], False),
        (r"\berror\b", ["error"], False),
        (r"error .* here", ["error "], False),
        (r"error\[", ["error["], False),
        ("ERROR", ["error"], True),
        ("[Ee]RRor", ["error"], True),
        ("(?i:error)", ["error"], True),
        ("(?i)Error", ["ERROR"], True),
        ("(?i:12) tests", ["12 tests"], False),
        ("✗ \\S", ["✗ "], False),
        ("x{50}y", ["x" * 40], False),
        ("x{50}y", ["y"], False),
        ("(?-i:error)", ["error"], False),
    ],
)
def test_an_expression_that_cannot(expression: str, literals: list[str], caseless: bool) -> None:  # noqa: FBT001 - a column of the table
    assert required(expression, tuple(literals), caseless=caseless)


PIECES = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "A",
        "B",
        "[ab]",
        "[^a]",
        ".",
        r"\w",
        "a?",
        "(?:ab)?",
        "(?:a|b)",
        "(?:ab|ba|)",
        "b*",
        "b+",
        "a{2}",
        "(?:ab){1,2}",
        "(?:a|bb){2}",
        "^",
        r"\b",
        "(?i:a)",
        "(?i:ab)",
        "(?P<x>a|b)",
    ]
)


@settings(deadline=None, max_examples=400)
@given(
    pieces=st.lists(PIECES, min_size=1, max_size=5),
    literal=st.text("abAB", min_size=1, max_size=3),
    line=st.text("abAB ", max_size=8),
    caseless=st.booleans(),
)
def test_whatever_matches_holds_a_required_literal(pieces: list[str], literal: str, line: str, caseless: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    expression = "".join(pieces)
    if expression.count("(?P<x>") > 1 or not required(expression, (literal,), caseless=caseless):
        return
    if re.search(expression, line, re.ASCII | (re.IGNORECASE if caseless else 0)):
        assert (literal.lower() in line.lower()) if caseless else (literal in line)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_lines_made_from_a_shipped_expression_hold_its_literals(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(shipped().rules), label="rule")
    flags = re.ASCII | (re.IGNORECASE if rule.caseless else 0)
    line = data.draw(st.from_regex(re.compile(rule.expression, flags)), label="line")
    if "\n" in line:
        return
    fold = line.lower() if rule.caseless else line
    assert any((literal.lower() if rule.caseless else literal) in fold for literal in rule.literals)


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("(", "not an expression: "),
        ("(?P<a", "not an expression: "),
        ("a(?=b)", "not RE2: "),
        ("(?<!a)b", "not RE2: "),
        (r"(a)\1", "not RE2: "),
        ("a++", "not RE2: "),
        ("(?>a)", "not RE2: "),
        ("x{2000}", "not RE2: "),
        ("a", ""),
        (r"^\s*(?P<file>[\w./-]+):(?P<line>\d+)", ""),
    ],
)
def test_expressions_that_are_refused(expression: str, word: str) -> None:
    found = problem(expression)
    assert found.startswith(word)
    assert bool(found) == bool(word)
