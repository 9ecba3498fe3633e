"""Which lines hold which literals: both gates say the same, and it is the truth."""

from __future__ import annotations

import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.scan.gate import PlainGate, VectorGate, build_gate

Literals = list[tuple[bytes, bool]]


def truth(literals: Literals, data: bytes, first: int) -> list[tuple[int, int, int, set[int]]]:
    out, start = [], 0
    for number, line in enumerate(data.split(b"\n"), first):
        found = {
            index
            for index, (literal, caseless) in enumerate(literals)
            if (literal.lower() in line.lower() if caseless else literal in line)
        }
        if found:
            out.append((number, start, start + len(line), found))
        start += len(line) + 1
    return out


@pytest.fixture(params=["vector", "plain", "plain without RE2"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    if name == "vector":
        pytest.importorskip("hyperscan")
    if name == "plain without RE2":
        monkeypatch.setitem(sys.modules, "re2", None)
    return name


def gate_of(kind: str, literals: Literals) -> VectorGate | PlainGate:
    return VectorGate.build(literals, None)[0] if kind == "vector" else PlainGate(literals)


@pytest.mark.parametrize(
    ("literals", "data"),
    [
        ([(b"a", False)], b""),
        ([(b"a", False)], b"\n\n\n"),
        ([(b"a", False)], b"A"),
        ([(b"a", True)], b"A\na\nb"),
        ([(b"ab", False), (b"b", False)], b"ab\nb\nabb\n"),
        ([(b"ab", False), (b"ab", True)], b"AB\nab\n"),
        ([(b"abc", False), (b"bcd", False)], b"abcd"),
        ([(b"$ ", False), (b".*", False), (b"[", False)], b"$ .* [\n$x"),
        ([(b"\t", False)], b"\t\t\t\n \n\t"),
        ([(b"\xe2\x9c\x97", True)], b"\xe2\x9c\x97\n\0\n"),
        ([(b"\xc3\x89", True)], b"\xc3\xa9\n\xc3\x89\n"),
        ([(b"x", False)], b"\rx\r\nx\r\r\n"),
        ([(b"end", False)], b"not\nthe end"),
        ([(b"ok", False)], b"o\nk\nok"),
    ],
)
@pytest.mark.parametrize("first", [1, 777])
def test_a_gate_tells_the_lines_and_their_literals(kind: str, literals: Literals, data: bytes, first: int) -> None:
    assert gate_of(kind, literals).lines(data, first) == truth(literals, data, first)


WORDS = st.lists(
    st.tuples(st.text("aAbB.", min_size=1, max_size=3).map(str.encode), st.booleans()),
    min_size=1,
    max_size=5,
    unique=True,
)


@settings(deadline=None, max_examples=150)
@given(literals=WORDS, data=st.text("aAbB.\n", max_size=40).map(str.encode))
def test_both_gates_say_what_is_there(literals: Literals, data: bytes) -> None:
    pytest.importorskip("hyperscan")
    expected = truth(literals, data, 1)
    assert VectorGate.build(literals, None)[0].lines(data, 1) == expected
    assert PlainGate(literals).lines(data, 1) == expected


def test_a_page_of_nothing_but_hits_is_read_in_bounded_memory(kind: str) -> None:
    gate = gate_of(kind, [(b"\t", False), (b"a", True)])
    data = b"\ta" * (1 << 17) + b"\n" + b"\ta" * (1 << 16)
    tracemalloc.start()
    try:
        found = gate.lines(data, 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [(line, ids) for line, _, _, ids in found] == [(1, {0, 1}), (2, {0, 1})]
    assert peak < 4 << 20


def test_a_serialised_gate_is_the_same_gate() -> None:
    pytest.importorskip("hyperscan")
    literals = [(b"bad", False), (b"Word", True)]
    _, kept = VectorGate.build(literals, None)
    again, same = VectorGate.build(literals, kept)
    assert same == kept
    assert again.lines(b"x\nbad WORD\n", 1) == truth(literals, b"x\nbad WORD\n", 1)


def test_without_vectorscan_the_plain_gate_stands_in_and_nothing_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    gate, kept = build_gate([(b"bad", False)])
    assert isinstance(gate, PlainGate)
    assert kept == b""
    assert gate.lines(b"a\nbad", 1) == [(2, 2, 5, {0})]
