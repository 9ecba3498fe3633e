"""Keeping the one comment of a pull request, as one way of asking GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.model.text import phrase
from diagnose.publish.comment import Asked, keep
from diagnose.publish.door import REQUESTS
from diagnose.render.foot import Foot
from diagnose.render.interface import View
from diagnose.sources.github.address import Base, read_base
from diagnose.sources.github.api import quiet
from diagnose.sources.github.client import Client
from diagnose.sources.github.session import Options, Session
from diagnose.sources.refusal import Refusal
from tests.render.samples import TABLE, pytest_pair
from tests.support.github_world import HEAD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from diagnose.kit.clock import Clock
    from diagnose.sources.github.limits import Limits
    from diagnose.sources.github.token import Token
    from tests.support.fake_github import FakeGitHub


@dataclass(frozen=True)
class Commented:
    """What became of the comment, and how many stand then."""

    outcome: str
    comments: int


def standing(words: str) -> str:
    """Return a comment of ours with other words than those that will be written."""
    return f"<!-- ci-diagnose:v1 key=pr state=failed made=0000000000000000 -->\n**CI failed: {words}.**\n"


async def commented(
    server: FakeGitHub, token: Token, sleep: Callable[[float], Awaitable[None]], clock: Clock, limits: Limits
) -> Commented | Refusal:
    """Write a failure down on pull request 123; a Refusal says why it was not."""
    base = read_base(server.url)
    assert isinstance(base, Base)
    async with Client(base, token, clock=clock, sleep=sleep, budget=REQUESTS, limits=limits) as client:
        session = Session(client, "acme/app", clock, sleep, Path(), quiet, Options())
        posted = await keep(
            session, pytest_pair(), View(reliability=TABLE), Asked("pr", "123", HEAD), Foot(), in_actions=False
        )
    if posted.outcome == "refused":
        return Refusal("denied", posted.why or phrase(""), posted.remedy)
    return Commented(posted.outcome, len(server.answers.comments.bodies(123)))
