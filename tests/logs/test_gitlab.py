"""GitLab's sections, commands and verdicts, with and without timestamps."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects.gitlab import DIALECT
from diagnose.logs.steps import failed_steps
from tests.support.reading import log_of

ERASE = "\x1b[0K"
OUT, MORE = "2026-11-20T09:12:08.168300Z 01O ", "2026-11-20T09:12:08.168301Z 01O+"
ERR, MORE_ERR = "2026-11-20T09:12:08.168302Z 01E ", "2026-11-20T09:12:08.168303Z 01E+"
RUNNER = f"{ERASE}Running with gitlab-runner 19.4.0 (d79f3e7b)\x1b[0;m\n"


def start(name: str) -> str:
    return f"{ERASE}section_start:1795166321:{name}\r{ERASE}"


def end(name: str) -> str:
    return f"{ERASE}section_end:1795166322:{name}\r{ERASE}"


def command(text: str) -> str:
    return f"\x1b[32;1m$ {text}\x1b[0;m\n"


def verdict(text: str) -> str:
    return f"\x1b[31;1mERROR: Job failed: {text}\n\x1b[0;m"


SCRIPT = RUNNER + start("step_script") + 'Executing "step_script" stage of the job script\n'


def texts(data: str) -> list[str]:
    log = log_of(data)
    assert log.dialect.name == "gitlab"
    return [line.text for line in log.lines(1, log.total)]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (SCRIPT + command("make") + "out\n", [("step_script", "run", "unknown", None), ("make", "run", "unknown", None)]),
        (SCRIPT + command("make") + "out\n" + end("step_script") + verdict("exit code 2"), [("step_script", "run", "unknown", None), ("make", "run", "failed", 2)]),
        (SCRIPT + command("a") + command("b") + verdict("exit status 3"), [("step_script", "run", "unknown", None), ("a", "run", "unknown", None), ("b", "run", "failed", 3)]),
        (SCRIPT + command("a") + verdict("command terminated with exit code 137"), [("step_script", "run", "unknown", None), ("a", "run", "failed", 137)]),
        (SCRIPT + command("a") + verdict("execution took longer than 1h0m0s seconds"), [("step_script", "run", "unknown", None), ("a", "run", "failed", None)]),
        (SCRIPT + command("a") + "\x1b[31;1mERROR: Job failed (system failure): the pod is gone\x1b[0;m\n", [("step_script", "run", "unknown", None), ("a", "run", "failed", None)]),
        (SCRIPT + command("a") + "Job succeeded\n", [("step_script", "run", "unknown", None), ("a", "run", "passed", 0)]),
        (RUNNER + start("get_sources") + "Getting source\n" + command("git x") + verdict("exit status 128"), [("get_sources", "setup", "failed", 128)]),
        (SCRIPT + command("a") + "out\n" + end("step_script") + start("after_script") + "Running\n" + command("tidy") + verdict("exit code 1"), [("step_script", "run", "unknown", None), ("a", "run", "failed", 1), ("after_script", "after", "unknown", None)]),
        (SCRIPT + command("a") + end("step_script") + start("upload_artifacts_on_success") + "Uploading\nERROR: no\n" + verdict("exit status 1"), [("step_script", "run", "unknown", None), ("a", "run", "unknown", None), ("upload_artifacts_on_success", "run", "failed", 1)]),
        (SCRIPT + command("a") + start("own_part[collapsed=true]") + "Part\nin it\n" + end("own_part") + "out\n" + verdict("exit code 1"), [("step_script", "run", "unknown", None), ("a", "run", "failed", 1)]),
        (SCRIPT + start("section_script_step_1[hide_duration=true,collapsed=true]") + command("a") + "out\n" + end("section_script_step_1") + verdict("exit code 1"), [("step_script", "run", "unknown", None), ("a", "run", "failed", 1)]),
        (SCRIPT.replace("\r", "\n") + command("a") + "out\n" + end("step_script").replace("\r", "\n") + verdict("exit code 1"), [("step_script", "run", "unknown", None), ("a", "run", "failed", 1)]),
        (SCRIPT + command("a") + "ERROR: Job failed: exit code 1\n" + "more\n" * 60, [("step_script", "run", "unknown", None), ("a", "run", "failed", 1)]),
        (SCRIPT + command("a") + "Job succeeded\n" + "more\n" * 60, [("step_script", "run", "unknown", None), ("a", "run", "unknown", None)]),
        (SCRIPT + command("a") + "Running with gitlab-runner 1\n" * 9 + "Job succeeded!\nout: Job succeeded\n", [("step_script", "run", "unknown", None), ("a", "run", "unknown", None)]),
    ],
    ids=range(16),
)  # fmt: skip
def test_steps_and_how_they_ended(text: str, steps: list[tuple[str, str, str, int | None]]) -> None:
    log = log_of(text)
    assert log.dialect.name == "gitlab"
    assert [(step.name, step.kind, step.end, step.code) for step in log.steps if step.name != "prepare"] == steps


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Job succeeded", ("job-passed", 0)),
        ("ERROR: Job failed: exit code 1", ("job-failed", 1)),
        ("ERROR: Job failed: prepare environment: exit status 1. Check https://docs.example.org", ("job-failed", 1)),
        ("ERROR: Job failed: run exit (exit code: 4)", ("job-failed", 4)),
        ("ERROR: Job failed: canceled", ("job-failed", None)),
        ("ERROR: Job failed (system failure): Error response from daemon: exit code 9", ("job-failed", None)),
        ("ERROR: Job failed", None),
        ("Job succeeded in 3 s", None),
        ("  ERROR: Job failed: exit code 1", None),
    ],
)
def test_the_verdict(line: str, told: tuple[str, int | None] | None) -> None:
    mark = DIALECT.mark(3, line, line)
    assert (mark and (mark.sign, mark.code)) == told


def test_text_before_a_marker_stays_with_the_section_that_ends() -> None:
    data = (
        SCRIPT
        + command("a")
        + "last words"
        + end("step_script")
        + start("after_script")
        + "Running after_script\nx\n"
        + verdict("exit code 1")
    )
    assert texts(data)[3:5] == ["last words", "x"]
    log = log_of(data)
    (failed,) = failed_steps(log.steps)
    assert (failed.name, failed.body, failed.last) == ("a", 4, 4)
    assert [(step.name, step.first) for step in log.steps if step.kind == "after"] == [("after_script", 5)]


def test_a_marker_with_its_header_is_not_text() -> None:
    assert texts(RUNNER + end("a") + start("b") + "Header\n" + end("b") + "\nsection_end:1:c\r\n") == [
        "Running with gitlab-runner 19.4.0 (d79f3e7b)",
        "Header",
        "",
        "",
    ]
    for text in ("section_end:1:a of it", "section_end:x:a"):
        assert DIALECT.strip(text) == text


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([OUT + "a", OUT + "b"], ["a", "b"]),
        ([OUT + "a", MORE + "b"], ["ab", ""]),
        ([OUT + "a", ERR + "x", MORE + "b", MORE_ERR + "y"], ["ab", "xy", "", ""]),
        ([OUT + "a", MORE + "b", MORE + "c", OUT + "d", MORE + "e"], ["abc", "", "", "de", ""]),
        ([MORE + "alone", OUT + "a"], ["alone", "a"]),
        ([OUT + "a", MORE_ERR + "alone"], ["a", "alone"]),
        ([OUT + "a", "no stamp", MORE + "b"], ["ab", "no stamp", ""]),
        ([OUT + "1%\r", MORE + "2%\r", MORE + "3%"], ["3%", "", ""]),
        ([OUT + "red \x1b[3", MORE + "1mword\x1b[0m"], ["red word", ""]),
        ([OUT + "C O+ n", OUT + "Z 01O+ n"], ["C O+ n", "Z 01O+ n"]),
        ([OUT + "section_start:1:step_", MORE + f"script\r{ERASE}Header", OUT + "$ make"], ["Header", "", "$ make"]),
    ],
    ids=range(11),
)  # fmt: skip
def test_parts_join_the_line_of_their_stream(lines: list[str], shown: list[str]) -> None:
    assert texts("\n".join(lines) + "\n") == shown


def test_a_marker_in_two_parts_opens_its_section() -> None:
    log = log_of(
        f"{OUT}section_start:1:step_\n{ERR}between\n{MORE}script\r{ERASE}Header\n{OUT}$ make\n{OUT}ERROR: Job failed: exit\n{MORE} code 3\n"
    )
    assert [(step.name, step.first, step.end, step.code) for step in log.steps] == [
        ("step_script", 1, "unknown", None),
        ("make", 4, "failed", 3),
    ]


def test_a_line_that_goes_on_for_ever_is_cut_into_lines() -> None:
    shown = texts(f"{OUT}a\n" + f"{MORE}b\n" * 5000 + f"{OUT}c\n")
    assert shown[0] == "a" + "b" * DIALECT.reach
    assert shown[1 : DIALECT.reach + 1] == [""] * DIALECT.reach
    assert set(shown[DIALECT.reach + 1 : -1]) == {"b"}
    assert shown[-1] == "c"


def test_a_line_gathers_only_so_much() -> None:
    shown = texts(f"{OUT}a\n" + (MORE + "b" * 300_000 + "\n") * 6)
    assert [len(text) for text in shown] == [900_001, 0, 0, 0, 300_000, 300_000, 300_000]


def test_the_stamp() -> None:
    assert DIALECT.stamp(OUT + "x") == "2026-11-20T09:12:08.168300Z"
    assert DIALECT.stamp("2026-11-20T09:12:08.168300Z x") == ""
