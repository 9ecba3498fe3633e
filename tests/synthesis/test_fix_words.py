"""What to do is said with the values that the rule found: a remedy's `{package}` is the package of the line that tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose.api import Answer, Request, examine
from diagnose.config import Settings
from diagnose.safety.plain import plain
from diagnose.world import World

if TYPE_CHECKING:
    from pathlib import Path

PIP = "ERROR: Could not find a version that satisfies the requirement acme-core==9.9 (from versions: 1.0)\n"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (PIP, "Check the name and the version of acme-core==9.9 against the index."),
        (
            f'#8 1.204 {PIP}#8 ERROR: process "/bin/sh -c pip install ." did not complete successfully: exit code: 1\n',
            "the version of acme-core==9.9 against",
        ),
        ("Error response from daemon: No such container: db\n", "db was not started, or it ended"),
        ("Error response from daemon: something else\n", "Do what the message asks for"),
        (
            "a.ts(1,5): error TS2307: Cannot find module './gen/api' or its corresponding type declarations.\n",
            "Is ./gen/api installed, is its path right",
        ),
        ('service web: undefined secret "zork"\n', "Declare the secret zork at the top level"),
        ("build.sh: line 2: helmfile: command not found\n", "Install helmfile in this job, or put it on PATH"),
    ],
)
def test_a_remedy_holds_what_the_line_names(tmp_path: Path, log: str, said: str) -> None:
    path = tmp_path / "a.log"
    path.write_text(log)
    request = Request("log", logs=(str(path),))
    answer = anyio.run(
        examine, request, Settings(memory=False), World(env={}, folder=tmp_path, cache=tmp_path / "cache")
    )
    assert isinstance(answer, Answer)
    assert answer.report.fix_strategy is not None
    assert said in plain(answer.report.fix_strategy.summary)
