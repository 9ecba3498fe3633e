"""Stamps that are a time without a date: the time of day, or the time since a build began."""

from __future__ import annotations

from typing import Final

from diagnose.kit.regex import regex

_CLOCK: Final = regex(rb"(?:\xef\xbb\xbf)?\[?(\d\d):(\d\d):(\d\d)(?:\.\d+)?\]?")


def clock_of(raw: bytes) -> float | None:
    """Read `12:34:56`, with or without brackets, at a line's beginning; in seconds, None where it has none."""
    found = _CLOCK.match(raw)
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0 + int(found[3]) if found else None
