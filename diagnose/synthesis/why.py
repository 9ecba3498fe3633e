"""Why each cause of a report stands where it does, in sentences: for `explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.rank.elsewhere import NOT_HERE
from diagnose.rank.explain import words
from diagnose.safety.plain import plain
from diagnose.synthesis.reports import of_report

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.report import Cause, Report
    from diagnose.rank.reading import Candidate, Reading

MOST_AFTER: Final = 5


def why(report: Report, case: Case) -> dict[str, list[str]]:
    """Give for each cause, by its id, the sentences that say why it stands where it does; our own words and line numbers only."""
    causes = [cause for cause in (report.root_cause, *report.alternatives, *report.findings) if cause is not None]
    by_id = {cause.id: cause for cause in causes}
    told = {cause.id: [*_reasons(case, cause), *_followed(cause, by_id)] for cause in causes}
    for cause in causes:
        if cause is report.root_cause or cause in report.findings:
            told[cause.id] += _following(case, cause)
    return told


def _reasons(case: Case, cause: Cause) -> list[str]:
    first = cause.evidence[0]
    if first.line == 0:
        return ["It stands in the notes on the job, where no line of a log competes with it."]
    if of_report(case, cause):
        return ["A test report names it: what a report says of a test needs no guess."]
    if plain(cause.explanation).startswith(NOT_HERE):
        return ["It is told by the form of what failed as a whole: no line in it says why."]
    found = _candidate(case, cause)
    if found is None:
        return ["Only lines that pass a failure on stand in what failed; this is the first."]
    reading, candidate = found
    if candidate in reading.warnings and candidate not in reading.candidates:
        return ["Nothing says that anything failed; this is what a tool warns of."]
    return words(reading, candidate)


def _candidate(case: Case, cause: Cause) -> tuple[Reading, Candidate] | None:
    first = cause.evidence[0]
    for reading in case.readings:
        if reading is not None and reading.log.name == first.log:
            return next(
                ((reading, one) for one in (*reading.candidates, *reading.warnings) if one.line == first.line), None
            )
    return None


def _followed(cause: Cause, by_id: dict[str, Cause]) -> list[str]:
    return [
        f"It follows line {by_id[each].evidence[0].line} ({each}): what failed there brought it about."
        for each in cause.follows
        if each in by_id
    ]


def _following(case: Case, cause: Cause) -> list[str]:
    """Name the lines behind a cause that only pass its failure on: an exit code, `make: *** Error 2`."""
    found = _candidate(case, cause)
    if found is None or cause.follows:
        return []
    reading, candidate = found
    window = candidate.window
    after = sorted(
        {
            match.line
            for match in reading.scan.matches
            if match.rule.kind == "wrapper" and candidate.line < match.line <= window.last
        }
    )
    if not after:
        return []
    shown = [str(line) for line in after[:MOST_AFTER]]
    more = f" and {len(after) - len(shown)} more" if len(after) > len(shown) else ""
    listed = ", ".join(shown) + more if more or len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return [
        f"{'Lines' if len(after) > 1 else 'Line'} {listed} only {'pass' if len(after) > 1 else 'passes'} the failure on."
    ]
