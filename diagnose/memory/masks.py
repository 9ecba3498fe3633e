"""What varies between two sightings of one failure, masked: numbers, hashes, times, ports, temporary names, path roots.

The expressions are RE2-safe (no look-around, no references) and ASCII, so that any engine gives the same text. They
run in order. A row that keeps something hides its digits from the rows after it: exit codes, and versions where they are
the point. Digits glued to letters (`E0425`, `test_42`, `x86_64`) and names are never masked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable

LINE_CAP: Final = 400
"""Characters of a line that are looked at: what a person reads of it, and a bound for every expression."""

PATH_TAIL: Final = 3
"""Last parts of an absolute path that are kept: the root differs between machines, the tail does not."""

Act = Literal["replace", "keep", "digit-hex", "path"]


@dataclass(frozen=True, slots=True)
class Mask:
    r"""One row: what `expression` finds becomes `put` (`\1` is its first group), or is kept from later rows.

    act: "replace"; "keep" (digits survive); "digit-hex" (only if it has both a digit and a letter); "path" (last parts).
    sample, masked: a line and what the whole table makes of it.
    """

    name: str
    expression: str
    put: str
    sample: str
    masked: str
    act: Act = "replace"


_DATE = r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
_MONTH = (
    r"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:\d{1,2} )?(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.? \d{1,4}\b(?:,? \d{4}\b)?"
)
_VERSION = r"v?\d+(?:\.\d+)+(?:[.+-]?[A-Za-z0-9]+)*"

MASKS: Final[tuple[Mask, ...]] = (
    Mask(
        "uuid",
        r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
        "<uuid>",
        "no volume 1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        "no volume <uuid>",
    ),
    Mask(
        "code",
        r"(?i)\b(?:exit(?:ed)?|status|errno|http(?:/[0-9.]+)?|(?:error|return|response) code|code|signal|error)"
        r"(?: with| code| status)*[ :=]{0,2}[(\[]?-?\d{1,5}\b",
        "",
        "server: HTTP 503 after 12 tries, exit code 137",
        "server: HTTP 503 after <n> tries, exit code 137",
        act="keep",
    ),
    Mask(
        "pinned",
        r"(?i)(?:[=~!<>]=|[<>^@]|\bversions?:?) ?" + _VERSION,
        "",
        "needs urllib3==2.0.7, got svelte@4.2.19 of 12",
        "needs urllib3==2.0.7, got svelte@4.2.19 of <n>",
        act="keep",
    ),
    Mask("date", _DATE, "<time>", "at 2026-11-20T12:45:05.123Z: timeout", "at <time>: timeout"),
    Mask("slash-date", r"\b\d{1,2}/\d{1,2}/\d{4}\b", "<time>", "at 11/20/2026: timeout", "at <time>: timeout"),
    Mask("month", _MONTH, "<time>", "expired on Fri, 20 Nov 2026", "expired on <time>"),
    Mask(
        "clock",
        r"\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?(?: ?[AP]M\b)?",
        "<time>",
        "killed after 00:12:45.07",
        "killed after <time>",
    ),
    Mask(
        "temporary",
        r"(?:/private)?/(?:var/folders/[\w+-]+/[\w+-]+/[A-Z]|(?:var/)?tmp)/[^/\s\"'`:,;)>\]]+",
        "<tmp>",
        "cannot open /tmp/pip-req-build-8f3k2a/setup.py",
        "cannot open <tmp>/setup.py",
    ),
    Mask(
        "mktemp",
        r"\btmp[._-]?[A-Za-z0-9]*\d[A-Za-z0-9_]*\b|\btmp\.[A-Za-z0-9]{4,}\b",
        "<tmp>",
        "no such file: out/tmp.Ab12Cd",
        "no such file: out/<tmp>",
    ),
    Mask("address", r"\b0[xX][0-9a-fA-F]+\b", "<hex>", "<Foo object at 0x7f3a9c2e10>", "<Foo object at <hex>>"),
    Mask("dollar-hash", r"\$[0-9a-f]{6,40}\b", "$<hex>", "in Handler$1f2e3d4c", "in Handler$<hex>"),
    Mask("rust-hash", r"\bh[0-9a-f]{16}\b", "<hex>", "main::run::h0123456789abcdef", "main::run::<hex>"),
    Mask(
        "hash",
        r"\b[0-9a-f]{7,64}\b|\b[0-9A-F]{7,64}\b",
        "<hex>",
        "cannot check out 3fc09d1a of defaced",
        "cannot check out <hex> of defaced",
        act="digit-hex",
    ),
    Mask(
        "ip", r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{2,5})?\b", "<ip>", "refused: 10.0.3.17:5432", "refused: <ip>"
    ),
    Mask(
        "port",
        r"(?i)(localhost|\]|\.(?:com|org|net|io|dev|local)):\d{2,5}\b",
        r"\1:<port>",
        "refused: localhost:49152",
        "refused: localhost:<port>",
    ),
    Mask(
        "duration",
        r"(?i)\b\d+(?:\.\d+)? ?(?:ms|msecs?|milliseconds?|us|µs|ns|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b",
        "<time>",
        "no output in 10 minutes",
        "no output in <time>",
    ),
    Mask(
        "size",
        r"\b\d+(?:\.\d+)? ?(?:[KMGTkmgt]i?[Bb]|[Bb]ytes?|B|[KMG])\b",
        "<size>",
        "limit exceeded by 49 B",
        "limit exceeded by <size>",
    ),
    Mask("percent", r"\b\d+(?:\.\d+)? ?%", "<n>%", "coverage 79.98 % is under 80%", "coverage <n>% is under <n>%"),
    Mask(
        "version",
        r"\b" + r"v?\d+\.\d+\.\d+(?:[.+-]?[A-Za-z0-9]+)*",
        "<v>",
        "in HeadlessChrome 75.0.3770",
        "in HeadlessChrome <v>",
    ),
    Mask(
        "root",
        r"(^|[\s\"'`(=\[,:;<>])((?:[A-Za-z]:)?(?:[/\\][^/\\\s\"'`:,;()<>\[\]]+){4,})",
        r"\1",
        "in /home/runner/work/app/app/src/main.c",
        "in app/src/main.c",
        act="path",
    ),
    Mask(
        "place",
        r"(\.[A-Za-z][A-Za-z0-9]{0,7})(?::\d+){1,2}\b|(\.[A-Za-z][A-Za-z0-9]{0,7})\(\d+(?:,\d+)?\)",
        r"\1\2:<n>",
        "src/app.ts:11:84 and Main.java(12,3)",
        "src/app.ts:<n> and Main.java:<n>",
    ),
    Mask(
        "number",
        r"\b\d+(?:\.\d+)?\b",
        "<n>",
        "line 12: expected 7256 of E0425 in test_42",
        "line <n>: expected <n> of E0425 in test_42",
    ),
)

_KEPT = str.maketrans("0123456789", "".join(chr(0xE000 + n) for n in range(10)))
_SHOWN = str.maketrans("".join(chr(0xE000 + n) for n in range(10)), "0123456789")
_ANY_VERSION = regex(r"\b" + _VERSION, re.ASCII)
_RUN = regex(r"(<(?:time|n|hex)>)(?:[ ,.:/x-]{0,2}<(?:time|n|hex)>)+", re.ASCII)


def mask(line: str, *, versions: bool = False) -> str:
    """Return `line` (at most LINE_CAP characters of it) with what varies masked; `versions` keeps all of them."""
    text = line[:LINE_CAP].translate(_SHOWN)
    if versions:
        text = _ANY_VERSION.sub(_keep, text)
    for expression, put in _compiled():
        text = expression.sub(put, text)
    text = _RUN.sub(r"\1", text)
    return " ".join(text.translate(_SHOWN).split())


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    acts: dict[Act, Callable[[re.Match[str]], str]] = {"keep": _keep, "digit-hex": _digit_hex, "path": _tail}
    return tuple((re.compile(row.expression, re.ASCII), acts.get(row.act, row.put)) for row in MASKS)


def _keep(found: re.Match[str]) -> str:
    return found[0].translate(_KEPT)


def _digit_hex(found: re.Match[str]) -> str:
    # a word of a to f alone ("defaced") is a word; digits alone are a number, whatever their count
    return found[0] if found[0].isalpha() or found[0].isdigit() else "<hex>"


def _tail(found: re.Match[str]) -> str:
    return found[1] + "/".join(found[2].replace("\\", "/").split("/")[-PATH_TAIL:])
