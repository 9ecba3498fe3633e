"""Did it fail? What the log itself says of the whole, before anybody asks why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Closing, EndsMute
from diagnose.rank.counts import log_totals
from diagnose.rank.shapes import is_telling
from diagnose.rank.swallowed import hides

if TYPE_CHECKING:
    from diagnose.logs.log import Log
    from diagnose.model.words import Status
    from diagnose.rank.reading import Candidate, Reading

_WEIGHTY: Final = 0.5
_LOOKED_AT: Final = 3
_CLOSING: Final = 12
_FINE: Final = regex(
    r"^OK\b|^Result: PASS|All checks passed|BUILD SUCCESS|^\W*built in |[Bb]uild succeeded|^Successfully (?:installed|built|downloaded)|"
    r"\b0 errors\b|\bno (?:issues|errors|problems)(?: were)? found|^\s*\d+ passing\b|^ok\s+\S+\s+[\d.]+s|Documentation built in|"
    r"^Finished: SUCCESS|^#\d{1,5} DONE \d|^added \d+ packages|\b0 failures\b|^✓ built|⚡ Done|^Successfully |succeeded$|^# fail 0$|"
    r"^Status: (?:OK|\d+ NOTEs?)$|\bBuild completed successfully\b|^-- Build files have been written to: |^\[([1-9]\d*)/\1\] \S",
)
_BAD: Final = regex(r"\W*[1-9]\d* (?:errors?|problems?|failures?)\b")
_WARNS: Final = regex(r"(?i)\bwarn(?:ing)?\b|^debconf:")


class Outcome(NamedTuple):
    """status, and the line that says so (0 when it is the whole that speaks)."""

    status: Status
    line: int
    why: str


def outcome_of(reading: Reading) -> Outcome:
    """Read the log's own verdict: exit codes first, then the system's closing line, then what rules and words say."""
    if reading.memo.outcome is None:
        reading.memo.outcome = _closed(reading.log) or _of_system(reading) or _of_output(reading)
    return reading.memo.outcome


def _closed(log: Log) -> Outcome | None:
    """Read the closing line that says how the whole ended."""
    verdict = log.closing
    if verdict is None:
        return None
    return Outcome("passed" if verdict.sign == "job-passed" else "failed", verdict.line, verdict.name)


def _of_system(reading: Reading) -> Outcome | None:
    """Read what the CI system marks: a step that failed, an error note, a job that came to its end, one that did not."""
    log = reading.log
    told = [window for window in reading.windows if window.certain]
    if told:
        return Outcome("failed", told[0].told, "a step failed")
    if any(mark.sign == "finish" for mark in log.marks):
        noted = [window for window in reading.windows if window.told]
        if noted:
            return Outcome("failed", noted[-1].told, "an error note stands in the log")
        last_words = _last_words(reading)
        if last_words:
            return Outcome(
                "failed", last_words, "the last step ends with an error, and such steps do not say how they end"
            )
        return Outcome("passed", log.total, "no step failed")
    if isinstance(log.dialect, Closing):
        return Outcome("failed", 0, log.dialect.unclosed)
    return None


def _last_words(reading: Reading) -> int:
    """Find the error that the last step ends with, where its system does not write how it ended; 0 when there is none."""
    log = reading.log
    last = next((step for step in reversed(log.steps) if step.kind == "run"), None)
    if last is None or last.end != "unknown" or not isinstance(log.dialect, EndsMute):
        return 0
    if not log.dialect.ends_mute([line.text for line in log.lines(last.body, min(last.body + 2, last.last))]):
        return 0
    since = max(last.body, last.last - _CLOSING)
    since = max((line.number for line in log.lines(since, last.last) if _FINE.search(line.text)), default=since)
    told = (
        m
        for m in reading.scan.matches
        if m.rule.kind in ("cause", "detail") and m.rule.weight >= _WEIGHTY and since <= m.line <= last.last
    )
    return next((match.line for match in told), 0)


def _of_output(reading: Reading) -> Outcome:
    if _speaks_of_failure(reading):
        if hides(reading):
            return Outcome(
                "undetermined", 0, "what failed was swallowed: the output goes on after it, and no exit code tells"
            )
        return Outcome(
            "failed", reading.candidates[0].line if reading.candidates else 0, "the output tells of a failure"
        )
    if reading.log.total == 0:
        return Outcome("undetermined", 0, "the log is empty")
    fine_at = _fine_at(reading) or (_counted(reading)[2] if _counted(reading)[1] else 0)
    if fine_at:
        return Outcome("passed", fine_at, "the output says that all is well")
    # no exit code, no failure, no success: empty of both is not "nothing failed"
    return Outcome("undetermined", 0, "nothing in the output tells of a failure, and nothing says that it passed")


def _speaks_of_failure(reading: Reading) -> bool:
    """Whether output without an exit code tells of a failure: counted failures, else a cause that nothing after it answers."""
    failed, ran, counted_at = _counted(reading)
    if failed:
        return True
    fine_at = max(_fine_at(reading), counted_at if ran else 0)
    for match in reading.scan.matches:
        rule = match.rule
        if rule.kind == "wrapper" and rule.weight >= _WEIGHTY:
            return True
        if rule.kind in ("cause", "detail") and rule.weight >= _WEIGHTY:
            # a passing total answers what a test printed, not what a linter or an installer says
            answers = rule.category == "test" or rule.program or fine_at != counted_at or rule.weight < 1
            answered = fine_at > match.line and not rule.final and answers
            if not answered:
                return True
    return not fine_at and (
        _ends_badly(reading) or any(_tells(candidate) for candidate in reading.candidates[:_LOOKED_AT])
    )


def _ends_badly(reading: Reading) -> bool:
    """Whether the last line that says anything counts errors."""
    closing = [
        line.text
        for line in reading.log.lines(max(1, reading.log.total - _CLOSING), reading.log.total)
        if line.text.strip()
    ]
    return bool(closing) and _BAD.match(closing[-1]) is not None


def _counted(reading: Reading) -> tuple[int, int, int]:
    """Failed and run tests by the log's own totals, and the last line that counts them."""
    if reading.memo.counted is None:
        totals = log_totals(reading)
        at = max((match.line for match in reading.scan.matches if match.rule.kind == "totals"), default=0)
        reading.memo.counted = (
            (totals.failed or 0, (totals.run or 0) + (totals.passed or 0), at) if totals else (0, 0, 0)
        )
    return reading.memo.counted


def _fine_at(reading: Reading) -> int:
    """Find the last closing line that says that all is well; 0 when none does."""
    log = reading.log
    closing = log.lines(max(1, log.total - _CLOSING), log.total)
    return max((line.number for line in closing if _FINE.search(line.text)), default=0)


def _tells(candidate: Candidate) -> bool:
    if candidate.match is None and candidate.extent.first < candidate.line:
        return True  # a stack ends with it
    return is_telling(candidate.text) and _WARNS.search(candidate.text) is None
