"""Which commands are checks: those whose failure somebody wants to see. What is not known for one is none.

A lint that takes `rm -f x || true` for a hidden failure is switched off within a day, so the list names tests, linters, type
checkers, compilers and build tools, and says by their words what is a check (`npm test`) and what is not (`npm install`).
"""

from __future__ import annotations

import itertools
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALWAYS: Final = frozenset(
    [
        "pytest",
        "py.test",
        "tox",
        "nox",
        "nosetests",
        "flake8",
        "pylint",
        "mypy",
        "pyright",
        "basedpyright",
        "pytype",
        "dmypy",
        "jest",
        "vitest",
        "mocha",
        "ava",
        "cypress",
        "eslint",
        "stylelint",
        "tsc",
        "vue-tsc",
        "svelte-check",
        "xo",
        "oxlint",
        "rspec",
        "rubocop",
        "standardrb",
        "cucumber",
        "phpunit",
        "pest",
        "phpstan",
        "psalm",
        "phpcs",
        "ctest",
        "golangci-lint",
        "staticcheck",
        "ginkgo",
        "gotestsum",
        "shellcheck",
        "hadolint",
        "yamllint",
        "actionlint",
        "ansible-lint",
        "ktlint",
        "detekt",
        "swiftlint",
        "xcodebuild",
        "bats",
        "prove",
        "busted",
        "luacheck",
        "clang-tidy",
        "cppcheck",
        "cpplint",
        "pycodestyle",
        "pydocstyle",
        "markdownlint",
        "markdownlint-cli2",
        "codespell",
        "lein",
        "ng",
    ]
)
_SUBCOMMANDS: Final[dict[str, frozenset[str]]] = {
    "ruff": frozenset({"check"}),
    "cargo": frozenset(
        {"test", "t", "build", "b", "check", "c", "clippy", "nextest", "hack", "miri", "tarpaulin", "llvm-cov"}
    ),
    "go": frozenset({"test", "vet", "build"}),
    "deno": frozenset({"test", "lint", "check"}),
    "bun": frozenset({"test"}),
    "playwright": frozenset({"test"}),
    "biome": frozenset({"check", "ci", "lint"}),
    "buf": frozenset({"lint", "breaking"}),
    "terraform": frozenset({"validate", "test"}),
    "helm": frozenset({"lint"}),
    "dotnet": frozenset({"test", "build"}),
    "swift": frozenset({"test", "build"}),
    "flutter": frozenset({"test", "analyze"}),
    "dart": frozenset({"test", "analyze"}),
    "mix": frozenset({"test", "credo", "dialyzer", "compile"}),
    "rebar3": frozenset({"ct", "eunit", "dialyzer", "compile"}),
    "stack": frozenset({"test", "build"}),
    "cabal": frozenset({"test", "build"}),
    "bazel": frozenset({"test", "build"}),
    "bazelisk": frozenset({"test", "build"}),
    "rails": frozenset({"test"}),
    "rake": frozenset({"test", "spec"}),
    "meson": frozenset({"test", "compile"}),
    "zig": frozenset({"test", "build"}),
    "ng": frozenset({"test", "lint", "build", "e2e"}),
    "hatch": frozenset({"test"}),
    "forge": frozenset({"test", "build"}),
    "pre-commit": frozenset({"run"}),
    "prek": frozenset({"run"}),
    "nx": frozenset({"test", "lint", "build", "affected", "run-many"}),
    "turbo": frozenset({"test", "lint", "build"}),
    "lerna": frozenset({"test"}),
}
_BUILDERS: Final = frozenset({"make", "gmake", "just", "task", "ninja", "mage", "invoke", "scons", "msbuild", "waf"})
_JVM: Final = frozenset({"mvn", "mvnw", "gradle", "gradlew", "sbt", "mill", "ant"})
_PACKAGES: Final = frozenset({"npm", "yarn", "pnpm", "bun", "composer", "pdm", "hatch", "poe", "deno"})
_CHECKED: Final = {"black": ("--check",), "isort": ("--check", "--check-only", "-c"), "prettier": ("--check", "-c", "-l", "--list-different"), "stylua": ("--check",),
                   "clang-format": ("--dry-run", "-n", "-Werror"), "php-cs-fixer": ("check", "--dry-run"), "rustfmt": ("--check",), "yapf": ("--diff", "-d"), "autoflake": ("--check",)}  # fmt: skip
_FORMATS: Final = {
    "cargo": "--check",
    "deno": "--check",
    "terraform": "-check",
    "ruff": "--check",
    "mix": "--check-formatted",
    "dotnet": "--verify-no-changes",
}
_MODULES: Final = frozenset({"unittest", "doctest"})

KNOWN: Final = frozenset({*_ALWAYS, *_SUBCOMMANDS, *_BUILDERS, *_JVM, *_PACKAGES, *_CHECKED, "node"})
"""Names that are ours to say."""

_TESTING: Final = regex(
    r"(?:^|[\W_])(?:tests?|testing|check|checks|lint|linting|verify|spec|specs|e2e|unit|integration|typecheck|type-check|types|tsc|validate|ci)(?:$|[\W_])",
    re.IGNORECASE,
)
_BUILDING: Final = regex(r"(?:^|[\W_])(?:build|compile|all)(?:$|[\W_])", re.IGNORECASE)
_OTHER: Final = regex(
    r"doc|cover|bench|deploy|publish|release|clean|install|setup|prepare|report|upload|download|audit|outdated|update|upgrade|format|fix|fmt|start|serve|server|stop|"
    r"down|watch|cache|notify|changelog|example|demo|version|status|list|wait|health|ready|disk|space|deps|env|exists|changed|size|config|matri|generate|vault|login|checkout|gitlab-ci",
    re.IGNORECASE,
)
_SCRIPT: Final = regex(r"(?:^|/)[\w.-]+\.(?:sh|bash|py|js|mjs|ts|rb|pl|ps1|php|bat|cmd)$")

_WRAPPERS: Final = frozenset(
    {
        "sudo",
        "env",
        "time",
        "timeout",
        "gtimeout",
        "nice",
        "command",
        "exec",
        "stdbuf",
        "xvfb-run",
        "unbuffer",
        "nohup",
        "ionice",
        "chronic",
        "catchsegv",
        "arch",
        "setarch",
        "dbus-run-session",
    }
)
_RUNNERS: Final[dict[str, tuple[str, ...]]] = {
    "uv": ("run",), "poetry": ("run",), "pipenv": ("run",), "pdm": ("run",), "rye": ("run",), "bundle": ("exec",), "pnpm": ("exec", "dlx"), "opam": ("exec",),
    "conda": ("run",), "mamba": ("run",), "micromamba": ("run",), "pixi": ("run",), "npm": ("exec",), "mise": ("exec", "x"), "coverage": ("run",), "dotenv": ("run",),
    "uvx": (), "npx": (), "bunx": (), "pipx": ("run",), "rlwrap": (), "doppler": ("run",), "direnv": ("exec",), "yarn": ("exec", "dlx"),
}  # fmt: skip
_TAKES_VALUE: Final = frozenset(
    {
        "-p",
        "-n",
        "-C",
        "-s",
        "-k",
        "--signal",
        "--kill-after",
        "--group",
        "--extra",
        "--with",
        "--python",
        "--project",
        "--directory",
        "-e",
        "--env",
        "-u",
        "-c",
        "-w",
        "--package",
        "--filter",
        "-F",
        "--cwd",
        "--prefix",
        "-o",
    }
)
_DURATION: Final = regex(r"\d+(?:\.\d+)?[smhd]?|\$\{?\w.*")
_SETTING: Final = regex(r"\w+=.*", re.DOTALL)


_NAMES_A_PART: Final = ("-w", "--workspace", "--prefix", "--filter", "-F", "--cwd", "-C", "--directory")
"""Options of package managers and of make behind which a folder or a part of the project stands."""


def bare(word: str) -> str:
    """Give a program's name without folder and extension: `./node_modules/.bin/jest` is `jest`."""
    name = PurePosixPath(word.replace("\\", "/")).name
    return re.sub(r"\.(?:exe|cmd|bat)$", "", name)


def unwrapped(words: Sequence[str]) -> tuple[str, ...]:
    """Take off what only runs another program: `sudo`, `timeout 60`, `poetry run`, `python -m`, `npx`."""
    rest = list(words)
    for _ in range(8):
        before = len(rest)
        rest = _without_one(rest)
        if len(rest) == before:
            break
    return tuple(rest)


def _without_one(rest: list[str]) -> list[str]:
    name = bare(rest[0]) if rest else ""
    if name in _WRAPPERS:
        return _after_options(rest[1:], durations=name in ("timeout", "gtimeout"))
    if name in _RUNNERS:
        wanted = _RUNNERS[name]
        if not wanted:
            return _after_options(rest[1:])
        if len(rest) > 1 and rest[1] in wanted:
            return _after_options(rest[2:])
    if re.fullmatch(r"python[\d.]*|py", name):
        place = next((place for place, word in enumerate(rest[1:7], 1) if word == "-m"), 0)
        if place and all(
            word.startswith("-") or before in ("-W", "-X") for before, word in itertools.pairwise(rest[:place])
        ):
            return rest[place + 1 :]
    if name == "cargo" and len(rest) > 1 and rest[1].startswith("+"):
        return [rest[0], *rest[2:]]
    return rest


def _after_options(rest: list[str], *, durations: bool = False) -> list[str]:
    place = 0
    while place < len(rest):
        word = rest[place]
        if word == "--":
            return rest[place + 1 :]
        if word.startswith("-"):
            place += 2 if word in _TAKES_VALUE else 1
        elif _SETTING.fullmatch(word):
            place += 1
        elif durations and _DURATION.fullmatch(word):
            place, durations = place + 1, False
        else:
            break
    return rest[place:] if place < len(rest) else []


def check_of(words: Sequence[str]) -> str:
    """Name the check that a command runs ("pytest", "npm test"), "" when it is none that is known."""
    rest = unwrapped(words)
    if not rest or rest[0].startswith("$") or "--help" in rest or "--version" in rest or "-V" in rest[1:2]:
        return ""
    name = bare(rest[0])
    plain = [
        word for before, word in itertools.pairwise(rest) if not word.startswith("-") and before not in _NAMES_A_PART
    ]
    first = plain[0] if plain else ""
    if name in _PACKAGES and (found := _of_packages(name, plain)):
        return found
    if name in _SUBCOMMANDS and first in _SUBCOMMANDS[name]:
        return "" if _only_looks(name, rest) else f"{name} {first}"
    if name in _FORMATS and first in ("fmt", "format") and _FORMATS[name] in rest:
        return f"{name} {first}"
    return _by_name(name, rest, plain)


def _by_name(name: str, rest: Sequence[str], plain: Sequence[str]) -> str:
    if name in _CHECKED:
        return name if any(flag in rest for flag in _CHECKED[name]) else ""
    if name in _ALWAYS:
        return name if not _asks_only(name, rest) else ""
    if name in _BUILDERS or name in _JVM:
        return _of_builder(name, plain)
    return _of_script(name, rest, plain)


def _only_looks(name: str, rest: Sequence[str]) -> bool:
    """What fetches, measures or lists is no check: `pre-commit run --install-hooks`, `go test -bench`, `cargo test --no-run`."""
    if name == "go":
        return any(word.startswith(("-bench", "-list", "-fuzz=")) for word in rest)
    return (name in ("pre-commit", "prek") and "--install-hooks" in rest) or "--no-run" in rest


def _asks_only(name: str, rest: Sequence[str]) -> bool:
    """What prints facts and runs nothing."""
    if name == "xcodebuild":
        return not any(
            word in ("test", "build", "build-for-testing", "test-without-building", "analyze") for word in rest[1:]
        )
    if name in ("lein", "ng"):
        return not any(word in ("test", "check", "lint", "build", "e2e") for word in rest[1:])
    if name == "tox":
        return "--notest" in rest or "--showconfig" in rest
    if name == "cypress":
        return "run" not in rest[1:]
    listing = {
        "--collect-only",
        "--co",
        "--listTests",
        "--showConfig",
        "--list",
        "-l",
        "--print-config",
        "--fix",
        "--install-types",
        "-N",
        "-showBuildSettings",
    }
    return any(word in listing for word in rest[1:])


def _of_packages(name: str, plain: Sequence[str]) -> str:
    script = plain[0] if plain else ""
    if script in ("run", "run-script", "rum") and len(plain) > 1:
        script = plain[1]
    elif script not in ("test", "t", "tst") and name in ("npm", "hatch", "bun", "deno"):
        return ""  # `npm ci` installs
    if not script or script in ("ci", "install", "add", "check-platform-reqs", "validate"):
        return ""
    if script in ("t", "tst"):
        script = "test"
    return f"{name} {script}" if _is_check_name(script) else ""


def _of_builder(name: str, plain: Sequence[str]) -> str:
    targets = [word for word in plain if "=" not in word]
    if name in _JVM:
        wanted = [
            word
            for word in targets
            if re.search(
                r"(?:^|:|[a-z])(?:test|check|verify|install|package|build|lint|compile|assemble)", word, re.IGNORECASE
            )
        ]
        wanted = [word for word in wanted if not _OTHER.search(word.replace("install", ""))]
        return f"{name} {wanted[0]}" if wanted else ""
    if not targets:
        return name if name in ("make", "gmake", "ninja", "msbuild", "scons") else ""
    found = [word for word in targets if _is_check_name(word)]
    return f"{name} {found[0]}" if found else ""


def _is_check_name(word: str) -> bool:
    if _OTHER.search(word):
        return False
    return bool(_TESTING.search(word) or _BUILDING.search(word))


def _of_script(name: str, rest: Sequence[str], plain: Sequence[str]) -> str:
    """A script of the project whose name says that it tests: `./ci/run_tests.sh`, `python tests/run.py`."""
    path = rest[0]
    if re.fullmatch(r"python[\d.]*|py|bash|sh|zsh|node|ruby|perl|php|pwsh|powershell", name):
        path = plain[0] if plain else ""
        if name == "node" and "--test" in rest:
            return "node --test"
        if "-c" in rest or "-e" in rest or "-" in rest:
            return ""
        if path.endswith("manage.py") or path == "setup.py":
            return f"{path} test" if "test" in plain[1:] else ""
        if not _SCRIPT.search(path):
            return ""
    elif not path.startswith(
        ("./", "../", ".\\", "scripts/", "ci/", "bin/", "tools/", ".github/", "script/", "test/", "tests/")
    ):
        return "unittest" if name in _MODULES else ""
    file = PurePosixPath(path.replace("\\", "/")).name
    stem = file.rpartition(".")[0] or file
    return (
        file
        if not _OTHER.search(stem)
        and re.search(r"(?:^|[\W_])(?:tests?|runtests?|check|lint|verify|e2e|unit)(?:$|[\W_])", stem, re.IGNORECASE)
        else ""
    )
