"""Which versions a change moved: a table of patches in the forms that ecosystems have, those that move nothing first."""

from __future__ import annotations

import pytest

from diagnose.learn.line import LENGTH, describe
from diagnose.learn.patch import MOST_LINES, lines_of
from diagnose.learn.paths import kind_of, short
from diagnose.learn.pins import moved, said
from diagnose.sources.span import Touched

OLD, NEW = "a" * 40, "b" * 40


def touched(path: str, *lines: str) -> Touched:
    return Touched(path, patch="\n".join(["@@ -1,2 +1,2 @@", *lines]))


NOTHING = [
    ("src/app/pins.py", ["-x==1", "+x==2"]),
    ("README.md", ["-urllib3==2.0", "+urllib3==1.26"]),
    ("package.json", ['-    "version": "1.2.3",', '+    "version": "1.2.4",']),
    ("package.json", ['-    "test": "jest --ci 2",', '+    "test": "vitest run",']),
    ("pyproject.toml", ['-version = "1.2"', '+version = "1.3"']),
    ("pyproject.toml", ["-line-length = 100", "+line-length = 120"]),
    ("tox.ini", ["-envlist = py{38,39}", "+envlist = py{39,310}"]),
    ("requirements.txt", ["-# urllib3==2.0", "+# urllib3==1.26"]),
    ("requirements.txt", ["-urllib3==2.0 --hash=sha256:aa", "+urllib3==2.0 --hash=sha256:bb"]),
    (".github/workflows/ci.yml", ["-        fetch-depth: 1", "+        fetch-depth: 0"]),
    (
        "package-lock.json",
        ['     "node_modules/a": {', '-      "integrity": "sha512-aa1",', '+      "integrity": "sha512-bb2",'],
    ),
    ("uv.lock", ['-version = "2.0"', '+version = "2.1"']),
]
MOVED = [
    ("requirements.txt", ["-urllib3==2.0", "+urllib3==1.26"], ["urllib3 2.0 -> 1.26"]),
    ("requirements.txt", ["-urllib3", "+urllib3<2"], ["urllib3 any -> <2"]),
    ("requirements.txt", ["+urllib3>=1.26,<2  # botocore"], ["urllib3 >=1.26,<2 (new)"]),
    ("requirements.txt", ["-pytest-mock==2.0.0"], ["pytest-mock 2.0.0 dropped"]),
    ("requirements/dev.txt", ["-pytest==8.1.0 \\", "-    --hash=sha256:aa", "+pytest==8.2.0 \\", "+    --hash=sha256:bb"], ["pytest 8.1.0 -> 8.2.0"]),
    ("pyproject.toml", [" dependencies = [", '-  "httpx>=0.27",', '+  "httpx>=0.28,<0.29",'], ["httpx >=0.27 -> >=0.28,<0.29"]),
    ("pyproject.toml", ['-requires-python = ">=3.8"', '+requires-python = ">=3.9"'], ["requires-python >=3.8 -> >=3.9"]),
    ("setup.py", ['-    install_requires=["urllib3>=2"],', '+    install_requires=["urllib3<2"],'], ["urllib3 >=2 -> <2"]),
    ("environment.yml", ["-  - numpy=1.26", "+  - numpy=1.25"], ["numpy 1.26 -> 1.25"]),
    ("package.json", ['-    "svelte": "^5.0.0",', '+    "svelte": "^4.2.19",'], ["svelte ^5.0.0 -> ^4.2.19"]),
    ("package.json", ['-    "@melt-ui/svelte": "0.83",', '+    "@melt-ui/svelte": "0.86",'], ["@melt-ui/svelte 0.83 -> 0.86"]),
    ("Cargo.toml", ['-serde = "1.0.200"', '+serde = "1.0.190"', '-tokio = { version = "1.37", features = ["full"] }', '+tokio = { version = "1.36", features = ["full"] }'], ["serde 1.0.200 -> 1.0.190", "tokio 1.37 -> 1.36"]),
    ("go.mod", ["-\tgolang.org/x/net v0.20.0 // indirect", "+\tgolang.org/x/net v0.19.0 // indirect", "-go 1.22", "+go 1.21"], ["golang.org/x/net v0.20.0 -> v0.19.0", "go 1.22 -> 1.21"]),
    ("Gemfile", ['-gem "rails", "~> 7.1"', '+gem "rails", "~> 7.0.8"'], ["rails ~> 7.1 -> ~> 7.0.8"]),
    ("build.gradle", ['-    implementation "com.google.guava:guava:33.0.0-jre"', '+    implementation "com.google.guava:guava:32.1.3-jre"'], ["com.google.guava:guava 33.0.0-jre -> 32.1.3-jre"]),
    ("pom.xml", [" <artifactId>junit-jupiter</artifactId>", "-  <version>5.11.0</version>", "+  <version>5.10.2</version>"], ["junit-jupiter 5.11.0 -> 5.10.2"]),
    ("pom.xml", ["-<guava.version>33.0</guava.version>", "+<guava.version>32.0</guava.version>"], ["guava 33.0 -> 32.0"]),
    ("pom.xml", ["-  <version>5.11.0</version>", "+  <version>5.10.2</version>"], ["a version 5.11.0 -> 5.10.2"]),
    ("Directory.Packages.props", ['-    <PackageVersion Include="Moq" Version="4.20" />', '+    <PackageVersion Include="Moq" Version="4.18" />'], ["Moq 4.20 -> 4.18"]),
    ("Dockerfile", ["-FROM python:3.13-slim AS build", "+FROM python:3.12-slim AS build"], ["python 3.13-slim -> 3.12-slim"]),
    ("Dockerfile", ["-ARG UV_VERSION=0.5", "+ARG UV_VERSION=0.4"], ["UV_VERSION 0.5 -> 0.4"]),
    (".nvmrc", ["-v20", "+v18"], ["node 20 -> 18"]),
    (".tool-versions", ["-nodejs 20.1", "+nodejs 18.2"], ["nodejs 20.1 -> 18.2"]),
    (".pre-commit-config.yaml", ["   - repo: https://github.com/psf/black", "-    rev: 24.1.0", "+    rev: 23.12.1"], ["psf/black 24.1.0 -> 23.12.1"]),
    (".github/workflows/ci.yml", ["-      - uses: actions/checkout@v3", "+      - uses: actions/checkout@v4"], ["actions/checkout v3 -> v4"]),
    (".github/workflows/ci.yml", [f"-      - uses: actions/checkout@{OLD} # v4.1.0", f"+      - uses: actions/checkout@{NEW} # v4.2.0"], ["actions/checkout v4.1.0 -> v4.2.0"]),
    ("tools/setup/action.yml", [f"-    - uses: actions/cache@{OLD}", f"+    - uses: actions/cache@{NEW}"], ["actions/cache aaaaaaa -> bbbbbbb"]),
    (".github/workflows/ci.yml", [f"-      - uses: github/codeql-action/{part}@v2" for part in ("init", "analyze")] + [f"+      - uses: github/codeql-action/{part}@v3" for part in ("init", "analyze")], ["github/codeql-action v2 -> v3"]),
    (".github/workflows/ci.yml", ["-        python-version: 3.12", "+        python-version: '3.11'", "-    runs-on: ubuntu-latest", "+    runs-on: ubuntu-22.04"], ["python-version 3.12 -> 3.11", "runs-on ubuntu-latest -> ubuntu-22.04"]),
    (".github/workflows/ci.yml", ["-        python: ['3.8', '3.9', '3.10']", "+        python: ['3.9', '3.10', '3.14t']"], ["python +3.14t -3.8"]),
    (".github/workflows/ci.yml", ["-        image: postgres:16", "+        image: postgres:15"], ["postgres 16 -> 15"]),
    ("uv.lock", [' name = "urllib3"', '-version = "2.0.7"', '+version = "1.26.18"'], ["urllib3 2.0.7 -> 1.26.18"]),
    ("uv.lock", [' name = "a"', '-version = "1"', '+version = "2"', "@@ -9 +9 @@", '-version = "3"', '+version = "4"'], ["a 1 -> 2"]),
    ("package-lock.json", ['     "node_modules/svelte": {', '-      "version": "5.0.3",', '+      "version": "4.2.19",'], ["svelte 5.0.3 -> 4.2.19"]),
    ("yarn.lock", ["-lodash@^4.17.0:", "+lodash@^4.17.20:", '-  version "4.17.19"', '+  version "4.17.21"'], ["lodash 4.17.19 -> 4.17.21"]),
    ("pnpm-lock.yaml", ["-  /svelte@5.0.3:", "+  /svelte@4.2.19:"], ["svelte 5.0.3 -> 4.2.19"]),
    ("Gemfile.lock", ["-    rails (7.1.0)", "+    rails (7.0.8)"], ["rails 7.1.0 -> 7.0.8"]),
    ("go.sum", ["-golang.org/x/net v0.20.0 h1:aa=", "-golang.org/x/net v0.20.0/go.mod h1:bb=", "+golang.org/x/net v0.19.0 h1:aa="], ["golang.org/x/net v0.20.0 -> v0.19.0"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "lines"), NOTHING)
def test_what_moves_no_version(path: str, lines: list[str]) -> None:
    assert moved(touched(path, *lines)) == []


@pytest.mark.parametrize(("path", "lines", "told"), MOVED)
def test_what_was_moved(path: str, lines: list[str], told: list[str]) -> None:
    assert [said(pin) for pin in moved(touched(path, *lines))] == told


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("CHANGES.rst", "prose"), ("docs/conf.py", "source"), ("docs/index.rst", "prose"), ("changelog.d/12.bugfix.txt", "prose"), (".github/dependabot.yml", "prose"),
        ("src/app/orders.py", "source"), ("src/contest.py", "source"), ("tests/test_orders.py", "test"), ("src/orders.test.ts", "test"), ("pkg/orders_test.go", "test"),
        ("src/test/java/OrderServiceTest.java", "test"), ("app/OrderServiceTest.java", "test"), ("tests/data/orders.json", "test"), ("requirements-dev.txt", "manifest"),
        ("Dockerfile.alpine", "manifest"), ("tools/build/action.yml", "workflow"), (".github/workflows/ci.yaml", "workflow"), ("uv.lock", "lock"), ("a/b/package-lock.json", "lock"),
        ("Makefile", "source"),
    ],
)  # fmt: skip
def test_what_kind_of_file_a_path_is(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_pins_that_several_files_share_are_said_once() -> None:
    files = [
        touched(f".github/workflows/{name}.yml", "-  - uses: actions/checkout@v3", "+  - uses: actions/checkout@v4")
        for name in "abcd"
    ]
    assert describe(files) == "changed .github/workflows/a.yml and 3 more files: actions/checkout v3 -> v4"


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ([], ""),
        ([touched("README.md", "+x")], ""),
        ([touched("uv.lock", ' name = "a"', '-version = "1"', '+version = "2"')], "changed uv.lock: a 1 -> 2"),
        (
            [touched("uv.lock", ' name = "a"', '-version = "1"', '+version = "2"'), touched("src/a.py", "+x")],
            "changed src/a.py",
        ),
        (
            [Touched("src/a.py", "added"), Touched("src/b.py", "removed"), Touched("src/d.py", "renamed", "src/c.py")],
            "added src/a.py, removed src/b.py, renamed src/c.py to src/d.py",
        ),
        (
            [Touched(f"src/part{number}.py") for number in range(5)],
            "changed src/part0.py, src/part1.py, src/part2.py and 2 more files",
        ),
        (
            [Touched("src/a.py"), touched("requirements.txt", "-a==1", "+a==2")],
            "changed requirements.txt: a 1 -> 2, src/a.py",
        ),
        ([Touched("tests/test_a.py"), Touched("src/a.py")], "changed src/a.py, tests/test_a.py"),
        ([Touched("src/logo.py", patch=None)], "changed src/logo.py"),
    ],
)
def test_a_change_in_one_line(files: list[Touched], line: str) -> None:
    assert describe(files) == line


def test_a_patch_of_any_size_and_a_path_of_any_length_stay_within_bounds() -> None:
    huge = Touched("requirements.txt", patch="\n".join(f"+package{number}==1" for number in range(MOST_LINES * 3)))
    assert len(lines_of(huge)) == MOST_LINES
    assert len(describe([huge, *(Touched(f"{'deep/' * 200}file{number}.py") for number in range(9))])) <= LENGTH + 40
    assert short("a/" * 100 + "orders.py").endswith("/orders.py")
    assert len(short("x" * 5000)) <= 71
