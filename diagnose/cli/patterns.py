"""`ci-diagnose patterns`: what is known, and why a rule fires or does not."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diagnose.cli.out import answer, complain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.scan.rule import Rule
    from diagnose.scan.rulebase import RuleBase
    from diagnose.scan.scanner import Scan


@click.group(epilog="Example: ci-diagnose patterns list --category dependency")
def command() -> None:
    """What the rules know: list them, show one, lint packs, try a log."""


def _rules() -> RuleBase:
    from diagnose.api import rules_for
    from diagnose.cli.places import world

    return rules_for(world(os.environ))


@command.command("list")
@click.option("--tool", default="", help="Only this tool.")
@click.option("--category", default="", help="Only this category.")
def list_(tool: str, category: str) -> int:
    """List the rules, or how many there are of each tool and category."""
    base = _rules()
    rules = [rule for rule in base.rules if tool in ("", rule.tool) and category in ("", rule.category)]
    for problem in base.problems:
        complain(problem)
    if not rules:
        complain(f"no rule of tool {tool or 'any'} and category {category or 'any'}.", "ci-diagnose patterns list")
        return 2
    lines = list(_overview(rules)) if not tool and not category else [f"{rule.id:<40} {rule.kind:<8} {rule.category:<14} {rule.title}" for rule in rules]
    answer("\n".join(lines) + "\n", os.environ)
    return 0


def _overview(rules: Iterable[Rule]) -> Iterable[str]:
    tools: dict[str, list[Rule]] = {}
    for rule in rules:
        tools.setdefault(f"{rule.ecosystem}/{rule.tool}", []).append(rule)
    for name, owned in sorted(tools.items()):
        counts = Counter(rule.category for rule in owned)
        yield f"{name:<34} {len(owned):>3}  {', '.join(f'{category} {count}' for category, count in counts.most_common(4))}"
    yield f"\n{sum(map(len, tools.values()))} rules over {len(tools)} tools"


@command.command()
@click.argument("identity", metavar="TOOL/RULE")
def show(identity: str) -> int:
    """Show one rule: what it matches, what it says, and how we know."""
    from difflib import get_close_matches

    base = _rules()
    rule = base.by_id.get(identity)
    if rule is None:
        near = get_close_matches(identity, list(base.by_id), 1, 0.5)
        complain(f"there is no rule {identity}.", f"ci-diagnose patterns show {near[0]}" if near else "ci-diagnose patterns list")
        return 2
    rows = {
        "title": rule.title, "kind": rule.kind, "category": rule.category, "literals": ", ".join(map(repr, rule.literals)),
        "expression": rule.expression, "requires": ", ".join(map(repr, rule.requires)), "fix": rule.remedy,
        "minutes": " / ".join(f"{value:g}" for value in rule.minutes) if rule.minutes else "", "reproduce": rule.reproduce,
        "seen with": ", ".join(rule.seen), "we know": rule.why,
    }  # fmt: skip
    answer("\n".join([rule.id, *(f"  {name:<11}{value}" for name, value in rows.items() if value)]) + "\n", os.environ)
    return 0


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
    for path in sorted([*root.glob("*.toml"), *root.glob("*/*.toml")]):
        try:
            packs.append((path, read_pack(path)))
        except PackError as error:
            faults.append(str(error))
    faults += faults_of(packs)
    count = sum(len(pack.rule) for _, pack in packs)
    text = "".join(f"{fault}\n" for fault in faults) + f"{len(packs)} packs, {count} rules, {len(faults)} faults\n"
    answer(_gated(text), os.environ)
    return 1 if faults else 0


@command.command("try")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rule", "identity", default="", metavar="TOOL/RULE", help="Say for this rule why it does not match.")
def try_(file: Path, identity: str) -> int:
    """Say which rules a log hits, with line and captures; or why one rule does not match."""
    from diagnose.intake import open_pages
    from diagnose.model.incident import LogFile, Missing
    from diagnose.scan.scanner import Scanner

    base = _rules()
    if identity and identity not in base.by_id:
        complain(f"there is no rule {identity}.", "ci-diagnose patterns list")
        return 2
    pages = open_pages(LogFile(file.name, file))
    if isinstance(pages, Missing):
        complain(pages.why, "ci-diagnose patterns try FILE")
        return 2
    try:
        scan = Scanner(base).scan(file.name, pages)
        lines = _why_not(base.by_id[identity], scan) if identity else _hits(scan)
    finally:
        pages.close()
    answer(_gated("\n".join(lines) + "\n"), os.environ)
    return 0


def _why_not(rule: Rule, scan: Scan) -> list[str]:
    from diagnose.scan.why import why_not

    return list(why_not(rule, scan))


def _hits(scan: Scan) -> list[str]:
    from diagnose.case import redacted
    from diagnose.safety.redact import Redactor

    redact = Redactor(os.environ).redact
    lines = []
    for match in scan.matches:
        # before it is cut: half a secret is not known for one
        text = "\n".join(redacted(scan.log, scan.log.lines(match.line, match.line), redact))
        captured = {name: value if value in text else redact(value) for name, value in dict(match.captures).items()} if match.text in text else {}
        lines.append(f"{match.line:>7}  {match.rule.id:<36} {text.strip()[:100]}" + (f"   {captured}" if captured else ""))
    counts = Counter(match.rule.id for match in scan.matches)
    lines.append(f"{len(scan.matches)} hits of {len(counts)} rules in {scan.log.total} lines ({scan.log.dialect.name})")
    return lines


def _gated(text: str) -> str:
    from diagnose.safety.redact import Redactor
    from diagnose.safety.terminal import to_terminal

    return to_terminal(Redactor(os.environ).redact(text))
