"""The crash table in short: two writers, a few records, the faults that need no long waits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.crashes import run

if TYPE_CHECKING:
    from pathlib import Path

FAULTS = [
    # fault, records of each of the two writers, what may be answered
    ("kill -9", 10, "kept"),
    ("disk full", 25, "kept refused"),  # it has room for about twenty of the fifty
    ("read-only", 10, "refused"),
    ("synchronised folder", 10, "kept"),
]


@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
@pytest.mark.parametrize(("fault", "records", "answers"), FAULTS)
def test_nothing_is_lost_or_doubled(fault: str, records: int, answers: str, tmp_path: Path) -> None:
    row = run(fault, 2, records, tmp_path)
    assert (row.lost, row.doubled) == (0, 0)
    assert (row.kept > 0) is ("kept" in answers)
    assert row.refused > 0 or "refused" not in answers
