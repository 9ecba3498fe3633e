"""A checked row of an exported file is brought into the store: what is here already is kept, and never counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from diagnose.memory.columns import plain
from diagnose.memory.index import keep_lines, keep_repository, keep_signature
from diagnose.memory.record import COLUMNS, INSERT
from diagnose.memory.rows import AUTOMATIC

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from diagnose.memory.signature import Signature


def keep_row(db: sqlite3.Connection, row: dict[str, Any]) -> bool | str:
    """Keep a row of `rowchecks.checked`: whether it changed the store, or why it cannot be kept."""
    return _KINDS[row["kind"]](db, keep_repository(db, row["repository"]), row)


def _pattern(db: sqlite3.Connection, repo: int, row: dict[str, Any]) -> bool | str:
    signature: Signature | None = row["signature"]
    stored = keep_signature(db, repo, signature) if signature else None
    made = db.execute(
        "INSERT OR IGNORE INTO pattern(repo, id, signature, title, category, tool, state, first_seen, last_seen) VALUES(?, ?, ?, ?, ?, ?, 'open', ?, ?)",
        (repo, row["id"], stored, row["title"], row["category"], row["tool"], row["first_seen"], row["last_seen"]),
    ).rowcount
    before = db.total_changes
    key, solution, how, state = db.execute(
        "SELECT key, solution, how, state FROM pattern WHERE repo = ? AND id = ?", (repo, row["id"])
    ).fetchone()
    counts = {name: row[name] for name in ("first_seen", "last_seen", "seen_before", "wrong", "passed")}
    db.execute(
        "UPDATE pattern SET signature = coalesce(signature, :signature), first_seen = min(first_seen, :first_seen), last_seen = max(last_seen, :last_seen),"
        " seen_before = max(seen_before, :seen_before), wrong = max(wrong, :wrong), passed = max(passed, :passed) WHERE key = :key AND (first_seen > :first_seen"
        " OR last_seen < :last_seen OR seen_before < :seen_before OR wrong < :wrong OR passed < :passed OR signature IS NULL AND :signature IS NOT NULL)",
        {**counts, "signature": stored, "key": key},
    )
    if _goes_before(row, solution, how, state):
        values = {**row, "how": row["how"] if row["how"] in AUTOMATIC else "import", "key": key}
        values.pop("signature")
        db.execute(
            "UPDATE pattern SET title = :title, root_cause = :root_cause, solution = :solution, fixed_by = :fixed_by, minutes = :minutes, confidence = :confidence,"
            " state = :state, resolved_at = :resolved_at, how = :how, who = :who, links = :links, sure = :sure, elapsed = :elapsed WHERE key = :key",
            values,
        )
    return bool(made) or db.total_changes > before


def _goes_before(row: dict[str, Any], solution: str, how: str, state: str) -> bool:
    """Say whether the file's words are taken: where nothing is said here, or only by a machine and there by a person."""
    if not row["solution"] and row["state"] == "open":
        return False
    if row["state"] in ("wrong", "withdrawn"):
        return state not in ("wrong", "withdrawn")  # what was taken back there is not offered here
    return not solution or (how in AUTOMATIC and how != "" and row["how"] not in AUTOMATIC)


def _sighting(db: sqlite3.Connection, repo: int, row: dict[str, Any]) -> bool | str:
    key = _key(db, repo, row)
    if key is None:
        return _UNKNOWN
    signature: Signature = row["signature"]
    stored = keep_signature(db, repo, signature)
    values = {**row, "signature": stored, "pattern": key}
    if not db.execute(INSERT, tuple(values[name] for name in COLUMNS)).rowcount:
        return False
    if row["rank"] == 0 and row["trusted"]:
        keep_lines(db, repo, signature.masked)
    return True


def _refuted(db: sqlite3.Connection, repo: int, row: dict[str, Any]) -> bool | str:
    key = _key(db, repo, row)
    if key is None:
        return _UNKNOWN
    values = (key, row["hash"], row["algo"], row["score"], row["text"], row["who"], row["at"])
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO refuted(pattern, hash, algo, score, line, who, at) VALUES(?, ?, ?, ?, ?, ?, ?)",
            values,
        ).rowcount
    )


def _proposal(db: sqlite3.Connection, repo: int, row: dict[str, Any]) -> bool | str:
    key = _key(db, repo, row)
    if key is None:
        return _UNKNOWN
    values = (
        key,
        *(row[name] for name in ("solution", "fixed_by", "how", "who", "links")),
        row["sure"] or 0.0,
        row["elapsed"],
        row["at"],
    )
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO proposal(pattern, solution, fixed_by, how, who, links, sure, elapsed, at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        ).rowcount
    )


def _green(db: sqlite3.Connection, repo: int, row: dict[str, Any]) -> bool | str:
    values = (repo, *(plain(row[name]) for name in ("branch", "job", "commit_sha", "target", "link")), row["at"])
    return bool(
        db.execute(
            "INSERT OR IGNORE INTO green(repo, branch, job, commit_sha, target, link, at) VALUES(?, ?, ?, ?, ?, ?, ?)",
            values,
        ).rowcount
    )


def _key(db: sqlite3.Connection, repo: int, row: dict[str, Any]) -> int | None:
    found = db.execute("SELECT key FROM pattern WHERE repo = ? AND id = ?", (repo, row["pattern"])).fetchone()
    return int(found[0]) if found else None


_UNKNOWN: Final = "is of a pattern that neither the file nor the memory has"
_KINDS: Final[dict[str, Callable[[sqlite3.Connection, int, dict[str, Any]], bool | str]]] = {
    "pattern": _pattern,
    "sighting": _sighting,
    "refuted": _refuted,
    "proposal": _proposal,
    "green": _green,
}
