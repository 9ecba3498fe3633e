"""The gate to Markdown that GitHub renders: comments, step summaries, DISCOVERIES.md.

Foreign text stands in a fence or in a code span and nowhere else. There mentions, references, links, images, HTML, math,
diagrams and task lists are dead (CommonMark 0.31 sections 4.5 and 6.1, GFM 0.29). Characters are shown as `to_terminal` does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.text import Phrase, Untrusted
from diagnose.safety.plain import plain
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK_CHARACTERS: Final = 20_000
SPAN_CHARACTERS: Final = 400
_TICKS = regex("`+")
_COLOUR = regex(r"#[0-9a-f]{3,8}|(?:rgb|hsl)a?\(.*\)", re.IGNORECASE)
_CODE = regex(r"(`[^`]+`)")


def to_markdown_block(text: str | Untrusted | Phrase, *, limit: int = BLOCK_CHARACTERS) -> str:
    """Make a fenced block, blank lines around it, that stands at column 0.

    limit: characters of text; what is over is cut by whole lines, and the last line says how many.
    """
    body = _cut_lines(to_terminal(text).strip("\n"), limit)
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"\n\n{fence}text\n{body}\n{fence}\n\n"


def to_markdown_span(text: str | Untrusted | Phrase, *, limit: int = SPAN_CHARACTERS) -> str:
    """Make a code span of one line, or "" when nothing is to be seen; safe in a table cell (`|` reads `¦`).

    It must not touch a `$` (GitHub takes that for math) nor a backtick: `phrase_to_markdown` sees to both.
    limit: characters of text; what is over is cut.
    """
    body = " ".join(to_terminal(text).split()).replace("|", "¦")
    if not body:
        return ""
    if len(body) > limit:
        body = body[: limit - 1] + "…"
    if _COLOUR.fullmatch(body):
        body = f'"{body}"'  # a bare colour in a span makes GitHub draw a chip beside it
    fence = "`" * (_longest_run(body) + 1)
    return f"{fence} {body} {fence}"


def phrase_to_markdown(phrase: Phrase, *, limit: int = SPAN_CHARACTERS) -> str:
    """Make one line of a sentence: our parts bare, foreign parts as code spans.

    Of our parts, `<` is written as an entity and backticks that are no whole span are escaped; quotes or backticks that
    hug a foreign part make room for the span.
    """
    out = ""
    parts = _merged(phrase.parts)
    for index, part in enumerate(parts):
        if isinstance(part, str):
            out += _ours(part, after=index > 0, before=index + 1 < len(parts))
        else:
            span = to_markdown_span(part, limit=limit)
            out += f" {span}" if span and out.endswith(("$", "`", "\\")) else span
    return out


def _merged(parts: Sequence[str | Untrusted]) -> list[str | Untrusted]:
    """Join neighbours of one kind: two spans side by side would be read as one run of backticks."""
    merged: list[str | Untrusted] = []
    for part in parts:
        if not plain(part):
            continue
        if merged and isinstance(merged[-1], str) and isinstance(part, str):
            merged[-1] += part
        elif merged and isinstance(merged[-1], Untrusted) and isinstance(part, Untrusted):
            merged[-1] = Untrusted(plain(merged[-1]) + plain(part))
        else:
            merged.append(part)
    return merged


def _ours(text: str, *, after: bool, before: bool) -> str:
    """Write a part of ours; after, before: a foreign part stands on that side."""
    text = " ".join(text.split("\n"))
    if after and text.startswith(("`", "$")):
        text = text[1:] if text[0] == "`" else " " + text
    if before and text.endswith("`"):
        text = text[:-1]
    pieces = _CODE.split(text)
    return "".join(
        piece if index % 2 else piece.replace("`", "\\`").replace("<", "&lt;") for index, piece in enumerate(pieces)
    )


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)


def _cut_lines(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept = text[:limit]
    newline = kept.rfind("\n")
    if newline <= 0:
        return kept + "…"
    left = text.count("\n", newline)
    return f"{text[:newline]}\n… {left} more {'line' if left == 1 else 'lines'}"
