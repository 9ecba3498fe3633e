"""Which of the packages that moved a failure names, and how that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.drift.named import INSTALLED, named
from diagnose.kit.regex import regex
from diagnose.model.text import phrase
from diagnose.rank.causes import causes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.drift.compare import Drift, Moved
    from diagnose.drift.named import How
    from diagnose.model.text import Phrase, Untrusted
    from diagnose.model.words import Category
    from diagnose.rank.causes import CauseGroup
    from diagnose.rank.reading import Reading

ABOVE: Final = 15
BELOW: Final = 8
LONGEST: Final = 2000
STRONG: Final[tuple[How, ...]] = ("path", "module", "version", "tool")
"""A word that is also the package's name proves little; these are more than a word."""

_NEAR: Final[tuple[How, ...]] = ("path", "module")
_CHECKERS: Final[tuple[Category, ...]] = ("lint", "format", "type-check")
_CALLED: Final = {
    "tsc": "typescript",
    "clippy": "rustc",
    "rustfmt": "rustc",
    "rustc": "rustc",
    "cargo": "rustc",
    "golangci-lint": "golangci-lint",
}
"""By what package a checker comes, where it is called otherwise."""

_NAME: Final = 120
_VERSION: Final = 40
_ASSERTS: Final = regex(r"(?i)\bassert|\bexpect(?:ed|ation)|\bnot equal\b|\bshould (?:be|have|not)\b")
_FRAME: Final = regex(r'File "[^"]{1,400}", line \d|^\s*at \S|[\w./@-]{1,400}\.\w{1,5}:\d|^\s*--> ')


class Blamed(NamedTuple):
    """A package that moved, and how the failure names it."""

    moved: Moved
    how: How


def blamed(drift: Drift, reading: Reading, group: CauseGroup) -> tuple[Blamed, ...]:
    """Find what a cause names of what moved, came or went: strongest first, those that it does not name left out."""
    own, near = _texts(drift, reading, group)
    found = [Blamed(one, how) for one in drift.moved if (how := _how(own, near, one, group))]
    if not drift.partial:
        # a package that one log alone names says something only where the rest of its kind stands in both
        rest = [one for one in (*drift.came, *drift.went) if one.realm in drift.realms]
        found += [
            Blamed(one, how)
            for one in rest
            if (how := _how(own, near, one, group)) in _NEAR and (one.after or how == "module")
        ]
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.how)))


_ORDER: Final[tuple[How, ...]] = ("path", "module", "tool", "version", "name")


def first_blamed(drift: Drift, reading: Reading) -> tuple[Blamed, ...]:
    """Find what the first cause of a log names of what moved."""
    return next((blamed(drift, reading, group) for group in causes_of(reading)[:1]), ())


def _texts(drift: Drift, reading: Reading, group: CauseGroup) -> tuple[str, str]:
    """Give what the failure says, and what stands round it in its step; install lines say what moved, not what failed."""
    extent, window = group.lead.extent, group.lead.window
    installs = {one.line for one in (*drift.moved, *drift.came)}
    lines = reading.log.lines(
        max(window.first, min(extent.first, extent.line - ABOVE)), min(window.last, extent.last + BELOW)
    )
    texts = {line.number: line.text[:LONGEST].replace("\\", "/") for line in lines if line.number not in installs}
    innermost = _innermost(texts, extent.line)
    # a test runner's own frames stand above every failed test: of a stack only where it ended counts
    kept = {number: text for number, text in texts.items() if number in innermost or not INSTALLED.search(text)}
    own = "\n".join(text for number, text in kept.items() if extent.first <= number <= extent.last)
    return own, "\n".join(kept.values())


def _innermost(texts: dict[int, str], at: int) -> set[int]:
    """Find the telling line, and the places nearest to it: a stack ends above it, or begins below it."""
    above = [number for number in texts if number < at and _FRAME.search(texts[number])]
    below = [number for number in texts if number > at and _FRAME.search(texts[number])]
    return {at, *above[-1:], *below[:1]}


def _how(own: str, near: str, moved: Moved, group: CauseGroup) -> How:
    how = named(own, moved)
    if how not in _NEAR:
        round_it = named(near, moved)
        how = round_it if round_it in _NEAR else how
    if how == "path" and _ASSERTS.search(group.lead.text[:LONGEST]):
        return "name"  # an assertion is made by a package's helper, and fails by what was asserted
    if (
        how not in STRONG
        and group.category in _CHECKERS
        and group.tool
        and _CALLED.get(group.tool, group.tool) == moved.name.rpartition("/")[2].lower()
    ):
        return "tool"
    return how


def told(one: Moved, said: Callable[[str, int], Untrusted]) -> Phrase:
    """Say `urllib3 1.26.18 -> 2.0.2`. said: redacts, and cuts to so many characters."""
    name, before, after = said(one.name, _NAME), said(one.before, _VERSION), said(one.after, _VERSION)
    if not one.before:
        return phrase(name, " ", after, " (not there before)")
    return phrase(name, " ", before, " -> ", after) if one.after else phrase(name, " ", before, " (not there any more)")
