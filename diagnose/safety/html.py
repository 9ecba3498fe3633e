"""The gate to HTML: the text of an element, or the inside of a quoted attribute. Never a URL, a style, a script or an id."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from diagnose.model.text import Phrase, Untrusted


def to_html(text: str | Untrusted | Phrase) -> str:
    """Make text that stands in an element or between the quotes of an attribute; characters shown as `to_terminal` does."""
    return escape(to_terminal(text), quote=True)
