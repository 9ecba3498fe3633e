from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from diagnose.rank import shapes as module
from diagnose.rank.shapes import GROUPS, matcher, shapes
from diagnose.scan.expression import problem

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = [
    ("", set()),
    ("a quiet line of output", set()),
    ("src/cart.c:12:5: error: expected ';'", {"loc_err"}),
    ("src/cart.c:12:5: warning: unused", {"loc_warn"}),
    ("E   AssertionError: assert 1 == 2", {"pytest_E"}),
    ("Traceback (most recent call last):", {"py_tb"}),
    ("KeyError: 'x'", {"py_exc"}),
    ("not ok 3 - cart", {"not_ok"}),
    ("--- FAIL: TestCart (0.00s)", {"go_fail"}),
    ("make: *** [Makefile:4: test] Error 1", {"make_err"}),
    ("##[error]Process completed with exit code 1.", {"gh_proc"}),
    ("npm ERR! code ELIFECYCLE", {"npm_err"}),
    ("undefined reference to `main'", {"undef"}),
    ("thread 'main' panicked at src/main.rs:2:5:", {"panicked"}),
    ("would reformat src/cart.py", {"would_reformat"}),
]


@pytest.mark.parametrize("without_re2", [False, True])
@pytest.mark.parametrize(("line", "names"), LINES)
def test_a_line_has_the_shapes_that_it_has(
    line: str, names: set[str], *, without_re2: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if without_re2:
        monkeypatch.setitem(sys.modules, "re2", None)
    found = {shapes()[index].name for index in fresh()(line)}
    assert names <= found
    assert names or not found & {shape.name for shape in shapes() if shape.group == "T"}


def fresh() -> Callable[[str], tuple[int, ...]]:
    """A matcher of its own, not the one that is kept."""
    return matcher.__wrapped__()


def test_every_shape_is_well_formed() -> None:
    assert len({shape.name for shape in shapes()}) == len(shapes()) > 50
    assert {shape.group for shape in shapes()} <= set(GROUPS)
    assert [shape.name for shape in shapes() if problem(shape.expression)] == []


def test_with_and_without_re2_the_shapes_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line, _ in LINES] + ["x" * 5000 + " error: y", "✗ broken", "\0\ufeff", "  ● cart adds"]
    fast = [fresh()(line) for line in lines]
    monkeypatch.setitem(sys.modules, "re2", None)
    assert [fresh()(line) for line in lines] == fast


def test_only_the_beginning_of_a_long_line_is_looked_at() -> None:
    assert matcher()("x" * module._LONGEST + " KeyError: 'x'") == matcher()("x" * module._LONGEST)


def test_every_expression_is_answered_on_what_is_looked_at() -> None:
    for text in ("a" * 10_000, " " * 10_000, "a.b" * 5_000, "=" * 10_000):
        for shape in shapes():
            re.compile(shape.expression, re.ASCII).search(text[: module._LONGEST])
