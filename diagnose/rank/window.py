"""Where to look: the lines of a log among which the cause can stand.

Measured on 418 Travis and 162 GitHub logs: the labelled line lies inside a failed step in 98.6 % and 100 %. Restricting to it is
the largest single gain of all that was tried.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Coding, Noting
from diagnose.logs.steps import Step, failed_steps
from diagnose.scan.blocks import reach_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.logs.log import Line
    from diagnose.scan.scanner import Scan

LAST_LINES: Final = 700
FIRST_HITS: Final = 250
LAST_HITS: Final = 700
CLOSING: Final = 400
QUIET_LINES: Final = 8
BEFORE_LINES: Final = 200
_THINGS: Final = r"(?:(?:broken|failed|failing) )?(?:advisories|errors|exceptions|failures|files|findings|issues|links|packages|problems|rules|tests?|urls|violations|vulnerabilities|warnings)"
# a heading that says that what is listed below does not count; "Expected:" and "Allowed:" alone are words of assertions
_SPARED: Final = regex(
    rf"[^\w\s]{{0,3}}\s*(?:(?:white-?\s?list(?:ed)?|allow-?list(?:ed)?|ignored|ignoring|suppressed|excluded|baselined?)(?: {_THINGS})?|"
    rf"(?:known|expected|allowed|accepted|tolerated|skipped) {_THINGS}|{_THINGS} (?:ignored|suppressed|excluded|skipped|allowed))(?: \(?\d+\)?| \([^)]*\))?\s*:",
    re.IGNORECASE,
)
_ITEM: Final = regex(r"\s+\S|\s*(?:[-*\u2022+\u00b7]|\d+[.)]) ")
_HEADING: Final = 80
_CANCELLED: Final = regex(r"(?:Error: )?The operation was canceled\.")
_NOT_THERE: Final = regex(
    r"(?i)no such file|not found|does not exist|cannot find|can't open|the command .* exited with|process completed with exit code"
)


@dataclass(frozen=True, slots=True)
class Window:
    """Lines first..last in which a failure is looked for; `told` is the line that says that it failed, 0 for none.

    step: None where the log has no steps. certain: the CI system itself says that this step failed. before: it passed, and is looked at
    because what failed behind it says next to nothing.
    """

    step: Step | None
    first: int
    last: int
    told: int
    certain: bool
    before: bool = False


def windows_of(scan: Scan) -> list[Window]:
    """Find the failed steps' output; without one, what stands after the last step that passed; else the whole log."""
    log = scan.log
    failed = _until_cancelled(scan, failed_steps(log.steps))
    if failed:
        out = []
        for step in failed:
            # a verdict on the job far behind its step explains nothing when it only repeats the exit code
            last = step.last if step.told > step.last and step.code is not None else step.told or step.last
            first = min(step.body, last)
            out.append(Window(step, first, last, step.told, step.end == "failed"))
        return [*_before(scan, out), *out]
    closing = log.closing
    end = closing.line - 1 if closing is not None and closing.code is not None else log.total
    runs = [step for step in log.steps if step.kind == "run"]
    blameless = (
        closing is not None and closing.sign != "job-passed"
    )  # the job failed, and no step is known to be at fault
    # where each script that fails is told of, none is suspected merely for being the last
    if runs and not isinstance(log.dialect, Coding) and not blameless:
        last_run = runs[-1]
        after = [step.first for step in log.steps if step.kind == "after" and step.first > last_run.first]
        last = (after[0] - 1) if after else end
        return [Window(last_run, min(last_run.body, last), max(last, 1), 0, certain=False)]
    return [Window(None, 1, max(log.total, 1), 0, certain=False)]


def _until_cancelled(scan: Scan, failed: tuple[Step, ...]) -> tuple[Step, ...]:
    """Leave out what failed after its job was cancelled: such steps run all the same, and lack what the stopped one was to make."""
    dialect = scan.log.dialect
    if not isinstance(dialect, Noting):
        return failed
    over: set[str] = set()
    out = []
    for step in failed:
        if step.job not in over:
            out.append(step)
        told = scan.log.text(step.told) if step.told else ""
        if told.startswith(dialect.error) and _CANCELLED.match(told, len(dialect.error)):
            over.add(step.job)
    return tuple(out)


def _before(scan: Scan, failed: list[Window]) -> list[Window]:
    """Where the last failed step says nothing, or only that something is not there: the end of the step before it, which was to make it."""
    last = failed[-1]
    if last.step is None or last.step.end != "failed" or last.last - last.first > QUIET_LINES:
        return []
    said = [
        line.text for line in scan.log.lines(last.first, last.last) if line.text.strip() and line.number != last.told
    ]
    if not all(_NOT_THERE.search(text) for text in said):
        return []
    former = [step for step in scan.log.steps if step.first < last.step.first and step.kind == "run"]
    if not former or any(window.step == former[-1] for window in failed):
        return []
    step = former[-1]
    end = min(step.last, last.first - 1)
    first = max(min(step.body, end), end - BEFORE_LINES)
    return [Window(step, first, end, 0, certain=False, before=True)] if end >= first else []


def candidate_numbers(scan: Scan, window: Window) -> list[int]:
    """Give the numbers of the lines in `window` that may be the one that tells, ascending.

    All where the window is short; else every rule's hit, the first and last telling words, and the last lines.
    """
    size = window.last - window.first + 1
    if size <= LAST_LINES + CLOSING:
        return list(range(window.first, window.last + 1))
    words = scan.words[bisect_left(scan.words, window.first) : bisect_right(scan.words, window.last)]
    hits = [match.line for match in scan.matches if window.first <= match.line <= window.last]
    numbers = set(range(max(window.first, window.last - CLOSING), window.last + 1))
    for found in (list(words), hits):
        numbers.update(found[:FIRST_HITS])
        numbers.update(found[-LAST_HITS:])
    return sorted(numbers)


def neighbourhood(scan: Scan, numbers: list[int], reach: int = 3) -> dict[int, Line]:
    """Every line of `numbers` with `reach` lines on either side, by number."""
    wanted: dict[int, Line] = {}
    start = end = 0
    for number in [*numbers, 1 << 62]:
        if end and number - reach > end + 1:
            wanted.update((line.number, line) for line in scan.log.lines(start, end))
            start = 0
        if number == 1 << 62:
            break
        start = start or max(1, number - reach)
        end = number + reach
    return wanted


def spared(scan: Scan, lines: dict[int, Line]) -> tuple[set[int], set[int]]:
    """Find the lines of `lines` that are no failure: those inside what is only warned of, and those listed as ignored, allowed or known."""
    warned: set[int] = set()
    for match in scan.matches:
        if match.rule.kind == "warning" and match.rule.block.after and match.line in lines:
            behind = _behind(lines, match.line, match.rule.block.after)
            warned.update(range(match.line + 1, match.line + 1 + reach_of(match, behind)))
    listed: set[int] = set()
    for number, line in lines.items():
        text = line.text
        if len(text) <= _HEADING and text.rstrip().endswith(":") and _SPARED.fullmatch(text.strip()):
            listed.update(_items(lines, number))
    return warned, listed


def _behind(lines: dict[int, Line], number: int, most: int) -> list[str]:
    texts: list[str] = []
    for place in range(number + 1, number + 1 + most):
        line = lines.get(place)
        if line is None:
            break
        texts.append(line.text)
    return texts


def _items(lines: dict[int, Line], number: int) -> Iterator[int]:
    """Give the numbers of the items listed below a heading: up to a blank line, or a line that is neither deeper nor an item."""
    while (line := lines.get(number := number + 1)) is not None and _ITEM.match(line.text):
        yield number
