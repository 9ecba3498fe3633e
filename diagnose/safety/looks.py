"""A second look at what a rule matched: a secret, or a word that stands where one could."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

_WORDS: Final = frozenset(
    {
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "required",
        "optional",
        "string",
        "redacted",
        "masked",
        "hidden",
        "filtered",
        "missing",
        "invalid",
        "incorrect",
        "empty",
        "unset",
        "default",
        "secret",
        "password",
        "token",
        "changed",
        "provided",
        "removed",
        "expired",
        "revoked",
        "unknown",
        "disabled",
        "enabled",
        "value",
    }
)
_WORD: Final = r"(?:(?:[A-Z]{0,6}[a-z]{2,}+)*[A-Z]{0,16}|[a-z])[0-9]{0,4}"
_READABLE = regex(rf"{_WORD}(?:[-_./\\: ,@+=]++{_WORD})*")
_DIGIT = regex(r"[0-9]")
_LETTER = regex(r"[A-Za-z]")
_CODE = regex(
    r"[A-Za-z_]\w*(?:(?:\.|::|->|\?\.)[A-Za-z_]\w*)+[\[(;]?|[A-Za-z_]\w*\[[^\n]{0,200}|https?:.*|[0-9.]{1,5}|[0-9.]+(?:[smhd]|ms|[KMGkmg]i?[Bb])"
)
_PATH = regex(r"\.{0,2}/|[A-Za-z]:\\")
_LONG: Final = 16
_SHORT: Final = 6


def is_readable(text: str) -> bool:
    """Tell whether text is made of words, numbers and paths: `ubuntu-24.04`, `/usr/lib/python3`, `x86_64-linux-gnu`."""
    return _READABLE.fullmatch(text) is not None


def is_mixed(text: str) -> bool:
    """Tell whether letters stand as only machines (or careful people) write them."""
    if is_readable(text) or len(set(text)) <= 2:  # noqa: PLR2004 - a mask: ****, xxxx, x-x-x
        return False
    return _LETTER.search(text) is not None


def _mixed(match: re.Match[str], _kind: str) -> bool:
    text = secret_of(match)
    return not _CODE.fullmatch(text) and (is_mixed(text) or bool(_DIGIT.search(text) and _LETTER.search(text)))


def _opaque(match: re.Match[str], _kind: str) -> bool:
    text = secret_of(match)
    return len(text) >= _LONG and bool(_DIGIT.search(text)) and is_mixed(text)


def _userinfo(match: re.Match[str], _kind: str) -> bool:
    text = secret_of(match)
    return len(set(text)) > 1 and text.lower() not in ("password", "pass", "pw", "token", "secret")


def _value(match: re.Match[str], kind: str) -> bool:
    """Judge the value beside a name: what is assigned outright is hidden, prose is left."""
    text = secret_of(match)
    bare = text.rstrip(".,;:!?")
    if len(set(text)) <= 2 or bare.lower() in _WORDS or _CODE.fullmatch(bare):  # noqa: PLR2004 - a mask
        return False
    if _PATH.match(bare) and is_readable(bare):
        return False
    groups = match.groupdict()
    outright = "gap" not in groups or (
        not groups["gap"] and not groups["space"] and "=" in match[0][: match.start("secret") - match.start()]
    )
    if kind == "argument" and "pass" not in match[0].lower():
        return not is_readable(text)
    if kind in ("password", "argument"):
        mixed = bool(_DIGIT.search(text) and _LETTER.search(text)) or is_mixed(text)
        return outright or (len(text) >= _SHORT and (mixed or bool(groups.get("quote"))))
    return is_mixed(text) or (outright and len(text) >= _LONG and bool(_DIGIT.search(text)))


def secret_of(match: re.Match[str]) -> str:
    """Return the part of a match that is hidden."""
    return match["secret"] if "secret" in match.re.groupindex else match[0]


LOOKS: Final[Mapping[str, Callable[[re.Match[str], str], bool]]] = {
    "mixed": _mixed,
    "opaque": _opaque,
    "userinfo": _userinfo,
    "value": _value,
}
