"""`ci-diagnose history rebuild`: the database again from the record of this checkout."""

from __future__ import annotations

import click

from diagnose.cli.history.common import opened, record_path
from diagnose.cli.history.taking_in import record
from diagnose.cli.out import complain
from diagnose.cli.trail import trailed


@click.command(epilog="Example: ci-diagnose history rebuild --repo acme/app")
@click.option("--repo", default=None, metavar="OWNER/NAME", help="The repository of entries that name none.")
@trailed("history rebuild")
def command(repo: str | None) -> int:
    """Bring what DISCOVERIES.md of this folder says into the database; what a merge cut is named, and not taken."""
    found_store = opened()
    if found_store is None:
        return 2
    path = record_path()
    if not path.is_file():
        complain(f"there is no {path} in this folder.", "ci-diagnose history import FILE")
        return 2
    return record(*found_store, path, repo)
