"""`ci-diagnose history prune`: what nobody needs goes."""

from __future__ import annotations

import os

import click

from diagnose.cli.history.common import UNREAD, count, opened, read
from diagnose.cli.out import answer
from diagnose.cli.trail import trailed


@click.command(epilog="Example: ci-diagnose history prune --days 180")
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    default=None,
    metavar="N",
    help="Unsolved patterns that were not met for so long (400).",
)
@trailed("history prune")
def command(days: int | None) -> int:
    """Drop old patterns that nobody solved, old passing runs, and sightings beyond a thousand a pattern. Solutions stay."""
    from diagnose.memory.remove import KEPT_DAYS, prune

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    done = read(prune(store, now=now, days=days or KEPT_DAYS))
    if done is None:
        return UNREAD
    answer(
        f"{count(done.patterns, 'pattern')}, {count(done.sightings, 'sighting')}, {count(done.greens, 'passing run')} dropped.\n",
        os.environ,
    )
    return 0
