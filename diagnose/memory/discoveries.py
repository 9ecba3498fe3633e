"""DISCOVERIES.md read: the record of resolved failures, through hand edits, odd line ends and bad merges."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from diagnose.kit.regex import regex
from diagnose.memory.entry import KNOWN, PROSE_MARK, Entry, fold, title_id
from diagnose.memory.neutral import unescape

FILE_NAME: Final = "DISCOVERIES.md"

HEAD: Final = """\
# Discoveries

What broke the CI of this repository, and what fixed it. `ci-diagnose resolve` appends an entry; a failure that comes back is
answered with it. Entries are reviewed like code, and can be edited, corrected and written by hand.

An entry has this form. The order of its lines matters: with it, `merge=union` in `.gitattributes` keeps the entries of two
branches whole. To take an entry back, add `- State: withdrawn` below its root cause instead of deleting it, because a merge would bring it back.

```text
## CI Pattern: what failed, in a few words <!-- ci:8 hexadecimal digits -->
- Root cause: why it failed
- Solution: what was done (fixed by the commit, pull request or run)
- Time to resolve: minutes of work, as "14 min"
- Confidence: how sure, 0 to 1
- Seen: how often, "3 times, last 2026-11-20, in owner/repo"
- Failure signature: `the same 8 digits, category | tool | the line that tells`
```
"""
"""The beginning of a new file."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in the file that was not taken, or not as it stands: its line (1-based) and why, in our words."""

    line: int
    message: str


@dataclass(slots=True)
class _Block:
    """An entry's lines while it is read; `fields` in order of appearance, under their labels in lower case."""

    number: int
    title: str
    id: str
    fields: list[list[str]]
    prose: list[str]
    tail: bool = False


SIGNATURE: Final = KNOWN[-1].casefold()
_LAST: Final = frozenset(label.casefold() for label in KNOWN[-4:])
"""Labels of the lines that git may take into one conflict with what is appended: those fewer than four lines before the end."""

UNTITLED: Final = "untitled"

_ENTRY = regex(r" {0,3}##[ \t]+CI Pattern:[ \t]*(.*?)[ \t]*(?:<!--[ \t]*ci:([0-9a-f]{8})[ \t]*-->)?[ \t]*")
_OTHER_HEADING = regex(r" {0,3}#{1,2}(?:[ \t].*)?")
_FENCE = regex(r" {0,3}(`{3,}|~{3,})(.*)")
_CONFLICT = regex(r"(?:<{7}|>{7}|\|{7})(?: .*)?|={7}")
_MARK = regex(r"[ \t]*<!--[ \t]*[0-9a-f]{8}[ \t]*-->[ \t]*$")
_LABEL = r"[A-Za-z][A-Za-z ]{0,39}?"
_FIELD = regex(rf" {{0,3}}[-*+][ \t]+(?:(\*\*|__)({_LABEL})(?::\1|\1[ \t]*:)|({_LABEL})[ \t]*:)(?:[ \t]+(.*)|[ \t]*)")
_FURTHER = regex(r"(?:[ ]{2,}|[ ]*\t)[ \t]*(?![-*+][ \t])(\S.*)")
_REFERENCE = regex(r"(.*\S|)[ \t]*\((?:fixed by ([^()]+)|recorded as [0-9a-f]{8})\)")
_MINUTES = regex(r"\D{0,20}?(\d{1,9}(?:\.\d{1,9})?)[ \t]*(s|sec\w*|m|min\w*|h|hour\w*|d|day\w*)?\b.*", re.ASCII)
_CONFIDENCE = regex(r"(0(?:\.\d{1,9})?|1(?:\.0{1,9})?)|(\d{1,3}) ?%", re.ASCII)
_SEEN = regex(
    r"(\d{1,9}) times?\b(?:.*?\blast (\d{4}-\d{2}-\d{2}))?(?:.*?\bin ([\w./-]+))?.*|unknown(?:, last (\d{4}-\d{2}-\d{2}))?(?:, in ([\w./-]+))?",
    re.ASCII,
)
_SIGNATURE = regex(r"`?([0-9a-f]{8}) ([^|]*)\|([^|]*)\|(.*?)`?")
_UNIT: Final = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 480.0}
"""Minutes of work in a unit; a day is one of eight hours."""


def parse(text: str) -> tuple[tuple[Entry, ...], tuple[Doubt, ...]]:
    """Return the entries, each id once, and what was doubtful. Never raises; what a merge cut is left out and named."""
    doubts: list[Doubt] = []
    blocks = _blocks(text, doubts)
    whole = {block.id for block in blocks if not block.tail}
    entries = []
    for block in sorted(blocks, key=lambda block: block.tail):
        entry = _entry(block)
        if block.tail and block.id in whole:
            entries.append(entry)
            continue
        why = _damage(block, entry)
        if why:
            doubts.append(
                Doubt(
                    block.number,
                    f"entry {entry.id} {why}; it is not read. Its whole text is in the history of the file",
                )
            )
        else:
            entries.append(entry)
    return tuple(fold(entries)), tuple(sorted(doubts, key=lambda doubt: doubt.line))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file as it stands: from a heading to the next. entry: the id of the entry that it is, "" for what is none.

    key: what it is known by in another version: the entry's id, or the heading; "" before the first heading.
    """

    key: str
    entry: str
    text: str


def sections(text: str) -> list[Section]:
    r"""Take the file apart at its headings; joined again by "\n" they are the file, its line ends made LF."""
    lines = _lines(text)
    fenced = _fenced(lines, [])
    found: list[Section] = []
    start, key, ident = 0, "", ""
    for number, line in enumerate([*lines, "# end"], 1):
        if number <= len(lines) and (number in fenced or not _OTHER_HEADING.fullmatch(line)):
            continue
        if number > 1:
            found.append(Section(key, ident, "\n".join(lines[start : number - 1])))
        heading = _ENTRY.fullmatch(line)
        ident = (heading[2] or title_id(unescape(heading[1]) or UNTITLED)) if heading else ""
        start, key = number - 1, ident or line.strip()
    return found


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _blocks(text: str, doubts: list[Doubt]) -> list[_Block]:
    lines = _lines(text)
    fenced = _fenced(lines, doubts)
    blocks: list[_Block] = []
    inside = False
    for number, line in enumerate(lines, 1):
        heading = None if number in fenced else _ENTRY.fullmatch(line)
        if heading:
            title = unescape(heading[1]) or UNTITLED
            blocks.append(_Block(number, title, heading[2] or "", [], []))
            inside = True
        elif number not in fenced and _OTHER_HEADING.fullmatch(line):
            inside = False
        elif number not in fenced and _CONFLICT.fullmatch(line):
            doubts.append(Doubt(number, "a merge conflict that nobody resolved; its marks are skipped"))
        elif inside:
            _take(blocks[-1], line, plain=number in fenced)
    known = {block.id for block in blocks}
    return [part for block in blocks for part in _parted(block, known)]


def _parted(block: _Block, known: set[str]) -> list[_Block]:
    """Give back what a merge put behind an entry's end: a signature ends an entry, and lines up to another's signature are that one's.

    They are edits of an entry that stands whole elsewhere; where it does not, they are half an entry, and not read.
    """
    ends = [
        place
        for place, (label, value, _) in enumerate(block.fields, 1)
        if label.casefold() == SIGNATURE and _SIGNATURE.fullmatch(value)
    ]
    owners = [value[:10].lstrip("`")[:8] for label, value, _ in (block.fields[place - 1] for place in ends)]
    if not block.id and ends and owners[0] in known:
        # one written by hand has no signature: the end of another's entry begins with the first of its last lines
        first = next(
            (place for place, (label, _, _) in enumerate(block.fields) if label.casefold() in _LAST), ends[0] - 1
        )
        ends, owners = [first, *ends], ["", *owners]
    if len(set(owners)) < 2 or owners[0] != block.id:  # noqa: PLR2004 - its own and another's
        return [block]
    out: dict[str, _Block] = {}
    for owner, start, end in zip(owners, [0, *ends], ends, strict=False):
        part = out.setdefault(
            owner,
            _Block(
                block.number,
                block.title if owner == block.id else "",
                owner,
                [],
                block.prose if owner == block.id else [],
                tail=owner != block.id,
            ),
        )
        part.fields += block.fields[start:end]
    out[block.id].fields += block.fields[ends[-1] :]
    return list(out.values())


def _take(block: _Block, line: str, *, plain: bool) -> None:
    line = line if plain else _MARK.sub("", line)
    found = None if plain else _FIELD.fullmatch(line)
    further = None if plain or not block.fields or not block.fields[-1][2] else _FURTHER.fullmatch(line)
    if found:
        block.fields.append([(found[2] or found[3]).strip(), (found[4] or "").strip(), "more"])
        return
    if further:
        block.fields[-1][1] = f"{block.fields[-1][1]} {further[1].strip()}".strip()
        return
    if block.fields:
        block.fields[-1][2] = ""  # a blank line, or prose, ends the field
    if line.strip():
        block.prose.append(unescape(line.removeprefix(PROSE_MARK)) if line.startswith(PROSE_MARK) else line.rstrip())


def _fenced(lines: list[str], doubts: list[Doubt]) -> set[int]:
    """Return the numbers of lines in fenced code, which is quoted and says nothing itself."""
    inside: set[int] = set()
    start, mark = 0, ""
    for number, line in enumerate(lines, 1):
        found = _FENCE.fullmatch(line)
        if not found:
            continue
        if not mark:
            if not (found[1][0] == "`" and "`" in found[2]):  # backticks on one line are a span
                start, mark = number, found[1]
        elif found[1].startswith(mark) and not found[2].strip():
            inside.update(range(start, number + 1))
            mark = ""
    if mark:
        doubts.append(Doubt(start, "a code fence that is never closed; what follows is read all the same"))
    return inside


def _entry(block: _Block) -> Entry:
    known = {label.casefold() for label in KNOWN}
    values: dict[str, list[str]] = {}
    for label, value, _ in block.fields:
        values.setdefault(label.casefold(), []).append(value)
    first = {label: found[0] for label, found in values.items()}
    category, tool, line = _signature(first.get(SIGNATURE, ""))
    entry = Entry(
        title=block.title,
        id=block.id or title_id(block.title),
        by_hand=not block.id,
        root_cause="",
        solution="",
        minutes=_minutes(first.get("time to resolve", "")),
        confidence=_confidence(first.get("confidence", "")),
        state="withdrawn" if any(value.casefold().startswith("withdrawn") for value in values.get("state", [])) else "",
        category=category,
        tool=tool,
        line=line,
        extra=tuple((label, unescape(value)) for label, value, _ in block.fields if label.casefold() not in known),
        prose=tuple(block.prose),
    )
    # a merge may have left a field twice: differing solutions both stand, the newest sighting counts
    seen = [_seen(value) for value in values.get("seen", [""])]
    parts = [_solution(value) for value in dict.fromkeys(values.get("solution", [""]))]
    versions = [replace(entry, root_cause=unescape(value)) for value in dict.fromkeys(values.get("root cause", [""]))]
    versions += [replace(entry, solution=words, reference=reference) for words, reference in parts]
    versions += [replace(entry, seen=count, last_seen=last, repository=repository) for count, last, repository in seen]
    return fold(versions)[0]


def _damage(block: _Block, entry: Entry) -> str:
    """Say what shows that a merge took lines from this entry or put another's into it."""
    labels = {label.casefold() for label, _, _ in block.fields}
    needed = ["Solution"] if entry.by_hand else ["Solution", "Time to resolve"]
    missing = [label for label in needed if label.casefold() not in labels]
    if missing and not entry.state:
        return f"has no {' and no '.join(missing)}: it was cut by a merge"
    others = [
        value
        for label, value, _ in block.fields
        if label.casefold() == SIGNATURE and (found := _SIGNATURE.fullmatch(value)) and found[1] != block.id
    ]
    return "holds the signature of another: they were mixed by a merge" if others and block.id else ""


def _solution(value: str) -> tuple[str, str]:
    found = _REFERENCE.fullmatch(value)
    return (unescape(found[1]), unescape(found[2] or "").strip()) if found else (unescape(value), "")


def _minutes(value: str) -> float | None:
    found = _MINUTES.fullmatch(value)
    return round(float(found[1]) * _UNIT[(found[2] or "m")[0]], 1) if found else None


def _confidence(value: str) -> float | None:
    found = _CONFIDENCE.fullmatch(value)
    if not found:
        return None
    return float(found[1]) if found[1] else min(1.0, int(found[2]) / 100)


def _seen(value: str) -> tuple[int | None, str, str]:
    found = _SEEN.fullmatch(value)
    if not found:
        return None, "", ""
    return int(found[1]) if found[1] else None, found[2] or found[4] or "", found[3] or found[5] or ""


def _signature(value: str) -> tuple[str, str, str]:
    found = _SIGNATURE.fullmatch(value)
    return (found[2].strip(), found[3].strip(), found[4].strip()) if found else ("", "", "")
