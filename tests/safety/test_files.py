"""Paths, files below a root, archives and redirects, at their edges."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from diagnose.model.incident import Missing
from diagnose.model.text import Untrusted
from diagnose.safety.archives import Limits, LogArchive, read_log_archive
from diagnose.safety.links import next_hop
from diagnose.safety.paths import open_below, to_path
from diagnose.safety.plain import plain


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (root / "a" / "b.txt").write_bytes(b"12345")
    (tmp_path / "outside.txt").write_bytes(b"secret")
    (root / "link").symlink_to(tmp_path / "outside.txt")
    (root / "folder-link").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("nothing")
    os.mkfifo(root / "fifo")
    return root


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("link", "not-stored"), ("folder-link/outside.txt", "not-stored"), ("loop", "not-stored"), ("dangling", "not-stored"), ("fifo", "unreadable"), ("a", "unreadable"),
        ("none", "not-stored"), ("a/b.txt/c", "not-stored"), ("../outside.txt", "denied"), ("/etc/passwd", "denied"), ("a\0b", "denied"), ("\ud800", "denied"), ("", "denied"),
    ],
)  # fmt: skip
def test_what_is_not_read(tree: Path, path: str, kind: str) -> None:
    found = open_below(tree, path, 10)
    assert isinstance(found, Missing)
    assert found.kind == kind


def test_what_is_read(tree: Path) -> None:
    assert open_below(tree, Untrusted("./a//b.txt"), 5) == b"12345"
    large = open_below(tree, "a/b.txt", 4)
    assert isinstance(large, Missing)
    assert large.kind == "too-large"
    assert isinstance(open_below(tree / "missing", "a", 1), Missing)


def test_handles_are_closed(tree: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in ("a/b.txt", "folder-link/outside.txt", "fifo", "a"):
        open_below(tree, path, 10)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize(
    ("text", "path"), [("a\\b", "a/b"), ("./a/./b", "a/b"), ("a/", "a"), ("a..b", "a..b"), (".github/x", ".github/x")]
)
def test_paths_are_made_plain(text: str, path: str) -> None:
    assert to_path(text) == path


@pytest.mark.parametrize(
    ("hops", "location", "verdict"),
    [
        ((), "https://api.github.com/x", "token"),
        (("https://api.github.com/x",), "/y", "token"),
        (("https://api.github.com/x",), "https://blob.example.com/?sig=1", "bare"),
        (("https://api.github.com/x", "https://blob.example.com/"), "https://api.github.com/x", "bare"),
        (("https://api.github.com/x",), "https://u@blob.example.com/", "refuse"),
        (("https://api.github.com/x",), "https://[::1]/", "refuse"),
        (("https://api.github.com/x",), "https://[::1", "refuse"),
        (("https://api.github.com/x",), "https://10.0.0.1/", "refuse"),
        (("https://api.github.com/x",), "https://0x7f.1/", "refuse"),
        (("https://api.github.com/x",), "https://host.internal./", "refuse"),
        (("https://api.github.com/x",), "https:///x", "refuse"),
        (("https://api.github.com/x",), "javascript:x", "refuse"),
        (("https://api.github.com/x",), "https://a.example.com:99999/", "refuse"),
        (("https://api.github.com/x",), "https://a.example.com/ b", "refuse"),
        (("https://api.github.com/x",) * 6, "https://api.github.com/x", "refuse"),
    ],
)
def test_next_hop(hops: tuple[str, ...], location: str, verdict: str) -> None:
    said, detail = next_hop("https://api.github.com", hops, location)
    assert said == verdict
    assert (verdict != "refuse") == detail.startswith("https://")


def packed(path: Path, members: dict[str, bytes], *, streamed: bool = False) -> Path:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    sink = Unseekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    path.write_bytes(sink.getvalue())
    return path


def opened(path: Path, limits: Limits | None = None) -> LogArchive:
    archive = read_log_archive(path, limits=limits)
    assert isinstance(archive, LogArchive)
    return archive


def body(archive: LogArchive, index: int = 0) -> bytes | Missing:
    sink = io.BytesIO()
    said = archive.members[index].copy_to(sink)
    assert isinstance(said, Missing) or said == len(sink.getvalue())
    return said if isinstance(said, Missing) else sink.getvalue()


@pytest.mark.parametrize("streamed", [False, True])
def test_archives_as_servers_write_them(tmp_path: Path, *, streamed: bool) -> None:
    text = bytes(range(256)) * 2000
    archive = opened(packed(tmp_path / "a.zip", {"job/1_a.txt": text, "0_job.txt": b""}, streamed=streamed))
    assert [member.name for member in archive.members] == ["job/1_a.txt", "0_job.txt"]
    assert body(archive) == text
    assert body(archive, 1) == b""
    assert body(archive) == text


@pytest.mark.parametrize(
    ("limits", "kind"),
    [(Limits(archive_bytes=10), "too-large"), (Limits(members=1), "too-large")],
)
def test_limits_of_the_whole(tmp_path: Path, limits: Limits, kind: str) -> None:
    found = read_log_archive(packed(tmp_path / "a.zip", {"a": b"1", "b": b"2"}), limits=limits)
    assert isinstance(found, Missing)
    assert found.kind == kind


@pytest.mark.parametrize("limits", [Limits(member_bytes=99), Limits(whole_bytes=99), Limits(ratio=2, ratio_from=50)])
def test_limits_of_what_is_read(tmp_path: Path, limits: Limits) -> None:
    found = body(opened(packed(tmp_path / "a.zip", {"a": b"0" * 100_000}), limits))
    assert isinstance(found, Missing)
    assert found.kind == "too-large"


def test_the_whole_limit_is_shared_by_members(tmp_path: Path) -> None:
    archive = opened(packed(tmp_path / "a.zip", {"a": b"0" * 60, "b": b"1" * 60}), Limits(whole_bytes=100))
    assert body(archive) == b"0" * 60
    assert isinstance(body(archive, 1), Missing)


def altered(path: Path, old: bytes, new: bytes, count: int = 1) -> Path:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, count))
    return path


def test_damage_is_told(tmp_path: Path) -> None:
    missing = read_log_archive(tmp_path / "none.zip")
    assert isinstance(missing, Missing)
    assert plain(missing.why) == "the archive is not read: it cannot be read"
    archive = opened(packed(tmp_path / "a.zip", {"a.txt": os.urandom(5000)}))
    (tmp_path / "a.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:2000])
    assert isinstance(body(archive), Missing)


@pytest.mark.parametrize("name", ["a.txt", "b.txt"])
def test_names_must_agree(tmp_path: Path, name: str) -> None:
    path = altered(packed(tmp_path / "a.zip", {"a.txt": b"1", "b.txt": b"2"}), name.encode(), b"c.txt")
    assert isinstance(read_log_archive(path), Missing)


def test_a_descriptor_must_agree(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": b"1"}, streamed=True)
    descriptor = struct.pack("<I", zlib.crc32(b"1"))
    assert isinstance(read_log_archive(altered(path, b"PK\7\x08" + descriptor, b"PK\7\x08" + b"\1\2\3\4")), Missing)


def test_a_directory_record_must_be_whole(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": b"1"})
    assert isinstance(read_log_archive(altered(path, b"PK\1\2", b"PK\1\3")), Missing)


def test_folders_and_files_of_one_name(tmp_path: Path) -> None:
    assert isinstance(read_log_archive(packed(tmp_path / "a.zip", {"a/": b"", "A": b"1"})), Missing)
    assert [member.name for member in opened(packed(tmp_path / "b.zip", {"a/": b"", "a/b": b"1"})).members] == ["a/b"]
