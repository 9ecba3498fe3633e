"""The pattern database at its size: how long a look-up and an insert take, and whether the index finds what brute force finds.

    python -m benchmarks.memory [--patterns 100000] [--queries 300] [--corpus DIR]

One repository holds all patterns, which is the worst case: beyond a few thousand the token table names the candidates. Signatures are made from shapes
of real messages (with --corpus: from labelled lines of real logs) with names drawn by Zipf's law, so that each has many near twins. A query is a stored
signature that was changed: a line lost or added, another root, another word, other numbers.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from random import Random  # noqa: TID251 - the benchmark's own seed
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from diagnose.memory.index import keep_lines, keep_repository, keep_signature, voted
from diagnose.memory.match import COMPARED, match
from diagnose.memory.record import Occurrence, Recorded, Seen, keep_pattern, record
from diagnose.memory.signature import Signature, sign
from diagnose.memory.similarity import SAME
from diagnose.memory.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
REPOSITORY: Final = "owner/repo"
NAMES: Final = 20_000
BATCH: Final = 5000

SHAPES: Final = (
    "FAILED tests/A/test_B.py::test_C - AssertionError: expected D, got E|E   assert D == E|tests/A/test_B.py:{n}: AssertionError",
    "error[E0425]: cannot find value `A` in this scope|  --> src/B/C.rs:{n}:{n}|   |        let D = A.E();",
    "src/A/B.ts({n},{n}): error TS2304: Cannot find name 'C'.|src/A/B.ts({n},{n}): error TS2339: Property 'D' does not exist on type 'E'.",
    "ERROR: Could not find a version that satisfies the requirement A=={n}.{n} (from versions: none)|ERROR: No matching distribution found for A=={n}.{n}",
    'npm ERR! code ERESOLVE|npm ERR! While resolving: A@{n}.{n}.0|npm ERR! Found: B@{n}.0.0|npm ERR! Could not resolve dependency: peer C@"^{n}" from D@{n}.1.0',
    'java.lang.NullPointerException: Cannot invoke "A.getB()" because "C" is null|at com.D.E.C.run(C.java:{n})|at com.D.E.Main.main(Main.java:{n})',
    "--- FAIL: TestA ({n}.03s)|    B_test.go:{n}: C: expected D, received E|FAIL    github.com/D/B/C  {n}.5s",
    "undefined reference to `A_B'|/usr/bin/ld: C.o: in function `D_E':|collect2: error: ld returned 1 exit status",
    "TypeError: Cannot read properties of undefined (reading 'A')|    at B (/home/runner/work/C/C/src/D.js:{n}:{n})|    at E.run (/home/runner/work/C/C/src/E.js:{n}:{n})",
    "Error: Timeout of {n}ms exceeded. For async tests ensure done() is called (A/B.spec.js)|  1) C D should E",
    'CMake Error at CMakeLists.txt:{n} (find_package): Could not find a package configuration file provided by "A"|  AConfig.cmake|  a-config.cmake B C',
    "dial tcp 10.0.{n}.{n}:5432: connect: connection refused|A: could not connect to B: C D E",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds and shares. busy: mean processor time of a call, which other processes of the machine do not lengthen as much."""

    look_up: list[float]
    insert: list[float]
    insert_alone: list[float]
    look_up_busy: float
    insert_busy: float
    open_ms: float
    same_as_brute: float
    target_first: float
    megabytes: float


class Maker:
    """Makes signatures: a shape with names drawn by Zipf's law."""

    def __init__(self, shapes: Sequence[str], seed: int) -> None:
        self.shapes = shapes
        self.chance = Random(seed)  # noqa: S311 - names of a benchmark
        parts = [
            f"{one}{other}"
            for one in ("par", "len", "tok", "mir", "sub", "con", "vel", "ast", "ro", "qui")
            for other in ("ser", "gine", "ta", "dex", "mon", "lix", "nor", "pe", "wa", "zu")
        ]
        self.names = [
            f"{parts[n % 100]}{parts[n // 100 % 100].capitalize() if n % 3 else '_' + parts[n // 100 % 100]}{n // 10_000 or ''}"
            for n in range(NAMES)
        ]
        self.weights = list(accumulate(1 / (rank + 1) for rank in range(NAMES)))

    def name(self) -> str:
        """Draw a name; few are frequent."""
        return self.chance.choices(self.names, cum_weights=self.weights)[0]

    def lines(self) -> list[str]:
        """Draw the lines of one failure."""
        shape = self.chance.choice(self.shapes)
        drawn = {letter: self.name() for letter in "ABCDE"}
        text = re.sub(
            r"\b[A-E]\b|(?<=_)[A-E]\b|(?<=[a-z])[A-E]\b|\b[A-E](?=[A-Z._])", lambda found: drawn[found[0]], shape
        )
        return re.sub(r"\{n\}", lambda _: str(self.chance.randrange(1, 999)), text).split("|")

    def changed(self, lines: Sequence[str]) -> list[str]:
        """Change a failure as its next sighting may differ."""
        out = list(lines)
        way = self.chance.randrange(5)
        if way == 0 and len(out) > 1:
            out.pop()
        elif way == 1:
            out.append(f"note: {self.name()} was skipped by {self.name()}")
        elif way == 2:  # noqa: PLR2004 - the third way
            out = [line.replace("/home/runner/work/", "/builds/ci/").replace("src/", "lib/src/") for line in out]
        elif way == 3:  # noqa: PLR2004 - the fourth way
            row = out[-1].split(" ")
            row[self.chance.randrange(len(row))] = self.name()
            out[-1] = " ".join(row)
        else:
            out = [re.sub(r"\d+", lambda _: str(self.chance.randrange(1, 999)), line) for line in out]
        return out


def shapes_of(corpus: Path) -> list[str]:
    """Make shapes of the labelled lines of real logs: what looks like a name becomes one that is drawn."""
    from benchmarks.memory_pairs import evidence

    rows = [json.loads(line) for line in (corpus / "pairs.jsonl").read_text().splitlines()]
    found = {one.hash: one for one in evidence(rows, corpus).values() if one}
    out = []
    for one in found.values():
        letters = iter("ABCDE")
        text = "|".join(line.replace("|", "/") for line in one.raw)
        text = re.sub(r"\b[A-E]\b", "x", text)
        for name in dict.fromkeys(re.findall(r"\b[a-z]+(?:[_A-Z][a-z]+)+\b", text)):
            letter = next(letters, "")
            text = re.sub(rf"\b{name}\b", letter, text) if letter else text
        out.append(text)
    return out


def signed(lines: Sequence[str]) -> Signature | None:
    """Sign a made failure."""
    return sign(lines, category="test", tool="made", rule="")


def fill(store: Store, maker: Maker, count: int) -> list[list[str]]:
    """Fill a store with so many patterns; return the lines of each, as many as there are distinct ones."""
    kept: dict[str, list[str]] = {}
    while len(kept) < count:
        batch: list[Signature] = []
        while len(batch) < min(BATCH, count - len(kept)):
            lines = maker.lines()
            signature = signed(lines)
            if signature and signature.hash not in kept:
                kept[signature.hash] = lines
                batch.append(signature)

        def change(db: sqlite3.Connection, batch: list[Signature] = batch) -> None:
            repo = keep_repository(db, REPOSITORY)
            for signature in batch:
                key = keep_signature(db, repo, signature)
                pattern, _ = keep_pattern(db, repo, signature, key, "made", NOW.isoformat())
                db.execute(
                    "INSERT INTO occurrence(signature, pattern, rank, target, commit_sha, job, line, at, confidence) VALUES(?, ?, 0, ?, '', '', 1, ?, 0.9)",
                    (key, pattern, f"run {signature.id}", NOW.isoformat()),
                )
                keep_lines(db, repo, signature.masked)

        _well(store.write(change))
    return list(kept.values())


def _well(found: object) -> Any:
    from diagnose.memory.problem import StoreProblem

    if isinstance(found, StoreProblem):
        raise SystemExit("".join(str(part) for part in found.message.parts if isinstance(part, str)))
    return found


def measure(store: Store, maker: Maker, kept: list[list[str]], queries: int) -> Figures:
    """Measure look-ups of changed failures, inserts of new ones, and what brute force would have found."""
    began = time.perf_counter()
    _well(store.read(lambda db: db.execute("SELECT 1").fetchone()))
    opened = time.perf_counter() - began
    targets = [maker.chance.choice(kept) for _ in range(queries)]
    asked = [(signed(lines), signature) for lines in targets if (signature := signed(maker.changed(lines)))]
    times, busy = [], time.process_time()
    for _, signature in asked:
        began = time.perf_counter()
        _well(match(store, [signature], repository=REPOSITORY, target="new", now=NOW, least=SAME))
        times.append(1000 * (time.perf_counter() - began))
    busy = 1000 * (time.process_time() - busy) / len(asked)
    same, first = _against_brute(store, asked)
    new = [signature for _ in range(queries) if (signature := signed(maker.lines()))]
    whole = []
    for signature in new[: queries // 4]:
        began = time.perf_counter()
        _well(store.write(lambda db, signature=signature: _insert(db, signature)))  # type: ignore[misc]
        whole.append(1000 * (time.perf_counter() - began))
    # another process that has the store open, as under load: without one, each call that ends brings its log into the file
    with closing(sqlite3.connect(store.path, isolation_level=None)) as open_:
        open_.execute("SELECT count(*) FROM repository").fetchall()
        inserts, writing = [], time.process_time()
        for signature in new[queries // 4 :]:
            began = time.perf_counter()
            _well(store.write(lambda db, signature=signature: _insert(db, signature)))  # type: ignore[misc]
            inserts.append(1000 * (time.perf_counter() - began))
    writing = 1000 * (time.process_time() - writing) / len(inserts)
    seen = Seen(asked[0][1], "made", 0.9)
    assert isinstance(_well(record(store, Occurrence(REPOSITORY, "last", NOW, seen))), Recorded)  # noqa: S101 - the store still works as a whole
    return Figures(times, inserts, whole, busy, writing, 1000 * opened, same, first, store.path.stat().st_size / 1e6)


def _insert(db: sqlite3.Connection, signature: Signature) -> int:
    return keep_signature(db, keep_repository(db, REPOSITORY), signature)


def _against_brute(store: Store, asked: Sequence[tuple[Signature | None, Signature]]) -> tuple[float, float]:
    """Return the shares of queries in which the index names brute force's best (or one as near), and names the changed failure itself."""
    from rapidfuzz import fuzz, process

    def ask(db: sqlite3.Connection) -> tuple[int, int]:
        repo = (
            keys[0]
            if (keys := [row[0] for row in db.execute("SELECT id FROM repository WHERE name = ?", (REPOSITORY,))])
            else 0
        )
        texts: dict[int, str] = dict(db.execute("SELECT id, raw FROM signature WHERE repo = ?", (repo,)).fetchall())
        hashes = {
            bytes(digest).hex(): key
            for key, digest in db.execute("SELECT id, hash FROM signature WHERE repo = ?", (repo,))
        }
        same = first = 0
        for target, signature in asked:
            raw = "\n".join(signature.raw)
            candidates = voted(db, repo, signature, COMPARED)
            _, best, _ = process.extractOne(raw, texts, scorer=fuzz.ratio)
            found = max((fuzz.ratio(raw, texts[key]) for key in candidates), default=0.0)
            same += (
                found >= best or hashes.get(signature.hash) is not None
            )  # equal masked lines are found by their hash
            first += target is not None and (hashes[target.hash] in candidates or target.hash == signature.hash)
        return same, first

    same, first = _well(store.read(ask))
    return same / len(asked), first / len(asked)


def main() -> int:
    """Print the table."""
    cli = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    cli.add_argument("--patterns", type=int, default=100_000)
    cli.add_argument("--queries", type=int, default=300)
    cli.add_argument("--corpus", type=Path, default=None)
    args = cli.parse_args()
    maker = Maker(shapes_of(args.corpus) if args.corpus else SHAPES, seed=7)
    with tempfile.TemporaryDirectory(prefix="benchmark-memory-") as folder:
        store = Store(Path(folder) / "memory.sqlite3", time.sleep)
        began = time.perf_counter()
        kept = fill(store, maker, args.patterns)
        print(f"{len(kept):,} patterns of one repository, filled in {time.perf_counter() - began:.0f} s")
        got = measure(store, maker, kept, args.queries)
    print(f"opened in {got.open_ms:.1f} ms (nothing is rebuilt), {got.megabytes:.0f} MB")
    print(
        f"look-up   median {median(got.look_up):.2f} ms, p99 {quantiles(got.look_up, n=100)[-1]:.2f} ms, {got.look_up_busy:.2f} ms busy"
    )
    print(
        f"insert    median {median(got.insert):.2f} ms, p99 {quantiles(got.insert, n=100)[-1]:.2f} ms, {got.insert_busy:.2f} ms busy; {median(got.insert_alone):.2f} ms with the closing of a store that nobody else has open"
    )
    print(
        f"index     {got.same_as_brute:.3f} as near as brute force's best, {got.target_first:.3f} name the changed failure among {COMPARED}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
