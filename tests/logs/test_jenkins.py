"""Jenkins: build steps, stages, branches, notes and stamps."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects.jenkins import DIALECT
from diagnose.logs.steps import failed_steps
from tests.support.reading import log_of, reading_of

BEGIN = "Started by timer\nRunning as SYSTEM\nBuilding in workspace /home/ci/shop\n"
SHELL = "[shop] $ /bin/sh -xe /tmp/jenkins123.sh\n"
MARKED = "Build step 'Execute shell' marked build as failure\n"
PIPE = "Started by user x\n[Pipeline] Start of Pipeline\n[Pipeline] node\n[Pipeline] {\n"
LEAVE = "[Pipeline] }\n[Pipeline] // stage\n"
NOTE = "\x1b[8mha:////4AAAAB+LCAAAAA==\x1b[0m"


def stage(name: str, body: str) -> str:
    return f"[Pipeline] stage\n[Pipeline] {{ ({name})\n{body}{LEAVE}"


def shell(command: str, output: str = "out\n") -> str:
    return f"[Pipeline] sh\n+ {command}\n{output}"


def close(result: str, code: int | None = None) -> str:
    return (
        "[Pipeline] End of Pipeline\n"
        + (f"ERROR: script returned exit code {code}\n" if code else "")
        + f"Finished: {result}\n"
    )


def skipped(name: str) -> str:
    return stage(name, f'Stage "{name}" skipped due to earlier failure(s)\n')


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (BEGIN + "Finished: SUCCESS\n", []),
        (BEGIN + "ERROR: Error cloning remote repo 'origin'\nFinished: FAILURE\n", [("Set up", None, "")]),
        (BEGIN + SHELL + "+ make\nout\n" + MARKED + "Archiving artifacts\nFinished: FAILURE\n", [("Execute shell", None, "make")]),
        (BEGIN + SHELL + "+ a\n" + SHELL + "+ b\n+ make c\n" + MARKED + "Finished: FAILURE\n", [("Execute shell", None, "make c")]),
        (BEGIN + r"[shop] $ cmd /c call C:\Temp\jenkins9.bat" + "\nout\nBuild step 'Execute Windows batch command' marked build as failure\nFinished: FAILURE\n", [("Execute Windows batch command", None, "")]),
        (BEGIN + "[shop] $ mvn -B verify\nout\nFinished: ABORTED\n", [("mvn -B verify", None, "")]),
        (BEGIN + "[shop] $ mvn -B verify\nBuild timed out (after 10 minutes). Marking the build as failed.\nFinished: FAILURE\n", [("mvn -B verify", None, "")]),
        (BEGIN + SHELL + "+ make\nout\nFinished: SUCCESS\n", []),
        (BEGIN + SHELL + "+ make\nout\nRecording test results\nFinished: UNSTABLE\n", []),
        (PIPE + stage("Test", shell("make a") + shell("make b")) + close("FAILURE", 2), [("Test / sh", 2, "make b")]),
        (PIPE + stage("A", shell("make a")) + skipped("B") + skipped("C") + close("FAILURE", 2), [("A / sh", 2, "make a")]),
        (PIPE + stage("A", shell("make a")) + stage("Declarative: Post Actions", shell("echo x")) + close("FAILURE", 3), [("A / sh", 3, "make a")]),
        (PIPE + stage("A", shell("make a") + "Post stage\n" + shell("echo x")) + close("FAILURE", 3), [("A / sh", 3, "make a")]),
        (PIPE + stage("A", shell("make a") + "[Pipeline] echo\nsorry\n[Pipeline] error\n") + close("FAILURE"), [("A / sh", None, "make a")]),
        (PIPE + shell("make a") + close("FAILURE", 5), [("Pipeline / sh", 5, "make a")]),
        (PIPE + stage("A", shell("make a") + "ERROR: script returned exit code 4\n") + stage("B", shell("make b")) + close("FAILURE"), [("A / sh", 4, "make a")]),
        (PIPE + stage("A", shell("make a") + "Cancelling nested steps due to timeout\n") + close("ABORTED"), [("A / sh", None, "make a")]),
        (PIPE + stage("Declarative: Checkout SCM", "[Pipeline] checkout\n > git fetch # timeout=10\n") + close("FAILURE"), [("Declarative: Checkout SCM / checkout", None, "")]),
    ],
    ids=range(18),
)  # fmt: skip
def test_the_step_that_failed(text: str, steps: list[tuple[str, int | None, str]]) -> None:
    log = log_of(text)
    assert log.dialect.name == "jenkins"
    assert [(step.name, step.code, step.command) for step in failed_steps(log.steps)] == steps


PARALLEL = (
    "[Pipeline] parallel\n[Pipeline] { (Branch: linux)\n[Pipeline] { (Branch: mac os)\n[Pipeline] stage\n[Pipeline] { (linux)\n[Pipeline] stage\n"
    "[Pipeline] { (mac os)\n[Pipeline] sh\n[Pipeline] sh\n+ make linux\n+ make mac\nmac is well\n[Pipeline] }\nlinux fails\n[Pipeline] }\nFailed in branch linux\n"
    "more of mac\n[Pipeline] // parallel\n"
)


def test_branches_that_run_side_by_side_are_one_step() -> None:
    log = log_of(
        PIPE + stage("All", PARALLEL) + stage("Declarative: Post Actions", shell("echo x")) + close("FAILURE", 2)
    )
    (failed,) = failed_steps(log.steps)
    (number,) = [line.number for line in log.lines(1, log.total) if line.text == "linux fails"]
    assert (failed.name, failed.end) == ("All / parallel", "failed")
    assert failed.body <= number < failed.told
    assert [step.name for step in log.steps if step.kind == "run"] == ["Pipeline", "All", "All / parallel"]


def test_a_branch_before_each_line_is_framing_where_it_is_known() -> None:
    text = (
        PIPE
        + "[Pipeline] [linux] { (Branch: linux)\n[Pipeline] { (Branch: mac os)\n[linux] + make\n[mac os] out\n[INFO] of Maven\n[win] of nobody\n"
        + close("FAILURE", 1)
    )
    shown = [line.text for line in log_of(text).lines(1, 99)]
    assert {"+ make", "out", "[INFO] of Maven", "[win] of nobody"} <= set(shown)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"{NOTE}Started by timer", "Started by timer"),
        (f"[Pipeline] {NOTE}sh{NOTE}", "[Pipeline] sh"),
        (f"{NOTE}[2026-07-26T12:00:00.123Z] out", "out"),
        ("[2026-07-26T12:00:00.123Z] [Pipeline] sh", "[Pipeline] sh"),
        ("[2026-07-26T12:00:00Z] out", "[2026-07-26T12:00:00Z] out"),
        ("12:00:00 of a tool", "12:00:00 of a tool"),
        ("\x1b[8mha:cut", "ha:cut"),
    ],
)
def test_notes_and_stamps_come_off(line: str, shown: str) -> None:
    assert log_of(BEGIN + line + "\nFinished: FAILURE\n").text(4) == shown


@pytest.mark.parametrize("stamp", ["12:00:01 ", "12:00:01  ", "00:00:01.123 "])
def test_the_classic_stamp_comes_off_where_the_log_has_it(stamp: str) -> None:
    text = "".join(
        f"{stamp}{line}\n" for line in (BEGIN + SHELL + "+ make\nout\n" + MARKED + "Finished: FAILURE").splitlines()
    )
    log = log_of(text)
    assert (log.dialect.name, log.text(6)) == ("jenkins", "out")
    assert [step.name for step in failed_steps(log.steps)] == ["Execute shell"]


def test_the_stamp() -> None:
    assert DIALECT.stamp("[2026-07-26T12:00:00.123Z] x") == "2026-07-26T12:00:00.123Z"
    assert DIALECT.stamp("12:00:00 x") == ""


def test_an_unstable_build_is_looked_at_whole() -> None:
    reading = reading_of(PIPE + stage("Test", shell("make a")) + stage("Pack", shell("make b")) + close("UNSTABLE"))
    assert [(window.step, window.first) for window in reading.windows] == [(None, 1)]


def test_a_trace_that_fills_a_log_is_one_mark() -> None:
    log = log_of(BEGIN + SHELL + "+ make a\n" * 3000 + "+ make b\n" + MARKED + "Finished: FAILURE\n")
    assert len([mark for mark in log.marks if mark.sign == "echo"]) == 1
    assert failed_steps(log.steps)[0].command == "make b"
