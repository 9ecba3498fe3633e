"""Why a rule does not match: the literal that is missing, the part of the expression that does not fit, the context that is not there."""

from __future__ import annotations

from bisect import bisect_left
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from diagnose.kit.regex import regex
from diagnose.scan.expression import SHORT, search
from diagnose.scan.parts import Part, flags_of, literal, ways_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from diagnose.scan.rule import Rule
    from diagnose.scan.scanner import Match, Scan

Shown: TypeAlias = "Callable[[int, str], str]"

MOST_LINES: Final = 5
_PAGE: Final = 5000
_SHOWN: Final = 160
_GROUP: Final = regex(r"\((?:\?(?:P?<\w+>|[a-zA-Z-]*:?))?")


class Stop(NamedTuple):
    """Where an expression stops on a line. fits: its longest beginning that is found, as source, "" for none; wants: the part behind it.

    rest: how the line goes on behind what fits. ways: how many ways the wanted part has, 0 where it is no choice.
    """

    fits: str
    wants: str
    rest: str
    ways: int = 0


def why_not(rule: Rule, scan: Scan, line: int = 0, shown: Shown = lambda _number, text: text) -> list[str]:
    """Sentences: the lines that match; else the lines that come near, and what each of them lacks.

    line: look at this one alone; 0 for the whole log. shown: makes of a line (number, text) what may be told of it.
    """
    if line:
        return _one_line(rule, scan, line, shown)
    hits = [match for match in scan.matches if match.rule.id == rule.id]
    if hits:
        return [
            f"{rule.id} matches line {match.line}: {_cut(shown(match.line, match.text))}{_silencer(scan, match)}"
            for match in hits[:MOST_LINES]
        ]
    near, other_case = _near(rule, scan)
    if near:
        out = [f"{rule.id} does not match. Lines that hold a literal:"]
        return [
            *out,
            *(
                f"line {number}: {_cut(told)}\n    {_lack(rule, scan, text, told)}"
                for number, text in near
                for told in [shown(number, text)]
            ),
        ]
    out = [f"{rule.id} does not match: no line holds {_any_of(rule.literals)}{_case(rule)}"]
    return [
        *out,
        *(
            f"line {number} holds {found!r} in other letters: {_cut(shown(number, text))}"
            for number, text, found in other_case
        ),
    ]


def _one_line(rule: Rule, scan: Scan, number: int, shown: Shown) -> list[str]:
    if number > scan.log.total:
        return [f"the log has {scan.log.total} lines, and no line {number}"]
    text = scan.log.text(number)
    told = shown(number, text)
    match = next((match for match in scan.matches if match.rule.id == rule.id and match.line == number), None)
    if match:
        return [f"{rule.id} matches line {number}: {_cut(told)}{_silencer(scan, match)}"]
    return [f"{rule.id} does not match line {number}: {_cut(told)}\n    {_lack(rule, scan, text, told)}"]


def _lack(rule: Rule, scan: Scan, text: str, shown: str) -> str:
    """Say what a line lacks for the rule: a literal, a part of the expression, or the log a context. shown: what may be told of it."""
    if not _holds(rule, text):
        return f"it holds none of the literals {_any_of(rule.literals)}{_case(rule)}: the expression is not tried"
    if _fits(rule, rule.expression, text):
        return _context(rule, scan)
    stop = stop_of(rule, text)
    if not stop.fits:
        told = f"the expression fits nowhere on it: its beginning is {_source(stop.wants)}"
    else:
        told = f"the expression fits up to {_source(stop.fits)}; then it wants {_wanted(stop)}, and the line {_goes_on(stop.rest, shown)}"
    return told + _hint(rule, text)


def _wanted(stop: Stop) -> str:
    if stop.wants == "$":
        return "the end of the line ('$')"
    return _source(stop.wants) + (f" (none of its {stop.ways} ways)" if stop.ways else "")


def _source(part: str) -> str:
    """Quote a part of an expression as it is written in the pack: backslashes are not doubled."""
    return f"'{part}'"


def _goes_on(rest: str, shown: str) -> str:
    if not rest:
        return "ends"
    # the rest may begin in the middle of what is hidden, and half a secret is not known for one
    return f"goes on with {rest[:40]!r}" if rest in shown else "goes on"


def _context(rule: Rule, scan: Scan) -> str:
    """The whole expression fits, and still there is no hit."""
    if rule.requires and not any(each in line for _, line in _lines(scan) for each in rule.requires):
        return f"the expression fits, but the rule requires {_any_of(rule.requires)} somewhere in the same log, and it stands nowhere"
    if scan.dropped:
        return "the expression fits, but the rule has so many hits in this log that only the first are kept"
    return "the expression fits what is shown of the line, and not what stands in the log: the literal is looked for in the line's bytes"


def _hint(rule: Rule, text: str) -> str:
    """Give the one change that would make the line match, where there is one."""
    flags, body = flags_of(rule.expression)
    if body.startswith("^") and _fits(rule, flags + body[1:], text):
        return ". Without its '^' it fits: something stands before it on the line"
    if body.endswith("$") and not body.endswith("\\$") and _fits(rule, flags + body[:-1], text):
        return ". Without its '$' it fits: something stands behind it on the line"
    if not rule.caseless and search(rule.expression, text, caseless=True, linear=True) is not None:
        return ". In other letters it fits: the rule asks for the case of letters"
    return ""


def stop_of(rule: Rule, text: str) -> Stop:
    """Find where the expression stops on a line that it does not match: the way through it that gets furthest.

    Cuts are tried where the expression can be cut, each by the engine whose time is linear: some ten searches for each way.
    """
    flags, body = flags_of(rule.expression)
    return _furthest(rule, text, flags, body, "")


def _furthest(rule: Rule, text: str, before: str, body: str, tail: str) -> Stop:
    """Look into `body`, of which all ways are open: `before` stands before it, and `tail` closes the groups that are open."""
    stops = [_along(rule, text, before, way, tail) for way in ways_of(body)]
    return max(stops, key=lambda stop: (bool(stop.fits), -len(stop.rest), len(stop.fits)))


def _along(rule: Rule, text: str, before: str, way: Sequence[Part], tail: str) -> Stop:
    """Find how many parts of one way fit, by halving: what fits with more parts fits with fewer."""

    def up_to(count: int) -> str:
        return before + "".join(part.source for part in way[:count])

    counts = range(1, len(way) + 1)
    count = bisect_left(counts, True, key=lambda count: not _fits(rule, up_to(count) + tail, text))  # noqa: FBT003 - what is looked for
    fits, part = up_to(count), way[count] if count < len(way) else Part("")
    rest = _rest(rule, fits + tail, text)
    if part.opening and not part.repeat:
        inner = _furthest(rule, text, fits + part.opening, part.inner, ")" + tail)
        if inner.fits and len(inner.rest) < len(rest):
            return inner
    if _GROUP.sub("", fits).strip("^)") in ("", "\\b"):
        return Stop("", _run(way[count:]), text)
    ways = len(ways_of(part.inner)) if part.opening else 1
    return Stop(fits + tail, _run(way[count:]), rest, ways if ways > 1 else 0)


def _run(way: Sequence[Part]) -> str:
    """The first part as source; letters that follow one another as one word."""
    letters = "".join(part.source for part in takewhile(literal, way))
    return letters or (way[0].source if way else "")


def _rest(rule: Rule, part: str, text: str) -> str:
    """How the line goes on behind a part that fits."""
    flags, body = flags_of(part)
    found = _found(rule, f"{flags}(?:{body})(?P<rest>.*)", text)
    return found.get("rest", "") if found else text


def _fits(rule: Rule, expression: str, text: str) -> bool:
    return _found(rule, expression, text) is not None


def _found(rule: Rule, expression: str, text: str) -> Mapping[str, str] | None:
    return search(expression, text, caseless=rule.caseless, near=_place(rule, text), linear=True)


def _place(rule: Rule, text: str) -> int:
    if len(text) <= SHORT:
        return 0
    fold = str.lower if rule.caseless else str
    return min((place for each in rule.literals if (place := fold(text).find(fold(each))) >= 0), default=0)


def _holds(rule: Rule, text: str) -> bool:
    fold = str.lower if rule.caseless else str
    folded = fold(text)
    return any(fold(each) in folded for each in rule.literals)


def _near(rule: Rule, scan: Scan) -> tuple[list[tuple[int, str]], list[tuple[int, str, str]]]:
    """The first lines that hold a literal; and those that hold one but for the case of its letters."""
    near: list[tuple[int, str]] = []
    other: list[tuple[int, str, str]] = []
    lowered = {each.lower(): each for each in rule.literals}
    for number, text in _lines(scan):
        if _holds(rule, text):
            near.append((number, text))
        elif len(other) < MOST_LINES:
            found = next((each for each in lowered if each in text.lower()), "")
            other += [(number, text, lowered[found])] if found else []
        if len(near) == MOST_LINES:
            break
    return near, other


def _lines(scan: Scan) -> Iterator[tuple[int, str]]:
    for first in range(1, scan.log.total + 1, _PAGE):
        for line in scan.log.lines(first, first + _PAGE - 1):
            yield line.number, line.text


def _silencer(scan: Scan, match: Match) -> str:
    """Name the noise rule that silences a hit, if one does."""
    noise = next(
        (other.rule.id for other in scan.matches if other.line == match.line and other.rule.kind == "noise"), ""
    )
    return (
        f"\n    it is no evidence there: the noise rule {noise} matches the same line"
        if noise and match.rule.kind != "noise"
        else ""
    )


def _any_of(texts: Sequence[str]) -> str:
    return " or ".join(repr(each) for each in texts)


def _case(rule: Rule) -> str:
    return ", in any case" if rule.caseless else " (in this case of letters)"


def _cut(text: str) -> str:
    return text.strip()[:_SHOWN]
