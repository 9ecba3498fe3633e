from __future__ import annotations

import time
from dataclasses import dataclass
from graphlib import CycleError
from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose.checks import registry
from diagnose.model.check import Check as Answer
from diagnose.model.text import phrase
from tests.checks.build_case import case_of, job, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.checks.interface import Check
    from diagnose.model.words import CheckStatus


@dataclass
class Fake:
    name: str
    requires: tuple[str, ...] = ()
    status: CheckStatus = "ok"
    blocking: bool = False
    raises: str = ""
    hangs: bool = False

    async def run(self, case: Case) -> Answer:
        if self.hangs:
            await anyio.sleep(30)
        if self.raises:
            raise RuntimeError(self.raises)
        return Answer(self.name, self.status, phrase("looked"), blocking=self.blocking)


def answers(*checks: Fake, deadline: float = 20) -> dict[str, tuple[str, str]]:
    case, given = case_of((job(), None)), list["Check"](checks)
    found = anyio.run(registry.run_all, case, deadline, time.perf_counter, given)
    return {answer.name: (answer.status, words(answer.message)) for answer in found}


def test_every_check_of_the_folder_is_found_under_its_own_name() -> None:
    names = [check.name for check in registry.found()]
    assert {"branch", "dependencies", "setup"} <= set(names)
    assert len(names) == len(set(names))
    assert {name for check in registry.found() for name in check.requires} <= set(names)


@pytest.mark.parametrize(
    ("first", "status", "message"),
    [
        (Fake("a", status="failed", blocking=True), "skipped", "the check a blocks"),
        (Fake("a", status="skipped"), "skipped", "the check a, which this one needs, was not done: looked"),
        (
            Fake("a", raises="SECRET"),
            "skipped",
            "the check a, which this one needs, was not done: the check could not be done: RuntimeError: ***",
        ),
        (Fake("other"), "skipped", "there is no check named a, which this one needs"),
        (Fake("a", status="failed"), "ok", "looked"),
        (Fake("a"), "ok", "looked"),
    ],
)
def test_a_check_whose_prerequisite_is_missing_is_skipped_with_the_reason(
    first: Fake, status: str, message: str
) -> None:
    assert answers(Fake("b", requires=("a",)), first)["b"] == (status, message)


def test_a_check_that_raises_or_hangs_is_an_answer_and_costs_nobody_else() -> None:
    found = answers(Fake("broken", raises="no"), Fake("slow", hangs=True), Fake("fine"), deadline=0.5)
    assert found == {
        "broken": ("error", "the check could not be done: RuntimeError: no"),
        "slow": ("error", "the check could not be done: stopped after 0.5 s"),
        "fine": ("ok", "looked"),
    }


def test_a_circle_is_refused() -> None:
    with pytest.raises(CycleError):
        registry.ordered([Fake("a", requires=("b",)), Fake("b", requires=("a",))])


def test_seconds_are_filled_in() -> None:
    ticks = iter(range(100))
    given: Sequence[Check] = [Fake("a")]
    (answer,) = anyio.run(registry.run_all, case_of((job(), None)), 50, lambda: float(next(ticks)), given)
    assert answer.seconds > 0


def test_the_real_checks_answer_for_a_case_with_nothing_in_it() -> None:
    found = anyio.run(registry.run_all, case_of(kind="log"), 20, time.perf_counter)
    assert {answer.name for answer in found} == {check.name for check in registry.found()}
    assert [answer.name for answer in found if answer.name in ("branch", "setup", "dependencies")] == [
        "branch",
        "setup",
        "dependencies",
    ]
    assert {answer.status for answer in found} == {"skipped"}
