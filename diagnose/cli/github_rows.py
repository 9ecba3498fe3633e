"""The doctor's rows about GitHub: token, network, repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import anyio

from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from diagnose.config import Settings
    from diagnose.sources.github.api import Access

GitHubRow = tuple[Literal["ok", "remark", "problem", "off"], str, str, str]
_WRITES = ("repo", "write", "admin", "delete")


def github_rows(config: Settings, repository: str) -> list[GitHubRow]:
    """Ask GitHub for what the token may do and how many requests are left."""
    return anyio.run(_rows, config, repository)


async def _rows(config: Settings, repository: str) -> list[GitHubRow]:
    from diagnose.fetch import api_url
    from diagnose.kit.clock import system_clock
    from diagnose.kit.process import run
    from diagnose.sources.github.api import check_access
    from diagnose.sources.github.token import find_token, gh_host
    from diagnose.sources.refusal import Refusal

    token = await find_token(os.environ, run, host=gh_host(api_url(config, os.environ)))
    if isinstance(token, Refusal):
        return [("problem", "token", plain(token.message), token.remedy)]
    found = await check_access(
        token=token, clock=system_clock(), repository=repository or None, api_url=api_url(config, os.environ)
    )
    if isinstance(found, Refusal):
        return [("problem", "github", plain(found.message), found.remedy)]
    return _told(found)


def _told(access: Access) -> list[GitHubRow]:
    rows: list[GitHubRow] = []
    if not access.source:
        rows.append(
            (
                "remark",
                "token",
                "none: public repositories only, 60 requests an hour",
                "gh auth login    or set GITHUB_TOKEN",
            )
        )
    else:
        rows.append(("ok", "token", f"from {access.source}" + (f", user {access.user}" if access.user else ""), ""))
        if access.scopes and any(scope.split(":")[0] in _WRITES for scope in access.scopes):
            rows.append(
                ("remark", "token", f"may also write ({', '.join(access.scopes)}); reading is all that is needed", "")
            )
    reset = access.reset.astimezone().strftime("%H:%M")
    rows.append(
        (
            "ok",
            "github",
            f"{access.host} in {access.seconds * 1000:.0f} ms, {access.remaining} of {access.limit} requests left until {reset}",
            "",
        )
    )
    if access.repository:
        rows.append(("ok", "repo", f"{access.repository}, default branch {access.default_branch}", ""))
    return rows
