"""Buildkite, Prow and Tekton."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects.buildkite import DIALECT as BUILDKITE
from diagnose.logs.dialects.tekton import DIALECT as TEKTON
from diagnose.logs.steps import failed_steps
from diagnose.rank.outcome import outcome_of
from tests.support.reading import log_of, reading_of

BEL, ST = "\x07", "\x1b\\"
AGENT = "~~~ Running global environment hook\n$ /etc/hooks/environment\n~~~ Preparing working directory\n$ git clean\n"
RUN = "~~~ Running commands\n$ make\n"
ERROR = (
    "^^^ +++\n\x1b[31m🚨 Error: The command exited with status 2\x1b[0m\n^^^ +++\nuser command error: exit status 2\n"
)


def failed(text: str) -> list[tuple[str, int | None]]:
    return [(step.name, step.code) for step in failed_steps(log_of(text).steps)]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (AGENT + RUN + "out\n", []),
        (AGENT + RUN + "out\n" + ERROR, [("Running commands", 2)]),
        (AGENT + RUN + "--- Install\nx\n+++ :go: Test\nout\n" + ERROR, [(":go: Test", 2)]),
        (AGENT + RUN + "+++ Test\n--- FAIL: TestA (0.01s)\n--- a/x.go\n+++ b/x.go\n--- expected\n+++ Actual\n--- src/x.py\n" + ERROR, [("Test", 2)]),
        (AGENT + RUN + "out\n" + ERROR + "~~~ Running global pre-exit hook\n$ x\n~~~ Uploading artifacts\nx\n", [("Running commands", 2)]),
        (AGENT + "~~~ Running plugin docker command hook\nout\n🚨 Error: The plugin docker command hook exited with status 3\n", [("Running plugin docker command hook", 3)]),
        (AGENT + "~~~ Running global pre-command hook\nout\n🚨 Error: The global pre-command hook exited with status 4\n", [("Running global pre-command hook", 4)]),
        (AGENT + RUN + "out\n# Received cancellation signal, interrupting\n🚨 Error: The command was interrupted by a signal: signal: terminated\n", [("Running commands", None)]),
        (AGENT + RUN + "out\n" * 50 + "user command error: exit status 2\n", [("Running commands", 2)]),
        (AGENT + RUN + '^^^ +++\nuser command error: running "command" hook: exit status 7\n', [("Running commands", 7)]),
    ],
    ids=range(10),
)  # fmt: skip
def test_groups_are_steps(text: str, steps: list[tuple[str, int | None]]) -> None:
    assert log_of(text).dialect.name == "buildkite"
    assert failed(text) == steps


@pytest.mark.parametrize("stop", [BEL, ST])
def test_stamps_come_off_wherever_they_stand(stop: str) -> None:
    stamp = f"\x1b_bk;t=1706575117741{stop}"
    lines = [
        f"{stamp}a\r",
        f"{stamp}50%\r{stamp}100%\r\r",
        f"{stamp}hel{stamp}lo",
        f"{stamp}",
        "unstamped",
        f"\x1b_bk;dt=12{stop}b",
    ]
    log = log_of("\n".join(lines) + "\n")
    assert log.dialect.name == "buildkite"
    assert [line.text for line in log.lines(1, 9)] == ["a", "100%", "hello", "", "unstamped", "b"]


def test_stamps_that_lost_their_escape_come_off() -> None:
    log = log_of(f"_bk;t=1706575117741{BEL}~~~ Running commands\n_bk;t=1706575117742{BEL}out\n_bk;t=17\n")
    assert [line.text for line in log.lines(1, 9)] == ["~~~ Running commands", "out", "_bk;t=17"]
    assert BUILDKITE.stamp("x") == ""


def test_the_command_of_a_group() -> None:
    assert [step.command for step in log_of(AGENT + RUN + ERROR).steps] == [
        "/etc/hooks/environment",
        "git clean",
        "make",
    ]


WRAPPER = "wrapper.sh] [SETUP] Setting up\nwrapper.sh] [TEST] Running Test Command: `make test` ...\nout\n"
STAMP = '"severity":"error","time":"2026-11-20T09:12:09Z"}\n'


def entry(message: str, error: str = "") -> str:
    told = f'"error":"{error}",' if error else ""
    return f'{{"component":"entrypoint",{told}"file":"sigs.k8s.io/prow/pkg/entrypoint/run.go:169","level":"error","msg":"{message}",{STAMP}'


TIMEOUT = (
    entry("Process did not finish before 2h0m0s timeout")
    + "out\n"
    + entry("Process gracefully exited before 15m0s grace period")
    + entry("Error executing test process", "process timed out")
)
INTERRUPT = (
    entry("Entrypoint received interrupt: terminated")
    + entry("Process did not exit before 15s grace period")
    + entry("Error executing test process", "process aborted")
)


@pytest.mark.parametrize(
    ("text", "dialect", "steps", "why"),
    [
        (WRAPPER + "wrapper.sh] [TEST] Test Command exit code: 0\nwrapper.sh] [CLEANUP] x\nwrapper.sh] Exiting 0\n", "prow", [], ""),
        (WRAPPER + "wrapper.sh] [TEST] Test Command exit code: 2\nwrapper.sh] Exiting 2\n" + entry("Error executing test process", "wrapped process failed: exit status 2"), "prow", [("make test", 2)], "the process failed: exit status 2"),
        (WRAPPER + TIMEOUT, "prow", [("make test", None)], "the process was stopped: it took too long"),
        (WRAPPER + INTERRUPT, "prow", [("make test", None)], "the process was interrupted"),
        ("out\n" + TIMEOUT, "prow", [], "the process was stopped: it took too long"),
        ("out\n" * 9 + 'time="2026-11-20T09:12:09Z" level=error msg="Entrypoint received interrupt: terminated" component=entrypoint\n' + 'level=error msg="Error executing test process" error="process aborted"\n', "prow", [], "the process was interrupted"),
        ("out\n" * 9 + entry("Error executing test process", "wrapped process failed: exit status 3"), "plain", [], "the process failed: exit status 3"),
        ("out\n" * 9 + entry("Error executing test process", "could not start the process: no such file"), "plain", [], "the process could not be run"),
        ("out\n" * 9 + '{"component":"entrypoint","level":"error","msg":"server stopped"}\n', "plain", [], None),
    ],
    ids=range(9),
)  # fmt: skip
def test_prow_tells_of_its_process(
    text: str, dialect: str, steps: list[tuple[str, int | None]], why: str | None
) -> None:
    reading = reading_of(text)
    assert reading.log.dialect.name == dialect
    assert failed(text) == steps
    if why:
        assert (outcome_of(reading).status, outcome_of(reading).why) == ("failed", why)
    else:
        assert outcome_of(reading).status != "failed"


STATUS = 'task test has failed: "step-unit" exited with code 2 (image: "x@sha256:0a"); for logs run: kubectl -n ci logs pod -c step-unit\n'
LINES = "[build : make] ok\n\n[test : unit] out\n[test : unit] bad\n\n[test : later] x\n\n[send : unit] y\n\n"


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (LINES, []),
        (LINES + STATUS, [("unit", 2)]),
        (STATUS + LINES, [("unit", 2)]),
        (LINES + "failed to get logs for task test : container step-unit has failed  : [{}]\n", [("unit", None)]),
        (LINES + 'PipelineRun "ci" failed to finish within "1h0m0s"\n', [("unit", None)]),
        (LINES + 'task gone has failed: "step-gone" exited with code 2\n', []),
        (STATUS + "[unit] out\n[unit] bad\n\n\ncontainer step-unit has failed  : [{}]\n", [("unit", 2)]),
    ],
    ids=range(7),
)  # fmt: skip
def test_the_status_of_a_task_says_which_step_failed(text: str, steps: list[tuple[str, int | None]]) -> None:
    assert log_of(text).dialect.name == "tekton"
    assert failed(text) == steps


def test_the_failed_step_is_that_of_the_task() -> None:
    (step,) = failed_steps(log_of(LINES + STATUS).steps)
    assert (step.job, step.first, step.last, step.told) == ("test", 3, 5, 10)


def test_prefixes_of_tkn_come_off_where_they_are_its_own() -> None:
    assert [line.text for line in log_of(LINES).lines(1, 4)] == ["ok", "", "out", "bad"]
    short = log_of(STATUS + "[unit] out\n[unit] [info] x\n[info ] y\n\ncontainer step-unit has failed\n")
    assert [line.text for line in short.lines(2, 4)] == ["out", "[info] x", "[info ] y"]
    assert log_of("[unit] out\n[unit] bad\n\n" + STATUS).dialect.name == "plain"
    bare = "[unit] out"
    assert TEKTON.strip(bare) == bare
    assert TEKTON.stamp("x") == ""


def test_steps_that_alternate_for_ever_are_bounded() -> None:
    log = log_of("[a : x] out\n[b : y] out\n" * 15_000)
    assert len(log.steps) == 20_000
    assert log.total == 30_000
