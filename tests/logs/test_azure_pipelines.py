"""Azure Pipelines: how each step ended, what is framing, and which logs are its own although GitHub's runner writes the same stamps."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects import detect
from diagnose.logs.dialects.azure_pipelines import DIALECT
from diagnose.logs.steps import failed_steps
from diagnose.rank.outcome import outcome_of
from tests.support.reading import github_log, log_of, shipped_reading_of, stamped

BANNER = "=" * 78
HEAD = f"{BANNER}\nTask         : Bash\nDescription  : Run a Bash script\n{BANNER}\nGenerating script.\n"
STARTED = f"{'=' * 26} Starting Command Output {'=' * 27}"


def job(*steps: tuple[str, str]) -> str:
    lines = [
        "##[section]Starting: Linux",
        "##[section]Starting: Initialize job",
        "Agent name: 'a'",
        "##[section]Finishing: Initialize job",
    ]
    for name, output in steps:
        lines += [
            f"##[section]Starting: {name}",
            *HEAD.splitlines(),
            STARTED,
            *output.splitlines(),
            f"##[section]Finishing: {name}",
        ]
    lines += ["##[section]Starting: Finalize Job", "##[section]Finishing: Finalize Job", "##[section]Finishing: Linux"]
    return "\ufeff" + stamped("\n".join(lines))


@pytest.mark.parametrize(
    ("line", "end", "code"),
    [
        ("fine", "passed", 0),
        ("##[warning]Bash exited with code '1'.", "passed", 0),
        ("echo ##[error]Bash exited with code '1'.", "passed", 0),
        ("##[error]src/app.targets(12,5): error MSB3073: The command exited with code 1.", "error", None),
        ("##[error]the total is wrong", "error", None),
        ("##[error]Bash exited with code '2'.", "failed", 2),
        ("##[error]PowerShell exited with code '-1073741819'.", "failed", -1073741819),
        ("##[error]Cmd.exe exited with code '1'.", "failed", 1),
        ("##[error]The process '/usr/bin/make' failed with exit code 3", "failed", 3),
        ("##[error]Error: The process '/usr/bin/make' failed with exit code 3", "failed", 3),
        ("##[error]/usr/bin/npm failed with return code: 254", "failed", 254),
        ("##[error]Script failed with exit code: 1", "failed", 1),
        ("##[error]Exit code 1 returned from process: file name '/usr/bin/docker', arguments 'pull x'.", "failed", 1),
        ("##[error]Process completed with exit code 1 and had 2 error(s) written to the error stream.", "failed", 1),
        ("##[error]Bash wrote one or more lines to the standard error stream.", "failed", None),
        ("##[error]The task has timed out.", "failed", None),
        ("##[error]The Operation will be canceled. The next steps may not contain expected logs.", "failed", None),
        (
            "##[error]We stopped hearing from agent Azure Pipelines 3. Verify the agent machine is running",
            "failed",
            None,
        ),
        ("##vso[task.complete result=Failed;]done", "failed", None),
        ("##[debug]Processed: ##vso[task.complete result=Failed;done=true;]", "failed", None),
        ("##vso[task.complete result=Succeeded;]done", "passed", 0),
        ("##vso[task.logissue type=warning]result=Failed", "passed", 0),
    ],
)
def test_how_a_step_ended(line: str, end: str, code: int | None) -> None:
    log = log_of(job(("Build", line)))
    (step,) = [step for step in log.steps if step.name == "Build"]
    assert log.dialect.name == "azure-pipelines"
    assert (step.end, step.code) == (end, code)


def test_a_job_is_its_steps_and_what_stands_round_them() -> None:
    log = log_of(
        job(
            ("Checkout shop@main to s", "fetched"),
            ("Test", "bad\n##[error]Bash exited with code '2'."),
            ("Post-job: Checkout shop@main to s", "gone"),
        )
    )
    assert {step.job for step in log.steps} == {"Linux"}
    assert [(step.kind, step.name, step.end) for step in log.steps] == [
        ("setup", "Initialize job", "passed"),
        ("run", "Checkout shop@main to s", "passed"),
        ("run", "Test", "failed"),
        ("after", "Post-job: Checkout shop@main to s", "passed"),
        ("after", "Finalize Job", "passed"),
    ]
    (failed,) = failed_steps(log.steps)
    assert [line.text for line in log.lines(failed.body, failed.told)] == ["bad", "##[error]Bash exited with code '2'."]
    assert log.lines(1, 1)[0].text == "##[section]Starting: Linux"
    assert log.dialect.stamp("\ufeff2026-01-02T03:04:05.1234567Z x") == "2026-01-02T03:04:05.1234567Z"


@pytest.mark.parametrize("name", ["Test", "Run the tests"])
@pytest.mark.parametrize(
    ("output", "status"),
    [
        ("fine", "passed"),
        ("bad\n##[error]Bash exited with code '1'.", "failed"),
        ("bad\n##[error]Test Run Failed.\n##[error]VsTest task failed.", "failed"),
    ],
)
def test_a_whole_job_says_how_it_ended(name: str, output: str, status: str) -> None:
    assert outcome_of(shipped_reading_of(job((name, output)))).status == status


def test_a_step_s_own_log_knows_no_job() -> None:
    (step,) = log_of(
        stamped(
            f"##[section]Starting: Test\n{HEAD}{STARTED}\nbad\n##[error]Bash exited with code '1'.\n##[section]Finishing: Test"
        )
    ).steps
    assert (step.job, step.name, step.code) == ("", "Test", 1)


def test_what_is_copied_from_the_page_lacks_stamps_and_tags() -> None:
    log = log_of(
        f"Starting: Run checks\n{HEAD}{STARTED}\nStarting up the checks\nbad\n##[error]Bash exited with code '1'.\nFinishing: Run checks\n"
    )
    (step,) = log.steps
    assert (log.dialect.name, step.name, step.end, step.code, log.text(step.body)) == (
        "azure-pipelines",
        "Run checks",
        "failed",
        1,
        "Starting up the checks",
    )
    assert DIALECT.mark(1, "2026-01-02T03:04:05.1234567Z Starting: x", "Starting: x") is None


REQUESTED = "##[section]Starting: Request a runner to run this job\nRequested labels: ubuntu\n##[section]Finishing: Request a runner to run this job"


@pytest.mark.parametrize(
    "text",
    [
        github_log(("make", "##vso[task.logissue type=error]x\n##vso[task.complete result=Failed]")),
        stamped(REQUESTED) + github_log(("make", "out")),
        stamped("out\n##[error]note\n##[group]part\n##[endgroup]"),
        stamped("out\n##[section]Starting: one\nmore\nand more"),
    ],
)
def test_logs_of_githubs_runner_stay_github_s(text: str) -> None:
    assert detect(text.encode()).name == "github"


@pytest.mark.parametrize(
    "text",
    [
        "##[section]Starting: a\nout\n" + "more\n" * 9,
        "Task         : Bash\n" + "out\n" * 9,
        "====\n" * 9,
        "##vso[task.setvariable variable=a]b\n" + "out\n" * 9,
    ],
)
def test_one_marker_alone_names_no_system(text: str) -> None:
    assert detect(text.encode()).name == "plain"
