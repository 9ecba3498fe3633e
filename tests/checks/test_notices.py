from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.checks.setup import CHECK
from diagnose.model.incident import Annotation
from diagnose.scan.rule import Rule
from tests.checks.build_case import case_of, github, job, quoted, words

if TYPE_CHECKING:
    from diagnose.model.check import Check as Answer

FINE = "the machine, the actions and the account are not the reason, as far as it shows"
FAILS = "##[error]Process completed with exit code 1."
NODE = "##[warning]Node.js 20 actions are deprecated. The following actions are running on Node.js 20: actions/checkout@v4."
DISK = "##[warning]You are running out of disk space. The runner will stop working when the machine runs out of disk space. Free space left: 97 MB"
OLD = "##[warning]The `set-output` command is deprecated and will be disabled soon."
ASSERTION = Rule("t/assert", "t", "t", "cause", "a test fails", "test", ("AssertionError",), "AssertionError")
TOX = Rule(
    "tox/no-interpreter",
    "tox",
    "tox",
    "cause",
    "none",
    "configuration",
    ("could not find python",),
    "could not find python interpreter",
)


def setup(*jobs: Any, now: datetime | None = None) -> Answer:
    case = case_of(*jobs, rules=(ASSERTION, TOX))
    return anyio.run(CHECK.run, case if now is None else replace(case, now=now))


@pytest.mark.parametrize(
    "line",
    [
        NODE.removeprefix("##[warning]"),
        "echo '" + NODE,
        "##[warning]Node.js 16 actions are deprecated. Update these actions.",
        "##[warning]Failed to save: Unable to reserve cache with key k, another job may be creating this cache.",
        "##[warning]Docker pull failed with exit code 1, back off 5.965 seconds before retry.",
    ],
)
def test_what_is_no_warning_of_this_kind_is_not_said(line: str) -> None:
    answer = setup((job(status="success"), github(("make", line))))
    assert (answer.status, words(answer.message)) == ("ok", FINE)


@pytest.mark.parametrize("status", ["success", "failure"])
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (NODE, "an action is made for Node.js 20, which is gone since 2026-09-23"),
        (DISK, "the runner's disk is nearly full"),
        (OLD, "an old workflow command still works and will be disabled some day"),
    ],
)
def test_a_warning_of_the_runner_is_said_once_and_is_no_failure(line: str, told: str, status: Any) -> None:
    output = f"{line}\n{line}" + (f"\nAssertionError\n{FAILS}" if status == "failure" else "")
    both = job(status=status, annotations=(Annotation("warning", line.removeprefix("##[warning]")),))
    answer = setup((both, github(("make", output))), (both, None))
    assert (answer.status, answer.blocking, words(answer.message)) == ("ok", False, f"{FINE}; {told}")
    assert quoted(answer.evidence) == [(5, line)]
    assert answer.remedy


@pytest.mark.parametrize(
    ("level", "message", "told"),
    [
        ("notice", "Node.js 20 is deprecated.", ""),
        ("failure", "Node.js 20 is deprecated.", ""),
        (
            "warning",
            "Node.js 20 is deprecated.",
            "; an action is made for Node.js 20, which is gone from 2026-09-23 on",
        ),
        (
            "warning",
            "Linux ARM32 runners are deprecated and will no longer be supported.",
            "; the runner is a 32-bit ARM one, which is gone from 2026-09-23 on",
        ),
    ],
)
def test_an_annotation_warns_too_and_the_day_is_told_from_today(level: Any, message: str, told: str) -> None:
    before = datetime(2026, 9, 1, tzinfo=UTC)
    answer = setup((job(status="success", annotations=(Annotation(level, message),)), None), now=before)
    assert (answer.status, words(answer.message)) == ("ok", FINE + told)


def test_a_disk_that_was_nearly_full_is_said_to_be_wrong_where_nothing_else_failed() -> None:
    answer = setup((job(), github(("make", f"{DISK}\n{FAILS}"))))
    assert (answer.status, answer.blocking, words(answer.message)) == (
        "failed",
        False,
        "the runner's disk is nearly full",
    )


@pytest.mark.parametrize("output", ["could not find python interpreter", f"{DISK}\ncould not find python interpreter"])
def test_a_version_that_a_tool_asks_for_and_that_is_not_there_is_said(output: str) -> None:
    answer = setup((job(), github(("tox -e py27", f"{output}\n{FAILS}"))))
    assert (answer.status, answer.blocking) == ("failed", False)
    assert words(answer.message).startswith("a tool is not there in the version that is asked for")
    assert answer.remedy.startswith("Ask for a version")


def test_a_version_that_is_not_there_and_stopped_nothing_is_not_said() -> None:
    assert setup((job(status="success"), github(("tox", "could not find python interpreter")))).status == "ok"
