"""A walk over a repository's past runs, oldest first, so that a new user starts with a history.

Each failed job's log is diagnosed as any other is, and recorded with its own date; each job that passed settles what failed before it on
its branch. What was walked is saved after each run: the next walk goes on from there. A run that cannot be read is told, does not stop the
rest, and is asked for again by the next walk.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.learn.settle import Passed, in_thread, run_target
from diagnose.memory.green import open_failures
from diagnose.memory.met import locate, met
from diagnose.memory.problem import StoreProblem
from diagnose.memory.walk import keep_walk, walked
from diagnose.model.incident import LogFile
from diagnose.model.text import Phrase, Untrusted, phrase
from diagnose.safety.plain import plain
from diagnose.sources.github import past
from diagnose.sources.github.limits import whole_number
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnose.learn.record import Diagnoser, Noted
    from diagnose.learn.settle import Learnt, Settler
    from diagnose.memory.green import Failure as Kept
    from diagnose.sources.github.past import Attempted, PastRun
    from diagnose.sources.github.session import Session
    from diagnose.sources.refusal import Refusal

KEPT_DAYS: Final = 90
"""Days that GitHub keeps logs, unless a repository sets another number: how far a walk goes back that is not told."""

RESERVE: Final = 60
"""Requests that GitHub still allows at which a walk stops: others use the same token."""

FOR_ONE: Final = 15
"""Requests that one run may cost; with fewer left of the budget no run is begun."""

MOST_AGAIN: Final = 100
MOST_TRIES: Final = 3
UNTOLD: Final = frozenset({"cancelled", "skipped", "neutral", "action_required", "stale"})
STOPPING: Final = frozenset({"rate-limited", "budget", "unauthorized"})
_AGAIN: Final = "again"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to walk: the runs of a branch, of all branches when "", that began since then. limit: runs that failed, at most."""

    branch: str
    since: datetime | None
    limit: int


@dataclass(slots=True)
class Walk:
    """What became of a walk. looked: runs that were looked at; failed: those of them that failed; left: known runs that wait for the next walk.

    troubles: what could not be had. stopped: why it ended before its end, None when it did not.
    """

    since: datetime
    looked: int = 0
    failed: int = 0
    left: int = 0
    logs: int = 0
    requests: int = 0
    allowed: int | None = None
    noted: list[Noted] = field(default_factory=list)
    learnt: list[Learnt] = field(default_factory=list)
    troubles: list[Phrase] = field(default_factory=list)
    stopped: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a walk has come: all that began from `since` to `at` and the run of that id has been looked at."""

    since: datetime
    at: datetime
    run: int

    def __str__(self) -> str:
        return f"{self.since.isoformat()} {self.at.isoformat()} {self.run}"


def read_cursor(text: str) -> Cursor | None:
    """Read a cursor as it was kept; None for what is none."""
    parts = text.split()
    try:
        since, at, run = datetime.fromisoformat(parts[0]), datetime.fromisoformat(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return None
    return Cursor(since, at, run) if since.tzinfo and at.tzinfo else None


@dataclass(frozen=True, slots=True)
class Walker:
    """Walks one repository. default: its default branch. told: a line for each run that was worth one."""

    session: Session
    diagnoser: Diagnoser
    settler: Settler
    default: str
    told: Callable[[str], None]

    async def walk(self, asked: Asked) -> Walk | Refusal | StoreProblem:
        """Walk until the end, the limit, or the end of requests."""
        now = self.session.clock.now()
        since = (asked.since or now - timedelta(days=KEPT_DAYS)).astimezone(UTC).replace(microsecond=0)
        what = f"branch {asked.branch}" if asked.branch else "all branches"
        kept = await self._kept(what)
        again = await self._kept(_AGAIN)
        if isinstance(kept, StoreProblem) or isinstance(again, StoreProblem):
            return kept if isinstance(kept, StoreProblem) else again  # type: ignore[return-value]  # one of both is a problem here
        cursor = read_cursor(kept)
        # a cursor of another store's, or of a clock that was wrong, may lie ahead: then all is looked at
        begun = cursor is not None and cursor.since <= since and cursor.at <= now
        listed = await past.list_runs(
            self.session, branch=asked.branch, since=cursor.at if cursor and begun else since, until=now
        )
        if listed.trouble is not None and not listed.runs:
            return self.session.refuse(listed.trouble, "runs")
        walk = Walk(cursor.since if cursor and begun else since)
        if listed.trouble is not None:
            walk.troubles.append(self.session.missing(listed.trouble, phrase("some of the runs"), "runs").why)
        pending = _Pending.read(again)
        fresh = [
            run for run in listed.runs if not (cursor and begun) or (run.created_at, run.id) > (cursor.at, cursor.run)
        ]
        problem = await self._again(walk, pending, asked.limit) or await self._all(
            walk, fresh, pending, what, asked.limit
        )
        walk.requests, walk.allowed = (
            self.session.client.used,
            whole_number(self.session.client.headers.get("x-ratelimit-remaining")),
        )
        return problem or walk

    async def _kept(self, what: str) -> str | StoreProblem:
        return await in_thread(partial(walked, self.settler.store, repository=self.settler.repository, what=what))

    async def _keep(self, what: str, cursor: str) -> StoreProblem | None:
        return await in_thread(
            partial(
                keep_walk,
                self.settler.store,
                repository=self.settler.repository,
                what=what,
                cursor=cursor,
                now=self.session.clock.now(),
            )
        )

    async def _again(self, walk: Walk, pending: _Pending, limit: int) -> StoreProblem | None:
        """Look again at runs that had not ended, or could not be read, when a walk came by."""
        for number, tries in list(pending.tries.items()):
            if walk.failed >= limit or self._is_short(walk):
                return None
            run = await past.find_run(self.session, str(number))
            if isinstance(run, Trouble):
                if run.kind in STOPPING:
                    self._stop(walk, run)
                    return None
                del pending.tries[number]
            elif past.has_ended(run):
                del pending.tries[number]
                problem = await self._guarded(walk, run, pending, tries)
                if problem is not None:
                    return problem
            kept = await self._keep(_AGAIN, str(pending))
            if kept is not None:
                return kept
        return None

    async def _all(
        self, walk: Walk, runs: Sequence[PastRun], pending: _Pending, what: str, limit: int
    ) -> StoreProblem | None:
        last: Cursor | None = None
        for place, run in enumerate(runs):
            if walk.failed >= limit or walk.stopped is not None or self._is_short(walk):
                walk.left = len(runs) - place
                break
            before = walk.requests
            if past.has_ended(run):
                problem = await self._guarded(walk, run, pending, 0)
                if problem is not None:
                    return problem
            else:
                pending.add(run.id, 0)
            if walk.stopped is not None:
                walk.left = len(runs) - place
                break
            last = Cursor(walk.since, run.created_at.astimezone(UTC), run.id)
            worked = walk.requests != before or not past.has_ended(run)
            if worked and (problem := await self._saved(what, last, pending)) is not None:
                return problem
        return await self._saved(what, last, pending) if last is not None else None

    async def _saved(self, what: str, cursor: Cursor, pending: _Pending) -> StoreProblem | None:
        return await self._keep(what, str(cursor)) or await self._keep(_AGAIN, str(pending))

    async def _guarded(self, walk: Walk, run: PastRun, pending: _Pending, tries: int) -> StoreProblem | None:
        """Look at one run; what goes wrong with it is told, and does not stop the rest."""
        walk.looked += 1
        try:
            found = await self._run(walk, run)
        except Exception as error:  # noqa: BLE001 - one run in hundreds may be stranger than anything foreseen
            found = _Lost(phrase(f"a mistake of ours: {type(error).__name__}."))
        walk.requests = self.session.client.used
        if isinstance(found, StoreProblem):
            return found
        if isinstance(found, Trouble):
            if found.kind in STOPPING:
                walk.looked -= 1
                self._stop(walk, found)
                return None
            found = _Lost(self.session.missing(found, phrase(f"run {run.id}"), "runs").why, later=True)
        if found is not None:
            walk.troubles.append(phrase(f"run {run.id}: ", found.why))
            if found.later:
                pending.add(run.id, tries + 1)
        return None

    async def _run(self, walk: Walk, run: PastRun) -> Trouble | StoreProblem | _Lost | None:
        """Look at one run that has ended: what failed is recorded, what passed settles."""
        trusted = past.is_trusted(self.session, run)
        worth = await self._is_worth(run, trusted=trusted)
        if not worth or isinstance(worth, StoreProblem):
            return worth or None
        attempts = await past.find_attempts(self.session, run)
        if isinstance(attempts, Trouble):
            return attempts
        lost: _Lost | None = None
        for attempt in attempts:
            found = await self._failed(walk, attempt, trusted=trusted)
            if not isinstance(found, (Trouble, StoreProblem)):
                lost = lost or found
                found = await self._passed(walk, attempt) if trusted else None
            if found is not None:
                return found
        walk.failed += any(attempt.failed for attempt in attempts) or run.conclusion == "startup_failure"
        return lost

    async def _is_worth(self, run: PastRun, *, trusted: bool) -> bool | StoreProblem:
        """Tell whether a run is worth a request: one that failed, or was run again, or passed after failures that nothing has cured yet."""
        conclusion = past.conclusion_of(run)
        if conclusion in UNTOLD:
            return False
        if conclusion != "success" or run.run_attempt > 1:
            return True
        opened = await self._open(run, run.updated_at or run.created_at) if trusted else ()
        return opened if isinstance(opened, StoreProblem) else bool(opened)

    async def _open(self, run: PastRun, before: datetime) -> tuple[Kept, ...] | StoreProblem:
        store, repository, branch = (
            self.settler.store,
            self.settler.repository,
            self.settler.redact(run.head_branch or ""),
        )
        return await in_thread(partial(open_failures, store, repository=repository, branch=branch, before=before))

    async def _failed(self, walk: Walk, attempt: Attempted, *, trusted: bool) -> Trouble | StoreProblem | _Lost | None:
        run = attempt.run
        if not attempt.failed and run.conclusion != "startup_failure":
            return None
        known = await in_thread(partial(met, self.settler.store, repository=self.settler.repository, run=run.id))
        if isinstance(known, StoreProblem):
            return known
        target = run_target(self.settler.repository, run.id)
        if any(target in targets for targets in known.values()) and run.run_attempt == 1:
            # it was read before: by a walk, or by a diagnosis that may not have known the branch
            placed = await in_thread(
                partial(
                    locate,
                    self.settler.store,
                    repository=self.settler.repository,
                    target=target,
                    branch=self.settler.redact(run.head_branch or ""),
                )
            )
            return placed if isinstance(placed, StoreProblem) else None
        with tempfile.TemporaryDirectory(prefix="ci-diagnose-learn-") as folder:
            session = replace(self.session, spool=Path(folder))
            incident, lost = await past.read_failed(session, attempt, default=self.default, trusted=trusted)
            if self.session.client.closed is not None:
                return self.session.client.closed
            walk.logs += sum(isinstance(job.log, LogFile) for job in incident.jobs)
            noted = await self.diagnoser.note(incident, attempt)
        if isinstance(noted, StoreProblem):
            return noted
        walk.noted += noted
        for each in noted:
            self.told(
                f"run {run.id}  {attempt.at:%Y-%m-%d}  {'known   ' if each.again else 'recorded'}  {each.pattern}  {plain(each.title)}"
            )
        return _Lost(lost[0].why, later=lost[0].kind == "unreachable") if lost and not noted else None

    async def _passed(self, walk: Walk, attempt: Attempted) -> Trouble | StoreProblem | None:
        if not attempt.passed:
            return None
        opened = await self._open(attempt.run, attempt.at)
        if isinstance(opened, StoreProblem):
            return opened
        for job in attempt.passed:
            at = job.completed_at or attempt.at
            name = self.settler.redact(job.name)
            same = [
                each
                for each in opened
                if each.job == Untrusted(name) and each.at < at.astimezone(UTC).isoformat(timespec="seconds")
            ]
            if not same:
                continue
            learnt = await self.settler.settle(Passed(attempt.run, job.name, str(job.id), at, job.html_url or ""), same)
            if isinstance(learnt, (Trouble, StoreProblem)):
                return learnt
            walk.learnt += learnt
            for each in learnt:
                self.told(f"run {attempt.run.id}  {at:%Y-%m-%d}  learnt    {each.pattern}  {plain(each.line)}")
        return None

    def _is_short(self, walk: Walk) -> bool:
        """Stop before requests run out: a run that is begun is finished."""
        client = self.session.client
        allowed, limit = (whole_number(client.headers.get(f"x-ratelimit-{name}")) for name in ("remaining", "limit"))
        reserve = RESERVE if limit is None else min(RESERVE, limit // 10)
        if client.budget - client.used < FOR_ONE:
            walk.stopped = phrase(f"{client.used} of the {client.budget} requests that a walk may cost are used.")
        elif allowed is not None and allowed < reserve:
            walk.stopped = phrase(f"GitHub allows {allowed} more requests for now; they are left to others.")
        return walk.stopped is not None

    def _stop(self, walk: Walk, trouble: Trouble) -> None:
        walk.stopped = self.session.missing(trouble, phrase("the runs"), "runs").why


@dataclass(frozen=True, slots=True)
class _Lost:
    """Why a run told nothing. later: it may be had by the next walk."""

    why: Phrase
    later: bool = False


@dataclass(slots=True)
class _Pending:
    """Runs that are asked for again, by id, and how often they were tried."""

    tries: dict[int, int]

    @classmethod
    def read(cls, text: str) -> _Pending:
        found = re.findall(r"(\d{1,18})x(\d)", text)[:MOST_AGAIN]
        return cls({int(number): int(tries) for number, tries in found})

    def add(self, number: int, tries: int) -> None:
        if tries < MOST_TRIES and (number in self.tries or len(self.tries) < MOST_AGAIN):
            self.tries[number] = tries

    def __str__(self) -> str:
        return " ".join(f"{number}x{tries}" for number, tries in self.tries.items())
