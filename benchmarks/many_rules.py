#!/usr/bin/env python3
"""What many rules cost: a log of 24 MB scanned with 3,000 rules and with 400, as a ratio in one run.

    python benchmarks/many_rules.py             the ratio, and what compiling and caching 3,000 rules takes
    python benchmarks/many_rules.py --check     exit with 1 when the ratio exceeds its budget

The 400 are drawn from the shipped rules. To make 3,000, rules are made from shipped ones by putting invented words in place of
the words that are a tool's own, in literals and expressions alike; words that many tools share (error, failed, test) stay, so
that a line with `error: ` asks as many rules more as it would if there were that many tools. The log is that of speed.py: quiet
lines, and the samples of thirty tools. Figures are processor time of this process, medians of interleaved runs.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random  # noqa: TID251 - seeded: the rules are the same each time
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks.speed import MB, write_log  # noqa: E402 - from the checkout
from diagnose.logs.pages import Pages  # noqa: E402 - as above
from diagnose.scan.artefact import dump, parse  # noqa: E402 - as above
from diagnose.scan.literals import required  # noqa: E402 - as above
from diagnose.scan.rulebase import RuleBase, load, patterns_folder  # noqa: E402 - as above
from diagnose.scan.scanner import Scanner  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnose.scan.rule import Rule

FEW: Final = 400
MANY: Final = 3000
SIZE: Final = 24 * MB
BUDGET: Final = 1.5
REPEATS: Final = 5
SHARED_BY: Final = 12  # tools: a word that so many use is nobody's own
SYLLABLES: Final = (
    "ba",
    "cor",
    "del",
    "fin",
    "gar",
    "hul",
    "jin",
    "kor",
    "lam",
    "mer",
    "nox",
    "pal",
    "quin",
    "ros",
    "sel",
    "tor",
    "vex",
    "wim",
    "yor",
    "zan",
)
_WORD: Final = re.compile(r"(?<![A-Za-z\\<])[A-Za-z]{4,}(?![A-Za-z>])")


def shared_words(rules: Sequence[Rule]) -> frozenset[str]:
    """Words in the literals of many tools, in lower case."""
    tools = {
        tool: {
            word.lower()
            for rule in rules
            if rule.tool == tool
            for text in rule.literals
            for word in _WORD.findall(text)
        }
        for tool in {r.tool for r in rules}
    }
    counts = Counter(word for words in tools.values() for word in words)
    return frozenset(word for word, count in counts.items() if count >= SHARED_BY)


def variant(rule: Rule, number: int, shared: frozenset[str], dice: random.Random) -> Rule:
    """Make a rule of another tool: the same shape, invented words for the tool's own."""
    invented: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        word = found[0]
        if word.lower() in shared:
            return word
        new = invented.setdefault(word.lower(), "".join(dice.choices(SYLLABLES, k=max(2, len(word) // 3))))
        return new.upper() if word.isupper() else new.capitalize() if word[0].isupper() else new

    literals = tuple(_WORD.sub(other, text) for text in rule.literals)
    expression = _WORD.sub(other, rule.expression)
    requires = tuple(_WORD.sub(other, text) for text in rule.requires)
    made = replace(
        rule,
        id=f"{rule.tool}-{number}/{rule.id.partition('/')[2]}",
        tool=f"{rule.tool}-{number}",
        literals=literals,
        expression=expression,
        requires=requires,
    )
    try:
        kept = required(expression, literals, caseless=rule.caseless)
    except re.error:
        kept = False
    return made if kept else replace(made, literals=rule.literals, expression=rule.expression)


def rule_sets() -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """FEW rules, and MANY of which they are the first."""
    shipped = load(patterns_folder(), None).rules
    shared = shared_words(shipped)
    dice = random.Random(20261121)  # noqa: S311 - the same each time
    # in an order of their own that a new pack does not turn over
    mixed = sorted(shipped, key=lambda rule: hashlib.sha256(rule.id.encode()).digest())
    few = tuple(mixed[:FEW])
    return few, few + tuple(variant(mixed[number % len(mixed)], number, shared, dice) for number in range(MANY - FEW))


def spent(action: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = time.process_time()
    action()
    return time.process_time() - start


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with --check say whether the budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 when the budget is exceeded")
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of the log")
    options = parser.parse_args(arguments)
    few, many = rule_sets()
    with tempfile.TemporaryDirectory(prefix="many-rules-") as name:
        log = Path(name) / "a.log"
        write_log(log, size=options.size)
        data = log.read_bytes()
        scanners = {FEW: Scanner(RuleBase(few, "few")), MANY: Scanner(RuleBase(many, "many"))}
        costs: dict[int, list[float]] = {FEW: [], MANY: []}
        hits = dict.fromkeys(scanners, 0)
        for turn in range(REPEATS + 1):
            for count, scanner in scanners.items():
                start = time.process_time()
                hits[count] = len(scanner.scan("log", Pages(io.BytesIO(data))).matches)
                if turn:  # the first builds the gate and the expressions
                    costs[count].append(time.process_time() - start)
        kept = dump(many, "key")
        cache = Path(name) / "cache"
        cold = spent(lambda: RuleBase(many, "cold", cache).gate([]))
        warm = spent(lambda: RuleBase(many, "cold", cache).gate([]))
    seconds = {count: statistics.median(each) for count, each in costs.items()}
    ratio = seconds[MANY] / seconds[FEW]
    literals = {count: len(RuleBase(rules, "").literals) for count, rules in ((FEW, few), (MANY, many))}
    for count in scanners:
        print(
            f"{count:5} rules, {literals[count]:5} literals: {seconds[count]:.3f} s for {len(data) / MB:.0f} MB ({len(data) / MB / seconds[count]:.0f} MB/s), {hits[count]} hits"
        )
    print(f"ratio {ratio:.2f}, budget {BUDGET}{'' if ratio <= BUDGET else ' EXCEEDED'}")
    print(
        f"{MANY} rules: artefact {len(kept) / MB:.1f} MB, written in {spent(lambda: dump(many, 'key')):.3f} s, read in {spent(lambda: parse(kept, 'key')):.3f} s; literal database compiled in {cold:.3f} s, from the cache in {warm:.3f} s"
    )
    return int(options.check and ratio > BUDGET)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
