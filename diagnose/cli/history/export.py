"""`ci-diagnose history export`: the database as JSON lines, or what is solved of it as DISCOVERIES.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diagnose.cli.history.common import UNREAD, count, opened, read, told
from diagnose.cli.out import answer, complain, tell

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.store import Store


@click.command(epilog="Example: ci-diagnose history export --discoveries DISCOVERIES.md")
@click.argument("file", required=False, metavar="[FILE]", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--discoveries",
    is_flag=True,
    help="Solved patterns in the form of DISCOVERIES.md: a FILE that is there gets those it lacks, and its Seen lines anew.",
)
@click.option("--repo", default=None, metavar="OWNER/NAME", help="Only of this repository.")
def command(file: Path | None, discoveries: bool, repo: str | None) -> int:  # noqa: FBT001 - click's flag
    """Write the database as JSON lines (for `history import`), on standard output or to FILE."""
    found_store = opened()
    if found_store is None:
        return 2
    if discoveries:
        return _discoveries(*found_store, file, repo)
    from diagnose.memory.transfer import rows_out

    rows = read(rows_out(found_store[0], repository=repo))
    if rows is None:
        return UNREAD
    problem = answer("\n".join(rows) + "\n", os.environ, file)
    if problem:
        complain(f"the export could not be written: {problem}.", "a FILE in a folder that can be written")
        return UNREAD
    if file:
        tell(f"{count(len(rows) - 1, 'row')} written.")
    return 0


def _discoveries(store: Store, now: datetime, file: Path | None, repo: str | None) -> int:
    from diagnose.cli.places import cache_folder
    from diagnose.memory.append import rewrite
    from diagnose.memory.refresh import entries_of, refreshed

    entries = read(entries_of(store, now=now, repository=repo))
    if entries is None:
        return UNREAD
    if file is None:
        answer(refreshed("", entries)[0], os.environ)
        return 0
    counts = (0, 0)

    def change(text: str) -> str:
        nonlocal counts
        after, *counts = refreshed(text, entries)  # type: ignore[assignment]
        return after

    if told(rewrite(file, change, locks=cache_folder())):
        return UNREAD
    new, anew = counts
    tell(f"{count(new, 'entry', 'entries')} added, {count(anew, 'Seen line')} anew.")
    return 0
