"""Why a rule does not match a log: which literal is missing, or where the expression stops."""

from __future__ import annotations

import re
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Final

from diagnose.scan.expression import search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.scan.rule import Rule
    from diagnose.scan.scanner import Scan

MOST_LINES: Final = 5


def why_not(rule: Rule, scan: Scan) -> list[str]:
    """Sentences: the lines that match; else those that hold a literal, with the longest part of the expression that fits."""
    hits = [match for match in scan.matches if match.rule.id == rule.id]
    if hits:
        return [f"{rule.id} matches line {match.line}: {match.text.strip()[:160]}" for match in hits[:MOST_LINES]]
    near = list(_lines_with_literal(rule, scan))
    if not near:
        told = " or ".join(repr(literal) for literal in rule.literals)
        return [f"{rule.id} does not match: no line holds {told}" + (", in any case" if rule.caseless else " (in this case of letters)")]
    out = [f"{rule.id} does not match. Lines that hold a literal:"]
    for number, text in near[:MOST_LINES]:
        part = longest_part(rule, text)
        told = f"the expression fits up to {part!r}" if part else "the expression fits nowhere on it"
        out.append(f"line {number}: {text.strip()[:160]}\n    {told}")
    return out


def _lines_with_literal(rule: Rule, scan: Scan) -> Iterator[tuple[int, str]]:
    literals = [literal.lower() if rule.caseless else literal for literal in rule.literals]
    for first in range(1, scan.log.total + 1, 5000):
        for line in scan.log.lines(first, first + 4999):
            text = line.text.lower() if rule.caseless else line.text
            if any(literal in text for literal in literals):
                yield line.number, line.text


def longest_part(rule: Rule, text: str) -> str:
    """Find the longest beginning of the rule's expression that is found on the line, as source text; "" when none is."""
    for end in range(len(rule.expression) - 1, 0, -1):
        part = rule.expression[:end]
        try:
            tree = _parser.parse(part, re.ASCII)
        except (re.error, RecursionError):
            continue
        if len(tree) and part not in ("^", "\\b") and search(part, text, caseless=rule.caseless, linear=rule.foreign) is not None:
            return part
    return ""
