"""One test under several names: its heading, its line in a summary and a listing each write it their own way."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.scan.blocks import JOINT

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_CLASS: Final = regex(r"^(?P<method>[\w$]+(?:\[[^\]]*\])?) ?\((?P<owner>[\w$<>]+(?:\.[\w$<>]+)+)\)$")
_TWICE: Final = regex(r"^(?P<whole>(?P<owner>[\w$.]+)\.[\w$]+(?:\[[^\]]*\])?)\((?P=owner)\)$")
_CASE: Final = regex(r"(?<=\w)(?:\{[^}]*\})?\[[^\]]*\]$")
_JOINTS: Final = regex(r"::| > |#")
_BETWEEN: Final = regex(r"(?:[\s/\\:#>\u203a\u00bb\u2192.]|(?<=\s)-(?=\s))+")
_ENDING: Final = regex(r"\.(?:py|[cm]?[jt]sx?|rb|php|go|rs|java|kt|swift|exs?)(?=\.|$)")
CUT: Final = "\u2026"
_EDGES: Final = ":.#/> "
_SHORTEST: Final = 8
_EDGE: Final = regex(f"[{_EDGES}]")


@lru_cache(maxsize=8192)
def plain_name(name: str) -> str:
    """Write a test's name as `folder/file.Class.method`, whichever of its runner's spellings it came in.

    `test_a (mod.T)`, `test_a (mod.T.test_a)` (unittest, the second since Python 3.11), `a(com.acme.T)` (JUnit 4),
    `mod.py::T::test_a` (pytest), `T > a()` (Gradle), `T#a` (surefire's -Dtest), `com.acme.T.a(com.acme.T)` (surefire's reruns).
    """
    twice = _TWICE.match(name)
    if twice:
        return twice["whole"]
    found = _OF_CLASS.match(name)
    if found:
        method, owner = found["method"], found["owner"]
        return owner if owner.endswith(f".{method}") else f"{owner}.{method}"
    return _JOINTS.sub(".", name).removesuffix("()")


def means(whole: str, name: str) -> bool:
    """Whether `name` is the test that the full name `whole` means: the same, or its last parts, or these without the case's number."""
    longer, shorter = plain_name(whole), plain_name(name)
    if longer.endswith("]") != shorter.endswith("]"):
        longer, shorter = _CASE.sub("", longer), _CASE.sub("", shorter)
    return longer == shorter or (longer.endswith(shorter) and longer[-len(shorter) - 1] in _EDGES)


def known_as(names: Iterable[str], name: str) -> str:
    """The one of `names` that means the same test as `name`, the whole or its last parts; "" when none does."""
    end = last_word(name)
    cut = name.endswith(CUT)
    for other in names:
        if last_word(other) == end and (means(other, name) or means(name, other)):
            return other
        if cut != other.endswith(CUT) and _mended(name, other):
            return other
    return ""


def fullest(one: str, other: str) -> str:
    """Of two names of one test the one that says most; a title that its runner cut (`T > it sums\u2026`) is whole again."""
    return _mended(one, other) or max(one, other, key=len)


def _mended(one: str, other: str) -> str:
    """Put the whole title of one name behind the suites of the other, whose title is cut; "" where that does not fit."""
    if one.endswith(CUT) == other.endswith(CUT):
        return ""
    cut, whole = (one, other) if one.endswith(CUT) else (other, one)
    before, joint, title = cut.removesuffix(CUT).rpartition(" > ")
    suites, _, last = whole.rpartition(" > ")
    fits = len(title) >= _SHORTEST and last.startswith(title) and (before.endswith(suites) or suites.endswith(before))
    return max(before, suites, key=len) + (joint or " > ") * bool(before or suites) + last if fits else ""


def suites_of(names: Iterable[str]) -> set[str]:
    """Every suite that stands before a test in one of these names: `cart` and `cart \u203a sums` of `cart \u203a sums \u203a prices`."""
    out: set[str] = set()
    for name in names:
        at = name.find(JOINT)
        while at > 0:
            out.add(name[:at])
            at = name.find(JOINT, at + 1)
    return out


@lru_cache(maxsize=8192)
def last_word(name: str) -> str:
    """What two names of one test have in common at least; it is quick to compare."""
    return _EDGE.split(_CASE.sub("", plain_name(name)))[-1]


def same_test(one: str, other: str) -> bool:
    """Whether two names from different hands (a log, a test report) are of one test: joints, file endings and roots differ there.

    `tests/test_a.py::T::test_b`, `tests.test_a.T.test_b`; `Cart > adds items`, `Cart adds items`.
    """
    return one == other or means(_flat(one), _flat(other)) or means(_flat(other), _flat(one))


@lru_cache(maxsize=8192)
def _flat(name: str) -> str:
    head, bracket, rest = name.partition("[") if not name.startswith("[") else (name, "", "")
    return _ENDING.sub("", _BETWEEN.sub(".", plain_name(head))) + bracket + rest
