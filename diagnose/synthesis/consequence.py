"""What merely follows: by what the rules say of each other, and by its form: a thing is missing that the failure before was to bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnose.model.finding import CauseFinding
    from diagnose.scan.rule import Rule

MOST_WORDS: Final = 40
NEXT: Final = 3
_MISSING: Final = regex(
    r"(?i)\bnot found\b|no such file|cannot (?:find|open|access|stat|locate)|can't (?:find|open|cd|load)|could not (?:find|open|load)|unable to (?:locate|find|open|access)|"
    r"no module named|does not exist|doesn't exist|is missing|not installed|no files were found|no rule to make target|failed to (?:open|load|find)"
)
# what was to bring something about, and did not
_BRINGS: Final = (
    "dependency",
    "network",
    "compile",
    "build-system",
    "configuration",
    "resource",
    "permission",
    "infrastructure",
    "timeout",
    "vcs",
)
_FETCHES: Final = ("dependency", "network", "vcs")
_BROUGHT: Final = ("dependency", "network", "compile", "build-system", "vcs")
_THING: Final = regex(r"[\w@+-]*[A-Za-z][\w@+.-]{3,}")
_TRAILING: Final = regex(r"(?:\.(?:tar|gz|tgz|xz|bz2|zip|deb|rpm|whl|jar|so|o|a|c|cc|cpp|h|py|rb|js|ts|exe|dll|lib))+$")
_COMMON: Final = frozenset(
    [
        "error",
        "errors",
        "fatal",
        "warning",
        "failed",
        "failure",
        "cannot",
        "could",
        "file",
        "files",
        "directory",
        "such",
        "found",
        "module",
        "named",
        "build",
        "make",
        "with",
        "from",
        "this",
        "that",
        "have",
        "line",
        "when",
        "while",
        "command",
        "download",
        "downloading",
        "install",
        "installing",
        "package",
        "packages",
        "version",
        "http",
        "https",
        "github.com",
        "unable",
        "open",
        "does",
        "exist",
        "missing",
        "test",
        "tests",
    ]
)


def brought_about(first: CauseFinding, second: CauseFinding, rules: Mapping[str, Rule]) -> bool:
    """Whether `second` merely follows `first`, which stands before it in the same job.

    Its rule says so, or it is a wrapper, or it misses what `first` was to bring: it names the same thing, stands right behind it, or
    runs in a later step.
    """
    if first.job != second.job or first.follows_any or first.evidence[0].line >= second.evidence[0].line:
        return False
    if second.follows_any:
        return True
    names = rules[second.rule].follows if second.rule in rules else ()
    explained = rules[first.rule].explains if first.rule in rules else ()
    if any(_names(name, first.rule) for name in names) or any(_names(name, second.rule) for name in explained):
        return True
    return first.rule in rules and rules[first.rule].kind == "cause" and _misses(first, second)


def _misses(first: CauseFinding, second: CauseFinding) -> bool:
    told = plain(second.evidence[0].text).split("\n", 1)[0]
    if not _MISSING.search(told) or first.category not in _BRINGS:
        return False
    if first.step and second.step > first.step:
        return True
    if first.category in _FETCHES and second.evidence[0].line - first.evidence[0].line <= NEXT:
        return True
    return first.category in _BROUGHT and bool(set(_things(plain(first.evidence[0].text))) & set(_things(told)))


def _things(text: str) -> Iterator[str]:
    """Give the names in a text that are no common word, without what stands before and behind them: foo of /tmp/foo.tar.gz."""
    for count, match in enumerate(_THING.finditer(text)):
        if count >= MOST_WORDS:
            return
        word = _TRAILING.sub("", match[0].strip(".-").lower())
        if len(word) > 3 and word not in _COMMON:  # noqa: PLR2004 - shorter ones are alike by chance
            yield word


def _names(pattern: str, rule: str) -> bool:
    if pattern == "*":
        return bool(rule)
    return pattern == rule or (pattern.endswith("/*") and rule.startswith(pattern[:-1]))
