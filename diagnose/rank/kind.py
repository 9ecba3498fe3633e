"""What sort of failure a line tells of that no rule knows, and which tool speaks: from what stands round it."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Titling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnose.model.words import Category
    from diagnose.rank.reading import Candidate, Reading
    from diagnose.scan.places import Spot
    from diagnose.scan.scanner import Match

NEAR: Final = 80
_SPEAKERS: Final = ("cause", "detail", "totals", "wrapper", "warning")
# what merely starts others: that it said something names nobody
_STARTERS: Final = frozenset({
    "make", "npm", "yarn", "pnpm", "bash", "python", "node", "tox", "pre-commit", "rake", "mix", "gradle", "maven", "coreutils",
    "automake", "ninja", "lerna", "nx", "turbo", "docker", "network", "resource", "ruby", "php", "java", "git",
})  # fmt: skip
_RUNNERS: Final = frozenset({
    "npx", "bunx", "pnpx", "uvx", "pipx", "sudo", "env", "time", "exec", "run", "poetry", "uv", "pdm", "hatch", "rye", "pipenv", "bundle", "pnpm", "yarn",
    "npm", "bun", "dlx", "python", "python3", "python2", "xvfb-run", "nice", "command", "then", "do", "if", "!", "--", "coverage", "$",
})  # fmt: skip
_SHELL: Final = frozenset({
    "cd", "set", "echo", "export", "source", ".", "make", "bash", "sh", "test", "[", "[[", "for", "while", "mkdir", "cp", "mv", "rm", "pip", "pip3", "apt-get", "apt",
    "git", "docker", "curl", "wget", "cat", "printf", "true", "false", "exit", "ls", "chmod", "install", "ci", "build", "script",
})  # fmt: skip
_PROGRAM: Final = regex(r"[A-Za-z][\w.+-]{1,39}")
_SETTING: Final = regex(r"\w+=")
_PARTS: Final = regex(r"&&|\|\|?|;")
_LONGEST: Final = 400
_COMPILED: Final = frozenset({
    ".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".m", ".mm", ".java", ".kt", ".kts", ".scala", ".groovy", ".cs", ".fs", ".vb", ".go", ".rs",
    ".swift", ".hs", ".ml", ".mli", ".ex", ".erl", ".f", ".f90", ".f95", ".for", ".d", ".nim", ".zig", ".cr", ".pas", ".pp", ".adb", ".ads", ".ts",
    ".tsx", ".vala", ".v", ".sv", ".vhd", ".vhdl", ".elm", ".purs", ".hx", ".proto", ".cob", ".cbl", ".sol", ".cu", ".asm", ".s", ".scss", ".sass",
    ".less", ".tex", ".pyx",
})  # fmt: skip
_WORDS: Final[tuple[tuple[Category, tuple[str, ...]], ...]] = (
    (
        "network",
        (
            "connection refused",
            "connection reset",
            "could not resolve host",
            "timed out",
            "503 service",
            "502 bad gateway",
        ),
    ),
    ("permission", ("permission denied", "forbidden", "unauthorized", "authentication failed", "access denied")),
    ("resource", ("no space left", "out of memory", "cannot allocate memory", "heap space")),
    ("test", ("assert", "test failed", "expected:", "failing test", "tests failed")),
    ("compile", ("syntax error", "undefined reference", "cannot find symbol", "compilation")),
    ("dependency", ("no matching version", "could not resolve dependencies", "unmet", "no matching distribution")),
)
_STEPS: Final[tuple[tuple[Category, tuple[str, ...]], ...]] = (
    ("format", ("format", "prettier", "black", "fmt", "whitespace")),
    ("lint", ("lint", "style", "ruff", "flake8", "check", "spell", "typo")),
    ("type-check", ("type", "mypy", "pyright", "tsc")),
    ("dependency", ("install", "npm ci", "bundle", "restore", "apt-get", "pip ")),
    ("test", ("test", "spec", "pytest", "tox", "coverage", "rake", "phpunit", "e2e")),
    ("compile", ("build", "compile", "make", "cargo", "gradle", "mvn")),
)


def kind_of(candidate: Candidate, reading: Reading, spot: Spot | None) -> tuple[Category, str]:
    """Say category and tool of a candidate: its rule's; else what the tool that speaks near it is for; else a guess.

    spot: the place that the line itself names.
    """
    if candidate.match is not None:
        rule = candidate.match.rule
        if rule.category == "other" and rule.ecosystem == "ci":  # a CI system passes on what another tool said
            heard = _speaker(candidate, reading)
            return (_category(heard, reading.scan.tools) if heard else rule.category), rule.tool
        return rule.category, rule.tool
    step = candidate.window.step.name if candidate.window.step else ""
    own = candidate.window.step.command if candidate.window.step else ""
    dialect = reading.log.dialect
    titled = isinstance(dialect, Titling) and dialect.is_title(step)
    shown = own or (step if step.startswith(("Run ", "$ ")) and not titled else "")
    commands = list(programs(shown))
    speaker = _speaker(candidate, reading)
    known = next((name for name in commands if name in reading.scan.tools), "")
    if speaker is not None and (not known or speaker.rule.tool == known):
        return _category(speaker, reading.scan.tools), speaker.rule.tool
    if known:
        return reading.scan.tools[known], known
    return guess(step.lower(), candidate.text.lower(), spot), (commands or [""])[0]


def _category(speaker: Match, tools: Mapping[str, Category]) -> Category:
    return speaker.rule.category if speaker.rule.category != "other" else tools.get(speaker.rule.tool, "other")


def _speaker(candidate: Candidate, reading: Reading) -> Match | None:
    """Find the nearest line that a tool of its own says in the same window, those behind it first: a summary ends a tool's output."""
    matches = reading.scan.matches
    at = bisect_left(matches, candidate.line, key=lambda match: match.line)
    best: tuple[int, Match] | None = None
    for place in (*range(at, min(len(matches), at + NEAR)), *range(max(0, at - NEAR), at)):
        match = matches[place]
        distance = match.line - candidate.line if match.line >= candidate.line else 2 * (candidate.line - match.line)
        if distance > NEAR or not candidate.window.first <= match.line <= candidate.window.last:
            continue
        if (
            match.rule.kind in _SPEAKERS
            and match.rule.tool not in _STARTERS
            and match.rule.ecosystem not in ("ci", "silent")
            and (best is None or distance < best[0])
        ):
            best = (distance, match)
    return best[1] if best else None


def programs(step: str) -> Iterator[str]:
    """Give the programs that a step's command runs, as far as its name shows them: `Run npx foolint src` is foolint."""
    command = step.removeprefix("Run ").removeprefix("$ ")
    for part in _PARTS.split(command[:_LONGEST]):
        for word in part.split():
            if _SETTING.match(word) or word in _RUNNERS or word.startswith("-"):
                continue
            name = word.removeprefix("./node_modules/.bin/").removeprefix("node_modules/.bin/")
            if _PROGRAM.fullmatch(name) and name not in _SHELL:
                yield name
            break


def guess(step: str, text: str, spot: Spot | None) -> Category:
    """Guess the likeliest category of a line that no rule knows: its words, the place it names, its step's name (all lower case)."""
    for category, words in _WORDS:
        if any(word in text for word in words):
            return category
    named = next((category for category, words in _STEPS if any(word in step for word in words)), None)
    if spot is not None and spot.file and named in (None, "compile", "other"):
        # a compiler says "error"; who only warns, or names no severity, is a linter
        return (
            "compile"
            if spot.severity.endswith("error") and PurePosixPath(spot.file.lower()).suffix in _COMPILED
            else "lint"
        )
    return named or "other"
