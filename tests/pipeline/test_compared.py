from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from diagnose import pipeline
from diagnose.model.incident import LogFile, Missing, Passing
from diagnose.model.text import phrase
from tests.support.diagnosing import diagnosed, incident_of
from tests.support.reading import github_log

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.model.incident import Incident
    from diagnose.model.report import Report

FAILS = "##[error]Process completed with exit code 2."
PLACES = ("cache", "ledger")


def line(place: str, number: int) -> str:
    return f"ERROR: the {place} of worker {number} cannot be opened"


def failing(*places: str) -> bytes:
    first, second = places
    return github_log(
        ("./check", "\n".join([line(first, 3), "going on", "checked 12 of 40", line(second, 4), FAILS]))
    ).encode()


def green(*places: str) -> bytes:
    return github_log(
        ("./check", "\n".join([*(line(place, 17) for place in places), "going on", "checked 40 of 40", "all is well"]))
    ).encode()


def text_of(report: Report) -> str:
    assert report.root_cause is not None
    return report.root_cause.evidence[0].text._text


def limits_of(report: Report) -> str:
    return " ".join(
        "".join(part if isinstance(part, str) else part._text for part in limit.parts) for limit in report.limits
    )


def found(folder: Path, data: bytes, name: str = "green.log") -> Passing:
    (folder / name).write_bytes(data)
    return Passing(LogFile(name, folder / name), "test (0)", "880")


def compared(incident: Incident, *passing: Passing | Missing | None) -> Incident:
    return replace(
        incident, jobs=tuple(replace(job, passing=each) for job, each in zip(incident.jobs, passing, strict=True))
    )


@pytest.mark.parametrize("usual", PLACES)
def test_of_two_lines_the_one_that_a_passing_run_prints_too_loses(tmp_path: Path, usual: str) -> None:
    (new,) = set(PLACES) - {usual}
    for order in (PLACES, PLACES[::-1]):  # one of both orders would be answered so without a passing run
        incident = compared(incident_of(tmp_path, failing(*order)), found(tmp_path, green(usual)))
        assert new in text_of(diagnosed(incident))


def test_each_job_is_compared_with_its_own(tmp_path: Path) -> None:
    logs = [failing("cache", "ledger"), failing("cache", "treasury")]
    passing = [
        found(tmp_path, green("cache", "treasury"), "first.log"),
        found(tmp_path, green("cache", "ledger"), "second.log"),
    ]
    report = diagnosed(compared(incident_of(tmp_path, *logs), *passing))
    told = {cause.evidence[0].text._text for cause in (report.root_cause, *report.findings) if cause is not None}
    assert told == {line("ledger", 4), line("treasury", 4)}


def test_what_the_user_named_goes_before_what_was_found(tmp_path: Path) -> None:
    named = found(tmp_path, green("cache"), "named.log").log
    incident = replace(
        compared(incident_of(tmp_path, failing("ledger", "cache")), found(tmp_path, green("ledger"))), passing=named
    )
    assert "ledger" in text_of(diagnosed(incident))


@pytest.mark.parametrize("gone", [True, False])
def test_without_a_log_to_compare_with_the_answer_stands(tmp_path: Path, gone: bool) -> None:  # noqa: FBT001 - a table
    missing = Missing(
        phrase("a passing run to compare with"), "expired", phrase("GitHub has deleted it."), "--passing-log FILE"
    )
    passing = Passing(LogFile("green.log", tmp_path / "nowhere.log"), "test (0)") if gone else missing
    incident = incident_of(tmp_path, failing(*PLACES))
    report = diagnosed(compared(incident, passing))
    assert text_of(report) == text_of(diagnosed(incident))
    assert ("a passing run to compare with: GitHub has deleted it." in limits_of(report)) == (not gone)


def test_jobs_that_lack_one_for_the_same_reason_say_so_once(tmp_path: Path) -> None:
    missing = Missing(phrase("a passing run to compare with"), "not-stored", phrase("nothing has passed."))
    report = diagnosed(compared(incident_of(tmp_path, *[failing(*PLACES)] * 3), missing, missing, missing))
    assert limits_of(report).count("nothing has passed.") == 1


def ran(tests: int) -> bytes:
    return github_log(
        (
            "pytest -q",
            f"collected {tests} items\n============================= {tests} passed in 3.41s ==============================",
        )
    ).encode()


COUNTED = {
    "the same job": (300, "test (0)", "success", ["test-count-drop"]),
    "as many": (214, "test (0)", "success", []),
    "another member of the matrix": (300, "test (1)", "success", []),
    "a job that failed": (300, "test (0)", "failure", []),
    "a log of unknown end": (300, "test (0)", "unknown", ["test-count-drop"]),
}


@pytest.mark.parametrize("name", COUNTED)
def test_fewer_tests_than_in_the_last_green_run_are_a_hidden_failure(tmp_path: Path, name: str) -> None:
    before, job, status, expected = COUNTED[name]
    passing = replace(found(tmp_path, ran(before)), job=job)
    report = diagnosed(compared(incident_of(tmp_path, ran(214), status=status), passing))
    assert [hidden.kind for hidden in report.silent_failures] == expected


def test_a_passing_log_that_is_too_large_or_gone_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = incident_of(tmp_path, ran(214), status="success")
    passing = found(tmp_path, ran(300))
    assert diagnosed(replace(incident, passing=passing.log)).silent_failures
    monkeypatch.setattr(pipeline, "PASSING_MOST", 20)
    assert not diagnosed(replace(incident, passing=passing.log)).silent_failures
    assert not diagnosed(
        compared(incident, replace(passing, log=LogFile("x", tmp_path / "nowhere.log")))
    ).silent_failures
