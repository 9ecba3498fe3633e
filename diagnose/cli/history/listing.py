"""`ci-diagnose history list`: the patterns, newest first."""

from __future__ import annotations

import os

import click

from diagnose.cli.history.common import opened, shown, state, told
from diagnose.cli.out import answer

_SHOWN = 12


@click.command(epilog="Example: ci-diagnose history list --all")
@click.option("--all", "every", is_flag=True, help="All, not only the newest.")
@click.option("--repo", default=None, metavar="OWNER/NAME", help="Only of this repository.")
def command(every: bool = False, repo: str | None = None) -> int:  # noqa: FBT001, FBT002 - click's flag
    """List the patterns, newest first."""
    from diagnose.memory.patterns import list_patterns

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    found = list_patterns(store, now=now, repository=repo)
    if told(found):
        return 3
    patterns = tuple(found)  # type: ignore[arg-type]
    if not patterns:
        answer("Nothing is recorded yet. It fills as you diagnose.\n", os.environ)
        return 0
    lines = [f"{len(patterns)} patterns, {sum(pattern.seen for pattern in patterns)} failures    {shown(str(store.path))}", ""]
    lines.append(f"  {'id':<8}  {'seen':>4}  {'last':<10}  {'state':<16} title")
    lines += [
        f"  {pattern.id:<8}  {pattern.seen:>4}  {pattern.last_seen[:10]:<10}  {state(pattern):<16} {shown(pattern.title)[:90]}"
        for pattern in (patterns if every else patterns[:_SHOWN])
    ]
    if not every and len(patterns) > _SHOWN:
        lines.append(f"  {len(patterns) - _SHOWN} more: --all")
    answer("\n".join(lines) + "\n", os.environ)
    return 0
