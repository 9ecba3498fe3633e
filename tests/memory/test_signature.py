from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.memory.signature import KEPT_LINES, Signature, digest, sign
from diagnose.memory.similarity import EXACT, SAME, SIMILAR, containment, score, substituted
from diagnose.memory.tokens import alike, keys_of, words


def signed(*lines: str, category: str = "test") -> Signature:
    found = sign(lines, category=category, tool="", rule="")
    assert found is not None
    return found


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["Process completed with exit code 1."],
        ["make: *** [all] Error 2", "npm ERR!", "=====", "3 failed, 2 passed"],
        ["12:00:01 "],
        ["123", "0x7f"],
    ],
)
def test_no_informative_line_no_signature(lines: list[str]) -> None:
    assert sign(lines, category="test", tool="", rule="") is None


def test_a_signature_is_its_first_informative_lines() -> None:
    found = signed("3 failed", *(f"cannot open file{'x' * n}" for n in range(9)), "cannot open file")
    assert len(found.masked) == len(found.raw) == KEPT_LINES
    assert found.hash == digest(found.masked)
    assert found.hash.startswith(found.id)
    assert len(found.id) == 8


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2026-11-20T01:02:03Z ##[error]cannot open /tmp/a1b2/x.c after 12 s", "cannot open /tmp/zz9/x.c after 3.5 s"),
        ("[12:45:05] lost connection to 10.0.0.1:5432", "lost connection to 10.0.0.2:6000"),
        ("object 0x7f3a at /home/a/b/c/d/e.py:12:3", "object 0x1 at /Users/runner/work/c/d/e.py:9:1"),
    ],
)
def test_what_varies_does_not_matter(left: str, right: str) -> None:
    assert signed(left).hash == signed(right).hash


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("error TS2304: Cannot find name", "error TS2305: Cannot find name"),
        ("Error: exit status 137 of worker foo", "Error: exit status 1 of worker foo"),
        ("FAIL test_login", "FAIL test_logout"),
        ("No module named 'a'", "No module named 'b'"),
        ("bad numpy==1.2.3", "bad numpy==1.2.4"),
    ],
)
def test_what_tells_does(left: str, right: str) -> None:
    assert signed(left).hash != signed(right).hash


def test_a_list_may_come_in_any_order() -> None:
    items = [f"  - package {name} is missing" for name in ("zlib", "curl", "apr", "jq", "vim", "make")]
    assert signed("cannot resolve:", *items).hash == signed("cannot resolve:", *reversed(items)).hash
    assert signed("cannot open a", "then b broke it", "see also c d e f g").raw[0] == "cannot open a"


def test_messages_go_before_the_source_quoted_around_them() -> None:
    source = [f"    value{letter} = compute()" for letter in "abcdef"]
    assert "AssertionError: wrong sum" in signed("____ test_sum ____", *source, "E   AssertionError: wrong sum").raw


@pytest.mark.parametrize(
    "lines", [["\ud800 socket hung up"], ["é" * 9000], ["a\x00b\x1b[31m" * 100], ["x " * 100_000] * 500]
)
def test_hostile_lines_are_signed(lines: list[str]) -> None:
    assert max(map(len, signed(*lines).raw)) <= 400


CASES = [
    ("FAIL test_login: assert 200 == 401", "FAIL test_login: assert 200 == 401", EXACT, EXACT),
    (
        "FAIL tests/test_login.py::test_login - AssertionError: expected 7 rows of table",
        "FAIL tests/test_login.py::test_login - AssertionError: expected 9 rows of table",
        SAME,
        EXACT,
    ),
    ("ModuleNotFoundError: No module named 'requests'", "ModuleNotFoundError: No module named 'numpy'", 0, SAME - 0.1),
    ("cannot connect to the Docker daemon", "undefined reference to main", 0, SIMILAR - 0.1),
]


@pytest.mark.parametrize(("left", "right", "low", "high"), CASES)
def test_scores(left: str, right: str, low: float, high: float) -> None:
    assert low <= score(signed(left), signed(right)) <= high
    assert score(signed(left), signed(right)) == pytest.approx(score(signed(right), signed(left)), abs=1.0)


def test_another_algorithm_is_never_equal_by_hash() -> None:
    one = signed("cannot open file x")
    assert score(one, replace(one, algo=0)) <= EXACT
    assert score(replace(one, masked=("other",)), one) == EXACT  # the hash speaks, where the algorithm is the same
    assert score(replace(one, algo=0, masked=("other",)), one) < EXACT


def test_substitution_needs_both_sides() -> None:
    assert substituted(("missing 'aa' here",), ("missing 'bb' here",))
    assert not substituted(("missing 'aa' here",), ("missing here",))


def test_words_and_keys() -> None:
    assert words("in app/src/main.c: <n> of E0425") == ["in", "app/src/main.c", "<n>", "of", "E0425"]
    assert containment(("a b",), ("c d",), alike) == 0
    assert containment(("",), ("c d",), alike) == 0
    assert len(keys_of(["a b"])) == 4
