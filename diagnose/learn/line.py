"""A change in one line, by a short function that reads its files: what was pinned, what was edited. Nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.learn.named import names_package, names_path, names_workflow
from diagnose.learn.paths import kind_of, short
from diagnose.learn.pins import moved, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.learn.named import Failure
    from diagnose.learn.pins import Moved
    from diagnose.sources.span import Touched

PARTS: Final = 3
LENGTH: Final = 200

_ORDER: Final = {"manifest": 0, "workflow": 1, "source": 2, "test": 3, "lock": 4}
_VERBS: Final = {"added": "added", "removed": "removed", "renamed": "renamed"}


def describe(files: Sequence[Touched], failure: Failure | None = None) -> str:
    """Say what a change did, at most PARTS things; what the failure named goes first, then pins, source, tests; lock files only alone.

    "" where only prose changed, or nothing.
    """
    told = [file for file in files if kind_of(file.path) != "prose"]
    if any(kind_of(file.path) != "lock" for file in told):
        # a lock file speaks only where it moves what the failure named and no manifest says so
        told = [file for file in told if kind_of(file.path) != "lock" or _only_here(file, told, failure)]
    told.sort(key=lambda file: (not named(file, failure), _ORDER[kind_of(file.path)], file.path))
    parts = _grouped(told, failure)
    out: list[str] = []
    verb, count = "", 0
    for one, words, many in parts[:PARTS]:
        piece = words if one == verb else f"{one} {words}"
        if out and len(", ".join([*out, piece])) > LENGTH:
            break
        out.append(piece if len(piece) <= LENGTH else f"{piece[: LENGTH - 1].rstrip()}…")
        verb, count = one, count + many
    left = len(told) - count
    return ", ".join(out) + (f" and {_files(left)}" if left else "")


def _files(number: int) -> str:
    return f"{number} more file{'s' * (number != 1)}"


def _grouped(files: Sequence[Touched], failure: Failure | None) -> list[tuple[str, str, int]]:
    """Return verb, object and number of files for each part; files in which the same pins were moved are one part."""
    groups: dict[tuple[str, str], list[str]] = {}
    for file in files:
        verb, path, pins = _part(file, failure)
        groups.setdefault((verb, pins or f"\0{path}"), []).append(path)
    out = []
    for (verb, pins), paths in groups.items():
        where = paths[0] + (f" and {_files(len(paths) - 1)}" if len(paths) > 1 else "")
        out.append((verb, where if pins.startswith("\0") else f"{where}: {pins}", len(paths)))
    return out


def _only_here(file: Touched, files: Sequence[Touched], failure: Failure | None) -> bool:
    if failure is None:
        return False
    elsewhere = {pin.name for other in files if kind_of(other.path) == "manifest" for pin in moved(other)}
    return any(names_package(failure, pin.name) and pin.name not in elsewhere for pin in moved(file))


def named(file: Touched, failure: Failure | None) -> bool:
    """Tell whether a changed file, or a pin that the change moved in it, is what the failure named."""
    if failure is None:
        return False
    paths = (file.path, file.previous) if file.previous else (file.path,)
    if kind_of(file.path) != "lock" and any(names_path(failure, path) for path in paths):
        return True
    return any(pin.name and names_package(failure, pin.name) for pin in moved(file)) or (
        names_workflow(failure, file.path) and failure.category in ("configuration", "permission")
    )


def _part(file: Touched, failure: Failure | None) -> tuple[str, str, str]:
    """Return the verb, the path and the moved pins for one file."""
    if file.status == "renamed" and file.previous:
        return "renamed", f"{short(file.previous, 40)} to {short(file.path, 40)}", ""
    verb = _VERBS.get(file.status, "changed")
    return verb, short(file.path), _pins(moved(file), failure) if verb == "changed" else ""


def _pins(pins: Sequence[Moved], failure: Failure | None) -> str:
    if not pins:
        return ""
    ordered = sorted(pins, key=lambda pin: not (failure is not None and pin.name and names_package(failure, pin.name)))
    shown = "; ".join(said(pin) for pin in ordered[:PARTS])
    left = len(ordered) - PARTS
    return f"{shown} and {left} more pin{'s' * (left != 1)}" if left > 0 else shown
