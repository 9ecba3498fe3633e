"""The beginning and the end of what was printed: bounded, with true line numbers, on a full disk too."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from diagnose.running.capture import LONGEST_LINE, Capture
from diagnose.running.store import IN_MEMORY, LEAST, Store


def lines(first: int, last: int) -> bytes:
    return b"".join(b"line %06d\n" % number for number in range(first, last + 1))


def stored(head: int, tail: int, data: bytes, piece: int) -> tuple[Store, bytes]:
    store = Store(head, tail)
    for place in range(0, len(data), piece):
        store.put(memoryview(data)[place : place + piece])
    return store, b"".join(store.pieces())


@pytest.mark.parametrize("piece", [1, 7, 64, 1000, 100_000])
@pytest.mark.parametrize(
    ("head", "tail", "count"),
    [(100, 300, 5), (120, 300, 35), (120, 300, 36), (100, 300, 400), (125, 303, 1001), (12, 24, 99)],
)
def test_what_is_kept_has_its_place(head: int, tail: int, count: int, piece: int) -> None:
    data = lines(1, count)
    store, kept = stored(head, tail, data, piece)
    assert store.size == len(data)
    assert store.left_out == max(0, len(data) - head - tail)
    if store.whole:
        assert kept == data
        return
    assert len(kept) < head + tail + 200 + count
    before = kept.split(b"[ci-diagnose: ")[0]
    assert data.startswith(before)
    number = 0
    for number, line in enumerate(kept.split(b"\n"), 1):
        if line.startswith(b"line "):
            assert line == b"line %06d" % number
    assert number == count + 1


@pytest.mark.parametrize(("head", "tail", "data", "kept"), [
    (4, 4, b"", b""),
    (4, 4, b"12345678", b"12345678"),
    (4, 4, b"123456789", b"1234[ci-diagnose: 1 bytes of the output are left out here, 0 lines]\n6789"),
    (4, 4, b"a\nb\nc\nd\ne\nf\n", b"a\nb\n[ci-diagnose: 6 bytes of the output are left out here, 3 lines]\n\n\nf\n"),
    (4, 6, b"ab\ncdefghijklm\nno", b"ab\n[ci-diagnose: 12 bytes of the output are left out here, 1 lines]\nno"),
])  # fmt: skip
def test_a_gap_says_what_is_missing(head: int, tail: int, data: bytes, kept: bytes) -> None:
    assert stored(head, tail, data, 3)[1] == kept


def test_a_gap_of_too_many_lines_says_that_numbers_do_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.running.store.MOST_BLANK", 5)
    kept = stored(10, 10, b"\n" * 1000, 10)[1]
    assert b"behind them the numbers of lines are too small]" in kept
    assert kept.count(b"\n") < 30


class Disk:
    """A disk with room for so many bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room, self.used, self._write = room, 0, os.pwrite
        self.full: set[int] = set()
        monkeypatch.setattr(os, "pwrite", self.pwrite)

    def pwrite(self, descriptor: int, data: Any, place: int) -> int:
        memory = "memfd:" in str(Path(f"/proc/self/fd/{descriptor}").readlink())
        more = max(0, place + len(data) - self.used)
        if memory or self.used + more <= self.room:
            self.used = self.used if memory else max(self.used, place + len(data))
            return self._write(descriptor, data, place)
        if self.used < self.room:
            return self.pwrite(descriptor, data[: self.room - place], place)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("room", [0, 5000, LEAST, 100_000, 199_999, 200_000, 200_001, 210_000, 300_000, 400_000])
def test_a_full_disk_keeps_the_newest(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    Disk(monkeypatch, room)
    data = lines(1, 100_000)
    store, kept = stored(200_000, 1_000_000, data, 10_000)
    assert store.problem == "no space left on device"
    assert kept.endswith(lines(99_000, 100_000))
    assert store.size + store.dropped == len(data)
    if room >= LEAST:
        assert kept.startswith(lines(1, 1000))
        assert store.tail >= store.head >= min(room // 2, 200_000), "the newest has half of what there is, or more"
        assert store.head + store.tail == room
        assert all(
            line == b"line %06d" % number
            for number, line in enumerate(kept.split(b"\n"), 1)
            if line.startswith(b"line ")
        )


def test_no_folder_for_files_is_no_reason_to_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setenv("TMPDIR", "/no/such/folder")
    monkeypatch.setattr(tempfile, "TemporaryFile", nowhere)
    store, kept = stored(1 << 30, 1 << 30, lines(1, 1000), 100)
    assert (store.head, store.tail, store.problem) == (*IN_MEMORY, "no usable temporary directory found")
    assert kept == lines(1, 1000)
    monkeypatch.delattr(os, "memfd_create")
    store, kept = stored(100, 100, lines(1, 100), 100)
    assert (store.descriptor, store.dropped, store.left_out, kept) == (-1, 1200, 1200, b"")


def test_a_folder_that_knows_no_nameless_files_gets_one_that_loses_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened = os.open

    def unsupported(path: Any, flags: int, *more: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return opened(path, flags, *more)

    monkeypatch.setattr(os, "open", unsupported)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert stored(100, 100, b"some bytes", 3)[1] == b"some bytes"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("pieces", "kept"),
    [
        ([(1, b"out 1\n"), (2, b"err 1\n")], b"out 1\nerr 1\n"),
        ([(1, b"out "), (2, b"err 1\n"), (1, b"1\n")], b"err 1\nout 1\n"),
        ([(1, b"out 1\nout"), (2, b"err"), (1, b" 2\n"), (2, b" 1\nerr 2")], b"out 1\nout 2\nerr 1\nerr 2"),
        ([(1, b"a"), (2, b"b")], b"a\nb"),
        ([(1, b"x" * (LONGEST_LINE + 1)), (2, b"err\n"), (1, b"y\n")], b"x" * (LONGEST_LINE + 1) + b"\nerr\ny\n"),
        ([(1, b"x" * 5000 + b"\n" + b"y" * 9000), (2, b"err\n")], b"x" * 5000 + b"\nerr\n" + b"y" * 9000),
    ],
)
def test_lines_of_two_streams_stay_whole(pieces: list[tuple[int, bytes]], kept: bytes) -> None:
    capture = Capture()
    capture.of_several()
    for stream, piece in pieces:
        capture.add(stream, memoryview(piece))
    capture.end(1)
    capture.end(2)
    with capture.as_file() as path:
        assert path is not None
        assert path.read_bytes() == kept
    capture.close_with("the end")
    with capture.as_file() as path:
        assert path is not None
        assert path.read_bytes() == kept + (b"" if kept.endswith(b"\n") else b"\n") + b"the end\n"
    capture.close()


def test_a_file_is_given_whatever_the_disk_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    capture = Capture(100, 200)
    capture.add(1, memoryview(lines(1, 1000)))
    with capture.as_file() as path:
        assert path is not None
        told = path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert not path.exists()
    monkeypatch.setattr(Capture, "copy", lambda *_: "no space left on device")
    with capture.as_file() as path:
        assert path is not None
        assert path.read_bytes() == told
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda **_: (_ for _ in ()).throw(OSError()))
    monkeypatch.delattr(os, "memfd_create")
    with capture.as_file() as path:
        assert path is None
    monkeypatch.undo()
    assert capture.copy(tmp_path / "no" / "folder") == "no such file or directory"
    assert capture.kept == (12_000, 11_700, "")
    capture.close()
