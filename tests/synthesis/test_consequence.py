"""What merely follows: by the rules' word, and by its form. Two failures that stand beside each other do not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diagnose.model.evidence import Evidence
from diagnose.model.finding import CauseFinding
from diagnose.model.text import Untrusted, phrase
from diagnose.synthesis.consequence import brought_about
from tests.support.reading import rule

if TYPE_CHECKING:
    from diagnose.scan.rule import Rule


def a_rule(name: str, **more: Any) -> Rule:
    return rule("x", id=name, **more)


RULES = {
    each.id: each
    for each in (
        a_rule("curl/failed", category="network"), a_rule("pip/none", category="dependency", explains=("python/missing",)), a_rule("gcc/error", category="compile"),
        a_rule("tar/missing", category="other"), a_rule("python/missing", category="dependency"), a_rule("bash/no-file", category="other"), a_rule("pytest/assert", category="test"),
        a_rule("ld/missing", category="compile", follows=("gcc/*",)), a_rule("any/after", follows=("*",)), a_rule("make/failed", kind="wrapper"),
        a_rule("pip/old", category="dependency", kind="warning"), a_rule("gha/artifact", category="other"),
    )
}  # fmt: skip


def at(rule_id: str, line: int, text: str, step: int = 1, job: int = 0) -> CauseFinding:
    known = RULES.get(rule_id)
    return CauseFinding(
        job=job, step=step, evidence=(Evidence("log", line, line, Untrusted(text)),), title=phrase("x"), category=known.category if known else "other", tool="", rule=rule_id,
        score=1.0, confidence=0.5, explanation=phrase(), follows_any=known is not None and known.kind == "wrapper",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # two failures, neither of the other
        (
            at("gcc/error", 5, "a.c:3: error: 'x' undeclared"),
            at("gcc/error", 9, "b.c:1: fatal error: nope.h: No such file or directory"),
        ),
        (at("pytest/assert", 5, "E assert 1 == 2"), at("pytest/assert", 9, "E KeyError: 'k'")),
        (at("ruff/x", 5, "a.py:1: F401"), at("pytest/assert", 9, "FileNotFoundError: No such file: 'a.py'", step=2)),
        (
            at("pytest/assert", 5, "E assert app.tar == 2"),
            at("tar/missing", 9, "tar: app.tar: Cannot open: No such file", step=2),
        ),
        # another job, an earlier line, what is only a warning, what a guess brings
        (at("curl/failed", 5, "curl: (22) 404"), at("tar/missing", 6, "tar: a.tgz: Cannot open: No such file", job=1)),
        (at("curl/failed", 9, "curl: (22) 404"), at("tar/missing", 6, "tar: a.tgz: Cannot open: No such file")),
        (at("pip/old", 5, "pip is old"), at("bash/no-file", 6, "./x: No such file", step=2)),
        (at("", 5, "libfoo could not be had"), at("python/missing", 6, "No module named 'libfoo'", step=2)),
        # the same step, far behind, and another thing
        (
            at("curl/failed", 5, "curl: (22) libbar 404"),
            at("tar/missing", 60, "tar: libfoo.tar.gz: Cannot open: No such file"),
        ),
        (at("make/failed", 5, "make: *** Error 2"), at("bash/no-file", 6, "./x: No such file", step=2)),
    ],
)
def test_what_stands_beside_another_failure_does_not_follow_it(first: CauseFinding, second: CauseFinding) -> None:
    assert not brought_about(first, second, RULES)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (at("gcc/error", 5, "a.c:3: error"), at("make/failed", 6, "make: *** [a.o] Error 1")),
        (at("gcc/error", 5, "a.c:3: error"), at("ld/missing", 6, "cannot find -la")),
        (at("pip/none", 5, "No matching distribution"), at("python/missing", 600, "No module named 'x'")),
        (at("gcc/error", 5, "a.c:3: error"), at("any/after", 6, "whatever")),
        (at("curl/failed", 5, "curl: (22) 404"), at("tar/missing", 6, "tar: a.tgz: Cannot open: No such file")),
        (
            at("curl/failed", 5, "curl: (22) https://x/libfoo-1.2.tar.gz 404"),
            at("tar/missing", 60, "tar: libfoo-1.2.tar.gz: Cannot open: No such file"),
        ),
        (at("gcc/error", 5, "a.c:3: error"), at("bash/no-file", 20, "./dist/app: No such file or directory", step=3)),
        (
            at("pip/none", 5, "No matching distribution"),
            at("gha/artifact", 20, "No files were found with the provided path: dist/", step=2),
        ),
    ],
)
def test_what_misses_what_a_failure_was_to_bring_follows_it(first: CauseFinding, second: CauseFinding) -> None:
    assert brought_about(first, second, RULES)
