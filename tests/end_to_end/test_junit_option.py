"""`--junit`, and test reports in artifacts, from the command line to the answer."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from tests.support.github_scenarios import REPORT, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Command, Said
    from tests.support.fake_github import FakeGitHub, Scenario

PASSED = '<testsuite name="a"><testcase name="b" classname="c"/><testcase name="d"><skipped/></testcase></testsuite>'
EMPTY = "<testsuites/>"
CUT = '<testsuite><testcase name="b"/><testcase name="c"'
LOG = """============================= test session starts ==============================
collected 4 items

tests/test_orders.py F...                                                [100%]

=================================== FAILURES ===================================
______________________________ test_total_rounds _______________________________

    def test_total_rounds():
>       assert order.total() == Decimal('19.99')
E       AssertionError: assert Decimal('19.98') == Decimal('19.99')

tests/test_orders.py:41: AssertionError
=========================== short test summary info ============================
FAILED tests/test_orders.py::test_total_rounds - AssertionError: assert Decimal('19.98') == Decimal('19.99')
========================= 1 failed, 3 passed in 0.12s ==========================
"""
COMPILER = "$ make\ncc -c a.c\na.c:3:5: error: 'x' undeclared (first use in this function)\nmake: *** [Makefile:2: a.o] Error 1\n"
ORDERS, TAX = "tests/test_orders.py::test_total_rounds", "tests/test_tax.py::test_tax[de]"


@pytest.fixture
def told(command: Command, tmp_path: Path) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Diagnose texts: --junit for each report, --log for each log; the exit code and the report."""

    def ask(*reports: str, logs: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
        arguments: list[str | Path] = []
        for option, texts, ending in (("--junit", reports, "xml"), ("--log", logs, "log")):
            for place, text in enumerate(texts):
                path = tmp_path / f"{place}.{ending}"
                path.write_text(text, encoding="utf-8")
                arguments += [option, path]
        said = command(*arguments, "--no-memory", "--format", "json")
        assert said.out, said.err
        return said.code, json.loads(said.out)

    return ask


@pytest.mark.parametrize(
    ("reports", "code", "status"),
    [
        ((PASSED,), 0, "passed"),
        ((EMPTY,), 3, "undetermined"),
        ((CUT,), 3, "undetermined"),
        ((REPORT,), 1, "failed"),
        ((PASSED, REPORT), 1, "failed"),
        ((PASSED, EMPTY), 3, "undetermined"),
    ],
)
def test_reports_alone(
    told: Callable[..., tuple[int, dict[str, Any]]], reports: tuple[str, ...], code: int, status: str
) -> None:
    got, report = told(*reports)
    assert (got, report["status"]) == (code, status)
    assert (report["root_cause"] is None) == (status != "failed")


def test_a_report_alone_names_tests_places_and_its_own_lines(told: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    _, report = told(REPORT)
    root = report["root_cause"]
    assert (root["category"], root["tool"], root["rule"], root["job"]) == ("test", "pytest", "", "0.xml")
    assert [(test["name"], test["file"], test["line"]) for test in root["failed_tests"]] == [
        (ORDERS, "tests/test_orders.py", 41),
        (TAX, "tests/test_tax.py", 9),
    ]
    assert root["evidence"][0]["log"] == "0.xml"
    assert root["evidence"][0]["text"].split("\n")[0] == REPORT.split("\n")[root["evidence"][0]["line"] - 1]
    assert report["totals"] == {"run": 214, "passed": 211, "failed": 2, "skipped": 1}
    assert next(run for run in report["agents"] if run["name"] == "test_reports")["status"] == "ok"
    assert report["jobs"][0]["status"] == "failure"
    assert report["reproduce"][0] == f"python -m pytest {ORDERS}"


def test_a_test_that_log_and_report_name_is_one(told: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    _, alone = told(logs=(LOG,))
    code, report = told(REPORT, logs=(LOG,))
    root = report["root_cause"]
    assert code == 1
    assert root["rule"] == alone["root_cause"]["rule"] != ""
    assert root["evidence"][0] == alone["root_cause"]["evidence"][0]
    assert [test["name"] for test in root["failed_tests"]] == [ORDERS, TAX]
    assert report["totals"] == {"run": 214, "passed": 211, "failed": 2, "skipped": 1}
    assert alone["totals"]["failed"] == 1
    every = [root, *report["alternatives"], *report["findings"]]
    assert sum(test["name"] == ORDERS for cause in every for test in cause["failed_tests"]) == 1


def test_tests_beside_a_compilers_error_are_a_finding(told: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    _, report = told(REPORT, logs=(COMPILER,))
    assert report["root_cause"]["category"] == "compile"
    assert [[test["name"] for test in cause["failed_tests"]] for cause in report["findings"]] == [[ORDERS, TAX]]
    assert all(cause["category"] != "test" for cause in report["alternatives"])


def test_tests_stand_before_a_mere_guess(told: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    _, report = told(REPORT, logs=("starting\nsomething went wrong: unknown error 7\n",))
    assert [test["name"] for test in report["root_cause"]["failed_tests"]] == [ORDERS, TAX]


def test_a_log_that_looks_fine_beside_a_report_that_does_not(told: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    code, report = told(REPORT, logs=("all is well\nBUILD SUCCESS\n",))
    assert (code, report["status"]) == (1, "failed")
    assert len(report["root_cause"]["failed_tests"]) == 2


def test_a_report_goes_to_the_log_that_names_its_tests(told: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    _, report = told(REPORT, logs=(COMPILER, LOG))
    causes = [
        cause for cause in (report["root_cause"], *report["findings"], *report["alternatives"]) if cause["failed_tests"]
    ]
    assert [(cause["job"], [test["name"] for test in cause["failed_tests"]]) for cause in causes] == [
        ("1.log", [ORDERS, TAX])
    ]


def test_what_a_report_lacks_is_said(told: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    _, report = told(CUT, EMPTY)
    assert any("0.xml: it is no well-formed XML" in limit for limit in report["limits"])
    assert any('1.xml holds no test. Empty is not "nothing failed".' in limit for limit in report["limits"])


def test_secrets_and_control_characters_of_names_do_not_get_out(
    told: Callable[..., tuple[int, dict[str, Any]]], command: Command, tmp_path: Path
) -> None:
    token = "ghp_" + "a1B2" * 9
    hostile = f'<testsuite><testcase name="t {token} &#x202e;x" classname="C" file="{token}.py" line="3"><failure message="{token}">##[error]{token}\n::add-mask::x</failure></testcase></testsuite>'
    _, report = told(hostile)
    assert token not in json.dumps(report)
    for form in ("text", "markdown", "brief"):
        said = command("--junit", tmp_path / "0.xml", "--no-memory", "--format", form)
        assert token not in said.out
        assert "\u202e" not in said.out
        assert not any(line.startswith(("##[", "::")) for line in said.out.splitlines())


REFUSED = [
    ("none.xml", None, "there is no file none.xml."),
    ("folder", None, "folder is a folder, not a test report."),
    ("*.xml", None, "there is no file *.xml."),
    ("a.log", b"FAILED x\n", "a.log is not read: it is no well-formed XML"),
    ("a.xml", b"", "a.xml is empty (0 bytes)."),
    ("a.zip", b"PK\x03\x04rest", "a.zip is a zip archive, not JUnit XML."),
    ("a.xml.gz", gzip.compress(b"<a/>"), "a.xml.gz is compressed with gzip, not JUnit XML."),
    ("page.html", b"<!DOCTYPE html><html>", "page.html is not read: it is an HTML page"),
    ("trx.xml", b"<TestRun/>", "trx.xml is not read: it is a TRX file of dotnet test, not JUnit XML."),
    ("bomb.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><testsuites/>', "bomb.xml is not read: it declares a document type"),
]


@pytest.mark.parametrize(("name", "data", "why"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_no_report_is_refused(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes | None, why: str
) -> None:
    (tmp_path / "folder").mkdir()
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "folder").mkdir()
    monkeypatch.chdir(folder)
    if data is not None:
        (folder / name).write_bytes(data)
    code, out, err = command("--junit", name)
    assert (code, out) == (2, "")
    assert why in " ".join(err.split())
    assert "try: " in err


def test_a_pattern_and_utf16_and_two_files_of_one_name(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "TEST-x.xml").write_bytes(
            REPORT.replace("utf-8", "utf-16").replace("test_tax[", f"test_{folder}[").encode("utf-16")
        )
    monkeypatch.chdir(tmp_path)
    code, out, _ = command("--junit", "*/TEST-*.xml", "--no-memory", "--format", "json")
    report = json.loads(out)
    assert code == 1
    assert [job["name"] for job in report["jobs"]] == ["TEST-x.xml", "TEST-x.xml (2)"]
    assert report["totals"]["run"] == 428


def test_the_library_takes_reports_too(tmp_path: Path, home: Path) -> None:
    import anyio

    import diagnose

    path = tmp_path / "r.xml"
    path.write_text(REPORT, encoding="utf-8")
    alone = anyio.run(lambda: diagnose.diagnose(junit=path))
    assert isinstance(alone, diagnose.Report)
    assert alone.status == "failed"


def test_artifacts_name_what_the_log_does_not(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*more: str) -> Said:
        server = github(SCENARIOS["test-reports"](system_clock().now()))
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", "x")
        return command("--pr", "123", "--repo", "acme/app", "--format", "json", *more)

    code, out, _ = ask()
    report = json.loads(out)
    assert code == 1
    assert report["root_cause"]["rule"].startswith("pytest/")
    assert [test["name"] for test in report["root_cause"]["failed_tests"]] == [ORDERS, TAX]
    assert report["totals"] == {"run": 214, "passed": 211, "failed": 2, "skipped": 1}
    assert [job["name"] for job in report["jobs"]] == ["test"]
