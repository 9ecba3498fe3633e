"""What every part of one load needs: the client, the repository, the clock, the spool; and the way to ask several at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

import anyio

from diagnose.sources.github import sentences
from diagnose.sources.github.replies import Issue, Repository
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from diagnose.kit.clock import Clock
    from diagnose.model.incident import Missing
    from diagnose.model.text import Phrase
    from diagnose.sources.github.client import Client
    from diagnose.sources.refusal import Refusal
    from diagnose.sources.target import Target

T = TypeVar("T")
UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Options:
    """What to fetch beyond the failed jobs. most_*: how many at most, the rest is said in `unseen`.

    most_passing: logs of jobs that passed, where nothing failed: they may hide a failure.

    baseline: whether the last green runs of failed jobs are looked for.
    own_job: the id of the job that asks, when it runs in GitHub Actions itself (`job.check_run_id`): it never counts as running.
    """

    fetch_passing_logs: bool = False
    baseline: bool = True
    own_job: str = ""
    most_passing: int = 0
    most_logs: int = 150
    most_notes: int = 40
    most_runs: int = 40
    most_attempts: int = 10


@dataclass(frozen=True, slots=True)
class Session:
    """One load. spool: an existing folder for logs. progress: (stage, done, total).

    nodes: GraphQL's names of jobs, by their id.

    lost: parts that were asked for and did not come, where nothing of theirs stands in the incident to say so.
    """

    client: Client
    repository: str
    clock: Clock
    sleep: Callable[[float], Awaitable[None]]
    spool: Path
    progress: Callable[[str, int, int], None]
    options: Options
    nodes: dict[str, str] = field(default_factory=dict)
    lost: list[Missing] = field(default_factory=list)

    def at(self, rest: str) -> str:
        """Return the path of something in the repository."""
        return f"/repos/{self.repository}{rest}"

    def refuse(self, trouble: Trouble, what: str) -> Refusal:
        """Make a Refusal of a failed request for `what`."""
        client = self.client
        return sentences.explain(
            trouble, what, repository=self.repository, host=client.base.host, token=client.token, now=self.clock.now()
        )

    def missing(self, trouble: Trouble, noun: Phrase, what: str) -> Missing:
        """Make a Missing of a failed request for `noun`, one of `what`."""
        client = self.client
        return sentences.absence(
            trouble,
            noun,
            what,
            repository=self.repository,
            host=client.base.host,
            token=client.token,
            now=self.clock.now(),
        )

    def lose(self, trouble: Trouble, noun: Phrase, what: str) -> None:
        """Say that `noun` did not come; not where the few requests that were set aside for a part are used up, which is no fault."""
        if trouble.kind != "budget" or not self.client.lent:
            self.lost.append(self.missing(trouble, noun, what))

    async def not_found(self, trouble: Trouble, target: Target, what: str) -> Refusal:
        """Say why `target` itself could not be had; when it is not there, look whether the repository is."""
        absent = trouble.kind == "not-found" or trouble.status == UNPROCESSABLE
        if not absent:
            return self.refuse(trouble, what)
        home = await self.client.get(self.at(""), Repository)
        if isinstance(home, Trouble):
            if home.kind == "not-found":
                return sentences.no_repository(self.repository, self.client.token)
            return self.refuse(home, "the repository")
        refusal = sentences.not_there(target.kind, target.value, self.repository)
        if target.kind == "pr" and not isinstance(
            await self.client.get(self.at(f"/issues/{target.value}"), Issue), Trouble
        ):
            return sentences.is_issue(refusal)
        return refusal


async def together(calls: Sequence[Callable[[], Awaitable[T]]], done: Callable[[int], None] | None = None) -> list[T]:
    """Make all `calls` at once (the client lets four through at a time); results in their order. done: told how many ended."""
    results: dict[int, T] = {}

    async def one(place: int, call: Callable[[], Awaitable[T]]) -> None:
        results[place] = await call()
        if done is not None:
            done(len(results))

    async with anyio.create_task_group() as group:
        for place, call in enumerate(calls):
            group.start_soon(one, place, call)
    return [results[place] for place in range(len(calls))]
