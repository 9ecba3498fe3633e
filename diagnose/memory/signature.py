"""What makes two failures the same: their first informative lines, with what varies masked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.memory.generic import is_generic
from diagnose.memory.masks import LINE_CAP, mask
from diagnose.memory.prefixes import strip_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

ALGO: Final = 1
"""Version of prefixes, generic lines and masks. Another number never compares by hash; raw lines are masked anew."""

KEPT_LINES: Final = 5
"""Informative lines of a signature. Measured on hand-labelled pairs: 1 line recalls nothing at precision .95, 5 do .99, 40 .98."""

READ_LINES: Final = 200
"""Lines of evidence that are looked at for them."""

READ_CHARACTERS: Final = 4 * LINE_CAP
"""Characters of a line in which its prefixes are looked for."""

ID_LENGTH: Final = 8

_MASKED = regex(r"<[a-z]+>")


@dataclass(frozen=True, slots=True)
class Signature:
    """A failure's identity, the same in every repository.

    hash: SHA-256 (hex) over `algo` and `masked`. masked, raw: the same lines, index by index, at most KEPT_LINES, of at most
    LINE_CAP characters; redacted, without prefixes. category, tool, rule: who told the line, "" where no rule did.
    """

    algo: int
    hash: str
    category: str
    tool: str
    rule: str
    masked: tuple[str, ...]
    raw: tuple[str, ...]

    @property
    def id(self) -> str:
        """The first 8 hexadecimal digits of the hash: what people see, and what DISCOVERIES.md holds."""
        return self.hash[:ID_LENGTH]


def sign(lines: Sequence[str], *, category: str, tool: str, rule: str) -> Signature | None:
    """Sign redacted evidence, the line that tells first. None when no line carries identity: nothing can match then."""
    versions = category == "dependency"
    found: dict[str, str] = {}
    for line in _messages_first(lines[:READ_LINES]):
        raw = (
            strip_prefix(line[:READ_CHARACTERS])[:LINE_CAP].encode("utf-8", "replace").decode()
        )  # a lone surrogate fits no file
        if is_generic(raw):
            continue
        masked = mask(raw, versions=versions)
        if not is_generic(_MASKED.sub("", masked)):
            found.setdefault(masked, raw)
    if not found:
        return None
    pairs = _ordered(list(found.items()))[:KEPT_LINES]
    masked_lines = tuple(masked for masked, _ in pairs)
    return Signature(
        algo=ALGO,
        hash=digest(masked_lines),
        category=category,
        tool=tool,
        rule=rule,
        masked=masked_lines,
        raw=tuple(raw for _, raw in pairs),
    )


def digest(masked: Sequence[str], algo: int = ALGO) -> str:
    """Return the hash of masked lines, SHA-256 in hexadecimal."""
    return hashlib.sha256("\n".join((str(algo), *masked)).encode("utf-8", "replace")).hexdigest()


def _messages_first(lines: Sequence[str]) -> list[str]:
    """Put the messages of a runner that marks them (pytest's `E  `) before the source that it quotes around them."""
    marked = [line for line in lines[1:] if _MESSAGE.match(line.strip())]
    return [*lines[:1], *marked, *(line for line in lines[1:] if line not in marked)] if marked else list(lines)


_MESSAGE = regex(r"E\s{2,}\S")


def _ordered(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sort what is a list: tools print sets (missing packages, failed targets) in another order each time."""
    for start in (0, 1):
        if _is_list([masked for masked, _ in pairs[start:]]):
            return pairs[:start] + sorted(pairs[start:])
    return pairs


_SHORTEST_LIST: Final = 3


def _is_list(lines: list[str]) -> bool:
    """Items of a list have the same words but one (`- a`, `- b`; `No package 'a' found`)."""
    if len(lines) < _SHORTEST_LIST:
        return False
    words = [line.split() for line in lines]
    width = len(words[0])
    if any(len(row) != width for row in words):
        return False
    return sum(len(set(column)) > 1 for column in zip(*words, strict=True)) <= 1
