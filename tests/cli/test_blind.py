"""What is said where nothing could be read: the first reason that is one, and what to try."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.api import Answer
from diagnose.cli.blind import blind
from diagnose.model.incident import Missing
from diagnose.model.text import phrase
from diagnose.safety.plain import plain
from diagnose.synthesis.compose import Gathered, Limits, compose
from tests.checks.build_case import case_of, job

UNNEEDED = Missing(phrase("its log"), "not-asked", phrase("it did not fail."))
EXPIRED = Missing(phrase("its log"), "expired", phrase("GitHub has deleted this log."), "gh run rerun 1")
FOREIGN = Missing(phrase("its log"), "not-asked", phrase("it ran elsewhere."), "its own page has the log")
DOCTOR = ("nothing of it could be read, so nothing can be said.", "ci-diagnose doctor")


@pytest.mark.parametrize(
    ("log", "unseen", "told"),
    [
        (UNNEEDED, (), DOCTOR),
        (UNNEEDED, (FOREIGN,), ("it ran elsewhere.", "its own page has the log")),
        (EXPIRED, (), ("GitHub has deleted this log.", "gh run rerun 1")),
        (EXPIRED, (FOREIGN,), ("GitHub has deleted this log.", "gh run rerun 1")),
        (UNNEEDED, (FOREIGN, EXPIRED), ("it ran elsewhere.", "its own page has the log")),
        (UNNEEDED, (FOREIGN, FOREIGN), ("it ran elsewhere. So it is with 1 more.", "its own page has the log")),
        (FOREIGN, (FOREIGN,), ("it ran elsewhere.", "its own page has the log")),
    ],
)
def test_the_first_reason_is_told(log: Missing, unseen: tuple[Missing, ...], told: tuple[str, str]) -> None:
    case = case_of((replace(job(), log=log), None), unseen=unseen)
    report = compose(case, Gathered((), (), (), ()), {}, Limits(), "ci-diagnose")
    found = blind(Answer(report, case, {}, {}))
    assert found is not None
    assert (plain(found[0]), found[1]) == told
