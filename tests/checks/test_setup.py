from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.checks.setup import CHECK
from diagnose.checks.tables import actions, images, messages
from diagnose.model.incident import Annotation, Missing, StepInfo
from diagnose.model.text import phrase
from diagnose.scan.rule import Rule
from diagnose.scan.rulebase import load, patterns_folder
from tests.checks.build_case import case_of, github, job, quoted, words

if TYPE_CHECKING:
    from diagnose.model.check import Check as Answer

FAILS = "##[error]Process completed with exit code 1."
RESOLVE = "##[error]Unable to resolve action `actions/checkout@4.2.2`, unable to find version `4.2.2`"
REFUSED = "##[error]This request has been automatically failed because it uses a deprecated version of `actions/upload-artifact: v3`."
NO_TOKEN = "##[error]Input required and not supplied: token"
FORBIDDEN = "##[error]Resource not accessible by integration"
ASSERTION = Rule("t/assert", "t", "t", "cause", "a test fails", "test", ("AssertionError",), "AssertionError")
DISK = Rule(
    "t/disk",
    "t",
    "t",
    "cause",
    "full",
    "resource",
    ("No space left",),
    "No space left on device",
    infrastructure=True,
    remedy="Free space.",
)


def note(message: str, level: Any = "failure", title: str = "") -> Annotation:
    return Annotation(level, message, title=title)


def setup(*jobs: Any, **incident: Any) -> Answer:
    return anyio.run(CHECK.run, case_of(*jobs, rules=(ASSERTION, DISK), **incident))


FINE = "the machine, the actions and the account are not the reason, as far as it shows"
ORDINARY = {
    "a test about permissions": github(("pytest", f"AssertionError: {FORBIDDEN}\n{FAILS}")),
    "a test that prints the runner's words": github(("pytest", f"{RESOLVE}\n{FAILS}")),
    "the words in an echoed script": github((f"echo '{RESOLVE}'", FAILS)),
    "an action that failed beside a test": github(("a/setup-b@v1", f"AssertionError\n{NO_TOKEN}")),
    "a missing input of an action that sets nothing up": github(("acme/notify@v1", NO_TOKEN)),
    "the words long before the end": github(("a/setup-b@v1", RESOLVE + "\nx" * 80 + "\n" + FAILS)),
    "a plain log": f"{RESOLVE}\n{REFUSED}\nmake: *** [all] Error 1\n",
    "a cancelled job": github(("make", "##[error]The operation was canceled.")),
    "a version that is not there": github(
        ("actions/setup-node@v4", "##[error]Unable to find Node version '99' for platform linux and architecture x64.")
    ),
    "a full disk": github(("make", f"No space left on device\n{FAILS}")),
    "a tool's own words beside a failed test": github(
        ("make", f"AssertionError\ntoomanyrequests: You have reached your pull rate limit\n{FAILS}")
    ),
    "a push that was denied": github(
        ("git push", f"remote: Permission to o/r.git denied to github-actions[bot].\n{FAILS}")
    ),
    "a cache that did not answer": github(
        ("actions/cache@v4", "##[error]getCacheEntry failed: Cache service responded with 503")
    ),
}


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY.keys())
def test_an_ordinary_failure_is_never_blocked(text: str) -> None:
    assert not setup((job(), text)).blocking
    assert not setup((job(status="unknown"), text)).blocking


BLOCKED = [
    (github(setup=RESOLVE), "an action or its version does not exist", RESOLVE),
    (github(setup=REFUSED), "a retired version of an action was refused", REFUSED),
    (github(("actions/checkout@v4", NO_TOKEN)), "an input of an action is empty", NO_TOKEN),
    (github(("docker/login-action@v3", FORBIDDEN)), "the token may not do this", FORBIDDEN),
    (
        github(
            (
                "./.github/actions/setup",
                "##[error]Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '/w/x'. Did you forget",
            )
        ),
        "a local action was not found",
        "##[error]Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '/w/x'. Did you forget",
    ),
]


@pytest.mark.parametrize(("text", "message", "line"), BLOCKED)
def test_what_stops_every_job_before_the_code_blocks_and_is_quoted(text: str, message: str, line: str) -> None:
    answer = setup((job(), text))
    assert (answer.blocking, words(answer.message)) == (True, message)
    assert [text for _, text in quoted(answer.evidence)] == [line]
    assert answer.remedy


def test_a_block_of_one_job_is_none_when_another_failed_for_itself() -> None:
    blocked, ordinary = github(setup=RESOLVE), github(("pytest", f"AssertionError\n{FAILS}"))
    answer = setup((job("a"), blocked), (job("b"), ordinary))
    assert (answer.status, answer.blocking) == ("failed", False)
    assert setup((job("a"), blocked), (job("b", "success"), github(("make", "ok")))).blocking


BILLING = (
    "The job was not started because recent account payments have failed or your spending limit needs to be increased."
)


@pytest.mark.parametrize(
    ("message", "log", "blocking", "said"),
    [
        (BILLING, None, True, "the account cannot start jobs"),
        (
            "The self-hosted runner: x SECRET lost communication with the server.",
            None,
            True,
            "the runner lost contact with GitHub",
        ),
        (
            "The self-hosted runner: x lost communication with the server.",
            github(("make", "a")),
            False,
            "the runner lost contact with GitHub",
        ),
        ("This is a scheduled macOS-13 brownout.", None, True, "the runner image is being retired"),
        ("The job has exceeded the maximum execution time of 45m0s", None, False, "the job ran into its time limit"),
        (
            "The version '3.6' with architecture 'x64' was not found for Ubuntu 24.04.",
            None,
            False,
            "a tool is not there in the version that is asked for",
        ),
    ],
)
def test_an_annotation_speaks_where_the_log_is_silent(message: str, log: str | None, blocking: bool, said: str) -> None:  # noqa: FBT001 - a table's column
    answer = setup((job(log=log is not None, annotations=(note(f"first\n{message}"),)), log))
    assert (answer.status, answer.blocking, words(answer.message)) == ("failed", blocking, said)
    assert quoted(answer.evidence) == [(0, message.replace("SECRET", "***"))]


def test_a_warning_is_no_failure() -> None:
    answer = setup((job(log=False, annotations=(note(BILLING, "warning"), note("fine", title="x"))), None))
    assert answer.status == "ok"


@pytest.mark.parametrize(
    ("labels", "status", "log", "steps", "blocking"),
    [
        (("macos-13",), "failure", None, (), True),
        (("windows-2019",), "queued", None, (), True),
        (("macos-13", "self-hosted"), "failure", None, (), False),
        (("ubuntu-22.04",), "failure", None, (), False),
        (("ubuntu-24.04",), "failure", None, (), False),
        (("macos-13",), "success", None, (), False),
        (("macos-13",), "failure", None, (StepInfo(1, "Set up job", "success"),), False),
        (("macos-13",), "failure", github(("make", FAILS)), (), False),
    ],
)
def test_a_retired_label_blocks_only_a_job_that_never_ran(
    labels: Any,
    status: Any,
    log: Any,
    steps: Any,
    blocking: bool,  # noqa: FBT001 - as above
) -> None:
    answer = setup((job(status=status, labels=labels, log=log is not None, steps=steps), log))
    assert answer.blocking is blocking
    if blocking:
        assert "was removed on 2025-" in words(answer.message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "Download action repository 'actions/cache@v2' (SHA:" + "0" * 40 + ")",
            "actions/cache@v2 is refused since 2025-03-01",
        ),
        (
            "Download action repository 'actions/upload-artifact@v3.1.2' (SHA:" + "0" * 40 + ")",
            "actions/upload-artifact@v3 is refused since 2025-01-30",
        ),
        ("Download action repository 'actions/cache@v4' (SHA:" + "0" * 40 + ")", ""),
        ("Image: ubuntu-22.04", "ubuntu-22.04 will be removed on 2027-04-17"),
        ("Image: ubuntu-24.04", ""),
        ("Image: macos-13", ""),
    ],
)
def test_retired_things_in_use_are_said_and_are_no_failure(line: str, message: str) -> None:
    group = f"##[group]Runner Image\n{line}\n##[endgroup]" if line.startswith("Image") else f"{line}\n{line}"
    answer = setup((job(status="success"), github(("make", "ok"), setup=group)))
    assert (answer.status, answer.blocking) == ("ok", False)
    assert words(answer.message) == FINE + (f"; {message}" if message else "")
    assert [text for _, text in quoted(answer.evidence)] == ([line] if message else [])
    assert bool(answer.remedy) is bool(message)


def test_what_is_retired_stands_behind_what_failed() -> None:
    log = github(
        ("a/setup-b@v1", RESOLVE), setup="Download action repository 'actions/cache@v2' (SHA:" + "0" * 40 + ")"
    )
    assert (
        words(setup((job(), log)).message)
        == "an action or its version does not exist; actions/cache@v2 is refused since 2025-03-01"
    )


@pytest.mark.parametrize(
    "output", ["AssertionError: No space left on device", "a test on localhost: No space left on device"]
)
def test_infrastructure_is_not_said_beside_a_likelier_cause_or_of_the_jobs_own_server(output: str) -> None:
    assert setup((job(), github(("make", f"{output}\n{FAILS}")))).status == "ok"


def test_infrastructure_in_a_failed_step_is_said() -> None:
    answer = setup((job(), github(("make", f"cp: No space left on device\n{FAILS}"))))
    assert (answer.status, answer.remedy) == ("failed", "Free space.")
    assert words(answer.message) == "a failed step names the infrastructure: cp: No space left on device"


@pytest.mark.parametrize(
    ("conclusion", "unseen", "status", "blocking"),
    [
        ("startup_failure", (), "failed", True),
        ("failure", (), "failed", True),
        ("failure", (Missing(phrase("the jobs"), "denied", phrase("no")),), "skipped", False),
        ("success", (), "skipped", False),
        ("unknown", (), "skipped", False),
    ],
)
def test_a_run_without_jobs_is_an_invalid_workflow_unless_they_could_not_be_seen(
    conclusion: Any,
    unseen: Any,
    status: str,
    blocking: bool,  # noqa: FBT001 - as above
) -> None:
    answer = setup(conclusion=conclusion, unseen=unseen)
    assert (answer.status, answer.blocking) == (status, blocking)


def test_the_tables_hold_what_they_say() -> None:
    known = load(patterns_folder(), None).by_id
    for message in messages():
        re.compile(message.expression)
        assert all(rule in known for rule in message.rules), message.id
        assert message.says
        assert message.remedy
        assert message.source
    assert all(row.source and row.advice for row in [*images().values(), *actions().values()])


def test_a_run_that_waits_for_approval_blocks_and_is_no_broken_workflow() -> None:
    answer = setup(conclusion="action_required")
    assert (answer.status, answer.blocking) == ("failed", True)
    assert (
        words(answer.message)
        == "no job was started: the run waits for a maintainer's approval, as first runs from forks do"
    )
    assert "approves" in answer.remedy


def test_a_run_that_could_not_be_started_blocks_alone_and_not_beside_a_failure() -> None:
    stand_in = (job(".github/workflows/ci.yml", "startup_failure", log=False), None)
    answer = setup(stand_in)
    told = "no job of .github/workflows/ci.yml was started: the workflow file is invalid, or GitHub Actions was disturbed when the run began"
    assert (answer.blocking, words(answer.message)) == (True, told)
    assert "actionlint" in answer.remedy
    beside = setup(stand_in, (job("test"), github(("pytest", f"AssertionError\n{FAILS}"))))
    assert (beside.status, beside.blocking) == ("failed", False)
