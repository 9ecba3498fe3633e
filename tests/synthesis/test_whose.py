"""The table of incidents of which it is known whose they are, each asked for on the loopback server; `benchmarks/attribution.py` prints it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from diagnose.safety.plain import plain
from diagnose.sources.github.controls import MOST
from tests.support.whose_asked import ask
from tests.support.whose_incidents import ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.whose_incidents import Whose


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.verdict}: {row.about}")
def test_whose_it_is(row: Whose, tmp_path: Path, cache: Path) -> None:
    found = ask(row, tmp_path, cache)
    told = [
        plain(each)
        for each in (*found.report.attribution.reasons, *(found.report.retry.reasons if found.report.retry else ()))
    ]
    assert found.wrong == (), told
    assert found.report.attribution.requests <= MOST
    assert found.violations == ()
    assert not any("safe to merge" in each.lower() for each in told)


def test_each_verdict_has_its_incidents() -> None:
    counted = Counter(row.verdict for row in ROWS)
    assert min(counted.values()) >= 6
    assert len(counted) == 5
    assert len(ROWS) >= 40
    assert len({row.about for row in ROWS}) == len(ROWS)


def test_no_verdict_but_unknown_is_without_a_named_comparison() -> None:
    assert [row.about for row in ROWS if (row.verdict == "unknown") == bool(row.control)] == []
