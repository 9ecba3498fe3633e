"""What test runners print, one log each: every failed test is named, as it can be run again, and once; the count is theirs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from diagnose.rank.causes import causes_of
from diagnose.rank.counts import log_totals
from tests.support.reading import github_log, shipped_reading_of

LOGS: Final[list[dict[str, Any]]] = tomllib.loads((Path(__file__).parent / "runners.toml").read_text(encoding="utf-8"))[
    "log"
]
FAILS: Final = "##[error]Process completed with exit code 1."


@pytest.mark.parametrize("told", LOGS, ids=[log["runner"] for log in LOGS])
def test_a_runners_failed_tests_are_named_and_counted(told: dict[str, Any]) -> None:
    reading = shipped_reading_of(github_log(("test", told["text"] + FAILS)))
    names = [name for group in causes_of(reading) for name in group.tests]
    totals = log_totals(reading)
    assert sorted(names) == sorted(told["tests"])
    assert (totals.failed if totals else None) == told.get("failed")


def test_the_table_is_long_enough_to_be_one() -> None:
    assert len(LOGS) > 50
    assert len({log["runner"] for log in LOGS}) == len(LOGS)
