"""`ci-diagnose history show ID`: one pattern."""

from __future__ import annotations

import os

import click

from diagnose.cli.history.common import opened, shown, state, told
from diagnose.cli.out import answer, complain


@click.command(epilog="Example: ci-diagnose history show 6f1a")
@click.argument("identity", metavar="ID")
def command(identity: str) -> int:
    """Show one pattern: what it was, what fixed it, when it was seen."""
    from diagnose.memory.patterns import show as details

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    found = details(store, identity, now=now)
    if told(found):
        return 3
    if not found:
        complain(f"no pattern's id begins with {identity}.", "ci-diagnose history list")
        return 2
    lines: list[str] = []
    for detail in found:  # type: ignore[union-attr]
        pattern = detail.pattern
        lines += [shown(pattern.title), f"  {pattern.id} · {shown(pattern.repository) or 'any repository'} · {pattern.category} · {state(pattern)}", ""]
        lines += [f"  {label:<6} {shown(value)}" for label, value in (("why", pattern.root_cause), ("fix", pattern.solution), ("by", pattern.fixed_by)) if value]
        lines += [
            f"  {'seen' if place == 0 else '':<6} {sighting.at[:16]}  {shown(sighting.target)}  line {sighting.line}"
            for place, sighting in enumerate(detail.sightings)
        ]
        lines.append("")
    answer("\n".join(lines), os.environ)
    return 0
