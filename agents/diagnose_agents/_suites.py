"""Counts of tests, as a log's totals say them, and whether any test ran at all between two lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.kit.regex import regex
from diagnose.scan.blocks import extent_of

if TYPE_CHECKING:
    from diagnose.logs.log import Log
    from diagnose.scan.scanner import Match, Scan

LOOKED_AT: Final = 20_000
_LONGEST: Final = 400
_MOST_COUNTS: Final = 400
# Lines that only a test which ran leaves behind, in many tools' words. "ok <package> <seconds>" of Go says so too, unless it adds
# that there were no tests.
_RAN: Final = regex(
    r"^\s*--- (?:PASS|FAIL): |^=== RUN |^ok\s+\S+\s+(?:\(cached\)|[\d.]+m?s)(?:\s+coverage: .*)?$|"
    r"^running [1-9]\d* tests?$|test result: \w+\. [1-9]\d* passed|"
    r"(?<![\w.,])[1-9]\d* (?:tests? )?(?:passed|passing|xpassed|xfailed|failed|failing)\b|"
    r"\bTests run: *[1-9]|^Ran [1-9]\d* tests? in|^# (?:pass|fail) [1-9]|"
    r"^(?:Tests|Examples|Specs):? +[1-9]\d* (?:passed|total)|(?<![\w.,])[1-9]\d* (?:examples|runs|successes|assertions|scenarios)\b|"
    r"\bOK \([1-9]\d* tests?|^\d+% tests passed, \d+ tests failed out of [1-9]|^\s*(?:ok|not ok) \d+ |"
    r"^\s*(?:✓|✔|√) \S|\bPASSED\b|^test \S+ \.\.\. ok$"
)
_PASSED: Final = regex(
    r"^\s*--- (?:PASS|FAIL): |^test result: \w+\. [1-9]|(?<![\w.,])[1-9]\d* (?:tests? )?(?:passed|passing|failed|failing)\b|"
    r"^\s*ok \d+ (?!.*# (?:SKIP|skip|TODO))|^# (?:pass|fail) [1-9]|^\s*(?:✓|✔|√) \S"
)


class Count(NamedTuple):
    """One line of totals. None where the tool does not say. errors: outside of any test that ran. rule: by which it was known."""

    line: int
    tool: str
    run: int | None
    passed: int | None
    failed: int | None
    skipped: int | None
    errors: int | None = None
    rule: str = ""

    @property
    def bad(self) -> int:
        """Failures and errors together."""
        return (self.failed or 0) + (self.errors or 0)

    @property
    def executed(self) -> int | None:
        """How many tests really ran; None when that cannot be told."""
        if self.passed is not None:
            return self.passed + (self.failed or 0)
        if self.run is None:
            return self.failed or None
        return max(self.run - (self.skipped or 0), self.failed or 0)


def counts(scan: Scan) -> list[Count]:
    """Every line of totals in a log, in order."""
    out: list[Count] = []
    for match in scan.matches:
        if match.rule.kind == "totals":
            found = _count(scan.log, match, deep=len(out) < _MOST_COUNTS)
            if found is not None:
                out.append(found)
    return out


def _count(log: Log, match: Match, *, deep: bool) -> Count | None:
    captures = dict(match.captures)
    if match.rule.captures and deep:
        captures = extent_of(log, match).captures
    run, passed, failed, skipped, errors = (
        _number(captures.get(name)) for name in ("run", "passed", "failed", "skipped", "errors")
    )
    if (run, passed, failed, skipped, errors) == (None,) * 5:
        return None
    return Count(match.line, match.rule.tool, run, passed, failed, skipped, errors, match.rule.id)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None  # noqa: PLR2004 - nobody has 10^9 tests


def some_ran(log: Log, first: int, last: int, *, skips: bool) -> bool:
    """Tell whether any line of first..last shows that a test ran; with `skips`, that one ran and was not skipped.

    A stretch of more than LOOKED_AT lines is taken as one in which some ran: silence is better than a false alarm.
    """
    if last - first >= LOOKED_AT:
        return True
    pattern = _PASSED if skips else _RAN
    return any(pattern.search(line.text[:_LONGEST]) for line in log.lines(first, last))
