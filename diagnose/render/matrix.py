"""Many jobs with one cause: a name for all of them, and which of the matrix they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.render.marks import Marks

# a job that is known by its log's file has the file's ending too
_MATRIX: Final = regex(r"(?s)(.*)\((.*)\)(?:\.(?:log|txt))?")
_FEW: Final = 3
_GROUPS: Final = 4


def name_of_all(names: Sequence[str], marks: Marks) -> str:
    """Return "Run tests (*, cpython, core)" where the names differ in some values of their matrix only, else the first and a count."""
    unique = list(dict.fromkeys(names))
    if len(unique) == 1:
        return unique[0]
    split = _columns(unique)
    if split is None:
        return f"{unique[0]} and {len(unique) - 1:,} more"
    head, rows = split
    out: list[str] = []
    for column in zip(*rows, strict=True):
        value = column[0] if len(set(column)) == 1 else "*"
        if value != "*" or out[-1:] != ["*"]:
            out.append(value)
    shown = out if len(out) <= _GROUPS * 2 else [*out[: _GROUPS * 2], marks.more]
    return f"{head}({', '.join(shown)})"


def groups(names: Sequence[str], everything: Sequence[str], marks: Marks) -> list[str]:
    """Return the jobs `names` in groups: "ubuntu: 3.2 to 3.12 (11)", "windows: 3.4 (1)".

    A range is said only when every job of `everything` between its ends is among `names`.
    """
    unique = list(dict.fromkeys(names))
    split = _columns(unique)
    if split is None:
        return _counted(unique)
    head, rows = split
    varying = [index for index, column in enumerate(zip(*rows, strict=True)) if len(set(column)) > 1]
    if not 1 <= len(varying) <= 2:  # noqa: PLR2004 - a group and its values; more cannot be told in a line
        return _counted(unique)
    others = [
        row for row in (_values(name, head) for name in everything) if row is not None and len(row) == len(rows[0])
    ]
    grouped: dict[str, list[str]] = {}
    for row in rows:
        key = row[varying[0]] if len(varying) > 1 else ""
        grouped.setdefault(key, []).append(row[varying[-1]])
    said: list[str] = []
    for key, values in grouped.items():
        all_values = [row[varying[-1]] for row in others if not key or row[varying[0]] == key]
        label = f"{key}: " if key else ""
        said.append(f"{label}{_range(values, all_values, marks)} ({len(values):,})")
    return said


def _counted(names: Sequence[str]) -> list[str]:
    shown = list(names[:_GROUPS])
    return [*shown, f"{len(names) - len(shown):,} more"] if len(names) > len(shown) else shown


def _range(values: Sequence[str], everything: Sequence[str], marks: Marks) -> str:
    ordered = sorted(values, key=_natural)
    if len(ordered) <= _FEW:
        return ", ".join(ordered)
    low, high = _natural(ordered[0]), _natural(ordered[-1])
    between = {value for value in everything if low <= _natural(value) <= high}
    if between <= set(values):
        return f"{ordered[0]} to {ordered[-1]}"
    return f"{', '.join(ordered[:_FEW])}, {marks.more}"


def _natural(value: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (int(piece), "") if piece.isdecimal() and piece.isascii() else (-1, piece)
        for piece in re.findall(r"[0-9]{1,18}|[^0-9]+", value)
    )


def _columns(names: Sequence[str]) -> tuple[str, list[list[str]]] | None:
    """Split names that share their head and their number of matrix values."""
    match = _MATRIX.fullmatch(names[0])
    if match is None:
        return None
    rows = [_values(name, match[1]) for name in names]
    width = len(rows[0] or ())
    if any(row is None or len(row) != width for row in rows):
        return None
    return match[1], [row for row in rows if row is not None]


def _values(name: str, head: str) -> list[str] | None:
    match = _MATRIX.fullmatch(name)
    return match[2].split(", ") if match is not None and match[1] == head else None
