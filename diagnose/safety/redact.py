"""Redaction: what is secret is taken out of text before anything else is done with it, above all before it is cut.

A value that was cut in half fits no rule and no mask. So: decode, redact the whole text, then shape it, then the gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.safety.known import KnownValues
from diagnose.safety.pem import redact_private_keys
from diagnose.safety.shapes import shapes
from diagnose.safety.terminal import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Redactor:
    """Takes secrets out of text: known values first, then private keys, then what has a secret's shape.

    Build it once. An ordinary line costs one or two microseconds.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """environment: variables of the process or job; which of them are secrets is found out here."""
        self._known = KnownValues(environment or {})
        self._shapes = shapes()

    def redact(self, text: str) -> str:
        """Return `text` with each secret replaced by `[secret:kind]`; as many lines come back.

        Text without secrets comes back unchanged. Where colours cut a secret apart, the colours of that text go too.
        """
        if self._known:
            text = self._known.redact(text)
        if "PRIVATE KEY" in text:
            text = redact_private_keys(text)
        return "\n".join(map(self._line, text.split("\n"))) if "\n" in text else self._line(text)

    def redact_lines(self, lines: Sequence[str]) -> list[str]:
        """Redact lines of one text, read as a whole: a key or a value may go over several of them."""
        if any("\n" in line for line in lines):
            return [self.redact(line) for line in lines]
        return self.redact("\n".join(lines)).split("\n") if lines else []

    def _line(self, line: str) -> str:
        if line.isascii() and "\x1b" not in line:
            return self._shapes.redact(line)
        bare = strip_ansi(line).translate(_INVISIBLE)
        seen = self._shapes.redact(bare)  # as a reader sees it: a secret may be cut apart by colours
        return self._shapes.redact(line) if seen == bare else seen


_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
