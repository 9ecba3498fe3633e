"""`ci-diagnose history forget ID`: removal in one command, from the database and the record."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.history.common import UNREAD, count, one_pattern, opened, read, record_path, shown, told
from diagnose.cli.history.filters import When
from diagnose.cli.out import answer, complain
from diagnose.cli.trail import trailed

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.remove import Removed
    from diagnose.memory.store import Store


@click.command(
    epilog="Example: ci-diagnose history forget 6f1a    or: history forget --repo acme/app --before 2026-01-01"
)
@click.argument("identity", metavar="[ID]", default="")
@click.option("--repo", default="", metavar="OWNER/NAME", help="All of a repository; with an ID: of this repository.")
@click.option(
    "--before",
    type=When(),
    metavar="WHEN",
    help="What was met before a day (2026-01-01) and not since, or longer ago than a span (1y).",
)
@click.option("--yes", is_flag=True, help="Without asking.")
@trailed("history forget")
def command(identity: str, **options: Any) -> int:
    """Forget a pattern and all that hangs on it; or a repository, or what is old."""
    if not identity and not options["repo"] and not options["before"]:
        complain(
            "say what is to be forgotten.", "ci-diagnose history forget ID    or --repo OWNER/NAME, --before 2026-01-01"
        )
        return 2
    found_store = opened()
    if found_store is None:
        return 2
    if identity:
        return _one(*found_store, identity, options["repo"], options["before"])
    return _many(found_store[0], options)


def _one(store: Store, now: datetime, identity: str, repo: str, before: datetime | None) -> int:
    from diagnose.memory.remove import forget
    from diagnose.safety.plain import plain

    found = one_pattern(store, identity, repo, now)
    if isinstance(found, int):
        return found
    done = read(forget(store, ident=found.pattern.id, repository=plain(found.pattern.repository), before=before))
    if done is None:
        return UNREAD
    lines = [f"Forgotten: {shown(found.pattern.title)[:90]} ({shown(found.pattern.id)}). {_went(done)}"]
    if done.patterns:
        where = _withdraw(found.pattern.id)
        if where is None:
            return UNREAD
        lines += [f"Withdrawn at {where}, so that no merge brings it back."] if where else []
    answer("\n".join(lines) + "\n", os.environ)
    return 0


def _withdraw(ident: str) -> str | None:
    """Take the record's entry back. Returns its place, "" where there is none to take back, None when that failed, which was said."""
    from diagnose.cli.places import cache_folder
    from diagnose.memory.append import rewrite
    from diagnose.memory.withdraw import withdrawn

    path = record_path()
    place = 0

    def change(text: str) -> str:
        nonlocal place
        after, place = withdrawn(text, ident)
        return after

    if told(rewrite(path, change, locks=cache_folder())):
        return None
    return f"{path}:{place}" if place else ""


def _many(store: Store, options: dict[str, Any]) -> int:
    from diagnose.memory.remove import forget

    what = " ".join(
        filter(
            None,
            (
                f"of {shown(options['repo'])}" if options["repo"] else "",
                f"before {options['before']:%Y-%m-%d %H:%M} UTC" if options["before"] else "",
            ),
        )
    )
    if not options["yes"]:
        if not sys.stdin.isatty():
            complain(f"all {what} would be forgotten, and nobody can be asked.", "--yes")
            return 2
        if not click.confirm(f"Forget all {what}?", err=True):
            answer("Nothing was forgotten.\n", os.environ)
            return 0
    done = read(forget(store, repository=options["repo"] or None, before=options["before"]))
    if done is None:
        return UNREAD
    answer(f"Forgotten {what}: {_went(done)}\n", os.environ)
    return 0


def _went(done: Removed) -> str:
    return f"{count(done.patterns, 'pattern')}, {count(done.sightings, 'sighting')}, {count(done.greens, 'passing run')} removed."
