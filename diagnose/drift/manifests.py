"""Manifests: what they ask for by name and range, as far as a reader can tell without running anything.

What may rightly be absent from a lock (a requirement with a marker, an optional peer, a path within the repository) is not listed.
"""

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

    from diagnose.drift.ranges import Style

Asked = dict[str, str]
"""Ranges as written, by plain name; "" where any version will do, or none can be read."""

LONGEST: Final = 1000
"""Characters of a line that is looked at with expressions: who opens a pull request writes the file."""

_NAME: Final = regex(
    r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?)(?:\s*\[[^\]]{0,200}\])?\s*\(?([^;@#]{0,200}?)\)?\s*(?:@.*|#.*)?$"
)
_LOCAL: Final = ("file:", "link:", "workspace:", "portal:", "path:")
_GEM: Final = regex(r"""\s*gem\s*\(?\s*["']([\w.-]{1,150})["']((?:\s*,\s*["'][^"']{1,60}["'])*)(.*)$""")
_FROM_ELSEWHERE: Final = regex(r"\b(?:git|github|gist|bitbucket|branch|ref|tag|platforms?)\b")
_RUBY_OPENS: Final = regex(r"\s*(?:if|unless|case)\b|.*\bdo\b(?:\s*\|.*\|)?\s*$")
_MIX_DEP: Final = regex(r"""\{\s*:(\w{1,100}),\s*(?:"([^"]{0,100})"|(?=\w+:))([^}]{0,300})""")
_MIX_DEPS: Final = regex(r"\s*defp?\s+\w*deps\w*(?:\(.{0,40}\))?\s+do\s*$")
_PACKAGE_REFERENCE: Final = regex(r"""<PackageReference\s([^>]{0,600})>""")
_ATTRIBUTE: Final = regex(r"""(Include|Version|Condition)\s*=\s*"([^"]{0,200})\"""")
_GRADLE: Final = regex(
    r"""\s*(?:implementation|api|runtimeOnly)\s*\(?\s*["']([\w.-]{1,150}:[\w.-]{1,150})(?::[^"']{0,80})?["']"""
)


def read_manifest(path: str, text: str, lock: str) -> Asked:
    """Read a manifest for comparison with `lock`. Raise ValueError, TypeError, AttributeError or RecursionError for one that cannot be read."""
    name, locked = PurePosixPath(path).name, PurePosixPath(lock).name
    reader, realm = next((reader, realm) for form, realm, reader in _READERS if form.fullmatch(name))
    reader = {"poetry.lock": _poetry, "pdm.lock": _pdm}.get(locked, reader)
    out: Asked = {}
    for package, wanted in reader(text):
        out.setdefault(plain_name(realm, package), wanted.strip())
    return out


def style_of(path: str, lock: str) -> Style | None:
    """Say whose grammar the ranges of a manifest are in; None where they are not compared (Go's are exact, Gradle's only the least)."""
    name = PurePosixPath(path).name
    if PurePosixPath(lock).name == "poetry.lock":
        return "poetry"
    return next((style for form, style in _STYLES if form.fullmatch(name)), None)


def _npm(text: str) -> Iterator[tuple[str, str]]:
    manifest = json.loads(text)
    overruled = {
        key
        for table in (manifest, manifest.get("pnpm", {}))
        for kind in ("resolutions", "overrides")
        for key in table.get(kind) or {}
    }
    # what is optional and cannot be had is left out of the lock without a word
    optional = {
        *manifest.get("optionalDependencies", {}),
        *(name for name, more in manifest.get("peerDependenciesMeta", {}).items() if more.get("optional")),
    }
    for table in ("dependencies", "devDependencies"):
        for name, wanted in manifest.get(table, {}).items():
            if name not in optional and not str(wanted).startswith(_LOCAL):
                yield name, "" if ":" in str(wanted) or any(name in key for key in overruled) else str(wanted)


def _requirement_lines(lines: list[Any]) -> Iterator[tuple[str, str]]:
    """Read PEP 508 requirements; one with a marker may rightly be absent from a lock."""
    for line in lines:
        if (
            isinstance(line, str)
            and ";" not in line
            and len(line) <= LONGEST
            and (found := _NAME.match(" ".join(line.split())))
        ):
            yield found[1], "" if "@" in line else found[2]


def _python(text: str) -> Iterator[tuple[str, str]]:
    document = tomllib.loads(text)
    project = document.get("project", {})
    own = plain_name("pypi", project.get("name", ""))
    groups = [
        project.get("dependencies", []),
        *document.get("dependency-groups", {}).values(),
        *project.get("optional-dependencies", {}).values(),
    ]
    uv = document.get("tool", {}).get("uv", {})
    overruled = [
        name
        for name, _ in _requirement_lines([str(line).partition(";")[0] for line in uv.get("override-dependencies", [])])
    ]
    named = {plain_name("pypi", name) for name in [*uv.get("sources", {}), *overruled]}
    for group in groups:
        for name, wanted in _requirement_lines(group):
            plain = plain_name("pypi", name)
            if plain != own:
                yield name, "" if plain in named else wanted


def _pdm(text: str) -> Iterator[tuple[str, str]]:
    """Read what the project itself needs: which groups and extras are locked is the user's choice."""
    document = tomllib.loads(text)
    yield from _requirement_lines(document.get("project", {}).get("dependencies", []))


def _poetry(text: str) -> Iterator[tuple[str, str]]:
    document = tomllib.loads(text)
    poetry = document.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    for table in tables:
        for name, value in table.items():
            if name != "python" and not (isinstance(value, dict) and "markers" in value):
                yield name, value if isinstance(value, str) else ""
    # beside PEP 621's list these are written as elsewhere, but poetry's own tables may say more of one: no range then
    yield from ((name, "") for name, _ in _requirement_lines(document.get("project", {}).get("dependencies", [])))


def _pipfile(text: str) -> Iterator[tuple[str, str]]:
    document = tomllib.loads(text)
    for table in ("packages", "dev-packages"):
        for name, value in document.get(table, {}).items():
            if isinstance(value, str) or not set(value) & {
                "markers",
                "path",
                "sys_platform",
                "platform_system",
                "os_name",
            }:
                yield name, value if isinstance(value, str) else ""


def _requirements_in(text: str) -> Iterator[tuple[str, str]]:
    lines = [line.split(" #")[0].strip() for line in text.splitlines()]
    yield from _requirement_lines(
        [line for line in lines if line and not line.startswith(("#", "-", ".", "/")) and "://" not in line]
    )


def _cargo(text: str) -> Iterator[tuple[str, str]]:
    document = tomllib.loads(text)
    for place in [document, *document.get("target", {}).values()]:
        for table in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, value in place.get(table, {}).items():
                if not isinstance(value, dict):
                    yield name, str(value)
                elif not value.get("workspace"):  # the workspace's root may give it another name
                    yield (
                        value.get("package", name),
                        "" if {"path", "git"} & set(value) else str(value.get("version", "")),
                    )


def _go(text: str) -> Iterator[tuple[str, str]]:
    """Read go.mod line by line: what is required and not replaced. A hostile one must not cost more than its length."""
    required: dict[str, str] = {}
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
                required[rest[0].strip('"')] = rest[1]
    yield from ((name, version) for name, version in required.items() if name not in replaced)


def _gemfile(text: str) -> Iterator[tuple[str, str]]:
    """Read the gems that are asked for in any case: not those within `if`, nor of a path."""
    depth: list[str] = []
    for line in (each for each in text.splitlines() if len(each) <= LONGEST):
        found = _GEM.match(line)
        if (
            found
            and not any(word in ("if", "unless", "case", "path", "git") for word in depth)
            and not re.search(r"\b(?:if|unless)\b|\bpath:|:path\b", found[3])
        ):
            # what other platforms take is asked for, but another version may be locked for this one
            free = _FROM_ELSEWHERE.search(found[3]) or any(word.startswith("platform") for word in depth)
            yield found[1], "" if free else " ".join(re.findall(r"""["']([^"']{1,60})["']""", found[2]))
        if re.match(r"\s*end\b", line):
            depth = depth[:-1]
        elif not found and _RUBY_OPENS.match(line):
            depth.append(line.split()[0].partition("(")[0] if line.split() else "")


def _composer(text: str) -> Iterator[tuple[str, str]]:
    manifest = json.loads(text)
    for table in ("require", "require-dev"):
        # a platform (php, ext-json, composer-runtime-api) has no maker's name and is in no lock
        yield from ((name, str(wanted)) for name, wanted in (manifest.get(table) or {}).items() if "/" in name)


def _nuget(text: str) -> Iterator[tuple[str, str]]:
    for found in _PACKAGE_REFERENCE.finditer(_unconditional(text)):
        told = dict(_ATTRIBUTE.findall(found[1]))
        if "Include" in told and "Condition" not in told and "$(" not in found[0]:
            yield told["Include"], told.get("Version", "")


def _unconditional(text: str) -> str:
    """Leave comments and groups with a condition out. By hand: no nesting makes it slow."""
    open_text = "".join(part.partition("-->")[2] if place else part for place, part in enumerate(text.split("<!--")))
    parts = open_text.split("<ItemGroup")
    return "".join(
        part.partition("</ItemGroup>")[2] if place and "Condition" in part.partition(">")[0] else part
        for place, part in enumerate(parts)
    )


def _mix(text: str) -> Iterator[tuple[str, str]]:
    """Read the list that a function named `deps` gives, to its `end`; what lies in the repository is in no lock."""
    inside: list[str] = []
    for line in text.splitlines():
        if _MIX_DEPS.match(line):
            inside = [""]
        elif inside and re.match(r"\s*end\b", line):
            yield from _mix_list("\n".join(inside))
            inside = []
        elif inside:
            inside.append(line.partition("#")[0])


def _mix_list(text: str) -> Iterator[tuple[str, str]]:
    for found in _MIX_DEP.finditer(text):
        if not re.search(r"\b(?:path|in_umbrella):", found[3]):
            yield found[1], found[2] or ""


def _gradle(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _GRADLE.match(line):
            yield found[1], ""


_READERS: Final[tuple[tuple[re.Pattern[str], str, Callable[[str], Iterator[tuple[str, str]]]], ...]] = (
    (regex(r"package\.json"), "npm", _npm),
    (regex(r"pyproject\.toml"), "pypi", _python),
    (regex(r"Pipfile"), "pypi", _pipfile),
    (regex(r"[\w.-]*requirements[\w.-]*\.in"), "pypi", _requirements_in),
    (regex(r"Cargo\.toml"), "cargo", _cargo),
    (regex(r"go\.mod"), "go", _go),
    (regex(r"Gemfile|gems\.rb"), "gem", _gemfile),
    (regex(r"composer\.json"), "composer", _composer),
    (regex(r"[\w.-]+\.(?:cs|fs|vb)proj"), "nuget", _nuget),
    (regex(r"mix\.exs"), "hex", _mix),
    (regex(r"build\.gradle(?:\.kts)?"), "maven", _gradle),
)
_STYLES: Final[tuple[tuple[re.Pattern[str], Style], ...]] = (
    (regex(r"package\.json"), "npm"),
    (regex(r"pyproject\.toml|Pipfile|.*\.in"), "python"),
    (regex(r"Cargo\.toml"), "cargo"),
    (regex(r"Gemfile|gems\.rb"), "gem"),
    (regex(r"composer\.json"), "composer"),
    (regex(r".*proj"), "nuget"),
    (regex(r"mix\.exs"), "hex"),
)
