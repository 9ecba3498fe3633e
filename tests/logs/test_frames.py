"""Lines in order come out the same whether a log is read page by page or line by line."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.logs import pages as module
from diagnose.logs.dialect import Reframing
from diagnose.logs.dialects import dialects
from diagnose.logs.frames import framed, raw_lines
from diagnose.logs.pages import Pages

STAMP = b"2026-11-20T09:12:08.168300Z "
PIECES = [
    STAMP + b"00O ", STAMP + b"00O+", STAMP + b"01E ", STAMP + b"01E+", b"section_start:1:step_script\r\x1b[0K", b"section_end:1:x\r",
    b"\x1b[8mha:////AA==\x1b[0m", b"\x1b[8mha:", b"text", b"O+", b"\r", b"\n", b"\n", b"\n", b"\xff", b"\x1b[0",
]  # fmt: skip
REFRAMING = [dialect for dialect in dialects() if isinstance(dialect, Reframing)]


def read(data: bytes, dialect: Reframing) -> tuple[Pages, list[bytes]]:
    pages = Pages(io.BytesIO(data))
    out, first = b"", 1
    for page in framed(pages, dialect):  # type: ignore[arg-type] # each is a dialect too
        assert page.first == first
        first += page.data.count(b"\n")
        out += page.data
    assert out.count(b"\n") == data.count(b"\n")
    lines = out.split(b"\n")
    return pages, lines[: pages.total]


@pytest.mark.parametrize("dialect", REFRAMING, ids=lambda dialect: dialect.name)
@settings(deadline=None, max_examples=60)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=150))
def test_pages_and_lines_agree(dialect: Reframing, pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PAGE", 211)
        pages, lines = read(data, dialect)
        whole = dialect.whole(data).split(b"\n")
        assert lines == whole[: pages.total]
        for number in range(1, pages.total + 1):
            assert raw_lines(pages, dialect, number, number) == [lines[number - 1]]  # type: ignore[arg-type] # each is a dialect too
        assert raw_lines(pages, dialect, 1, pages.total + 9) == lines  # type: ignore[arg-type] # each is a dialect too


@pytest.mark.parametrize("dialect", REFRAMING, ids=lambda dialect: dialect.name)
def test_very_long_neighbours_are_left_alone(dialect: Reframing) -> None:
    data = (STAMP + b"00O " + b"x" * 700_000 + b"\n" + STAMP + b"00O+y\n") * 4
    pages, lines = read(data, dialect)
    assert len(lines) == pages.total == 8
    assert raw_lines(pages, dialect, 9, 12) == []  # type: ignore[arg-type] # each is a dialect too
