"""The gate to the standard output of a GitHub Actions runner, which reads commands there.

Facts: actions/runner 258d6c8, `ActionCommand.cs`, `ActionCommandManager.cs` and `OutputManager.cs`. A line that starts with
`::name` (after white space), or holds `##[name` anywhere, is a command; LF, CRLF and CR alone end a line. The search for the
second `::` is culture-sensitive: hundreds of characters that collation ignores may stand between its colons.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal

from diagnose.kit.regex import regex
from diagnose.model.text import Phrase, Untrusted
from diagnose.safety.paths import to_path
from diagnose.safety.plain import plain
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX: Final = "| "
WITHHELD: Final = "[line withheld]"
ANNOTATION_CHARACTERS: Final = 4_000
TITLE_CHARACTERS: Final = 200
COMMANDS: Final = frozenset(
    {
        "stop-commands",
        "set-env",
        "set-output",
        "save-state",
        "add-mask",
        "add-path",
        "add-matcher",
        "remove-matcher",
        "debug",
        "warning",
        "error",
        "notice",
        "group",
        "endgroup",
        "echo",
        "internal-set-repo-path",
    }
)

Level = Literal["error", "warning", "notice"]

_LINE_ENDS = regex("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_READ_LINE = regex("\r\n|\r|\n")
# .NET's Char.IsWhiteSpace, which String.TrimStart takes away.
_WHITE: Final = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
# Stricter than the collation: two colons with nothing but characters outside printable ASCII between them.
_SEPARATOR = regex(":[^ -~]*:")


def to_runner(lines: str | Untrusted | Phrase | Iterable[str | Untrusted | Phrase]) -> str:
    """Make lines that the runner prints and does not obey: each begins with `| ` and ends with a line feed.

    Write the result straight to the stream: wrapping would make new lines without the prefix.
    """
    texts = (lines,) if isinstance(lines, (str, Untrusted, Phrase)) else lines
    out: list[str] = []
    for text in texts:
        for line in _LINE_ENDS.split(plain(text)):
            out.extend(_safe(shown) for shown in to_terminal(line).split("\n"))
    return "".join(f"{line}\n" for line in out)


def annotation(
    level: Level,
    message: str | Untrusted | Phrase,
    *,
    file: str | Untrusted | None = None,
    line: int | None = None,
    title: str | Untrusted | Phrase | None = None,
) -> str:
    """Build the workflow command that makes an annotation, with its line feed.

    file: relative to the work tree, left out (with line) when it leads elsewhere. line: 1-based. GitHub shows ten of each
    level for a step and drops the rest.
    """
    properties: list[tuple[str, str]] = []
    path = to_path(file) if file is not None else None
    if path is not None:
        properties.append(("file", path))
        if line is not None and line > 0:
            properties.append(("line", str(line)))
    if title is not None:
        properties.append(("title", " ".join(to_terminal(title).split())[:TITLE_CHARACTERS]))
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties)
    text = to_terminal(message)
    text = text if len(text) <= ANNOTATION_CHARACTERS else text[: ANNOTATION_CHARACTERS - 1] + "…"
    command = f"::{level}{' ' + shown if shown else ''}::{_data(text)}"
    return (
        f"{command}\n"
        if _READ_LINE.search(command) is None and live_command(command) == level
        else f"{PREFIX}{WITHHELD}\n"
    )


def live_command(line: str) -> str | None:
    """Return the name of the command that the runner would take this line for, None for none: a port of its two parsers."""
    return _second_form(line) or _first_form(line)


def is_dead_json(text: str) -> bool:
    """Whether text is JSON, one value or one a line, of which a runner obeys no line: it may go to the console as it is.

    `to_json` writes no `##[`, and a line of JSON never begins with `::`; both are looked at again here.
    """
    body = text.strip()
    return (
        body[:1] in ("{", "[")
        and body[-1:] in ("}", "]")
        and all(live_command(line) is None for line in _READ_LINE.split(text))
        and _is_json(body)
    )


def _is_json(body: str) -> bool:
    return _reads(body) or all(map(_reads, body.split("\n")))


def _reads(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _second_form(line: str) -> str | None:
    text = line.lstrip(_WHITE)
    end = _SEPARATOR.search(text, 2) if text.startswith("::") else None
    return _registered(text[2 : end.start()]) if end else None


def _first_form(line: str) -> str | None:
    start = line.find("##[")
    end = line.find("]", start)
    return _registered(line[start + 3 : end]) if start >= 0 and end >= 0 else None


def _registered(info: str) -> str | None:
    name = info.split(" ", 1)[0].lower()
    return name if name in COMMANDS else None


def _safe(line: str) -> str:
    out = PREFIX + line.replace("##[", "##\\[")
    return out if live_command(out) is None and _READ_LINE.search(out) is None else PREFIX + WITHHELD


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
