#!/usr/bin/env python3
"""What `ci-diagnose run -- CMD` costs, as ratios to what people do without it, measured in turn in the same run.

    python benchmarks/run_cost.py              100 MB at once; a suite that works for a while and prints 20 MB
    python benchmarks/run_cost.py --suite 60   the suite works for so many seconds (20)
    python benchmarks/run_cost.py --check      exit with 1 when a budget is exceeded

Of 100 MB the measure is `CMD | tee FILE`, of the suite the command alone; all write into a pipe that a reader empties. Seconds are of the clock, from the
start of the process to its end: processor time of several processes at once says less than what somebody waits. Runs alternate, and each ratio is
of neighbours; the table shows medians. The commands print the same lines each time.
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
TOOL: Final = shlex.join(
    (
        sys.executable,
        "-c",
        "import sys; from diagnose.cli import entry; sys.argv[0] = 'ci-diagnose'; entry()",
        "run",
        "--no-memory",
        "--",
    )
)
RECORDED: Final = TOOL.replace(" --no-memory", "")
MB: Final = 1_000_000
LINE: Final = b"tests/unit/test_parser.py::test_a_name_of_usual_length[case-0000000] PASSED  [ 42%]\n"
SUITE: Final = """
import os, sys, time
line, seconds, size = {line!r}, {seconds}, {size}
end, piece = time.perf_counter() + seconds, line * (size // len(line) // 1000)
for part in range(1, 1001):
    while time.perf_counter() < end - seconds * (1000 - part) / 1000: sum(range(2000))
    os.write(1, piece)
"""


class Case(NamedTuple):
    """Two command lines of a shell, and how much longer the first may take."""

    name: str
    ours: str
    theirs: str
    most: float
    runs: int


def cases(folder: Path, suite: float) -> list[Case]:
    """Write the inputs into `folder`; give what is compared."""
    big, script, kept = folder / "big.log", folder / "suite.py", folder / "kept.log"
    big.write_bytes(LINE * (100 * MB // len(LINE)))
    script.write_text(SUITE.format(line=LINE, seconds=suite, size=20 * MB))
    cat, works = f"cat {big}", f"{sys.executable} -S {script}"
    lines = shlex.join(
        (
            sys.executable,
            "-S",
            "-c",
            f"import sys\nfor _ in range({100 * MB // len(LINE)}): sys.stdout.write({LINE.decode()!r})",
        )
    )
    return [
        Case("100 MB, cat", f"{RECORDED} {cat}", f"{cat} | tee {kept}", 1.5, 15),
        Case("100 MB, without a record", f"{TOOL} {cat}", f"{cat} | tee {kept}", 1.5, 15),
        Case("100 MB, line by line", f"{RECORDED} {lines}", f"{lines} | tee {kept}", 1.5, 7),
        Case(f"20 MB in {suite:g} s", f"{RECORDED} {works}", works, 1.03, 3),
    ]


def seconds(line: str, env: dict[str, str]) -> float:
    """Run a line in a shell, its output emptied by a reader; seconds of the clock."""
    began = time.perf_counter()
    subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line} | cat > {os.devnull}"], env=env, check=True, stdin=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def main() -> int:
    """Measure, print the table, check the budgets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    over = []
    with tempfile.TemporaryDirectory() as name:
        env = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("GITHUB_", "CI_DIAGNOSE_", "PYTHONDONTWRITE"))
        }
        env |= {
            "HOME": name,
            "PYTHONPATH": str(ROOT),
            **{f"XDG_{kind}_HOME": f"{name}/{kind}" for kind in ("CACHE", "DATA", "CONFIG")},
        }
        print(f"{'':<28} {'run --':>8} {'without':>8} {'ratio':>6}  {'of':>11}  budget")
        for case in cases(Path(name), chosen.suite):
            seconds(case.ours, env)  # bytecode, caches
            pairs = [(seconds(case.ours, env), seconds(case.theirs, env)) for _ in range(case.runs)]
            ratios = sorted(ours / theirs for ours, theirs in pairs)
            ratio = statistics.median(ratios)
            mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(
                f"{case.name:<28} {mine:>7.2f}s {other:>7.2f}s {ratio:>6.2f}  {ratios[0]:.2f} to {ratios[-1]:.2f}  {case.most:g}",
                flush=True,
            )
            over += [case.name] if ratio > case.most else []
    if over and chosen.check:
        print(f"over budget: {', '.join(over)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
