"""Every hostile name, value and address through its gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diagnose.model.text import Untrusted
from diagnose.safety.links import next_hop
from diagnose.safety.paths import to_path
from diagnose.safety.runner_file import RefusedValueError, to_runner_file
from diagnose.safety.sarif import to_sarif_uri

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

API = "https://api.github.com"
DELIMITER = "0e7c5a3e-5a1e-4f63-9d5c-8f6f2f1f7c11"


def walk(chain: list[str]) -> list[str]:
    """The plan for a chain of addresses, as a client that asks before each hop would see it."""
    hops: list[str] = []
    plan: list[str] = []
    for address in chain:
        verdict, said = next_hop(API, hops, address) if "refuse" not in plan else ("refuse", "")
        plan.append(verdict)
        hops.append(said)
    return plan


def test_redirects_follow_the_plan(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    for case in cases("redirects"):
        plan = walk(case["chain"])
        assert plan == case["plan"], case["id"]
        assert plan == judge.link_plan(case["chain"], API), case["id"]


def test_paths_are_refused_and_accepted(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    for case in cases("paths"):
        path = to_path(Untrusted(case["path"]))
        if case["kind"] == "reject":
            assert path is None, case["id"]
            assert to_sarif_uri(case["path"]) is None, case["id"]
        elif case["kind"] == "accept":
            assert path is not None, case["id"]
            assert judge.path_problem(path) is None, case["id"]
            location = {"artifactLocation": {"uri": to_sarif_uri(path)}}
            assert judge.bad_sarif({"physicalLocation": location}) == [], case["id"]


def assert_parsed(judge: ModuleType, case: dict[str, Any]) -> None:
    """The judge's own port of the runner's parser reads what it should."""
    if case["pairs"] == "error":
        with pytest.raises(ValueError, match=r"\w"):
            judge.parse_file_command(case["text"])
    else:
        assert judge.parse_file_command(case["text"]) == [tuple(pair) for pair in case["pairs"]], case["id"]


@pytest.mark.parametrize("windows", [False, True])
def test_outputs_read_back_or_are_refused(
    cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType, *, windows: bool
) -> None:
    kept = 0
    for case in cases("github-output"):
        if case["kind"] == "parse":
            assert_parsed(judge, case)
            continue
        try:
            text = to_runner_file(case["name"], case["value"], delimiter=DELIMITER)
        except RefusedValueError:
            continue
        kept += 1
        assert case["kind"] == "value", case["id"]
        assert judge.parse_file_command(text, windows=windows) == [(case["name"], case["value"])], case["id"]
        assert judge.parse_file_command(text + text, windows=windows) == [(case["name"], case["value"])] * 2, case["id"]
    assert kept > 50
