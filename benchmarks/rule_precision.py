#!/usr/bin/env python3
"""How right the rules are, one by one, on a corpus of labelled logs.

    python benchmarks/rule_precision.py CORPUS              every rule, and what fires nowhere
    python benchmarks/rule_precision.py CORPUS --worst 30   only the worst of each kind
    python benchmarks/rule_precision.py CORPUS --rule ID    where this rule fires

CORPUS is a folder of sets. A set is a folder with `cases.jsonl` and the logs, plain or packed with xz; a case is a JSON object
with `id`, `project`, `log` and perhaps `passing_log` (paths from the set's folder), and `truth`: `status` (failed or passed),
`lines` (ranges of lines that tell why, from 1) and `silent` (kinds of hidden failures). Each log is read once, by this process.

A rule is judged by what its kind means. Causes and details: the share of their hits, in failing logs with a label, that stand
inside it. Wrappers: the share of the logs they fire in that failed. Silent rules: the share of the passed logs they fire in that
hide a failure. Noise and warnings: the share of hits that stand outside labels. Totals are right anywhere. A hit that a noise
rule silences is no hit. Exit code 1: a cause or detail fires in more than 1 % of the passing logs.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from diagnose.logs.pages import Pages  # noqa: E402 - from the checkout
from diagnose.scan.rulebase import load, patterns_folder  # noqa: E402 - as above
from diagnose.scan.scanner import Scanner  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from diagnose.scan.rule import Rule
    from diagnose.scan.scanner import Match

JUDGED: Final = ("cause", "detail")
GOAL: Final = 0.65
MOST_PASSING: Final = 0.01
FEWEST_LOGS: Final = 3  # of a small corpus one log is more than 1 %
# sets of whole logs: what a CI system keeps of a job; the other sets hold outputs of single commands, or fragments
WHOLE: Final = ("travis-chunks", "github-pairs")
SHOWN: Final = 110


class Case(NamedTuple):
    """One log. label: numbers of the lines that tell why. status: failed, passed, or "" where nobody says. hides: kinds of hidden failures."""

    where: str
    set_name: str
    project: str
    path: Path
    status: str
    label: frozenset[int]
    hides: frozenset[str]

    @property
    def passes(self) -> bool:
        """Whether nothing failed in it, not even silently."""
        return self.status == "passed" and not self.hides


@dataclass
class Tally:
    """What one rule did. logs and projects: of the passing logs it fired in; example: the first such place."""

    inside: int = 0
    outside: int = 0
    failing: set[str] = field(default_factory=set)
    passing: set[str] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)
    hiding: set[str] = field(default_factory=set)
    silenced: int = 0
    example: str = ""


@dataclass
class Measured:
    """All of one pass over a corpus. found: for each case with a label in a whole log, whether a cause or detail names a labelled line."""

    tallies: dict[str, Tally]
    passing: int = 0
    failing: int = 0
    found: list[tuple[Case, bool, str]] = field(default_factory=list)


def cases_of(corpus: Path) -> Iterator[Case]:
    """Every log of the corpus once; passing logs of pairs are cases of their own."""
    seen: set[Path] = set()
    for index in sorted(corpus.glob("*/cases.jsonl")):
        for told in map(json.loads, index.read_text(encoding="utf-8").splitlines()):
            for case in _cases(index.parent, told):
                if case.path not in seen:
                    seen.add(case.path)
                    yield case


def _cases(folder: Path, told: dict[str, Any]) -> Iterator[Case]:
    truth = told["truth"]
    label = frozenset(number for first, last in truth.get("lines") or () for number in range(first, last + 1))
    hides = frozenset(
        each if isinstance(each, str) else str(each.get("kind", "")) for each in truth.get("silent") or ()
    )
    project = str(told.get("project") or "")
    status = truth.get("status") or ("passed" if "silent" in truth else "")
    where = f"{folder.name}/{told['id']}"
    yield Case(where, folder.name, project, (folder / told["log"]).resolve(), status, label, hides)
    if told.get("passing_log"):
        yield Case(
            f"{where} (passing)",
            folder.name,
            project,
            (folder / told["passing_log"]).resolve(),
            "passed",
            frozenset(),
            frozenset(),
        )


def read(path: Path) -> bytes:
    """A log's bytes."""
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def unsilenced(matches: Iterable[Match]) -> tuple[list[Match], list[Match]]:
    """Part a log's hits into those that count and those on whose line a noise rule fires, as the ranking does."""
    known = list(matches)
    noise = {match.line for match in known if match.rule.kind == "noise"}
    count = [match for match in known if match.rule.kind == "noise" or match.line not in noise]
    return count, [match for match in known if match.rule.kind != "noise" and match.line in noise]


def measure(cases: Iterable[Case], scanner: Scanner) -> Measured:
    """Scan every case, and count."""
    out = Measured({rule.id: Tally() for rule in scanner.rules.rules})
    for case in cases:
        scan = scanner.scan(case.where, Pages(io.BytesIO(read(case.path))))
        hits, silenced = unsilenced(scan.matches)
        out.passing += case.passes
        out.failing += bool(case.label)
        for match in silenced:
            out.tallies[match.rule.id].silenced += 1
        for match in hits:
            _count(out.tallies[match.rule.id], case, match)
        if case.label and case.set_name in WHOLE:
            named = any(match.rule.kind in JUDGED and match.line in case.label for match in hits)
            out.found.append((case, named, scan.log.text(min(case.label))))
        scan.log.pages.close()
    return out


def _count(tally: Tally, case: Case, match: Match) -> None:
    if case.passes:
        tally.passing.add(case.where)
        tally.projects.add(case.project)
        tally.example = tally.example or f"{case.where}:{match.line}: {match.text}"
    elif case.status == "passed":
        tally.hiding.add(case.where)
    elif case.status == "failed":
        tally.failing.add(case.where)
    if case.label:
        inside = match.line in case.label
        tally.inside += inside
        tally.outside += not inside


def rightness(rule: Rule, tally: Tally) -> float | None:
    """How right a rule is, 0 to 1, by the sense of its kind; None where there is nothing to judge by."""
    right, wrong = {
        "cause": (tally.inside, tally.outside),
        "detail": (tally.inside, tally.outside),
        "wrapper": (len(tally.failing), len(tally.passing)),
        "silent": (len(tally.hiding), len(tally.passing)),
        "noise": (tally.outside, tally.inside),
        "warning": (tally.outside, tally.inside),
    }.get(rule.kind, (0, 0))
    return right / (right + wrong) if right + wrong else None


def offends(rule: Rule, tally: Tally, passing: int) -> bool:
    """Whether a cause or detail fires in too many passing logs."""
    return rule.kind in JUDGED and len(tally.passing) >= FEWEST_LOGS and len(tally.passing) > MOST_PASSING * passing


def fired(tally: Tally) -> bool:
    """Whether a rule hit anything."""
    return bool(tally.inside or tally.outside or tally.failing or tally.passing or tally.hiding or tally.silenced)


def table(rules: Sequence[Rule], got: Measured, worst: int) -> Iterator[str]:
    """A line for each rule that fired, kind by kind, the worst first."""
    yield f"{'rule':44} {'kind':8} {'inside':>7} {'outside':>7} {'failing':>7} {'passing':>7} {'share':>6} {'silenced':>8} {'right':>6}"
    for kind in dict.fromkeys(("cause", "detail", *sorted({rule.kind for rule in rules}))):
        rows = [(rule, got.tallies[rule.id]) for rule in rules if rule.kind == kind and fired(got.tallies[rule.id])]
        rows.sort(key=lambda row: (-len(row[1].passing), _or_one(rightness(*row)), -row[1].outside, row[0].id))
        for rule, tally in rows[: worst or None]:
            share, right = len(tally.passing) / max(got.passing, 1), rightness(rule, tally)
            told = "-" if right is None else f"{right:.2f}"
            counts = f"{tally.inside:7} {tally.outside:7} {len(tally.failing):7} {len(tally.passing):7} {share:6.1%} {tally.silenced:8} {told:>6}"
            yield f"{rule.id:44} {kind:8} {counts}"


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value


def nowhere(rules: Sequence[Rule], got: Measured) -> Iterator[str]:
    """The rules that fire nowhere, tool by tool, each with how it is known."""
    tools: dict[str, list[Rule]] = {}
    for rule in rules:
        tools.setdefault(rule.tool, []).append(rule)
    quiet = {tool: [rule for rule in owned if not fired(got.tallies[rule.id])] for tool, owned in tools.items()}
    whole = sum(len(quiet[tool]) == len(owned) for tool, owned in tools.items())
    yield f"fire nowhere in the corpus: {sum(map(len, quiet.values()))} of {len(rules)} rules; {whole} of {len(tools)} packs whole"
    for tool, silent in sorted(quiet.items()):
        if len(silent) == len(tools[tool]):
            yield f"  {tool}: no rule of the pack fires"
        yield from (f"    {rule.id}: {rule.why}" for rule in silent)


def whole_logs(got: Measured) -> Iterator[str]:
    """On how many whole logs a cause or detail names a labelled line; the logs where none does."""
    yield "a cause or detail names a labelled line, whole logs:"
    for name in (*WHOLE, "all"):
        rows = [(case, named) for case, named, _ in got.found if name in (case.set_name, "all")]
        if rows:
            projects = Counter(case.project for case, _ in rows)
            by_project = sum(named / projects[case.project] for case, named in rows) / len(projects)
            share = sum(named for _, named in rows) / len(rows)
            goal = f" (goal {GOAL:.0%}: {'kept' if share >= GOAL else 'missed'})" if name == "all" else ""
            yield f"  {name:16} {share:6.1%} of {len(rows)} logs, {by_project:.1%} as the mean over {len(projects)} projects{goal}"
    yield from (
        f"  miss: {case.where} {_ranges(case.label)}: {plain(text)}" for case, named, text in got.found if not named
    )


def _ranges(numbers: frozenset[int]) -> str:
    starts = sorted(number for number in numbers if number - 1 not in numbers)
    ends = sorted(number for number in numbers if number + 1 not in numbers)
    return ",".join(f"{start}-{end}" for start, end in zip(starts, ends, strict=True))


def plain(text: str) -> str:
    """Cut a line of a log to what is harmless on a terminal, and short."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:SHOWN]


def places(cases: Iterable[Case], scanner: Scanner, identity: str) -> Iterator[str]:
    """Every place where one rule fires: in (a label), out, passing, or ? where nobody says."""
    for case in cases:
        scan = scanner.scan(case.where, Pages(io.BytesIO(read(case.path))))
        hits, silenced = unsilenced(scan.matches)
        for told, matches in (("", hits), (" silenced", silenced)):
            for match in matches:
                if match.rule.id == identity:
                    sign = (
                        "passing"
                        if case.passes
                        else "hides"
                        if case.status == "passed"
                        else "in"
                        if match.line in case.label
                        else "out"
                        if case.label
                        else "?"
                    )
                    yield f"{sign + told:8} {case.where}:{match.line}: {plain(match.text)}"
        scan.log.pages.close()


def main(arguments: Sequence[str]) -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument(
        "--worst",
        type=int,
        default=0,
        metavar="N",
        help="show only N rules of each kind, and not those that fire nowhere",
    )
    parser.add_argument(
        "--rule", default="", metavar="ID", help="show every place where this rule fires, and nothing else"
    )
    options = parser.parse_args(arguments)
    base = load(patterns_folder(), None)
    if base.problems:
        parser.error(base.problems[0])
    cases = list(cases_of(options.corpus))
    if not cases:
        parser.error(f"{options.corpus} holds no set: a folder with cases.jsonl")
    scanner = Scanner(base)
    if options.rule:
        if options.rule not in base.by_id:
            parser.error(f"there is no rule {options.rule}")
        print(*places(cases, scanner, options.rule), sep="\n")
        return 0
    got = measure(cases, scanner)
    print(f"{len(cases)} logs: {got.failing} failing with a label, {got.passing} passing; {len(base.rules)} rules\n")
    print(*table(base.rules, got, options.worst), "", sep="\n")
    if not options.worst:
        print(*nowhere(base.rules, got), "", sep="\n")
    print(*whole_logs(got), "", sep="\n")
    bad = [rule for rule in base.rules if offends(rule, got.tallies[rule.id], got.passing)]
    for rule in bad:
        tally = got.tallies[rule.id]
        print(
            f"{rule.id} fires in {len(tally.passing)} of {got.passing} passing logs ({len(tally.projects)} projects), first in {plain(tally.example)}"
        )
    print(f"{len(bad)} causes and details fire in more than {MOST_PASSING:.0%} of the passing logs")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
