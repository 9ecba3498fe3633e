"""Lock files: which versions of which packages they hold. Files are foreign: parsed, never run; read by line where the grammar allows it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from diagnose.drift.resolved import plain_name
from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Locked = dict[str, set[str]]
"""Versions by plain name; an empty set where the lock names a package without a version."""

_YARN_HEAD: Final = regex(r'"?((?:@[^@/"\s]{1,100}/)?[^@"\s,]{1,200})@')
_YARN_VERSION: Final = regex(r'\s+version:?\s+"?([^"\s]{1,100})"?\s*$')
_PNPM_ENTRY: Final = regex(r"""  ['"]?/?((?:@[^@/'"\s]{1,100}/)?[^@/'"\s(]{1,200})[@/](\d[^('"\s:]{0,100})""")
_PNPM_ASKED: Final = ("importers", "dependencies", "devDependencies", "optionalDependencies")
_PNPM_NAME: Final = regex(r"""(?: {2}| {6})['"]?((?:@[^@/'"\s]{1,100}/)?[^@/'"\s:]{1,200})['"]?:""")
_GEM: Final = regex(r"    ([A-Za-z0-9][\w.-]{0,150}) \(([^)\s]{1,80})\)\s*$")
_GEM_ASKED: Final = regex(r"  ([A-Za-z0-9][\w.-]{0,150})(?: \(.*\))?!?\s*$")
_MIX: Final = regex(r'\s*"(\w{1,100})":\s*\{:(\w+),\s*(?::"?[\w.]{1,100}"?,\s*"([^"]{1,80})")?')
_GRADLE: Final = regex(r"([\w.-]{1,150}:[\w.-]{1,150}):([^=\s]{1,80})=")
_PINNED: Final = regex(
    r"\s*([A-Za-z0-9](?:[\w.-]{0,200}[A-Za-z0-9])?)(?:\[[^\]]{0,200}\])?\s*(?:===?\s*([^\s;,#\\]{1,80})(?=\s|[;#\\]|$)|@\s*\S|[<>~!;#=]|$)"
)


def realm_of(lock: str) -> str:
    """Name the realm of a lock file by its file name, "" for one that is not known."""
    name = PurePosixPath(lock).name
    return next((realm for names, realm, _ in _LOCKS if name in names), "pypi" if _is_requirements(name) else "")


def read_lock(lock: str, text: str) -> Locked:
    """Read a lock file of a known name. Raise ValueError, TypeError, AttributeError, KeyError or RecursionError for one that is none."""
    name = PurePosixPath(lock).name
    realm = realm_of(lock)
    reader = next((reader for names, _, reader in _LOCKS if name in names), _requirements)
    out: Locked = {}
    for package, version in reader(text):
        out.setdefault(plain_name(realm, package), set()).update({version} if version else ())
    return out


def _is_requirements(name: str) -> bool:
    return ("requirements" in name or name.startswith("constraints")) and name.endswith(".txt")


def _npm(text: str) -> Iterator[tuple[str, str]]:
    lock = json.loads(text)
    for path, entry in lock.get("packages", {}).items():
        if "node_modules/" in path:
            yield path.rpartition("node_modules/")[2], entry.get("version", "") if isinstance(entry, dict) else ""
    todo = [lock.get("dependencies", {})] if "packages" not in lock else []
    while todo:
        for name, entry in todo.pop().items():
            yield name, entry.get("version", "")
            if entry.get("dependencies"):
                todo.append(entry["dependencies"])


def _yarn(text: str) -> Iterator[tuple[str, str]]:
    names: list[str] = []
    for line in text.splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            names = _YARN_HEAD.findall(line) if line.rstrip().endswith(":") else []
            yield from ((name, "") for name in names)
        elif names and (found := _YARN_VERSION.match(line)):
            yield from ((name, found[1]) for name in dict.fromkeys(names))
            names = []


def _pnpm(text: str) -> Iterator[tuple[str, str]]:
    """Read the packages, and what the manifest at the root asked for: an alias or an address is a package by another name."""
    place = ""
    for line in text.splitlines():
        if line[:1].strip():
            place = line.partition(":")[0]
        elif place == "packages" and (found := _PNPM_ENTRY.match(line)):
            yield found[1], found[2]
        elif place in _PNPM_ASKED and (found := _PNPM_NAME.match(line)):
            yield found[1], ""


def _toml(text: str) -> Iterator[tuple[str, str]]:
    document = tomllib.loads(text)
    for package in [*document.get("package", []), *document.get("packages", [])]:
        yield package["name"], str(package.get("version", ""))


def _pipfile(text: str) -> Iterator[tuple[str, str]]:
    lock = json.loads(text)
    for group, packages in lock.items():
        if not group.startswith("_"):
            yield from ((name, entry.get("version", "").removeprefix("==")) for name, entry in packages.items())


def _go_sum(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1:
            yield words[0], words[1].removesuffix("/go.mod")


def _gemfile(text: str) -> Iterator[tuple[str, str]]:
    asked = False
    for line in text.splitlines():
        if line[:1].strip():
            asked = line.startswith("DEPENDENCIES")
        if asked and (found := _GEM_ASKED.match(line)):
            yield found[1], ""  # one that only another platform takes has no version
        elif found := _GEM.match(line):
            # `nokogiri (1.15.0-x86_64-linux)`: the platform is no part of the version
            yield found[1], re.sub(r"-(?:x86|x64|arm|aarch|java|universal|mingw|mswin).*$", "", found[2])


def _composer(text: str) -> Iterator[tuple[str, str]]:
    lock = json.loads(text)
    for package in [*lock.get("packages", []), *(lock.get("packages-dev") or [])]:
        yield package["name"], str(package.get("version", ""))
        stands_for: Any = {**(package.get("provide") or {}), **(package.get("replace") or {})}
        yield from ((name, "") for name in stands_for)


def _nuget(text: str) -> Iterator[tuple[str, str]]:
    for packages in json.loads(text).get("dependencies", {}).values():
        yield from ((name, entry.get("resolved", "")) for name, entry in packages.items())


def _mix(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _MIX.match(line):
            yield found[1], found[3] or ""


def _gradle(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _GRADLE.match(line):
            yield found[1], found[2]


def _requirements(text: str) -> Iterator[tuple[str, str]]:
    """Read what is pinned; what is not has no version, but is there."""
    for line in text.splitlines():
        if not line.lstrip().startswith(("#", "-")) and (found := _PINNED.match(line)):
            yield found[1], found[2] or ""


_LOCKS: Final[tuple[tuple[tuple[str, ...], str, Callable[[str], Iterator[tuple[str, str]]]], ...]] = (
    (("package-lock.json", "npm-shrinkwrap.json"), "npm", _npm),
    (("yarn.lock",), "npm", _yarn),
    (("pnpm-lock.yaml",), "npm", _pnpm),
    (("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"), "pypi", _toml),
    (("Pipfile.lock",), "pypi", _pipfile),
    (("Cargo.lock",), "cargo", _toml),
    (("go.sum",), "go", _go_sum),
    (("Gemfile.lock", "gems.locked"), "gem", _gemfile),
    (("composer.lock",), "composer", _composer),
    (("packages.lock.json",), "nuget", _nuget),
    (("mix.lock",), "hex", _mix),
    (("gradle.lockfile",), "maven", _gradle),
)
