"""Lines that carry no identity: any failure of any project may end in them.

Wrappers say that something failed, counters how much, banners that something begins. Two failures that share only such
lines are not the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from diagnose.kit.regex import regex


@dataclass(frozen=True, slots=True)
class Generic:
    """One row: `expression` (RE2-safe, case ignored) covers the whole line; `samples` are lines that it covers."""

    name: str
    expression: str
    samples: tuple[str, ...]


GENERIC: Final[tuple[Generic, ...]] = (
    Generic(
        "exit",
        r"(?:error:? |\W+ ?)?.{0,160}\b(?:exit(?:ed|s)?|completed|terminated|failed|finished|returned|died|errored)\b(?: unexpectedly)?(?: with|:)?"
        r"(?: an?)?(?: non-?zero)?(?: exit)?(?: (?:code|status|signal))?:? ?[(\[]?-?\d+[)\]]?\W{0,3}",
        (
            "Process completed with exit code 1.",
            'The command "npm test" exited with 1.',
            "error Command failed with exit code 2.",
            "Done. Your build exited with 1.",
            "Test process exited with non-zero exit code 134",
        ),
    ),
    Generic(
        "npm",
        r"npm (?:ERR!|error)(?: (?:code (?:ELIFECYCLE|\d+)|errno (?:\d+|ELIFECYCLE)|Test failed.*|Exit status \d+|A complete log.*|This is probably not a problem.*"
        r"|Lifecycle script .*|Failed at the .* script.*|There is likely additional logging.*|(?:node|npm|argv|cwd|path|command) .*|\S+@\S+ \S+: .{0,300}"
        r"|(?:/|[A-Z]:).*_logs.*))?",
        (
            "npm ERR! Test failed.  See above for more details.",
            "npm ERR! code ELIFECYCLE",
            "npm error Lifecycle script `test` failed with error:",
            "npm ERR!",
            "npm ERR! app@1.0.0 test: `jest`",
        ),
    ),
    Generic(
        "make",
        r"(?:g?make|mingw32-make)(?:\[\d+\])?: (?:\*\*\* .*Error \d+(?: \(ignored\))?|(?:Leaving|Entering) directory .*|Target .* not remade because of errors\.)"
        r"|ninja: build stopped: .*",
        (
            "make: *** [all] Error 2",
            "make[2]: *** [Makefile:120: test] Error 1",
            "ninja: build stopped: subcommand failed.",
        ),
    ),
    Generic(
        "verdict",
        r"\W*(?:the |your |this )?(?:build|tests?|job|run|command|check|step|script|compilation|task|pipeline|execution|it|some tests|one or more tests|test run|suite)?"
        r"(?: (?:has|have|was|were|is|did|run))? ?(?:failed|failure|failing|errored|error|errors|broken|not pass|aborted|unsuccessful|successful|failures?)\W*",
        ("BUILD FAILED", "Build failed!", "Error:", "FAILURE", "Some tests failed.", "** TEST FAILED **", "errors"),
    ),
    Generic(
        "pointer",
        r"\W*(?:see (?:above|the|also|full|log|http).*|for more (?:info|details).*|(?:re-?)?run (?:with|again|maven|using|the) .*|to (?:learn|see) more.*|to see the full stack.*"
        r"|re-run .*|info visit https?://.*|.*\[help \d\].*|after correcting the problems.*|get more help at .*|try:|what went wrong:|please (?:read|see|refer).*"
        r"|\(see full trace by running task with --trace\)|tasks: top => .*|.*run with --(?:stacktrace|info|debug|verbose|trace).*|use --\S+ (?:to|for) .*)",
        (
            "For more information about this error, try `rustc --explain E0308`.",
            "[ERROR] -> [Help 1]",
            "* Try:",
            "* What went wrong:",
            "To learn more, run the command again with --verbose.",
            "Tasks: TOP => default => spec",
        ),
    ),
    Generic(
        "trace",
        r"\W*(?:traceback \(most recent call last\):?|(?:rake|mix|fastlane) aborted!|stack ?trace:?|backtrace:?|stack backtrace:|caused by:|call stack:?|during handling of the above exception.*"
        r"|the above exception was the direct cause.*|failure: build failed with an exception\.?|panicked:?|exception:?|fatal:?|failures?:|failed tests?:|errors? found:?)\W*",
        (
            "Traceback (most recent call last):",
            "rake aborted!",
            "FAILURE: Build failed with an exception.",
            "Failures:",
        ),
    ),
    Generic(
        "aborting",
        r"(?:error: )?aborting due to (?:\d+ |a )?(?:previous|prior) errors?.*|error: build failed|error: test failed, to rerun.*|error: could not document .*",
        ("error: aborting due to 3 previous errors", "error: test failed, to rerun pass '--lib'"),
    ),
    Generic(
        "housekeeping",
        r"\W*(?:(?:cache|store|storing|setting up|uploading|saving|nothing|no changes?|changes detected|creating) .{0,20}\b(?:cache|archive|uploaded?|changed|detected)\b.{0,80}|after_\w+.*|cleaning up.*|done\.?|ok|skipped.*)\W*",
        ("nothing changed, not updating cache", "store build cache", "Done.", "Uploading archive"),
    ),
)

BANNER_WORDS: Final = frozenset(
    """a all and as at by completed count date done duration elapsed end ended error errors example examples executed expectations fail failed
    failing failure failures file files finished following for found from in info is it line lines message messages new not of ok on out pass
    passed passing pending please problem problems random ran report result results run running s sec second seconds seed session short skip skipped snapshot snapshots
    spec specs start started starting starts step steps successful suite suites summary tests test testing the these this time to todo took
    total totals unexpected warning warnings warns were with x xfailed xpassed assertion assertions case cases flaky fixed ms min n ignored filtered measured
    deselected incomplete risky broken collected items item passes executing""".split(),  # noqa: SIM905 - a hundred words read better as text
)
"""Words of counters and banners: a line of these and numbers alone names nothing."""

_WORD = regex(r"[\w'-]*[^\W\d_][\w'-]*")
LONGEST_BANNER: Final = 200


def is_generic(line: str) -> bool:
    """Say whether `line` (without its prefix) could stand in any failing log; an empty line could."""
    text = line.strip()
    if any(row.fullmatch(text) for row in _compiled()):
        return True
    words = _WORD.findall(text) if len(text) <= LONGEST_BANNER else [text]
    return all(_says_nothing(word) for word in words)


def _says_nothing(word: str) -> bool:
    bare = word.strip("'_-").lstrip("0123456789").lower()  # "12s" is a count of seconds, "e0425" a code
    return len(bare) <= 1 or bare in BANNER_WORDS


@cache
def _compiled() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row.expression, re.IGNORECASE | re.ASCII) for row in GENERIC)
