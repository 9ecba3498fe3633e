"""What can go wrong in one request, as a value that later becomes a Refusal or a Missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

TroubleKind = Literal[
    "unauthorized",
    "denied",
    "not-found",
    "not-stored",
    "gone",
    "rate-limited",
    "server",
    "unreachable",
    "slow",
    "bad-reply",
    "redirect",
    "too-large",
    "too-many",
    "budget",
    "refused",
    "disk",
    "incomplete",
]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One request's failure. detail: our own words or a type's name, never an address, a header or a part of the token.

    status: HTTP status, 0 when none came. again_at: when GitHub allows the next request. limit: requests an hour that
    GitHub allows, None when it did not say.
    """

    kind: TroubleKind
    status: int = 0
    detail: str = ""
    again_at: datetime | None = None
    limit: int | None = None
