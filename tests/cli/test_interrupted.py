"""Ctrl-C, a reader that goes away, a bug: each ends quietly, with its exit code."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import termios
from typing import TYPE_CHECKING, Any

import pytest

from diagnose import api
from tests.support.command import FAILING, PROGRAM, process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command


def unread(pipe: Any) -> int:
    """How many bytes of a pipe its reader has not taken yet."""
    return int(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0])


def test_an_interrupt_while_standard_input_is_awaited_ends_the_command(home: Path) -> None:
    child = subprocess.Popen(
        [*PROGRAM, "--log", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdin.write(b"the log is still being written\n")
    child.stdin.flush()
    while unread(child.stdin) and child.poll() is None:
        pass
    child.send_signal(signal.SIGINT)
    code = child.wait(30)
    said = child.stdout.read(), child.stderr.read().decode()
    child.stdin.close()
    child.stdout.close()
    child.stderr.close()
    assert (code, said) == (130, (b"", "\nci-diagnose: interrupted; nothing was recorded.\n"))


def test_an_interrupt_during_the_diagnosis_is_told_without_a_traceback(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "examine", stopped)
    code, out, err = command("--log", "-", stdin=FAILING)
    assert (code, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err


def test_a_bug_becomes_a_message_and_a_file_without_secrets(
    command: Command, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("no such thing: s3cret-value-in-the-environment")

    monkeypatch.setenv("DEPLOY_TOKEN", "s3cret-value-in-the-environment")
    monkeypatch.setattr(api, "examine", broken)
    code, out, err = command("--log", "-", stdin=FAILING)
    assert (code, out) == (3, "")
    assert "a mistake of ours (LookupError); there is no answer." in err
    assert "Traceback" not in err
    kept = next((compiled / "ci-diagnose").glob("crash-*.txt"))
    assert str(kept) in err
    text = kept.read_text()
    assert "LookupError: no such thing: " in text
    assert "s3cret-value-in-the-environment" not in text
    kept.unlink()


def test_a_bug_whose_file_cannot_be_kept_is_told_all_the_same(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("diagnose.cli.history.listing.opened", lambda: 1 / 0)
    code, _, err = command("history", "list")
    assert code == 3
    assert "a mistake of ours (ZeroDivisionError)" in err
    assert "Details could not be kept" in err


@pytest.mark.parametrize("arguments", [["--log", "-"], ["--help"], ["patterns", "list"]])
def test_a_reader_that_has_gone_is_nothing_to_complain_of(home: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*PROGRAM, *arguments], input=FAILING, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode in (0, 1)


def test_a_process_says_the_same(home: Path) -> None:
    code, out, err = process("--log", "-", stdin=FAILING)
    assert (code, err) == (1, "")
    assert "Failed: a test fails" in out
