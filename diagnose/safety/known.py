r"""Secrets whose values are known: found raw, encoded, coloured, split, wrapped, reversed and in part.

Text and value are squeezed alike (colours, invisible characters, log prefixes, white space, quotes, `+ , \\ |` out; one
case), then the text is sampled at every few characters against all short pieces of all forms of all values. A line that
holds nothing costs a few look-ups.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from diagnose.kit.regex import regex
from diagnose.safety.looks import is_readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MARK: Final = "[secret:value]"
PIECE: Final = 6
PART: Final = 12
SHORTEST_UNNAMED: Final = 8
SHORTEST_NAMED: Final = 4
MOST_VALUES: Final = 200
MOST_CHARACTERS: Final = 8_192
_PLACES: Final = 32

_TELLING = regex(
    r"token|secret|passw|passphrase|pwd|(?:^|_)pass(?:$|_)|api_?key|private|credential|(?:^|_)auth(?:$|_)|cookie|_key$|signature|webhook|dsn$|_pat$",
    re.IGNORECASE,
)
_PUBLIC = regex(
    r"GITHUB_|RUNNER_|ACTIONS_|CI_|LC_|LANG|XDG_|SSH_(?:CLIENT|CONNECTION|TTY|AUTH_SOCK|AGENT)|GPG_AGENT|DBUS_|TERM|COLORTERM|LS_COLORS|PS\d|"
    r"(?:PATH|PWD|OLDPWD|HOME|SHELL|USER|LOGNAME|HOSTNAME|DISPLAY|INVOCATION_ID|JOURNAL_STREAM|IMAGE(?:OS|VERSION)|JAVA_HOME\w*|GOROOT\w*|VIRTUAL_ENV\w*)$",
    re.IGNORECASE,
)
_PUBLIC_VALUE: Final = frozenset(
    "true false none null yes no root admin user test test1 guest password secret token default production development staging localhost".split(),  # noqa: SIM905 - a list of words reads as words
)
_PATHS = regex(
    r"(?:[~.]{0,2}/|[A-Za-z]:[\\/])[^\n]*|[a-z]+://[^@\n]*|v?\d+(?:\.\d+)+[\w.+-]{0,15}|\d{1,16}|\S* \S* [^\n]*"
)
_DROPPED = regex(
    "(?m:^(?:\ufeff?\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,24}Z ?)?(?:[|>│] ?)?)|\x1b\\[[0-9;?]*[ -/]*[@-~]|[\\s\"'+\\\\,|\x1b\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]+",
)
_PLAIN_DROP: Final = {ord(character): None for character in " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\"'+\\,|"}
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class KnownValues:
    """The values of a run's secrets, ready to be searched for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """environment: names and values; what is no secret by name and by look is left out."""
        values = [value for name, value in environment.items() if is_secret(name, value)][:MOST_VALUES]
        self._whole = sorted(
            {value.strip() for value in values if len(value.strip()) < SHORTEST_UNNAMED}, key=len, reverse=True
        )
        self._forms: list[tuple[str, int]] = []
        self._pieces: dict[str, list[tuple[int, int]]] = {}
        for form in sorted({form for value in values for form in forms(value)}):
            self._add(form)
        shortest = min((least for _, least in self._forms), default=PART)
        self._step = max(1, min(PIECE, shortest - PIECE + 1))

    def __bool__(self) -> bool:
        return bool(self._forms or self._whole)

    def redact(self, text: str) -> str:
        """Replace each value, whatever its form; line ends stay."""
        for value in self._whole:
            if value in text:
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MARK, text)
        if not self._forms:
            return text
        simple = text.isascii() and "\x1b" not in text and "\n" not in text
        squeezed = text.translate(_PLAIN_DROP) if simple else _DROPPED.sub("", text)
        squeezed = squeezed.lower() if squeezed.isascii() else squeezed.translate(_ASCII_LOWER)
        spans = list(self._found(squeezed))
        return _replaced(text, spans) if spans else text

    def _add(self, form: str) -> None:
        least = PART if len(form) >= PART + 4 else len(form)
        self._forms.append((form, least))
        for offset in range(len(form) - PIECE + 1):
            places = self._pieces.setdefault(form[offset : offset + PIECE], [])
            if len(places) < _PLACES:
                places.append((len(self._forms) - 1, offset))

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the parts of the squeezed text that are values, in order."""
        pieces, done = self._pieces, 0
        for position in range(0, len(text) - PIECE + 1, self._step):
            places = pieces.get(text[position : position + PIECE])
            if places is None or position + PIECE <= done:
                continue
            best = (0, 0)
            for index, offset in places:
                form, least = self._forms[index]
                start, end = _widest(text, position, form, offset)
                if end - start >= least and end - start > best[1] - best[0]:
                    best = (start, end)
            if best[1]:
                yield max(best[0], done), best[1]
                done = best[1]


def is_secret(name: str, value: str) -> bool:
    """Tell whether a variable holds a secret: its name says so, or its value looks like nothing else."""
    if name.upper() in ("PWD", "OLDPWD"):
        return False  # the shell's folders, no password
    bare = value.strip()
    if len(bare) < SHORTEST_NAMED or bare.lower() in _PUBLIC_VALUE or (bare.isalpha() and len(bare) < SHORTEST_UNNAMED):
        return False
    if _TELLING.search(name) and not name.upper().endswith(("_FILE", "_PATH", "_DIR", "_URL", "_SOCK")):
        return not bare.isdigit() or len(bare) >= SHORTEST_UNNAMED
    if _PUBLIC.match(name) or len(bare) < SHORTEST_UNNAMED:
        return False
    return not is_readable(bare) and not _PATHS.fullmatch(bare)


def forms(value: str) -> set[str]:
    """Return the squeezed forms in which a value may stand in a text; none shorter than it is safe to look for."""
    values = {value, value.strip(), *(line.strip() for line in value.splitlines())}
    out: set[str] = set()
    for item in values:
        if SHORTEST_UNNAMED <= len(item) <= MOST_CHARACTERS:
            out.update(_encoded(item))
    squeezed = {_squeezed(form) for form in out}
    return {form for form in squeezed if len(form) >= SHORTEST_UNNAMED}


def _encoded(value: str) -> Iterator[str]:
    import html  # its table of entities is needed where there are secrets only

    data = value.encode("utf-8", "surrogatepass")
    yield from (value, value[::-1])
    once = quote(value, safe="", errors="surrogatepass") if value.isprintable() else quote(data, safe="")
    yield from (once, quote(once, safe=""), quote(data), once.replace("%20", "+"), value.replace("%", "%25"))
    escaped = json.dumps(value)[1:-1]
    yield from (escaped, json.dumps(escaped)[1:-1], html.escape(value), html.escape(value, quote=False))
    yield "".join(f"&#{ord(character)};" for character in value)
    yield from (data.hex(), data.hex(":"), data.hex("-"), "".join(f"x{byte:02x}" for byte in data))
    yield from ("".join(f"%{byte:02x}" for byte in data), "".join(f"u{ord(character):04x}" for character in value))
    yield from _base64(data)
    plain = base64.b64encode(data)
    for again in (plain, plain.rstrip(b"="), base64.b64encode(data + b"\n")):
        yield from _base64(again)


def _base64(data: bytes) -> Iterator[str]:
    """Yield what any base64 that holds `data` holds, for its three places in a group of three bytes."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            text = encode(b"\0" * shift + data).decode()[(0, 2, 3)[shift] :]
            yield text.rstrip("=")[:-1] if (len(data) + shift) % 3 else text


def _squeezed(text: str) -> str:
    return _DROPPED.sub("", text).translate(_ASCII_LOWER)


def _widest(text: str, position: int, form: str, offset: int) -> tuple[int, int]:
    """Return the widest stretch around `position` that is equal to the form around `offset`."""
    start, end = position, position + PIECE
    left, right = offset, offset + PIECE
    while left > 0 and start > 0 and text[start - 1] == form[left - 1]:
        start, left = start - 1, left - 1
    while right < len(form) and end < len(text) and text[end] == form[right]:
        end, right = end + 1, right + 1
    return start, end


def _replaced(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Put a mark in place of spans of the squeezed text, in the text itself; line ends inside are kept."""
    places: list[int] = []
    position = 0
    for match in _DROPPED.finditer(text):
        places.extend(range(position, match.start()))
        position = match.end()
    places.extend(range(position, len(text)))
    out: list[str] = []
    done = 0
    for start, end in spans:
        first, last = places[start], places[end - 1] + 1
        out.append(text[done:first])
        out.append("\n".join([MARK] * (text.count("\n", first, last) + 1)))
        done = last
    return "".join(out) + text[done:]
