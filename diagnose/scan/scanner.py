"""One pass over a log: lines, marks, rule matches and telling words."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from diagnose.logs.decode import entire, strip_colours
from diagnose.logs.dialects import detect, dialects
from diagnose.logs.frames import framed
from diagnose.logs.log import Log
from diagnose.logs.nested import said
from diagnose.logs.steps import steps_of
from diagnose.scan.expression import CUT, SHORT, WINDOW, groups, search, searcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from diagnose.logs.dialect import Dialect, Mark
    from diagnose.logs.pages import Pages
    from diagnose.model.words import Category
    from diagnose.scan.gate import Gate
    from diagnose.scan.rule import Rule
    from diagnose.scan.rulebase import RuleBase

# Words that failures are told in, whatever the tool. Case does not matter. They only say where to look.
WORDS: Final = (
    "error", "fail", "exception", "fatal", "panic", "abort", "killed", "cannot", "can't", "could not", "couldn't", "unable to",
    "denied", "not found", "no such", "undefined", "unexpected", "unresolved", "traceback", "assert", "refused", "timed out",
    "timeout", "conflict", "mismatch", "not ok", "segmentation", "invalid", "missing", "✗", "✖", "✘", "❌", "●", "expected",
    "would reformat", "differ", "terminated", "violation", "unknown", "unsupported", "forbidden", "does not exist",
)  # fmt: skip
PER_RULE: Final = 2000
LONG: Final = 32_768
_SECTION_ENDS: Final = ("wrapper", "totals")


class Match(NamedTuple):
    """A rule fired on a line. text: the line without framing; captures: its named groups."""

    line: int
    rule: Rule
    text: str
    captures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass found. words: numbers of the lines that hold a telling word. dropped: matches beyond PER_RULE a rule.

    tools: every tool that the rules know, with what it is for.
    """

    log: Log
    matches: tuple[Match, ...]
    words: array[int]
    dropped: int
    tools: Mapping[str, Category]


class _Quick(dict[int, "Callable[[str], Any]"]):
    """For each rule (by index) its search on short lines, made when it is first asked for."""

    def __init__(self, rules: RuleBase) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, index: int) -> Callable[[str], Any]:
        rule = self._rules.rules[index]
        found = self[index] = searcher(rule.expression, caseless=rule.caseless, linear=rule.foreign)
        return found


class Scanner:
    """Rules, dialects' marks and telling words in one gate; made once, used for every log."""

    def __init__(self, rules: RuleBase) -> None:
        self.rules = rules
        marks = sorted({literal for dialect in dialects() for literal in dialect.literals})
        self._marks = len(marks)
        self._mark_ids = {literal: index for index, literal in enumerate(marks)}
        self._first_rule = len(marks) + len(WORDS)
        self._words = frozenset(range(self._marks, self._first_rule))
        more = [(literal, False) for literal in marks] + [(word.encode(), True) for word in WORDS]
        self._more = more
        self._gates: dict[str, Gate] = {}
        self.quick = _Quick(rules)
        self._literals = [*more, *rules.literals]

    def scan(self, name: str, pages: Pages) -> Scan:
        """Read the log once. `name` is what reports call it."""
        dialect = detect(*pages.ends())
        reading = _Reading(self, dialect)
        gate = self._gate(dialect)
        for page in framed(pages, dialect):
            data = strip_colours(page.data)
            for line, start, stop, ids in gate.lines(data, page.first):
                reading.take(line, data, (start, stop), ids)
        log = Log(name, pages, dialect, tuple(reading.marks), steps_of(reading.marks, pages.total))
        return Scan(
            log,
            tuple(self._in_context(reading.matches, reading.seen)),
            reading.words,
            reading.dropped,
            self.rules.tools,
        )

    def _in_context(self, matches: list[Match], seen: set[int]) -> Iterator[Match]:
        """Drop the matches of rules whose context stands nowhere in the log."""
        present = {identity - self._first_rule for identity in seen}
        wanted = self.rules.requirements
        for match in _placed(list(_heard(matches))):
            context = wanted.get(match.rule.id)
            if context is None or not context.isdisjoint(present):
                yield match

    def _gate(self, dialect: Dialect) -> Gate:
        """Give the gate for a dialect's logs: other dialects' marks are not looked for, one of them is a mere tab."""
        gate = self._gates.get(dialect.name)
        if gate is None:
            leave = frozenset(range(self._marks)) - self.wanted_marks(dialect)
            gate = self._gates[dialect.name] = self.rules.gate(self._more, leave)
        return gate

    def literals(self, dialect: Dialect) -> list[bytes]:
        """Give what is looked for in a dialect's logs."""
        wanted = self.wanted_marks(dialect)
        return [literal for index, (literal, _) in enumerate(self._literals) if index >= self._marks or index in wanted]

    def wanted_marks(self, dialect: Dialect) -> frozenset[int]:
        """Give the gate's ids of the literals that `dialect` marks with."""
        return frozenset(self._mark_ids[literal] for literal in dialect.literals)

    def rules_for(self, ids: set[int]) -> list[int]:
        """Find the rules (by index, in order) whose literals are among `ids`."""
        first, owners = self._first_rule, self.rules.owners
        found = {index for identity in ids if identity >= first for index in owners[identity - first]}
        return sorted(found)

    def has_word(self, ids: set[int]) -> bool:
        """Whether a telling word is among `ids`."""
        return not self._words.isdisjoint(ids)

    def window(self, raw: bytes, ids: set[int]) -> bytes:
        """Cut a very long line to what surrounds the first of its literals."""
        lower = raw.lower()
        places = [lower.find(self._literals[identity][0].lower()) for identity in ids]
        start = max(0, min((place for place in places if place >= 0), default=0) - LONG // 2)
        stop = start + LONG
        cut = CUT.encode()
        return (cut if start else b"") + raw[start:stop] + (cut if stop < len(raw) else b"")


class _Reading:
    """What gathers up during one pass."""

    def __init__(self, scanner: Scanner, dialect: Dialect) -> None:
        self._scanner, self._dialect = scanner, dialect
        self._wanted = scanner.wanted_marks(dialect)
        self._counts: dict[str, int] = {}
        self.marks: list[Mark] = []
        self.matches: list[Match] = []
        self.words = array("L")
        self.seen: set[int] = set()
        self.dropped = 0

    def take(self, line: int, data: bytes, span: tuple[int, int], ids: set[int]) -> None:
        self.seen |= ids
        raw = data[span[0] : span[1]]
        if len(raw) > LONG:
            raw = self._scanner.window(raw, ids)
        text = said(self._dialect, raw)
        if not self._wanted.isdisjoint(ids):
            self._mark(self._dialect.mark(line, entire(raw), text))
        if self._scanner.has_word(ids):
            self.words.append(line)
        rules = self._scanner.rules_for(ids)
        if len(text) > SHORT:
            self._try_long(line, rules, text)
            return
        quick = self._scanner.quick
        for index in rules:
            found = quick[index](text)
            if found is not None:  # seldom: a generic literal belongs to dozens of rules
                self._keep(line, self._scanner.rules.rules[index], text, groups(found))

    def _mark(self, mark: Mark | None) -> None:
        if mark is None:
            return
        last = self.marks[-1] if self.marks else None
        if last and mark.sign == last.sign and mark.name == last.name and (mark.sign == "enter" or "\t" in mark.name):
            return  # the same step goes on: nothing new
        if last and mark.sign == "echo" == last.sign:
            self.marks.pop()  # a shell's trace may be most of a log: the last command tells
        self.marks.append(mark)

    def _try_long(self, line: int, rules: list[int], text: str) -> None:
        for index in rules:
            rule = self._scanner.rules.rules[index]
            captures = search(
                rule.expression, text, caseless=rule.caseless, near=_near(rule, text), linear=rule.foreign
            )
            if captures is not None:
                self._keep(line, rule, text, captures)

    def _keep(self, line: int, rule: Rule, text: str, captures: Mapping[str, str]) -> None:
        count = self._counts[rule.id] = self._counts.get(rule.id, 0) + 1
        if count > PER_RULE:
            self.dropped += 1
            return
        self.matches.append(Match(line, rule, text, captures))


def _heard(matches: list[Match]) -> Iterator[Match]:
    """Drop what stands in a section in which it means nothing: skipped or pending tests that are told as the failed ones are."""
    muted: dict[str, tuple[int, tuple[str, ...]]] = {}
    for match in matches:
        rule = match.rule
        since, silent = muted.get(rule.tool, (0, ()))
        if silent and match.line > since:
            if rule.id in silent and not rule.within:
                continue
            if rule.kind in _SECTION_ENDS:
                del muted[rule.tool]
        if rule.mutes:
            muted[rule.tool] = (match.line, rule.mutes)
        yield match


def _placed(matches: list[Match]) -> list[Match]:
    """Keep of rules that mean something in a section alone what stands there, and give such lines to their tool."""
    if not any(match.rule.within for match in matches):
        return matches
    opened: dict[str, set[str]] = {}
    outside: set[int] = set()
    owned: dict[int, str] = {}
    for place, match in enumerate(matches):
        rule, sections = match.rule, opened.setdefault(match.rule.tool, set())
        if rule.within:
            if sections.isdisjoint(rule.within):
                outside.add(place)
            else:
                owned[match.line] = rule.tool
        else:
            if rule.mutes or rule.kind in _SECTION_ENDS:
                sections.clear()
            sections.add(rule.id)
    return [
        match
        for place, match in enumerate(matches)
        if place not in outside
        and (match.rule.kind != "cause" or owned.get(match.line, match.rule.tool) == match.rule.tool)
    ]


def _near(rule: Rule, text: str) -> int:
    """Where on a line that is longer than the window of `search` the first of the rule's literals stands."""
    if len(text) <= WINDOW:
        return 0
    fold = str.lower if rule.caseless else str
    whole = fold(text)
    return min((place for literal in rule.literals if (place := whole.find(fold(literal))) >= 0), default=0)
