"""The data of the setup check, read once: what services withdrew, and what they say when the circumstances failed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from datetime import date

Blocks = Literal["always", "setup", "unread", "never"]
BROWNOUT_FROM: Final = 14
"""O'clock UTC: actions/runner-images#13518 and #14254."""


@dataclass(frozen=True, slots=True)
class Retired:
    """Something withdrawn: a runner image (`refs` empty) or versions of an action; gone since `removed`.

    brownouts: days before, on which its jobs fail from BROWNOUT_FROM o'clock UTC until midnight. deprecated: when its end was told.
    """

    names: tuple[str, ...]
    refs: tuple[str, ...]
    removed: date
    advice: str
    source: str
    brownouts: tuple[date, ...] = ()
    deprecated: date | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """A label that came to mean another image, for some runs from `first` on and for all from `last` on."""

    name: str
    image: str
    before: str
    first: date
    last: date
    source: str


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that a CI system says. `expression` finds it, `rules` find it in a log too. blocks: when it is the answer.

    plain: said by a tool, without the CI system's own mark. lacks: what the run was not given, "" where that is not the matter.
    notice: the CI system only warns of it, in jobs that pass too. removed: the day from which what it warns of is gone.
    """

    id: str
    rules: tuple[str, ...]
    expression: str
    blocks: Blocks
    says: str
    remedy: str
    source: str
    plain: bool = False
    lacks: Literal["", "secret", "scope"] = ""
    notice: bool = False
    removed: date | None = None


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


@cache
def images() -> dict[str, Retired]:
    """Map the label of a runner image to what is known of its end."""
    rows = [
        Retired(
            tuple(row["names"]),
            (),
            row["removed"],
            row["advice"],
            row["source"],
            tuple(row.get("brownouts", ())),
            row.get("deprecated"),
        )
        for row in _table("retired.toml")["image"]
    ]
    return {name: row for row in rows for name in row.names}


@cache
def aliases() -> tuple[Alias, ...]:
    """Every change of what a label means, the newest first."""
    return tuple(Alias(**row) for row in _table("retired.toml")["alias"])


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
