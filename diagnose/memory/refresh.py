"""DISCOVERIES.md brought up to date from the database: the one time that what stands there is edited, and only how often and when last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.memory.discoveries import HEAD, parse, sections
from diagnose.memory.entry import Entry, render
from diagnose.memory.patterns import ANY, list_patterns
from diagnose.memory.problem import StoreProblem
from diagnose.memory.propose import MOST_SURE
from diagnose.memory.rows import AUTOMATIC
from diagnose.memory.signature import sign
from diagnose.memory.wanted import Wanted
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from diagnose.memory.rows import Pattern
    from diagnose.memory.store import Store

LARGEST_EXPORT = 20_000


def entries_of(store: Store, *, now: datetime, repository: str | None = None) -> list[Entry] | StoreProblem:
    """Return an entry for every pattern whose solution somebody vouches for: a person, the record, or two fixes alike. Oldest first."""
    found = list_patterns(
        store, now=now, wanted=ANY if repository is None else Wanted(repository=repository), limit=LARGEST_EXPORT
    )
    if isinstance(found, StoreProblem):
        return found
    return [_entry(pattern) for pattern in reversed(found) if _vouched(pattern)]


def _vouched(pattern: Pattern) -> bool:
    if not pattern.solution or pattern.state not in ("resolved", "came-back", "stale"):
        return False
    return pattern.how not in AUTOMATIC or not pattern.how or (pattern.sure or 0.0) > MOST_SURE


def _entry(pattern: Pattern) -> Entry:
    signature = sign([plain(line) for line in pattern.lines], category=pattern.category, tool=pattern.tool, rule="")
    return Entry(
        title=plain(pattern.title), id=pattern.id, root_cause=plain(pattern.root_cause) or plain(pattern.title), solution=plain(pattern.solution), reference=plain(pattern.fixed_by),
        minutes=pattern.minutes, confidence=pattern.confidence, seen=pattern.seen, last_seen=pattern.last_seen[:10], repository=plain(pattern.repository),
        category=pattern.category, tool=pattern.tool, line=signature.masked[0] if signature else "",
    )  # fmt: skip


def refreshed(text: str, entries: Sequence[Entry]) -> tuple[str, int, int]:
    """Return the record with the entries that it lacks at its end and its `Seen` lines anew, and how many of each.

    Nothing else of it is touched; an entry that was withdrawn there, or cut by a merge, is left as it stands.
    """
    here, _ = parse(text)
    present = {section.entry for section in sections(text)}
    known = {entry.id: entry for entry in entries}
    newer = {
        one.id: known[one.id] for one in here
        if one.id in known and not one.state and (known[one.id].last_seen, known[one.id].seen or 0) > (one.last_seen, one.seen or 0)
    }  # fmt: skip
    end = "\r\n" if "\r\n" in text else "\n"
    out = (
        [
            _seen_anew(section.text, newer[section.entry]) if section.entry in newer else section.text
            for section in sections(text)
        ]
        if text.strip()
        else [HEAD.rstrip("\n")]
    )
    new = [entry for entry in entries if entry.id not in present]
    body = "\n".join(out).rstrip("\n") + "\n"
    body = "\n".join([body, *map(render, new)]) if new else body if newer or not text.strip() else text
    return body.replace("\r\n", "\n").replace("\n", end), len(new), len(newer)


def _seen_anew(text: str, entry: Entry) -> str:
    line = next(line for line in render(entry).split("\n") if line.startswith("- Seen:"))
    return "\n".join(line if each.startswith("- Seen:") else each for each in text.split("\n"))
