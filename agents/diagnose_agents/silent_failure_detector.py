"""What the exit code hides: runs that end well and yet did not do what they seem to have done."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.model.finding import SilentFinding
from diagnose.model.report import SilentFailure
from diagnose.model.text import fill, phrase
from diagnose.scan.blocks import extent_of
from diagnose_agents._beside import beside, focused
from diagnose_agents._drops import drops
from diagnose_agents._scopes import scopes
from diagnose_agents._suites import counts, some_ran

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.case import Case
    from diagnose.model.finding import Finding
    from diagnose.model.text import Phrase
    from diagnose.model.words import JobStatus, Severity, SilentKind
    from diagnose.rank.reading import Reading
    from diagnose.scan.scanner import Match
    from diagnose_agents._scopes import Scope
    from diagnose_agents._suites import Count

MOST: Final = 20
_REACH: Final = 40
_GIVES_UP: Final = ("make/failed", "python/exception")
_EMPTY: Final = ("no-tests-ran", "tests-not-collected")
_FEWER: Final = (
    "List the tests that are collected now and in the last green run: a path, a filter or a setting leaves some out."
)
_ADVICE: Final = {
    "no-tests-ran": "Make the run fail when it finds no test, and check the path, filter or pattern that selects them.",
    "all-skipped": "Read why the tests are skipped, and fail the run when all are.",
    "swallowed-failure": "Let the command's exit code through: no `|| true`, no pipe without pipefail, no continue-on-error.",
}


class _Alarm(NamedTuple):
    line: int
    kind: SilentKind
    title: Phrase
    severity: Severity
    advice: str


class SilentFailureDetector:
    """Reads the steps that passed: rules of hidden failures, and totals that contradict the exit code."""

    name = "silent_failure_detector"
    cheap = True

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Say every hidden failure of every job, each at the line that shows it."""
        found: list[Finding] = []
        for job, reading in enumerate(case.readings):
            if reading is None:
                continue
            told = alarms(case, reading, case.incident.jobs[job].status)
            if not any(alarm.kind in (*_EMPTY, "all-skipped") for alarm in told):
                told += [
                    _Alarm(drop.line, "test-count-drop", drop.title, "warning", _FEWER)
                    for drop in drops(case, job, reading)
                ]
            for alarm in told:
                text = case.quote(reading.log, alarm.line, alarm.line).text
                failure = SilentFailure(
                    alarm.kind, alarm.title, reading.log.name, alarm.line, text, alarm.severity, alarm.advice
                )
                found.append(SilentFinding(job, failure))
            focus = focused(case, job, reading) if not any(alarm.kind == "focused-tests" for alarm in told) else None
            if focus is not None:
                found.append(SilentFinding(job, focus))
        return [*found, *(SilentFinding(job, failure) for job, failure in beside(case))]


def alarms(case: Case, reading: Reading, status: JobStatus) -> list[_Alarm]:
    """Find the hidden failures of one log, in order of lines, MOST at most."""
    totals = counts(reading.scan)
    matches = reading.scan.matches  # in the order of lines
    found: list[_Alarm] = []
    for scope in scopes(reading, status):
        first = bisect_left(matches, scope.first, key=attrgetter("line"))
        inside = list(matches[first : bisect_right(matches, scope.last, key=attrgetter("line"))])
        summed = [count for count in totals if scope.first <= count.line <= scope.last]
        found += _of_scope(case, reading, scope, inside, summed)
    if status == "success":
        found += _continued(reading)
    return sorted(found, key=lambda alarm: alarm.line)[:MOST]


def _continued(reading: Reading) -> Iterator[_Alarm]:
    """Find steps that ended with an exit code other than 0 in a job that passed: the CI system was told to go on."""
    for step in reading.log.steps:
        if step.kind == "run" and step.end == "failed" and step.code:
            yield _alarm_of_failure(step.told, f"the step ended with exit code {step.code} and the job passed")


def _of_scope(case: Case, reading: Reading, scope: Scope, inside: list[Match], summed: list[Count]) -> Iterator[_Alarm]:
    found = list(_of_rules(case, reading, scope, inside, summed))
    if not any(alarm.kind in (*_EMPTY, "all-skipped") for alarm in found):
        found += _sums(reading, scope, summed)
    if scope.sure:
        told = {match.rule.tool.removesuffix("-silent") for match in inside if match.rule.silent == "swallowed-failure"}
        lines = {alarm.line for alarm in found}
        found += [
            alarm
            for alarm in _contradictions([count for count in summed if count.tool not in told])
            if alarm.line not in lines
        ]
    if scope.sure and not found:
        found += _swallowed(reading, scope, inside)
    yield from found


def _of_rules(case: Case, reading: Reading, scope: Scope, inside: list[Match], summed: list[Count]) -> Iterator[_Alarm]:
    """Each rule of a hidden failure once a step, at its first line; that no test ran only when none did in the whole step."""
    seen: set[str] = set()
    ran: dict[bool, bool] = {}
    for match in inside:
        rule = match.rule
        if rule.kind != "silent" or rule.silent is None:
            continue
        empty = rule.silent in (*_EMPTY, "all-skipped")
        key = "empty" if empty else rule.id
        if key in seen:
            continue
        if empty:
            skips = rule.silent == "all-skipped"
            if skips not in ran:  # asked once: a long step can hold thousands of such lines
                ran[skips] = _some(reading, scope, summed, skips=skips)
            if ran[skips]:
                continue
        seen.add(key)
        title = fill(rule.title, {name: case.said(value) for name, value in match.captures.items()})
        advice = rule.remedy if rule.remedy and "{" not in rule.remedy else _ADVICE.get(rule.silent, "")
        yield _Alarm(match.line, rule.silent, title, rule.severity, advice)


def _some(reading: Reading, scope: Scope, summed: list[Count], *, skips: bool) -> bool:
    if any(count.executed for count in summed):
        return True
    return some_ran(reading.log, scope.first, scope.last, skips=skips)


def _sums(reading: Reading, scope: Scope, summed: list[Count]) -> Iterator[_Alarm]:
    """No test in all totals of the step together: nothing ran, or all that ran was skipped."""
    if not summed or any(count.bad or count.executed != 0 for count in summed):
        return
    skipped = [count for count in summed if count.skipped]
    if some_ran(reading.log, scope.first, scope.last, skips=bool(skipped)):
        return
    kind: SilentKind = "all-skipped" if skipped else "no-tests-ran"
    title = phrase("every test was skipped" if skipped else "no test ran")
    yield _Alarm((skipped or summed)[0].line, kind, title, "error", _ADVICE[kind])


def _contradictions(summed: list[Count]) -> Iterator[_Alarm]:
    """Totals that count failures in a step that passed. A later run of the same tool without one was a retry."""
    seen: set[str] = set()
    for place, count in enumerate(summed):
        if not count.bad or count.tool in seen:
            continue
        if any(later.tool == count.tool and not later.bad and later.executed for later in summed[place + 1 :]):
            continue
        seen.add(count.tool)
        many = "1 failure" if count.bad == 1 else f"{count.bad} failures"
        yield _alarm_of_failure(count.line, f"the step passed and its totals count {many}")


def _swallowed(reading: Reading, scope: Scope, inside: list[Match]) -> Iterator[_Alarm]:
    """Find a program that ends with a traceback, or make that gives up, in a step that passed and in which no test ran."""
    for match in inside:
        if match.rule.id not in _GIVES_UP:
            continue
        if some_ran(reading.log, scope.first, scope.last, skips=False):
            return
        if match.rule.kind == "wrapper":
            causes = [
                other.line
                for other in inside
                if other.rule.kind == "cause" and match.line - _REACH <= other.line < match.line
            ]
            yield _alarm_of_failure(causes[0] if causes else match.line, "a build failed and the step went on")
            return
        first = extent_of(reading.log, match).first
        if first < match.line and reading.log.text(first).startswith("Traceback"):
            yield _alarm_of_failure(first, "a program ended with an exception and the step went on")
            return


def _alarm_of_failure(line: int, title: str) -> _Alarm:
    return _Alarm(line, "swallowed-failure", phrase(title), "error", _ADVICE["swallowed-failure"])
