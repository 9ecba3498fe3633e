"""Says which rules do not tell the versions that they were seen with: `python tools/seen.py [--list]`.

A wording lives as long as some versions of a tool do, so a cause or detail whose `why` names a version has that version in `seen`
too, where `patterns show` and a later reader look for it. Exit code 1 when one has not. --list: also the other causes and
details without `seen`; theirs is known from source, documentation or logs, and a version is not to be invented for them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from diagnose.scan.pack import read_all  # noqa: E402 - from the checkout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.scan.pack import PackTable

KINDS = ("cause", "detail")
# a name and a version of it: "bash 5.2", "GNU make 4.3", "surefire 3.2.5", "LuaUnit v3.4"; not "line 3.5", not the path of a file
VERSION = re.compile(
    r"(?<![\w./@-])(?!line |lines |page |section |exit |code |since |until |and |to |of |the |in |with |by |on |before |revision |from |at )[A-Za-z][\w.+#-]*(?: [A-Z][\w+#-]*)? v?\d+\.\d+(?:\.\d+)*\b"
)


def empty(packs: Iterable[tuple[Path, PackTable]]) -> tuple[list[tuple[str, str]], list[str]]:
    """Rules without `seen`: those whose `why` names a version, with it, and the others."""
    named: list[tuple[str, str]] = []
    others: list[str] = []
    for _, pack in packs:
        for rule in pack.rule:
            if rule.kind not in KINDS or rule.seen:
                continue
            found = VERSION.search(rule.why)
            if found:
                named.append((f"{pack.tool}/{rule.id}", found[0]))
            else:
                others.append(f"{pack.tool}/{rule.id}")
    return named, others


def main(arguments: Sequence[str]) -> int:
    """Look, and print."""
    if list(arguments) not in ([], ["--list"]):
        print(__doc__)
        return 2
    packs, problems = read_all(ROOT / "patterns")
    if problems:
        print(*problems, sep="\n")
        return 2
    named, others = empty(packs)
    for rule, version in named:
        print(f"{rule}: its why names {version}, and its seen is empty")
    if arguments:
        print(*others, sep="\n")
    print(f"{len(named)} causes and details whose why names a version have no seen; {len(others)} others have none")
    return 1 if named else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
