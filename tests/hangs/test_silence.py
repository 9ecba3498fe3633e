"""Gaps between stamps, in each form of a stamp."""

from __future__ import annotations

import pytest

from diagnose.hangs.silence import Timing, timing
from tests.support.reading import log_of

STEP = "##[group]Run make\n##[endgroup]\n"


def github(*stamps: str) -> str:
    return "".join(f"2026-11-20T{stamp}.0000000Z line\n" for stamp in stamps)


def measured(text: str) -> Timing | None:
    log = log_of(text)
    return timing(log, 1, log.total)


@pytest.mark.parametrize(
    "text", ["", "a\nb\n", github("10:00:00"), "2026-99-99T10:00:00.0000000Z a\n2026-99-99T10:00:01.0000000Z b\n" * 5]
)
def test_without_two_stamps_nothing_is_measured(text: str) -> None:
    assert measured(text) is None


@pytest.mark.parametrize(
    ("text", "seconds", "longest", "final"),
    [
        (github("10:00:00", "10:00:01", "10:05:00", "10:05:20"), 320, (299, 2, 3), (20, 3, 4)),
        (github("10:00:00", "10:00:01", "10:00:02", "10:10:00"), 600, (598, 3, 4), (598, 3, 4)),
        # what is printed while it dies is no end of the silence
        (github("10:00:00", "10:00:01", "10:10:00", "10:10:10"), 610, (599, 2, 3), (599, 2, 3)),
        # stamps that go back are no silence
        (github("10:00:05", "10:00:01", "10:00:02", "10:00:03"), -2, (1, 2, 3), (1, 2, 3)),
        (
            "[00:00:01] Build started\n[00:00:02] make\n[00:10:02] Build execution time has reached the maximum allowed time for your plan (60 minutes).\n",
            601,
            (600, 2, 3),
            (600, 2, 3),
        ),
        (
            "~~~ Running commands\n\x1b_bk;t=1763632800000\x07one\n\x1b_bk;t=1763632801000\x07two\n\x1b_bk;t=1763636401000\x07# Received cancellation signal, interrupting\n",
            3601,
            (3600, 3, 4),
            (3600, 3, 4),
        ),
    ],
)
def test_gaps(text: str, seconds: float, longest: tuple[float, int, int], final: tuple[float, int, int]) -> None:
    found = measured(text)
    assert found is not None
    assert (found.seconds, tuple(found.longest), tuple(found.final)) == (seconds, longest, final)


def test_midnight_is_no_step_back() -> None:
    lines = (
        "[23:59:58] Build started\n[23:59:59] make\n[00:09:59] Command exited with code 1\n[00:10:00] Build failed\n"
    )
    found = measured(lines)
    assert found is not None
    assert found.longest.seconds == 600


@pytest.mark.parametrize(
    ("stamps", "green", "hung"),
    [
        (("10:00:00", "10:00:01", "10:00:50"), 0, False),  # less than a minute
        (("10:00:00", "10:00:01", "10:02:00"), 0, True),
        (("10:00:00", "10:00:20", "10:00:40", "10:03:00"), 0, False),  # ten times as usual is nothing
        (("10:00:00", "10:00:01", "10:02:00"), 60, False),  # the green run is as silent
    ],
)
def test_a_silence_is_held_against_what_is_usual(stamps: tuple[str, ...], green: float, hung: bool) -> None:  # noqa: FBT001 - a column of a table
    found = measured(github(*stamps))
    assert found is not None
    assert found.hung(green) is hung


def test_long_logs_are_read_from_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.hangs.silence.MOST_LINES", 3)
    found = measured(github("09:00:00", "10:00:00", "10:00:01", "10:00:02"))
    assert found is not None
    assert found.seconds == 2
