"""Systems that show commands and little else: Bitbucket, CircleCI, AppVeyor, Drone and Woodpecker."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects import detect
from diagnose.logs.steps import failed_steps
from diagnose.logs.traced import command_of
from tests.support.reading import log_of, stamped

CLONE = "+ umask 000\n+ GIT_LFS_SKIP_SMUDGE=1 retry 6 git clone --branch=\"main\" x $BUILD_DIR\nCloning into '/opt/atlassian/pipelines/agent/build'...\n"
SHELL = "#!/bin/bash -eo pipefail\n"
APPVEYOR = "[00:00:00] Build started\n[00:00:01] git clone -q --branch=main https://example.org/acme/shop.git C:\\projects\\shop\n"


def steps(text: str, name: str) -> list[tuple[str, str, str, int | None]]:
    log = log_of(text)
    assert log.dialect.name == name
    return [
        (step.kind, f"{step.job}/{step.name}" if step.job else step.name, step.end, step.code) for step in log.steps
    ]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("+ make test", "make test"),
        ("++ cat version", "cat version"),
        ("+ 'npm ci'", "npm ci"),
        ("+ 'npm' 'ci'", "'npm' 'ci'"),
        ("+ ./gradlew test", "./gradlew test"),
        ("+ /usr/bin/env bash", "/usr/bin/env bash"),
        ("+ vendor/bin/phpunit", "vendor/bin/phpunit"),
        ("+ CI=true npm test", "CI=true npm test"),
        ("+ [ -f x ]", "[ -f x ]"),
        ("+ run_all.sh", "run_all.sh"),
        ("+ b", ""),
        ("+ 'a'", ""),
        ("+ actual - expected", ""),
        ("+ Received", ""),
        ("+ left-pad@1.3.0", ""),
        ("+ react 18.2.0", ""),
        ("+ {'a': 1}", ""),
        ("+   return x", ""),
        ("+make", ""),
        ("+ ", ""),
        ("+", ""),
        ("make", ""),
        ("  + make", ""),
        ("+++++ make", ""),
        ("+ " + "'" * 5000, ""),
    ],
)
def test_a_command_is_told_from_a_diff(text: str, command: str) -> None:
    assert command_of(text) == command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            CLONE + "+ npm ci\nout\n+ npm test\nbad\n- a\n+ b\n+ exit 2\n",
            [("run", "npm ci", "unknown", None), ("run", "npm test", "failed", 2)],
        ),
        (
            CLONE + "+ npm test\nout\n+ exit 0\nBuild teardown\n+ make\n",
            [("run", "npm test", "unknown", None), ("after", "Build teardown", "unknown", None)],
        ),
        (CLONE + "+ npm test\nout\nContainer 'Build' exceeded memory limit.\n", [("run", "npm test", "failed", None)]),
        (CLONE + "+ npm test\nout\nExceeded build time limit of 120 minutes\n", [("run", "npm test", "failed", None)]),
        (
            CLONE
            + "+ npm test\nout\nSearching for test report files in directories named [test-results] down to a depth of 4\nFinished scanning for test reports. Found 0 test report files.\n",
            [("run", "npm test", "unknown", None), ("after", "Build teardown", "unknown", None)],
        ),
    ],
)
def test_bitbucket(text: str, expected: list[tuple[str, str, str, int | None]]) -> None:
    assert steps(text, "bitbucket") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SHELL + "make\nbad\n\nExited with code exit status 2\n", [("run", "script", "failed", 2)]),
        (SHELL + "make\nbad\n\nExited with code 2\nCircleCI received exit code 2\n", [("run", "script", "failed", 2)]),
        (
            SHELL + "make\nbad\nToo long with no output (exceeded 10m0s): context deadline exceeded\n",
            [("run", "script", "failed", None)],
        ),
        (
            SHELL + 'make\nbad\nReceived "killed" signal\n\nExited with code exit status 137\n',
            [("run", "script", "failed", 137)],
        ),
        (
            "====>> Checkout code\n  #!/bin/bash -eo pipefail\nmkdir x\n====>> npm test\n  #!/bin/bash -eo pipefail\nnpm test\nbad\nError: \nExited with code exit status 1\n\nStep failed\nError: runner failed (exited with 101)\nTask failed\n",
            [("run", "Checkout code", "unknown", None), ("run", "npm test", "failed", 1)],
        ),
        (
            "====>> Spin up environment\nBuild-agent version 1.0.3 (x)\n====>> make\nout\nSuccess!\n",
            [("run", "Spin up environment", "unknown", None), ("run", "make", "passed", None)],
        ),
    ],
)
def test_circleci(text: str, expected: list[tuple[str, str, str, int | None]]) -> None:
    assert steps(text, "circleci") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (APPVEYOR + "[00:00:02] Command exited with code 128\n", [("run", "Build started", "failed", 128)]),
        (
            APPVEYOR.replace("[00:00:00] ", "").replace("[00:00:01] ", "")
            + "Running Install scripts\nnpm ci\nCommand exited with code 1\nBuild failed\n",
            [("run", "Build started", "unknown", None), ("run", "Install", "failed", 1)],
        ),
        (
            APPVEYOR
            + '[00:00:02] Running "test_script" scripts\n[00:00:03] bad\n[00:00:03] Command exited with code 3\n[00:00:04] Running "on_finish" scripts\n[00:00:04] Build failed\n',
            [
                ("run", "Build started", "unknown", None),
                ("run", "test_script", "failed", 3),
                ("after", "on_finish", "unknown", None),
            ],
        ),
        (APPVEYOR + "[00:00:02] out\n[00:00:03] Build success\n", [("run", "Build started", "passed", None)]),
        (APPVEYOR + "[00:00:02] out\n[00:00:03] Build failed\n", [("run", "Build started", "failed", None)]),
        (
            APPVEYOR + "[00:00:02] Command executed with exception: The operation has timed out.\n",
            [("run", "Build started", "failed", None)],
        ),
        (
            APPVEYOR
            + "[00:60:00] Build execution time has reached the maximum allowed time for your plan (60 minutes).\n",
            [("run", "Build started", "failed", None)],
        ),
    ],
)
def test_appveyor(text: str, expected: list[tuple[str, str, str, int | None]]) -> None:
    assert steps(text, "appveyor") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[clone:0] + git init\n[clone:1] ok\n[test:0] + npm ci\n[test:1] + npm test\n[test:2] bad\ntest : exit code 2\n",
            [("run", "clone", "unknown", None), ("run", "test", "failed", 2)],
        ),
        (
            "[test:0] + npm ci\n[test:1] + npm test\n2026/11/20 09:12:06 test : received oom kill\n",
            [("run", "test", "failed", None)],
        ),
    ],
)
def test_drone(text: str, expected: list[tuple[str, str, str, int | None]]) -> None:
    assert steps(text, "drone") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[a:L0:0s] + 'npm ci'\n[a:L1:3s] + 'npm test'\n[a:L2:9s] bad\nuuid=01K8Z3V5QY7X9B2C4D6F8G0H1J: exit code 2\n",
            [("run", "a", "failed", 2)],
        ),
        (
            '[a:L0:0s] x\n[b c:L0:0s] y\n[b c:L1:0s] z\nERR error="uuid=01K8Z3V5QY7X9B2C4D6F8G0H1J: received oom kill"\n',
            [("run", "a", "unknown", None), ("run", "b c", "failed", None)],
        ),
        (
            "\x1b[33mci > clone (#1):\x1b[0m\n+ git init\n\x1b[33mci > unit test (#2):\x1b[0m\n+ 'make'\nbad\n",
            [("run", "ci/clone", "unknown", None), ("run", "ci/unit test", "unknown", None)],
        ),
    ],
)
def test_woodpecker(text: str, expected: list[tuple[str, str, str, int | None]]) -> None:
    assert steps(text, "woodpecker") == expected


def test_the_last_command_of_a_step_is_known() -> None:
    assert [step.command for step in log_of("[a:L0:0s] + 'npm ci'\n[a:L1:3s] + 'npm test'\n[a:L2:9s] bad\n").steps] == [
        "npm test"
    ]
    assert [step.command for step in failed_steps(log_of(CLONE + "+ npm test\n+ exit 2\n").steps)] == ["npm test"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("+ make\n+ npm test\n+ ./x\n" * 5, "plain"),
        ("[server.go:12] started\n[file:12] x\n" * 9, "plain"),
        ("[12:00:01] Starting 'test'...\n" * 20, "plain"),
        ("[00:00:01] text\n" * 20 + "[00:00:01] Build failed\n", "plain"),
        (SHELL + "make\n" + "out\n" * 9, "plain"),
        ("Exited with code exit status 1\n" + "out\n" * 9, "plain"),
        ("Build teardown\n" + "out\n" * 9, "plain"),
        (stamped(SHELL + "make\nExited with code exit status 2\n"), "github"),
        (stamped(CLONE), "github"),
        (stamped("[a:L0:0s] x\n[a:L1:0s] y\n"), "github"),
    ],
)
def test_which_logs_are_none_of_theirs(text: str, name: str) -> None:
    assert detect(text.encode()).name == name


def test_bitbucket_s_count_of_no_reports_is_no_verdict() -> None:
    end = "Merged test suites, total number tests is {}, with {} failures and 0 errors."
    log = log_of(CLONE + f"+ npm test\nbad\nBuild teardown\n{end.format(0, 0)}\n{end.format(4, 1)}\n")
    assert [line.text for line in log.lines(7, 9)] == ["", end.format(4, 1)]
