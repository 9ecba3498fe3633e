"""Tests that fail and pass on the same code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.history import Event, History
    from diagnose.model.text import Untrusted

Mark = Literal["failed", "passed", "other"]
"""A run of the test's job: the test failed, all passed, or something else failed."""

RUNS: Final = 20
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class FlakyTest:
    """A test and why it counts as flaky. failed: times it was among the failed; flaky: times of these that the same code also passed.

    runs: the newest RUNS runs of the job where it last failed, oldest first; () where no green run of it is kept. reason: the key of the
    pattern that it fails with most often.
    """

    name: Untrusted
    repository: Untrusted
    job: Untrusted
    failed: int
    flaky: int
    last: datetime
    reason: int
    runs: tuple[Mark, ...]


def flaky_tests(history: History, most: int = MOST) -> tuple[FlakyTest, ...]:
    """Return the flakiest tests first. Failures of refs that anybody can write name none: their author would choose the names."""
    passed = {(green.repository, green.job, green.commit) for green in history.greens if green.commit}
    rerun = {known.key for known in history.patterns if known.pattern.how == "re-run"}
    failures: dict[tuple[Untrusted, Untrusted], list[Event]] = {}
    doubted: Counter[tuple[Untrusted, Untrusted]] = Counter()
    for event in history.events:
        if not event.trusted:
            continue
        both = (
            event.verdict == "flaky" or event.pattern in rerun or (event.repository, event.job, event.commit) in passed
        )
        for test in dict.fromkeys(event.tests):
            failures.setdefault((event.repository, test), []).append(event)
            doubted[event.repository, test] += both
    best = sorted(
        (key for key, times in doubted.items() if times),
        key=lambda key: (-doubted[key], -len(failures[key]), -failures[key][-1].at.timestamp()),
    )
    jobs = {(failures[key][-1].repository, failures[key][-1].job) for key in best[:most]}
    reds, greens = _runs_of(jobs, history)
    return tuple(_test(key, doubted[key], failures[key], reds, greens) for key in best[:most])


Job = tuple["Untrusted", "Untrusted"]


def _runs_of(jobs: set[Job], history: History) -> tuple[dict[Job, list[Event]], dict[Job, list[datetime]]]:
    reds: dict[Job, list[Event]] = {job: [] for job in jobs}
    greens: dict[Job, list[datetime]] = {job: [] for job in jobs}
    for event in history.events:
        if event.trusted and (event.repository, event.job) in jobs:
            reds[event.repository, event.job].append(event)
    for green in history.greens:
        if (green.repository, green.job) in jobs:
            greens[green.repository, green.job].append(green.at)
    return reds, greens


def _test(
    key: tuple[Untrusted, Untrusted],
    flaky: int,
    events: list[Event],
    reds: dict[Job, list[Event]],
    greens: dict[Job, list[datetime]],
) -> FlakyTest:
    last = events[-1]
    reason = Counter(event.pattern for event in events).most_common(1)[0][0]
    job = (last.repository, last.job)
    return FlakyTest(
        key[1], key[0], last.job, len(events), flaky, last.at, reason, _runs(key[1], reds[job], greens[job])
    )


def _runs(test: Untrusted, reds: list[Event], greens: list[datetime]) -> tuple[Mark, ...]:
    if not greens:
        return ()
    marks: list[tuple[datetime, Mark]] = [(at, "passed") for at in greens[-RUNS:]]
    marks += [(event.at, "failed" if test in event.tests else "other") for event in reds[-RUNS:]]
    return tuple(mark for _, mark in sorted(marks)[-RUNS:])
