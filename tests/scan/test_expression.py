from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.scan import expression as module
from diagnose.scan.expression import CUT, SHORT, WINDOW, matches, nested, problem, search

FAR = 900_000


@pytest.fixture
def without_re2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    module._linear.cache_clear()


@pytest.mark.parametrize("pad", [0, SHORT, WINDOW + 1, FAR])
@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("error", "no such word", None),
        ("^error", "an error", None),
        ("Error", "error", None),
        (r"error: (?P<message>\w+)", "an error: bad", {"message": "bad"}),
        (r"(?P<file>\w+)?error(?P<code>\d+)?", "error", {}),
        (r"(?P<file>\w*)!(?P<line>\d*)", "!", {"file": "", "line": ""}),
        (r"(?P<message>[^.\s]+) ✗", "ünï ✗", {"message": "ünï"}),
        (r"\d+ failed", "\u0663 failed", None),
        (r"^\s*$", "\u00a0", None),
    ],
)
def test_a_search_says_the_same_on_short_and_on_long_lines(
    expression: str, text: str, found: dict[str, str] | None, pad: int
) -> None:
    line = text if expression == r"^\s*$" else "." * pad + text
    if "^" in expression and found is None and pad:
        line = "." * pad + text.removeprefix("an ")
    assert search(expression, line, near=pad) == found


@pytest.mark.parametrize("length", [10, SHORT + 10, WINDOW - 10, WINDOW + 10, FAR])
@pytest.mark.parametrize("shift", [-WINDOW, -WINDOW // 2, 0, WINDOW // 2, WINDOW // 2 + 5, WINDOW])
def test_a_windows_edge_is_not_the_lines(length: int, shift: int) -> None:
    line = "." * length + "error" + "." * length
    near = max(0, length + shift)
    assert search("^error", line, near=near) is None
    assert search("error$", line, near=near) is None


@pytest.mark.parametrize("length", [10, SHORT + 10, WINDOW + 10, FAR])
def test_the_lines_own_beginning_and_end_are_found(length: int) -> None:
    assert matches("^error", "error" + "." * length)
    assert search("error$", "." * length + "error", near=length) == {}
    assert search(r"^(?P<message>.*)$", "." * length) == {
        "message": "." * length if length <= WINDOW else "." * WINDOW + CUT
    }


def test_a_long_line_is_searched_near_the_literal() -> None:
    line = "x" * FAR + "error: deep (7)" + "y" * FAR
    assert search(r"error: (?P<message>\w+) \((?P<code>\d)\)", line, near=FAR) == {"message": "deep", "code": "7"}
    assert search("error", line) is None


@pytest.mark.parametrize(
    "expression", [r"(?:a+)+b", r"(?:a|a)*b", r"^(?:\w+\s?)*!", r".*.*.*=!", r"(?P<file>[\w./]+)*:(?P<line>\d+)"]
)
def test_what_would_hold_up_re_is_answered_on_a_line_of_a_megabyte(expression: str) -> None:
    assert search(expression, "a" * (1 << 20), near=1 << 19) is None
    assert search(expression, "a" * SHORT * 3) is None
    assert problem(expression) == ""


@pytest.mark.parametrize(
    ("text", "caseless", "found"),
    [
        ("ERROR x", True, True),
        ("ERROR x", False, False),
        ("e" * 500 + "RROR", True, True),
        ("error" * 100, True, True),
        ("É" * 500 + "ERROR", True, True),
    ],
)
def test_case(text: str, caseless: bool, found: bool) -> None:  # noqa: FBT001 - columns of the table
    assert (search("error", text, caseless=caseless) is not None) is found


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.sampled_from("aA1 \t._-:[]é✗\ufeff\0"), max_size=30))
@pytest.mark.parametrize(
    "expression",
    [
        r"^\s*(?P<file>\w+):(?P<line>\d+)",
        r"\b(?P<code>[A-Z]\d)\b",
        r"(?P<message>\S.*\S)$",
        "[^a]+A?",
        r"\W\w\W",
        r"^.\B",
        "é|✗",
    ],
)
def test_both_engines_agree(expression: str, text: str) -> None:
    short, long = (
        module._fast(expression, caseless=False).search(text),
        module._linear(expression, caseless=False).search(text),
    )
    assert (short and short.groupdict()) == (long and long.groupdict())


@pytest.mark.usefixtures("without_re2")
def test_without_re2_the_results_are_the_same() -> None:
    assert search(r"error: (?P<message>\w+)", "x" * 3000 + "error: bad") == {"message": "bad"}
    assert search("^error", "x" * FAR + "error", near=FAR) is None
    assert problem("a(?=b)") == ""
    assert problem("(").startswith("not an expression")


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("(?:a+)+b", True),
        ("(?:a+)*b", True),
        (r"(?:[A-Z]\w*\\?)+x", True),
        ("(?:x|(?:a*))+", True),
        ("(?:(?:ab?)+c)*", True),
        ("(?:a{0,9}){5,90}", True),
        ("(?:a+?)+?", True),
        ("a+b+c*", False),
        ("(?:ab)+", False),
        ("(?:ab?){1,3}", False),
        ("(?:a+)?b", False),
        ("(?:a+){3}", False),
        ("(?:[a-z]\\d{2})+", False),
        ("", False),
    ],
)
def test_a_repeat_within_a_repeat_is_seen(expression: str, found: bool) -> None:  # noqa: FBT001 - a column of the table
    assert nested(expression) is found


@pytest.mark.parametrize("expression", [r"^(?:a+)+b", r"^(?:a|a)*?b(?:c+)*d", r"(?P<message>(?:[A-Z]\w*\\?)+): x"])
def test_a_short_line_that_would_hold_up_re_is_answered(expression: str) -> None:
    for text in ("a" * (SHORT - 1), "A1" * (SHORT // 2 - 1)):
        assert search(expression, text, linear=True) is None
        assert not nested(expression) or search(expression, text) is None
