"""`ci-diagnose history trail`: what each run was asked, looked at, executed, and came to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.history.common import age, answer_json, count, opened, shown
from diagnose.cli.history.filters import When
from diagnose.cli.out import answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


@click.command(epilog="Example: ci-diagnose history trail --since 2d")
@click.option("--since", type=When(), metavar="WHEN", help="Since a day (2026-11-01) or span (36h, 7d).")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=12, metavar="N", help="At most so many runs, the newest (12)."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every command and endpoint.")
def command(since: datetime | None, limit: int, as_json: bool) -> int:  # noqa: FBT001 - click's flag
    """Show the trail of runs, newest first: what was asked, looked at, executed, how long, and what came of it."""
    from diagnose.memory.trail import runs

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    found = runs(
        store.path.parent, limit, lambda run: since is None or run["at"] >= since.isoformat(timespec="seconds")
    )
    if as_json:
        answer_json({"folder": str(store.path.parent), "runs": found})
        return 0
    if not found:
        answer("No run is in the trail yet.\n" if since is None else "No run is in the trail since then.\n", os.environ)
        return 0
    lines = [f"  {'when':<6}  {'took':>7}  {'exit':>4}  {'outcome':<12}  asked"]
    for run in found:
        lines += _row(run, now)
    answer("\n".join(lines) + "\n", os.environ)
    return 0


def _row(run: dict[str, Any], now: datetime) -> Iterator[str]:
    asked = run["asked"]
    target = " ".join(
        shown(str(part))
        for part in (
            asked.get("kind", asked.get("command", "")),
            asked.get("target", ""),
            *_list(asked.get("logs")),
            *_list(asked.get("junit")),
        )
        if part
    )
    seconds = run.get("seconds")
    took = f"{seconds:.1f} s" if isinstance(seconds, int | float) else "?"
    code = run.get("exit")
    yield f"  {age(run['at'], now):<6}  {took:>7}  {code if isinstance(code, int) else '-':>4}  {shown(str(run.get('outcome', '')))[:12]:<12}  {target[:90]}"
    looked = run.get("looked_at")
    looked = looked if isinstance(looked, dict) else {}
    said = run.get("said")
    causes = _list(said.get("causes")) if isinstance(said, dict) else []
    parts = [
        count(looked[name], name.removesuffix("s"))
        for name in ("logs", "requests")
        if isinstance(looked.get(name), int) and looked[name]
    ]
    parts += [f"ran {shown(' '.join(map(str, _list(one))))[:60]}" for one in _list(run.get("executed"))[:3]]
    parts += [
        f"{shown(str(one.get('log', '')))}:{shown(str(one.get('line')))} {shown(str(one.get('rule') or 'no rule'))}"
        for one in causes[:1]
        if isinstance(one, dict)
    ]
    if parts:
        yield f"  {'':<6}  {'':>7}  {'':>4}  {' · '.join(parts)}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
