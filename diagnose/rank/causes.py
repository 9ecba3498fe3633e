"""Candidates to causes: what one rule says many times in one step is one cause; its tests and places are gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.rank.features import names, shape_of
from diagnose.rank.kind import kind_of
from diagnose.rank.names import CUT, fullest, known_as, last_word, means, suites_of
from diagnose.rank.outcome import outcome_of
from diagnose.rank.place import Place
from diagnose.rank.spots import add_spots
from diagnose.scan.blocks import extent_of, named_by
from diagnose.scan.places import spot_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.steps import Step
    from diagnose.model.words import Category
    from diagnose.rank.reading import Candidate, Reading
    from diagnose.scan.scanner import Match

MOST_EXTENTS: Final = 400
MOST_CAUSES: Final = 25
_CHAINED: Final = ("compile", "type-check")
_LISTING: Final = ("lint", "format", "type-check", "compile")


class Failed(NamedTuple):
    """A failed test, as captured."""

    name: str
    file: str
    line: int | None
    message: str


@dataclass(slots=True)
class CauseGroup:
    """One cause of one log: the candidate that tells it best, the others that say the same, and what they name."""

    lead: Candidate
    category: Category
    tool: str
    members: list[Candidate] = field(default_factory=list)
    places: dict[Place, None] = field(default_factory=dict)
    tests: dict[str, Failed] = field(default_factory=dict)

    @property
    def step(self) -> Step | None:
        """The step of the telling line."""
        return self.lead.window.step

    @property
    def rule(self) -> str:
        """The rule's id, "" where none knows it."""
        return self.lead.match.rule.id if self.lead.match else ""


def causes_of(reading: Reading) -> list[CauseGroup]:
    """Group a reading's candidates, best first. Details (a summary that names tests) join the cause of their tool."""
    if reading.memo.causes is None:
        reading.memo.causes = tuple(_causes(reading))
    return list(reading.memo.causes)


def _causes(reading: Reading) -> list[CauseGroup]:
    groups: list[CauseGroup] = []
    keys: dict[object, CauseGroup] = {}
    for candidate in _answers(reading):
        key = _key(candidate)
        group = keys.get(key)
        if group is None:
            if len(groups) >= MOST_CAUSES:
                continue
            spot = spot_of(candidate.text) if candidate.match is None else None
            group = CauseGroup(candidate, *kind_of(candidate, reading, spot))
            keys[key] = group
            groups.append(group)
        else:
            group.members.append(candidate)
        _gather(group, candidate.extent.captures, candidate.match)
    for group in groups:
        _first_leads(group)
    groups = _folded(groups)
    _gather_rest(reading, groups)
    _take_back(reading, groups)
    _name_once(groups)
    for group in groups:
        _own_first(group)
    add_spots(reading, groups)
    return groups


def _answers(reading: Reading) -> Sequence[Candidate]:
    """Give what may be an answer, best first. What a tool warns of is one only where nothing says that anything failed."""
    told = any(one.match is not None and one.match.rule.kind == "cause" for one in reading.candidates)
    if reading.warnings and not told and outcome_of(reading).status == "undetermined":
        return (*reading.warnings, *reading.candidates)
    return reading.candidates or reading.wrappers


def _first_leads(group: CauseGroup) -> None:
    """Let the first of what a compiler says lead: the later ones are often brought about by it. What a passing run prints too does not."""
    match = group.lead.match
    if match is None or match.rule.kind != "cause" or match.rule.category not in _CHAINED:
        return
    alike = [
        one
        for one in group.members
        if one.match is not None and one.match.rule.id == match.rule.id and one.window == group.lead.window
    ]
    known = names().index("in_passing")
    first = min(
        (group.lead, *(one for one in alike if one.values[known] <= group.lead.values[known])), key=lambda one: one.line
    )
    if first is not group.lead:
        group.members[:] = [group.lead, *(one for one in group.members if one is not first)]
        group.lead = first


def _folded(groups: list[CauseGroup]) -> list[CauseGroup]:
    """Fold what only names failed tests into the causes of the same tool and step: a test goes to the cause that knows it."""
    causes = [group for group in groups if group.lead.match is not None and group.lead.match.rule.kind == "cause"]
    out: list[CauseGroup] = []
    for group in groups:
        own = [cause for cause in causes if cause.tool == group.tool and cause.step == group.step]
        own.sort(key=lambda cause: cause.lead.match is not None and cause.lead.match.rule.final)
        if not own or group.lead.match is None or group.lead.match.rule.kind != "detail":
            out.append(group)
            continue
        for name, test in group.tests.items():
            home = _knows(own, group.tool, name) or own[0]
            full, old = _fuller(home.tests, name)
            home.tests[full] = Failed(
                full,
                test.file or (old.file if old else ""),
                test.line or (old.line if old else None),
                (old.message if old else "") or test.message,
            )
        for one in (group.lead, *group.members):
            named = one.extent.captures.get("test", "").strip()
            (_knows(own, group.tool, named) or own[0]).members.append(one)
    return _failed_first(out)


def _failed_first(groups: list[CauseGroup]) -> list[CauseGroup]:
    """Put what failed in a step before a limit that was not met there: the tests that are named first may have been folded into it."""
    if not groups or (best := groups[0].lead).match is None or not best.match.rule.final:
        return groups
    sought = (best.match.rule.category, groups[0].step)
    for group in groups:
        match = group.lead.match
        known = match is not None and not match.rule.final and match.rule.kind == "cause"
        if known and (group.category, group.step) == sought:
            return [group, *(other for other in groups if other is not group)]
    return groups


def _key(candidate: Candidate) -> object:
    step = candidate.window.step.number if candidate.window.step else 0
    if candidate.match is None:
        spot = spot_of(candidate.text)
        # what one unknown tool finds in many places is one cause
        return (step, "", spot.form, spot.severity) if spot and spot.message else (step, "", shape_of(candidate.text))
    rule = candidate.match.rule
    if rule.category in _LISTING or rule.kind == "detail":
        return (step, rule.id)
    message = candidate.extent.captures.get("message", "")
    return (step, rule.id, shape_of(message or candidate.text))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None  # noqa: PLR2004 - no file has 10^9 lines


def _gather(group: CauseGroup, captures: dict[str, str], match: Match | None) -> None:
    file, message = captures.get("file", ""), captures.get("message", "")
    line = _number(captures.get("line"))
    name = captures.get("test", "").strip()
    if name:
        name, old = _fuller(group.tests, name)
        if old is not None and old.file and old.message:
            group.tests[name] = old._replace(name=name)
        else:
            group.tests[name] = Failed(
                name,
                file or (old.file if old else ""),
                line or (old.line if old else None),
                message or (old.message if old else ""),
            )
    if file and (line is not None or not name):
        usual = "error" if match is None else "warning" if match.rule.kind == "warning" else match.rule.severity
        severity = (captures.get("severity") or usual).lower()
        group.places.setdefault(Place(file, line, _number(captures.get("column")), severity, message))


def _fuller(tests: dict[str, Failed], name: str) -> tuple[str, Failed | None]:
    """Find a test that is known under a shorter or longer name (`test_a`, `tests/test_x.py::test_a`): the longer one stays."""
    other = _same(tests, name)
    if not other:
        return name, None
    return fullest(name, other), tests.pop(other)


def _same(tests: dict[str, Failed], name: str) -> str:
    """The name under which a test is known already, "" when it is not."""
    return name if name in tests else known_as(tests, name)


def _gather_rest(reading: Reading, groups: list[CauseGroup]) -> None:
    """Give tests and places of all other matches to the first cause of the same rule, else of the same tool."""
    by_rule = {group.rule: group for group in reversed(groups) if group.rule}
    by_tool = {group.tool: group for group in reversed(groups) if group.tool}
    spans = [(window.first, window.last) for window in reading.windows]
    told = {(one.line, one.match.rule.id) for group in groups for one in (group.lead, *group.members) if one.match}
    left = MOST_EXTENTS
    for match in reading.scan.matches:
        if match.rule.kind not in ("cause", "detail", "warning") or not any(a <= match.line <= b for a, b in spans):
            continue
        if (match.line, match.rule.id) in told:
            continue
        group = by_rule.get(match.rule.id) or by_tool.get(match.rule.tool)
        if group is None:
            continue
        captures = dict(match.captures)
        if match.rule.captures and left > 0:
            left -= 1
            captures = extent_of(reading.log, match).captures
        _gather(_knows(groups, match.rule.tool, captures.get("test", "").strip()) or group, captures, match)


def _take_back(reading: Reading, groups: list[CauseGroup]) -> None:
    """Take out what a noise rule of the same tool names: a suite among the tests, a test that passed when it was run again."""
    for match in reading.scan.matches:
        own = [
            group for group in groups if match.rule.kind == "noise" and group.tool == match.rule.tool and group.tests
        ]
        for name in named_by(reading.log, match) if own else ():
            for group in own:
                for known in [test for test in group.tests if means(name, test)]:
                    del group.tests[known]


def _name_once(groups: list[CauseGroup]) -> None:
    """Leave each test of a tool and step to the best cause that names it, by its fullest name; a suite's heading is no test."""
    homes: dict[tuple[str, int, str], list[CauseGroup]] = {}
    suites: dict[str, set[str]] = {}
    cut: set[str] = set()
    for group in groups:
        suites.setdefault(group.tool, set()).update(suites_of(group.tests))
        cut.update(group.tool for name in group.tests if name.endswith(CUT))
    for group in groups:
        step = group.step.number if group.step else 0
        for name, test in list(group.tests.items()):
            # a title that was cut ends in another word than the whole one
            known = homes.setdefault((group.tool, step, "" if group.tool in cut else last_word(name)), [])
            home = next((other for other in known if _same(other.tests, name)), None)
            if name in suites[group.tool]:
                del group.tests[name]
            elif home is None and group not in known:
                known.append(group)
            elif home is not None and home is not group:
                del group.tests[name]
                full, old = _fuller(home.tests, name)
                told = old or test
                home.tests[full] = Failed(
                    full, told.file or test.file, told.line or test.line, told.message or test.message
                )


def _own_first(group: CauseGroup) -> None:
    """Let the test and the place of the telling line go before the others: where to look and what to run begin with the quoted line."""
    captures = group.lead.extent.captures
    name = _same(group.tests, captures.get("test", "").strip())
    if name:
        group.tests = {name: group.tests[name], **group.tests}
    file, line = captures.get("file", ""), _number(captures.get("line"))
    own = next((place for place in group.places if (place.file, place.line) == (file, line)), None)
    if own is not None:
        group.places = {own: None, **group.places}


def _knows(groups: list[CauseGroup], tool: str, name: str) -> CauseGroup | None:
    """The cause that names this test already, under this name or a shorter or longer one."""
    if not name or sum(len(group.tests) for group in groups) > MOST_EXTENTS:
        return None
    return next((group for group in groups if group.tool == tool and _same(group.tests, name)), None)
