"""`ci-diagnose history list`: the patterns, newest first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.history.common import (
    UNREAD,
    age,
    answer_json,
    count,
    cut,
    document,
    opened,
    read,
    shown,
    state,
    width,
)
from diagnose.cli.history.filters import filters, named, wanted
from diagnose.cli.out import answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from diagnose.memory.rows import Pattern

_SHOWN = 12
_LEAST = 20
NOTHING = "Nothing is recorded yet. It fills as you diagnose; `history import DISCOVERIES.md` reads an older record.\n"


@click.command(epilog="Example: ci-diagnose history list --since 2w --category test")
@filters
@click.option("--all", "every", is_flag=True, help="All, not only the newest.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, all of them.")
def command(**options: Any) -> int:
    """List the patterns, newest first."""
    from diagnose.memory.patterns import list_patterns

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    patterns = read(list_patterns(store, now=now, wanted=wanted(options), limit=100_000))
    if patterns is None:
        return UNREAD
    if options["as_json"]:
        answer_json(
            {
                "store": str(store.path),
                "filters": named(options),
                "patterns": [document(pattern) for pattern in patterns],
            }
        )
        return 0
    if not patterns:
        answer(
            f"No pattern fits: {', '.join(f'{name} {shown(value)}' for name, value in named(options).items())}.\n"
            if named(options)
            else NOTHING,
            os.environ,
        )
        return 0
    rows = patterns if options["every"] else patterns[:_SHOWN]
    states = max(len("state"), *(len(state(pattern)) for pattern in rows))
    head = f"{_summary(patterns, now)}    "
    lines = [head + cut(shown(str(store.path.parent)), max(_LEAST, width() - len(head)))]
    lines += ["", f"  {'id':<8}  {'seen':>4}  {'last':<6}    {'state':<{states}} title"]
    lines += [_row(pattern, now, states) for pattern in rows]
    if not options["every"] and len(patterns) > _SHOWN:
        lines.append(f"  {len(patterns) - _SHOWN} more: --all    show ID · search WORDS · stats · html")
    answer("\n".join(lines) + "\n", os.environ)
    return 0


def _summary(patterns: Sequence[Pattern], now: datetime) -> str:
    failures = sum(pattern.seen for pattern in patterns)
    first = min((pattern.first_seen for pattern in patterns if pattern.first_seen), default="")
    again = round(100 * (failures - len(patterns)) / failures)
    return f"{count(len(patterns), 'pattern')}, {count(failures, 'failure')}{f' in {age(first, now)}' if first else ''}, {again} % seen before"


def _row(pattern: Pattern, now: datetime, states: int) -> str:
    mark = "!" if pattern.state == "came-back" else " "
    row = f"  {shown(pattern.id)[:8]:<8}  {pattern.seen:>4}  {age(pattern.last_seen, now):<6}  {mark} {state(pattern):<{states}} "
    return row + cut(shown(pattern.title), max(_LEAST, width() - len(row)))
