"""A diagnosis that finds jobs green: what they failed with before is settled, when memory knows of it.

Nothing is asked of GitHub unless memory holds a failure of that job that has not passed since, or the branch of what was recorded is not
known (a run of the default branch that was named by its number): then that is asked for. It comes after the answer, and within bounds of its
own: what it cannot have, the next green run or `learn` may.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio

from diagnose.fetch import Surroundings, access
from diagnose.learn.settle import Learnt, Passed, Settler, in_thread, run_target
from diagnose.learn.start import session_on
from diagnose.memory.green import open_failures
from diagnose.memory.met import knows, locate
from diagnose.memory.problem import StoreProblem
from diagnose.memory.store import Store
from diagnose.model.incident import Change
from diagnose.model.text import Untrusted
from diagnose.remember import store_path
from diagnose.safety.redact import Redactor
from diagnose.sources.github.past import find_run, is_trusted
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.refusal import Refusal
from diagnose.whence import whence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from diagnose.config import Settings
    from diagnose.memory.green import Failure as Kept
    from diagnose.model.incident import Incident, Job
    from diagnose.sources.github.session import Session
    from diagnose.world import World

BUDGET: Final = 25
SECONDS: Final = 20.0
MOST_RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class _Memory:
    """The store, for one repository; redact as for everything that is kept."""

    store: Store
    repository: str
    redact: Callable[[str], str]

    async def opened(self, branch: str, run: int = 0) -> tuple[Kept, ...]:
        """Return the failures of a branch that nothing has cured yet; none when memory cannot say. run: one that is known to be of this branch."""
        if run and branch:
            await in_thread(
                partial(
                    locate,
                    self.store,
                    repository=self.repository,
                    target=run_target(self.repository, run),
                    branch=self.redact(branch),
                )
            )
        found = await in_thread(
            partial(open_failures, self.store, repository=self.repository, branch=self.redact(branch))
        )
        return () if isinstance(found, StoreProblem) else found

    async def is_empty(self) -> bool:
        """Tell whether nothing is known of the repository, as far as memory can say."""
        return await in_thread(partial(knows, self.store, repository=self.repository)) is not True


async def learn_green(incident: Incident, settings: Settings, world: World) -> tuple[Learnt, ...]:
    """Learn what cured the jobs of an incident that passed; () where there is nothing to learn, or it cannot be had now."""
    path = store_path(settings, world.data)
    if path is None or not path.exists() or incident.kind == "log" or _of_fork(incident):
        return ()
    memory = _Memory(Store(path, time.sleep), incident.repository, Redactor(world.env).redact)
    jobs = [job for job in incident.jobs if job.run_id.isdigit() and job.completed_at is not None]
    branch = whence(incident, None, world.env).branch
    if branch:
        failures = await memory.opened(branch)
        jobs = [job for job in jobs if _before(job, failures, memory)]
    if not jobs or await memory.is_empty():
        return ()
    out: list[Learnt] = []
    with anyio.move_on_after(SECONDS), tempfile.TemporaryDirectory(prefix="ci-diagnose-") as spool:
        around = Surroundings(settings, world.env, world.folder, Path(spool), world.clock, world.progress)
        allowed = await access(incident.repository, around)
        if isinstance(allowed, Refusal):
            return ()
        async with session_on(allowed, around, BUDGET) as session:
            if not isinstance(session, Refusal):
                await _settle(session, memory, _by_run(jobs), out)
    return tuple(out)


def _of_fork(incident: Incident) -> bool:
    return isinstance(incident.change, Change) and incident.change.from_fork


def _by_run(jobs: Sequence[Job]) -> dict[str, list[Job]]:
    runs: dict[str, list[Job]] = {}
    for job in jobs:
        runs.setdefault(job.run_id, []).append(job)
    return dict(list(runs.items())[:MOST_RUNS])


def _before(job: Job, failures: Sequence[Kept], memory: _Memory) -> list[Kept]:
    """Return the failures of a job that passed, from before it did; none for a job that did not pass."""
    if job.status != "success":
        return []
    name, ended = memory.redact(job.name), job.completed_at
    stamp = ended.astimezone(UTC).isoformat(timespec="seconds") if ended is not None else ""
    return [each for each in failures if each.job == Untrusted(name) and each.at < stamp]


async def _settle(session: Session, memory: _Memory, runs: Mapping[str, Sequence[Job]], out: list[Learnt]) -> None:
    settler = Settler(session, memory.store, memory.repository, memory.redact, session.spool)
    for number, jobs in runs.items():
        run = await find_run(session, number)
        if isinstance(run, Trouble):
            return
        if not is_trusted(session, run):
            continue
        failures = await memory.opened(run.head_branch or "", run.id)
        for job in jobs:
            same = _before(job, failures, memory)
            if not same or job.completed_at is None:
                continue
            learnt = await settler.settle(Passed(run, job.name, job.id, job.completed_at, job.url), same)
            if isinstance(learnt, (Trouble, StoreProblem)):
                return
            out += learnt
