"""Each job that was ended from outside is named as it should be, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.hangs import main, report_of, table, wrong
from diagnose.safety.plain import plain
from tests.support.stopped_cases import CASES, REASONS, RUNNERS, hanging

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.stopped_cases import Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_stopped_job_is_named(case: Case, tmp_path: Path) -> None:
    assert wrong(case, report_of(case, tmp_path)) == []


def test_enough_is_tried() -> None:
    assert sum(case.wanted is not None for case in REASONS) >= 12
    assert len(RUNNERS) >= 20


def test_the_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    quiet = next(case for case in CASES if case.wanted is None)
    loud = next(case for case in CASES if case.wanted is not None and case.wanted.reason == "job-timeout")
    assert wrong(loud, report_of(quiet, tmp_path)) == ["nothing is said"]
    assert wrong(quiet, report_of(loud, tmp_path)) == ["job-timeout is said"]


def test_what_is_said_stands_in_the_log(tmp_path: Path) -> None:
    case = next(case for case in RUNNERS if case.name == "pytest -v hangs")
    report = report_of(case, tmp_path)
    (stop,) = report.stops
    assert [(piece.line, plain(piece.text)) for piece in stop.evidence] == [
        (0, "exceeded the maximum execution time of 60 minutes"), (7, "tests/test_a.py::test_wait[slow one] "),
    ]  # fmt: skip
    assert (stop.silent_seconds, stop.silent_after, stop.limit_minutes, stop.test_line) == (3600.0, 6, 60, 7)
    assert report.root_cause is not None
    assert report.root_cause.category == "timeout"
    assert report.root_cause.evidence[0].line == 7


def test_several_that_run_at_once_are_named_together(tmp_path: Path) -> None:
    tests = [f"tests/test_{letter}.py::test_{letter} " for letter in "abcdef"]
    case = replace(next(case for case in RUNNERS if case.name == "pytest -v hangs"), log=hanging(*tests))
    (stop,) = report_of(case, tmp_path).stops
    assert (
        "tests/test_f.py::test_f, tests/test_e.py::test_e, tests/test_d.py::test_d and 3 more had begun and did not end"
        in plain(stop.doing)
    )


def test_the_command_prints_the_table_and_single_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.hangs.CASES", CASES[:2])
    assert table() == 0
    assert capsys.readouterr().out.endswith("2 of 2 as they should be: 2 stopped jobs, 0 look-alikes\n")
    path = tmp_path / "a.log"
    path.write_text(hanging("waiting for the lock"), encoding="utf-8")
    assert main([str(path)]) == 0
    assert "nothing says by whom" in capsys.readouterr().out
