"""What moved, in the report: whose it makes the failure, and what is advised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.drift.compare import Drift, Moved
from diagnose.model.finding import CauseFinding
from diagnose.model.incident import Attempt, Change, ChangedFile, Control, Hunk, Missing
from diagnose.model.report import FixStep, FixStrategy, Minutes
from diagnose.model.text import phrase
from diagnose.rank.causes import causes_of
from diagnose.safety.plain import plain
from diagnose.scan.rule import Rule
from diagnose.synthesis.attribution import Beside, attribute
from diagnose.synthesis.drifted import with_moved
from diagnose.synthesis.grouping import causes as make_causes
from diagnose.synthesis.grouping import merge
from diagnose_agents.ci_diagnostics import CiDiagnostics
from tests.checks.build_case import case_of, github, job

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.report import Attribution, Cause

import anyio

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FAILURE = "ImportError: cannot import name 'x' from 'urllib3.util'"
LOG = github(
    ("pip install x", "Successfully installed urllib3-2.0.2"),
    ("pytest", f"{FAILURE}\n##[error]Process completed with exit code 1."),
)
RULE = Rule("python/error", "python", "python", "cause", "none", "dependency", ("Error: ",), r"^\w*Error: ")
URLLIB3 = Moved("pypi", "urllib3", "1.26.18", "2.0.2", 5, 5)
SAID = "urllib3 1.26.18 -> 2.0.2 since the last green run"
DOCS = Change((ChangedFile("docs/a.md", "modified", hunks=(Hunk(1, 1),)),))


def a_change(path: str, *added: str, removed: tuple[str, ...] = (), complete: bool = True) -> Change:
    return Change(
        (ChangedFile(path, "modified", hunks=(Hunk(1, 1),), added=tuple(enumerate(added, 1)), removed=removed),),
        complete,
    )


def case_with(*moved: Moved, log: str = LOG, **incident: Any) -> tuple[Case, Cause]:
    case = replace(
        case_of((job(started_at=NOON, run_id="900"), log), rules=(RULE,), **{"change": DOCS, **incident}),
        drift=(Drift(moved),),
    )
    found = [each for each in anyio.run(CiDiagnostics().examine, case) if isinstance(each, CauseFinding)]
    rules = {RULE.id: RULE}
    return case, make_causes(case, merge(found), rules)[0]


def whose(*moved: Moved, log: str = LOG, **incident: Any) -> Attribution:
    case, cause = case_with(*moved, log=log, **incident)
    return attribute(case, cause, {RULE.id: RULE}, Beside())


PASSED = Attempt("build", 1, "success", "899")
GREEN = Control("base", "build", "success", "0" * 40, datetime(2026, 11, 20, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moved", "incident", "verdict"),
    [
        ((), {}, "unknown"),
        ((URLLIB3._replace(name="idna"),), {}, "unknown"),
        ((URLLIB3,), {"change": None}, "unknown"),
        ((URLLIB3,), {"change": Missing(phrase("it"), "denied", phrase("no"))}, "unknown"),
        ((URLLIB3,), {"change": a_change("docs/a.md", complete=False)}, "unknown"),
        ((URLLIB3,), {"change": a_change("requirements.txt", "flask")}, "unknown"),
        ((URLLIB3,), {"change": a_change(".github/workflows/ci.yml", "python-version: 3.13")}, "unknown"),
        ((URLLIB3,), {"attempts": (replace(PASSED, attempt=2, run_id="900"),)}, "flaky"),
        ((URLLIB3,), {"controls": (replace(GREEN, at=datetime(2026, 11, 20, 14, tzinfo=UTC)),)}, "unknown"),
        ((URLLIB3,), {"change": a_change("requirements.txt", "urllib3==2.0.2")}, "change"),
        ((URLLIB3,), {"change": a_change("web/uv.lock", removed=('name = "urllib3"',))}, "change"),
        ((URLLIB3._replace(lock="uv.lock"),), {"change": a_change("uv.lock")}, "change"),
        ((URLLIB3,), {}, "base"),
        ((URLLIB3,), {"change": a_change("web/package.json", "urllib3")}, "base"),
        ((URLLIB3,), {"controls": (GREEN,)}, "base"),
        ((URLLIB3,), {"attempts": (PASSED,)}, "base"),
        ((URLLIB3._replace(name="idna"), URLLIB3), {}, "base"),
    ],
)  # fmt: skip
def test_whose_it_is(moved: tuple[Moved, ...], incident: dict[str, Any], verdict: str) -> None:
    got = whose(*moved, **incident)
    assert (got.verdict, got.control == "moved") == (verdict, verdict == "base"), [
        plain(reason) for reason in got.reasons
    ]
    if verdict in ("base", "change"):
        assert any(plain(reason).startswith(SAID) for reason in got.reasons)


def test_a_word_alone_is_no_comparison() -> None:
    got = whose(URLLIB3, log=LOG.replace("cannot import name 'x' from 'urllib3.util'", "urllib3 does not do that"))
    assert (got.verdict, got.control) == ("unknown", "")
    assert f"{SAID}; a word of the failure is also its name" in [plain(reason) for reason in got.reasons]


FIX = FixStrategy(phrase("Correct it."), (FixStep(phrase("Then look.")),), Minutes(1, 2, 3), "rule", "low")


def advised(
    moved: Moved, fix: FixStrategy | None = FIX, explanation: str = "It is so"
) -> tuple[str, list[tuple[str, str]]]:
    log = LOG.replace("'urllib3.util'", f"'{moved.name}'").replace("No module", "No module")
    case, cause = case_with(moved, log=log)
    root, fixed = with_moved(case, replace(cause, explanation=phrase(explanation) if explanation else phrase()), fix)
    assert root is not None
    steps = (
        []
        if fixed is None
        else [
            (plain(fixed.summary), ""),
            *((plain(step.text), plain(step.command) if step.command else "") for step in fixed.steps),
        ]
    )
    return plain(root.explanation), steps


def test_nothing_is_added_where_nothing_moved() -> None:
    case, cause = case_with()
    assert with_moved(case, cause, FIX) == (cause, FIX)
    assert with_moved(case, None, None) == (None, None)


def test_the_why_and_the_fix_say_how_to_go_back() -> None:
    pin = "Pin urllib3 to 1.26.18, which the last green run had, or fit the code to 2.0.2."
    rest = [("Correct it.", ""), ("Then look.", "")]
    assert advised(URLLIB3) == (
        f"It is so. {SAID}.",
        [(pin, ""), ("Ask for the version of before", "pip install 'urllib3==1.26.18'"), *rest],
    )
    assert advised(URLLIB3, explanation="") == (
        f"{SAID}.",
        [(pin, ""), ("Ask for the version of before", "pip install 'urllib3==1.26.18'"), *rest],
    )
    assert advised(URLLIB3, None, "It is so.") == (f"It is so. {SAID}.", [])
    assert advised(URLLIB3, replace(FIX, basis="history"))[1] == [*rest, (pin, "pip install 'urllib3==1.26.18'")]


@pytest.mark.parametrize(
    ("moved", "command"),
    [
        (URLLIB3._replace(realm="gem"), ""),
        (URLLIB3._replace(before="1.26'; rm -rf x"), ""),
        (URLLIB3._replace(realm="npm", name="@acme/kit"), "npm install --save-exact @acme/kit@1.26.18"),
        (URLLIB3._replace(realm="cargo"), "cargo update --package urllib3 --precise 1.26.18"),
    ],
)
def test_only_what_a_shell_takes_as_it_is_becomes_a_command(moved: Moved, command: str) -> None:
    assert next((told for _, told in advised(moved)[1] if told), "") == command


def test_the_case_has_one_cause() -> None:
    case, cause = case_with(URLLIB3)
    assert case.readings[0] is not None
    assert (plain(cause.evidence[0].text), len(causes_of(case.readings[0]))) == (FAILURE, 1)
