"""`ci-diagnose history html`: the history as one static page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from diagnose.cli.history.common import UNREAD, opened, read, shown
from diagnose.cli.history.filters import filters, named, wanted
from diagnose.cli.out import answer, complain


@click.command(epilog="Example: ci-diagnose history html --output public/ci-history.html")
@filters
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("ci-diagnose-history.html"),
    metavar="FILE",
    help="Where to; else ci-diagnose-history.html.",
)
def command(output: Path, **options: Any) -> int:
    """Write one page to browse the history: search, filters, a section for each pattern, charts. Prints its path.

    It needs no server and loads nothing; it may be attached to a run or put on a site as it is. Whoever opens it sees titles, lines of logs and names of
    jobs and tests: think of that before it becomes public.
    """
    from diagnose.history.chosen import chosen, last_day
    from diagnose.history.page import history_page
    from diagnose.memory.history import read_history

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    asked = wanted(options)
    history = read(read_history(store, now=now))
    if history is None:
        return UNREAD
    why = answer(
        history_page(chosen(history, asked), last_day(asked, now), filtered=bool(named(options))), os.environ, output
    )
    if why:
        complain(f"cannot write the page: {why}", "--output FILE, in a folder that may be written")
        return 3
    answer(shown(str(output)) + "\n", os.environ)
    return 0
