"""ci_diagnostics and pattern_matcher: what failed, and whether memory knows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.model.finding import CauseFinding, PatternFinding
from diagnose.model.report import KnownPattern
from diagnose.model.text import Untrusted
from diagnose.safety.plain import plain
from diagnose.scan.rule import Rule
from diagnose_agents.ci_diagnostics import CiDiagnostics
from diagnose_agents.pattern_matcher import PatternMatcher
from tests.checks.build_case import case_of, github, job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Asked

GCC = Rule(
    "gcc/error",
    "gcc",
    "c",
    "cause",
    "{message}",
    "compile",
    (": error: ",),
    r"^(?P<file>[\w.]+):(?P<line>\d+):\d+: (?P<severity>error): (?P<message>.*)",
)
FAILS = "##[error]Process completed with exit code 2."
BROKEN = github(("make", f"a.c:3:5: error: 'x' undeclared SECRET\n{FAILS}"))
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
KEY = "\n".join(
    ["-----BEGIN PRIVATE KEY-----", *[f"{BODY}{place:04}zzzzzzzz" for place in range(8)], "-----END PRIVATE KEY-----"]
)


def causes(*jobs: Any, **incident: Any) -> list[CauseFinding]:
    found = anyio.run(CiDiagnostics().examine, case_of(*jobs, rules=(GCC,), **incident))
    assert all(isinstance(each, CauseFinding) for each in found)
    return [each for each in found if isinstance(each, CauseFinding)]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("failure", True),
        ("timed_out", True),
        ("cancelled", True),
        ("unknown", True),
        ("success", False),
        ("skipped", False),
    ],
)
def test_the_causes_of_failed_jobs_only(status: Any, said: bool) -> None:  # noqa: FBT001 - a table
    assert bool(causes((job(status=status), BROKEN), (job(log=False), None))) == said


def test_a_cause_has_its_line_its_place_and_no_secret() -> None:
    first = causes((job(), BROKEN))[0]
    assert (plain(first.title), first.rule, first.category) == ("'x' undeclared ***", "gcc/error", "compile")
    assert plain(first.evidence[0].text) == "a.c:3:5: error: 'x' undeclared ***"
    assert [(plain(place.file), place.line, place.severity) for place in first.locations] == [("a.c", 3, "error")]
    assert 0 < first.confidence <= 1


def test_a_line_that_no_rule_knows_says_so() -> None:
    first = causes((job(), github(("frobnicate", f"fine\nfatal: the frobnicator is out of phase\n{FAILS}"))))[0]
    assert (first.rule, plain(first.explanation)) == (
        "",
        "No rule knows this line; it stands out in the step that failed.",
    )
    assert "frobnicator" in plain(first.title)


def test_a_title_is_redacted_before_it_is_cut() -> None:
    line = "fatal: " + "y" * 190 + "SECRET"  # cut at 200 it would be SEC
    first = causes((job(), github(("frobnicate", f"{line}\n{FAILS}"))))[0]
    assert "SEC" not in plain(first.title)


def test_lines_out_of_the_middle_of_a_key_are_known_for_what_they_are() -> None:
    from diagnose.safety.redact import Redactor

    case = replace(case_of((job(), github(("frobnicate", f"{KEY}\n{FAILS}")))), redact=Redactor().redact)
    reading = case.readings[0]
    assert reading is not None
    for line in range(1, reading.log.total + 1):
        for last in (line, line + 2):
            quote = case.quote(reading.log, line, last)
            assert "MIIEvQ" not in plain(quote.text)
            assert plain(quote.text).count("\n") == quote.end_line - quote.line


def remembered(log: str, status: Any = "failure") -> tuple[list[Asked], list[PatternFinding]]:
    """What memory is asked, and what comes of its answer: it knows the first of what it is asked."""
    questions: list[Asked] = []
    words = Untrusted("words")
    known = KnownPattern("abcd1234", 0.9, 1, "2026-11-01", (), words, words, words, words, None)

    def recall(asked: Sequence[Asked]) -> Sequence[Sequence[KnownPattern]]:
        questions.extend(asked)
        return [[known], *([] for _ in asked[1:])][: len(asked)]

    case = replace(case_of((job(status=status), log), (job(log=False), None), rules=(GCC,)), recall=recall)
    found = anyio.run(PatternMatcher().examine, case)
    return questions, [each for each in found if isinstance(each, PatternFinding)]


def test_memory_is_asked_for_the_cause_and_its_alternatives_without_secrets() -> None:
    asked, found = remembered(BROKEN)
    assert asked[0].lines[0] == "a.c:3:5: error: 'x' undeclared ***"
    assert (asked[0].category, asked[0].tool, asked[0].rule) == ("compile", "gcc", "gcc/error")
    assert len(asked) <= 4
    assert [(finding.known.pattern, plain(finding.evidence[0].text)) for finding in found] == [
        ("abcd1234", "a.c:3:5: error: 'x' undeclared ***")
    ]


@pytest.mark.parametrize(("log", "status"), [(BROKEN, "success"), (github(("make", "fine")), "unknown")])
def test_memory_is_not_asked_about_what_did_not_fail(log: str, status: Any) -> None:
    assert remembered(log, status) == ([], [])
