"""Which lock belongs to which manifest, by their names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from diagnose.kit.regex import regex

PAIRS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("package.json", ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml")),
    ("pyproject.toml", ("uv.lock", "poetry.lock", "pdm.lock")),
    ("Pipfile", ("Pipfile.lock",)),
    ("requirements.in", ("requirements.txt",)),
    ("Cargo.toml", ("Cargo.lock",)),
    ("go.mod", ("go.sum",)),
    ("Gemfile", ("Gemfile.lock",)),
    ("gems.rb", ("gems.locked",)),
    ("composer.json", ("composer.lock",)),
    ("mix.exs", ("mix.lock",)),
    ("build.gradle", ("gradle.lockfile",)),
    ("build.gradle.kts", ("gradle.lockfile",)),
)
_PROJECT: Final = regex(r"[\w.-]+\.(?:cs|fs|vb)proj")
_REQUIREMENTS: Final = regex(r"[\w.-]*requirements[\w.-]*\.(?:in|txt)")
_COMPILED: Final = regex(r"([\w.-]*requirements[\w.-]*)\.in")
_ALONE: Final = ("packages.lock.json", "pom.xml", "packages.config", "setup.py")
_NAMES: Final = frozenset([*(name for manifest, locks in PAIRS for name in (manifest, *locks)), *_ALONE])


def is_wanted(name: str) -> bool:
    """Whether a file of this name is a manifest or a lock that is read here."""
    return name in _NAMES or _PROJECT.fullmatch(name) is not None or _REQUIREMENTS.fullmatch(name) is not None


def locks_of(path: str) -> tuple[str, ...]:
    """Name the locks that may stand beside a manifest, the likeliest first; () for what is no manifest."""
    place = PurePosixPath(path)
    names = next((locks for manifest, locks in PAIRS if place.name == manifest), ())
    if _PROJECT.fullmatch(place.name):
        names = ("packages.lock.json",)
    elif compiled := _COMPILED.fullmatch(place.name):
        names = (f"{compiled[1]}.txt",)
    return tuple(str(place.with_name(name)) for name in names)


def manifests_beside(path: str) -> tuple[str, ...]:
    """Name the manifests that a lock may belong to; () for what is no lock, and where the name does not tell (NuGet's)."""
    place = PurePosixPath(path)
    return tuple(str(place.with_name(manifest)) for manifest, locks in PAIRS if place.name in locks)
