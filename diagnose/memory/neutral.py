"""Values of a Markdown record: one line each, nothing live in them, and read back as they were."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from diagnose.kit.regex import regex
from diagnose.safety.terminal import HIDDEN

VALUE_CAP: Final = 2000
"""Characters of a value: a sentence or two, never a log."""


def one_line(value: str) -> str:
    """Return `value` on one line of at most VALUE_CAP characters, without controls, lone surrogates and what a reader cannot see."""
    kept = []
    for char in value[: 4 * VALUE_CAP]:
        kind = unicodedata.category(char)
        if kind in {"Zl", "Zp", "Cc"}:
            kept.append(" ")
        elif kind != "Cs" and not HIDDEN.match(char):
            kept.append(char)
    return " ".join("".join(kept).split())[:VALUE_CAP].rstrip()


_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "#": "&#35;", "(": "&#40;", "*": "&#42;", "_": "&#95;"}
_CHARS: Final = {entity: char for char, entity in _ENTITIES.items()}
_ENTITY = regex("|".join(map(re.escape, _CHARS)))
_LIVE = regex(
    r"&(?=(?:amp|lt|gt|#35|#40|#42|#95);)"  # what would be read back as another character
    r"|<(?=[A-Za-z/!?])"  # a tag, a comment; `urllib3 < 2` stays as it is
    r"|(?<=--)>"  # the end of a comment
    r"|^#"  # a heading, a reference to an issue
    r"|(?<=\])\("  # a link, an image
    r"|^[*_](?=[*_])",  # a bold label's end
)


def escape(value: str) -> str:
    """Write a value of `one_line` as inline Markdown; `unescape` reads it back exactly."""
    return _LIVE.sub(lambda found: _ENTITIES[found[0]], value)


def unescape(text: str) -> str:
    """Read a value that `escape`, or a person, wrote."""
    return _ENTITY.sub(lambda found: _CHARS[found[0]], text)


def in_span(value: str) -> str:
    """Make a value of `one_line` fit into a code span: there no escape works, so two characters give way to their neighbours."""
    return value.replace("`", "'").replace("<!--", "<!- -").replace("-->", "- ->")
