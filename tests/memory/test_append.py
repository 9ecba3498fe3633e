"""The record's file: appended to whole or not at all, and whole after merges."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import filelock
import pytest

from diagnose.memory import append as appending
from diagnose.memory.append import Appended, append, read
from diagnose.memory.discoveries import HEAD, parse
from diagnose.memory.entry import Entry
from diagnose.memory.problem import StoreProblem

ENTRY = Entry(
    "socket taken",
    "7f3a9c2e",
    "two jobs share a port",
    "use port 0",
    "3fc09d1",
    14,
    0.86,
    1,
    "2026-11-20",
    "o/r",
    "",
    "test",
    "pytest",
    "address in use",
)


def says(problem: object) -> str:
    assert isinstance(problem, StoreProblem)
    return "".join(part if isinstance(part, str) else "X" for part in problem.message.parts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "checkout").mkdir()
    return tmp_path / "checkout" / "DISCOVERIES.md"


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    return tmp_path / "locks"


def test_a_new_file_gets_the_head_and_nothing_else_appears(path: Path, locks: Path) -> None:
    assert read(path) == ""
    done = append(path, ENTRY, locks=locks)
    assert done == Appended(HEAD.count("\n") + 2, new=True)
    assert path.read_text().splitlines()[done.line - 1].startswith("## CI Pattern: socket taken")
    assert [one.name for one in path.parent.iterdir()] == ["DISCOVERIES.md"]
    assert parse(path.read_text()) == ((ENTRY,), ())


def test_the_same_entry_is_written_once_and_another_solution_besides(path: Path, locks: Path) -> None:
    first = append(path, ENTRY, locks=locks)
    assert isinstance(first, Appended)
    assert append(path, replace(ENTRY, seen=9, minutes=3), locks=locks) == replace(first, new=False)
    second = append(path, replace(ENTRY, solution="wait for the port", reference="#9"), locks=locks)
    assert isinstance(second, Appended)
    assert second.line > first.line
    assert append(path, replace(ENTRY, solution="wait for the port", reference="#9"), locks=locks) == replace(
        second, new=False
    )
    ((one,), doubts) = parse(path.read_text())
    assert (one.solution, doubts) == ("use port 0; or: wait for the port", ())


@pytest.mark.parametrize(
    ("before", "joint"),
    [
        ("# Ours", "\n\n"),
        ("# Ours\n", "\n"),
        ("# Ours\n\n", ""),
        ("# Ours\r\n", "\r\n"),
        ("# Ours\n- x: no newline", "\n\n"),
    ],
)
def test_what_stands_there_stays_and_a_blank_line_follows(path: Path, locks: Path, before: str, joint: str) -> None:
    path.write_bytes(before.encode())
    append(path, ENTRY, locks=locks)
    text = path.read_bytes().decode()
    assert text.startswith(before + joint + "## CI Pattern")
    assert ("\r\n" in text) == ("\n" not in text.replace("\r\n", "")) or "\r" not in text
    assert len(parse(text)[0]) == 1


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.symlink_to("/etc/hostname"), "is a symbolic link"),
        (lambda path: path.symlink_to("nowhere"), "is a symbolic link"),
        (lambda path: path.mkdir(), "is a folder"),
        (os.mkfifo, "is not a file"),
        (lambda path: path.parent.rmdir(), "has no folder"),
        (lambda path: path.write_bytes(b"x" * (appending.LARGEST_FILE + 1)), "is larger than 8 MiB"),
    ],
)
def test_what_cannot_be_appended_to(path: Path, locks: Path, make: object, why: str) -> None:
    make(path)  # type: ignore[operator]
    assert why in says(append(path, ENTRY, locks=locks))
    if path.parent.exists():
        assert isinstance(read(path), StoreProblem)


def test_a_full_disk_leaves_no_half_entry(path: Path, locks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(path, ENTRY, locks=locks)
    before = path.read_bytes()
    real = os.write
    torn: list[bytes] = []

    def short(descriptor: int, data: bytes) -> int:
        if b"CI Pattern" in data:
            torn.append(data[:60])
            return real(descriptor, data[:60])
        if torn:
            raise OSError(errno.ENOSPC, "full")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", short)
    answer = append(path, replace(ENTRY, id="00000000"), locks=locks)
    monkeypatch.undo()
    assert "is on a full disk" in says(answer)
    assert torn
    assert path.read_bytes() == before


def test_a_held_lock_is_not_waited_for_without_end(path: Path, locks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "LOCK_SECONDS", 0.01)
    append(path, ENTRY, locks=locks)
    with filelock.FileLock(next(locks.iterdir())):
        assert "is being written by another process" in says(append(path, replace(ENTRY, id="00000000"), locks=locks))


WRITER = """
import sys
from pathlib import Path
from diagnose.memory.append import Appended, append
from diagnose.memory.entry import Entry
for n in range(5):
    entry = Entry(f"title {sys.argv[3]}", f"{sys.argv[3]}{n:07x}", "cause", "fix", "", 1, 0.5, 1, "2026-11-20", "o/r", "", "test", "t", "x")
    assert isinstance(append(Path(sys.argv[1]), entry, locks=Path(sys.argv[2])), Appended)
"""


def test_eight_writers_at_once(path: Path, locks: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(locks), str(n)]) for n in range(8)]
    assert [one.wait(50) for one in writers] == [0] * 8
    entries, doubts = parse(path.read_text())
    assert (len(entries), doubts) == (40, ())
    assert path.read_text().count(HEAD) == 1


def git(folder: Path, *arguments: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_NAME": "n", f"GIT_{who}_EMAIL": "n@example.org"}
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env=environment)


@pytest.mark.parametrize("reference", ["", "3fc09d1"])
def test_two_branches_merge_into_whole_entries(path: Path, locks: Path, reference: str) -> None:
    folder = path.parent
    attributes = (Path(__file__).resolve().parents[2] / ".gitattributes").read_text()
    (folder / ".gitattributes").write_text(attributes)
    path.write_text(HEAD)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "head")
    common = replace(ENTRY, reference=reference)
    expected = []
    for number, branch in enumerate(("one", "two")):
        git(folder, "checkout", "-q", "-b", branch, "main")
        for count in range(2):  # all alike but what is unique by its making
            unique = f"{number}{count}000000"
            expected.append(replace(common, id=unique, reference=f"{reference}{unique}" if reference else ""))
            append(path, expected[-1], locks=locks)
        git(folder, "commit", "-q", "-a", "-m", branch)
    git(folder, "merge", "-q", "-m", "both", "one")
    entries, doubts = parse(path.read_text())
    assert doubts == ()
    assert sorted(entries, key=lambda one: one.id) == expected
