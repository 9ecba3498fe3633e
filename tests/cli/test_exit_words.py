"""Where no reading is sure, what a signal's exit code says stands in the answer: it may be all that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.reading import github_log

if TYPE_CHECKING:
    from tests.support.command import Command


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (2, ""),
        (137, "Exit code 137: the process was killed (SIGKILL); who sent the signal is unknown"),
        (139, "Exit code 139: the process crashed (SIGSEGV)"),
    ],
)
def test_an_unclear_answer_says_what_the_exit_code_means(command: Command, code: int, said: str) -> None:
    log = github_log(("./prog", f"starting\nloading data\n##[error]Process completed with exit code {code}."))
    told = " ".join(command("--log", "-", stdin=log.encode()).out.split())
    assert "cause unclear" in told
    assert ("Exit code" in told) is bool(said)
    assert said in told
