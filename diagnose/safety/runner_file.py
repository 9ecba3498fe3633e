"""The gate to $GITHUB_OUTPUT. Nothing is ever written to $GITHUB_ENV or $GITHUB_PATH.

Values are words of closed vocabularies, numbers, ids and paths: a workflow may paste them into a shell. No log text.
"""

from __future__ import annotations

from typing import Final

from diagnose.kit.regex import regex

MARKER: Final = "ghadelimiter_"
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_-]*")
_DELIMITER = regex(r"[A-Za-z0-9-]{16,64}")


class RefusedValueError(ValueError):
    """A name or a value that the runner could read otherwise than it was meant."""


def to_runner_file(name: str, value: str | float, *, delimiter: str) -> str:
    """Build one entry, to be appended as UTF-8.

    delimiter: the random part of the mark that ends the value, new for each entry (a UUID4 does). Booleans are written as
    `true` and `false`. Raises RefusedValueError for a name that is none, a delimiter that could be guessed, and a value
    that holds the delimiter, NUL, a carriage return or half a surrogate pair.
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    mark = MARKER + delimiter
    if not _NAME.fullmatch(name):
        raise RefusedValueError("an output's name is letters, digits, - and _")
    if not _DELIMITER.fullmatch(delimiter):
        raise RefusedValueError("a delimiter is 16 to 64 letters, digits and -")
    if mark in text or "\0" in text or "\r" in text:
        raise RefusedValueError(f"the value of {name} holds its delimiter, NUL or a carriage return")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise RefusedValueError(f"the value of {name} is no valid Unicode")
    return f"{name}<<{mark}\n{text}\n{mark}\n"
