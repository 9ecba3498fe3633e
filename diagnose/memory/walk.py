"""Where a walk over a repository's past runs has come to, so that it goes on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.memory.columns import plain, stamped, text
from diagnose.memory.index import keep_repository, repository_key

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store


def walked(store: Store, *, repository: str, what: str) -> str | StoreProblem:
    """Return the cursor that was kept last for a walk ("branch main", "since 2026-01-01"), "" when there is none."""

    def ask(db: sqlite3.Connection) -> str:
        repo = repository_key(db, repository)
        row = (
            db.execute("SELECT cursor FROM walk WHERE repo = ? AND what = ?", (repo, plain(what))).fetchone()
            if repo is not None
            else None
        )
        return text(row[0]) if row else ""

    return store.read(ask)


def keep_walk(store: Store, *, repository: str, what: str, cursor: str, now: datetime) -> StoreProblem | None:
    """Keep how far a walk has come; "" as the cursor forgets it."""

    def change(db: sqlite3.Connection) -> None:
        row = (keep_repository(db, repository), plain(what))
        if cursor:
            db.execute(
                "INSERT INTO walk(repo, what, cursor, at) VALUES(?, ?, ?, ?) ON CONFLICT(repo, what) DO UPDATE SET cursor = excluded.cursor, at = excluded.at",
                (*row, plain(cursor), stamped(now)),
            )
        else:
            db.execute("DELETE FROM walk WHERE repo = ? AND what = ?", row)

    return store.write(change)
