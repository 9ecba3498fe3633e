"""A file's part of a diff, read into a ChangedFile. Used for GitHub's patches and for git's own output alike."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Final

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from diagnose.model.incident import ChangedFile, Hunk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

STATUSES: Final = ("added", "removed", "modified", "renamed", "copied", "changed", "unchanged")
MOST_BYTES: Final = 4 << 20


def _status(word: str) -> Literal["added", "removed", "modified", "renamed", "copied", "changed", "unchanged"]:
    for known in STATUSES:
        if word == known:
            return known
    return "changed"


def _runs(lines: Sequence[int]) -> tuple[Hunk, ...]:
    hunks: list[Hunk] = []
    for line in lines:
        if hunks and hunks[-1].last == line - 1:
            hunks[-1] = Hunk(hunks[-1].first, line)
        else:
            hunks.append(Hunk(line, line))
    return tuple(hunks)


def changed_file(path: str, status: str, previous: str | None, patch: str | None) -> ChangedFile:
    """Read one file's hunks (`patch` from its first "@@" on).

    A patch that is missing, cut or too long gives `hunks` None: which lines changed is then unknown.
    """
    kind = _status(status)
    if not patch:
        whole = patch is not None or kind in ("renamed", "unchanged")
        return ChangedFile(path, kind, previous, () if whole else None)
    if len(patch) > MOST_BYTES:
        return ChangedFile(path, kind, previous)
    try:
        files = PatchSet(StringIO(f"--- a/f\n+++ b/f\n{patch}" + ("" if patch.endswith("\n") else "\n"), newline="\n"))
    except (UnidiffParseError, ValueError):
        return ChangedFile(path, kind, previous)
    lines = [line for each in files for hunk in each for line in hunk]
    added = tuple((line.target_line_no or 0, line.value.rstrip("\r\n")) for line in lines if line.is_added)
    removed = tuple(line.value.rstrip("\r\n") for line in lines if line.is_removed)
    return ChangedFile(path, kind, previous, _runs([number for number, _ in added]), added, removed)
