"""The gate to SARIF 2.1.0: message texts (section 3.11.5: `[text](link)` is a link even in plain text), file addresses, fingerprints."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from diagnose.kit.regex import regex
from diagnose.safety.paths import to_path
from diagnose.safety.plain import plain
from diagnose.safety.terminal import strip_ansi, to_terminal

if TYPE_CHECKING:
    from diagnose.model.text import Phrase, Untrusted

TEXT_CHARACTERS: Final = 4_000
_ACTIVE = regex(r"[\\\[\]]")
_VARIES = regex(r"0x[0-9a-fA-F]+|[0-9a-fA-F]{7,}|[0-9]+(?:[.,:][0-9]+)*")
_SPACE = regex(r"\s+")


def to_sarif_text(text: str | Untrusted | Phrase, *, limit: int = TEXT_CHARACTERS) -> str:
    """Make the `text` of a message: nothing in it is a link or a placeholder's bracket. limit: characters; what is over is cut."""
    shown = to_terminal(text)
    return _ACTIVE.sub(r"\\\g<0>", shown if len(shown) <= limit else shown[: limit - 1] + "…")


def to_sarif_uri(path: str | Untrusted) -> str | None:
    """Make the relative `uri` of an artifact below `%SRCROOT%`; None for a path that leads elsewhere."""
    relative = to_path(path)
    return None if relative is None else quote(relative, safe="/~._-")


def to_sarif_fingerprint(*parts: str | Untrusted | Phrase) -> str:
    """Make 32 hexadecimal digits of texts that stay the same while numbers, addresses and hashes in them change.

    The texts are redacted before they come here: a digest of a short secret could be guessed.
    """
    made = [_SPACE.sub(" ", _VARIES.sub("0", strip_ansi(plain(part)))).strip() for part in parts]
    return sha256("\0".join(made).encode("utf-8", "backslashreplace")).hexdigest()[:32]
