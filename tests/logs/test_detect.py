"""Which dialect a log is: by many lines, never by one that a tool printed or a person pasted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from diagnose.logs.dialects import detect, dialects
from diagnose.logs.pages import Pages
from tests.support.reading import stamped

SAMPLES = Path(__file__).parent / "samples"
NAMES = [dialect.name for dialect in dialects()]
OUTPUT = "collecting\ntests/test_a.py ..\n1 failed, 3 passed\n" * 5
FOREIGN = [
    "##teamcity[testStarted name='a']", "::group::Run tests", "##[group]Run make", "##[error]Process completed with exit code 1.", "##[section]Starting: x",
    "travis_fold:start:x", "Done. Your build exited with 1.", "section_start:1795166321:step_script", "Job succeeded", "ERROR: Job failed: exit code 1",
    "[Pipeline] sh", "Finished: FAILURE", "Started by user x", "Build step 'Execute shell' marked build as failure", "~~~ Running commands", "^^^ +++",
    "\x1b_bk;t=1795166320000\x07text", "[build : test] text", 'task a has failed: "step-b" exited with code 1', "wrapper.sh] [TEST] Test Command exit code: 1",
    '{"component":"entrypoint","level":"error","msg":"Error executing test process","error":"wrapped process failed: exit status 1"}',
    "[task 2026-11-20T09:12:04.168Z] out", "2026-11-20T09:12:08.168300Z 00O out", "[2026-11-20T09:12:00.101Z] [Pipeline] sh",
]  # fmt: skip


@pytest.mark.parametrize("line", FOREIGN)
def test_one_line_names_no_system(line: str) -> None:
    assert detect((OUTPUT + line + "\n" + OUTPUT).encode()).name == "plain"
    assert detect((OUTPUT + line + "\n").encode()).name == "plain"


@pytest.mark.parametrize("line", FOREIGN)
def test_foreign_markers_in_a_github_log_do_not_win(line: str) -> None:
    text = stamped(
        "Current runner version: '2'\n##[group]Run make\n##[endgroup]\n"
        + OUTPUT
        + f"{line}\n" * 3
        + "Post job cleanup."
    )
    assert detect(text.encode()).name == "github"


@pytest.mark.parametrize(
    "text",
    [
        "--- a/x.py\n+++ b/x.py\n" * 20,
        "--- FAIL: TestA (0.00s)\n--- PASS: TestB (0.00s)\n" * 20,
        "---\nname: x\n---\n" * 20,
        "[info] compiling\n[error] x.scala:1: no\n" * 20,
        "[INFO] Building\n[ERROR] no\n" * 20,
        "[exec : x y] text\n[Javac : a] text\n" * 20,
        "+ make\n+ make test\n" * 20,
        "$ make\n$ make test\n" * 20,
        "12:00:01 building\n12:00:02 built\n" * 20,
        "2026-11-20T09:12:08Z 00O text\n" * 20,
        "section_started: x\n~~~~~~\n^^^\n" * 20,
        '{"component":"entrypoint","level":"info","msg":"Container starting"}\n' * 20,
    ],
    ids=range(12),
)
def test_what_only_looks_alike(text: str) -> None:
    assert detect(text.encode()).name == "plain"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "plain"])
def test_a_sample_inside_a_long_log_of_output_is_seen_at_its_ends_only(name: str) -> None:
    sample = (SAMPLES / f"{name}.log").read_bytes()
    middle = b"out of nothing known\n" * 400
    assert detect(sample + middle).name == name
    assert detect(middle + sample).name == name
    assert detect(middle + sample + middle).name == "plain"


@pytest.mark.parametrize("size", [0, 1, 4, 5, 9, 10, 11, 30])
def test_the_ends_of_a_log_hold_nothing_twice(size: int) -> None:
    data = bytes(range(48, 48 + size))
    head, tail = Pages(io.BytesIO(data)).ends(5)
    assert head == data[:5]
    assert tail == (data[5:][-5:] if size > 5 else b"")
