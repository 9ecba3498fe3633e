"""`ci-diagnose history search WORDS`: patterns by what they say."""

from __future__ import annotations

import os
from typing import Any

import click

from diagnose.cli.history.common import UNREAD, answer_json, count, document, opened, read, shown, state
from diagnose.cli.history.filters import filters, named, wanted
from diagnose.cli.out import answer


@click.command(epilog="Example: ci-diagnose history search 'address already in use'")
@click.argument("words", nargs=-1, required=True)
@filters
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(words: tuple[str, ...], **options: Any) -> int:
    """Find patterns by a line of a log, or by words of the message, title or solution."""
    from diagnose.memory.patterns import search as find

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    rows = read(find(store, " ".join(words), now=now, wanted=wanted(options)))
    if rows is None:
        return UNREAD
    if options["as_json"]:
        answer_json({
            "query": " ".join(words), "filters": named(options),
            "patterns": [{**document(row.pattern), "similarity": round(row.similarity, 3), "same": row.same} for row in rows],
        })  # fmt: skip
        return 0
    if not rows:
        answer("No pattern holds these words.\n", os.environ)
        return 0
    same = sum(row.same for row in rows)
    lines = [f"{count(same, 'pattern is', 'patterns are')} the same, {len(rows) - same} near"]
    for row in rows:
        how = "same" if row.same else f"near {row.similarity:.2f}"
        lines.append(
            f"  {shown(row.pattern.id)[:8]:<8}  {how:<9}  {shown(row.pattern.title)[:70]:<50}  {count(row.pattern.seen, 'time')}, {state(row.pattern)}"
        )
    answer("\n".join(lines) + "\n", os.environ)
    return 0
