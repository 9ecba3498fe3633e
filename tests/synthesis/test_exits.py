"""Exit codes: nothing is said that neither the code nor a line of the log bears out."""

from __future__ import annotations

import pytest

from diagnose.model.report import Cause
from diagnose.model.text import Untrusted, phrase
from diagnose.synthesis.exits import explain_exit, is_exit_alone, table, with_exit
from tests.checks.build_case import STAMP, case_of, job
from tests.checks.build_case import words as words_of


@pytest.mark.parametrize(
    ("code", "tool"),
    [(0, ""), (1, ""), (2, ""), (3, "cargo"), (42, "pytest"), (5, "jest"), (-1, ""), (256, ""), (200, "")],
)
def test_codes_that_say_nothing(code: int, tool: str) -> None:
    assert explain_exit(code, tool, ["Out of memory"]) is None


@pytest.mark.parametrize(
    "line", ["Killed", "memory usage is fine", "13 GB free", "Killed process", "test_out_of_memory_handling passed", ""]
)
def test_137_is_killed_by_somebody_unknown(line: str) -> None:
    found = explain_exit(137, "", [line])
    assert found is not None
    assert not found.sure
    assert "unknown" in found.text
    assert found.ask


@pytest.mark.parametrize(
    "line",
    [
        "Out of memory: Killed process 4711 (cc1plus)",
        "oom-kill:constraint=CONSTRAINT_MEMCG",
        '"OOMKilled": true',
        "fatal: cannot allocate memory",
    ],
)
def test_137_is_memory_when_the_log_says_so(line: str) -> None:
    found = explain_exit(137, "", ["", line])
    assert found is not None
    assert found.sure
    assert "memory" in found.text


@pytest.mark.parametrize(
    ("code", "tool", "line", "words"),
    [
        (124, "", "+ timeout 60 make check", "took longer"),
        (125, "docker", "docker: Error response from daemon: no such image", "never started"),
        (126, "", "bash: ./run: Permission denied", "cannot be executed"),
        (127, "", "bash: frobnicate: command not found", "not found"),
        (128, "git", "fatal: not a git repository", "git gave up"),
        (130, "", "##[error]The operation was canceled.", "cancelled"),
        (134, "node", "FATAL ERROR: Reached heap limit - JavaScript heap out of memory", "own heap"),
        (134, "", "terminate called after throwing an instance", "C++"),
        (135, "", "Bus error (core dumped)", "SIGBUS"),
        (136, "", "Floating point exception", "SIGFPE"),
        (139, "", "Segmentation fault (core dumped)", "SIGSEGV"),
        (143, "", "The runner has received a shutdown signal.", "from outside"),
        (2, "pytest", "Interrupted: 1 error during collection", "collect"),
        (3, "pytest", "INTERNALERROR> Traceback", "plugin"),
        (4, "pytest", "ERROR: file or directory not found: x", "called wrongly"),
        (5, "pytest", "collected 0 items", "no test"),
        (2, "make", "make: *** [Makefile:3: all] Error 1", "recipe"),
        (2, "go", "panic: runtime error", "panicked"),
        (2, "terraform", "terraform plan -detailed-exitcode", "no error"),
        (22, "curl", "curl: (22) The requested URL returned error: 404", "error"),
        (100, "apt-get", "E: Unable to locate package x", "apt gave up"),
        (123, "", "find . | xargs shellcheck", "xargs"),
        (254, "npm", "npm error enoent Could not read package.json", "package.json"),
        (255, "php", "PHP Fatal error:  Uncaught Error", "fatal"),
    ],
)
def test_with_its_evidence_a_code_is_sure_and_without_it_asks_for_more(
    code: int, tool: str, line: str, words: str
) -> None:
    sure, unsure = explain_exit(code, tool, [line]), explain_exit(code, tool, ["all is well"])
    assert sure is not None
    assert unsure is not None
    assert sure.sure
    assert words in sure.text
    assert not unsure.sure


@pytest.mark.parametrize(
    ("code", "tool", "words"),
    [
        (101, "cargo", "panic"), (141, "", "SIGPIPE"), (132, "", "SIGILL"), (8, "ctest", "tests failed"), (1, "grep", "no line"), (16, "bundler", "frozen"), (3, "bazel", "tests failed"),
        (-1073741819, "", "0xC0000005"), (3221225477, "", "0xC0000005"), (3221225781, "", "DLL"), (-1073741571, "", "stack"), (140, "", "signal 12"), (159, "", "signal 31"),
    ],
)  # fmt: skip
def test_codes_that_speak_for_themselves(code: int, tool: str, words: str) -> None:
    found = explain_exit(code, tool)
    assert found is not None
    assert words in found.text


@pytest.mark.parametrize("row", table(), ids=lambda row: f"{row.codes[0]}-{row.tools[0] if row.tools else 'any'}")
def test_every_row_says_how_it_is_known(row: object) -> None:
    from diagnose.synthesis.exits import ExitCode

    assert isinstance(row, ExitCode)
    assert row.source.startswith(("run", "documentation"))
    assert row.means
    assert (row.confirm is None) == (row.means == row.otherwise)
    assert all(-(1 << 31) <= code < 1 << 32 for code in row.codes)


def test_the_two_forms_of_a_windows_code_are_one_number() -> None:
    for row in table():
        if row.codes[0] < 0:
            assert row.codes[1] == row.codes[0] + (1 << 32)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FAILED test_a",
        "error: expected exit code 2 but the tests crashed",
        "3 tests failed",
        "see exit codes",
        "exit code is documented",
        "x" * 5000,
    ],
)
def test_lines_that_say_more(text: str) -> None:
    assert not is_exit_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "##[error]Process completed with exit code 137.", "Error: Process completed with exit code 1.", "ERROR: Job failed: exit status 1", 'The command "make test" exited with exit code 2.',
        "##[error]Bash exited with code '143'.", "script returned exit code 1", "exit status 2",
    ],
)  # fmt: skip
def test_lines_that_say_only_an_exit_code(text: str) -> None:
    assert is_exit_alone(text)


def failed(output: str, code: int, command: str = "./integrate") -> str:
    lines = [
        f"##[group]Run {command}",
        command,
        "shell: /usr/bin/bash -e {0}",
        "##[endgroup]",
        *output.split("\n"),
        f"##[error]Process completed with exit code {code}.",
        "Post job cleanup.",
    ]
    return "".join(f"{STAMP}{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("log", "rule", "said"),
    [
        (failed("step 1 of 3", 1), "", ""),
        (failed("step 1 of 3", 137), "pytest/assertion", ""),
        (
            failed("step 1 of 3", 137),
            "",
            "Exit code 137: the process was killed (SIGKILL); who sent the signal is unknown",
        ),
        (
            failed("oom-kill: it was the memory", 137),
            "",
            "Exit code 137: the process was killed (SIGKILL), and the log names memory as the reason",
        ),
        (
            failed("nothing to see", 5, "python -m pytest -q"),
            "",
            "Exit code 5: this is what pytest ends with when it finds no test",
        ),
        (failed("collected 0 items", 5, "pytest"), "", "Exit code 5: pytest found no test"),
    ],
)
def test_a_cause_of_which_only_the_exit_code_is_known_says_what_the_code_says(log: str, rule: str, said: str) -> None:
    case = case_of((job("unit", "failure"), log))
    reading = case.readings[0]
    assert reading is not None
    cause = Cause(
        id="c1", title=phrase("x"), category="other", tool="", rule=rule, job=Untrusted("unit"), step=None, evidence=(case.quote(reading.log, 5, 5),), confidence=0.5,
        explanation=phrase(), exit_code=reading.log.steps[0].code,
    )  # fmt: skip
    found = with_exit(case, cause)
    assert found is not None
    told = words_of(found.explanation)
    assert told.startswith(said) if said else told == ""
