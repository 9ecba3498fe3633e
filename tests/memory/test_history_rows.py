"""The whole of a store for those who count: in order, bounded, and whatever a hostile store holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.memory import history as module
from diagnose.memory.history import History, read_history
from diagnose.memory.problem import StoreProblem
from diagnose.memory.record import Occurrence, Seen, record
from diagnose.memory.signature import sign
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from diagnose.memory.store import Store

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BEAM = ("E   AssertionError: assert beam.width == 19.98", "tests/test_beam.py:41: AssertionError")
TIDE = ("error[E0308]: mismatched types in the tide table of the harbor", "  --> src/tide.rs:88:21")


def failure(target: str, days: float, lines: tuple[str, ...] = BEAM, **more: Any) -> Occurrence:
    signature = sign(lines, category="test", tool="pytest", rule="pytest/assertion")
    assert signature is not None
    said = {
        "job": "test",
        "commit": "42e02ac",
        "category": "test",
        "tool": "pytest",
        "verdict": "change",
        "branch": "main",
        **more,
    }
    return Occurrence(
        "acme/lighthouse", target, NOW - timedelta(days=days), Seen(signature, "the beam is too wide", 0.9, 41), **said
    )


def everything(store: Store, now: datetime = NOW) -> History:
    found = read_history(store, now=now)
    assert isinstance(found, History)
    return found


def change(store: Store, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute(statement, values)


def test_where_no_file_is_nothing_is_and_none_is_made(store: Store) -> None:
    assert everything(store) == History()
    assert not store.path.exists()


def test_what_is_no_store_is_a_problem(store: Store) -> None:
    store.path.parent.mkdir(parents=True)
    store.path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert isinstance(read_history(store, now=NOW), StoreProblem)


def test_failures_come_oldest_first_and_know_whether_they_were_met_before(store: Store) -> None:
    for target, days in (("run 2", 2), ("run 1", 3), ("run 3", 1)):
        record(store, failure(target, days))
    record(store, failure("run 4", 0.5, TIDE))
    found = everything(store)
    assert [(plain(one.target), one.again) for one in found.events] == [
        ("run 1", False),
        ("run 2", True),
        ("run 3", True),
        ("run 4", False),
    ]
    assert {one.pattern for one in found.events} == {known.key for known in found.patterns}
    first = found.events[0]
    assert (first.category, first.tool, first.verdict, first.line, first.confidence, first.trusted) == (
        "test",
        "pytest",
        "change",
        41,
        0.9,
        True,
    )
    assert (plain(first.repository), plain(first.job), plain(first.branch), plain(first.commit)) == (
        "acme/lighthouse",
        "test",
        "main",
        "42e02ac",
    )


def test_a_stranger_makes_nothing_known(store: Store) -> None:
    record(store, failure("run 1", 3, trusted=False))
    record(store, failure("run 2", 2))
    record(store, failure("run 3", 1))
    assert [(one.trusted, one.again) for one in everything(store).events] == [
        (False, False),
        (True, False),
        (True, True),
    ]


def test_what_a_record_says_was_met_is_met(store: Store) -> None:
    record(store, failure("run 1", 3))
    change(store, "UPDATE pattern SET seen_before = 2, first_seen = '2026-01-01T00:00:00+00:00'")
    assert [one.again for one in everything(store).events] == [True]


def test_what_was_said_of_a_failure_is_read(store: Store) -> None:
    said: dict[str, Any] = {
        "verdict": "flaky",
        "escalated": True,
        "recognised": True,
        "minutes": 12.5,
        "link": "https://github.com/a/b/pull/1",
        "tests": ("a::one", "a::two"),
    }
    record(store, failure("run 1", 1, **said))
    (one,) = everything(store).events
    assert (one.verdict, one.escalated, one.recognised, one.minutes, plain(one.link), [plain(test) for test in one.tests]) == (
        "flaky", True, True, 12.5, "https://github.com/a/b/pull/1", ["a::one", "a::two"],
    )  # fmt: skip


def test_the_same_log_read_anew_is_one_failure_with_its_newest_answer(store: Store) -> None:
    record(store, failure("run 1", 1))
    record(store, failure("run 1", 1, TIDE))
    (one,) = everything(store).events
    assert len(everything(store).patterns) == 2
    assert plain(one.target) == "run 1"


@pytest.mark.parametrize(
    "at",
    ["", "yesterday", "2026-13-45", "0001-01-01", "9999-12-31T23:59:59+00:00", "2026-11-20T99:00", "2026-11-19; DROP"],
)
def test_a_row_without_a_date_is_counted_and_left_out(store: Store, at: str) -> None:
    record(store, failure("run 1", 1))
    record(store, failure("run 2", 1))
    change(store, "UPDATE occurrence SET at = ? WHERE target = 'run 1'", at)
    found = everything(store)
    assert (len(found.events), found.unreadable) == (1, 1)


COLUMNS = (
    "category",
    "tool",
    "verdict",
    "branch",
    "link",
    "tests",
    "escalated",
    "recognised",
    "minutes",
    "trusted",
    "line",
    "confidence",
    "job",
    "target",
    "commit_sha",
)


@pytest.mark.parametrize("value", [b"\xff\x00", "x" * 20_000, -1, 9e99, "<script>", "\ud7ff\n\n"])
def test_a_hostile_store_gives_values_of_the_right_kind(store: Store, value: object) -> None:
    record(store, failure("run 1", 1))
    change(store, f"UPDATE occurrence SET {', '.join(f'{column} = ?1' for column in COLUMNS)}", value)  # noqa: S608 - columns of the tuple above
    for one in everything(store).events:
        assert 0 <= one.confidence <= 1
        assert one.line >= 0
        assert one.category in ("test", "other")
        assert one.verdict in ("change", "unknown")
        assert len(one.tests) <= module.MOST_TESTS
        assert {type(flag) for flag in (one.escalated, one.recognised, one.trusted)} == {bool}


def test_only_the_newest_are_read_and_the_rest_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 2)
    for place in range(5):
        record(store, failure(f"run {place}", 5 - place))
    found = everything(store)
    assert ([plain(one.target) for one in found.events], found.older) == (["run 3", "run 4"], 3)


def test_green_runs_are_read_oldest_first(store: Store) -> None:
    record(store, failure("run 1", 1))
    for target, at in (
        ("run 9", "2026-11-20T10:00:00+00:00"),
        ("run 8", "2026-11-20T09:00:00+00:00"),
        ("run 7", "never"),
    ):
        change(
            store,
            "INSERT INTO green(repo, branch, job, commit_sha, target, link, at) VALUES(1, 'main', 'test', '42e02ac', ?, '', ?)",
            target,
            at,
        )
    assert [one.at.hour for one in everything(store).greens] == [9, 10]
