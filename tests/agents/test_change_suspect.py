from __future__ import annotations

from typing import Any

import anyio
import pytest

from diagnose.model.finding import SuspectFinding
from diagnose.model.incident import Change, ChangedFile, Hunk, Missing
from diagnose.model.text import phrase
from diagnose.scan.rule import Rule
from diagnose_agents._paths import Changed, is_foreign, plain, tokens
from diagnose_agents.change_suspect import FILE, KIND, LINE, NEAR, TEST, UNTOUCHED, ChangeSuspect
from tests.checks.build_case import case_of, github, job, quoted, words

RULES = (
    Rule("gcc/error", "gcc", "c", "cause", "gcc", "compile", (": error: ",), r"^(?P<file>[^:]+):(?P<line>\d+):\d+: error: (?P<message>.*)", weight=3),
    Rule("pytest/failed", "pytest", "python", "detail", "fails", "test", ("FAILED ",), r"^FAILED (?P<test>(?P<file>[\w./]+\.py)::\S+)", weight=3),
    Rule("jvm/failed", "junit", "jvm", "cause", "fails", "test", ("FAILURE!",), r"^FAILURE! (?P<test>\S+)", weight=3),
    Rule("pip/none", "pip", "python", "cause", "none", "dependency", ("No matching distribution",), "No matching distribution", weight=3),
    Rule("make/build", "make", "c", "cause", "build", "build-system", ("cannot build",), "cannot build", weight=3),
    Rule("ci/settings", "ci", "ci", "cause", "settings", "configuration", ("bad workflow",), "bad workflow", weight=3),
)  # fmt: skip
FAILS = "##[error]Process completed with exit code 1."


def file(
    path: str, *hunks: tuple[int, int], status: Any = "modified", added: str = "", previous: str | None = None
) -> ChangedFile:
    lines = tuple(enumerate(added.splitlines(), 1))
    return ChangedFile(path, status, previous, tuple(Hunk(*hunk) for hunk in hunks), lines)


def suspects(
    output: str, *files: ChangedFile, status: Any = "failure", complete: bool = True, **incident: Any
) -> list[tuple[str, float, str]]:
    text = github(("make", f"{output}\n{FAILS}"))
    case = case_of((job(status=status), text), rules=RULES, **{"change": Change(files, complete), **incident})
    found = anyio.run(ChangeSuspect().examine, case)
    first: list[tuple[str, float, str]] = []
    for finding in found:
        assert isinstance(finding, SuspectFinding)
        if quoted(finding.evidence)[0][1] == output.splitlines()[0].replace("SECRET", "***"):
            first.append((finding.verdict, finding.weight, words(finding.reason)))
    return first


ERROR = "src/cart.c:41:5: error: y undeclared"


@pytest.mark.parametrize("change", [None, Missing(phrase("the diff"), "denied", phrase("no")), Change(())])
def test_without_a_known_change_nothing_is_said(change: Any) -> None:
    assert suspects(ERROR, change=change) == []


@pytest.mark.parametrize("status", ["success", "skipped"])
def test_a_job_that_did_not_fail_has_no_suspect(status: Any) -> None:
    assert suspects(ERROR, file("src/cart.c", (41, 41)), status=status) == []


TOUCHED = [
    (ERROR, file("src/cart.c", (40, 42)), LINE, "the change edits src/cart.c at line 41, which this failure names"),
    (
        ERROR,
        file("src/cart.c", (1, 9)),
        FILE,
        "the change edits src/cart.c, 32 lines from line 41, which this failure names",
    ),
    (
        ERROR,
        file("src/cart.c", (1, 9), (42, 50)),
        NEAR,
        "the change edits src/cart.c, 1 line from line 41, which this failure names",
    ),
    (ERROR, ChangedFile("src/cart.c", "modified"), FILE, "the change edits src/cart.c, which this failure names"),
    (
        ERROR,
        file("lib/x/src/cart.c", (41, 41)),
        LINE,
        "the change edits lib/x/src/cart.c at line 41, which this failure names",
    ),
    (ERROR, file("src/cart.c", status="removed"), FILE, "the change removes src/cart.c, which this failure names"),
    (
        ERROR,
        file("src/basket.c", status="renamed", previous="src/cart.c"),
        FILE,
        "the change renames src/basket.c, which this failure names",
    ),
    (
        "/home/runner/work/acme/acme/cart.c:7:1: error: no",
        file("cart.c", (7, 7)),
        LINE,
        "the change edits cart.c at line 7, which this failure names",
    ),
    (
        "D:\\a\\acme\\acme\\src\\cart.c:7:1: error: no",
        file("src/cart.c"),
        FILE,
        "the change edits src/cart.c, which this failure names",
    ),
    ("cart.c:7:1: error: no", file("src/cart.c"), FILE, "the change edits src/cart.c, which this failure names"),
    ("SECRET.c:7:1: error: no", file("src/SECRET.c"), FILE, "the change edits src/***.c, which this failure names"),
    (
        "cannot build, see tools/gen.sh:12",
        file("tools/gen.sh", (12, 12)),
        LINE,
        "the change edits tools/gen.sh at line 12, which this failure names",
    ),
]


@pytest.mark.parametrize(("output", "changed", "weight", "reason"), TOUCHED)
def test_what_the_failure_names_and_the_change_touched(
    output: str, changed: ChangedFile, weight: float, reason: str
) -> None:
    assert suspects(output, changed) == [("change", weight, reason)]


FAILED = "FAILED tests/test_cart.py::TestCart::test_total[a-1]"
ADDED = "the failing test tests/test_cart.py::TestCart::test_total[a-1] is added or edited by the change, in tests/test_cart.py"
TESTS = [
    (FAILED, file("tests/test_cart.py", (9, 9), added="    def test_total(self):"), TEST, ADDED),
    (FAILED, file("tests/test_cart.py", status="added"), TEST, ADDED),
    (
        FAILED,
        file("tests/test_cart.py", (1, 2), added="import os"),
        FILE,
        "the change edits tests/test_cart.py, which this failure names",
    ),
    (
        "FAILURE! com.acme.CartTest.total",
        file("a/CartTest.java"),
        FILE,
        "the change edits a/CartTest.java, where the failing test com.acme.CartTest.total stands",
    ),
]


@pytest.mark.parametrize(("output", "changed", "weight", "reason"), TESTS)
def test_a_failing_test_that_the_change_wrote(output: str, changed: ChangedFile, weight: float, reason: str) -> None:
    assert suspects(output, changed) == [("change", weight, reason)]


KINDS = [
    ("No matching distribution", "backend/requirements-dev.txt", "dependencies"),
    ("No matching distribution", "uv.lock", "dependencies"),
    ("cannot build", "CMakeLists.txt", "the build"),
    ("bad workflow", ".github/workflows/ci.yml", "the workflow's settings"),
]


@pytest.mark.parametrize(("output", "path", "what"), KINDS)
def test_a_failure_of_the_kind_of_file_that_the_change_touched(output: str, path: str, what: str) -> None:
    assert suspects(output, file("a/b.py"), file(path)) == [
        ("change", KIND, f"the change edits {path}, and this is a failure of {what}")
    ]


@pytest.mark.parametrize(
    ("output", "path"),
    [("cannot build", "uv.lock"), ("bad workflow", "docs/.github/workflows/ci.yml"), ("bad workflow", "uv.lock")],
)
def test_a_file_of_another_kind_is_no_suspect(output: str, path: str) -> None:
    assert suspects(output, file(path)) == []


AGAINST = [
    (ERROR, "docs/index.md", "the change touches nothing in the folder of src/cart.c, which this failure names"),
    ("No matching distribution", "docs/index.md", "the change edits no manifest and no lock"),
]


@pytest.mark.parametrize(("output", "path", "reason"), AGAINST)
def test_what_lies_elsewhere_speaks_against_the_change_when_all_of_it_is_known(
    output: str, path: str, reason: str
) -> None:
    assert suspects(output, file(path)) == [("change", UNTOUCHED, reason)]
    assert suspects(output, file(path), complete=False) == []


UNTOLD = [
    ("src/cart.c:41:5: error: no", "src/other.c"),
    ("src/main.c:41:5: error: no", "lib/main.c"),
    ("main.c:41:5: error: no", "lib/main.c"),
    ("cart.c:41:5: error: no", "docs/index.md"),
    ("/usr/include/stdio.h:41:5: error: no", "include/stdio.h"),
    ("a/node_modules/b/cart.c:41:5: error: no", "b/cart.c"),
    ("cannot build, see https://acme.dev/tools/gen.sh", "tools/gen.sh"),
]


@pytest.mark.parametrize(("output", "path"), UNTOLD)
def test_where_it_cannot_be_told_nothing_speaks_for_the_change(output: str, path: str) -> None:
    assert all(weight < 0 for _, weight, _ in suspects(output, file(path)))


def test_a_name_that_two_changed_files_bear_is_nobodys() -> None:
    changed = Changed(Change((file("a/cart.c"), file("b/cart.c"))))
    assert changed.file_of("cart.c") is None
    assert changed.named_by("com.acme.cart") is None
    found = changed.file_of("x/b/cart.c")
    assert found is not None
    assert found.path == "b/cart.c"


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("./a/b.py", "a/b.py"),
        ("../../a/b.py", "a/b.py"),
        ("file:///home/runner/work/o/r/a.py", "a.py"),
        ("/builds/group/project/a.py", "a.py"),
        ("/home/travis/build/o/r/a.py", "a.py"),
        ("/github/workspace/a.py", "a.py"),
        ("'a\\b.py'", "a/b.py"),
        ("/elsewhere/a.py", "/elsewhere/a.py"),
    ],
)
def test_a_path_is_made_plain(raw: str, path: str) -> None:
    assert plain(raw) == path


@pytest.mark.parametrize(
    ("path", "foreign"),
    [("a/b.py", False), ("x/site-packages/b.py", True), ("/usr/lib/b.py", True), ("node:internal/x.js", True)],
)
def test_what_was_installed_is_not_the_repositorys(path: str, foreign: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_foreign(path) is foreign


def test_hostile_lines_cost_little() -> None:
    lines = ["a/" * 5000, "." * 5000, "a.b" * 5000, "x:1" * 5000, "\\" * 5000]
    assert len(list(tokens(lines))) < 50
