"""From what the user names on GitHub to an Incident: repository, branch and token are found, then the source is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import anyio

from diagnose.kit.process import run
from diagnose.model.text import phrase
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from diagnose.config import Settings
    from diagnose.kit.clock import Clock
    from diagnose.model.incident import Incident, TargetKind
    from diagnose.sources.github.api import Cost
    from diagnose.sources.github.token import Token
    from diagnose.sources.local import Here
    from diagnose.sources.target import Target

PUBLIC: Final = "https://api.github.com"
REPLIES: Final = "github-replies"
"""The folder of GitHub's replies, in the cache."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place on GitHub as the user names it; value "" with kind "branch" is the checkout's own branch.

    baseline: False when there is a passing log to compare with already.
    """

    kind: TargetKind
    value: str
    repository: str = ""
    wait: bool = False
    baseline: bool = True


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What asking needs: settings, environment, the folder of the checkout, where logs go, clock, progress lines.

    cache: the folder of what can be made again, None for none.
    """

    settings: Settings
    env: Mapping[str, str]
    folder: Path
    spool: Path
    clock: Clock
    progress: Callable[[str], None]
    cache: Path | None = None


def api_url(settings: Settings, env: Mapping[str, str]) -> str:
    """The API's address: the setting, else the runner's own, else the public one."""
    return settings.api_url if settings.api_url != PUBLIC else env.get("GITHUB_API_URL") or PUBLIC


async def from_github(wanted: Wanted, around: Surroundings) -> Incident | Refusal:
    """Load the incident; with `wait`, once no check runs any more (an hour at most)."""
    here = await _here(wanted, around)
    if isinstance(here, Refusal):
        return here
    target = _target(wanted, here)
    if isinstance(target, Refusal):
        return target
    allowed = await _access(wanted, around, here)
    if isinstance(allowed, Refusal):
        return allowed
    repository, token = allowed.repository, allowed.token
    found = await _load(target, repository, token, around, wanted)
    if isinstance(found, Refusal) or here is None or here.repository.lower() != repository.lower():
        return found
    from diagnose.model.incident import Checkout

    return replace(found, checkout=Checkout(here.root, here.head_sha))


@dataclass(frozen=True, slots=True)
class Access:
    """A repository and the token to ask for it with, None for none. branch: the one that is checked out here, "" when unknown."""

    repository: str
    token: Token | None
    branch: str = ""


async def access(repository: str, around: Surroundings) -> Access | Refusal:
    """Find the repository ("" for this checkout's) and the token, without asking for anything of it."""
    wanted = Wanted("commit", "", repository)
    here = await _here(wanted, around)
    return here if isinstance(here, Refusal) else await _access(wanted, around, here)


async def _access(wanted: Wanted, around: Surroundings, here: Here | None) -> Access | Refusal:
    from diagnose.sources.github.token import find_token, gh_host

    token = await find_token(around.env, run, host=gh_host(api_url(around.settings, around.env)))
    if isinstance(token, Refusal):
        return token
    repository = wanted.repository or (here.repository if here else "") or around.env.get("GITHUB_REPOSITORY", "")
    if not repository:
        return Refusal(
            "usage", phrase("this folder has no GitHub remote, so the repository is not known."), "--repo OWNER/NAME"
        )
    return Access(repository, token, here.branch if here else "")


async def _load(
    target: Target, repository: str, token: Token | None, around: Surroundings, wanted: Wanted
) -> Incident | Refusal:
    from diagnose.sources.github.api import load
    from diagnose.sources.github.session import Options
    from diagnose.sources.github.waiting import Patience

    shown: dict[str, int] = {}
    patience = Patience() if wanted.wait else None
    # inside Actions the diagnosing job itself always runs: it is no news
    options = Options(
        own_job=around.settings.own_job,
        baseline=wanted.baseline and around.settings.baseline,
        most_passing=around.settings.passing_logs,
    )

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "running" and shown.get(stage) != done:
            shown[stage] = done
            around.progress(f"waiting  {done} of {total} checks have ended")
        elif done >= total and shown.get(stage) != total:
            shown[stage] = total
            around.progress(f"{stage:<8} {done} of {total}")

    whole = around.settings.fetch_deadline + (patience.whole if patience else 0.0)
    with anyio.move_on_after(whole):
        return await load(
            target, repository=repository, token=token, spool=around.spool, clock=around.clock, api_url=api_url(around.settings, around.env),
            progress=progress, budget=around.settings.requests, sleep=anyio.sleep, options=options, patience=patience,
            cache=around.cache / REPLIES if around.cache else None, told=lambda cost: around.progress(spent(cost)),
        )  # fmt: skip
    return Refusal(
        "unreachable",
        phrase(f"GitHub did not answer everything within {whole:g} s."),
        "CI_DIAGNOSE_FETCH_DEADLINE=1200 ci-diagnose ...",
    )


def spent(cost: Cost) -> str:
    """Say what a diagnosis has cost, and what is left of the hour: within Actions all jobs of a repository share it."""
    free = f", {cost.unchanged} unchanged and free" if cost.unchanged else ""
    left = (
        f"; GitHub allows {cost.allowed:,} of {cost.limit:,} more this hour"
        if cost.allowed is not None and cost.limit is not None
        else ""
    )
    return f"requests {cost.used} of {cost.budget}{free}{left}"


async def _here(wanted: Wanted, around: Surroundings) -> Here | Refusal | None:
    """The checkout around the folder; None when there is none and none is needed."""
    from diagnose.sources.local import look

    hosts = {"github.com"}
    host = api_url(around.settings, around.env).split("//", 1)[-1].split("/", 1)[0]
    if host != "api.github.com":
        hosts.add(host)
    found = await look(around.folder, run=run, env=around.env, hosts=sorted(hosts), named=wanted.repository)
    needed = not (wanted.repository or around.env.get("GITHUB_REPOSITORY")) or (
        wanted.kind == "branch" and not wanted.value
    )
    return None if isinstance(found, Refusal) and not needed else found


def _target(wanted: Wanted, here: Here | None) -> Target | Refusal:
    from diagnose.sources.target import Target

    if wanted.kind == "log":
        return Refusal("usage", phrase("a log is read from a file."), "--log FILE")
    if wanted.value:
        return Target(wanted.kind, wanted.value.removeprefix("#"))
    if here is None or not here.branch:
        return Refusal(
            "usage",
            phrase("no branch is checked out here, so there is no newest run to look at."),
            "--pr N    or --log FILE",
        )
    return Target("branch", here.branch)
