"""Which entries of DISCOVERIES.md a failure is: by their id, or by the one line of it that they hold.

Measured on 1,052 hand-labelled pairs: equal ids are right in 95 of 100, one equal line in 69, and one of eight words and more in 93. So a line
counts only where it says much and one entry alone has it; what is nearly it is shown as similar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.memory.columns import plain, whole
from diagnose.memory.neutral import in_span, one_line
from diagnose.memory.problem import StoreProblem
from diagnose.memory.similarity import EXACT, RANK_STEP, SAME, SIMILAR, substituted
from diagnose.memory.standing import standing
from diagnose.memory.tokens import words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from diagnose.memory.entry import Entry
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store

TELLING_WORDS: Final = 8
"""Distinct words of a line from which it tells one failure from its like."""

NEARLY: Final = 97.0
"""Likeness of two lines, 0..100, from which they are nearly the same."""


def fitting(entries: Sequence[Entry], signature: Signature, rank: int) -> list[tuple[Entry, float]]:
    """Return the entries that a failure's signature is, or resembles, each with a score 0..100 as `similarity.score` has it; best first."""
    found = [(entry, EXACT) for entry in entries if entry.id == signature.id]
    if not found:
        alike = [(entry, _likeness(entry, signature)) for entry in entries]
        equal = sum(near == SAME for _, near in alike)
        found = [(entry, SIMILAR if near == SAME and equal > 1 else near) for entry, near in alike if near]
    found = [(entry, near - RANK_STEP * rank) for entry, near in found]
    return sorted(found, key=lambda one: -one[1])


def _likeness(entry: Entry, signature: Signature) -> float:
    for own, other in ((entry.category, signature.category), (entry.tool, signature.tool)):
        if own and other and own != other:
            return 0.0
    line = in_span(one_line(signature.masked[0]))
    if not entry.line or len(set(words(line))) < TELLING_WORDS:
        return 0.0
    if line == entry.line:
        return SAME
    from rapidfuzz import fuzz

    near = fuzz.ratio(line, entry.line) >= NEARLY and not substituted((line,), (entry.line,))
    return SIMILAR if near else 0.0


def silenced(store: Store, repository: str, signatures: Sequence[Signature]) -> frozenset[tuple[str, str]]:
    """Return what people said is not so: (id of a pattern, hash of a failure) pairs, and (id, "") for patterns that are silent altogether.

    The written record cannot say it: a rejection is one database's. A database that cannot be asked silences nothing.
    """
    hashes = [bytes.fromhex(one.hash) for one in signatures]
    if not store.path.exists():
        return frozenset()

    def ask(db: sqlite3.Connection) -> frozenset[tuple[str, str]]:
        rows = db.execute(
            "SELECT p.id, p.state, p.wrong, p.passed, p.seen_before, (SELECT count(*) FROM (SELECT DISTINCT o.target, o.job FROM occurrence o WHERE o.pattern = p.key AND o.rank = 0 AND o.trusted))"
            " FROM pattern p JOIN repository r ON r.id = p.repo WHERE r.name = ? AND (p.wrong OR p.passed OR p.state = 'wrong')",
            (plain(repository),),
        ).fetchall()
        silent = {
            (str(ident), "") for ident, state, wrong, passed, before, counted in rows
            if state == "wrong" or standing(seen=max(1, whole(before), whole(counted)), wrong=whole(wrong), passed=whole(passed)) == "silent"
        }  # fmt: skip
        for digest in hashes:
            refuted = db.execute(
                "SELECT p.id FROM refuted f JOIN pattern p ON p.key = f.pattern JOIN repository r ON r.id = p.repo WHERE r.name = ? AND f.hash = ?",
                (plain(repository), digest),
            )
            silent |= {(str(ident), digest.hex()) for (ident,) in refuted}
        return frozenset(silent)

    found = store.read(ask)
    return frozenset() if isinstance(found, StoreProblem) else found
