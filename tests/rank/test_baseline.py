from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.logs.decode import shown, strip_colours
from diagnose.logs.dialects import detect
from diagnose.logs.nested import said
from diagnose.rank import baseline
from diagnose.rank.baseline import passing_shapes
from diagnose.rank.features import shape_of
from tests.support.reading import STAMP, pages_of

LONG = "a long warning about something else than numbers, " * 4


def line_by_line(data: bytes) -> set[str]:
    """The shapes of all lines, each read by itself: what the search must agree with."""
    dialect = detect(*pages_of(data).ends())
    return {shape_of(said(dialect, line)) for line in strip_colours(data.removesuffix(b"\n")).split(b"\n")}


def found(data: bytes, *texts: str) -> list[str]:
    shapes = {shape_of(text): text for text in texts}
    hashes = passing_shapes(pages_of(data), shapes)
    return [text for shape, text in shapes.items() if hash(shape) in hashes]


def lines(*texts: str, frame: str = STAMP, end: str = "\n") -> bytes:
    return "".join(f"{frame.format(n=n, p='ghijklmn'[n % 8])}{text}{end}" for n, text in enumerate(texts)).encode()


ABSENT = {
    "nothing": (b"", "error: x"),
    "another word": (lines("error: y"), "error: x"),
    "words of hexadecimal letters alone": (lines("FAIL: bad", "FAIL: cab"), "FAIL: dad"),
    "a part of a line": (lines("an error: x here"), "error: x"),
    "more spaces inside": (lines("error:  x"), "error: x"),
    "a blank line": (lines("1", "a2"), ""),
    "what a carriage return overwrites": (lines("error: x\rdone, and it went well"), "error: x"),
    "another beginning of a long line": (lines("b" + LONG), "c" + LONG),
}  # fmt: skip


@pytest.mark.parametrize("name", ABSENT)
def test_what_a_passing_run_does_not_print(name: str) -> None:
    data, text = ABSENT[name]
    assert found(data, text) == []


PRESENT = {
    "the same line": (lines("error: x"), "error: x"),
    "other numbers": (lines("[12] error: x at 0xdeadbeef1"), "[7] error: x at 0xfeed2"),
    "a blank line": (lines("", "x"), ""),
    "spaces round it": (lines("   error: x\t "), "error: x"),
    "colours": (lines("\x1b[31merr\x1b[0mor: x"), "error: x"),
    "Windows": (lines("error: x", end="\r\n"), "error: x"),
    "what is left after a carriage return": (lines("10%\r20%\rdone with it"), "done with it"),
    "a backspace": (lines("error: xy\b"), "error: x"),
    "another tail of a long line": (lines(LONG + "b"), LONG + "c"),
    "letters beyond ASCII": (lines("✗ größer als 3"), "✗ größer als 4"),
    "bytes that are not UTF-8": (STAMP.encode() + b"gr\xf6\xdfer\n", "gr\\xf6\\xdfer"),
    "no stamps": (lines("error: x", frame=""), "error: x"),
    "the names of jobs and steps before each line": (lines(*["error: x"] * 30, frame="job {p}\tstep {n} of {p}\t" + STAMP), "error: x"),
    "a carriage return behind names in prefixes": (lines(*["10%\rerror: x"] * 30, frame="job {p}\tstep\t" + STAMP), "error: x"),
    "colours and names in prefixes": (lines(*["\x1b[31merror: é 7\x1b[0m"] * 30, frame="job {p}\tstep\t" + STAMP), "error: é 8"),
    "the last line of a log without an end": (lines("a", "b") + b"error: x", "error: x"),
}  # fmt: skip


@pytest.mark.parametrize("name", PRESENT)
def test_what_a_passing_run_prints_too(name: str) -> None:
    data, text = PRESENT[name]
    assert found(data, "something new", text) == [text]


def test_lines_on_later_pages_count() -> None:
    data = lines(*["filling of a page, line after line"] * 40_000, "error: x")
    assert found(data, "error: x", "error: y") == ["error: x"]


def test_a_log_of_nothing_but_lookalikes_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MOST_COMPARED", 50)
    data = lines(*[f"error {n} beef" for n in range(100)], "error dead")
    assert found(data, "error dead") == []
    assert found(data[-100:], "error dead") == ["error dead"]


ATOMS = st.sampled_from([b"a", b"b", b"f", b"0", b"7", b"12", b"x", b"\\x", b"\\xe2", "é✓٣".encode(), b" ", b"\t", b"error: ", b"\x1b[31m", b"\x1b[0m",
                         b"\r", b"\b", b"Z", b"-", b"h" * 50, b"ab" * 40, b"9" * 90, b"\xef\xbb\xbf", b"\v", b"\x1c", b"\xff", b"\xc2\x85"])  # fmt: skip
LINE = st.lists(ATOMS, max_size=30).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(LINE, min_size=1, max_size=30),
    st.lists(LINE, max_size=10),
    st.sampled_from([b"", STAMP.encode()]),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_the_search_agrees_with_reading_every_line(
    printed: list[bytes], others: list[bytes], frame: bytes, end: bytes
) -> None:
    data = b"".join(frame + line + end for line in printed)
    wanted = {shape_of(shown(strip_colours(line))) for line in (*printed, *others)}
    assert passing_shapes(pages_of(data), wanted) == {hash(shape) for shape in wanted & line_by_line(data)}
