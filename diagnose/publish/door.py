"""The way to GitHub for the comment: the same client as for reading, with a budget of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio

from diagnose.model.text import phrase
from diagnose.publish.comment import Posted, keep
from diagnose.sources.github.address import read_base
from diagnose.sources.github.client import Client
from diagnose.sources.github.session import Options, Session
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from diagnose.kit.clock import Clock
    from diagnose.model.report import Report
    from diagnose.publish.comment import Asked
    from diagnose.render.foot import Foot
    from diagnose.render.interface import View
    from diagnose.sources.github.token import Token

REQUESTS: Final = 24
"""At most: the run, its job, the pull requests of a commit, the pull request, ten pages of comments, who we are, one that writes."""
SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Way:
    """How GitHub is reached, and how long that may take (seconds)."""

    repository: str
    token: Token | None
    api_url: str
    clock: Clock
    in_actions: bool = False
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    seconds: float = SECONDS


async def keep_comment(report: Report, view: View, asked: Asked, foot: Foot, way: Way) -> Posted:
    """Keep the one comment up to date; every trouble is an outcome with its reason."""
    base = read_base(way.api_url)
    if isinstance(base, Refusal):
        return Posted("refused", why=base.message, remedy=base.remedy)
    if way.token is None:
        return Posted(
            "refused",
            why=phrase("a comment needs a GitHub token, and there is none."),
            remedy="set GITHUB_TOKEN, with pull-requests: write",
        )
    with anyio.move_on_after(way.seconds):
        async with Client(base, way.token, clock=way.clock, sleep=way.sleep, budget=REQUESTS) as client:
            session = Session(
                client, way.repository, way.clock, way.sleep, Path(), lambda _stage, _done, _total: None, Options()
            )
            return await keep(session, report, view, asked, foot, in_actions=way.in_actions)
    return Posted("refused", why=phrase(f"GitHub did not answer within {way.seconds:g} s."), remedy="run it again")
