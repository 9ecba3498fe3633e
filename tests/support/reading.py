"""Logs out of text: really paged, scanned and read, with the shipped rules or with rules of one's own."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

from diagnose.logs.pages import Pages
from diagnose.rank.reading import Reading, read
from diagnose.scan.rule import Rule
from diagnose.scan.rulebase import RuleBase, load, patterns_folder
from diagnose.scan.scanner import Scanner

if TYPE_CHECKING:
    from diagnose.logs.log import Log
    from diagnose.scan.scanner import Scan

STAMP = "2026-11-20T09:12:04.1683002Z "


@cache
def shipped() -> RuleBase:
    return load(patterns_folder(), None)


@cache
def scanner(rules: tuple[Rule, ...] | None = None) -> Scanner:
    """A scanner of `rules`, or of the shipped ones."""
    return Scanner(shipped() if rules is None else RuleBase(rules, "test"))


def rule(expression: str, *literals: str, **more: Any) -> Rule:
    """A rule that says little but what a test is about."""
    told = {"id": "tool/rule", "kind": "cause", "title": "it fails", "category": "other", **more}
    return Rule(
        tool=told["id"].partition("/")[0],
        ecosystem="test",
        literals=literals or (expression,),
        expression=expression,
        **told,
    )


def pages_of(data: bytes | str) -> Pages:
    return Pages(io.BytesIO(data if isinstance(data, bytes) else data.encode()))


def scan_of(data: bytes | str, *rules: Rule) -> Scan:
    """Scan with `rules` alone; without any, there are none."""
    return scanner(rules).scan("log", pages_of(data))


def log_of(data: bytes | str) -> Log:
    return scan_of(data).log


def reading_of(data: bytes | str, *rules: Rule, passing: frozenset[int] | None = None) -> Reading:
    return read(scan_of(data, *rules), passing)


def shipped_reading_of(data: bytes | str) -> Reading:
    return read(scanner().scan("log", pages_of(data)))


def stamped(text: str) -> str:
    """The lines of `text` as a GitHub runner writes them."""
    return "".join(f"{STAMP}{line}\n" for line in text.splitlines())


def github_log(*steps: tuple[str, str], setup: str = "", closed: bool = True) -> str:
    """A GitHub job log of (what stands after "Run ", output) a step."""
    lines = ["Current runner version: '2.336.0'", *setup.splitlines()]
    for name, output in steps:
        lines += [
            f"##[group]Run {name}",
            f"\x1b[36;1m{name}\x1b[0m",
            "shell: /usr/bin/bash -e {0}",
            "##[endgroup]",
            *output.splitlines(),
        ]
    if closed:
        lines += ["Post job cleanup.", "Cleaning up orphan processes"]
    return stamped("\n".join(lines))
