"""`ci-diagnose history search WORDS`: patterns by what they say."""

from __future__ import annotations

import os

import click

from diagnose.cli.history.common import opened, shown, state, told
from diagnose.cli.out import answer


@click.command(epilog="Example: ci-diagnose history search 'address already in use'")
@click.argument("words", nargs=-1, required=True)
def command(words: tuple[str, ...]) -> int:
    """Find patterns by words of the message, title or solution."""
    from diagnose.memory.patterns import search as find

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    found = find(store, " ".join(words), now=now)
    if told(found):
        return 3
    rows = tuple(found)  # type: ignore[arg-type]
    if not rows:
        answer("No pattern holds these words.\n", os.environ)
        return 0
    same = sum(row.same for row in rows)
    lines = [f"{same} the same, {len(rows) - same} near"]
    for row in rows:
        how = "same" if row.same else f"near {row.similarity:.2f}"
        lines.append(f"  {row.pattern.id:<8}  {how:<9} {shown(row.pattern.title)[:70]}  {row.pattern.seen} times, {state(row.pattern)}")
    answer("\n".join(lines) + "\n", os.environ)
    return 0
