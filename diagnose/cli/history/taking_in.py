"""`ci-diagnose history import FILE`: an export, or a written record, into the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from diagnose.cli.history.common import UNREAD, count, opened, read
from diagnose.cli.out import answer, complain
from diagnose.cli.trail import trailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from diagnose.memory.entry import Entry
    from diagnose.memory.store import Store

LARGEST: Final = 512 << 20
"""Bytes of a file that is read."""

_PROBLEMS = 10


@click.command(epilog="Example: ci-diagnose history import colleague.jsonl    or: history import DISCOVERIES.md")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--repo",
    default=None,
    metavar="OWNER/NAME",
    help="Of a record: the repository that it is about, where its entries do not say.",
)
@trailed("history import")
def command(file: Path, repo: str | None) -> int:
    """Take an export (JSON lines) or a record (Markdown) in; what is known already is not lost, and doing it twice changes nothing more."""
    found_store = opened()
    if found_store is None:
        return 2
    try:
        if file.stat().st_size > LARGEST:
            complain(f"{file} is larger than {LARGEST >> 20} MiB.", "history import of its parts")
            return 2
        with file.open("rb") as opened_file:
            begins = opened_file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        complain(f"cannot read {file}: {error.strerror or error}.", "history import DISCOVERIES.md")
        return 2
    return _rows(*found_store, file) if begins.startswith(b"{") else record(*found_store, file, repo)


def _rows(store: Store, now: datetime, file: Path) -> int:
    from diagnose.memory.transfer import LONGEST_LINE, rows_in
    from diagnose.safety.redact import Redactor

    def lines() -> Iterator[str]:
        with file.open("rb") as opened_file:
            while line := opened_file.readline(8 * LONGEST_LINE):  # what is longer comes in parts, each refused
                yield line.decode("utf-8", "replace")

    done = read(rows_in(store, lines(), redact=Redactor(os.environ).redact, now=now))
    if done is None:
        return UNREAD
    answer(f"{count(done.rows, 'row')} read, {done.new:,} new or changed, {done.refused:,} refused.\n", os.environ)
    for problem in done.problems[:_PROBLEMS]:
        complain(f"{file}:{problem.line} {problem.message}")
    if done.refused > _PROBLEMS:
        complain(f"{done.refused - _PROBLEMS:,} more lines were refused.")
    return 2 if done.refused and not done.rows else 0


def record(store: Store, now: datetime, file: Path, repo: str | None) -> int:
    """Bring a written record into the database. repo: of entries that name no repository. Returns the exit code."""
    from diagnose.memory.append import read as read_record
    from diagnose.memory.discoveries import parse
    from diagnose.memory.recognise import rebuild
    from diagnose.memory.vetted import vetted
    from diagnose.safety.redact import Redactor

    text = read(read_record(file))
    if text is None:
        return UNREAD
    entries, doubts = parse(text)
    for doubt in doubts:
        complain(f"{file}:{doubt.line} {doubt.message}.")
    redact = Redactor(os.environ).redact
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.repository or repo or "", []).append(vetted(entry, redact))
    changed = 0
    for repository, group in groups.items():
        done = read(rebuild(store, group, repository=repository, now=now))
        if done is None:
            return UNREAD
        changed += done
    answer(
        f"{count(len(entries), 'entry', 'entries')} read, {count(changed, 'pattern')} new or changed{f', {len(doubts)} doubtful' if doubts else ''}.\n",
        os.environ,
    )
    return 2 if doubts and not entries else 0
