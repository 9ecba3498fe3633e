"""What kind of file a path is, by its name alone."""

from __future__ import annotations

import re
from typing import Final, Literal

from diagnose.kit.regex import regex

Kind = Literal["workflow", "manifest", "lock", "test", "source", "prose"]

LOCKS: Final = frozenset({
    "uv.lock", "poetry.lock", "pdm.lock", "pipfile.lock", "conda-lock.yml", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml",
    "bun.lock", "bun.lockb", "deno.lock", "cargo.lock", "go.sum", "go.work.sum", "gemfile.lock", "gradle.lockfile", "composer.lock", "mix.lock",
    "packages.lock.json", "pubspec.lock", "podfile.lock", "package.resolved", "flake.lock", "verification-metadata.xml",
})  # fmt: skip
MANIFESTS: Final = frozenset({
    "pyproject.toml", "setup.py", "setup.cfg", "pipfile", "tox.ini", "noxfile.py", "package.json", "cargo.toml", "go.mod", "gemfile", "pom.xml",
    "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradle.properties", "gradle-wrapper.properties", "libs.versions.toml",
    "composer.json", "mix.exs", "dockerfile", "directory.packages.props", "packages.config", "global.json", "package.swift", "podfile", "pubspec.yaml",
    "deno.json", "conanfile.txt", "conanfile.py", "vcpkg.json", "flake.nix", ".pre-commit-config.yaml", ".python-version", ".nvmrc", ".node-version",
    ".ruby-version", ".java-version", ".tool-versions", "mise.toml", "rust-toolchain", "rust-toolchain.toml", "docker-compose.yml", "compose.yaml", "pnpm-workspace.yaml",
})  # fmt: skip
_MANIFEST: Final = regex(
    r"(?:requirements|constraints)[\w.-]*\.(?:txt|in)|environment[\w-]*\.ya?ml|.*\.(?:gemspec|csproj|fsproj|podspec|cabal)|dockerfile[.-].+|.+\.dockerfile"
)
_WORKFLOW: Final = regex(
    r"\.github/workflows/[^/]+\.ya?ml|(?:.*/)?action\.ya?ml|\.gitlab-ci\.yml|\.travis\.yml|\.circleci/config\.yml|azure-pipelines\.yml|jenkinsfile|appveyor\.yml|\.?cirrus\.(?:yml|star)"
)
_TEST_FOLDERS: Final = frozenset(
    {
        "test",
        "tests",
        "__tests__",
        "spec",
        "specs",
        "testing",
        "e2e",
        "testdata",
        "fixtures",
        "__snapshots__",
        "integrationtest",
        "androidtest",
    }
)
_TEST: Final = regex(r"test_.+|tests?\.\w+|.+_(?:test|spec)\.\w+|.+\.(?:test|spec|cy)\.\w+|conftest\.py")
_TEST_CLASS: Final = regex(r".+(?:Test|Tests|TestCase|Spec|IT)\.(?:java|kt|scala|groovy|cs|swift|php)")
_PROSE: Final = regex(
    r"(?:change(?:s|log)?|history|news|readme|licen[cs]e|authors|contributors|contributing|security|code_of_conduct|notice|todo)(?:\.[\w-]+)?|.*\.(?:md|rst|adoc|png|svg|gif|jpe?g)|\.gitignore|\.gitattributes|codeowners|\.mailmap|dependabot\.ya?ml|renovate\.json5?|\.readthedocs\.ya?ml|\.editorconfig|\.?codecov\.ya?ml|funding\.yml|labeler\.yml|\.all-contributorsrc"
)
_PROSE_FOLDERS: Final = frozenset(
    {"docs", "doc", "changelog.d", "newsfragments", "changes", ".changeset", "news", "issue_template"}
)
_PINNING: Final = frozenset({"manifest", "lock", "workflow"})


def kind_of(path: str) -> Kind:
    """Tell a file's kind. A changelog, a picture, a document is prose: a change of it explains no failure."""
    lower = path.lower()
    *folders, name = lower.split("/")
    if _WORKFLOW.fullmatch(lower):
        return "workflow"
    if name in LOCKS or re.fullmatch(r"requirements[\w.-]*\.lock", name):
        return "lock"
    if (
        name in MANIFESTS
        or _MANIFEST.fullmatch(name)
        or (folders and folders[-1] == "requirements" and name.endswith((".txt", ".in")))
    ):
        return "manifest"
    if _PROSE.fullmatch(name) or (
        _PROSE_FOLDERS & set(folders) and name.endswith((".txt", ".html", ".css", ".toml", ".yml"))
    ):
        return "prose"
    if _TEST.fullmatch(name) or _TEST_CLASS.fullmatch(path.rpartition("/")[2]) or _TEST_FOLDERS & set(folders):
        return "test"
    return "source"


def holds_pins(path: str) -> bool:
    """Tell whether lines of this file name versions of what the project is made with."""
    return kind_of(path) in _PINNING


def short(path: str, most: int = 70) -> str:
    """Return a path that fits a line: its last parts, where it is long."""
    if len(path) <= most:
        return path
    parts = path.split("/")
    while len(parts) > 1 and len("/".join(parts)) + 2 > most:
        parts.pop(0)
    return f"…/{'/'.join(parts)}"[: most + 1]
