"""A failure that a log shows, joined with the line that lost it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose.model.finding import SilentFinding
from diagnose.model.report import SilentFailure
from diagnose.model.text import Untrusted, phrase
from diagnose.synthesis.hidden import SURE, explained
from diagnose.workflows.echoed import echoed
from diagnose.workflows.join import in_echo, in_file
from diagnose.workflows.lint import lint
from diagnose_agents.workflow_lint import WorkflowLint
from tests.checks.build_case import STAMP, case_of, job, words

if TYPE_CHECKING:
    from diagnose.case import Case

FILE = b"""on: push
jobs:
  unit:
    name: Unit tests
    runs-on: ubuntu-latest
    strategy:
      matrix:
        python: ["3.13"]
    steps:
      - uses: actions/checkout@v5
      - name: Tests
        run: |
          mkdir -p out
          pytest -q ${{ matrix.flags }} || true
      - name: Types
        continue-on-error: true  # experimental
        run: mypy src
  other:
    runs-on: ubuntu-latest
    steps:
      - run: npm test | tee out
"""
PATH = ".github/workflows/ci.yml"


def header(*script: str, how: str = "/usr/bin/bash -e {0}") -> list[tuple[int, str]]:
    lines = [f"Run {script[0]}", *script, f"shell: {how}", "env:", "  A: b"]
    return list(enumerate(lines, 10))


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [(1, "Run pytest || true")],
        header("pytest -q"),
        header("pytest -q | tee out", how="/usr/bin/bash --noprofile --norc -e -o pipefail {0}"),
        header("rm x || true"),
        header("pytest || true", how="/usr/bin/python {0}"),
    ],
)
def test_an_echo_that_loses_nothing(shown: list[tuple[int, str]]) -> None:
    assert in_echo(shown) is None


@pytest.mark.parametrize(
    ("shown", "line", "text"),
    [
        (header("ls", "pytest -q | tee out"), 12, "pytest -q | tee out"),
        (header("pytest || true", how="bash -e {0}"), 11, "pytest || true"),
        (header("flake8 --exit-zero"), 11, "flake8 --exit-zero"),
        (header("pytest", "ls", how="/usr/bin/bash -l {0}"), 11, "pytest"),
        (
            header("npm run lint", "npm test", how=r"C:\Program Files\PowerShell\7\pwsh.EXE -command \". '{0}'\""),
            11,
            "npm run lint",
        ),
    ],
)
def test_the_echo_names_the_command_that_lost_its_exit_code(shown: list[tuple[int, str]], line: int, text: str) -> None:
    found = in_echo(shown)
    assert found is not None
    assert (found.line, found.text) == (line, text)


def test_a_line_of_the_file_belongs_to_a_step_by_what_the_log_echoes() -> None:
    findings = lint(PATH, FILE, intended=True)
    assert isinstance(findings, tuple)
    found = in_file(findings, header("mkdir -p out", "pytest -q -x --color=yes || true"), "Run mkdir -p out")
    assert found is not None
    assert (found.file, found.line) == (PATH, 14)
    assert in_file(findings, header("mkdir -p out", "pytest -q"), "Run mkdir -p out") is None
    by_name = in_file(findings, [], "Types")
    assert by_name is not None
    assert by_name.line == 16


LOG = "".join(
    f"{STAMP}{line}\n"
    for line in [
        "##[group]Run mkdir -p out", "\x1b[36;1mmkdir -p out\x1b[0m", "\x1b[36;1mpytest -q -x || true\x1b[0m", "shell: /usr/bin/bash -e {0}", "##[endgroup]",
        "FAILED tests/test_cart.py::test_total - assert 3 == 4", "1 failed, 2 passed in 0.10s", "Post job cleanup.", "Cleaning up orphan processes",
    ]
)  # fmt: skip


def alarm(line: int = 6) -> SilentFailure:
    return SilentFailure(
        "swallowed-failure",
        phrase("the totals count 1 failure"),
        "log",
        line,
        Untrusted("x"),
        "error",
        "Let it through.",
    )


def noted(case: Case) -> list[SilentFinding]:
    found = anyio.run(WorkflowLint().examine, case)
    assert all(isinstance(each, SilentFinding) for each in found)
    return [each for each in found if isinstance(each, SilentFinding)]


def places(case: Case, *failures: SilentFailure) -> list[tuple[bool, str, int | None, float]]:
    found = explained(case, failures)
    return [
        (
            each.seen,
            words(each.place.file) if each.place else "",
            each.place.line if each.place else None,
            each.confidence,
        )
        for each in found
    ]


def test_without_a_file_the_log_itself_names_the_line() -> None:
    case = case_of((job("unit", "success"), LOG))
    assert places(case, alarm()) == [(True, "log", 3, SURE)]


def test_with_the_file_its_line_is_named_and_said_once() -> None:
    case = case_of((job("Unit tests (3.13)", "success"), LOG), workflows=((PATH, FILE),))
    notes = [found.failure for found in noted(case)]
    assert [(note.seen, note.line, words(note.place.file), note.place.line) for note in notes if note.place] == [
        (False, 0, PATH, 14)
    ]
    assert notes[0].confidence < 0.5
    assert places(case, *notes, alarm())[0] == (True, PATH, 14, SURE)


def test_a_line_outside_of_every_step_and_another_kind_stay_as_they_are() -> None:
    case = case_of((job("unit", "success"), LOG))
    other = SilentFailure("xpassed", phrase("a test passes"), "log", 6, Untrusted("x"), "note", "Look.")
    gone = SilentFailure("swallowed-failure", phrase("x"), "elsewhere", 6, Untrusted("x"), "error", "Look.")
    assert explained(case, [other, gone]) == (other, gone)


@pytest.mark.parametrize("name", ["deploy", "unit-other", "Unit"])
def test_no_note_for_jobs_that_did_not_run(name: str) -> None:
    case = case_of(
        (job(name, "success"), LOG), workflows=((PATH, FILE), ("README.md", b"x"), (".github/workflows/b.yml", b"\xff"))
    )
    assert noted(case) == []


@pytest.mark.parametrize(
    "name", ["unit", "Unit tests", "Unit tests (3.13)", "ci / unit", "ci / Unit tests (3.13, linux)"]
)
def test_notes_for_jobs_by_any_of_their_names(name: str) -> None:
    case = case_of((job(name, "success"), LOG), workflows=((PATH, FILE),))
    assert [found.job for found in noted(case)] == [0]


GITLAB = "image: python:3.13\ntest:\n  script:\n    - pip install -e .\n    - pytest -q || true\n    - make docs\n"
GITLAB_LOG = "".join(
    f"2026-11-20T09:12:0{second}.168300Z 01O {text}\n"
    for second, text in enumerate(
        [
            "\x1b[0KRunning with gitlab-runner 19.4.0 (d79f3e7b)\x1b[0;m",
            'section_start:1795166325:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting "step_script" stage of the job script\x1b[0;m\x1b[0;m',
            "\x1b[32;1m$ pip install -e .\x1b[0;m", "installed", "\x1b[32;1m$ pytest -q || true\x1b[0;m", "1 failed, 2 passed in 0.10s", "\x1b[32;1m$ make docs\x1b[0;m", "done",
            "section_end:1795166330:step_script\r\x1b[0K", "\x1b[32;1mJob succeeded\x1b[0;m",
        ]
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((), ("log", 5)),
        (((".gitlab-ci.yml", GITLAB.encode()),), (".gitlab-ci.yml", 5)),
        (((".gitlab-ci.yml", GITLAB.replace("pytest -q", "pytest -x").encode()),), ("log", 5)),
        (((".gitlab-ci.yml", b"a: [\n"),), ("log", 5)),
    ],
)
def test_the_command_before_the_line_is_held_against_the_file(
    files: tuple[tuple[str, bytes], ...], expected: tuple[str, int]
) -> None:
    case = case_of((job("test", "success"), GITLAB_LOG), workflows=files)
    assert places(case, alarm(6)) == [(True, *expected, SURE)]
    assert places(case, alarm(8)) == [(True, "", None, 0.9)], "make docs loses nothing"


@pytest.mark.parametrize(
    ("system", "before", "expected"),
    [
        ("plain", [(1, "$ pytest || true")], []),
        ("gitlab", [], []),
        (
            "gitlab",
            [(1, "$ a"), (2, "x"), (3, "$ b # collapsed multi-line command"), (4, "$"), (5, "costs $ 5")],
            [(3, "b")],
        ),
        ("travis", [(1, "$ npm test | tee out"), (2, "ok")], [(1, "npm test | tee out")]),
        (
            "azure-pipelines",
            [(1, "Script contents:"), (2, "make test || true"), (3, "===== Starting Command Output ====="), (4, "x")],
            [(2, "make test || true")],
        ),
        ("azure-pipelines", [(1, "Script contents:"), (2, "make test || true")], []),
        ("azure-pipelines", [(1, "===== Starting Command Output =====")], []),
        (
            "circleci",
            [(1, "====>> Test"), (2, "  #!/bin/bash -eo pipefail"), (3, "make test || true"), (4, "x")],
            [(3, "make test || true"), (4, "x")],
        ),
        ("circleci", [(1, "====>> Test")], []),
    ],
)
def test_the_command_that_a_system_wrote_before_it_ran(
    system: str, before: list[tuple[int, str]], expected: list[tuple[int, str]]
) -> None:
    assert echoed(system, before) == expected


def test_a_place_that_a_hidden_failure_names_is_no_note_too() -> None:
    case = case_of((job("unit", "success"), LOG), workflows=((PATH, FILE),))
    notes = [each.failure for each in noted(case)]
    assert any(note.place is not None and note.place.line == 14 for note in notes)
    assert [place[2] for place in places(case, alarm(), *notes)].count(14) == 1


def test_of_a_saved_log_a_file_makes_no_notes() -> None:
    case = case_of((job("unit", "success"), LOG), workflows=((PATH, FILE),), kind="log")
    assert noted(case) == []
