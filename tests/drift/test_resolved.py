from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnose.drift import resolved
from diagnose.drift.compare import compare
from diagnose.drift.find import find_drift
from diagnose.drift.resolved import Reader, Resolved, plain_name
from diagnose.logs import pages
from tests.support.reading import pages_of

if TYPE_CHECKING:
    from pathlib import Path


def found(text: str | bytes) -> Resolved:
    return Reader().read(pages_of(text))


def versions(text: str | bytes) -> dict[str, list[str]]:
    return {package.name: list(package.versions) for package in found(text).packages.values()}


@pytest.mark.parametrize(
    "line",
    [
        "", "Successfully installed ", "Successfully installed -1", "Successfully installed nothing", "Requirement already satisfied: idna in /x (3.7)",
        "+ curl -fsSL https://acme.dev/1.2.3", "+ ping 10.0.0.1", "Using cache", "Installing 12 files", "Setting up (x)", "Downloading https://acme.dev/a.jar",
        "Downloading urllib3", "Downloading x-y.whl", "go: downloading x", "a==b", "if a==1 then", "=" * 5000, "==1", "Image: a picture of Acme", "Version: 2026",
        "- Installing dependencies (this may take a while)", "Compiling acme v0.1.0 (C:\\work\\acme)", "Compiling acme v0.1.0 (/work)", "resolve acme@sha256:12",
        "[INFO] Downloaded from central: https://repo.acme.dev/x", "Installed xunit from nowhere", "\x00\x00==1.0", "Download action repository 'x' (SHA:1)",
        "[INFO] +- junit:junit", "node: v", "##[group]Run pip freeze\nidna==3.7\n##[endgroup]", "  plug 1.15.0", "New:\n  plug 1.15.0",
    ],
)  # fmt: skip
def test_what_names_no_version_is_not_read_as_one(line: str) -> None:
    assert versions(f"{line}\n") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Successfully installed a-1.0\nSuccessfully installed a-1.1", {"a": ["1.0", "1.1"]}),
        ("\x1b[32mSuccessfully installed a-b-1.0+cu121\x1b[0m\r", {"a-b": ["1.0+cu121"]}),
        (" - a==1.0\n + a==1.1", {"a": ["1.1"]}),
        (" + a==1.0\n - a==1.0", {}),
        (" - a==1.0", {}),
        (" + a==1.0 (from file:///work/a)", {"a": ["1.0"]}),
        ("  - Removing a (1.0)\n  - Updating b (1.0 /usr/lib -> 2.0)", {"b": ["2.0"]}),
        (
            "Downloading a-1.0.tar.gz (1 kB)\nUsing cached b_c-2.0-py3-none-any.whl.metadata (2 kB)",
            {"a": ["1.0"], "b_c": ["2.0"]},
        ),
        (
            "Downloading a-1.0.tar.gz (1 kB)\nSuccessfully installed a-0.9\nDownloading a-1.1.tar.gz (1 kB)",
            {"a": ["0.9"]},
        ),
        (
            "    Updating a v1.0.0 -> v1.0.1\n      Adding b v2.0.0 (available: v3.0.0)\n    Removing c v1.0.0",
            {"a": ["1.0.1"], "b": ["2.0.0"]},
        ),
        ("   Compiling a v1.0.0 (https://github.com/acme/a#0123abcd)", {"a": ["1.0.0#0123abcd"]}),
        ("   Compiling a v1.0.0 (https://github.com/acme/a?branch=main#0123abcd4567)", {"a": ["1.0.0#0123abcd4567"]}),
        ("Downloading: http://repo.acme.dev/x/lib/1.2/lib-1.2.jar", {"lib": ["1.2"]}),
        ("[INFO] |  \\- org.acme:kit:jar:tests:1.2:test", {"org.acme:kit": ["1.2"]}),
        ("+--- org.acme:kit:{strictly 1.2} -> 1.3 (c)", {"org.acme:kit": ["1.3"]}),
        ("==> Pouring openssl@3--3.3.1.arm64_sonoma.bottle.tar.gz", {"openssl@3": ["3.3.1"]}),
        ("Computed https://github.com/acme/kit.git at 1.2.3 (0.51s)", {"https://github.com/acme/kit": ["1.2.3"]}),
        ("- Installed hashicorp/aws v5.1.0 (signed by HashiCorp)", {"hashicorp/aws": ["v5.1.0"]}),
        ("Installing Alamofire (5.9.0)\nUsing Kit (1.0)", {"Alamofire": ["5.9.0"], "Kit": ["1.0"]}),
        ("  Installing Newtonsoft.Json 10.0.3.", {"Newtonsoft.Json": ["10.0.3"]}),
        ("#12 3.41 go: downloading acme.dev/kit v1.0.0", {"acme.dev/kit": ["v1.0.0"]}),
    ],
)
def test_each_tool_s_lines(text: str, told: dict[str, list[str]]) -> None:
    assert versions(f"{text}\n") == told


@pytest.mark.parametrize(
    ("realm", "name", "plain"),
    [
        ("pypi", "Ruamel_yaml", "ruamel-yaml"),
        ("cargo", "serde_json", "serde-json"),
        ("nuget", "Moq", "moq"),
        ("npm", "JSONStream", "JSONStream"),
        ("go", "a.dev/B", "a.dev/B"),
    ],
)
def test_names_are_the_same_as_their_registry_has_it(realm: str, name: str, plain: str) -> None:
    assert plain_name(realm, name) == plain


def test_a_list_of_hex_goes_on_over_the_end_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "Resolving Hex dependencies...\nNew:\n"
        + "".join(f"  pack{n} 1.{n}.0\n" for n in range(40))
        + "* Getting pack0 (Hex package)\n  no 1.0.0\n"
    )
    for size in (1 << 20, 97):
        monkeypatch.setattr(pages, "PAGE", size)
        told = versions(text)
        assert len(told) == 40
        assert told["pack39"] == ["1.39.0"]
    lines = {package.name: next(iter(package.versions.values())) for package in found(text).packages.values()}
    assert (lines["pack0"], lines["pack39"]) == (3, 42)


def test_a_long_line_is_cut_between_two_packages() -> None:
    told = versions("Successfully installed " + " ".join(f"package{n}-1.0.12345" for n in range(10_000)))
    assert 2000 < len(told) < 10_000
    assert {each for listed in told.values() for each in listed} == {"1.0.12345"}


def test_bounds_are_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolved, "MOST_PACKAGES", 3)
    monkeypatch.setattr(resolved, "MOST_VERSIONS", 2)
    got = found("Successfully installed a-1 a-2 a-3 b-1 c-1 d-1\n")
    assert [list(package.versions) for package in got.packages.values()] == [["1", "2"], ["1"], ["1"]]
    assert got.cut
    monkeypatch.setattr(resolved, "MOST_LINES", 0)
    assert found("Successfully installed a-1\n").cut
    assert compare(got, got).partial


@pytest.mark.parametrize(
    "line",
    [
        "Cache restored from key: x",
        "Cache hit for: linux",
        "Successfully extracted cache",
        "Found a cache from build 12",
    ],
)
def test_a_restored_cache_makes_a_comparison_partial(line: str) -> None:
    assert found(f"{line}\n").cached
    assert compare(found("x"), found(line)).partial
    assert not found(f"##[group]Run echo\n{line}\n##[endgroup]\n").cached


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("added 123 packages, and audited 124 packages in 3s", {"added": 123, "audited": 124}),
        ("added 1 package in 3s", {"added": 1}),
        ("up to date, audited 9 packages in 1s", {"audited": 9}),
        (
            "added 3 packages, removed 2 packages, changed 1 package, and audited 9 packages in 1s",
            {"added": 3, "audited": 9},
        ),
        ("installed 3 packages in 3s", {}),
    ],
)
def test_npm_counts_what_it_does_not_name(line: str, counts: dict[str, int]) -> None:
    assert found(f"{line}\n").counts == counts


def test_counts_that_differ_are_said() -> None:
    drift = compare(found("added 3 packages in 1s\n"), found("added 5 packages in 1s\n"))
    assert (drift.counts, drift.known, drift.moved) == ((3, 5), True, ())
    assert compare(found("added 3 packages in 1s\n"), found("added 3 packages in 1s\n")).counts is None


def test_what_came_and_what_went_stand_apart() -> None:
    drift = compare(found("Successfully installed a-1 b-1\n"), found("Successfully installed a-1 c-2\n"))
    assert [(one.name, one.before, one.after, one.line, one.line_before) for one in (*drift.came, *drift.went)] == [
        ("c", "", "2", 1, 0),
        ("b", "1", "", 0, 1),
    ]
    assert (drift.moved, drift.compared) == ((), 1)


def test_the_machine_stands_first() -> None:
    green = (
        "Successfully installed a-1\nVersion: 20261012.1.0\nSuccessfully set up CPython (3.12.8)\nImage: ubuntu-24.04\n"
    )
    red = (
        "Successfully installed a-2\nVersion: 20261013.1.0\nSuccessfully set up CPython (3.12.9)\nImage: ubuntu-24.04\n"
    )
    assert [one.name for one in compare(found(green), found(red)).moved] == [
        "the version of the runner's image",
        "python",
        "a",
    ]


def test_files_are_read_once_and_what_cannot_be_opened_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (
        ("green", "Successfully installed a-1\n"),
        ("red", "Successfully installed a-2\n"),
        ("empty", ""),
    ):
        (tmp_path / name).write_text(text)
    opened: list[object] = []

    def counted(_self: Reader, one: object) -> Resolved:
        opened.append(one)
        return Resolved()

    monkeypatch.setattr(Reader, "read", counted)
    find_drift([(tmp_path / "green", tmp_path / "red"), (tmp_path / "green", tmp_path / "empty")])
    assert len(opened) == 3
    monkeypatch.undo()
    drifts = find_drift(
        [
            None,
            (tmp_path / "green", tmp_path / "red"),
            (tmp_path / "green", tmp_path / "empty"),
            (tmp_path / "gone", tmp_path / "red"),
        ]
    )
    assert [None if drift is None else len(drift.moved) for drift in drifts] == [None, 1, None, None]
    assert find_drift([None, None]) == (None, None)
