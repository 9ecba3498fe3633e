"""Fewer tests than in the last green run: the job passed, and much of what it is there for did not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.kit.regex import regex
from diagnose.model.incident import Change, LogFile, Missing, Passing
from diagnose.model.text import phrase
from diagnose.rank.outcome import outcome_of
from diagnose_agents._suites import LOOKED_AT, counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.case import Case
    from diagnose.logs.log import Log
    from diagnose.model.incident import Job
    from diagnose.model.text import Phrase
    from diagnose.rank.reading import Reading
    from diagnose.scan.scanner import Scan
    from diagnose_agents._suites import Count

FEWER: Final = 5
SHARE: Final = 0.8
_LONGEST: Final = 400
# Runs that choose their tests by what changed, share them out or take results from a cache: their counts differ from run to run.
_CHOOSES: Final = regex(
    r"(?i)\baffected\b|only-?changed|changed-?since|--changed\b|--since\b|find-?related-?tests|--lf\b|--last-failed|--picked|testmon|"
    r"\bshard|--split|\bcircleci tests\b|cache hit|\bfrom[- ]cache\b|up-to-date\b|\(cached\)|\b(?:local|remote|existing outputs match the) cache\b"
)
_PARTED: Final = regex(r"(?i)\bshard|\bsplit|\bchunk|\bpart\b|\bgroup\b|\d\s*(?:/|of|,)\s*\d")
_TESTS: Final = regex(
    r"(?i)(?:^|[/_.-])(?:tests?|specs?|__tests__|features?|e2e)(?:[/_.-]|$)|(?:Test|Spec|IT)s?\.\w+$|_test\.\w+$"
)


class Drop(NamedTuple):
    """A suite that ran fewer tests than before: the line that counts them now."""

    line: int
    title: Phrase


def drops(case: Case, place: int, reading: Reading) -> Iterator[Drop]:
    """Compare a job that passed with its last green run, step by step and runner by runner; each step once."""
    before = case.passing[place] if place < len(case.passing) else None
    job = case.incident.jobs[place]
    if before is None or not _passed(job, reading) or _expected(case, job):
        return
    then, now = _suites(before), _suites(reading.scan)
    told: set[str] = set()
    for key, found in now.items():
        step = key[0]
        was = then.get(key)
        if not was or step in told or not found:
            continue
        ran, ran_before = _sizes(found, was)
        if ran_before - ran <= FEWER or ran >= SHARE * ran_before or _chooses(reading.log, found[0].line, step):
            continue
        told.add(step)
        yield Drop(found[0].line, phrase(f"{ran} tests ran; {_which(case)} ran {ran_before}"))


def _passed(job: Job, reading: Reading) -> bool:
    return job.status == "success" or (job.status == "unknown" and outcome_of(reading).status == "passed")


def _which(case: Case) -> str:
    return "the passing run" if isinstance(case.incident.passing, LogFile) else "the last green run"


def _expected(case: Case, job: Job) -> bool:
    """Tell whether fewer tests are no wonder, or nobody can tell: tests are shared out, removed by the change, or newer than this run."""
    if _PARTED.search(job.name):
        return True
    own = job.passing
    if isinstance(own, Passing) and own.at is not None and job.started_at is not None and own.at > job.started_at:
        return True
    change = case.incident.change
    if change is None:
        return False
    return isinstance(change, Missing) or not change.complete or _removes(change)


def _removes(change: Change) -> bool:
    """Tell whether the change takes tests away."""
    for file in change.files:
        if _TESTS.search(file.path) and (
            file.status in ("removed", "renamed") or file.hunks is None or len(file.removed) > len(file.added)
        ):
            return True
    return False


def _suites(scan: Scan) -> dict[tuple[str, str], list[Count]]:
    """Gather the totals by step (its name) and rule; [] where a test failed or the number that ran is not told."""
    out: dict[tuple[str, str], list[Count]] = {}
    spoilt: set[tuple[str, str]] = set()
    for count in counts(scan):
        step = scan.log.step_at(count.line)
        key = (step.name if step is not None else "", count.rule)
        out.setdefault(key, []).append(count)
        if count.bad or count.executed is None:
            spoilt.add(key)
    return {key: [] if key in spoilt else found for key, found in out.items()}


def _sizes(now: Sequence[Count], then: Sequence[Count]) -> tuple[int, int]:
    """Give how many tests ran: in all, or, where totals stand more often in one run (tried again, printed twice), in the largest part."""
    sizes = [[count.executed or 0 for count in each] for each in (now, then)]
    together = sum if len(now) == len(then) else max
    return together(sizes[0]), together(sizes[1])


def _chooses(log: Log, line: int, step: str) -> bool:
    """Tell whether the step that counted on `line` runs a choice of tests; one too long to be read is taken to."""
    here = log.step_at(line)
    first, last = (here.first, here.last) if here is not None else (1, log.total)
    if last - first >= LOOKED_AT:
        return True
    return _CHOOSES.search(step) is not None or any(
        _CHOOSES.search(each.text[:_LONGEST]) for each in log.lines(first, last)
    )
