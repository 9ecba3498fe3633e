"""The benchmark's scripted pairs of logs, one and more for each package manager: what moved is named, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.drift import PAIRS, STILL, Pair, job_log, judged, main, speed

if TYPE_CHECKING:
    from pathlib import Path

MANAGERS = 10


@pytest.mark.parametrize("pair", STILL, ids=lambda pair: pair.title)
def test_nothing_moved(pair: Pair, tmp_path: Path) -> None:
    assert judged(pair, tmp_path).drift.moved == ()


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.title)
def test_what_moved_is_named_with_both_versions(pair: Pair, tmp_path: Path) -> None:
    one = judged(pair, tmp_path)
    assert {(each.name, each.before, each.after) for each in one.drift.moved} == set(pair.moved)
    assert one.how == pair.how
    log = job_log(pair.command, pair.red).split("\n")
    for each in one.drift.moved:
        assert each.after.split("#")[0] in log[each.line - 1] or each.realm == "action"


def test_there_is_a_pair_for_each_manager() -> None:
    assert len({pair.title for pair in PAIRS}) >= MANAGERS


def test_the_command_prints_the_table_and_two_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "BAD" not in out
    assert f"moved: {len(PAIRS)} of {len(PAIRS)} as they should be" in out
    judged(PAIRS[0], tmp_path)
    assert main([str(tmp_path / "green.log"), str(tmp_path / "red.log")]) == 0
    assert "urllib3 1.26.18 -> 2.0.2  (line 8; line 8 of the green log)" in capsys.readouterr().out


def test_long_logs_are_read_whole() -> None:
    assert "250 moved of 250 compared" in speed(5000).replace("two logs of 5000 lines: ", "")
