"""Who vouches for what memory tells: a person, the record, a run that turned green; and the minutes that only people's word gives."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.api import Answer, Request, examine
from diagnose.config import Settings
from diagnose.memory.patterns import Resolution, resolve
from diagnose.memory.propose import Proposal, propose
from diagnose.memory.signature import sign
from diagnose.memory.store import Store
from diagnose.remember import FILE
from diagnose.safety.plain import plain
from diagnose.world import World
from tests.conftest import NOON
from tests.memory.test_remember import FAILING

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.memory.rows import How
    from diagnose.memory.signature import Signature


def diagnosed(tmp_path: Path, name: str = "a.log") -> Answer:
    log = tmp_path / name
    log.write_text(FAILING)
    world = World(env={}, folder=tmp_path, cache=tmp_path / "cache", data=tmp_path / "data")
    found = anyio.run(examine, Request("log", "", (str(log),), repository="o/r"), Settings(), world)
    assert isinstance(found, Answer)
    return found


def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / FILE, sleep=time.sleep)


def signed(line: str, category: str = "test", tool: str = "pytest") -> Signature:
    found = sign([line], category=category, tool=tool, rule="")
    assert found is not None
    return found


def took(tmp_path: Path, *minutes: float, how: How = "person", tool: str = "pytest") -> None:
    for place, each in enumerate(minutes):
        lines = (
            "the cart holds no apples",
            "the ledger is short of a cent",
            "the portal shows the login page",
            "the queue never drains",
        )
        said = Resolution(title="t", root_cause="c", solution="s", minutes=each, how=how)
        resolve(store(tmp_path), signed(f"AssertionError: {lines[place]}", tool=tool), said, repository="o/r", now=NOON)


@pytest.mark.parametrize(
    ("minutes", "more", "basis"),
    [((4, 8), {}, "rule"), ((4, 8, 30), {"tool": "jest"}, "rule"), ((4, 8, 30), {"how": "green-run"}, "rule"), ((4, 8, 30), {}, "history"), ((4, 8, 30), {"how": "record"}, "history")],
)  # fmt: skip
def test_three_failures_of_the_tool_say_what_the_next_takes(
    tmp_path: Path, minutes: tuple[float, ...], more: dict[str, Any], basis: str
) -> None:
    diagnosed(tmp_path)
    took(tmp_path, *minutes, **more)
    fix = diagnosed(tmp_path, "b.log").report.fix_strategy
    assert fix is not None
    assert fix.basis == basis
    assert (fix.minutes.likely == 8) == (basis == "history")


def test_a_guess_is_told_as_one_and_a_persons_word_takes_its_place(tmp_path: Path) -> None:
    first = diagnosed(tmp_path)
    root = first.report.root_cause
    assert root is not None
    own = sign(first.known_by[root.id], category=root.category, tool=root.tool, rule=root.rule)
    assert own is not None
    propose(
        store(tmp_path),
        Proposal(own.id, "o/r", "The change to portal.py", "green-run", fixed_by="3fc09d1", sure=0.6, minutes=9),
        now=NOON,
    )
    guess = diagnosed(tmp_path, "b.log").report
    known, fix = guess.known_patterns[0], guess.fix_strategy
    assert (known.said_by, known.sure, known.guessed) == ("green-run", 0.6, True)
    assert fix is not None
    assert (fix.basis, "portal.py" in plain(fix.summary)) == ("rule", False)
    assert guess.confidence == first.report.confidence
    resolve(
        store(tmp_path),
        own,
        Resolution(title="", root_cause="c", solution="Open the portal first.", minutes=9),
        repository="o/r",
        now=NOON,
    )
    told = diagnosed(tmp_path, "c.log").report
    known, fix = told.known_patterns[0], told.fix_strategy
    assert (known.said_by, known.guessed) == ("person", False)
    assert fix is not None
    assert (fix.basis, fix.minutes.likely, plain(fix.summary)) == ("history", 9, "Open the portal first.")
    assert told.confidence >= first.report.confidence
