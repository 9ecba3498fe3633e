from __future__ import annotations

import io
import subprocess
import threading
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.logs import pages as module
from diagnose.logs.pages import Pages

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
PEAK = 64 * MIB  # whatever the log: a page in work, and the pages that are kept
LONG = b"x" * 900_000

HOSTILE = {
    "empty": b"",
    "one newline": b"\n",
    "blank lines": b"\n\n\n",
    "no final newline": b"a\nb",
    "a BOM on every line": b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n",
    "NUL": b"a\0b\n\0\n",
    "backspaces": b"|\x08/\x08-\nb\n",
    "CRCRLF": b"a\r\r\nb\r\r\n",
    "a lone CR": b"1%\r2%\r3%\nb\r",
    "ANSI cut in half": b"\x1b[3\n1mred\x1b[\n0m\n",
    "a long line": b"a\n" + LONG + b"\nb\n",
    "a long line at the end": b"a\n" + LONG + b" end",
    "longer than a page": LONG + LONG + b"\nb",
    "a page exactly": b"y" * (MIB - 1) + b"\nb\n",
    "a page and its newline": b"y" * MIB + b"\nb\n",
    "other line ends": "a\u2028b\u0085c\x0bd\x0ce\n".encode() + b"f\n",
}


def expected(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def read_through(data: bytes) -> Pages:
    pages = Pages(io.BytesIO(data))
    assert b"".join(page.data for page in pages) == data
    return pages


@pytest.mark.parametrize("name", HOSTILE)
def test_the_lines_are_those_between_newline_bytes(name: str) -> None:
    data = HOSTILE[name]
    pages = read_through(data)
    lines = expected(data)
    assert pages.total == len(lines)
    assert pages.raw(1, pages.total) == lines
    assert [pages.raw(number, number) for number in range(1, len(lines) + 1)] == [[line] for line in lines]
    assert pages.hidden == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_numbers_are_those_of_sed(name: str, tmp_path: Path) -> None:
    place = tmp_path / "log"
    place.write_bytes(HOSTILE[name])
    with place.open("rb") as file:
        pages = Pages(file)
        assert sum(len(page.data) for page in pages) == pages.size
        for number in range(1, pages.total + 2):
            said = subprocess.run(
                ["sed", "-n", f"{number}p", str(place)],
                capture_output=True,
                check=True,
                env={"LC_ALL": "C"},
            ).stdout
            assert b"".join(pages.raw(number, number)) == said.removesuffix(b"\n")


@pytest.mark.parametrize(
    ("first", "last", "lines"),
    [
        (0, 0, []),
        (-5, 1, [b"1"]),
        (1, 3, [b"1", b"2", b"3"]),
        (3, 2, []),
        (5, 5, [b"5"]),
        (5, 99, [b"5"]),
        (6, 9, []),
    ],
)
def test_a_range_is_cut_to_what_is_there(first: int, last: int, lines: list[bytes]) -> None:
    assert read_through(b"1\n2\n3\n4\n5\n").raw(first, last) == lines


def test_before_it_was_read_a_log_has_no_lines() -> None:
    pages = Pages(io.BytesIO(b"a\nb\n"))
    assert (pages.total, pages.raw(1, 2)) == (0, [])


@settings(deadline=None, max_examples=150)
@given(
    data=st.lists(st.sampled_from([b"\n", b"\r", b"a", b"bb", b"\0", b"cccccccccccc"]), max_size=60).map(b"".join),
    size=st.integers(1, 9),
    most=st.integers(1, 20),
)
def test_pages_of_any_size_give_the_same_lines(data: bytes, size: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PAGE", size)
        patch.setattr(module, "LINE_MOST", most)
        patch.setattr(module, "_KEPT", 2)
        pages = Pages(io.BytesIO(data))
        seen = [(page.first, page.data) for page in pages]
        lines = expected(data)
        assert pages.total == len(lines)
        assert pages.reads == len(data)
        found = [pages.raw(number, number)[0] for number in range(len(lines), 0, -1)][::-1]
        assert pages.raw(1, pages.total) == found
        assert sum(map(len, lines)) - sum(map(len, found)) == pages.hidden
        assert all(
            line.startswith(piece) and (piece == line or len(piece) >= most)
            for line, piece in zip(lines, found, strict=True)
        )
        assert b"".join(piece for _, piece in seen) == b"\n".join(found) + (b"\n" if data.endswith(b"\n") else b"")
        assert [lines[first - 1][:1] for first, _ in seen] == [piece[:1].replace(b"\n", b"") for _, piece in seen]


def test_a_line_without_an_end_is_passed_over_beyond_its_bound_and_numbers_stay() -> None:
    data = b"a\n" + b"z" * (5 * MIB) + b"the end\nafter\n"
    pages = Pages(io.BytesIO(data))
    assert sum(len(page.data) for page in pages) + pages.hidden == len(data) == pages.reads
    assert pages.total == 3
    (long,) = pages.raw(2, 2)
    assert module.LINE_MOST <= len(long) <= module.LINE_MOST + module.PAGE
    assert pages.raw(3, 3) == [b"after"]


def test_the_bytes_are_read_once_in_a_pass_and_again_in_the_next() -> None:
    pages = Pages(io.BytesIO(b"line\n" * 500_000))
    for times in (1, 2):
        assert sum(page.data.count(b"\n") for page in pages) == 500_000
        assert pages.reads == times * pages.size


def test_an_abandoned_pass_costs_only_what_was_read() -> None:
    pages = Pages(io.BytesIO(b"line\n" * 1_000_000))
    next(iter(pages))
    assert pages.reads == module.PAGE
    assert sum(1 for _ in pages) == 5
    assert pages.total == 1_000_000


@pytest.mark.parametrize("size", [0, 3, 1 << 16])
def test_head_and_tail(size: int) -> None:
    data = bytes(range(256)) * 400
    pages = Pages(io.BytesIO(data))
    assert pages.head(size) == data[:size]
    assert pages.tail(size) == data[len(data) - size :]
    assert (pages.head(1 << 20), pages.tail(1 << 20)) == (data, data)


def test_it_closes_its_file() -> None:
    file = io.BytesIO(b"a\n")
    Pages(file).close()
    assert file.closed


@pytest.mark.parametrize(
    ("piece", "looks"),
    [
        (b"2026 a usual line of a log, with some words in it\n", 30),
        (b"w" * 899_999 + b"\n", 30),
        (b"nothing but one line ", 1),
        (b"\r", 1),
        (b"ok\n\n", 5),
    ],
)
def test_fifty_megabytes_are_read_in_bounded_memory(piece: bytes, looks: int, tmp_path: Path) -> None:
    place = tmp_path / "log"
    with place.open("wb") as file:
        whole = piece * (MIB // len(piece) + 1)
        for _ in range(50 * MIB // len(whole) + 1):
            file.write(whole)
    with place.open("rb") as file:
        tracemalloc.start()
        try:
            pages = Pages(file)
            lines = sum(page.data.count(b"\n") for page in pages)
            for number in range(1, pages.total, max(1, pages.total // looks)):
                assert len(pages.raw(number, number + 2)) >= 1
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert pages.total - lines in (0, 1)
    assert pages.reads == pages.size >= 50 * MIB
    assert peak < PEAK


def test_threads_read_the_same_log_side_by_side() -> None:
    lines = [b"%d %s" % (number, b"." * (number % 97)) for number in range(120_000)]
    pages = read_through(b"\n".join(lines) + b"\n")
    wrong: list[int] = []

    def look(start: int) -> None:
        numbers = range(start, len(lines), 997)
        wrong.extend(number for number in numbers if pages.raw(number + 1, number + 2)[0] != lines[number])

    threads = [threading.Thread(target=look, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
