"""The gate to JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.text import Phrase, Untrusted
from diagnose.safety.plain import plain
from diagnose.safety.terminal import show_hidden

if TYPE_CHECKING:
    import re

_SEPARATORS = regex("[\x7f-\x9f\u2028\u2029]")
_SURROGATES = regex("[\ud800-\udfff]")
_REPLACEMENT: Final = "\ufffd"


def to_json(value: object, *, indent: int | None = None, tty: bool = False) -> str:
    r"""Write a tree of dict, list, tuple, str, Untrusted, Phrase, numbers, bool, None and dates as JSON, in its order.

    Foreign text stays as it is, valid UTF-8 throughout (a lone surrogate becomes U+FFFD), and cannot end a script
    element; no line of it is a command to a runner of GitHub Actions. tty: characters that act on a terminal or hide on it become `\uXXXX`. Dates are ISO 8601. Raises ValueError
    for a float that is not finite, TypeError for a value or key of any other kind: both are bugs of the caller.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, default=_opened)
    if not text.isascii():
        text = _SEPARATORS.sub(_escaped_match, _SURROGATES.sub(_REPLACEMENT, text))
    elif "\x7f" in text:
        text = text.replace("\x7f", "\\u007f")
    if "##[" in text:
        # a runner of GitHub Actions obeys `##[error]` anywhere in a line of its console; no line of JSON begins with its other form, `::error`
        text = text.replace("##[", "#\\u0023[")
    if "</" in text or "<!--" in text or "]]>" in text:
        text = text.replace("</", "<\\/").replace("<!--", "\\u003c!--").replace("]]>", "]]\\u003e")
    return show_hidden(text, _escape) if tty else text


def _opened(value: object) -> str:
    if isinstance(value, (Untrusted, Phrase)):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _escaped_match(match: re.Match[str]) -> str:
    return _escape(match[0])


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"  # noqa: PLR2004 - json leaves DEL
