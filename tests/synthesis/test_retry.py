"""Whether to run again: one row a job that failed, and what the answer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diagnose.model.incident import Annotation, Attempt, Branch
from diagnose.safety.plain import plain
from diagnose.scan.pack import read_pack, rules_of
from diagnose.scan.rulebase import patterns_folder
from diagnose.synthesis.retry import retry
from tests.checks.build_case import case_of, github, job
from tests.support.reading import rule

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.report import Retry
    from diagnose.scan.rule import Rule

END = "##[error]Process completed with exit code 1."
RULES: tuple[Rule, ...] = (
    rule("fell over", "fell over", id="pytest/failed", category="test"),
    rule("reset by peer", "reset by peer", id="net/reset", category="network", infrastructure=True, retry=True),
    rule("no space left", "no space left", id="disk/full", category="resource", infrastructure=True),
)
PACK = patterns_folder() / "ci" / "github-actions.toml"
KNOWN = {each.id: each for each in (*rules_of(read_pack(PACK), "ci"), *RULES)}
TEST, NET, DISK, ODD, LOCAL = (
    "test_cart fell over",
    "connection reset by peer",
    "no space left on device",
    "widget 7 said no",
    "127.0.0.1:80: reset by peer",
)


def failed(text: str, name: str = "test", **more: Any) -> tuple[Any, str]:
    return job(name, run_id="77", **more), github(("make", f"{text}\n{END}"))


def noted(message: str) -> tuple[Any, None]:
    return job("test", log=False, run_id="77", annotations=(Annotation("failure", message),)), None


def asked(*jobs: Any, **incident: Any) -> Retry | None:
    case: Case = case_of(*jobs, rules=RULES, repository="o/r", **incident)
    return retry(case, KNOWN, failed=True)


ODDS: list[tuple[str, list[Any], dict[str, Any], bool, str]] = [
    ("a test", [failed(TEST)], {}, False, "fails by a test"),
    ("tests of several jobs", [failed(TEST), failed(TEST, "other")], {}, False, "2 jobs fail by a test"),
    ("the network", [failed(NET)], {}, True, "such failures pass"),
    ("the job's own server", [failed(LOCAL)], {}, False, "counts as the code's"),
    ("a full disk", [failed(DISK)], {}, False, "ends the same way"),
    ("nobody knows", [failed(ODD)], {}, False, "counts as the code's"),
    (
        "the network in one, a test in another",
        [failed(NET, "docs"), failed(TEST)],
        {},
        False,
        "one real failure is enough",
    ),
    ("the network in two", [failed(NET, "docs"), failed(NET)], {}, True, '"docs" fails by the machine'),
    ("canceled", [failed(NET, status="cancelled")], {}, False, "was canceled"),
    (
        "what was canceled beside it does not count",
        [failed(NET), failed(ODD, "docs", status="cancelled")],
        {},
        True,
        "such failures pass",
    ),
    (
        "a note says that the runner was lost",
        [noted("The hosted runner lost communication with the server.")],
        {},
        True,
        "the runner was lost",
    ),
    (
        "a note says that the bill is not paid",
        [noted("The job was not started because recent account payments have failed or your spending limit needs it")],
        {},
        False,
        "the account's owner acts",
    ),
    ("a note that nobody knows", [noted("Process completed with exit code 1.")], {}, False, "it has no log"),
    ("no log", [(job("test", log=False), None)], {}, False, "it has no log"),
    (
        "a test that passed at this commit",
        [failed(TEST)],
        {"attempts": (Attempt("test", 1, "success", "77"),)},
        True,
        "passed at this commit before",
    ),
    (
        "another job passed",
        [failed(TEST)],
        {"attempts": (Attempt("docs", 1, "success", "77"),)},
        False,
        "fails by a test",
    ),
    ("for the third time", [failed(NET, attempt=3)], {}, False, "was run 3 times by now"),
    (
        "three runs",
        [failed(NET)],
        {"attempts": (Attempt("test", 1, "failure", "75"), Attempt("test", 1, "failure", "76"))},
        False,
        "was run 3 times by now",
    ),
    (
        "a newer commit",
        [failed(NET)],
        {"commit": "a" * 40, "branch": Branch("x", "main", head_sha="b" * 40)},
        False,
        "has a newer commit",
    ),
    ("closed", [failed(NET)], {"branch": Branch("x", "main", closed=True)}, False, "is closed"),
]


@pytest.mark.parametrize(("what", "jobs", "incident", "advised", "why"), ODDS, ids=[each[0] for each in ODDS])
def test_whether_to_run_again(what: str, jobs: list[Any], incident: dict[str, Any], advised: bool, why: str) -> None:  # noqa: FBT001 - a column of the table
    found = asked(*jobs, **incident)
    assert found is not None
    told = "; ".join(plain(reason) for reason in found.reasons)
    assert (found.advised, why in told) == (advised, True), told
    assert bool(found.jobs) == bool(found.command) == bool(found.at_most) == advised


def test_how_often_and_how() -> None:
    first, second = asked(failed(NET)), asked(failed(NET, attempt=2))
    assert first is not None
    assert second is not None
    assert (first.at_most, second.at_most) == (2, 1)
    assert first.command is not None
    assert plain(first.command) == "gh run rerun 77 --failed --repo o/r"


def test_nothing_is_said_of_a_bare_log_or_a_run_that_passed() -> None:
    case = case_of(failed(NET), rules=RULES)
    assert retry(case, KNOWN, failed=False) is None
    assert asked(failed(NET), kind="log") is None
    assert asked((job("test", "success"), github(("make", "fine")))) is None


def test_two_runs_have_no_one_command() -> None:
    found = asked(failed(NET), (job("docs", run_id="78"), github(("make", f"{NET}\n{END}"))))
    assert found is not None
    assert (found.advised, found.command) == (True, None)
