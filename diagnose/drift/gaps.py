"""Manifests against locks: the names that one asks for and the other lacks, and the ranges that the locked version is outside of.

Judged from the files alone, without the network. Files are foreign: parsed, bounded, never run. What cannot be judged so is said with its reason.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.drift.lockfiles import read_lock
from diagnose.drift.manifests import read_manifest, style_of
from diagnose.drift.pairs import locks_of
from diagnose.drift.ranges import satisfied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnose.drift.lockfiles import Locked
    from diagnose.drift.manifests import Asked

LARGEST: Final = 32 << 20


class Other(NamedTuple):
    """A package of which another version is locked than is asked for. All texts are foreign."""

    name: str
    asked: str
    locked: str


class Gap(NamedTuple):
    """A manifest whose lock lacks `names` and holds `others` out of range; or that could not be read, with the reason in `problem`."""

    manifest: str
    lock: str
    names: tuple[str, ...]
    problem: str = ""
    others: tuple[Other, ...] = ()


class Unjudged(NamedTuple):
    """A manifest that was compared with nothing, and why."""

    manifest: str
    reason: str


_NO_LOCK: Final = {
    "pom.xml": "Maven has no lock file",
    "packages.config": "it names exact versions itself",
    "requirements.txt": "pip reads no lock beside it",
    "setup.py": "it must be run to be read",
}
_IN_PART: Final = "its lock holds some configurations only"
_LACKS: Final = "no lock that belongs to it is at hand"


def compared(files: Mapping[str, bytes]) -> Iterator[Gap]:
    """Compare every manifest with the lock beside it. A pair without a difference has no names, no others and no problem."""
    for path in sorted(files):
        for lock in locks_of(path):
            if lock in files and _whole(lock, files[lock]):
                yield _gap(path, lock, files)
                break


def unjudged(files: Mapping[str, bytes]) -> Iterator[Unjudged]:
    """Say of each manifest that `compared` leaves out why it does."""
    for path in sorted(files):
        name, locks = PurePosixPath(path).name, locks_of(path)
        if name in _NO_LOCK and not (
            name == "requirements.txt" and str(PurePosixPath(path).with_suffix(".in")) in files
        ):
            yield Unjudged(path, _NO_LOCK[name])
        elif locks and not any(lock in files for lock in locks):
            yield Unjudged(path, _LACKS)
        elif any(lock in files and not _whole(lock, files[lock]) for lock in locks):
            yield Unjudged(path, _IN_PART)


def _whole(lock: str, data: bytes) -> bool:
    """Gradle locks each configuration by itself: a lock without that of the compiler's class path says nothing of the rest."""
    return not lock.endswith("gradle.lockfile") or b"ompileClasspath" in data


def _gap(manifest: str, lock: str, files: Mapping[str, bytes]) -> Gap:
    if max(len(files[manifest]), len(files[lock])) > LARGEST:
        return Gap(manifest, lock, (), "it is too large to be read")
    try:
        asked = read_manifest(manifest, files[manifest].decode("utf-8-sig"), lock)
        locked = read_lock(lock, files[lock].decode("utf-8-sig"))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        return Gap(manifest, lock, (), f"it cannot be read: {type(error).__name__}")
    return Gap(
        manifest, lock, tuple(sorted(set(asked) - set(locked))), "", tuple(_others(manifest, lock, asked, locked))
    )


def _others(manifest: str, lock: str, asked: Asked, locked: Locked) -> Iterator[Other]:
    style = style_of(manifest, lock)
    for name, wanted_range in sorted(asked.items()):
        versions = locked.get(name, set())
        if PurePosixPath(lock).name == "go.sum":
            if versions and wanted_range and wanted_range not in versions:  # Go asks for a version, not for a range
                yield Other(name, wanted_range, max(versions))
        elif (
            style is not None
            and versions
            and wanted_range
            and all(satisfied(version, wanted_range, style) is False for version in versions)
        ):
            yield Other(name, wanted_range, max(versions))
