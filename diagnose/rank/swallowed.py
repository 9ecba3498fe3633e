"""A bare log, whose exit code nobody knows, in which all that failed was swallowed: the command behind it went on."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.rank.counts import counts_failures

if TYPE_CHECKING:
    from diagnose.rank.reading import Reading

_LOUD: Final = ("swallowed-failure", "swallowed-timeout", "crash-ignored", "upload-failed")
_TELLING: Final = ("cause", "detail", "wrapper")
_BEFORE: Final = 3
_BEHIND: Final = 40
_ORDINARY: Final = regex(r"[^\W_]")
_PLACE: Final = regex(r":\d+:\d+:|^\d+ (?:errors?|warnings?)\b|:$")
_EXITS: Final = regex(r"\bexiting with (?:code|status) [1-9]")
# who prints this has met the failure and goes on, although the line speaks of it
_SHRUGS: Final = regex(
    r"(?i)\b(?:ignor(?:ed|ing)|(?:continuing|carrying on) (?:anyway|regardless|without)|non-?fatal)\b"
)


def explained(reading: Reading) -> bool:
    """Tell whether a log holds hidden failures and no other.

    Each line that a rule knows as a failure belongs to a hidden failure's block, totals count none, and after a line that
    stops most runs the output goes on.
    """
    if counts_failures(reading):
        return False
    matches = reading.scan.matches
    silent = [match for match in matches if match.rule.kind == "silent"]
    telling = [match.line for match in matches if match.rule.kind in _TELLING]
    if any(_EXITS.search(hidden.text) for hidden in silent):
        return False
    if not all(any(hidden.line - _BEFORE <= line <= hidden.line + _BEHIND for hidden in silent) for line in telling):
        return False
    loud = [match.line for match in silent if match.rule.silent in _LOUD]
    return not loud or _goes_on(reading, max(loud + telling))


def hides(reading: Reading) -> bool:
    """Tell whether a log holds a hidden failure at all, and no other."""
    return any(match.rule.kind == "silent" for match in reading.scan.matches) and explained(reading)


def _goes_on(reading: Reading, line: int) -> bool:
    """Tell whether ordinary output follows: not the rest of a message (indented, a place, a heading, a rule of dashes) nor talk of failure."""
    words = reading.scan.words
    for after in reading.log.lines(line + 1, line + _BEHIND):
        place = bisect_left(words, after.number)
        telling = place < len(words) and words[place] == after.number
        if (
            (not telling or _SHRUGS.search(after.text))
            and _ORDINARY.match(after.text)
            and not _PLACE.search(after.text)
        ):
            return True
    return False
