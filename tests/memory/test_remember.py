"""One diagnosis and its memory: what is kept of it, what a passing log says, and how long it may wait."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose import remember
from diagnose.api import Answer, Request, examine
from diagnose.config import Settings
from diagnose.memory.store import Allowance, Store
from diagnose.world import World

if TYPE_CHECKING:
    from pathlib import Path

FAILING = """\
$ python -m pytest
============================= test session starts ==============================
collected 2 items

tests/test_portal.py F.                                                  [100%]

=================================== FAILURES ===================================
_________________________________ test_portal __________________________________
    def test_portal():
>       assert open_portal() == 'dashboard'
E       AssertionError: assert 'login' == 'dashboard'

tests/test_portal.py:7: AssertionError
=========================== short test summary info ============================
FAILED tests/test_portal.py::test_portal - AssertionError: assert 'login' == 'dashboard'
========================= 1 failed, 1 passed in 0.12s ==========================
##[error]Process completed with exit code 1.
"""


def diagnosed(tmp_path: Path, name: str, text: str = FAILING, **env: str) -> Answer:
    log = tmp_path / name
    log.write_text(text)
    world = World(env=env, folder=tmp_path, cache=tmp_path / "cache", data=tmp_path / "data")
    found = anyio.run(examine, Request("log", "", (str(log),), repository="o/r"), Settings(), world)
    assert isinstance(found, Answer)
    return found


def rows(tmp_path: Path, columns: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(tmp_path / "data" / "memory.sqlite3")) as db:
        return db.execute(f"SELECT {columns} FROM occurrence WHERE rank = 0 ORDER BY id").fetchall()  # noqa: S608 - names of the test


def test_what_a_failure_was_is_kept(tmp_path: Path) -> None:
    assert diagnosed(tmp_path, "a.log").report.known_patterns == ()
    assert len(diagnosed(tmp_path, "b.log").report.known_patterns) == 1
    assert rows(tmp_path, "category, tool, tests, recognised, trusted") == [
        ("test", "pytest", "tests/test_portal.py::test_portal", n, 1) for n in (0, 1)
    ]
    assert all(isinstance(minutes, float) and verdict for minutes, verdict in rows(tmp_path, "minutes, verdict"))


def test_a_fork_is_kept_apart(tmp_path: Path) -> None:
    diagnosed(
        tmp_path,
        "a.log",
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="pull_request_target",
        GITHUB_HEAD_REF="topic",
        GITHUB_ACTOR="eve",
    )
    assert rows(tmp_path, "trusted, branch, actor") == [(0, "topic", "eve")]
    assert diagnosed(tmp_path, "b.log").report.known_patterns == ()
    assert len(diagnosed(tmp_path, "c.log").report.known_patterns) == 1


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    diagnosed(
        tmp_path,
        "a.log",
        FAILING.replace("'login'", f"'{token}'"),
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="push",
        GITHUB_REF_NAME=token,
    )
    assert rows(tmp_path, "trusted") == [(1,)]
    assert token.encode() not in b"".join(part.read_bytes() for part in (tmp_path / "data").iterdir())


def test_waits_of_one_diagnosis_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed(tmp_path, "a.log")
    slept: list[float] = []
    monkeypatch.setattr(remember, "_store", lambda path: Store(path, slept.append, Allowance(remember.MEMORY_SECONDS)))
    with closing(sqlite3.connect(tmp_path / "data" / "memory.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        found = diagnosed(tmp_path, "b.log")
    assert "is locked by another process" in found.memory_problem
    assert found.report.status == "failed"
    assert 0 < sum(slept) <= remember.MEMORY_SECONDS


PASSING = """\
$ python -m pytest -rA
{}
============================== 2 passed in 0.12s ===============================
The command "python -m pytest -rA" exited with 0.
Done. Your build exited with 0.
"""


@pytest.mark.parametrize(("held", "passed"), [(True, 1), (False, 0)], ids=["held", "not held"])
def test_a_passing_log_that_holds_a_known_failure_counts_against_it(tmp_path: Path, held: object, passed: int) -> None:
    diagnosed(tmp_path, "a.log")
    with closing(sqlite3.connect(tmp_path / "data" / "memory.sqlite3")) as db:
        lines = db.execute("SELECT s.raw FROM pattern p JOIN signature s ON s.id = p.signature").fetchone()[0]
    assert diagnosed(tmp_path, "good.log", PASSING.format(lines if held else "all is well")).report.status == "passed"
    with closing(sqlite3.connect(tmp_path / "data" / "memory.sqlite3")) as db:
        assert db.execute("SELECT (SELECT count(*) FROM green), (SELECT sum(passed) FROM pattern)").fetchone() == (
            1,
            passed,
        )
