"""What every dialect keeps, whoever wrote it: found by its module, shown by a sample, steady on hostile lines."""

from __future__ import annotations

import ast
import io
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diagnose
import diagnose.logs.dialects as room
from diagnose.logs.decode import strip_colours
from diagnose.logs.dialect import Clocked, Dialect, Fitting, Noting, Opening, Sign, Titling
from diagnose.logs.dialects import detect, dialects
from diagnose.logs.frames import raw_lines
from diagnose.logs.nested import said
from diagnose.logs.pages import Pages
from diagnose.logs.steps import steps_of
from tests.support.reading import log_of

SAMPLES = Path(__file__).resolve().parents[1] / "logs" / "samples"
MODULES = sorted(module.name for module in iter_modules(room.__path__))
NAMES = [dialect.name for dialect in dialects()]
SYSTEMS_WORDS = [
    "section_start:1:step_script", "section_end:1:", "2026-11-20T09:12:08.168300Z 00O ", "ERROR: Job failed: ", "exit code ", "[Pipeline] ", "{ (a)", "parallel", "// ",
    "12:00:01 ", "[2026-07-26T12:00:00.123Z] ", "Finished: ", "FAILURE", "--- ", "~~~ ", "Running ", " hook", "🚨 Error: ", "exited with status ", "[a : b] ", "task a ", '"step-b" exited with code ',
    "has failed", "wrapper.sh] ", "[TEST] ", '{"component":"entrypoint","msg":"', "Error executing test process", "exit status ",
]  # fmt: skip
HOSTILE = [
    "",
    "\ufeff",
    "\0" * 50,
    "\ufffd" * 50,
    "##[group]",
    "##[group]Run ",
    "##[error]",
    "##[error]Process completed with exit code " + "9" * 6000,
    "##[error]Process completed with exit code \u0663.",
    "##[error]The process '" + "'" * 5000,
    "##[endgroup]##[endgroup]",
    "\t\t\t",
    "a\tb\t2026-",
    "\t" * 9000,
    "travis_fold:",
    "travis_fold:" * 3000,
    'The command "',
    'The command "x" exited with ' + "1" * 6000 + ".",
    '" exited with 1 during',
    "$ ",
    "[task 2026-",
    "[task" + "k" * 9000 + " 2026-01-01T0] ",
    "Unsuccessful task run with exit code: " + "7" * 6000,
    "2026-11-20T09:12:04.1683002Z",
    "2026-11-20T09:12:04.1683002Z " * 400,
    "x" * 40_000,
    "section_start:",
    "section_start:1:a[" + "x" * 9000,
    "section_end:1:a\r" * 3000,
    "section_start:" + "1" * 9000 + ":a\r",
    "2026-11-20T09:12:08.168300Z 00O+" * 300,
    "ERROR: Job failed: " + "exit code " * 3000,
    "ERROR: Job failed: exit code " + "9" * 6000,
    "[Pipeline] ",
    "[Pipeline] { (" + "(" * 9000,
    "[Pipeline] [" * 3000,
    "[" + "x" * 9000 + "] $ make",
    "ERROR: script returned exit code \u0663",
    "Build step '" * 3000,
    "12:00:01 " * 3000,
    "--- " * 9000,
    "~~~ Running " + "x " * 9000 + "hook",
    "🚨 Error: " + "x exited with status " * 2000,
    "user command error: " + "exit status " * 2000,
    "_bk;t=1" * 3000,
    "[a : b] " * 3000,
    "[" + "a" * 9000 + " : b] x",
    "task " * 3000 + '"step-a" exited with code 1',
    "PipelineRun " * 3000 + "failed to finish within",
    '{"component":"entrypoint",' + '"msg":"' * 3000,
    "wrapper.sh] [TEST] Running Test Command: `" + "`" * 9000,
]


def by_name(name: str) -> Dialect:
    return next(dialect for dialect in dialects() if dialect.name == name)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_room_is_a_dialect(module: str) -> None:
    dialect = import_module(f"{room.__name__}.{module}").DIALECT
    assert dialect in dialects()
    assert dialect.name == module.replace("_", "-")
    assert isinstance(dialect.literals, tuple)
    assert all(isinstance(literal, bytes) and literal and b"\n" not in literal for literal in dialect.literals)


@pytest.mark.parametrize("name", NAMES)
def test_its_sample_is_recognised_as_its_own(name: str) -> None:
    data = (SAMPLES / f"{name}.log").read_bytes()
    assert detect(data).name == name


@pytest.mark.parametrize("name", NAMES)
def test_its_sample_is_read_line_by_line(name: str) -> None:
    data = (SAMPLES / f"{name}.log").read_bytes()
    log = log_of(data)
    assert log.dialect.name == name
    assert log.total == data.count(b"\n")
    assert [line.number for line in log.lines(1, log.total)] == list(range(1, log.total + 1))
    failing = [line.number for line in log.lines(1, log.total) if line.text == "test_cart failed"]
    assert failing == [next(number for number, line in enumerate(data.split(b"\n"), 1) if b"test_cart failed" in line)]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "plain"])
def test_its_sample_says_which_step_failed(name: str) -> None:
    log = log_of((SAMPLES / f"{name}.log").read_bytes())
    failed = [step for step in log.steps if step.end == "failed"]
    assert [step.code for step in failed] == [2]
    (number,) = [line.number for line in log.lines(1, log.total) if line.text == "test_cart failed"]
    assert failed[0].body <= number <= failed[0].told


@pytest.mark.parametrize("name", [dialect.name for dialect in dialects() if isinstance(dialect, Fitting)])
def test_one_that_is_fitted_to_a_log_stays_itself(name: str) -> None:
    base = by_name(name)
    assert isinstance(base, Fitting)
    for lines in ([], [b""], [text.encode() for text in HOSTILE], (SAMPLES / f"{name}.log").read_bytes().split(b"\n")):
        fitted = base.fitted(lines)
        assert (fitted.name, fitted.literals) == (name, by_name(name).literals)
        for text in HOSTILE:
            check_line(fitted, text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lines_are_read(name: str, text: str) -> None:
    check_line(by_name(name), text)


@settings(deadline=None, max_examples=200)
@given(
    text=st.lists(
        st.sampled_from(
            [
                "##[group]",
                "Run ",
                "##[error]",
                "Process completed with exit code ",
                "2026-11-20T09:12:04.1683002Z ",
                "\t",
                "travis_fold:",
                "travis_time:",
                "\ufeff",
                "7",
                "x",
                "\0",
                " ",
                '"',
                "exited with ",
                "[task ",
                "] ",
                "Post ",
                "$ ",
                *SYSTEMS_WORDS,
            ]
        ),
        max_size=12,
    ).map("".join)
)
def test_lines_made_of_the_systems_own_words_are_read(text: str) -> None:
    for dialect in dialects():
        check_line(dialect, text)


def check_line(dialect: Dialect, text: str) -> None:
    stripped = dialect.strip(text)
    assert len(stripped) <= len(text)
    assert text.endswith(stripped)
    assert isinstance(dialect.stamp(text), str)
    mark = dialect.mark(7, text, stripped)
    if mark is not None:
        assert mark.line == 7
        assert mark.sign in get_args(Sign)
        assert mark.code is None or isinstance(mark.code, int)
        assert any(literal in text.encode() for literal in dialect.literals), "the gate would lose this mark"
        assert all(1 <= step.first <= step.body <= step.last for step in steps_of([mark], 9))
    assert dialect.votes([text.encode()]) >= 0


@pytest.mark.parametrize("name", NAMES)
def test_its_sample_cut_anywhere_is_read(name: str) -> None:
    data = (SAMPLES / f"{name}.log").read_bytes()
    for end in range(0, len(data), 7):
        log = log_of(data[:end])
        assert log.total == len(
            data[:end].splitlines() if not data[:end] else data[:end].removesuffix(b"\n").split(b"\n")
        )
        assert all(1 <= step.first <= step.body <= step.last <= log.total for step in log.steps)


def asks_for_a_name(tree: ast.AST) -> list[int]:
    """Lines that compare the name of a dialect with something."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Attribute)
        and side.attr == "name"
        and ast.unparse(side.value).split(".")[-1] == "dialect"
    ]


def test_what_a_dialect_knows_stands_in_the_dialect() -> None:
    assert asks_for_a_name(ast.parse('if log.dialect.name == "a" or dialect.name in ("b",):\n    pass')) == [1, 1]
    top = Path(diagnose.__file__).parent
    found = {
        path.relative_to(top).as_posix(): lines
        for path in sorted(top.rglob("*.py"))
        if path.parent != Path(room.__file__).parent
        and (lines := asks_for_a_name(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize("name", [dialect.name for dialect in dialects() if isinstance(dialect, Clocked)])
def test_stamps_that_are_no_dates_are_read_as_seconds(name: str) -> None:
    dialect = by_name(name)
    assert isinstance(dialect, Clocked)
    lines = (SAMPLES / f"{name}.log").read_bytes().split(b"\n")
    told = [seconds for line in lines if (seconds := dialect.seconds(line)) is not None]
    dated = [line for line in lines if dialect.stamp(line.decode())]
    assert len(told) > 1 or dated, "the sample shows its stamps"
    assert told == sorted(told)
    for text in HOSTILE:
        dialect.seconds(text.encode())


@pytest.mark.parametrize("name", [dialect.name for dialect in dialects() if isinstance(dialect, Noting)])
def test_errors_that_the_system_notes_are_marks_of_its_own(name: str) -> None:
    dialect = by_name(name)
    assert isinstance(dialect, Noting)
    mark = dialect.mark(7, f"{dialect.error}it broke", f"{dialect.error}it broke")
    assert mark is not None
    assert mark.sign == "failed"


@pytest.mark.parametrize("name", [dialect.name for dialect in dialects() if isinstance(dialect, Opening)])
def test_one_that_knows_a_log_s_beginning_marks_its_end(name: str) -> None:
    dialect = by_name(name)
    assert isinstance(dialect, Opening)
    log = log_of((SAMPLES / f"{name}.log").read_bytes())
    assert any(dialect.opens(line.text) for line in log.lines(1, 30))
    assert any(mark.sign == "finish" for mark in log.marks)
    assert not any(dialect.opens(text) for text in HOSTILE)


@pytest.mark.parametrize("name", [dialect.name for dialect in dialects() if isinstance(dialect, Titling)])
def test_a_title_is_told_whatever_it_looks_like(name: str) -> None:
    dialect = by_name(name)
    assert isinstance(dialect, Titling)
    assert dialect.is_title("Run tests")
    assert all(isinstance(dialect.is_title(text), bool) for text in HOSTILE)


@pytest.mark.parametrize("name", NAMES)
def test_stripping_moves_no_line(name: str) -> None:
    data = (SAMPLES / f"{name}.log").read_bytes()
    pages = Pages(io.BytesIO(data))
    for page in pages:
        assert strip_colours(page.data).count(b"\n") == page.data.count(b"\n")
    dialect = by_name(name)
    assert [said(dialect, strip_colours(raw)) for raw in raw_lines(pages, dialect, 1, pages.total)] == [
        line.text for line in log_of(data).lines(1, pages.total)
    ]
