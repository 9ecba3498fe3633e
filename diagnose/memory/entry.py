"""One entry of DISCOVERIES.md: what it says, how it is written, and what two of one id make.

The order of an entry's lines is what keeps two branches' entries whole under `merge=union`: git writes equal neighbouring lines once, so
the last line is unique, and nowhere do more than three lines in a row depend on nothing but common values: a line between them bears the
entry's id, in a comment where its words do not (500 of 500 trial merges whole; with the obvious order 75 of 80 lost lines, and without the
comment 45 of 500, where two entries name the same commit).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from diagnose.memory.neutral import escape, in_span, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADING: Final = "## CI Pattern:"

KNOWN: Final = ("Root cause", "State", "Solution", "Time to resolve", "Confidence", "Seen", "Failure signature")
"""Labels of the fields, in their order."""

UNKNOWN: Final = "unknown"

PROSE_MARK: Final = "> "
"""Prose that is written anew stands as a quotation: whatever it begins with, it begins no heading, field or fence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern as it is written down.

    id: 8 hexadecimal digits; of a hand-written entry, of its title. reference: what fixed it, "" when not said. minutes, confidence, seen:
    None when not said. last_seen: a date, or "". state: "" or "withdrawn". line: the telling line, masked.
    extra: fields that we do not know, as (label, value). prose: other lines, verbatim. All values are foreign text.
    """

    title: str
    id: str
    root_cause: str
    solution: str
    reference: str = ""
    minutes: float | None = None
    confidence: float | None = None
    seen: int | None = None
    last_seen: str = ""
    repository: str = ""
    state: str = ""
    category: str = ""
    tool: str = ""
    line: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    prose: tuple[str, ...] = ()
    by_hand: bool = field(default=False, compare=False)


def title_id(title: str) -> str:
    """Return the id of a hand-written entry: 8 hexadecimal digits of its title's hash."""
    return hashlib.sha256(f"title\n{one_line(title)}".encode()).hexdigest()[:8]


def neutral(entry: Entry) -> Entry:
    """Return the entry as it can be written: values on one line, figures in their units and ranges."""
    return Entry(
        title=one_line(entry.title) or "untitled",
        id=entry.id if re.fullmatch(r"[0-9a-f]{8}", entry.id) else title_id(entry.title),
        root_cause=one_line(entry.root_cause) or UNKNOWN,
        solution=one_line(entry.solution) or UNKNOWN,
        reference=one_line(re.sub(r"[()]", " ", entry.reference))[:200].rstrip(),
        minutes=_figure(entry.minutes, 1, 1_000_000),
        confidence=_figure(entry.confidence, 2, 1),
        seen=min(max(entry.seen, 1), 1_000_000) if entry.seen is not None else None,
        last_seen=entry.last_seen[:10]
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", entry.last_seen, re.ASCII | re.DOTALL)
        else "",
        repository=re.sub(r"[^\w./-]", "", one_line(entry.repository), flags=re.ASCII),
        state="withdrawn" if entry.state == "withdrawn" else "",
        category=_cell(entry.category),
        tool=_cell(entry.tool),
        line=in_span(one_line(entry.line)),
        extra=tuple(
            dict.fromkeys(pair for label, value in entry.extra if (pair := (_label(label), one_line(value)))[0])
        ),
        prose=tuple(dict.fromkeys(line for prose in entry.prose if (line := one_line(prose)))),
        by_hand=entry.by_hand,
    )


def render(entry: Entry) -> str:
    """Write one entry, its values made harmless; lines end in LF."""
    one = neutral(entry)
    seen = "unknown" if one.seen is None else f"{one.seen} time{'' if one.seen == 1 else 's'}"
    told = [
        *(PROSE_MARK + escape(line) for line in one.prose),
        f"- Root cause: {escape(one.root_cause)}",
        *([f"- State: {one.state}"] if one.state else []),
        *(f"- {label}: {escape(value)}" for label, value in one.extra),
    ]
    lines = [
        f"{HEADING} {escape(one.title)} <!-- ci:{one.id} -->",
        *(f"{line} <!-- {one.id} -->" if place % 4 == 3 else line for place, line in enumerate(told)),  # noqa: PLR2004 - three in a row
        # one commit may cure two failures: the id makes the line this entry's own
        f"- Solution: {escape(one.solution)} {f'(fixed by {escape(one.reference)}) <!-- {one.id} -->' if one.reference else f'(recorded as {one.id})'}",
        f"- Time to resolve: {'unknown' if one.minutes is None else _minutes(one.minutes)}",
        f"- Confidence: {'unknown' if one.confidence is None else f'{one.confidence:.2f}'}",
        f"- Seen: {seen}"
        + (f", last {one.last_seen}" if one.last_seen else "")
        + (f", in {one.repository}" if one.repository else ""),
        f"- Failure signature: `{one.id} {one.category} | {one.tool} | {one.line}`",
    ]
    return "\n".join(lines) + "\n"


OR: Final = "; or: "
AND: Final = ", "
"""Between what two entries of one id say differently."""


def fold(entries: Iterable[Entry]) -> list[Entry]:
    """Join entries of one id, in order of first appearance.

    The first one's title stands, a cause, solution or reference that differs is kept beside it, the newest sighting wins, a withdrawal holds.
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        found[entry.id] = _joined(found[entry.id], entry) if entry.id in found else entry
    return list(found.values())


def _joined(one: Entry, other: Entry) -> Entry:
    newer = max(one, other, key=lambda entry: (entry.last_seen, entry.seen or 0))
    return Entry(
        title=one.title,
        id=one.id,
        root_cause=_both(one.root_cause, other.root_cause, OR),
        solution=_both(one.solution, other.solution, OR),
        reference=_both(one.reference, other.reference, AND),
        minutes=other.minutes if one.minutes is None else one.minutes,
        confidence=one.confidence if newer.confidence is None else newer.confidence,
        seen=one.seen if newer.seen is None else newer.seen,
        last_seen=newer.last_seen,
        repository=one.repository or other.repository,
        state=one.state or other.state,
        category=one.category or other.category,
        tool=one.tool or other.tool,
        line=one.line or other.line,
        extra=tuple(dict.fromkeys(one.extra + other.extra)),
        prose=tuple(dict.fromkeys(one.prose + other.prose)),
        by_hand=one.by_hand and other.by_hand,
    )


def _both(one: str, other: str, between: str) -> str:
    said = [part for part in (one, other) if part and part != UNKNOWN]
    if len(said) == 2 and other in one.split(between):  # noqa: PLR2004 - both say something
        return one
    return between.join(dict.fromkeys(said)) or one or other


def _figure(value: float | None, digits: int, most: float) -> float | None:
    return min(round(abs(value), digits), most) if value is not None and 0 <= value <= 1e12 else None  # noqa: PLR2004 - NaN and infinity fail it


def _minutes(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") + " min"


def _cell(value: str) -> str:
    return in_span(one_line(value)).replace("|", "/").strip()[:100].strip()


def _label(value: str) -> str:
    label = " ".join(re.sub(r"[^A-Za-z ]", "", value).split())[:40].strip()
    return "" if label.casefold() in {known.casefold() for known in KNOWN} else label
