"""`ci-diagnose patterns`: what is known, and why a rule fires or does not."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diagnose.cli.out import answer, complain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from diagnose.scan.rule import Rule
    from diagnose.scan.rulebase import RuleBase
    from diagnose.scan.scanner import Scan


@click.group(epilog="Example: ci-diagnose patterns list --category dependency")
def command() -> None:
    """What the rules know: list them, show one, lint packs, try a log."""


def _rules() -> RuleBase:
    from diagnose.api import rules_for
    from diagnose.cli.places import world

    base = rules_for(world(os.environ))
    for problem in base.problems + base.unread:
        complain(f"rules left out: {problem}")
    return base


@command.command("list")
@click.option("--tool", default="", help="Only this tool.")
@click.option("--category", default="", help="Only this category (test, compile, dependency, ...).")
@click.option("--kind", default="", help="Only this kind (cause, detail, wrapper, totals, silent, noise, warning).")
@click.option("--ecosystem", default="", help="Only this ecosystem (python, javascript, ci, ...; user for your own).")
def list_(**wanted: str) -> int:
    """List the rules that were asked for; without a filter, how many there are of each tool and category."""
    asked = {name: wanted[name] for name in ("tool", "category", "kind", "ecosystem") if wanted[name]}
    base = _rules()
    rules = [rule for rule in base.rules if all(getattr(rule, name) == value for name, value in asked.items())]
    if not rules:
        complain(
            f"no rule of {' and '.join(f'{name} {value}' for name, value in asked.items()) or 'any tool'}.",
            _nearest(base, asked),
        )
        return 2
    lines = list(_rows(rules) if asked else _overview(rules))
    answer(_gated("\n".join(lines) + "\n"), os.environ)
    return 0


def _nearest(base: RuleBase, asked: Mapping[str, str]) -> str:
    """Give the command that would find something: the first filter that nothing answers to, spelled as it is known."""
    from difflib import get_close_matches

    for name, value in asked.items():
        known = sorted({str(getattr(rule, name)) for rule in base.rules})
        if value not in known:
            near = get_close_matches(value, known, 1, 0.6)
            return f"ci-diagnose patterns list --{name} {near[0]}" if near else "ci-diagnose patterns list"
    return "ci-diagnose patterns list"


def _rows(rules: Sequence[Rule]) -> Iterable[str]:
    yield from (f"{rule.id:<40} {rule.kind:<8} {rule.category:<14} {rule.title}" for rule in rules)
    yield f"\n{_counted(rules)}"


def _overview(rules: Sequence[Rule]) -> Iterable[str]:
    tools: dict[str, list[Rule]] = {}
    for rule in rules:
        tools.setdefault(f"{rule.ecosystem}/{rule.tool}", []).append(rule)
    for name, owned in sorted(tools.items()):
        counts = Counter(rule.category for rule in owned)
        yield f"{name:<34} {len(owned):>4}  {', '.join(f'{category} {count}' for category, count in counts.most_common(4))}"
    yield ""
    for what, counted in (
        ("category", Counter(rule.category for rule in rules)),
        ("kind", Counter(rule.kind for rule in rules)),
    ):
        yield from (f"--{what} {name:<{32 - len(what)}} {count:>4}" for name, count in counted.most_common())
    yield f"\n{_counted(rules)}"


def _counted(rules: Sequence[Rule]) -> str:
    tools = len({rule.tool for rule in rules})
    return f"{len(rules)} rule{'s' * (len(rules) != 1)} over {tools} tool{'s' * (tools != 1)}"


@command.command()
@click.argument("identity", metavar="TOOL/RULE")
def show(identity: str) -> int:
    """Show one rule: what it matches, what it says, and how we know."""
    base = _rules()
    rule = base.by_id.get(identity)
    if rule is None:
        complain(f"there is no rule {identity}.", _nearest_rule(base, identity))
        return 2
    answer(_gated("\n".join([rule.id, *_facts(rule)]) + "\n"), os.environ)
    return 0


def _facts(rule: Rule) -> Iterable[str]:
    """Every field that says something, a line each."""
    rows = {
        "title": rule.title, "kind": rule.kind, "category": rule.category, "ecosystem": rule.ecosystem,
        "literals": ", ".join(map(repr, rule.literals)) + (" (in any case)" if rule.caseless else ""),
        "expression": rule.expression, "requires": " or ".join(map(repr, rule.requires)) + (" in the same log" if rule.requires else ""),
        "captures": "; ".join(f"{capture.where}: {capture.expression}" for capture in rule.captures),
        "explains": ", ".join(rule.explains), "follows": ", ".join(rule.follows), "hides": rule.silent or "", "fix": rule.remedy,
        "or, closer": "; ".join(f"{each.when}: {each.remedy}" for each in rule.advice),
        "commands": "; ".join(each.run for each in rule.commands),
        "minutes": " / ".join(f"{value:g}" for value in rule.minutes) if rule.minutes else "", "reproduce": rule.reproduce,
        "marks": ", ".join(name for name in ("infrastructure", "flaky", "retry", "final") if getattr(rule, name)),
        "seen with": ", ".join(rule.seen), "we know": rule.why,
    }  # fmt: skip
    return (f"  {name:<11}{value}" for name, value in rows.items() if value)


@command.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def lint(folder: Path | None) -> int:
    """Check packs (of FOLDER: *.toml or <ecosystem>/*.toml; otherwise the shipped ones): every fault with its reason."""
    from diagnose.scan.lint import lint as faults_of
    from diagnose.scan.pack import PackError, read_pack
    from diagnose.scan.rulebase import patterns_folder

    root = folder or patterns_folder()
    if not root.is_dir():
        complain(f"there is no folder {root}.", "ci-diagnose patterns lint .ci-diagnose/rules")
        return 2
    packs, faults = [], []
    files = sorted([*root.glob("*.toml"), *root.glob("*/*.toml")])
    if not files:
        complain(
            f"{root} holds no pack: no *.toml, nor one in a folder of it.",
            "ci-diagnose patterns lint .ci-diagnose/rules",
        )
        return 2
    for path in files:
        try:
            packs.append((path, read_pack(path)))
        except PackError as error:
            faults.append(str(error))
    faults += faults_of(packs)
    count = sum(len(pack.rule) for _, pack in packs)
    counted = ((len(packs), "pack"), (count, "rule"), (len(faults), "fault"))
    told = ", ".join(f"{number} {noun}{'s' * (number != 1)}" for number, noun in counted)
    text = "".join(f"{fault}\n" for fault in faults) + f"{told}\n"
    answer(_gated(text), os.environ)
    return 1 if faults else 0


@command.command("try")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rule", "identity", default="", metavar="TOOL/RULE", help="Say for this rule why it does not match.")
@click.option("--line", type=click.IntRange(min=1), default=None, metavar="N", help="Look at this line alone.")
def try_(file: Path, identity: str, line: int | None) -> int:
    """Say which rules a log hits, with line and captures; or why one rule does not match: the literal, part or context that lacks."""
    from diagnose.intake import open_pages
    from diagnose.model.incident import LogFile, Missing
    from diagnose.model.text import Untrusted, phrase
    from diagnose.scan.scanner import Scanner

    base = _rules()
    if identity and identity not in base.by_id:
        complain(f"there is no rule {identity}.", _nearest_rule(base, identity))
        return 2
    pages = open_pages(LogFile(file.name, file))
    if isinstance(pages, Missing):
        complain(phrase("cannot read ", Untrusted(str(file)), ": ", pages.why, "."), "ci-diagnose patterns try FILE")
        return 2
    try:
        scan = Scanner(base).scan(file.name, pages)
        lines = _why_not(base.by_id[identity], scan, line or 0) if identity else _hits(scan, line or 0)
    finally:
        pages.close()
    answer(_gated("\n".join(lines) + "\n"), os.environ)
    return 0


def _nearest_rule(base: RuleBase, identity: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(identity, list(base.by_id), 1, 0.6)
    return f"ci-diagnose patterns show {near[0]}" if near else "ci-diagnose patterns list"


def _why_not(rule: Rule, scan: Scan, line: int) -> list[str]:
    from diagnose.case import redacted
    from diagnose.safety.redact import Redactor
    from diagnose.scan.why import why_not

    redact = Redactor(os.environ).redact
    return why_not(
        rule, scan, line, lambda number, _text: "\n".join(redacted(scan.log, scan.log.lines(number, number), redact))
    )


def _hits(scan: Scan, only: int) -> list[str]:
    from diagnose.case import redacted
    from diagnose.safety.redact import Redactor

    redact = Redactor(os.environ).redact
    matches = [match for match in scan.matches if only in (0, match.line)]
    silenced = {match.line for match in matches if match.rule.kind == "noise"}
    lines = []
    for match in matches:
        # before it is cut: half a secret is not known for one
        text = "\n".join(redacted(scan.log, scan.log.lines(match.line, match.line), redact))
        captured = (
            {name: value if value in text else redact(value) for name, value in dict(match.captures).items()}
            if match.text in text
            else {}
        )
        kind = "silenced" if match.line in silenced and match.rule.kind != "noise" else match.rule.kind
        lines.append(
            f"{match.line:>7}  {match.rule.id:<36} {kind:<8} {text.strip()[:100]}"
            + (f"   {captured}" if captured else "")
        )
    counts = Counter(match.rule.id for match in matches)
    where = f"on line {only}" if only else f"in {scan.log.total} lines ({scan.log.dialect.name})"
    lines.append(f"{len(matches)} hits of {len(counts)} rules {where}")
    return lines


def _gated(text: str) -> str:
    from diagnose.safety.redact import Redactor
    from diagnose.safety.terminal import to_terminal

    return to_terminal(Redactor(os.environ).redact(text))
