"""What each CI system's log says of its steps: (number, kind, name, lines, first line of output, end, code, line that told)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnose.logs.dialect import Mark
from diagnose.logs.steps import failed_steps, steps_of
from tests.support.reading import STAMP, github_log, log_of, stamped

if TYPE_CHECKING:
    from diagnose.logs.steps import Step

HEADER = 4  # what `github_log` writes before a step's output


def told(steps: tuple[Step, ...]) -> list[tuple[str, str, str]]:
    return [(step.name, step.kind, step.end) for step in steps]


def only(text: str) -> Step:
    (step,) = [step for step in log_of(text).steps if step.kind == "run"]
    return step


@pytest.mark.parametrize(
    ("output", "end", "code", "line"),
    [
        ("fine", "unknown", None, 0),
        ("bad\n##[error]Process completed with exit code 2.", "failed", 2, 7),
        ("bad\n##[error]Process completed with exit code -1073741819.", "failed", -1073741819, 7),
        ("bad\n##[error]Process completed with exit code 3221225477.", "failed", 3221225477, 7),
        ("##[error]The process '/usr/bin/git' failed with exit code 128", "failed", 128, 6),
        ("##[error]an action's note", "error", None, 6),
        ("##[error]first\n##[error]second", "error", None, 7),
        ("##[error]note\n##[error]Process completed with exit code 1.", "failed", 1, 7),
        ("##[error]Process completed with exit code 1.\n##[error]note", "failed", 1, 6),
        ("##[error]The operation was canceled.", "failed", None, 6),
        ("##[error]A task was canceled.", "failed", None, 6),
        ("##[error]The action 'Test' has timed out after 5 minutes.", "failed", None, 6),
        ("##[error]The runner has received a shutdown signal. This can happen when", "failed", None, 6),
        ("##[warning]Process completed with exit code 1.", "unknown", None, 0),
        ("echo '##[error]Process completed with exit code 1.'", "unknown", None, 0),
    ],
)
def test_how_a_github_step_ended(output: str, end: str, code: int | None, line: int) -> None:
    step = only(github_log(("make", output)))
    assert (step.end, step.code, step.told) == (end, code, line)


def test_a_github_job_is_its_set_up_its_steps_and_what_comes_after() -> None:
    log = log_of(
        github_log(
            ("a", "one\ntwo"),
            ("b", "three\n##[error]Process completed with exit code 1."),
            setup="##[group]OS\nUbuntu\n##[endgroup]",
        )
    )
    assert [(step.number, step.kind, step.name, step.first, step.last, step.body, step.end) for step in log.steps] == [
        (1, "setup", "Set up job", 1, 4, 1, "unknown"),
        (2, "run", "Run a", 5, 10, 9, "unknown"),
        (3, "run", "Run b", 11, 16, 15, "failed"),
        (4, "after", "Post job cleanup.", 17, 17, 17, "unknown"),
        (5, "after", "Cleaning up orphan processes", 18, 18, 18, "unknown"),
    ]
    assert [step.name for step in failed_steps(log.steps)] == ["Run b"]


def test_what_a_step_echoes_is_framing_and_what_it_prints_is_not() -> None:
    log = log_of(github_log(("a", "one"), setup="early"))
    assert [log.is_framing(number) for number in range(1, 9)] == [False, False, True, True, True, True, False, False]
    assert log.text(7) == "one"


def test_a_group_of_a_tool_is_no_step_and_ends_no_header() -> None:
    step = only(github_log(("a", "##[group]Installing\nx\n##[endgroup]\nlast")))
    assert (step.body, step.last) == (6, 9)


def test_a_composite_action_is_the_steps_that_it_runs() -> None:
    log = log_of(
        stamped(
            "##[group]Run ./.github/actions/all\n##[endgroup]\n##[group]Run inner\n##[endgroup]\nout\n##[error]Process completed with exit code 4.\nPost job cleanup."
        )
    )
    assert told(log.steps) == [
        ("Run ./.github/actions/all", "run", "unknown"),
        ("Run inner", "run", "failed"),
        ("Post job cleanup.", "after", "unknown"),
    ]


def test_an_error_of_the_post_job_is_no_failed_step() -> None:
    log = log_of(github_log(("a", "fine")) + stamped("##[error]Process completed with exit code 1."))
    assert told(log.steps)[-1] == ("Cleaning up orphan processes", "after", "failed")
    assert failed_steps(log.steps) == ()


def test_error_notes_count_only_where_no_step_surely_failed() -> None:
    noted, failed = ("acme/action@v1", "##[error]note"), ("b", "##[error]Process completed with exit code 1.")
    assert [step.name for step in failed_steps(log_of(github_log(noted, failed)).steps)] == ["Run b"]
    assert [step.name for step in failed_steps(log_of(github_log(noted, ("b", "fine"))).steps)] == [
        "Run acme/action@v1"
    ]


def test_an_error_note_of_a_script_without_an_exit_code_is_no_failure() -> None:
    assert failed_steps(log_of(github_log(("make", "##[error]a matcher's note"))).steps) == ()


def test_a_failure_before_any_step_is_a_step_without_a_name() -> None:
    log = log_of(stamped("##[error]No runner\nmore\nlines of it"))
    assert told(log.steps) == [("", "run", "error")]
    assert (log.steps[0].first, log.steps[0].last, log.steps[0].told) == (1, 3, 1)


def test_a_header_that_never_ends_is_one_line() -> None:
    step = only(stamped("##[group]Run cat\n" + "line\n" * 500 + "##[endgroup]\nlast"))
    assert (step.first, step.body, step.last) == (1, 2, 503)


def test_a_log_cut_inside_a_header_has_a_step_all_the_same() -> None:
    step = only(stamped("Current runner version: '2'\n##[group]Run make"))
    assert (step.first, step.last, step.body) == (2, 2, 2)


def cli(*lines: tuple[str, str]) -> str:
    return "".join(f"build (3.12)\t{step}\t{STAMP}{line}\n" for step, line in lines)


def test_the_prefix_of_the_command_line_tool_names_job_and_step() -> None:
    log = log_of(
        cli(
            ("Set up job", "Current runner version: '2.336.0'"),
            ("Set up job", "x\ty"),
            ("Test", "##[group]Run make"),
            ("Test", "##[endgroup]"),
            ("Test", "out\tof it"),
            ("Test", "##[error]Process completed with exit code 2."),
            ("Post Test", "Post job cleanup."),
            ("Complete job", "Cleaning up orphan processes"),
        )
    )
    assert log.dialect.name == "github-cli"
    assert [(step.job, step.name, step.kind, step.first, step.last, step.body, step.end) for step in log.steps] == [
        ("build (3.12)", "Set up job", "setup", 1, 2, 1, "unknown"),
        ("build (3.12)", "Test", "run", 3, 6, 5, "failed"),
        ("build (3.12)", "Post Test", "after", 7, 7, 7, "unknown"),
        ("build (3.12)", "Complete job", "after", 8, 8, 8, "unknown"),
    ]
    assert log.text(5) == "out\tof it"


def test_inner_headers_of_one_prefixed_step_do_not_divide_it() -> None:
    log = log_of(
        cli(
            ("All", "##[group]Run ./all"),
            ("All", "##[endgroup]"),
            ("All", "##[group]Run inner"),
            ("All", "##[endgroup]"),
            ("All", "out"),
        )
    )
    assert [(step.name, step.first, step.last) for step in log.steps] == [("All", 1, 5)]


def test_where_the_tool_cannot_tell_the_step_the_lines_do() -> None:
    name = "UNKNOWN STEP"
    log = log_of(
        cli(
            (name, "Current runner version: '2'"),
            (name, "##[group]Run make"),
            (name, "##[endgroup]"),
            (name, "out"),
            (name, "##[error]Process completed with exit code 1."),
            (name, "Post job cleanup."),
        )
    )
    assert told(log.steps) == [
        ("Set up job", "setup", "unknown"),
        ("Run make", "run", "failed"),
        ("Post job cleanup.", "after", "unknown"),
    ]
    assert (log.steps[1].body, log.steps[1].told) == (4, 5)


FOLD = "travis_fold:start:x\r\x1b[0K"
CLOSE = "\nDone. Your build exited with 1.\n"


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            '$ make\nout\nThe command "make" exited with 0.\n\nDone. Your build exited with 0.\n',
            [("make", "run", "passed")],
        ),
        (
            FOLD + '$ make\nout\n\x1b[31;1mThe command "make" exited with 2.\x1b[0m\n' + CLOSE,
            [("make", "run", "failed")],
        ),
        (
            '$ if x; then\n  make\nfi\nThe command "if x; then\n  make\nfi" exited with 3.\n' + CLOSE,
            [("if x; then", "run", "failed")],
        ),
        (
            FOLD
            + '$ npm ci\nout\nThe command "npm ci" failed and exited with 1 during install.\n\nYour build has been stopped.\n',
            [("npm ci", "run", "failed")],
        ),
        (
            FOLD
            + "$ make\nout\nNo output has been received in the last 10m0s, this potentially indicates a stalled build\n",
            [("make", "run", "failed")],
        ),
        (
            FOLD
            + "$ make\nout\n\n\x1b[31;1mThe job exceeded the maximum time limit for jobs, and has been terminated.\n",
            [("make", "run", "failed")],
        ),
        (
            FOLD
            + "$ make\nThe log length has exceeded the limit of 4 MB (this usually means that the test suite is raising the same exception)\n",
            [("make", "run", "failed")],
        ),
        (
            FOLD + '$ a\nThe command "a" exited with 2.\n$ tidy\nout\n' + CLOSE,
            [("a", "run", "failed"), ("tidy", "run", "unknown")],
        ),
        (
            FOLD + '$ a\nThe command "a" exited with 0.\n$ b\nThe command "b" exited with 1.\n' + CLOSE,
            [("a", "run", "passed"), ("b", "run", "failed")],
        ),
    ],
)
def test_travis_steps_run_from_an_echo_to_its_exit(text: str, steps: list[tuple[str, str, str]]) -> None:
    log = log_of(text)
    assert log.dialect.name == "travis"
    assert told(log.steps) == steps


def test_travis_marks_glued_to_a_line_are_taken_off_it() -> None:
    log = log_of(
        "travis_fold:start:git\r\x1b[0Ktravis_time:start:0a1b\r\x1b[0K$ git clone\nout\ntravis_time:end:0a1b:start=1,finish=2\r\x1b[0Ktravis_fold:end:git\r\x1b[0K$ make\n"
    )
    assert [line.text for line in log.lines(1, 9)] == ["$ git clone", "out", "$ make"]
    bare = log_of("travis_fold:start:git\ntravis_time:start:1 $ make\ntravis_fold:end:git\ntravis_fold:\n")
    assert [line.text for line in bare.lines(1, 9)] == ["", "$ make", "", "travis_fold:"]


def test_a_plain_log_has_no_steps() -> None:
    log = log_of("$ make\nout\nmake: *** [x] Error 1\n")
    assert (log.dialect.name, log.steps, log.marks, log.step_at(2), log.is_framing(1)) == ("plain", (), (), None, False)


def test_a_taskcluster_task_is_one_step() -> None:
    start = "[taskcluster 2026-11-20T09:12:04.168Z] === Task Starting ===\n[task 2026-11-20T09:12:05.000Z] out\n"
    for word, code, end in (("Unsuccessful", 1, "failed"), ("Successful", 0, "passed")):
        (step,) = log_of(
            f"{start}[taskcluster 2026-11-20T09:12:06.1Z] {word} task run with exit code: {code} completed\n"
        ).steps
        assert (step.name, step.end, step.code, step.first, step.last) == ("task", end, code, 1, 3)


@pytest.mark.parametrize(
    ("marks", "steps"),
    [
        ([], []),
        ([Mark(3, "frame"), Mark(4, "frame-off"), Mark(5, "end", code=0)], []),
        ([Mark(3, "failed", code=1)], [(1, 3, 1, "failed")]),
        ([Mark(2, "step", "a"), Mark(4, "frame-off"), Mark(6, "frame-off")], [(2, 9, 5, "unknown")]),
        ([Mark(2, "step", "a"), Mark(5, "end", code=0), Mark(6, "end", code=0)], [(2, 5, 3, "passed")]),
        ([Mark(2, "step", "a"), Mark(5, "failed", code=1), Mark(6, "end", code=0)], [(2, 5, 3, "failed")]),
        (
            [Mark(2, "enter", "j\ta"), Mark(3, "enter", "j\tb"), Mark(5, "enter", "j\tb")],
            [(2, 2, 2, "unknown"), (3, 9, 3, "unknown")],
        ),
        ([Mark(9, "step", "a")], [(9, 9, 9, "unknown")]),
        ([Mark(4, "step", "a"), Mark(4, "step", "b")], [(4, 4, 4, "unknown"), (4, 9, 5, "unknown")]),
    ],
)
def test_marks_fold_into_steps(marks: list[Mark], steps: list[tuple[int, int, int, str]]) -> None:
    assert [(step.first, step.last, step.body, step.end) for step in steps_of(marks, 9)] == steps
