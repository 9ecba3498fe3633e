"""Run another program: no shell, its own process group, an end by the clock, a bounded output, a plain environment."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Final, Literal

import anyio

from diagnose.kit.ledger import note_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from anyio.abc import ByteReceiveStream, Process

ALLOWED: Final = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SYSTEMROOT",
    "PATHEXT",
    "TEMP",
    "TMP",
)
OUTPUT_BYTES: Final = 64 << 20
GRACE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended.

    status: "ended" (returncode tells, negative for a signal), "timeout", "not-found", "denied" (not executable, or no such
    folder). truncated: stdout or stderr was longer than the cap and is cut there.
    """

    status: Literal["ended", "timeout", "not-found", "denied"]
    returncode: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    truncated: bool = False


def plain_environment(env: Mapping[str, str], *, also: Sequence[str] = ()) -> dict[str, str]:
    """Return what a child may know of `env`: an allow-list without tokens, and the names in `also`."""
    return {name: env[name] for name in (*ALLOWED, *also) if name in env}


class _Output:
    """The first `cap` bytes of a stream; what comes after is read and dropped, so that the child is not held up."""

    def __init__(self, cap: int) -> None:
        self.kept = bytearray()
        self.cut = False
        self._cap = cap

    async def read(self, stream: ByteReceiveStream) -> None:
        async for chunk in stream:
            room = self._cap - len(self.kept)
            self.kept += chunk[:room]
            self.cut = self.cut or len(chunk) > room


def _end_group(process: Process, how: signal.Signals) -> None:
    try:
        os.killpg(process.pid, how)
    except (ProcessLookupError, PermissionError):
        return


async def _collect(process: Process, out: _Output, err: _Output) -> None:
    async with anyio.create_task_group() as group:
        if process.stdout is not None:
            group.start_soon(out.read, process.stdout)
        if process.stderr is not None:
            group.start_soon(err.read, process.stderr)
    await process.wait()


async def _stop(process: Process) -> None:
    _end_group(process, signal.SIGTERM)
    with anyio.move_on_after(GRACE_SECONDS):
        await process.wait()
    _end_group(process, signal.SIGKILL)
    await process.wait()


async def run(
    argv: Sequence[str],
    *,
    timeout: float,  # noqa: ASYNC109 - the whole group of processes ends at it, which a caller's cancel scope cannot do
    env: Mapping[str, str],
    cwd: Path | None = None,
    cap: int = OUTPUT_BYTES,
) -> Completed:
    """Run `argv` in `cwd` with exactly `env` and no input; keep `cap` bytes of each output; end it after `timeout` seconds.

    What the program started and left behind in its group ends with it.
    """
    out, err = _Output(cap), _Output(cap)
    note_program(argv)
    try:
        process = await anyio.open_process(
            list(argv), stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=dict(env), cwd=cwd, start_new_session=True
        )
    except FileNotFoundError as problem:
        return Completed("denied" if cwd is not None and str(problem.filename) == str(cwd) else "not-found")
    except OSError:
        return Completed("denied")
    async with process:
        try:
            with anyio.move_on_after(timeout) as scope:
                await _collect(process, out, err)
        finally:
            with anyio.CancelScope(shield=True):
                await _stop(process)
    cut = out.cut or err.cut
    if scope.cancelled_caught:
        return Completed("timeout", None, bytes(out.kept), bytes(err.kept), cut)
    return Completed("ended", process.returncode, bytes(out.kept), bytes(err.kept), cut)
