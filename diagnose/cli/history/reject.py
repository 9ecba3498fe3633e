"""`ci-diagnose history reject ID`: a failure was taken for a pattern that it is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.history.common import UNREAD, count, one_pattern, opened, read, record_path, shown, told
from diagnose.cli.out import answer, complain
from diagnose.cli.trail import trailed

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store


@click.command(epilog="Example: ci-diagnose history reject 6f1a")
@click.argument("identity", metavar="ID")
@click.option(
    "--cause",
    default="",
    metavar="CAUSE",
    help="The cause of the last answer that is not this pattern; otherwise the one that it was shown with.",
)
@click.option("--repo", default="", metavar="OWNER/NAME", help="Of this repository, where several have the id.")
@trailed("history reject")
def command(identity: str, cause: str, repo: str) -> int:
    """Say that the last answer's failure is not this pattern. The two never match again; two rejections silence a pattern."""
    from diagnose.cli.person import person
    from diagnose.memory.reject import Rejection, refute
    from diagnose.safety.plain import plain

    found_store = opened()
    if found_store is None:
        return 2
    store, now = found_store
    _from_record(store, identity, now)
    found = one_pattern(store, identity, repo, now)
    if isinstance(found, int):
        return found
    failure = _failure(found.pattern.id, cause)
    if failure is None:
        return 2
    title, signature, similarity = failure
    done = read(
        refute(
            store,
            Rejection(found.pattern.id, plain(found.pattern.repository), signature, person(), similarity),
            now=now,
        )
    )
    if done is None:
        return UNREAD
    name = shown(done.pattern.id)
    what = (
        f'"{shown(title)[:70]}" is not {name}'
        if title
        else f"{name} is rejected as a whole: it was not shown with the last answer"
    )
    lines = [f"{'Kept' if done.new else 'Known already'}: {what}."]
    if done.moved:
        lines.append(
            f"{count(done.moved, 'sighting')} of it {'is' if done.moved == 1 else 'are'} pattern {done.apart} now."
        )
    lines.append(
        f"{name} was rejected {count(done.pattern.wrong, 'time')}"
        + (" and is silent from now on." if done.pattern.state == "wrong" else ".")
    )
    answer("\n".join(lines) + "\n", os.environ)
    return 0


def _from_record(store: Store, identity: str, now: datetime) -> None:
    """Bring an entry of the record that the database does not know into it: a rejection is kept there."""
    from diagnose.cli.state import last
    from diagnose.memory.append import read as read_record
    from diagnose.memory.discoveries import parse
    from diagnose.memory.recognise import rebuild

    document = last()
    text = read_record(record_path())
    entries = (
        [entry for entry in parse(text)[0] if entry.id == identity and not entry.state] if isinstance(text, str) else []
    )
    repository = str(document["told"].get("repository", "")) if document else ""
    if entries:
        told(rebuild(store, entries, repository=repository, now=now))


def _failure(ident: str, identity: str) -> tuple[str, Signature | None, float | None] | None:
    """Return title, signature and similarity of the failure that was taken for the pattern, empty ones where none was; None: said why not."""
    from diagnose.cli.state import cause_of, last, signature_of

    document = last()
    known: list[dict[str, Any]] = document["report"].get("known_patterns") or [] if document else []
    match = next((one for one in known if one.get("pattern") == ident), None)
    if identity or (document and match):
        asked = identity or (match or {}).get("cause") or "c1"
        cause = cause_of(document, asked) if document else None
        if document is None or cause is None:
            complain(f"the last answer has no cause {asked}.", "ci-diagnose --log build.log    and then history reject")
            return None
        signature = signature_of(document, cause)
        if signature is not None:
            return str(cause["title"]), signature, float(match["similarity"]) if match else None
    return "", None, None
