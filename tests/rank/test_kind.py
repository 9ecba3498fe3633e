"""What an unknown line is of: its category, and the tool that speaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.rank.causes import causes_of
from diagnose.rank.kind import guess, programs
from diagnose.scan.places import spot_of
from tests.support.reading import github_log, reading_of, rule

COUNTED = rule(r"^(?P<failed>\d+) checks failed", " checks failed", id="checker/totals", kind="totals", category="lint")
FAILS = "##[error]Process completed with exit code 1."
STRANGE = "src/a.xyz:3:1: strange thing number one here, expected none"


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("", []),
        ("Run actions/checkout@v4", []),
        ("Run foolint src", ["foolint"]),
        ("Run npx foolint src", ["foolint"]),
        ("$ python -m foolint src", ["foolint"]),
        ("Run poetry run foolint", ["foolint"]),
        ("Run FOO=1 sudo ./node_modules/.bin/foolint --fix", ["foolint"]),
        ("Run cd a && foolint . | barfmt", ["foolint", "barfmt"]),
        ("Run ./scripts/ci.sh", []),
        ("Run npm test", []),
        ("Run make lint", []),
    ],
)
def test_programs_of_a_step(step: str, found: list[str]) -> None:
    assert list(programs(step)) == found


@pytest.mark.parametrize(
    ("line", "step", "category"),
    [
        ("a.zig:3:1: error: expected ';'", "", "compile"),
        ("a.zig:3:1: warning: unused", "", "lint"),
        ("a.md:3:1: too long", "", "lint"),
        ("a.md:3:1: too long", "run unit tests", "test"),
        ("connection refused", "run unit tests", "network"),
        ("it is all wrong", "", "other"),
        ("it is all wrong", "check formatting with prettier", "format"),
    ],
)
def test_a_guess(line: str, step: str, category: str) -> None:
    assert guess(step, line, spot_of(line)) == category


@pytest.mark.parametrize(
    ("log", "category", "tool"),
    [
        (github_log(("foolint src", f"{STRANGE}\n{FAILS}")), "lint", "foolint"),
        (github_log(("anything", f"{STRANGE}\n1 checks failed\n{FAILS}")), "lint", "checker"),
        (github_log(("checker src", f"{STRANGE}\n{FAILS}")), "lint", "checker"),
        (f"{STRANGE}\n1 checks failed\n", "lint", "checker"),
        (f"{STRANGE}\n", "lint", ""),
    ],
    ids=["the step's program", "who sums up", "a program that the rules know", "without steps", "nobody"],
)
def test_kind(log: str, category: str, tool: str) -> None:
    (first, *_) = (group for group in causes_of(reading_of(log, COUNTED)) if group.lead.text == STRANGE)
    assert (first.category, first.tool) == (category, tool)


NOTE = rule(r"^##\[error\]note: (?P<message>.+)", "##[error]note: ", id="runner/annotation", category="other")


@pytest.mark.parametrize(("counted", "category"), [("nothing is counted", "other"), ("3 checks failed", "lint")])
def test_what_a_ci_system_passes_on_is_of_the_tool_that_said_it(counted: str, category: str) -> None:
    note = replace(NOTE, ecosystem="ci")
    reading = reading_of(github_log(("make", f"##[error]note: odd\n{counted}\n{FAILS}")), note, COUNTED)
    assert [(one.category, one.tool) for one in causes_of(reading)[:1]] == [(category, "runner")]
