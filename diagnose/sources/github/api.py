"""The two ways in: load an incident, and check the access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread

from diagnose.sources.github.address import read_base
from diagnose.sources.github.client import Client
from diagnose.sources.github.kept import open_shelf
from diagnose.sources.github.limits import whole_number
from diagnose.sources.github.replies import RateLimit, Repository, User
from diagnose.sources.github.session import Options, Session
from diagnose.sources.github.targets import build
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.refusal import Refusal
from diagnose.sources.target import problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from diagnose.kit.clock import Clock
    from diagnose.model.incident import Incident
    from diagnose.sources.github.limits import Limits
    from diagnose.sources.github.token import Token
    from diagnose.sources.github.waiting import Patience
    from diagnose.sources.target import Target

PUBLIC_API: Final = "https://api.github.com"
BUDGET: Final = 300


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Report no progress."""


async def load(  # noqa: PLR0913 - everything that must not be read from the surroundings is handed in
    target: Target,
    *,
    repository: str,
    token: Token | None,
    spool: Path,
    clock: Clock,
    api_url: str = PUBLIC_API,
    progress: Callable[[str, int, int], None] = quiet,
    budget: int = BUDGET,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    options: Options | None = None,
    limits: Limits | None = None,
    patience: Patience | None = None,
    cache: Path | None = None,
    told: Callable[[Cost], None] | None = None,
) -> Incident | Refusal:
    """Ask GitHub for everything about `target` of `repository` ("owner/name"); logs go to files in the folder `spool`.

    api_url: https, or http on the loopback. budget: requests to the API at most. progress: told (stage, done, total), the stages
    being "checks", "jobs", "logs", "passing" (logs of green runs), "running" (checks that have ended, of all, while they are waited for) and
    "waiting for GitHub" (then done is the try that comes). patience: wait for what still runs. cache: a folder for replies that are kept between
    runs. told: told at the end what was asked. What could not be had is in the incident as Missing; a Refusal says that the target itself could not.
    """
    wrong = problem(target, repository)
    base = read_base(api_url)
    if wrong is not None or isinstance(base, Refusal):
        return wrong or base  # type: ignore[return-value]  # one of both is a Refusal here
    shelf = await anyio.to_thread.run_sync(open_shelf, cache, token)
    async with Client(
        base, token, clock=clock, sleep=sleep, budget=budget, limits=limits, progress=progress, shelf=shelf
    ) as client:
        found = await build(
            Session(client, repository, clock, sleep, spool, progress, options or Options()), target, patience
        )
        if told is not None:
            told(cost_of(client))
        return found


@dataclass(frozen=True, slots=True)
class Cost:
    """What a diagnosis asked of the API. used: requests that count; unchanged: those that were free; budget: most that might count.

    allowed, limit: what GitHub still allows of an hour's requests, None where it did not say.
    """

    used: int
    unchanged: int
    budget: int
    allowed: int | None
    limit: int | None


def cost_of(client: Client) -> Cost:
    """Count what was asked so far."""
    allowed, limit = (whole_number(client.headers.get(f"x-ratelimit-{name}")) for name in ("remaining", "limit"))
    return Cost(client.used, client.unchanged, client.budget, allowed, limit)


@dataclass(frozen=True, slots=True)
class Access:
    """What `doctor` says of GitHub. user None: the token may not say (a workflow's own). scopes None: not a classic token.

    reset: when `remaining` requests are `limit` again. seconds: one request's time. repository None: none was named.
    """

    host: str
    source: str
    user: str | None
    scopes: tuple[str, ...] | None
    limit: int
    remaining: int
    reset: datetime
    seconds: float
    repository: str | None = None
    default_branch: str = ""


async def check_access(
    *,
    token: Token | None,
    clock: Clock,
    repository: str | None = None,
    api_url: str = PUBLIC_API,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    limits: Limits | None = None,
) -> Access | Refusal:
    """Try the token and the way to GitHub, with at most three requests; the first costs nothing of the rate limit."""
    base = read_base(api_url)
    if isinstance(base, Refusal):
        return base
    async with Client(base, token, clock=clock, sleep=sleep, budget=10, limits=limits) as client:
        session = Session(client, repository or "", clock, sleep, Path(), quiet, Options())
        began = clock.elapsed()
        limit = await client.get("/rate_limit", RateLimit)
        seconds = clock.elapsed() - began
        if isinstance(limit, Trouble):
            return session.refuse(limit, "the rate limit")
        scopes = client.headers.get("x-oauth-scopes")
        user = await client.get("/user", User) if token is not None else Trouble("unauthorized")
        if isinstance(user, Trouble) and token is not None and user.kind not in ("denied", "not-found"):
            return session.refuse(user, "the user")
        home: Repository | None = None
        if repository:
            found = await client.get(session.at(""), Repository)
            if isinstance(found, Trouble):
                from diagnose.sources.github.sentences import no_repository

                return (
                    no_repository(repository, token)
                    if found.kind == "not-found"
                    else session.refuse(found, "the repository")
                )
            home = found
    core = limit.resources.core
    return Access(
        base.host,
        token.source if token else "",
        None if isinstance(user, Trouble) else user.login,
        None if scopes is None else tuple(part.strip() for part in scopes.split(",") if part.strip()),
        core.limit,
        core.remaining,
        datetime.fromtimestamp(core.reset, UTC),
        seconds,
        home.full_name if home else None,
        home.default_branch if home else "",
    )
