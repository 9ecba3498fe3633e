from __future__ import annotations

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.logs.decode import UTF16_MARKS, shown, strip_colours, utf16_to_utf8

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"plain", "plain"),
        (BOM + b"marked", "marked"),
        (BOM + BOM + b"twice", "twice"),
        (b"in " + BOM + b"side", "in \ufeffside"),
        (b"n\0ul", "n\0ul"),
        (b"bad \xff\xc3( byte", r"bad \xff\xc3( byte"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
        (b"half \xe2\x9c", r"half \xe2\x9c"),
        ("✗ ünï".encode(), "✗ ünï"),
        ("kept \ufffd".encode(), "kept \ufffd"),
        (b"ended\r", "ended"),
        (b"ended\r\r", "ended"),
        (b"10%\r50%\rdone", "done"),
        (b"10%\r50%\rdone\r\r", "done"),
        (b"\r\r", ""),
        (b"\rstart", "start"),
        (b"/\x08-\x08\\\x08ok", "ok"),
        (b"\x08\x08x", "x"),
        (b"ab\x08\x08\x08\x08c", "c"),
        ("⠋\x08⠙\x08⠹ ok".encode(), "⠹ ok"),
        ("é\x08e".encode(), "e"),
        (b"a\xff\x08b", "ab"),
        (b"x\x08" * 3, ""),
        ("gone\x08\x08\x08\x08\ufeffkept".encode(), "kept"),
        (b"|\x08/\rlast\x08s", "lass"),
    ],
)
def test_what_stands_on_the_screen(raw: bytes, text: str) -> None:
    assert shown(raw) == text


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        (b"no sequence [31m", b"no sequence [31m"),
        (b"\x1b[31mred\x1b[0m", b"red"),
        (b"^[[1m^[[38;5;9merror[x]^[[0m^[[2K: y", b"error[x]: y"),
        (b"grep '^[[:space:]]' and ^[[a-z]m", b"grep '^[[:space:]]' and ^[[a-z]m"),
        (b"\x1b[1;38;5;196mred\x1b[m", b"red"),
        (b"err\x1b[1mor", b"error"),
        (b"\x1b[2K\x1b[1Gtext", b"text"),
        (b"\x1b[?25lhidden cursor\x1b[?25h", b"hidden cursor"),
        (b"\x1b]8;;https://example.org\x07link\x1b]8;;\x07", b"link"),
        (b"\x1b]0;title\x1b\\text", b"text"),
        (b"\x1b]0;never ended\nnext", b"\nnext"),
        (b"\x1bPdevice\x1b\\text", b"text"),
        (b"\x1b(Btext\x1b=\x1b>", b"text"),
        (b"cut\x1b[", b"cut"),
        (b"cut\x1b[38;5", b"cut"),
        (b"cut\x1b[38;5\nm next", b"cut\nm next"),
        (b"cut\x1b[3\r\nnext", b"cut\r\nnext"),
        (b"cut\x1b", b"cut"),
        (b"cut\x1b\nnext", b"cut\nnext"),
        (b"cut\x1b\r\nnext", b"cut\r\nnext"),
        (b"joined\x1b\x1b[0m[31m", b"joined"),
        (b"joined\x1b[3\x1b[0m1mred", b"joinedred"),
        (b"\x1b[0m\n\x1b[0m\n", b"\n\n"),
        (b"a\n\x1b\nb", b"a\n\nb"),
    ],
)
def test_escape_sequences_go_and_newlines_stay(data: bytes, clean: bytes) -> None:
    assert strip_colours(data) == clean


ESCAPED = st.lists(
    st.sampled_from(
        [
            b"\x1b",
            b"[",
            b"]",
            b"3",
            b"1",
            b";",
            b"m",
            b"K",
            b"\x07",
            b"\\",
            b"\r",
            b"\n",
            b"a",
            b"P",
            b"(",
            b" ",
            b"\xe2",
        ]
    )
).map(b"".join)


@given(ESCAPED)
def test_stripping_a_page_is_stripping_its_lines(data: bytes) -> None:
    assert strip_colours(data).split(b"\n") == [strip_colours(line) for line in data.split(b"\n")]


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd_to_be_shown(data: bytes) -> None:
    for line in data.split(b"\n"):
        text = shown(strip_colours(line))
        assert not {"\n", "\r", "\x08"} & set(text)
        assert text.encode("utf-8", "strict") is not None


def test_a_line_of_nothing_but_unfinished_sequences_is_read() -> None:
    assert strip_colours(b"\x1b[" * 400_000) is not None
    assert strip_colours(b"\x1b[" + b"0" * 900_000 + b"m ok") == b" ok"
    assert strip_colours(b"\x1b]" * 300_000 + b"\nnext").endswith(b"\nnext")


@pytest.mark.parametrize(("name", "mark"), [("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)])
@pytest.mark.parametrize("text", ["", "one\ntwo\n", "ünï ✗ \U0001f600\r\nlast", "x" * 600_001 + "\u0a0a\n"])
def test_utf_16_becomes_utf_8_with_the_same_lines(name: str, mark: bytes, text: str) -> None:
    assert mark in UTF16_MARKS
    assert b"".join(utf16_to_utf8(io.BytesIO(mark + text.encode(name)), mark)) == text.encode()


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"o\0k\0\n", "ok\ufffd"), (b"a\0\x00\xd8b\0", "a\ufffdb"), (b"a\0\x00\xd8", "a\ufffd")],
)
def test_broken_utf_16_is_replaced_and_read_on(data: bytes, text: str) -> None:
    assert b"".join(utf16_to_utf8(io.BytesIO(codecs.BOM_UTF16_LE + data), codecs.BOM_UTF16_LE)).decode() == text
