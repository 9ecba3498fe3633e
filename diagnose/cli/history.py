"""`ci-diagnose history`: what failed before, and what helped."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.out import answer, complain

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.rows import Pattern
    from diagnose.memory.store import Store

_SHOWN = 12


@click.group(invoke_without_command=True, epilog="Example: ci-diagnose history search 'address already in use'")
@click.pass_context
def command(context: click.Context) -> int:
    """What failed before, and what helped: list, show, search."""
    if context.invoked_subcommand is None:
        return int(context.invoke(list_) or 0)
    return 0


def _store() -> tuple[Store, datetime] | None:
    from diagnose.cli.places import data_folder, settings
    from diagnose.config import ConfigError
    from diagnose.kit.clock import system_clock
    from diagnose.memory.store import Store
    from diagnose.remember import store_path

    try:
        config, _ = settings(os.environ)
    except ConfigError as error:
        complain(str(error))
        return None
    path = store_path(config, data_folder())
    if path is None:
        complain("memory is off.", "CI_DIAGNOSE_MEMORY=true ci-diagnose history")
        return None
    return Store(path, time.sleep), system_clock().now()


def _told(found: Any) -> bool:
    """Say a store's problem; True when it was one."""
    from diagnose.memory.problem import StoreProblem

    if isinstance(found, StoreProblem):
        complain(found.message, found.remedy)
        return True
    return False


def _shown(text: object) -> str:
    from diagnose.safety.terminal import to_terminal

    return " ".join(to_terminal(text).split())  # type: ignore[arg-type]


def _state(pattern: Pattern) -> str:
    if pattern.state in ("resolved", "came-back") and pattern.minutes is not None:
        return f"{'came back, ' if pattern.state == 'came-back' else ''}fixed {pattern.minutes:g} min"
    return pattern.state.replace("-", " ")


@command.command("list")
@click.option("--all", "every", is_flag=True, help="All, not only the newest.")
@click.option("--repo", default=None, metavar="OWNER/NAME", help="Only of this repository.")
def list_(every: bool = False, repo: str | None = None) -> int:  # noqa: FBT001, FBT002 - click's flag
    """List the patterns, newest first."""
    from diagnose.memory.patterns import list_patterns

    opened = _store()
    if opened is None:
        return 2
    store, now = opened
    found = list_patterns(store, now=now, repository=repo)
    if _told(found):
        return 3
    patterns = tuple(found)  # type: ignore[arg-type]
    if not patterns:
        answer("Nothing is recorded yet. It fills as you diagnose.\n", os.environ)
        return 0
    lines = [f"{len(patterns)} patterns, {sum(pattern.seen for pattern in patterns)} failures    {_shown(str(store.path))}", ""]
    lines.append(f"  {'id':<8}  {'seen':>4}  {'last':<10}  {'state':<16} title")
    lines += [
        f"  {pattern.id:<8}  {pattern.seen:>4}  {pattern.last_seen[:10]:<10}  {_state(pattern):<16} {_shown(pattern.title)[:90]}"
        for pattern in (patterns if every else patterns[:_SHOWN])
    ]
    if not every and len(patterns) > _SHOWN:
        lines.append(f"  {len(patterns) - _SHOWN} more: --all")
    answer("\n".join(lines) + "\n", os.environ)
    return 0


@command.command()
@click.argument("identity", metavar="ID")
def show(identity: str) -> int:
    """Show one pattern: what it was, what fixed it, when it was seen."""
    from diagnose.memory.patterns import show as details

    opened = _store()
    if opened is None:
        return 2
    store, now = opened
    found = details(store, identity, now=now)
    if _told(found):
        return 3
    if not found:
        complain(f"no pattern's id begins with {identity}.", "ci-diagnose history list")
        return 2
    lines: list[str] = []
    for detail in found:  # type: ignore[union-attr]
        pattern = detail.pattern
        lines += [_shown(pattern.title), f"  {pattern.id} · {_shown(pattern.repository) or 'any repository'} · {pattern.category} · {_state(pattern)}", ""]
        lines += [f"  {label:<6} {_shown(value)}" for label, value in (("why", pattern.root_cause), ("fix", pattern.solution), ("by", pattern.fixed_by)) if value]
        lines += [
            f"  {'seen' if place == 0 else '':<6} {sighting.at[:16]}  {_shown(sighting.target)}  line {sighting.line}"
            for place, sighting in enumerate(detail.sightings)
        ]
        lines.append("")
    answer("\n".join(lines), os.environ)
    return 0


@command.command()
@click.argument("words", nargs=-1, required=True)
def search(words: tuple[str, ...]) -> int:
    """Find patterns by words of the message, title or solution."""
    from diagnose.memory.patterns import search as find

    opened = _store()
    if opened is None:
        return 2
    store, now = opened
    found = find(store, " ".join(words), now=now)
    if _told(found):
        return 3
    rows = tuple(found)  # type: ignore[arg-type]
    if not rows:
        answer("No pattern holds these words.\n", os.environ)
        return 0
    same = sum(row.same for row in rows)
    lines = [f"{same} the same, {len(rows) - same} near"]
    for row in rows:
        how = "same" if row.same else f"near {row.similarity:.2f}"
        lines.append(f"  {row.pattern.id:<8}  {how:<9} {_shown(row.pattern.title)[:70]}  {row.pattern.seen} times, {_state(row.pattern)}")
    answer("\n".join(lines) + "\n", os.environ)
    return 0
