"""What every check keeps, whoever wrote it: found by its module, an answer whatever is missing, no block on nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import anyio
import pytest

from diagnose.checks.registry import found, ordered
from diagnose.model.incident import Missing
from diagnose.model.text import phrase
from tests.checks.build_case import case_of, github, job, words

if TYPE_CHECKING:
    from diagnose.model.check import Check as Answer

CHECKS = {check.name: check for check in found()}
GONE = Missing(phrase("it"), "denied", phrase("the token may not read it"))
CASES = {
    "nothing at all": case_of(),
    "a bare log": case_of((job(status="unknown"), "boom\n"), kind="log"),
    "a job without a log": case_of((job(log=False), None)),
    "a job that never ran": case_of((job(status="skipped", log=False), None)),
    "an empty log": case_of((job(), "")),
    "a log of control characters": case_of((job(), "\0\x1b[2J\r\r\n\ufeff\n##[error]\n" * 50)),
    "a long line": case_of((job(), "x" * 200_000)),
    "a job that passed": case_of((job(status="success"), github(("make", "ok")))),
    "everything denied": case_of((job(), None), branch=GONE, change=GONE, base=GONE, attempts=GONE),
}


def answer(name: str, case: str) -> Answer:
    return anyio.run(CHECKS[name].run, CASES[case])


def test_names_are_their_own_and_the_order_has_no_circle() -> None:
    assert len(CHECKS) == len(found())
    assert sum(len(wave) for wave in ordered(found())) == len(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_its_name_is_a_word_and_it_needs_what_there_is(name: str) -> None:
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*", name)
    assert set(CHECKS[name].requires) <= set(CHECKS) - {name}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", CHECKS)
def test_it_answers_and_says_why(name: str, case: str) -> None:
    got = answer(name, case)
    assert got.name == name
    assert got.status in ("ok", "failed", "skipped")
    assert words(got.message).strip()
    assert got.status == "failed" or not got.blocking


@pytest.mark.parametrize(
    "case", ["nothing at all", "a bare log", "a job without a log", "a job that passed", "everything denied"]
)
@pytest.mark.parametrize("name", CHECKS)
def test_it_does_not_block_on_what_it_cannot_see(name: str, case: str) -> None:
    assert not answer(name, case).blocking
