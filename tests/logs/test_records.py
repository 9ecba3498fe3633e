"""Lists of pieces as APIs give them, to text."""

from __future__ import annotations

import base64
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.logs.records import MOST, text_of


def text(data: bytes) -> bytes | None:
    found = text_of(io.BytesIO(data), data[:8192])
    return None if found is None else b"".join(found)


def entry(line: int, data: str, kind: int = 0) -> dict[str, object]:
    return {
        "id": line + 1,
        "step_id": 7,
        "time": 0,
        "line": line,
        "data": base64.b64encode(data.encode()).decode(),
        "type": kind,
    }


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (
            [
                {"message": "one\r\ntwo\r\n", "time": "2026-01-02T03:04:05Z", "type": "out"},
                {"message": "th", "time": "x", "type": "err"},
                {"message": "ree\r\n", "time": "x", "type": "out"},
            ],
            b"one\r\ntwo\r\nthree\r\n",
        ),
        ([{"message": "", "time": "x", "type": "out", "truncated": True}], b""),
        ([{"pos": 0, "out": "+ go test\n", "time": 0}, {"pos": 1, "out": "FAIL", "time": 3}], b"+ go test\nFAIL\n"),
        (
            [entry(0, "+ 'make'"), entry(1, "b\u00e4d"), entry(2, "2", 2), entry(3, "note", 3), entry(4, "half", 4)],
            "+ 'make'\nbäd\nexit code: 2\n".encode(),
        ),
        ([entry(0, "") | {"data": None}, entry(1, "") | {"data": "no base64"}], b"\nno base64\n"),
        ([entry(0, "") | {"data": base64.b64encode(b"\xff").decode()}], b"\\xff\n"),
        ([{"pos": 0, "out": "\ud800", "time": 0}], b"\\ud800\n"),
    ],
)
def test_pieces_become_text(pieces: list[object], expected: bytes) -> None:
    data = json.dumps(pieces).encode()
    assert text(data) == expected
    assert text(b"\xef\xbb\xbf \n" + data + b"\n") == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[",
        b"[]",
        b"[{}]",
        b"[1]",
        b"[{",
        b'[{"message": "a", "time": "b", "type": "c"}',
        b'[{"message": 1, "time": "b", "type": "c"}]',
        b'[{"message": "a", "time": "b", "type": "c"}, 7]',
        b'[{"message": "a", "time": "b", "type": "c"}, {"pos": 0, "out": "x"}]',
        b'{"message": "a"}',
        b'[task 2026-01-02T03:04:05Z] [{"message": "a", "time": "b", "type": "c"}]',
        b"[" * 100_000,
        b"[{" + b'"a":[' * 100_000,
        b"[INFO] Building\n",
        b'[{"file": "a.py", "line": 7, "message": "x"}]\n',
    ],
)
def test_what_is_no_such_list_stays_as_it_is(data: bytes) -> None:
    assert text(data) is None


def test_what_is_too_large_stays_as_it_is() -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size == MOST + 1
            return b"x" * size

    assert text_of(Endless(), b'[{"message"') is None


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60), st.sampled_from([b"", b"[", b"[{", b'[{"out": "', b'[{"pos": 0, "out": "a"}']))
def test_no_bytes_are_too_odd(data: bytes, start: bytes) -> None:
    found = text(start + data)
    assert found is None or isinstance(found, bytes)


def test_a_list_is_read_from_wherever_the_file_stands() -> None:
    file = io.BytesIO(b'[{"pos": 0, "out": "a\\n"}]')
    file.seek(9)
    found = text_of(file, file.getvalue())
    assert found is not None
    assert b"".join(found) == b"a\n"
