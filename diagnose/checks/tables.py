"""The data of the setup check, read once: what services withdrew, and what they say when the circumstances failed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date

Blocks = Literal["always", "setup", "unread", "never"]


@dataclass(frozen=True, slots=True)
class Retired:
    """Something withdrawn: a runner image (`refs` empty) or versions of an action; gone since `removed`."""

    names: tuple[str, ...]
    refs: tuple[str, ...]
    removed: date
    advice: str
    source: str


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that a CI system says. rules find it in a log, `expression` in an annotation. blocks: when it is the answer."""

    id: str
    rules: tuple[str, ...]
    expression: str
    blocks: Blocks
    says: str
    remedy: str
    source: str


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


@cache
def images() -> dict[str, Retired]:
    """Map the label of a runner image to what is known of its end."""
    rows = [Retired(tuple(row["names"]), (), row["removed"], row["advice"], row["source"]) for row in _table("retired.toml")["image"]]
    return {name: row for row in rows for name in row.names}


@cache
def actions() -> dict[tuple[str, str], Retired]:
    """Map (action, major version) to what is known of its end."""
    rows = [
        Retired((row["name"],), tuple(row["refs"]), row["removed"], row["advice"], row["source"])
        for row in _table("retired.toml")["action"]
    ]
    return {(row.names[0], ref): row for row in rows for ref in row.refs}


@cache
def messages() -> tuple[Message, ...]:
    """Every message, the most telling first."""
    return tuple(Message(**{**row, "rules": tuple(row["rules"])}) for row in _table("messages.toml")["message"])
