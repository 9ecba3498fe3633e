from __future__ import annotations

import os
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from diagnose.kit.atomic import write_atomic
from diagnose.kit.clock import system_clock


def test_a_file_is_written_whole_and_its_folder_made(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b" / "kept.bin"
    assert write_atomic(place, b"\0\xff" * 1000) == ""
    assert place.read_bytes() == b"\0\xff" * 1000
    assert [path.name for path in place.parent.iterdir()] == ["kept.bin"]


def test_the_old_file_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    place.write_bytes(b"old and longer")
    assert write_atomic(place, b"new") == ""
    assert place.read_bytes() == b"new"


def test_who_reads_the_old_file_goes_on_reading_it(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    place.write_bytes(b"old")
    with place.open("rb") as reader:
        assert write_atomic(place, b"new") == ""
        assert reader.read() == b"old"


def test_a_folder_that_is_a_file_is_a_reason_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    told = write_atomic(tmp_path / "file" / "kept", b"x")
    assert told.endswith(f": {tmp_path / 'file'}")
    assert told.startswith(("Not a directory", "File exists"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_a_reason_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    assert write_atomic(folder / "kept", b"x") == f"Permission denied: {folder}"


def test_a_place_that_is_a_folder_is_a_reason_and_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    (place / "inside").mkdir(parents=True)
    assert write_atomic(place, b"x").endswith(f": {place}")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "kept"
    place.write_bytes(b"old")

    def full(source: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert write_atomic(place, b"new") == f"No space left on device: {place}"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("kept", b"old")]


def test_the_clock_says_utc_and_its_seconds_grow() -> None:
    clock = system_clock()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now().tzinfo is UTC
    first = clock.elapsed()
    assert clock.elapsed() >= first
