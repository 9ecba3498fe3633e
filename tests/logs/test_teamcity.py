"""TeamCity's downloaded logs and service messages."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects import detect
from diagnose.logs.dialects.teamcity import DIALECT
from diagnose.rank.outcome import outcome_of
from tests.support.reading import log_of, shipped, shipped_reading_of, stamped


def build(*lines: str, status: str = "FAILURE 'Process exited with code 1'") -> str:
    head = [
        "Build 'Acme / Shop' #7",
        f"Finished 2026-11-20 09:12:09 with status {status}",
        "TeamCity server version is 2026.1 (build 219599)",
        "",
    ]
    return "\n".join([*head, "[09:12:00]W: bt2 (9s)", *lines, "[09:12:09] : Build finished", ""])


STEP = "[09:12:01]W: Step 1/1: Test (Command Line) (2m:3s)"
IN = "[09:12:01] :\t [Step 1/1] "


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("[09:12:01]W: Step 1/2: Test (Command Line)", "Step 1/2: Test (Command Line)"),
        ("[09:12:01] :\t [Step 1/2] text", "text"),
        ("[09:12:01]i:     [Step 1/2]   indented", "  indented"),
        ("[09:12:01]E:\t\t\t [Update checkout directory (/opt/x)] text", "text"),
        ("[09:12:01] :\t [Step 1/2] [INFO] text", "[INFO] text"),
        ("[09:12:01] : [INFO] text", "[INFO] text"),
        ("[09:12:01][Step 1/1] npm ERR! code", "npm ERR! code"),
        ("[09:12:01] [Step 3/5] Process exited with code 0", "Process exited with code 0"),
        ("[2019-12-01 01:24:41] bt3102 (11m:21s)", "bt3102 (11m:21s)"),
        ("[09:12:01]", ""),
        ("[09:12:01] :\t [Step 1/2] ", ""),
        ("unstamped [Step 1/2]", "unstamped [Step 1/2]"),
        ("[9:12:01] x", "[9:12:01] x"),
    ],
)
def test_time_status_and_block_are_framing(text: str, stripped: str) -> None:
    assert DIALECT.strip(text) == stripped
    assert DIALECT.stamp(text) == ""


@pytest.mark.parametrize(
    ("lines", "end", "code"),
    [
        ([IN + "out"], "unknown", None),
        ([IN + "Process exited with code 0"], "passed", 0),
        ([IN + "Process exited with code 3"], "failed", 3),
        ([IN + "Process exited with code 3", "[09:12:02]E:\t [Step 1/1] Step Test (Command Line) failed"], "failed", 3),
        ([IN + "Process exited with code 0", IN + "Starting: java", IN + "Process exited with code 1"], "failed", 1),
        (["[09:12:02]E:\t [Step 1/1] Step Test (Command Line) failed"], "error", None),
        ([IN + "##teamcity[testFailed name='a' message='b']"], "error", None),
        ([IN + "##teamcity[testFinished name='a']"], "unknown", None),
        ([IN + "##teamcity[message text='x' status='ERROR']"], "error", None),
        ([IN + "##teamcity[message text='status=|'ERROR|'' status='NORMAL']"], "unknown", None),
        ([IN + "##teamcity[buildStatus status='FAILURE' text='x']"], "error", None),
        ([IN + "##teamcity[buildProblem description='x']"], "error", None),
        (["[09:12:02]i: Changed build status to failed due to build problem: x"], "error", None),
        ([IN + "Step 1/4 : FROM alpine"], "unknown", None),
        ([IN + "Step 2/4: not a header, it stands in a block"], "unknown", None),
    ],
)
def test_how_a_step_ended(lines: list[str], end: str, code: int | None) -> None:
    (step,) = log_of(build(STEP, *lines, status="UNKNOWN").replace("[09:12:09] : Build finished\n", "")).steps
    assert (step.name, step.end, step.code) == ("Step 1/1: Test (Command Line)", end, code)


def test_the_script_that_is_shown_is_framing_and_a_step_may_be_skipped() -> None:
    log = log_of(
        build(
            STEP,
            "[09:12:01]i:\t [Step 1/1] Content of /tmp/x file: ",
            "make error",
            "",
            IN + "Starting: /tmp/x",
            IN + "in directory: /w",
            IN + "out",
        )
    )
    assert [log.text(number) for number in range(log.steps[0].first, log.total + 1) if not log.is_framing(number)] == [
        "out",
        "Build finished",
    ]
    skipped = log_of(build(STEP, IN + "Build step Test (Command Line) is skipped because of unfulfilled condition: x"))
    assert skipped.steps[0].kind == "after"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("NORMAL 'Success'", "passed"),
        ("FAILURE 'Tests failed: 1'", "failed"),
        ("ERROR 'x'", "failed"),
        ("UNKNOWN 'Canceled'", "failed"),
    ],
)
def test_the_head_says_how_the_build_ended(status: str, verdict: str) -> None:
    text = build(STEP, IN + "out", status=status)
    assert outcome_of(shipped_reading_of(text)).status == verdict
    assert log_of(text).dialect.name == "teamcity"


MESSAGES = (
    "##teamcity[testStarted name='a' flowId='1']\n##teamcity[testStarted name='b|[1|]' flowId='2']\n"
    "##teamcity[testFailed name='b|[1|]' message='it isn|'t |0x00fc || so|nsecond line' details='at x|nname=|'no|'' flowId='2']\n"
    "##teamcity[testFinished name='a' flowId='1']\n##teamcity[testFailed name='a' message='1 != 2' flowId='1']\n##teamcity[testFinished name='b|[1|]' flowId='2']\n"
)


def test_service_messages_name_the_failed_tests_whatever_their_flow() -> None:
    found = [match for match in shipped_reading_of(MESSAGES).scan.matches if match.rule.id == "teamcity/test-failed"]
    assert [(match.line, match.captures["test"]) for match in found] == [(3, "b[1]"), (5, "a")]
    assert shipped().by_id["teamcity/test-failed"].category == "test"


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        (b"##teamcity[x name='a |[b|] c']", b"##teamcity[x name='a [b] c']"),
        (b"##teamcity[x name='|0x00FC|0x2713']", "##teamcity[x name='ü✓']".encode()),
        (
            b"##teamcity[x name='it|'s||[|n|r|0x0027|0x000a|0xd800|x|l|p']",
            b"##teamcity[x name='it|'s||[|n|r|0x0027|0x000a|0xd800|x|l|p']",
        ),
        (b"##teamcity[x name='|||[']", b"##teamcity[x name='||[']"),
        (b"##teamcity[x name='cut |", b"##teamcity[x name='cut |"),
        (b"##teamcity[x name='cut |0x12", b"##teamcity[x name='cut |0x12"),
        (b"a |[b|]", b"a |[b|]"),
    ],
)
def test_escapes_are_undone_but_those_that_end_values_and_lines(raw: bytes, meant: bytes) -> None:
    assert DIALECT.whole(b"x |[\n" + raw + b"\ny") == b"x |[\n" + meant + b"\ny"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (stamped(MESSAGES), "github"),
        ("[12:00:01] Using gulpfile\n[12:00:02] Starting 'test'...\n" * 9, "plain"),
        ("##teamcity[testStarted name='a']\n" + "out\n" * 20, "plain"),
        (MESSAGES, "teamcity"),
        (build(STEP, IN + "out"), "teamcity"),
        ("[12:04:50][Step 1/1] a\n[12:04:52][Step 1/1] Process exited with code 1\n", "teamcity"),
    ],
)
def test_which_logs_are_its_own(text: str, name: str) -> None:
    assert detect(text.encode()).name == name
