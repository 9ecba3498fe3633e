from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose.kit.process import plain_environment, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

ENV = plain_environment(os.environ)


async def test_what_a_program_says_and_how_it_ends() -> None:
    done = await run(
        [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"],
        timeout=30,
        env=ENV,
    )
    assert (done.status, done.returncode, done.stdout, done.stderr, done.truncated) == (
        "ended",
        3,
        b"out\n",
        b"err\n",
        False,
    )


async def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert (await run(["no-such-program-here"], timeout=30, env=ENV)).status == "not-found"
    assert (await run([sys.executable], timeout=30, env=ENV, cwd=tmp_path / "no folder")).status == "denied"
    (tmp_path / "plain").write_text("x")
    assert (await run([str(tmp_path / "plain")], timeout=30, env=ENV)).status == "denied"


async def test_output_is_capped_and_the_program_still_ends() -> None:
    done = await run([sys.executable, "-c", "print('x' * 3_000_000)"], timeout=30, env=ENV, cap=1000)
    assert (done.status, len(done.stdout), done.truncated) == ("ended", 1000, True)


async def test_there_is_no_input() -> None:
    done = await run([sys.executable, "-c", "import sys; print(len(sys.stdin.read()))"], timeout=30, env=ENV)
    assert done.stdout == b"0\n"


async def test_tokens_stay_outside() -> None:
    env = plain_environment(
        {"PATH": os.environ["PATH"], "GITHUB_TOKEN": "x", "HOME": "/h", "EXTRA": "y"}, also=["EXTRA"]
    )
    assert env == {"PATH": os.environ["PATH"], "HOME": "/h", "EXTRA": "y"}


@pytest.mark.parametrize("stubborn", [False, True])
async def test_the_whole_group_ends_at_the_deadline(
    tmp_path: Path,
    stubborn: bool,  # noqa: FBT001 - a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("diagnose.kit.process.GRACE_SECONDS", 0.2)
    mark = tmp_path / "pid"
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else ""
    child = f"{ignore}import time; time.sleep(60)"
    parent = f"{ignore}import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', {child!r}]); open({str(mark)!r}, 'w').write(str(p.pid)); print('up', flush=True); time.sleep(60)"
    done = await run([sys.executable, "-c", parent], timeout=1.5, env=ENV)
    assert done.status == "timeout"
    assert done.stdout == b"up\n"
    pid = int(mark.read_text())
    with anyio.fail_after(10):
        while _alive(pid):  # noqa: ASYNC110 - another process's end sets no event
            await anyio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123 - a kernel file
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def test_a_cancelled_run_leaves_nothing_behind(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with anyio.move_on_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: run([sys.executable, "-c", script], timeout=60, env=ENV))
            while not (mark.exists() and mark.read_text()):  # noqa: ASYNC110 - another process writes it
                await anyio.sleep(0.02)
            group.cancel_scope.cancel()
    assert not _alive(int(mark.read_text()))
