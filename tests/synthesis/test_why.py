"""Why each cause stands where it does, whatever found it; and several causes of one log as a report tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose.api import Answer, Request, examine
from diagnose.config import Settings
from diagnose.safety.plain import plain
from diagnose.world import World
from tests.support.reading import github_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from diagnose.model.report import Cause

FAILS = "##[error]Process completed with exit code 1."
RUFF = "src/a.py:3:8: F401 [*] `os` imported but unused\nFound 1 error."
PYTEST = (
    "=================================== FAILURES ===================================\n"
    "____________________________________ test_a ____________________________________\n\n    def test_a():\n>       assert f() == 2\nE       assert 1 == 2\n\n"
    "tests/test_a.py:4: AssertionError\n"
    "____________________________________ test_b ____________________________________\n\n    def test_b():\n>       return {}['k']\nE       KeyError: 'k'\n\n"
    "tests/test_b.py:9: KeyError\n=========================== short test summary info ============================\n"
    "FAILED tests/test_a.py::test_a - assert 1 == 2\nFAILED tests/test_b.py::test_b - KeyError: 'k'\n2 failed, 7 passed in 0.12s"
)
GCC = "a.c:3:5: error: 'x' undeclared (first use in this function)\nmake: *** [Makefile:4: a.o] Error 1"
MISSING = "/home/runner/work/_temp/1.sh: line 1: ./dist/app: No such file or directory"
JUNIT = '<testsuite tests="1" failures="1"><testcase classname="t.A" name="adds"><failure message="1 is not 2">here</failure></testcase></testsuite>'


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Answer]:
    def asked(*texts: str, junit: str = "") -> Answer:
        logs = []
        for place, text in enumerate(texts):
            path = tmp_path / f"job{place}.log"
            path.write_text(text)
            logs.append(str(path))
        report = tmp_path / "report.xml"
        report.write_text(junit)
        request = Request("log", logs=tuple(logs), junit=(str(report),) if junit else ())
        found = anyio.run(
            examine, request, Settings(memory=False), World(env={}, folder=tmp_path, cache=tmp_path / "cache")
        )
        assert isinstance(found, Answer)
        return found

    return asked


def causes(answer: Answer) -> list[Cause]:
    report = answer.report
    return [cause for cause in (report.root_cause, *report.alternatives, *report.findings) if cause is not None]


@pytest.mark.parametrize(
    ("text", "junit", "said"),
    [
        (github_log(("exit 1", FAILS)), "", "It is told by the form of what failed as a whole"),
        (github_log(("pytest", f"E   assert 1 == 2\n{FAILS}")), "", ""),
        ("", JUNIT, "A test report names it"),
        ("a.c:1:2: warning: unused variable 'x' [-Wunused-variable]\n", "", ""),
    ],
)
def test_each_cause_has_its_reasons(ask: Callable[..., Answer], text: str, junit: str, said: str) -> None:
    answer = ask(*([text] if text else []), junit=junit)
    assert causes(answer)
    assert set(answer.why) == {cause.id for cause in causes(answer)}
    assert all(answer.why.values())
    assert answer.why["c1"][0].startswith(said)


def test_lint_and_two_tests_that_fail_apart_are_three_causes_in_order_of_likelihood(ask: Callable[..., Answer]) -> None:
    answer = ask(github_log(("ruff check .", f"{RUFF}\n{FAILS}"), ("pytest -q", f"{PYTEST}\n{FAILS}")))
    known = [cause for cause in causes(answer) if cause.rule]
    assert sorted((cause.rule, cause.follows) for cause in known) == [
        ("pytest/assertion", ()),
        ("pytest/assertion", ()),
        ("ruff/concise", ()),
    ]
    assert [cause.confidence for cause in causes(answer)] == sorted(
        (cause.confidence for cause in causes(answer)), reverse=True
    )
    named = [{plain(test.name) for test in cause.failed_tests} for cause in known if cause.tool == "pytest"]
    assert sorted(map(sorted, named)) == [["tests/test_a.py::test_a"], ["tests/test_b.py::test_b"]]
    for cause in known:
        quoted = "\n".join(plain(piece.text) for piece in cause.evidence)
        assert not ("test_a" in quoted and "test_b" in quoted)


def test_what_follows_names_what_it_follows(ask: Callable[..., Answer]) -> None:
    answer = ask(github_log(("make", f"{GCC}\n{FAILS}"), ("./dist/app --selftest", f"{MISSING}\n{FAILS}")))
    first, second = causes(answer)[:2]
    assert (first.rule, second.follows) == ("gcc/error", (first.id,))
    at = first.evidence[0].line
    assert f"It follows line {at} (c1): what failed there brought it about." in answer.why["c2"]
    assert f"Lines {at + 1} and {at + 2} only pass the failure on." in answer.why["c1"]


def test_one_error_in_twelve_jobs_is_one_cause_and_a_thirteenth_keeps_its_own(ask: Callable[..., Answer]) -> None:
    same = github_log(("make", f"{GCC}\n{FAILS}"))
    other = github_log(("make", f"{GCC.replace('undeclared', 'redeclared').replace('a.c', 'b.c')}\n{FAILS}"))
    answer = ask(*([same] * 12), other)
    found = [cause for cause in causes(answer) if cause.rule == "gcc/error"]
    assert [len(cause.jobs) for cause in found] == [12, 1]
    assert found[1] in answer.report.findings


def test_lines_behind_the_first_are_named_no_further_than_five(ask: Callable[..., Answer]) -> None:
    many = "\n".join(f"make[{place}]: *** [Makefile:4: a{place}] Error 1" for place in range(9, 0, -1))
    answer = ask(github_log(("make", f"{GCC}\n{many}\n{FAILS}")))
    assert answer.why["c1"][-1].endswith("and 6 more only pass the failure on.")
