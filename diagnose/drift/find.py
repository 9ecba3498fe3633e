"""For each job the drift between its log and that of its last green run. Each log is read once, however many jobs share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.drift.compare import compare
from diagnose.drift.resolved import Reader
from diagnose.logs.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diagnose.drift.compare import Drift
    from diagnose.drift.resolved import Resolved


def find_drift(pairs: Sequence[tuple[Path, Path] | None]) -> tuple[Drift | None, ...]:
    """Compare pairs of log files (green, failed). None for None, for a file that cannot be opened, and where they name nothing to compare."""
    if not any(pairs):
        return tuple(None for _ in pairs)
    reader = Reader()
    known: dict[Path, Resolved | None] = {}
    out: list[Drift | None] = []
    for pair in pairs:
        for path in pair or ():
            if path not in known:
                known[path] = _read(reader, path)
        green, failed = (known[pair[0]], known[pair[1]]) if pair else (None, None)
        drift = compare(green, failed) if green is not None and failed is not None else None
        out.append(drift if drift is not None and drift.known else None)
    return tuple(out)


def _read(reader: Reader, path: Path) -> Resolved | None:
    try:
        with path.open("rb") as file:
            return reader.read(Pages(file))
    except OSError:
        return None
