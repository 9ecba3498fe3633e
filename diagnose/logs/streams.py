"""Lines that a GitLab runner wrote in parts: `TIME 00O text`, then `TIME 00O+more of it`, other streams' lines between them.

Grammar: gitlab-runner 19.4.0 at d79f3e7, common/buildlogger/internal/timestamper/timestamper.go: a part ends where 8 KiB came
without a newline, and behind each write that holds a carriage return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

STAMPED: Final = regex(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ([0-9a-f]{2}[OE])([ +])")
_HEADER_MOST: Final = 40
_MOST: Final = 1 << 20  # bytes that one line may gather


def joined(data: bytes, reach: int) -> bytes:
    """Append each part to the line that it goes on, and leave an empty line where it stood.

    A part joins the line of its stream and type that is at most `reach` lines above; what goes on for longer, as a progress
    bar does, is a line by itself from there on. So what becomes of a line depends on its neighbours only.
    """
    heads: dict[int, int] = {}  # where a part begins: where the line begins that it belongs to, -1 for none
    tails: dict[int, list[bytes]] = {}
    sizes: dict[int, int] = {}
    edits: dict[int, tuple[int, bytes]] = {}
    for start, text, stop, channel in _parts(data):
        head = heads[start] = _head(data, start, channel, heads, reach)
        size = sizes.get(head, 0) + stop - text
        if head < 0 or size > _MOST:
            continue
        sizes[head] = size
        tails.setdefault(head, []).append(data[text:stop])
        edits[start] = (stop, b"")
    for head, tail in tails.items():
        stop = _end(data, head)
        edits[head] = (stop, b"".join([data[head:stop], *tail]))
    return _edited(data, edits) if edits else data


def _parts(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Find the lines that go on: where each begins, where its text does, where it ends, and its stream."""
    places = sorted({data.rfind(b"\n", 0, place) + 1 for sign in (b"O+", b"E+") for place in _places(data, sign)})
    for start in places:
        found = STAMPED.match(data, start)
        if found and found[2] == b"+":
            yield start, found.end(), _end(data, start), found[1]


def _places(data: bytes, sign: bytes) -> Iterator[int]:
    place = data.find(sign)
    while place >= 0:
        if data[place - 4 : place - 3] == b"Z":
            yield place
        place = data.find(sign, place + 1)


def _end(data: bytes, start: int) -> int:
    stop = data.find(b"\n", start)
    return len(data) if stop < 0 else stop


def _head(data: bytes, start: int, channel: bytes, heads: dict[int, int], reach: int) -> int:
    """Find the line that the part at `start` goes on, -1 where it is too far above or not there."""
    place = start
    for _ in range(reach):
        if place == 0:
            return -1
        place = data.rfind(b"\n", 0, place - 1) + 1
        found = STAMPED.match(data, place, place + _HEADER_MOST)
        if found is None or found[1] != channel:
            continue
        head = place if found[2] == b" " else heads.get(place, -1)
        return head if head >= 0 and data.count(b"\n", head, start) <= reach else -1
    return -1


def _edited(data: bytes, edits: dict[int, tuple[int, bytes]]) -> bytes:
    """Put other bytes in the place of whole lines."""
    pieces: list[bytes] = []
    done = 0
    for start in sorted(edits):
        stop, text = edits[start]
        pieces += [data[done:start], text]
        done = stop
    return b"".join([*pieces, data[done:]])
