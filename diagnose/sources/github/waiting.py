"""Waiting for checks that still run: asked again at growing intervals, within a time and within the requests of one diagnosis.

Only what can change is asked for again (the runs, their jobs, the checks and statuses), and with the ETags of what was told before, so that an
unchanged answer costs nothing. Half of the requests are left to the diagnosis itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import Missing
from diagnose.model.text import phrase
from diagnose.sources.github.limits import whole_number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from diagnose.model.text import Phrase
    from diagnose.sources.github.session import Session

MINUTE: Final = 60.0
LEFT_TO_OTHERS: Final = 100
"""Requests that GitHub still allows, at which waiting ends: an hour's are shared by all jobs of a repository. A tenth of them where that is less."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often. Seconds; the first interval grows by half each time, up to the longest."""

    whole: float = 3600.0
    first: float = 15.0
    longest: float = 60.0


async def wait_until_ended(
    session: Session,
    patience: Patience,
    running: Callable[[], tuple[int, int]],
    again: Callable[[], Awaitable[Phrase | None]],
) -> Missing | None:
    """Ask `again` until nothing runs; say why waiting ended before that.

    running: how many checks run, and how many there are. again: looks anew; words when that failed, and then what was seen before stands.
    """
    waited, interval = 0.0, patience.first
    left, total = running()
    while left:
        session.progress("running", total - left, total)
        why = _enough(session, patience, waited)
        if why is not None:
            return _unseen(left, total, why)
        await session.sleep(interval)
        waited += interval
        interval = min(interval * 1.5, patience.longest)
        problem = await again()
        if problem is not None:
            return _unseen(left, total, problem)
        left, total = running()
    return None


def _enough(session: Session, patience: Patience, waited: float) -> Phrase | None:
    client = session.client
    allowed, limit = (whole_number(client.headers.get(f"x-ratelimit-{name}")) for name in ("remaining", "limit"))
    left = LEFT_TO_OTHERS if limit is None else min(LEFT_TO_OTHERS, limit // 10)
    if waited >= patience.whole:
        return phrase(f"{waited / MINUTE:.0f} min were waited for them.")
    if client.used * 2 >= client.budget:
        return phrase(
            f"{client.used} of the {client.budget} requests of this diagnosis are used, and the rest is left to it."
        )
    if allowed is not None and allowed < left:
        return phrase(f"GitHub allows {allowed} more requests for now.")
    return None


def _unseen(left: int, total: int, why: Phrase) -> Missing:
    return Missing(phrase(f"{left} of {total} checks, which still run"), "running", why, "--wait, later")
