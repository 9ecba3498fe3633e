"""The files that marks may be set in: those of the checkout, and those that the change names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.model.incident import Change
from diagnose.safety.paths import open_below
from diagnose.safety.workspace import to_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diagnose.model.incident import Incident
    from diagnose.model.text import Untrusted

_MOST_BYTES: Final = 8 << 20


class Files:
    """Knows a place by a file of the checkout that has that line, or by the change, where nothing is checked out.

    root: the checkout, None for none. roots: other absolute names of it, in logs.
    """

    def __init__(self, incident: Incident, root: Path | None, roots: Sequence[str] = ()) -> None:
        change = incident.change
        self._changed = (
            tuple(file.path for file in change.files if file.status != "removed") if isinstance(change, Change) else ()
        )
        self._root = root
        self._roots = (*((str(root),) if root is not None else ()), *roots)
        self._lines: dict[str, int | None] = {}

    def place(self, file: Untrusted, line: int | None) -> tuple[str, int | None] | None:
        """Return the path below the root, and the line where there is one."""
        path = to_source(file, self._roots)
        if path is None:
            return None
        count = self._count(path)
        if count is not None:
            return None if line is not None and not 0 < line <= count else (path, line)
        if path in self._changed:
            return path, line
        # a tool that ran in a folder of the repository names its files from there on
        longer = [known for known in self._changed if known.endswith(f"/{path}")] if "/" in path else []
        return (longer[0], line) if len(longer) == 1 else None

    def _count(self, path: str) -> int | None:
        """Return how many lines a file of the checkout has, None when it has no such file."""
        if path not in self._lines:
            data = open_below(self._root, path, _MOST_BYTES) if self._root is not None else None
            self._lines[path] = data.count(b"\n") + (not data.endswith(b"\n")) if isinstance(data, bytes) else None
        return self._lines[path]
