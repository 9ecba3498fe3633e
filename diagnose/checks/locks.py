"""Manifests against locks: the names that one requires and the other lacks. Files are foreign: parsed, bounded, never run."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LARGEST: Final = 32 << 20
_NAME: Final = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?)")


class Gap(NamedTuple):
    """A manifest whose lock lacks `names`; or that could not be read, with the reason in `problem`."""

    manifest: str
    lock: str
    names: tuple[str, ...]
    problem: str = ""


PAIRS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("package.json", ("package-lock.json", "npm-shrinkwrap.json")),
    ("pyproject.toml", ("uv.lock", "poetry.lock")),
    ("Cargo.toml", ("Cargo.lock",)),
    ("go.mod", ("go.sum",)),
)


def compared(files: Mapping[str, bytes]) -> Iterator[Gap]:
    """Compare every manifest with the lock beside it. A pair without a difference has no names and no problem."""
    for path in sorted(files):
        place = PurePosixPath(path)
        for manifest, locks in PAIRS:
            if place.name != manifest:
                continue
            for lock in locks:
                beside = str(place.with_name(lock))
                if beside in files:
                    yield _gap(path, beside, files)
                    break


def _gap(manifest: str, lock: str, files: Mapping[str, bytes]) -> Gap:
    required, locked = _READERS[PurePosixPath(lock).name]
    if max(len(files[manifest]), len(files[lock])) > LARGEST:
        return Gap(manifest, lock, (), "it is too large to be read")
    try:
        wanted = required(files[manifest].decode("utf-8-sig"))
        there = locked(files[lock].decode("utf-8-sig"))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        return Gap(manifest, lock, (), f"it cannot be read: {type(error).__name__}")
    return Gap(manifest, lock, tuple(sorted(wanted - there)))


def _npm_required(text: str) -> set[str]:
    manifest = json.loads(text)
    return {name for table in ("dependencies", "devDependencies", "optionalDependencies") for name in manifest.get(table, {})}


def _npm_locked(text: str) -> set[str]:
    lock = json.loads(text)
    placed = {path.rpartition("node_modules/")[2] for path in lock.get("packages", {})}
    return placed | set(lock.get("dependencies", {}))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(lines: list[Any]) -> set[str]:
    """Names of PEP 508 requirements; one with a marker may rightly be absent from a lock."""
    found = (_NAME.match(line) for line in lines if isinstance(line, str) and ";" not in line)
    return {_plain(match[1]) for match in found if match}


def _python_required(text: str) -> set[str]:
    document = tomllib.loads(text)
    project = document.get("project", {})
    names = _requirements(project.get("dependencies", []))
    for group in document.get("dependency-groups", {}).values():
        names |= _requirements(group)
    for extra in project.get("optional-dependencies", {}).values():
        names |= _requirements(extra)
    return names - {_plain(project.get("name", ""))}


def _poetry_required(text: str) -> set[str]:
    document = tomllib.loads(text)
    poetry = document.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    names = {_plain(name) for table in tables for name, value in table.items() if not (isinstance(value, dict) and "markers" in value)}
    return (names | _requirements(document.get("project", {}).get("dependencies", []))) - {"python"}


def _toml_locked(text: str) -> set[str]:
    return {_plain(package["name"]) for package in tomllib.loads(text).get("package", [])}


def _cargo_required(text: str) -> set[str]:
    document = tomllib.loads(text)
    names: set[str] = set()
    for place in [document, *document.get("target", {}).values()]:
        for table in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, value in place.get(table, {}).items():
                if isinstance(value, dict) and value.get("workspace"):
                    continue  # the workspace's root may give it another name
                names.add(_plain(value.get("package", name) if isinstance(value, dict) else name))
    return names


def _go_required(text: str) -> set[str]:
    """Read go.mod line by line: what is required and not replaced. A hostile one must not cost more than its length."""
    required: set[str] = set()
    replaced: set[str] = set()
    block = ""
    for line in text.splitlines():
        words = line.partition("//")[0].split()
        if words == [")"]:
            block = ""
        elif len(words) == 2 and words[1] == "(":  # noqa: PLR2004 - "require ("
            block = words[0]
        elif words:
            verb, rest = (block, words) if block else (words[0], words[1:])
            if verb == "replace" and rest:
                replaced.add(rest[0])
            elif verb == "require" and len(rest) > 1:
                required.add(rest[0].strip('"'))
    return required - replaced


def _go_locked(text: str) -> set[str]:
    return {line.split(" ", 1)[0] for line in text.splitlines() if line.strip()}


_READERS: Final[dict[str, tuple[Callable[[str], set[str]], Callable[[str], set[str]]]]] = {
    "package-lock.json": (_npm_required, _npm_locked),
    "npm-shrinkwrap.json": (_npm_required, _npm_locked),
    "uv.lock": (_python_required, _toml_locked),
    "poetry.lock": (_poetry_required, _toml_locked),
    "Cargo.lock": (_cargo_required, _toml_locked),
    "go.sum": (_go_required, _go_locked),
}
