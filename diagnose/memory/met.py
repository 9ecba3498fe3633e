"""What is recorded already of a run, under whatever target it was looked at (as a run, a branch, a pull request), and of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.memory.columns import plain, text
from diagnose.memory.index import repository_key

if TYPE_CHECKING:
    import sqlite3

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store


def met(store: Store, *, repository: str, run: int) -> dict[str, frozenset[str]] | StoreProblem:
    """Return the targets under which failures of a run are recorded, by job."""

    def ask(db: sqlite3.Connection) -> dict[str, frozenset[str]]:
        repo = repository_key(db, repository)
        rows = db.execute(
            "SELECT DISTINCT o.job, o.target FROM occurrence o JOIN pattern p ON p.key = o.pattern WHERE p.repo = ? AND o.rank = 0 AND instr(o.target, ?)",
            (repo, str(run)),
        )
        out: dict[str, set[str]] = {}
        for job, target in rows:
            if str(run) in text(target).split():  # a run's number stands alone
                out.setdefault(text(job), set()).add(text(target))
        return {job: frozenset(targets) for job, targets in out.items()}

    return store.read(ask)


def knows(store: Store, *, repository: str) -> bool | StoreProblem:
    """Tell whether any failure of a repository is recorded."""

    def ask(db: sqlite3.Connection) -> bool:
        repo = repository_key(db, repository)
        return (
            repo is not None
            and db.execute(
                "SELECT 1 FROM occurrence o JOIN pattern p ON p.key = o.pattern WHERE p.repo = ? LIMIT 1", (repo,)
            ).fetchone()
            is not None
        )

    return store.read(ask)


def locate(store: Store, *, repository: str, target: str, branch: str) -> int | StoreProblem:
    """Say on which branch a recorded failure was, where that was not known when it was recorded; return how many rows it told."""

    def change(db: sqlite3.Connection) -> int:
        repo = repository_key(db, repository)
        told = db.execute(
            "UPDATE occurrence SET branch = ? WHERE branch = '' AND target = ? AND pattern IN (SELECT key FROM pattern WHERE repo = ?)",
            (plain(branch), plain(target), repo),
        )
        return told.rowcount

    return store.write(change)
