"""A row of an exported file is checked before anything of it is kept: its fields, their kinds and bounds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, get_args

from diagnose.kit.regex import regex
from diagnose.memory.columns import FIELD_CAP, plain, stamped
from diagnose.memory.rows import HOW, KEPT_STATES, LINKS
from diagnose.memory.signature import KEPT_LINES, sign
from diagnose.model.words import CATEGORIES, Verdict

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from diagnose.memory.signature import Signature

_ID: Final = regex(r"[0-9a-f]{8}")
_HEX: Final = regex(r"(?:[0-9a-f]{2}){1,200}")
_VERDICTS: Final = ("", *get_args(Verdict))
MOST_TESTS: Final = 50
MOST_RANK: Final = 3
CLOCKS_DIFFER: Final = timedelta(days=1)
LARGEST: Final = 1_000_000_000


class RowError(ValueError):
    """Why a line is not taken, after its number: "has no `at`"."""


class _Row:
    """The fields of one line, each taken by its kind."""

    def __init__(self, row: dict[str, Any], redact: Callable[[str], str], now: datetime) -> None:
        self.row = row
        self.redact = redact
        self.latest = now + CLOCKS_DIFFER

    def text(self, name: str, most: int = FIELD_CAP) -> str:
        value = self.row.get(name, "")
        if not isinstance(value, str):
            raise RowError(f"has a `{name}` that is no text")
        return plain(self.redact(" ".join(value[: 4 * most].split())), most)

    def word(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.row.get(name, "")
        if value not in allowed:
            raise RowError(f"has a `{name}` that is none of {', '.join(filter(None, allowed))}")
        return str(value)

    def number(self, name: str, most: float) -> float | None:
        value = self.row.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise RowError(f"has a `{name}` that is not between 0 and {most:g}")
        return float(value)

    def whole(self, name: str, most: int = 1_000_000) -> int:
        return int(self.number(name, most) or 0)

    def stamp(self, name: str, *, needed: bool = True) -> str:
        value = self.row.get(name, "")
        if not value and not needed:
            return ""
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 40 else None  # noqa: PLR2004 - the longest form
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise RowError(f"has no `{name}` with a date, time and zone")
        try:
            if at > self.latest:
                raise RowError(f"has a `{name}` that is still to come")
            return stamped(at)
        except OverflowError as error:
            raise RowError(f"has no `{name}` with a date, time and zone") from error

    def matched(self, name: str, form: re.Pattern[str]) -> str:
        value = self.row.get(name)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise RowError(f"has no proper `{name}`")
        return value

    def lines(self, name: str, most: int, longest: int = 300) -> str:
        value = self.row.get(name, [])
        if not isinstance(value, list) or len(value) > most or not all(isinstance(line, str) for line in value):
            raise RowError(f"has `{name}` that are not at most {most} texts")
        return "\n".join(plain(self.redact(" ".join(line[: 4 * longest].split())), longest) for line in value)

    def signature(self, *, needed: bool) -> Signature | None:
        value = self.row.get("signature")
        if value is None and not needed:
            return None
        raw = value.get("raw") if isinstance(value, dict) else None
        if (
            not isinstance(value, dict)
            or not isinstance(raw, list)
            or not 0 < len(raw) <= KEPT_LINES
            or not all(isinstance(line, str) and "\n" not in line for line in raw)
        ):
            raise RowError("has no proper `signature`")
        part = _Row(value, self.redact, self.latest)
        found = sign(
            self.redact("\n".join(raw)).split("\n"),
            category=part.word("category", ("", *CATEGORIES)),
            tool=part.text("tool", 100),
            rule=part.text("rule", 200),
        )
        if found is None:
            raise RowError("has a signature whose lines carry no identity")
        return found


def checked(row: dict[str, Any], redact: Callable[[str], str], now: datetime) -> dict[str, Any]:
    """Return the row as it may be kept, its texts redacted and cut; raise RowError for what is wrong with it."""
    kind = row.get("kind")
    make = _KINDS.get(kind) if isinstance(kind, str) else None
    if make is None:
        raise RowError(f"is of none of the kinds {', '.join(_KINDS)}")
    fields = _Row(row, redact, now)
    return {"kind": kind, "repository": fields.text("repository", 300), **make(fields)}


def _pattern(row: _Row) -> dict[str, Any]:
    return {
        "id": row.matched("id", _ID),
        "signature": row.signature(needed=False),
        "title": row.text("title"),
        "category": row.word("category", ("", *CATEGORIES)),
        "tool": row.text("tool", 100),
        **_solution(row),
        "root_cause": row.text("root_cause"),
        "minutes": row.number("minutes", LARGEST),
        "confidence": row.number("confidence", 1),
        "state": row.word("state", KEPT_STATES),
        "first_seen": row.stamp("first_seen"),
        "last_seen": row.stamp("last_seen"),
        "resolved_at": row.stamp("resolved_at", needed=False),
        "seen_before": row.whole("seen_before"),
        "wrong": row.whole("wrong"),
        "passed": row.whole("passed"),
    }


def _solution(row: _Row) -> dict[str, Any]:
    return {
        "solution": row.text("solution"),
        "fixed_by": row.text("fixed_by", 300),
        "how": row.word("how", HOW),
        "who": row.text("who", 300),
        "links": row.lines("links", LINKS),
        "sure": row.number("sure", 1),
        "elapsed": row.number("elapsed", LARGEST),
    }


def _sighting(row: _Row) -> dict[str, Any]:
    texts = {name: row.text(name) for name in ("target", "commit_sha", "job", "branch", "actor", "link")}
    if not texts["target"]:
        raise RowError("has no `target`")
    return {
        "pattern": row.matched("pattern", _ID),
        "signature": row.signature(needed=True),
        "rank": row.whole("rank", MOST_RANK),
        **texts,
        "line": row.whole("line", LARGEST),
        "at": row.stamp("at"),
        "confidence": row.number("confidence", 1) or 0.0,
        "category": row.word("category", ("", *CATEGORIES)),
        "tool": row.text("tool", 100),
        "verdict": row.word("verdict", _VERDICTS),
        "tests": row.lines("tests", MOST_TESTS),
        "escalated": row.whole("escalated", 1),
        "recognised": row.whole("recognised", 1),
        "minutes": row.number("minutes", LARGEST),
        "trusted": row.whole("trusted", 1),
    }


def _refuted(row: _Row) -> dict[str, Any]:
    value = row.row.get("line", "")
    if not isinstance(value, str):
        raise RowError("has a `line` that is no text")
    return {
        "pattern": row.matched("pattern", _ID),
        "hash": bytes.fromhex(row.matched("hash", _HEX)),
        "algo": row.whole("algo", 1000),
        "score": row.number("score", 100) or 0.0,
        "text": plain(row.redact(value[: 4 * FIELD_CAP]), KEPT_LINES * 401),
        "who": row.text("who", 300),
        "at": row.stamp("at"),
    }


def _proposal(row: _Row) -> dict[str, Any]:
    return {
        "pattern": row.matched("pattern", _ID),
        **_solution(row),
        "how": row.word("how", ("green-run", "re-run")),
        "at": row.stamp("at"),
    }


def _green(row: _Row) -> dict[str, Any]:
    return {name: row.text(name) for name in ("branch", "job", "commit_sha", "target", "link")} | {
        "at": row.stamp("at")
    }


_KINDS: Final[dict[str, Callable[[_Row], dict[str, Any]]]] = {
    "pattern": _pattern,
    "sighting": _sighting,
    "refuted": _refuted,
    "proposal": _proposal,
    "green": _green,
}
