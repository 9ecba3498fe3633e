"""What is given as a log: every kind of file that is none is named for what it is, with a way out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.command import FAILING, PASSING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

PLAIN = (
    b"$ pytest\nE   AssertionError: assert 1 == 2\nFAILED tests/test_a.py::test_one - assert 1 == 2\n1 failed in 0.1s\n"
)


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


NO_LOGS = [
    ("shot.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "shot.png is a PNG picture, not a log.", "name the zip itself"),
    ("photo", b"\xff\xd8\xff\xe0 JFIF", "photo is a JPEG picture", "name the zip itself"),
    ("paper.pdf", b"%PDF-1.7\n", "paper.pdf is a PDF document", "name the zip itself"),
    ("a.out", b"\x7fELF\x02\x01", "a.out is a program", "name the zip itself"),
    ("db", b"SQLite format 3\0", "db is a database", "name the zip itself"),
    ("core", b"\x01" + bytes(300), "core holds binary data, not a log.", "name the zip itself"),
    ("log.gz", gzip.compress(FAILING), "log.gz is compressed with gzip.", "gunzip -c FILE | ci-diagnose --log -"),
    ("log.xz", lzma.compress(FAILING), "log.xz is compressed with xz.", "xz -dc FILE"),
    ("log.bz2", bz2.compress(FAILING), "log.bz2 is compressed with bzip2.", "bzip2 -dc FILE"),
    ("log.zst", b"\x28\xb5\x2f\xfd rest", "log.zst is compressed with zstd.", "zstd -dc FILE"),
    (
        "none.zip",
        archive(**{"readme.md": b"x", "deep/er/0_a.txt": b"x"}),
        "none.zip holds no log file.",
        "one .txt for each job",
    ),
    ("bad.zip", archive(**{"0_a.txt": FAILING})[:-30], "the archive bad.zip is not read", "download it again"),
]


@pytest.mark.parametrize(("name", "data", "told", "remedy"), NO_LOGS, ids=[row[0] for row in NO_LOGS])
def test_what_is_no_log_is_refused_by_its_kind(
    command: Command, home: Path, name: str, data: bytes, told: str, remedy: str
) -> None:
    (home / name).write_bytes(data)
    code, out, err = command("--log", name)
    assert out == ""
    assert err.startswith("ci-diagnose: ")
    assert told in err
    assert "try: " in err
    assert remedy in err
    assert code == (3 if name == "bad.zip" else 2)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--log", "nowhere.log"], 2, "there is no file nowhere.log."),
        (["--log", "."], 2, ". is a folder, not a log."),
        (["--log", "empty.log"], 3, 'empty.log is empty (0 bytes). Empty is not "nothing failed".'),
        (["--log", "-"], 3, "standard input is empty (0 bytes)."),
        (["--log", "empty.log", "--log", "empty.log"], 3, "every one of 2 logs is empty"),
        (["--log", "good.log", "--log", "nowhere.log"], 2, "there is no file nowhere.log."),
        (["--log", "good.log", "--passing-log", "nowhere.log"], 2, "there is no file nowhere.log."),
        (["--log", "no\x1b[31m\nname"], 2, "there is no file no"),
    ],
)
def test_what_cannot_be_read_is_said(command: Command, home: Path, arguments: list[str], code: int, told: str) -> None:
    (home / "empty.log").touch()
    (home / "good.log").write_bytes(FAILING)
    said = command(*arguments)
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert "\x1b" not in said.err


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads every file")
def test_a_file_of_somebody_else_is_said(command: Command, home: Path) -> None:
    (home / "secret.log").write_bytes(FAILING)
    (home / "secret.log").chmod(0)
    code, _, err = command("--log", "secret.log")
    assert code == 3
    assert "cannot read secret.log: permission denied." in err


def test_a_file_that_cannot_be_opened_is_said(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = type(home).open

    def refused(path: Path, *arguments: Any, **more: Any) -> Any:
        if path.name == "secret.log":
            raise PermissionError(13, "Permission denied")
        return whole(path, *arguments, **more)

    (home / "secret.log").write_bytes(FAILING)
    monkeypatch.setattr(type(home), "open", refused)
    code, _, err = command("--log", "secret.log")
    assert code == 3
    assert "cannot read secret.log: permission denied." in err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_unicode_log_is_read_with_its_line_numbers(command: Command, home: Path, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (home / "a.log").write_bytes(mark + PLAIN.decode().encode(encoding))
    code, out, err = command("--log", "a.log", "--format", "json")
    assert (code, err) == (1, "")
    assert '"line": 2' in out


@pytest.mark.parametrize(
    ("members", "logs"),
    [
        ({"0_test.txt": FAILING, "1_lint.txt": PASSING}, ["lint.txt", "test.txt"]),
        (
            {
                "test/1_Set up job.txt": b"Current runner version: '2.336.0'\n",
                "test/4_Run pytest.txt": FAILING,
                "0_test.txt": FAILING,
            },
            ["test.txt"],
        ),
        ({"test.txt": FAILING, "__MACOSX/0_test.txt": b"x", "2_empty.txt": b""}, ["test.txt"]),
    ],
    ids=["whole jobs", "one file a step", "files packed by hand"],
)
def test_a_run_s_archive_is_one_log_a_job(
    command: Command, home: Path, members: dict[str, bytes], logs: list[str]
) -> None:
    import json

    (home / "logs.zip").write_bytes(archive(**members))
    code, out, err = command("--log", "logs.zip", "--format", "json")
    report = json.loads(out)
    assert (code, err) == (1, "")
    assert [job["name"] for job in report["jobs"]] == logs
    assert report["root_cause"]["job"] == "test.txt"
    assert "assert Decimal('19.98')" in report["root_cause"]["evidence"][0]["text"]


def test_several_logs_are_several_jobs_and_names_may_repeat(command: Command, home: Path) -> None:
    import json

    for place in ("a", "b"):
        (home / place).mkdir()
        (home / place / "build.log").write_bytes(FAILING)
    (home / "good.log").write_bytes(PASSING)
    code, out, _ = command(
        "--log",
        "a/build.log",
        "--log",
        "b/build.log",
        "--log",
        "good.log",
        "--log",
        "-",
        "--format",
        "json",
        stdin=PASSING,
    )
    report = json.loads(out)
    assert code == 1
    assert [(job["name"], job["status"]) for job in report["jobs"]] == [
        ("build.log", "failure"), ("build.log (2)", "failure"), ("good.log", "success"), ("stdin", "success"),
    ]  # fmt: skip
    assert report["root_cause"]["jobs"] == ["build.log", "build.log (2)"]
    assert report["target"] == "a/build.log, b/build.log, good.log and 1 more"


def test_what_a_good_run_printed_too_is_no_cause(command: Command, home: Path) -> None:
    import json

    noise = b"error: cannot find the optional frobnicator\n" * 3
    log = b"$ make\n" + noise + b"$ run\nerror: the disk of the moon is missing\nmake: *** [all] Error 1\n"
    (home / "bad.log").write_bytes(log)
    (home / "good.log").write_bytes(b"$ make\n" + noise + b"$ run\nall fine\n")
    _, out, _ = command("--log", "bad.log", "--passing-log", "good.log", "--format", "json")
    assert json.loads(out)["root_cause"]["evidence"][0]["line"] == 6
