"""The gate to SARIF 2.1.0: message texts (section 3.11.5: `[text](link)` is a link even in plain text) and file addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from diagnose.safety.paths import to_path
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from diagnose.model.text import Phrase, Untrusted

_ACTIVE = re.compile(r"[\\\[\]]")


def to_sarif_text(text: str | Untrusted | Phrase) -> str:
    """Make the `text` of a message: nothing in it is a link or a placeholder's bracket."""
    return _ACTIVE.sub(r"\\\g<0>", to_terminal(text))


def to_sarif_uri(path: str | Untrusted) -> str | None:
    """Make the relative `uri` of an artifact below `%SRCROOT%`; None for a path that leads elsewhere."""
    relative = to_path(path)
    return None if relative is None else quote(relative, safe="/~._-")
