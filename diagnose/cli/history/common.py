"""What the history's commands share: the store that they ask, and how its words are shown."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, TypeVar

from diagnose.cli.out import answer, columns, complain
from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from diagnose.memory.patterns import Detail
    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.rows import Pattern
    from diagnose.memory.store import Store

T = TypeVar("T")
_DIGEST = regex(r"^[0-9a-f]{12}/")

UNREAD = 3
"""Exit code of a store that could not be asked."""


def opened() -> tuple[Store, datetime] | None:
    """Return the store of the settings and the present time; None when memory is off or the settings are wrong, which was said."""
    from diagnose.cli.places import data_folder, settings
    from diagnose.config import ConfigError
    from diagnose.kit.clock import system_clock
    from diagnose.memory.store import Store
    from diagnose.remember import store_path

    try:
        config, _ = settings(os.environ)
    except ConfigError as error:
        complain(str(error))
        return None
    path = store_path(config, data_folder())
    if path is None:
        complain("memory is off.", "CI_DIAGNOSE_MEMORY=true ci-diagnose history")
        return None
    return Store(path, time.sleep), system_clock().now()


def record_path() -> Path:
    """Return the path of DISCOVERIES.md as the settings name it. ConfigError as `settings`."""
    from pathlib import Path

    from diagnose.cli.places import settings

    return Path(settings(os.environ)[0].discoveries)


def told(found: Any) -> bool:
    """Say a store's problem; True when it was one."""
    from diagnose.memory.problem import StoreProblem

    if isinstance(found, StoreProblem):
        complain(found.message, found.remedy)
        return True
    return False


def read(found: T | StoreProblem) -> T | None:
    """Return what the store answered; None when it was a problem, which was said."""
    return None if told(found) else found  # type: ignore[return-value]


def one_pattern(store: Store, identity: str, repository: str, now: datetime) -> Detail | int:
    """Return the one pattern whose id begins so; else an exit code, and why was said."""
    from diagnose.memory.patterns import SHORTEST_ID, show

    found = show(store, identity, now=now, repository=repository or None)
    if told(found):
        return UNREAD
    details: tuple[Detail, ...] = found  # type: ignore[assignment]
    if not details:
        short = f" An id has {SHORTEST_ID} to 8 hexadecimal digits." if len(identity) < SHORTEST_ID else ""
        complain(
            f"no pattern's id begins with {identity}{' in ' + repository if repository else ''}.{short}",
            "ci-diagnose history list",
        )
        return 2
    if len(details) > 1:
        names = ", ".join(
            f"{one.pattern.id} ({shown(one.pattern.repository) or 'no repository'}: {shown(one.pattern.title)[:40]})"
            for one in details
        )
        complain(
            f"{identity} is the beginning of {len(details)} ids: {names}.",
            f"more digits, or --repo {shown(details[0].pattern.repository) or 'OWNER/NAME'}",
        )
        return 2
    return details[0]


def shown(text: object) -> str:
    """Return foreign text for one line of a terminal."""
    from diagnose.safety.terminal import to_terminal

    return " ".join(to_terminal(text).split())  # type: ignore[arg-type]


def where_seen(target: object) -> str:
    """Return a target as people name it: without what tells two logs of one name apart in the memory."""
    return _DIGEST.sub("", shown(target))


def cut(text: str, room: int) -> str:
    """Return the text, or as much of it as has room, with the sign that there is more."""
    return text if len(text) <= room else f"{text[: max(1, room - 1)]}…"


def width() -> int:
    """Return the columns that a row may take."""
    return columns(os.environ)


def count(number: int, one: str, more: str = "") -> str:
    """Return a number and what is counted: "1 pattern", "2 patterns"."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def state(pattern: Pattern) -> str:
    """Return a pattern's state in words, with the minutes that its fix took."""
    from diagnose.memory.rows import AUTOMATIC

    fixed = f"fixed {pattern.minutes:g} min" if pattern.minutes is not None else "fixed"
    if pattern.state == "came-back":
        return f"came back, {fixed}"
    if pattern.state == "resolved":
        return "fixed, perhaps" if pattern.how and pattern.how in AUTOMATIC else fixed
    return pattern.state


def age(stamp: str, now: datetime) -> str:
    """Return how long ago a point in time was: "5 min", "3 h", "2 d", "14 w"."""
    from datetime import datetime

    try:
        seconds = (
            now - datetime.fromisoformat(stamp if len(stamp) > 10 else f"{stamp}T00:00:00+00:00")  # noqa: PLR2004 - a date
        ).total_seconds()
    except (ValueError, TypeError):
        return "?"
    for unit, size, most in (("min", 60, 90), ("h", 3600, 36), ("d", 86_400, 60), ("w", 604_800, 200)):
        if seconds < size * most:
            return f"{max(0, int(seconds // size))} {unit}"
    return f"{int(seconds // 31_557_600)} y"


def document(pattern: Pattern) -> dict[str, object]:
    """Return a pattern as `--json` has it. Its texts are foreign; numbers are null where they are not known."""
    return {
        "id": pattern.id, "repository": pattern.repository, "title": pattern.title, "category": pattern.category, "tool": pattern.tool, "state": pattern.state,
        "root_cause": pattern.root_cause, "solution": pattern.solution, "fixed_by": pattern.fixed_by, "said_by": {"how": pattern.how, "who": pattern.who, "sure": pattern.sure},
        "links": pattern.links, "minutes": pattern.minutes, "hours_to_green": pattern.elapsed, "confidence": pattern.confidence, "seen": pattern.seen,
        "first_seen": pattern.first_seen, "last_seen": pattern.last_seen, "resolved_at": pattern.resolved_at, "refuted": pattern.wrong, "in_passing_logs": pattern.passed,
        "in_untrusted_refs": pattern.untrusted, "lines": pattern.lines,
    }  # fmt: skip


def answer_json(value: Mapping[str, object]) -> None:
    """Write a document on standard output."""
    import sys

    from diagnose.safety.json_out import to_json

    answer(to_json(value, indent=2, tty=sys.stdout.isatty()) + "\n", os.environ)
