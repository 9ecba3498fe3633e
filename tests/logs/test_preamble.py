from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from diagnose.logs.pages import Pages
from diagnose.logs.preamble import Merged, Preamble, Used, preamble_of
from diagnose.scan.rulebase import RuleBase
from diagnose.scan.scanner import Scanner

if TYPE_CHECKING:
    from diagnose.logs.log import Log

SHA, HEAD, BASE = "a" * 40, "b" * 40, "c" * 40
LINES = f"""Requested labels: self-hosted, gpu
Current runner version: '2.336.0'
##[group]Operating System
Version: 9.9
##[endgroup]
##[group]Runner Image
Image: ubuntu-26.04
Version: 20261101.1.0
##[endgroup]
##[group]GITHUB_TOKEN Permissions
Contents: read
PullRequests: write
##[endgroup]
Secret source: None
##[debug]Secret source: Actions
Download action repository 'Actions/Checkout@v5.1.0' (SHA:{SHA})
##[group]Run actions/checkout@v5
HEAD is now at 40c00c29 Merge {HEAD} into {BASE}
##[endgroup]"""


def log_of(text: str, stamp: str = "2026-11-20T09:12:04.1683002Z ") -> Log:
    data = "".join(f"{stamp}{line}\n" for line in text.split("\n")).encode()
    return Scanner(RuleBase((), "test")).scan("log", Pages(io.BytesIO(data))).log


@pytest.mark.parametrize(
    "text",
    [
        "make\nImage: ubuntu-26.04\nSecret source: None\nContents: read",
        "##[group]Run make\nImage: ubuntu-26.04\nVersion: 1.2\n##[endgroup]",
        f"HEAD is now at 40c00c29 Merge branch 'x'\nHEAD is now at 40c00c29 Merge {HEAD} into {BASE} by hand",
        f"Download action repository 'a/b@v1' (SHA:{SHA}) again",
    ],
)
def test_look_alikes_say_nothing(text: str) -> None:
    found = preamble_of(log_of("Current runner version: '2.336.0'\n" + text))
    assert (found.image, found.scopes, found.used, found.merged) == ("", (), (), None)


def test_a_log_of_another_system_has_no_preamble() -> None:
    assert preamble_of(log_of("Secret source: None\nImage: ubuntu-26.04\nmake", "")) == Preamble()


@pytest.mark.parametrize(
    "stamp",
    ["2026-11-20T09:12:04.1683002Z ", "build\tSet up job\t2026-11-20T09:12:04.1683002Z "],
    ids=["github", "github-cli"],
)
def test_what_the_runner_says_is_read_with_its_lines(stamp: str) -> None:
    assert preamble_of(log_of(LINES, stamp)) == Preamble(
        labels=("self-hosted", "gpu"),
        image="ubuntu-26.04",
        image_version="20261101.1.0",
        image_line=7,
        secrets="None",
        secrets_line=14,
        scopes=(("Contents", "read"), ("PullRequests", "write")),
        token_line=10,
        used=(Used(16, "actions/checkout", "v5.1.0", SHA),),
        merged=Merged(18, "40c00c29", HEAD, BASE),
    )
