"""The store as JSON lines: all of it goes out, and comes in again anywhere, line by line, however often.

The first line names the form. Each further line is one row, whole in itself: a pattern, a sighting, a refuted match, a proposal, a run that passed. A
file from elsewhere is hostile: each line is bounded and checked, its texts are redacted, and what is wrong with it is told by its number.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from diagnose.memory.columns import plain, text
from diagnose.memory.index import SEP
from diagnose.memory.rowchecks import RowError, checked
from diagnose.memory.rowkeep import keep_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store

FORMAT: Final = "ci-diagnose memory"
VERSION: Final = 1
HEAD: Final = {"format": FORMAT, "version": VERSION}

LONGEST_LINE: Final = 1 << 16
"""Characters of one row: all texts at their caps are a quarter of it."""

BATCH: Final = 200
"""Rows in one transaction, so that other processes wait for milliseconds only."""

PROBLEMS: Final = 100
"""Lines whose problem is told; all are counted."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line (1-based) that was not taken, and why, in our words."""

    line: int
    message: str


@dataclass(slots=True)
class Imported:
    """Rows that were read, how many of them changed the store, how many were refused, and the first PROBLEMS of these."""

    rows: int = 0
    new: int = 0
    refused: int = 0
    problems: list[LineProblem] = field(default_factory=list)

    def refuse(self, line: int, message: str) -> None:
        """Count a line that is not taken."""
        self.refused += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(LineProblem(line, message))


_QUESTIONS: Final = {
    "pattern": (
        "SELECT r.name AS repository, p.id, s.category AS s_category, s.tool AS s_tool, s.rule AS s_rule, s.raw AS s_raw, p.title, p.category, p.tool, p.root_cause, p.solution, p.fixed_by, p.minutes, p.confidence, p.state,"
        " p.first_seen, p.last_seen, p.resolved_at, p.seen_before, p.wrong, p.how, p.who, p.links, p.sure, p.passed, p.elapsed"
        " FROM pattern p JOIN repository r ON r.id = p.repo LEFT JOIN signature s ON s.id = p.signature WHERE (:repo IS NULL OR r.name = :repo) ORDER BY p.key"
    ),
    "sighting": (
        "SELECT r.name AS repository, p.id AS pattern, s.category AS s_category, s.tool AS s_tool, s.rule AS s_rule, s.raw AS s_raw, o.rank, o.target, o.commit_sha, o.job, o.line, o.at, o.confidence, o.category, o.tool, o.verdict,"
        " o.branch, o.actor, o.link, o.tests, o.escalated, o.recognised, o.minutes, o.trusted FROM occurrence o JOIN pattern p ON p.key = o.pattern"
        " JOIN repository r ON r.id = p.repo JOIN signature s ON s.id = o.signature WHERE (:repo IS NULL OR r.name = :repo) ORDER BY o.id"
    ),
    "refuted": (
        "SELECT r.name AS repository, p.id AS pattern, f.hash, f.algo, f.score, f.line, f.who, f.at FROM refuted f JOIN pattern p ON p.key = f.pattern"
        " JOIN repository r ON r.id = p.repo WHERE (:repo IS NULL OR r.name = :repo) ORDER BY f.rowid"
    ),
    "proposal": (
        "SELECT r.name AS repository, p.id AS pattern, q.solution, q.fixed_by, q.how, q.who, q.links, q.sure, q.elapsed, q.at FROM proposal q"
        " JOIN pattern p ON p.key = q.pattern JOIN repository r ON r.id = p.repo WHERE (:repo IS NULL OR r.name = :repo) ORDER BY q.rowid"
    ),
    "green": (
        "SELECT r.name AS repository, g.branch, g.job, g.commit_sha, g.target, g.link, g.at FROM green g JOIN repository r ON r.id = g.repo"
        " WHERE (:repo IS NULL OR r.name = :repo) ORDER BY g.id"
    ),
}
_LISTS: Final = frozenset({"links", "tests"})


def rows_out(store: Store, *, repository: str | None = None) -> tuple[str, ...] | StoreProblem:
    """Return the store, or one repository of it, as JSON lines without line ends, the head first. Patterns go before what refers to them.

    The texts are as they were recorded: redacted, and foreign. JSON escapes every control and everything that is not ASCII.
    """

    def ask(db: sqlite3.Connection) -> tuple[str, ...]:
        found = [json.dumps(HEAD)]
        for kind, question in _QUESTIONS.items():
            rows = db.execute(question, {"repo": None if repository is None else plain(repository)})
            names = [column[0] for column in rows.description]
            found += [json.dumps({"kind": kind, **_row(dict(zip(names, row, strict=True)))}) for row in rows]
        return tuple(found)

    return store.read(ask)


def _row(row: dict[str, object]) -> dict[str, object]:
    signed = {name.removeprefix("s_"): row.pop(name) for name in tuple(row) if name.startswith("s_")}
    out: dict[str, object] = {name: _value(name, value) for name, value in row.items() if value is not None}
    if isinstance(signed.get("raw"), str):
        out["signature"] = {
            **{name: text(signed[name]) for name in ("category", "tool", "rule")},
            "raw": text(signed["raw"]).split(SEP),
        }
    return out


def _value(name: str, value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if name in _LISTS:
        return [line for line in text(value).split("\n") if line]
    return text(value) if isinstance(value, str) else value


def rows_in(
    store: Store, lines: Iterable[str], *, redact: Callable[[str], str], now: datetime
) -> Imported | StoreProblem:
    """Take rows of `rows_out` in; again changes nothing more. What is here already is never lost: counts keep the larger, words the surer source.

    redact: applied to every text. now: points in time after it are refused. A StoreProblem ends it; what was taken until then is kept, and to run it
    again goes on from there.
    """
    told = Imported()
    batch: list[dict[str, Any]] = []
    headed = False
    for number, line in enumerate(lines, 1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        try:
            row = _parsed(line)
            if not headed:
                _check_head(row)
                headed = True
            elif row != HEAD:  # two exports in one file are one
                batch.append({**checked(row, redact, now), "at_line": number})
        except RowError as error:
            told.refuse(number, str(error))
            if not headed:
                return told
        if len(batch) >= BATCH:
            problem = _keep(store, batch, told)
            if problem:
                return problem
            batch = []
    return _keep(store, batch, told) or told


def _parsed(line: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise RowError(f"is longer than {LONGEST_LINE} characters")
    try:
        row = json.loads(line.strip("\ufeff \t\r\n"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RowError("is not JSON") from error
    if not isinstance(row, dict):
        raise RowError("is not a JSON object")
    return row


def _no_constant(_name: str) -> None:
    raise ValueError("NaN and infinity are no JSON")


def _check_head(row: dict[str, Any]) -> None:
    if row.get("format") != FORMAT:
        raise RowError("is not the head of an export; `ci-diagnose history export` writes one")
    if row.get("version") != VERSION:
        raise RowError("is of another version of the form; this one reads version 1")


def _keep(store: Store, batch: Sequence[dict[str, Any]], told: Imported) -> StoreProblem | None:
    def change(db: sqlite3.Connection) -> list[tuple[int, bool | str]]:
        return [(row["at_line"], keep_row(db, row)) for row in batch]

    done = store.write(change) if batch else []
    if not isinstance(done, list):
        return done
    for line, became in done:
        if isinstance(became, str):
            told.refuse(line, became)
        else:
            told.rows += 1
            told.new += became
    return None
