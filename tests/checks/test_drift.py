from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from diagnose.checks.drift import CHECK, REMEDY
from diagnose.drift.compare import Drift, Moved
from diagnose.model.incident import LogFile, Missing, Passing
from diagnose.model.text import phrase
from diagnose.scan.rule import Rule
from tests.checks.build_case import case_of, github, job, quoted, words

FAILURE = "ImportError: cannot import name 'x' from 'urllib3.util'"
LOG = github(
    ("pip install x", "Successfully installed urllib3-2.0.2"),
    ("pytest", f"{FAILURE}\n##[error]Process completed with exit code 1."),
)
RULE = Rule("python/error", "python", "python", "cause", "none", "dependency", ("Error: ",), r"^\w*Error: ")
GREEN = LogFile("green", Path("green"))
PASSING = Passing(GREEN, "build", "899", "0123456789ab")
URLLIB3 = Moved("pypi", "urllib3", "1.26.18", "2.0.2", 5, 5)
IDNA = Moved("pypi", "idna", "3.6", "3.7", 5, 5)
GONE = Missing(phrase("it"), "expired", phrase("it is too old"))
WHEN = "since the last green run (run 899 of commit 0123456)"


def asked(*drift: Drift | None) -> tuple[str, str]:
    case = case_of(*[(job(passing=PASSING), LOG) for _ in drift], rules=(RULE,))
    answer = anyio.run(CHECK.run, replace(case, drift=drift))
    assert not answer.blocking
    assert bool(answer.evidence) == (answer.status == "failed")
    assert answer.remedy == (REMEDY if answer.status == "failed" else "")
    return answer.status, words(answer.message)


@pytest.mark.parametrize(
    ("passing", "given", "why"),
    [
        (None, None, "no job failed that a log of its last green run is at hand for"),
        (GONE, None, "there is no log of a green run to compare with: it is too old"),
        (PASSING, None, "the log of the last green run and that of the failed one name no package that both have"),
        (None, GREEN, "the log of the last green run and that of the failed one name no package that both have"),
        (None, GONE, "there is no log of a green run to compare with: it is too old"),
    ],
)
def test_without_two_lists_it_says_why(passing: Any, given: Any, why: str) -> None:
    case = case_of((job(passing=passing), LOG), rules=(RULE,), passing=given)
    answer = anyio.run(CHECK.run, replace(case, drift=(None,)))
    assert (answer.status, words(answer.message)) == ("skipped", why)


@pytest.mark.parametrize(
    ("drift", "status", "message"),
    [
        (Drift((), compared=12), "ok", f"no version of the 12 packages and tools that both logs name has moved {WHEN}"),
        (Drift((), counts=(1300, 1305)), "ok", f"npm added 1,305 packages, 1,300 {WHEN}"),
        (Drift((IDNA,), compared=2), "ok", f"idna 3.6 -> 3.7 {WHEN}"),
        (
            Drift((IDNA,), compared=2, partial=True),
            "ok",
            f"idna 3.6 -> 3.7 {WHEN}; a cache was restored, so the lists are not whole",
        ),
        (Drift((IDNA, URLLIB3), compared=2), "failed", f"urllib3 1.26.18 -> 2.0.2, idna 3.6 -> 3.7 {WHEN}"),
        (
            Drift(tuple(IDNA._replace(name=f"p{n}") for n in range(9)), compared=9),
            "ok",
            ", ".join(f"p{n} 3.6 -> 3.7" for n in range(6)) + f" and 3 more {WHEN}",
        ),
    ],
)
def test_what_moved_is_said_and_fails_where_the_failure_names_it(drift: Drift, status: str, message: str) -> None:
    assert asked(drift) == (status, message)


def test_the_same_move_in_two_jobs_is_said_once() -> None:
    assert asked(Drift((IDNA,)), Drift((IDNA._replace(line=9),))) == ("ok", f"idna 3.6 -> 3.7 {WHEN}")


def test_the_install_line_is_quoted_and_redacted() -> None:
    case = case_of((job(passing=PASSING), LOG), rules=(RULE,))
    answer = anyio.run(CHECK.run, replace(case, drift=(Drift((URLLIB3, IDNA._replace(name="SECRET"))),)))
    assert quoted(answer.evidence) == [(5, "Successfully installed urllib3-2.0.2")]
    assert words(answer.message).startswith("urllib3 1.26.18 -> 2.0.2, *** 3.6 -> 3.7 since")
