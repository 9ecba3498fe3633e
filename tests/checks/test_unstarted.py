from __future__ import annotations

from typing import Any

import anyio
import pytest

from diagnose.checks.setup import CHECK
from diagnose.model.incident import Change, ChangedFile, Missing
from diagnose.model.text import phrase
from tests.checks.build_case import case_of, job, words

CI = ".github/workflows/ci.yml"
SOUND = b"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"
BROKEN = SOUND.replace(b"runs-on", b"run-on")
OTHER = Change((ChangedFile("src/a.py", "modified"),))
PARTLY = Change((ChangedFile("src/a.py", "modified"),), complete=False)
TOUCHED = Change((ChangedFile("src/a.py", "modified"), ChangedFile(".github/actions/go/action.yml", "modified")))


@pytest.mark.parametrize(
    ("change", "data", "told", "remedy"),
    [
        (
            None,
            None,
            f"no job of {CI} was started: the workflow file is invalid, or GitHub Actions was disturbed",
            "Run actionlint",
        ),
        (
            Missing(phrase("x"), "denied", phrase("y")),
            SOUND,
            f"no job of {CI} was started: the workflow file is invalid, or",
            "Run actionlint",
        ),
        (PARTLY, SOUND, f"no job of {CI} was started: the workflow file is invalid, or", "Run actionlint"),
        (
            OTHER,
            SOUND,
            f"no job of {CI} was started, and no workflow file is changed: GitHub Actions was disturbed",
            "Run it again",
        ),
        (
            TOUCHED,
            SOUND,
            f"no job of {CI} was started, and the change touches .github/actions/go/action.yml: GitHub refuses",
            "Run actionlint",
        ),
        (
            OTHER,
            BROKEN,
            f"the workflow file is invalid: {CI} line 4, no such key of a job is known (run-on)",
            "Correct that line",
        ),
        (
            OTHER,
            b"on: push\njobs: ]",
            f"the workflow file is invalid: {CI} line 2, it is not valid YAML",
            "Correct that line",
        ),
    ],
)
def test_a_file_is_blamed_where_it_shows_a_flaw_or_was_touched(
    change: Any, data: bytes | None, told: str, remedy: str
) -> None:
    files = () if data is None else ((CI, data),)
    case = case_of((job(CI, "startup_failure", log=False), None), change=change, files=files)
    answer = anyio.run(CHECK.run, case)
    assert (answer.status, answer.blocking) == ("failed", True)
    assert words(answer.message).startswith(told)
    assert answer.remedy.startswith(remedy)


def test_a_run_without_any_job_is_judged_by_the_workflow_files_at_hand() -> None:
    answer = anyio.run(
        CHECK.run,
        case_of(
            conclusion="failure", files=(("a.yml", BROKEN), (CI, BROKEN.replace(b"run-on", b"SECRET"))), change=OTHER
        ),
    )
    assert (
        words(answer.message)
        == f"the workflow file is invalid: {CI} line 4, no such key of a job is known (***); {CI} line 3, the job has no runs-on (a)"
    )
