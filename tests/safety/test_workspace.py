"""A path of a log, made a path of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.workspace import below_checkout
from diagnose.model.text import Untrusted
from diagnose.safety.workspace import to_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@pytest.mark.parametrize(
    "path",
    [
        "",
        " ",
        "/",
        "/etc/passwd",
        "../a.py",
        "a/../../b.py",
        "~/a.py",
        "C:\\Users\\a.py",
        "https://a.b/c.py",
        "/home/runner/work/a.py",
        "/home/runner/work/app/app/../../../x.py",
        "/home/runner/work/app/app/",
        "/opt/hostedtoolcache/Python/3.12/x64/lib/a.py",
        "venv/lib/python3.12/site-packages/a.py",
        "/home/runner/.cargo/registry/src/a.rs",
        "node_modules/a.js",
        "a\x00.py",
        "a\u202e.py",
        "con.py/aux",
        ".git/config",
        "/builds/a.py",
        "a" * 5000,
    ],
)
def test_it_leads_elsewhere_or_lies_in_what_was_installed(path: str) -> None:
    assert to_source(Untrusted(path)) is None


@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("a.py", "a.py"),
        ("./src/a.py", "src/a.py"),
        ("src\\a.cs", "src/a.cs"),
        ("file:///home/runner/work/app/app/a.py", "a.py"),
        ("/home/runner/work/app/app/src/a.py", "src/a.py"),
        ("/Users/runner/work/app/app/a.swift", "a.swift"),
        ("D:\\a\\app\\app\\src\\a.cs", "src/a.cs"),
        ("D:/a/_work/app/app/a.cs", "a.cs"),
        ("D:\\a\\1\\s\\b.cs", "b.cs"),
        ("/__w/app/app/a.go", "a.go"),
        ("/github/workspace/a.sh", "a.sh"),
        ("/builds/group/app/a.rb", "a.rb"),
        ("/home/circleci/project/a.js", "a.js"),
        ("/home/travis/build/acme/app/a.c", "a.c"),
        ("/home/vsts/work/1/s/a.cs", "a.cs"),
        ("/srv/ci/app/a.py", "a.py"),
        ("build/a.py", "build/a.py"),
    ],
)
def test_what_differs_between_machines_is_taken_off(path: str, below: str) -> None:
    assert to_source(path, ("/srv/ci/app/", "", "/")) == below


@pytest.mark.parametrize(
    ("path", "called"),
    [
        ("/home/runner/work/app/app/src/a.c", "src/a.c"),
        ("/Users/travis/build/acme/app/a.swift", "a.swift"),
        (r"D:\a\app\app\src\a.cs", "src/a.cs"),
        ("/home/runner/work/app/app/../../x", "/home/runner/work/app/app/../../x"),
        ("/home/runner/work/app/app/", "/home/runner/work/app/app/"),
        (r"C:\src\a.cs", r"C:\src\a.cs"),
        ("/usr/include/a.h", "/usr/include/a.h"),
        ("src/a.c", "src/a.c"),
    ],
)
def test_a_path_of_a_runner_is_called_as_in_a_checkout(path: str, called: str) -> None:
    assert below_checkout(path) == called


def test_no_hostile_path_becomes_a_place(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    for case in cases("paths"):
        for text in (case["path"], f"/home/runner/work/app/app/{case['path']}"):
            found = to_source(Untrusted(text))
            assert found is None or not judge.path_problem(found), case["id"]
