"""Private keys as blocks of base64 (RFC 7468, and OpenPGP's armour, RFC 9580 section 6): whole, cut, prefixed, escaped."""

from __future__ import annotations

from typing import Final

from diagnose.kit.regex import regex

MARK: Final = "[secret:private-key]"
MOST_LINES: Final = 400

_BEGIN = regex(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = regex(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BODY = regex(
    r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{16,}={0,2}(?=[\s\"'\\,]*$)|(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{1,15}={1,2}(?=[\s\"'\\,]*$)"
)
_LAST = regex(r"(?<![A-Za-z0-9+/=_-])=?[A-Za-z0-9+/]{1,}={0,2}(?=[\s\"'\\,]*$)")
_HEADER = regex(r"(?:^|[\s|>])(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash|MessageID): ")
_BLANK = regex(r"(?:\S*\d\d:\d\d:\d\d\S*)?[\s|>│]*")
_QUOTE = regex(r"[\"'](?=[\s,}\])]|$)")


def redact_private_keys(text: str) -> str:
    """Replace the bodies of private keys; the marks around them and the number of lines stay."""
    if "PRIVATE KEY" not in text:
        return text
    lines = text.split("\n")
    inside = 0
    for index, line in enumerate(lines):
        begin, end = _BEGIN.search(line), _END.search(line)
        if begin:
            lines[index], opened = _opening(line)
            inside = MOST_LINES if opened else 0
        elif end:
            if not inside:
                _backwards(lines, index)
            lines[index] = _LAST.sub(MARK, line[: end.start()]) + line[end.start() :]
            inside = 0
        elif inside:
            inside -= 1
            lines[index], goes_on = _within(lines, index)
            inside = inside if goes_on else 0
    return "\n".join(lines)


def _opening(line: str) -> tuple[str, bool]:
    """Hide what stands behind BEGIN on its own line, key after key; tell whether the last one goes on below."""
    out: list[str] = []
    position = 0
    opened = False
    while not opened and (begin := _BEGIN.search(line, position)):
        out.append(line[position : begin.end()])
        end = _END.search(line, begin.end())
        quote = None if end else _QUOTE.search(line, begin.end())
        position = end.start() if end else quote.start() if quote else len(line)
        out.append(MARK if line[begin.end() : position].strip() else line[begin.end() : position])
        opened = not end and not quote
    return "".join(out) + line[position:], opened


def _within(lines: list[str], index: int) -> tuple[str, bool]:
    """Hide a line of the body; tell whether the block goes on behind it."""
    line = lines[index]
    if _HEADER.search(line) or _BLANK.fullmatch(line):
        return line, True
    if _BODY.search(line):
        return _BODY.sub(MARK, line), True
    if index + 1 < len(lines) and _END.search(lines[index + 1]) and _LAST.search(line):
        return _LAST.sub(MARK, line), True
    return line, False


def _backwards(lines: list[str], end: int) -> None:
    """Hide a body whose BEGIN was cut off, upwards from its END."""
    for index in range(end - 1, max(end - MOST_LINES, -1), -1):
        pattern = _LAST if index == end - 1 else _BODY
        if not pattern.search(lines[index]):
            return
        lines[index] = pattern.sub(MARK, lines[index])
