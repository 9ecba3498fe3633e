"""How often GitHub may be asked: its answers of 403 and 429 told apart, and how long to wait.

Source: docs "Rate limits for the REST API": either limit may answer 403 or 429; first `retry-after` (seconds), then
`x-ratelimit-reset` (epoch seconds) when `x-ratelimit-remaining` is 0, else at least a minute. A 403 with requests left and no
word of a limit is a missing permission: asking again does not help.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDARY_SECONDS: Final = 60.0
LONGEST_RESET: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a client. Times in seconds, sizes in bytes; each is a bound on one request unless it says otherwise."""

    connect: float = 10.0
    read: float = 20.0
    whole: float = 150.0
    tries: int = 3
    longest_wait: float = 60.0
    at_once: int = 4
    json_bytes: int = 32 << 20
    log_bytes: int = 1 << 30
    all_logs_bytes: int = 4 << 30
    file_bytes: int = 1 << 20
    back_off: float = 0.5


def whole_number(text: str | None) -> int | None:
    """Read a header's number; None when it is not there or not one."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 12 else None  # noqa: PLR2004 - seconds since 1970


def _moment(epoch: int | None, now: datetime) -> datetime | None:
    if epoch is None:
        return None
    moment = datetime.fromtimestamp(min(epoch, int(now.timestamp()) + int(LONGEST_RESET.total_seconds())), UTC)
    return max(moment, now)


def refused(status: int, headers: Mapping[str, str], message: str, now: datetime) -> Trouble:
    """Tell what a 403 or a 429 means. message: GitHub's own, only searched, never kept."""
    limit = whole_number(headers.get("x-ratelimit-limit"))
    pause = whole_number(headers.get("retry-after"))
    if pause is not None:
        return Trouble("rate-limited", status, again_at=now + timedelta(seconds=min(pause, 86400)), limit=limit)
    if headers.get("x-ratelimit-remaining") == "0":
        again = _moment(whole_number(headers.get("x-ratelimit-reset")), now) or now + timedelta(
            seconds=SECONDARY_SECONDS
        )
        return Trouble("rate-limited", status, again_at=again, limit=limit)
    if status == 429 or "rate limit" in message.lower() or "abuse detection" in message.lower():  # noqa: PLR2004 - HTTP
        return Trouble("rate-limited", status, "secondary", now + timedelta(seconds=SECONDARY_SECONDS), limit)
    return Trouble("denied", status, _why(headers, message))


def _why(headers: Mapping[str, str], message: str) -> str:
    """Tell what kind of a refusal it is, beside a missing permission: "sso", "ip" (both docs, "Troubleshooting the REST API"), or ""."""
    if "x-github-sso" in headers or "saml" in message.lower():
        return "sso"
    return "ip" if "ip allow list" in message.lower() else ""


def unwell(status: int, headers: Mapping[str, str], now: datetime) -> Trouble:
    """Tell what a 5xx means: a fault of the server's own, which may say when to come again."""
    wait = whole_number(headers.get("retry-after"))
    return Trouble("server", status, again_at=None if wait is None else now + timedelta(seconds=min(wait, 86400)))


def pause(trouble: Trouble, tried: int, now: datetime, limits: Limits) -> float | None:
    """Return the seconds to wait before the next try, None when there is to be none. tried: tries so far, 1 and up."""
    if tried >= limits.tries:
        return None
    if trouble.kind == "rate-limited" and trouble.again_at is not None:
        wait = (trouble.again_at - now).total_seconds()
        if trouble.detail == "secondary":
            wait *= 2 ** (tried - 1)
        return max(wait, 0.0) + 1.0 if wait <= limits.longest_wait else None
    if trouble.kind == "server" and trouble.again_at is not None:
        wait = (trouble.again_at - now).total_seconds()
        return max(wait, limits.back_off) if wait <= limits.longest_wait else None
    if trouble.kind in ("server", "unreachable"):
        return limits.back_off * 2.0 ** (tried - 1)
    return None
