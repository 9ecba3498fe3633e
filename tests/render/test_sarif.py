"""SARIF: valid by its schema, taken by GitHub, and blaming nobody who is innocent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft4Validator  # type: ignore[import-untyped]  # it has no types

from diagnose.model.report import Attribution
from diagnose.model.text import Untrusted, phrase
from diagnose.render.interface import View, renderer
from diagnose.safety.sarif import to_sarif_fingerprint
from tests.render.samples import (
    SAMPLES,
    TABLE,
    Everything,
    place,
    pytest_pair,
    root_of,
    runner_lost,
    several,
    typescript,
    unclear,
)

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from diagnose.model.words import Verdict

# The schema of SARIF 2.1.0, © OASIS Open, as npm's @microsoft/jest-sarif 1.0.0-beta.0 (MIT) carries it.
SCHEMA = Draft4Validator(json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text(encoding="utf-8")))


class Nothing:
    """A tree without files."""

    def place(self, file: Untrusted, line: int | None) -> tuple[str, int | None] | None:
        """Know none."""
        del file, line
        return None


def log_of(report: Report, view: View | None = None) -> dict[str, Any]:
    text = renderer("sarif").render(report, view or View(reliability=TABLE, tree=Everything()))
    found: dict[str, Any] = json.loads(text)
    return found


def run_of(report: Report, view: View | None = None) -> dict[str, Any]:
    run: dict[str, Any] = log_of(report, view)["runs"][0]
    return run


@pytest.mark.parametrize(
    "broken", [{"version": "2.1.0"}, {"version": "2.1.0", "runs": [{"results": []}]}, {"version": "2.0", "runs": []}]
)
def test_the_schema_refuses_what_is_none(broken: dict[str, Any]) -> None:
    assert not SCHEMA.is_valid(broken)


@pytest.mark.parametrize("tree", [Everything(), Nothing(), None], ids=["every file", "no file", "files not known"])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_is_valid(name: str, tree: Any) -> None:
    assert [error.message for error in SCHEMA.iter_errors(log_of(SAMPLES[name](), View(tree=tree)))] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_is_as_github_wants_it(name: str) -> None:
    """Hold a run against "SARIF support for code scanning": what is required, and the limits."""
    run = run_of(SAMPLES[name]())
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "ci-diagnose"
    for rule in rules:
        assert len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 20
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert len(result["locations"]) == 1
        place_of = result["locations"][0]["physicalLocation"]
        assert not re.match(r"[a-z]+:|/|\.\.", place_of["artifactLocation"]["uri"])
        assert place_of["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert place_of["region"]["startLine"] >= 1
        assert re.fullmatch(r"[0-9a-f]{32}:1", result["partialFingerprints"]["primaryLocationLineHash"])


def test_each_cause_is_one_result_and_the_rest_of_its_places_are_related() -> None:
    (result,) = run_of(typescript())["results"]
    assert result["level"] == "error"
    assert len(result["relatedLocations"]) == 25
    assert [each["id"] for each in result["relatedLocations"]] == list(range(1, 26))


def test_what_has_no_place_in_the_repository_is_a_notification() -> None:
    run = run_of(several())
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert [one["ruleId"] for one in run["results"]] == ["pytest/assertion"]
    assert [one["associatedRule"]["id"] for one in told if "associatedRule" in one][:2] == [
        "npm/eresolve",
        "system/killed",
    ]
    assert any(one["message"]["text"] == "Not seen: 2 of 14 logs expired." for one in told)


@pytest.mark.parametrize(
    ("verdict", "level"),
    [("base", "note"), ("flaky", "note"), ("infrastructure", "note"), ("change", "error"), ("unknown", "error")],
)
def test_only_what_may_be_the_changes_fails_a_check(verdict: Verdict, level: str) -> None:
    base = pytest_pair()
    given = replace(base, attribution=Attribution(verdict, 0.9, (phrase("so it is"),)))
    assert [one["level"] for one in run_of(given)["results"]] == [level]


def test_two_readings_are_warnings() -> None:
    first, second = unclear().alternatives
    given = replace(unclear(), alternatives=(replace(first, locations=(place("a.kt", 3),)), second))
    run = run_of(given)
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [("gradle/variant", "warning")]
    assert [one["level"] for one in run["invocations"][0]["toolExecutionNotifications"]] == ["warning"]


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd",
        "../../x.py",
        "C:\\x.py",
        "https://example.com/x",
        "node_modules/a/b.js",
        "/usr/lib/python3/site-packages/a.py",
        "a\nb.py",
        "",
    ],
)
def test_a_place_elsewhere_is_no_location(file: str) -> None:
    root = replace(root_of(pytest_pair()), locations=(place(file, 3),), failed_tests=())
    assert run_of(replace(pytest_pair(), root_cause=root), View())["results"] == []


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("/home/runner/work/app/app/src/a b.py", "src/a%20b.py"),
        ("./src/ü.py", "src/%C3%BC.py"),
        ("D:\\a\\app\\app\\src\\a.cs", "src/a.cs"),
        ("src/[x](y).py", "src/%5Bx%5D%28y%29.py"),
        ("/github/workspace/a.go", "a.go"),
        ("/__w/app/app/a.go", "a.go"),
    ],
)
def test_a_place_in_the_repository_is_relative_and_encoded(file: str, uri: str) -> None:
    root = replace(root_of(pytest_pair()), locations=(place(file, 3),), failed_tests=())
    (result,) = run_of(replace(pytest_pair(), root_cause=root), View())["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("worker 31679 was killed", "worker 4 was killed", True),
        ("at 0x7ffee1", "at 0x12", True),
        ("in 3.25 s", "in 11.5 s", True),
        ("commit 42e02ac9", "commit 97aa01bb", True),
        ("\x1b[31mred\x1b[0m  here", "red here", True),
        ("test_a failed", "test_b failed", False),
        ("no libpng", "no libjpeg", False),
    ],
)
def test_a_fingerprint_outlives_numbers_and_nothing_else(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a column of the table
    assert (
        to_sarif_fingerprint("a/b", "x.py", Untrusted(one)) == to_sarif_fingerprint("a/b", "x.py", Untrusted(other))
    ) is same
    assert to_sarif_fingerprint("a", "b") != to_sarif_fingerprint("a b")


def test_a_lost_runner_has_no_result_and_is_told() -> None:
    run = run_of(runner_lost())
    assert run["results"] == []
    assert "the runner was lost" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_a_rule_of_somebodys_own_with_an_odd_name_is_not_quoted() -> None:
    root = replace(root_of(pytest_pair()), rule="x/[a](http://b)")
    assert [one["ruleId"] for one in run_of(replace(pytest_pair(), root_cause=root))["results"]] == ["unknown/test"]
