#!/usr/bin/env python3
"""DISCOVERIES.md under merges and hostile text: entries lost, cut, mixed, or changed on the way.

    python benchmarks/discoveries.py                          500 merges by git, and 20,000 hostile records
    python benchmarks/discoveries.py --merges 50 --records 0  fewer
    python benchmarks/discoveries.py --by history             the merges by `ci-diagnose history merge`, as after GitHub's button
    python benchmarks/discoveries.py --check                  exit with 1 when anything was lost

A merge: a file of up to five entries, two or three branches that each append, edit, withdraw and write by hand, joined by real `git merge`
with this repository's .gitattributes. Values are drawn from a few common ones, and two branches may find the same: what git takes for equal lines is what
destroys records. After it every entry of every branch must be there and whole: each value that a branch wrote, each withdrawal.
"""

from __future__ import annotations

import argparse
import os
import random  # noqa: TID251 - seeded: the branches are the same each time
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from diagnose.memory.append import append  # noqa: E402 - from the checkout
from diagnose.memory.discoveries import HEAD, parse  # noqa: E402 - as above
from diagnose.memory.entry import AND, OR, UNKNOWN, Entry, neutral, render  # noqa: E402 - as above
from diagnose.memory.joining import joined, sides  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE: Final = "DISCOVERIES.md"
HALF, RARE = 0.5, 0.1
CAUSES: Final = ("two jobs share a port", "a pin was lost")
SOLUTIONS: Final = ("use port 0", "pin it again")
TITLES: Final = ("socket taken", "resolver conflict", "socket taken")
REFERENCES: Final = ("", "3fc09d1", "#411", "3fc09d1")


class Git:
    """A repository in a folder, with the attributes of this one."""

    def __init__(self, folder: Path, attributes: str) -> None:
        self.folder = folder
        self.path = folder / FILE
        (folder / ".gitattributes").write_text(attributes)
        self("init", "-q", "-b", "main")

    def __call__(self, *arguments: str, check: bool = True) -> int:
        """Run git; its exit code."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{who}_NAME": "n", f"GIT_{who}_EMAIL": "n@example.org"}
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, check=check, capture_output=True, env=environment
        ).returncode

    def commit(self, what: str) -> None:
        """Commit everything."""
        self("add", ".")
        self("commit", "-q", "--allow-empty", "-m", what)


def some_entry(draw: random.Random) -> Entry:
    """Draw an entry of common values; now and then one that another branch may find too."""
    ident = f"{draw.randrange(3):08x}" if draw.random() < RARE else f"{draw.getrandbits(32):08x}"
    return Entry(
        draw.choice(TITLES),
        ident,
        draw.choice(CAUSES),
        draw.choice(SOLUTIONS),
        draw.choice(REFERENCES),
        draw.choice((5, 14, None)),
        draw.choice((0.5, 0.86)),
        draw.choice((1, 3)),
        "2026-11-20",
        "o/r",
        "",
        "test",
        "pytest",
        draw.choice(("address in use", "cannot install")),
        prose=("See the wiki.",) if draw.random() < RARE else (),
    )


def edit(text: str, draw: random.Random) -> str:
    """Change a line of an entry as a person would."""
    lines = text.split("\n")
    places = [
        number
        for number, line in enumerate(lines)
        if re.match(r"- (Root cause|Solution|Time to resolve|Confidence|Seen):", line) and number > HEAD.count("\n")
    ]
    if not places:
        return text
    at = draw.choice(places)
    label = lines[at].split(":")[0]
    tail = re.search(r" \((?:fixed by|recorded as) [^()]*\)$", lines[at])
    values = {"- Root cause": f"found later: {draw.randrange(9)}", "- Solution": f"better: {draw.randrange(9)}{tail[0] if tail else ''}", "- Time to resolve": f"{draw.randrange(20, 29)} min",
              "- Confidence": f"0.{draw.randrange(60, 80)}", "- Seen": f"{draw.randrange(4, 9)} times, last 2026-11-2{draw.randrange(1, 9)}, in o/r"}  # fmt: skip
    lines[at] = f"{label}: {values[label]}"
    return "\n".join(lines)


def withdraw(text: str, draw: random.Random) -> str:
    """Take an entry back as the head of the file says: by a line below its root cause."""
    lines = text.split("\n")
    places = [
        number
        for number, line in enumerate(lines)
        if line.startswith("- Root cause:") and number > HEAD.count("\n") and "State" not in lines[number + 1]
    ]
    if places:
        lines.insert(draw.choice(places) + 1, "- State: withdrawn")
    return "\n".join(lines)


def by_hand(text: str, draw: random.Random) -> str:
    """Write an entry without an id at the end."""
    number = draw.randrange(1 << 30)
    return f"{text.rstrip(chr(10))}\n\n## CI Pattern: by hand {number}\n- Root cause: seen by {number}\n- Solution: as in {number}\n"


def work(git: Git, locks: Path, draw: random.Random) -> None:
    """Do to the record what a branch does."""
    for _ in range(draw.randint(1, 4)):
        does = draw.random()
        if does < HALF or not git.path.exists():
            append(git.path, some_entry(draw), locks=locks)
        else:
            change = draw.choice((edit, edit, edit, withdraw, withdraw, by_hand))
            git.path.write_text(change(git.path.read_text(), draw))


def trial(seed: int, folder: Path, *, by: str) -> tuple[Counter[str], int]:
    """Make branches, join them, and return what became of their entries and how many there were."""
    draw = random.Random(seed)  # noqa: S311 - the same branches each time
    attributes = (ROOT / ".gitattributes").read_text() if by == "git" else f"{FILE} text eol=lf\n"
    git = Git(folder, attributes)
    locks = folder / ".git" / "locks"
    git.path.write_text(HEAD)
    for _ in range(draw.randint(0, 5)):
        append(git.path, some_entry(draw), locks=locks)
    git.commit("begun")
    base = entries(git.path.read_text())
    versions = []
    names = ["one", "two", "three"][: draw.randint(2, 3)]
    for name in names:
        git("checkout", "-q", "-b", name, "main")
        work(git, locks, draw)
        git.commit(name)
        versions.append(entries(git.path.read_text()))
    for name in names[:-1]:
        if git("merge", "-q", "-m", "joined", name, check=by == "git"):
            ours, theirs, before = sides(git.path.read_text())
            git.path.write_text(joined(ours, theirs, before).text)
            git.commit("solved")
    return judge(git.path.read_text(), base, versions), sum(map(len, versions))


def entries(text: str) -> dict[str, Entry]:
    """Return the entries of a text, which a branch left without a doubt."""
    found, doubts = parse(text)
    if doubts:
        raise AssertionError(f"a branch's own file is doubtful: {doubts}")
    return {entry.id: entry for entry in found}


def judge(text: str, base: dict[str, Entry], versions: Sequence[dict[str, Entry]]) -> Counter[str]:
    """Say what was lost: entries that are away, that were not read, and values that a branch wrote and that stand nowhere."""
    found, doubts = parse(text)
    merged = {entry.id: entry for entry in found}
    faults = Counter("doubted" for _ in doubts)
    for version in versions:
        for ident, entry in version.items():
            if ident not in merged:
                faults["lost"] += 1
                continue
            faults.update(
                f"{name} lost"
                for name in _missing(
                    merged[ident], entry, base.get(ident), [other[ident] for other in versions if ident in other]
                )
            )
    faults["invented"] += len(merged.keys() - set().union(*versions))
    return +faults


def _missing(merged: Entry, mine: Entry, base: Entry | None, every: Sequence[Entry]) -> list[str]:
    """Name the values of a branch's entry that the merged one does not hold; of what another branch changed, its value will do."""
    out = []
    for name, between in (("root_cause", OR), ("solution", OR), ("reference", AND)):
        wanted = set(getattr(mine, name).split(between)) - {"", UNKNOWN}
        if base is not None and getattr(mine, name) == getattr(base, name):
            continue  # another branch may have changed it
        if not wanted <= set(getattr(merged, name).split(between)):
            out.append(name)
    out += [
        name
        for name in ("minutes", "confidence", "seen", "last_seen", "repository", "category", "tool", "line")
        if getattr(merged, name) not in {getattr(one, name) for one in every}
    ]
    if mine.state and not merged.state:
        out.append("state")
    if not set(mine.prose) <= set(merged.prose) or not set(mine.extra) <= set(merged.extra):
        out.append("prose")
    return out


PIECES: Final = (
    "<!--", "-->", "#", "##", "\n", "\r\n", "\u2028", "`", "```", "**", "__", "- ", "* ", "Solution: ", "## CI Pattern: ", "<b>", "](x)", "(fixed by a)", "&lt;", "&amp;", "|", "> ",
    " ", "a", "urllib3 < 2", ":", "\x1b[31m", "\ud800", "\u202e", "é", "&", "_", "(", ")", "<<<<<<< ", ">>>>>>> x", "|||||||", "~~~", "=======", "<!-- ci:00000000 -->", "; or: ", "unknown", "\t", "@everyone",
    "- State: withdrawn", "- Failure signature: `00000000 a | b | c`", "\ufeff", "\x00", "\x85", "::error::x", "##[error]x",
)  # fmt: skip


def hostile(draw: random.Random) -> Entry:
    """Draw an entry of what breaks Markdown, merges and our own form."""

    def value() -> str:
        return "".join(draw.choice(PIECES) for _ in range(draw.randrange(9)))

    return Entry(
        value(),
        f"{draw.getrandbits(32):08x}",
        value(),
        value(),
        value(),
        draw.choice((None, 3.25, float("nan"), 1e9)),
        draw.choice((None, 0.5, 7.0)),
        draw.choice((None, 0, 3, -1, 10**9)),
        draw.choice(("", "2026-11-20", "x")),
        value(),
        draw.choice(("", "withdrawn", "x")),
        value(),
        value(),
        value(),
        ((value(), value()),) if draw.random() < HALF else (),
        (value(),) if draw.random() < HALF else (),
    )


def round_trips(count: int, seed: int = 1) -> Counter[str]:
    """Write hostile records into one file, a hundred at a time, and read them back."""
    draw = random.Random(seed)  # noqa: S311 - the same records each time
    faults: Counter[str] = Counter()
    for start in range(0, count, 100):
        records = {entry.id: entry for entry in (hostile(draw) for _ in range(min(100, count - start)))}
        found, doubts = parse("\n".join([HEAD, *map(render, records.values())]))
        faults["doubted"] += len(doubts)
        read = {entry.id: entry for entry in found}
        for ident, entry in records.items():
            wanted = replace(neutral(entry), by_hand=False)
            faults["lost" if ident not in read else "changed" if read[ident] != wanted else "same"] += 1
        faults["invented"] += len(read.keys() - records.keys())
    return +faults


def merges(count: int, *, by: str, first: int = 0) -> tuple[Counter[str], int, list[int]]:
    """Run trials; return their faults together, how many entries there were, and the seeds of those that had any."""
    faults: Counter[str] = Counter()
    total = 0
    bad = []
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory(prefix="discoveries-") as folder:
            found, entries_there = trial(seed, Path(folder), by=by)
        total += entries_there
        faults += found
        bad += [seed] if found else []
    return faults, total, bad


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--merges", type=int, default=500)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--by", choices=["git", "history"], default="git")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(arguments)
    faults, total, bad = merges(asked.merges, by=asked.by)
    trips = round_trips(asked.records)
    same = trips.pop("same", 0)
    print(
        f"merges by {asked.by:<8} {asked.merges:>7}   whole {asked.merges - len(bad):>7}   entries {total:>7}   {_told(faults)}"
    )
    if bad:
        print(f"  seeds {' '.join(map(str, bad[:20]))}")
    print(f"hostile records    {asked.records:>7}   same  {same:>7}   {_told(trips)}")
    return int(asked.check and bool(bad or trips))


def _told(faults: Counter[str]) -> str:
    return " · ".join(f"{name} {count}" for name, count in sorted(faults.items())) or "lost 0 · cut 0 · mixed 0"


if __name__ == "__main__":
    sys.exit(main())
