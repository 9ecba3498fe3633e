"""The way in: from what the user names to a walk."""

from __future__ import annotations

import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.fetch import Access, Surroundings, access, api_url
from diagnose.learn.settle import Settler
from diagnose.memory.problem import StoreProblem
from diagnose.memory.store import Store
from diagnose.model.text import phrase
from diagnose.remember import store_path
from diagnose.safety.redact import Redactor
from diagnose.sources.github.past import find_repository, opened
from diagnose.sources.github.sentences import no_repository
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.refusal import Refusal
from diagnose.sources.target import Target, problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from diagnose.config import Settings
    from diagnose.learn.walk import Walk
    from diagnose.sources.github.session import Session
    from diagnose.world import World

BUDGET: Final = 800
"""Requests that a walk may cost unless the user says otherwise: a workflow's own token has 1,000 an hour, and others use it too."""

LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to learn from. branch, repository: "" for this checkout's, where one is needed. since None: as far back as logs are kept.

    everywhere: all branches. limit: failed runs that are diagnosed at most. budget: requests at most.
    """

    branch: str = ""
    since: datetime | None = None
    repository: str = ""
    everywhere: bool = False
    limit: int = LIMIT
    budget: int = BUDGET


@dataclass(frozen=True, slots=True)
class Learned:
    """What a walk came to. branch "": all of them. default: the repository's default branch."""

    repository: str
    branch: str
    walk: Walk
    seconds: float


async def learn(wanted: Wanted, settings: Settings, world: World) -> Learned | Refusal | StoreProblem:
    """Walk past runs, record their failures and what cured them. A Refusal or a StoreProblem says why nothing could be learnt."""
    path = store_path(settings, world.data)
    if path is None:
        return Refusal(
            "usage",
            phrase("memory is off, so there is nothing to learn into."),
            "CI_DIAGNOSE_MEMORY=true ci-diagnose learn ...",
        )
    began = world.clock.elapsed()
    with tempfile.TemporaryDirectory(prefix="ci-diagnose-") as spool:
        around = Surroundings(settings, world.env, world.folder, Path(spool), world.clock, world.progress)
        allowed = await access(wanted.repository, around)
        if isinstance(allowed, Refusal):
            return allowed
        branch = "" if wanted.everywhere else wanted.branch or allowed.branch
        wrong = problem(Target("branch", branch or "main"), allowed.repository)
        if wrong is not None:
            return wrong
        async with session_on(allowed, around, wanted.budget) as session:
            if isinstance(session, Refusal):
                return session
            found = await _walk(session, Store(path, time.sleep), wanted, branch, (settings, world))
    return (
        found
        if isinstance(found, (Refusal, StoreProblem))
        else Learned(found[0], branch, found[1], world.clock.elapsed() - began)
    )


@asynccontextmanager
async def session_on(allowed: Access, around: Surroundings, budget: int) -> AsyncIterator[Session | Refusal]:
    """Open a session on a repository with what was found of the user's surroundings."""
    url = api_url(around.settings, around.env)
    async with opened(
        allowed.repository, token=allowed.token, spool=around.spool, clock=around.clock, api_url=url, budget=budget
    ) as session:
        yield session


async def _walk(
    session: Session, store: Store, wanted: Wanted, branch: str, means: tuple[Settings, World]
) -> tuple[str, Walk] | Refusal | StoreProblem:
    from diagnose.learn.record import Diagnoser
    from diagnose.learn.walk import Asked, Walker

    settings, world = means
    home = await find_repository(session)
    if isinstance(home, Trouble):
        return (
            no_repository(session.repository, session.client.token)
            if home.kind == "not-found"
            else session.refuse(home, "the repository")
        )
    redact = Redactor(world.env).redact
    # the name as it was asked for: under that one a diagnosis of this repository is remembered too
    settler = Settler(session, store, session.repository, redact, session.spool)
    walker = Walker(session, Diagnoser.of(settings, world, store, redact), settler, home.default_branch, world.progress)
    found = await walker.walk(Asked(branch, wanted.since, wanted.limit))
    return found if isinstance(found, (Refusal, StoreProblem)) else (session.repository, found)
