"""Manifests and locks of a work tree: read, never followed out of it, and few."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEEP: Final = 2
MOST_FOLDERS: Final = 300
MOST_FILES: Final = 120
LARGEST: Final = 32 << 20
MOST_BYTES: Final = 48 << 20
_NOT_OURS: Final = frozenset(
    {
        "node_modules",
        "vendor",
        "target",
        "dist",
        "build",
        "deps",
        "_build",
        "venv",
        "env",
        "site-packages",
        "bin",
        "obj",
        "bower_components",
        "Pods",
    }
)
_EXAMPLES: Final = frozenset(
    {"test", "tests", "testdata", "fixtures", "examples", "example", "spec", "templates", "template"}
)
"""What stands there is often broken on purpose."""


def manifests_of(root: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Read the files that `wanted` names (by file name) at the root of a work tree and DEEP folders below; by path from the root.

    At most MOST_FILES of MOST_FOLDERS folders and MOST_BYTES, those near the root first. No link is followed; what cannot be read is left out.
    """
    found: dict[str, bytes] = {}
    level = [(root, "")]
    seen, left = 0, MOST_BYTES
    for _ in range(DEEP + 1):
        below: list[tuple[Path, str]] = []
        for folder, path in level:
            seen += 1
            if seen > MOST_FOLDERS:
                return found
            for entry in _entries(folder):
                name = f"{path}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name not in _NOT_OURS | _EXAMPLES:
                        below.append((folder / entry.name, f"{name}/"))
                elif wanted(entry.name) and len(found) < MOST_FILES and left > 0:
                    data = _read(entry, min(LARGEST, left))
                    if data is not None:
                        found[name] = data
                        left -= len(data)
        level = below
    return found


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return  # as good as not there


def _read(entry: os.DirEntry[str], most: int) -> bytes | None:
    try:
        if not entry.is_file(follow_symlinks=False) or entry.stat(follow_symlinks=False).st_size > most:
            return None
        with os.fdopen(os.open(entry.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            return file.read(most)
    except OSError:
        return None
