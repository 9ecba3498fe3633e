"""Workflow files written by hand, half of them sound: each hole is found at its line, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.workflow_lint import SAMPLES, expected, judged, main, path_in_repository, without_marks
from diagnose.workflows.systems import is_workflow

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(SAMPLES.iterdir())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_hole_is_found_at_its_line_and_nothing_else(file: Path) -> None:
    wanted, found = judged(file)
    assert found == wanted


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_sample_says_by_its_name_whether_it_is_sound(file: Path) -> None:
    assert bool(expected(file.read_text("utf-8"))) == (not file.stem.endswith("sound"))
    assert is_workflow(path_in_repository(file))


def test_there_are_thirty_samples_and_half_of_them_are_sound() -> None:
    sound = [file for file in FILES if file.stem.endswith("sound")]
    assert len(FILES) >= 30
    assert abs(2 * len(sound) - len(FILES)) <= 2


def test_marks_are_taken_off_before_the_lint_reads_them() -> None:
    assert without_marks("run: pytest || true  # lint: or-true\n") == "run: pytest || true\n"


def test_the_table_says_how_many_files_holes_and_false_alarms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    last = capsys.readouterr().out.rstrip().rsplit("\n", 1)[-1]
    assert last.startswith(f"{len(FILES)} files, ")
    assert last.endswith("0 false alarms")


def test_any_file_can_be_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").write_text("sh 'pytest || true'\n", "utf-8")
    (tmp_path / ".travis.yml").write_bytes(b"\xff")
    assert main([str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "Jenkinsfile:1: or-true (0.90) pytest || true" in out
    assert "not read: it is not UTF-8" in out
    assert "1 findings in 2 files" in out
