"""An entry of DISCOVERIES.md taken back: by a line, because a merge would bring a deleted entry back."""

from __future__ import annotations

from diagnose.memory.discoveries import parse, sections

LINE = "- State: withdrawn"


def withdrawn(text: str, ident: str) -> tuple[str, int]:
    """Return the file with every entry of that id withdrawn, and the line (1-based) of the first heading; the text itself and 0 where none is, or all are."""
    if not any(entry.id == ident and not entry.state for entry in parse(text)[0]):
        return text, 0
    end = "\r\n" if "\r\n" in text else "\n"
    out: list[str] = []
    first = 0
    for section in sections(text):
        lines = section.text.split("\n")
        if section.entry == ident:
            first = first or len(out) + 1
            place = next(
                (
                    number
                    for number, line in enumerate(lines, 1)
                    if line.lstrip(" -*+_").casefold().startswith("root cause")
                ),
                1,
            )
            lines.insert(place, LINE)
        out += lines
    return end.join(out), first
