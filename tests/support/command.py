"""The command line, called as a function or as a process, and logs to give it."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from diagnose.cli import main
from tests.support.github_logs import ROUNDING, python_job
from tests.support.github_world import HEAD

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BEGAN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FAILING = python_job("test", "ubuntu-24.04", "3.12", HEAD, ROUNDING).whole(BEGAN)
PASSING = python_job("test", "ubuntu-24.04", "3.12", HEAD, None).whole(BEGAN)
FAILS = b"$ make\ncc -c a.c\na.c:3:5: error: 'x' undeclared (first use in this function)\nmake: *** [Makefile:2: a.o] Error 1\n"
SENTENCE = "AssertionError: assert Decimal('19.98') == Decimal('19.99')"
PROGRAM = (sys.executable, "-c", "from diagnose.cli import entry; entry()")


class Said(NamedTuple):
    """What a call came to: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


class Command:
    """Calls `main` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Said:
        """Run a command line with `stdin` on standard input."""
        with self._monkeypatch.context() as patch:
            patch.delenv("PYTEST_CURRENT_TEST", raising=False)  # to the redactor it looks like a password
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            code = main([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        return Said(code, captured.out, captured.err)


def process(*arguments: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Said:
    """Run the command as a process of its own, with pipes, in the current folder; `env` is added to the environment."""
    import os

    command = [*PROGRAM, *map(str, arguments)]
    done = subprocess.run(
        command, input=stdin, capture_output=True, timeout=50, check=False, env={**os.environ, **(env or {})}
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())
