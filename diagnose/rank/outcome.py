"""Did it fail? What the log itself says of the whole, before anybody asks why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from diagnose.model.words import Status
    from diagnose.rank.reading import Reading

_TELLING: Final = 0.5


class Outcome(NamedTuple):
    """status, and the line that says so (0 when it is the whole that speaks)."""

    status: Status
    line: int
    why: str


_DONE: Final = re.compile(r"Done\. Your build exited with (\d+)")
_FINISHED: Final = re.compile(r"Finished: (SUCCESS|FAILURE|UNSTABLE|ABORTED|NOT_BUILT)")


def outcome_of(reading: Reading) -> Outcome:
    """Read the log's own verdict: exit codes first, then the system's closing line, then what rules and words say."""
    log = reading.log
    closing = log.lines(max(1, log.total - 40), log.total)
    for line in reversed(closing):
        done = _DONE.search(line.text)
        if done:
            return Outcome("passed" if done[1] == "0" else "failed", line.number, f"the build exited with {done[1]}")
        finished = _FINISHED.match(line.text)
        if finished:
            return Outcome("passed" if finished[1] == "SUCCESS" else "failed", line.number, f"the build finished: {finished[1]}")
    for window in reading.windows:
        if window.certain:
            return Outcome("failed", window.told, "a step failed")
    if log.dialect.name.startswith("github") and any(step.kind == "after" for step in log.steps):
        noted = [window for window in reading.windows if window.told]
        if noted:
            return Outcome("failed", noted[-1].told, "an error note stands in the log")
        return Outcome("passed", log.total, "no step failed")
    if log.dialect.name == "travis":
        return Outcome("failed", 0, "the log stops before the build's end")
    if _speaks_of_failure(reading):
        return Outcome("failed", reading.candidates[0].line if reading.candidates else 0, "the output tells of a failure")
    if log.total == 0:
        return Outcome("undetermined", 0, "the log is empty")
    return Outcome("passed", 0, "nothing in the output tells of a failure")


def _speaks_of_failure(reading: Reading) -> bool:
    kinds = {match.rule.kind for match in reading.scan.matches}
    if kinds & {"cause", "detail", "wrapper"}:
        return True
    return bool(reading.candidates) and reading.probability >= _TELLING
