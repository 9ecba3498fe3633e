"""`ci-diagnose history stats`: the figures of the history against their targets."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from diagnose.cli.history.common import UNREAD, answer_json, opened, read
from diagnose.cli.history.filters import filters, named, wanted
from diagnose.cli.out import answer, encodes


@click.command(epilog="Example: ci-diagnose history stats --since 12w --repo acme/app")
@filters
@click.option("--json", "as_json", is_flag=True, help="As JSON: shares 0 to 1, times in minutes.")
def command(as_json: bool, **options: Any) -> int:  # noqa: FBT001 - click's flag
    """How much failed, how often it was known, how sure the answers were, how soon it was green again.

    Targets: over 60 % of repeats recognised, under 20 % escalated, confidence over 0.70, known failures green sooner than new ones.
    """
    from diagnose.history.chosen import chosen, last_day
    from diagnose.history.figures import figures
    from diagnose.history.stats import EMPTY, NONE_FIT, stats_sentences, stats_text, stats_tree
    from diagnose.memory.history import read_history

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    asked = wanted(options)
    history = read(read_history(store, now=now))
    if history is None:
        return UNREAD
    today = last_day(asked, now)
    part = chosen(history, asked)
    found = figures(part, today)
    if as_json:
        answer_json({"filters": named(options), **stats_tree(found)})
    elif not history.events and not history.patterns:
        answer(EMPTY, os.environ)
    elif named(options) and not part.events:
        answer(NONE_FIT, os.environ)
    elif _plain():
        answer(stats_sentences(found, today), os.environ)
    else:
        answer(stats_text(found, today, ascii_only=not encodes(sys.stdout)), os.environ)
    return 0


def _plain() -> bool:
    """Whether the reader wants sentences: by the settings, or a terminal that can do no more."""
    from diagnose.cli.places import settings

    return settings(os.environ)[0].plain or os.environ.get("TERM") == "dumb"
