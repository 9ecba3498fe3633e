"""Two versions of DISCOVERIES.md made one, entry by entry: what GitHub's merge button cannot do, for it ignores `merge=union`."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

from diagnose.kit.regex import regex
from diagnose.memory.discoveries import Doubt, parse, sections
from diagnose.memory.entry import Entry, fold, render

_OPEN, _BASE, _MIDDLE, _CLOSE = "<<<<<<<", "|||||||", "=======", ">>>>>>>"
_MARK: Final = regex(r"(<{7}|>{7}|\|{7})(?: .*)?|(={7})")
_AFTER: Final = {"": (_OPEN,), _OPEN: (_BASE, _MIDDLE), _BASE: (_MIDDLE,), _MIDDLE: (_CLOSE,)}


@dataclass(frozen=True, slots=True)
class Joined:
    """The text of both; ids of entries that theirs alone had, and of those that both changed; what of it cannot be read."""

    text: str
    added: tuple[str, ...]
    folded: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def sides(text: str) -> tuple[str, str, str | None]:
    """Take a file with the marks of a merge conflict apart into ours, theirs, and what was before where git wrote that (diff3).

    Without marks both sides are the text.
    """
    found: dict[str, list[str]] = {_OPEN: [], _MIDDLE: [], _BASE: []}
    where, had_base = "", False
    for line in text.replace("\r\n", "\n").split("\n"):
        shape = _MARK.fullmatch(line)
        mark = (shape[1] or shape[2]) if shape else ""
        if mark in _AFTER[where]:  # seven equal signs elsewhere may be the line below a heading
            where = "" if mark == _CLOSE else mark
            had_base = had_base or mark == _BASE
            continue
        for side, lines in found.items():
            if where in ("", side):
                lines.append(line)
    ours, theirs, before = ("\n".join(lines) for lines in found.values())
    return ours, theirs, before if had_base else None


def joined(ours: str, theirs: str, before: str | None = None) -> Joined:
    """Return ours with what theirs adds. before: the version that both come from, so that an edit takes the place of what it edits.

    No entry is lost: what one side deleted comes back (a withdrawal is a line, not a deletion), what both wrote differently stands side by
    side, as under `merge=union`. Text between the entries stays; what theirs alone has of it is added at the end.
    """
    mine, other, old = _texts(ours), _texts(theirs), _texts(before or "")
    entries = {section.entry for text in (ours, theirs) for section in sections(text) if section.entry}
    out: list[str] = []
    folded: list[str] = []
    for key, here in mine.items():
        there = other.get(key, [])
        if all(text in here or text in old.get(key, []) for text in there):
            out += here
        elif len(here) == len(there) == 1 and here == old.get(key):
            out += there
        elif key in entries:
            folded.append(key)
            out += _folded(here, there, old.get(key, []))
        else:
            out += dict.fromkeys(here + there)
    added = [key for key in other if key not in mine]
    for key in added:
        out += other[key]
    text = "\n\n".join(part for one in out if (part := one.strip("\n"))) + "\n"
    return Joined(text, tuple(key for key in added if key in entries), tuple(folded), parse(text)[1])


def _texts(version: str) -> dict[str, list[str]]:
    """Return the sections of each key, without blank lines round them."""
    found: dict[str, list[str]] = {}
    for section in sections(version):
        text = section.text.strip("\n")
        if text and text not in found.setdefault(section.key, []):
            found[section.key].append(text)
    return found


def _folded(here: list[str], there: list[str], old: list[str]) -> list[str]:
    one, other, base = _entry(here), _entry(there), _entry(old)
    if one is None or other is None:
        return list(dict.fromkeys(here + there))  # what cannot be read stays as it stands
    both = fold([one, other])[0]
    if base is not None:
        changes = {}
        for name in (each.name for each in fields(Entry)):
            was, left, right = (getattr(entry, name) for entry in (base, one, other))
            if was in (left, right):
                changes[name] = right if left == was else left
        both = replace(both, **changes)
    return [render(both)]


def _entry(texts: list[str]) -> Entry | None:
    found, doubts = parse("\n\n".join(texts))
    return found[0] if len(found) == 1 and not doubts else None
