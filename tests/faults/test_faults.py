"""A fifteenth of the table of faults at each run, all of it with CI_DIAGNOSE_FAULTS=all; and that what is published is the table."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.faults.endpoints import ENDPOINTS
from tests.faults.grid import Asked, Cell, Flaw, verdict
from tests.faults.kinds import KINDS
from tests.faults.table import FLAW, PAGE, SIGNS, cells, read_page, signs_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.endpoints import Endpoint

STEP = 1 if os.environ.get("CI_DIAGNOSE_FAULTS") == "all" else 15
PATIENT = ("runs of a commit", "log of a job", "store of logs")
USUAL = Asked({"conclusion": "'failure'", "jobs": "1"}, frozenset(), "", 1, absent=False, comments=1, leaks=())
UNTRUE = {
    "lost without a word": replace(USUAL, parts={"conclusion": "'failure'", "jobs": "0"}),
    "an empty success": replace(USUAL, parts={"conclusion": "'success'", "jobs": "0"}, missing=frozenset({"jobs: no"})),
    "a leak": replace(USUAL, leaks=("the token went to the store",)),
    "never asked": replace(USUAL, met=0),
}
TRUE = {
    "right": USUAL,
    "said": replace(USUAL, parts={"conclusion": "'failure'", "jobs": "0"}, missing=frozenset({"jobs: no"})),
    "refused": replace(USUAL, parts={}, refused="GitHub cannot be reached."),
}


@pytest.mark.parametrize("name", UNTRUE)
def test_the_judge_sees_a_flaw(name: str) -> None:
    assert isinstance(verdict(USUAL, UNTRUE[name], ENDPOINTS[0]), Flaw)


@pytest.mark.parametrize("name", TRUE)
def test_the_judge_allows(name: str) -> None:
    found = verdict(USUAL, TRUE[name], ENDPOINTS[0])
    assert isinstance(found, Cell)
    assert found.outcome == name


def test_the_published_table_is_whole_and_without_a_flaw() -> None:
    published = read_page(PAGE.read_text(encoding="utf-8"))
    assert {name: set(signs) for name, signs in published.items()} == cells()
    assert {sign for signs in published.values() for sign in signs.values()} == set(SIGNS.values())
    assert FLAW not in SIGNS.values()


def test_there_are_enough_kinds_each_of_its_own_name() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 40


@pytest.mark.parametrize("place", range(len(ENDPOINTS)), ids=[endpoint.name for endpoint in ENDPOINTS])
def test_what_comes_of_a_fault_is_what_is_published(place: int, tmp_path: Path) -> None:
    fast = [kind.name for kind in KINDS if not kind.slow]
    _agrees(
        ENDPOINTS[place], tmp_path, frozenset(name for number, name in enumerate(fast) if (number + place) % STEP == 0)
    )


@pytest.mark.parametrize("name", PATIENT if STEP > 1 else [endpoint.name for endpoint in ENDPOINTS])
def test_silence_is_waited_for_and_no_longer(name: str, tmp_path: Path) -> None:
    endpoint = next(each for each in ENDPOINTS if each.name == name)
    _agrees(endpoint, tmp_path, frozenset(kind.name for kind in KINDS if kind.slow))


def _agrees(endpoint: Endpoint, folder: Path, names: frozenset[str]) -> None:
    published = read_page(PAGE.read_text(encoding="utf-8"))[endpoint.name]
    found = signs_of(endpoint, folder, names)
    assert set(found) == {name for name in published if name in names}
    assert FLAW not in found.values()
    settled = {kind.name for kind in KINDS if not kind.ends_all}
    assert {name: sign for name, sign in found.items() if name in settled} == {
        name: published[name] for name in found if name in settled
    }
