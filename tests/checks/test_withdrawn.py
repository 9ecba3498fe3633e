from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.checks.setup import CHECK
from diagnose.checks.tables import actions, aliases, images
from diagnose.model.incident import LogFile, Missing, Passing
from diagnose.model.text import phrase
from tests.checks.build_case import NOW, case_of, github, job, scan_of, words

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.case import Case
    from diagnose.model.check import Check as Answer

FAILS = "##[error]Process completed with exit code 1."


def on(image: str, version: str = "20261101.1", labels: str = "") -> str:
    asked = f"Requested labels: {labels}\n" if labels else ""
    return f"{asked}##[group]Runner Image\nImage: {image}\nVersion: {version}\n##[endgroup]"


def answer(case: Case) -> Answer:
    return anyio.run(CHECK.run, case)


def case_with(now: str, before: str, *, failed: bool = True, **more: Any) -> Case:
    log = github(("make", FAILS if failed else "ok"), setup=now)
    case = case_of((job(status="failure" if failed else "success", **more), log))
    return replace(case, passing=(scan_of(github(("make", "ok"), setup=before)),))


@pytest.mark.parametrize(
    ("now", "before", "status", "told"),
    [
        (on("ubuntu-24.04"), on("ubuntu-24.04"), "ok", ""),
        (on("ubuntu-24.04"), "", "ok", ""),
        (on("macos-15", labels="macos-15"), on("macos-26", labels="macos-26"), "ok", ""),
        (
            on("ubuntu-24.04", "20261108.1"),
            on("ubuntu-24.04"),
            "ok",
            "the image ubuntu-24.04 is of version 20261108.1 here and was of 20261101.1 in the last green run",
        ),
        (
            on("windows-2025"),
            on("windows-2022"),
            "failed",
            "the image is windows-2025 here and was windows-2022 in the last green run",
        ),
        (
            on("ubuntu-26.04", labels="ubuntu-latest"),
            on("ubuntu-24.04", labels="ubuntu-latest"),
            "failed",
            "the image is ubuntu-26.04 here and was ubuntu-24.04 in the last green run: ubuntu-latest moved from ubuntu-24.04 to ubuntu-26.04 between 2026-10-19 and 2026-11-19",
        ),
        (
            on("macos-26-arm64", labels="macos-latest-xlarge"),
            on("macos-15-arm64", labels="macos-latest-xlarge"),
            "failed",
            "the image is macos-26-arm64 here and was macos-15-arm64 in the last green run: macos-latest moved from macos-15 to macos-26 between 2026-06-15 and 2026-08-21",
        ),
        (
            on("macos-26", labels="mine"),
            on("macos-15", labels="mine"),
            "failed",
            "the image is macos-26 here and was macos-15 in the last green run",
        ),
    ],
)
def test_another_image_than_in_the_last_green_run_is_said_and_never_blocks(
    now: str, before: str, status: str, told: str
) -> None:
    found = answer(case_with(now, before))
    assert (found.status, found.blocking) == (status, False)
    assert words(found.message).endswith(told)


def test_another_image_of_a_job_that_passed_is_no_failure() -> None:
    found = answer(case_with(on("windows-2025"), on("windows-2022"), failed=False))
    assert found.status == "ok"
    assert words(found.message).endswith("the image is windows-2025 here and was windows-2022 in the last green run")


def test_another_member_of_the_matrix_is_not_compared(tmp_path: Path) -> None:
    passing = Passing(LogFile("before", tmp_path), "test (windows)")
    assert answer(case_with(on("ubuntu-26.04"), on("windows-2025"), passing=passing)).status == "ok"


NO_LOG = Missing(phrase("the log"), "empty", phrase("it is empty"))


@pytest.mark.parametrize(
    ("label", "at", "blocking"),
    [
        ("macos-14", datetime(2026, 10, 5, 15, tzinfo=UTC), True),
        ("macos-14-xlarge", datetime(2026, 10, 5, 15, tzinfo=UTC), True),
        ("macos-14", datetime(2026, 10, 5, 13, 59, tzinfo=UTC), False),
        ("macos-14", datetime(2026, 10, 6, 15, tzinfo=UTC), False),
        ("macos-14", None, False),
        ("macos-15", datetime(2026, 10, 5, 15, tzinfo=UTC), False),
    ],
)
def test_a_brownout_is_blamed_in_its_hours_only(label: str, at: datetime | None, blocking: bool) -> None:  # noqa: FBT001 - a table's column
    gone = replace(job(log=False), labels=(label,), started_at=at)
    case = replace(case_of((gone, None)), now=datetime(2026, 10, 10, tzinfo=UTC))
    found = answer(case)
    assert found.blocking is blocking
    if blocking:
        assert (
            words(found.message)
            == f"the job build asks for {label}, whose jobs fail by plan on 2026-10-05 from 14:00 UTC"
        )
        assert "2026-11-02" in found.remedy


@pytest.mark.parametrize(
    ("minutes", "labels", "status", "told"),
    [
        (14, ("self-hosted", "gpu"), "ok", ""),
        (40, (), "ok", ""),
        (40, ("self-hosted", "SECRET"), "failed", "See that a runner"),
        (40, ("my-runner",), "failed", "See that a runner"),
        (40, ("ubuntu-24.04",), "failed", "GitHub has no such machine"),
    ],
)
def test_a_job_that_waits_long_for_a_machine_is_said(minutes: int, labels: Any, status: str, told: str) -> None:
    waiting = replace(job(status="queued", log=False), labels=labels, started_at=NOW - timedelta(minutes=minutes))
    found = answer(case_of((waiting, None)))
    assert (found.status, found.blocking) == (status, False)
    if told:
        assert words(found.message).startswith(f"the job build has waited {minutes} min for a runner with ")
        assert found.remedy.startswith(told)
        assert "SECRET" not in words(found.message)


@pytest.mark.parametrize(
    ("status", "told"),
    [("waiting", "the job *** waits for a protection rule of its environment"), ("in_progress", ""), ("skipped", "")],
)
def test_a_job_that_waits_for_approval_is_said_and_blocks_nothing(status: Any, told: str) -> None:
    found = answer(case_of((job("SECRET", status=status, log=False), None)))
    assert (found.status, found.blocking) == ("failed" if told else "ok", False)
    if told:
        assert words(found.message) == told


@pytest.mark.parametrize(
    ("image", "day", "told"),
    [
        ("macos-14-arm64", datetime(2026, 7, 5, tzinfo=UTC), ""),
        ("macos-14-arm64", datetime(2026, 7, 6, tzinfo=UTC), "; macos-14-arm64 will be removed on 2026-11-02"),
        ("macos-14", datetime(2026, 11, 1, tzinfo=UTC), "; macos-14 will be removed on 2026-11-02"),
        ("macos-14", datetime(2026, 11, 2, tzinfo=UTC), ""),
    ],
)
def test_an_image_is_said_to_go_between_the_day_that_it_is_told_and_the_day_that_it_goes(
    image: str, day: datetime, told: str
) -> None:
    case = replace(case_of((job(status="success"), github(("make", "ok"), setup=on(image)))), now=day)
    assert (
        words(answer(case).message).removeprefix(
            "the machine, the actions and the account are not the reason, as far as it shows"
        )
        == told
    )


def test_the_tables_are_in_order() -> None:
    assert all(day < row.removed for row in images().values() for day in row.brownouts)
    assert all(row.deprecated is None or row.deprecated < row.removed for row in images().values())
    assert all(alias.first < alias.last and alias.source for alias in aliases())
    assert all(ref.startswith("v") for _, ref in actions())
