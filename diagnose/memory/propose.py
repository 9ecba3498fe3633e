"""A solution that nobody has confirmed: what turned a branch green, as far as a machine can tell.

It is a candidate. A person's word and the written record go before it, whatever it says; the same solution of two different fixes is surer
than of one; and nothing is learnt of a pattern that only forks have shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from diagnose.memory.columns import number, plain, share, stamped
from diagnose.memory.rows import AUTOMATIC, COLUMNS, LINKS, Pattern, pattern_of

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store

MOST_SURE: Final = 0.6
"""Of what one fix shows."""

MOST_SURE_TWICE: Final = 0.8
"""Of what several fixes show alike. More is for a person to say."""

PROPOSALS: Final = 50
"""Proposals that are kept of a pattern; the newest go on counting."""

Outcome = Literal["taken", "confirmed", "known", "beside", "told", "untrusted"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What seems to have cured a pattern (its id). solution: one redacted line. fixed_by: a commit, pull request or run, what tells two fixes apart.

    sure: 0..1, capped at MOST_SURE. elapsed: hours from the failure to the green run. minutes: hands-on, None when nothing is known of that.
    who: the account that fixed it, redacted. links: addresses, the first LINKS count.
    """

    pattern: str
    repository: str
    solution: str
    how: Literal["green-run", "re-run"]
    fixed_by: str = ""
    who: str = ""
    links: tuple[str, ...] = ()
    sure: float = MOST_SURE
    elapsed: float | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of it, and the pattern as it stands now.

    "taken": it is the pattern's solution now. "confirmed": it was already, and another fix says the same, so it is surer. "known": this very fix
    was proposed before. "beside": kept, but another solution has more for it. "told": a person or the record says another; nothing changed.
    "untrusted": only forks and the like have shown the pattern; nothing changed.
    """

    outcome: Outcome
    pattern: Pattern


def propose(store: Store, proposal: Proposal, *, now: datetime) -> Proposed | StoreProblem | None:
    """Keep an automatic solution; None when the repository has no such pattern. Doing it twice changes nothing more. now: when it turned green."""

    def change(db: sqlite3.Connection) -> Proposed | None:
        row = db.execute(
            "SELECT p.key, p.how, p.solution, p.seen_before, p.state, EXISTS (SELECT 1 FROM occurrence o WHERE o.pattern = p.key AND o.rank = 0 AND o.trusted)"
            " FROM pattern p JOIN repository r ON r.id = p.repo WHERE r.name = ? AND p.id = ?",
            (plain(proposal.repository), proposal.pattern),
        ).fetchone()
        if row is None:
            return None
        key, how, solution, before, state, trusted = row
        if not trusted and not before:
            outcome: Outcome = "untrusted"
        elif how not in AUTOMATIC or (solution and not how) or state in ("wrong", "withdrawn"):
            outcome = "told"
        else:
            outcome = _keep(db, int(key), str(solution), proposal, stamped(now))
        return Proposed(outcome, pattern_of(db.execute(COLUMNS + " WHERE p.key = ?", (key,)).fetchone(), now))

    return store.write(change)


def _keep(db: sqlite3.Connection, key: int, present: str, proposal: Proposal, at: str) -> Outcome:
    solution = plain(" ".join(proposal.solution.split()))
    links = "\n".join(plain(link).replace("\n", "") for link in proposal.links[:LINKS])
    row = (
        key,
        solution,
        plain(proposal.fixed_by),
        proposal.how,
        plain(proposal.who),
        links,
        min(MOST_SURE, share(proposal.sure) or 0.0),
        number(proposal.elapsed),
        at,
    )
    made = db.execute(
        "INSERT OR IGNORE INTO proposal(pattern, solution, fixed_by, how, who, links, sure, elapsed, at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    if not made.rowcount:
        return "known"
    db.execute(
        "DELETE FROM proposal WHERE pattern = ? AND rowid NOT IN (SELECT rowid FROM proposal WHERE pattern = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
        (key, key, PROPOSALS),
    )
    best = _settle(db, key)
    if proposal.minutes is not None and number(proposal.minutes) is not None:
        db.execute("UPDATE pattern SET minutes = coalesce(minutes, ?) WHERE key = ?", (number(proposal.minutes), key))
    if best != solution:
        return "beside"
    return "confirmed" if present == solution else "taken"


def _settle(db: sqlite3.Connection, key: int) -> str:
    """Make the solution that most fixes say alike the pattern's, of equals the surer, then the newer; return it."""
    groups: dict[str, list[tuple[str, str, str, str, float, float | None, str]]] = {}
    for solution, *rest in db.execute(
        "SELECT solution, fixed_by, how, who, links, sure, elapsed, at FROM proposal WHERE pattern = ? ORDER BY at, rowid",
        (key,),
    ):
        groups.setdefault(str(solution), []).append(tuple(rest))
    best = max(
        groups, key=lambda one: (len(groups[one]), max(share(row[4]) or 0.0 for row in groups[one]), groups[one][-1][6])
    )
    fixed_by, how, who, links, _, elapsed, at = groups[best][-1]
    db.execute(
        "UPDATE pattern SET solution = ?, fixed_by = ?, how = ?, who = ?, links = ?, sure = ?, elapsed = ?, state = 'resolved', resolved_at = max(resolved_at, ?) WHERE key = ?",
        (best, fixed_by, how, who, links, _together([share(row[4]) or 0.0 for row in groups[best]]), elapsed, at, key),
    )
    return best


def _together(sure: list[float]) -> float:
    if len(sure) == 1:
        return min(MOST_SURE, sure[0])
    doubt = 1.0
    for one in sure:
        doubt *= 1 - min(MOST_SURE, one)
    return round(min(MOST_SURE_TWICE, 1 - doubt), 3)
