#!/usr/bin/env python3
"""How fast ci-diagnose is, as ratios to public tools measured in the same run.

    python benchmarks/speed.py             start, a log of 1,000 lines, a log of 200 MB
    python benchmarks/speed.py --large     also a log of 1 GB
    python benchmarks/speed.py --check     exit with 1 when a budget is exceeded

Figures are processor time, user and system, of the whole process as the kernel counts it (`wait4`): other people's work on
the machine changes it little. Commands are interleaved and repeated; the table shows medians. Bytecode is cached for the
reference and for the tool alike; caches are warm but for the row that says otherwise. The logs are made here, from one
seed, of quiet lines and of the samples of some packs, as many as tools speak in a long job. `rg` is the measure of a long log: it looks for the same literals.
"""

from __future__ import annotations

import argparse
import os
import random  # noqa: TID251 - seeded: the logs are the same each time
import shutil
import statistics
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]
TOOL: Final = (sys.executable, "-c", "import sys; from diagnose.cli import entry; sys.argv[0] = 'ci-diagnose'; entry()")
BARE: Final = (sys.executable, "-c", "pass")
REFERENCE: Final = (sys.executable, "-c", "import rich.console, pydantic")
MB: Final = 1_000_000
# one line in SELDOM begins a sample of a pack; a sample has four lines or so: 1 to 2 % of the lines are of tools that fail
SELDOM: Final = 250
QUIET: Final = (
    "tests/unit/test_{word}.py::test_{word}_{n} PASSED                       [ {p:2d}%]",
    "Downloading https://repo.example.org/maven2/org/{word}/{word}-core/{p}.{n}/{word}-core-{p}.{n}.jar (312 kB at 1.4 MB/s)",
    "[INFO] Compiling {n} source files to /home/runner/work/{word}/{word}/target/classes",
    "   Compiling {word}-macros v0.{p}.{n}",
    "  CC      build/{word}/{word}_{n}.o",
    "[{p:3d}%] Building CXX object src/{word}/CMakeFiles/{word}.dir/{word}_{n}.cpp.o",
    "ok  \tgithub.com/example/{word}/pkg/{word}{n}\t0.{p:03d}s",
    "npm http fetch GET 200 https://registry.npmjs.org/{word}-{n} {p}ms (cache hit)",
    "\x1b[32m✓\x1b[0m renders the {word} list with {n} rows \x1b[90m({p} ms)\x1b[39m",
    "Get:{n} http://archive.ubuntu.com/ubuntu jammy-updates/main amd64 lib{word} amd64 1.{p}.{n} [23.4 kB]",
    "Requirement already satisfied: {word}>={p}.{n} in ./.venv/lib/python3.12/site-packages (from -r requirements.txt (line {p}))",
    "=> => extracting sha256:{n:064x} 0.{p}s",
    "remote: Counting objects: {p}% ({n}/18233)",
    "{n} | {word} | 2026-01-0{d} | {p}.{d} | synchronised",
    "",
    "    {word}: {{ id: {n}, ratio: 0.{p} }},",
    "DEBUG {word}.worker-{d} handled request {n} in {p} ms",
    "\x1b[36m[{word}]\x1b[0m chunk {{{n}}} {word}.{n}.js (main) {p}.{d} KiB [initial] [rendered]",
)  # fmt: skip
TOOLS: Final = 30
EVERY_TOOL: Final = 250
WORDS: Final = (
    "alpha",
    "router",
    "parser",
    "session",
    "index",
    "matrix",
    "gateway",
    "cache",
    "ledger",
    "widget",
    "planner",
    "beacon",
)


class Cost(NamedTuple):
    """One run. cpu: seconds, user and system. peak: resident memory at most, MB."""

    cpu: float
    peak: float


class Row(NamedTuple):
    """One line of the table; budget None: shown only."""

    what: str
    value: str
    ratio: float
    budget: float | None

    @property
    def kept(self) -> bool:
        """Whether the budget is kept."""
        return self.budget is None or self.ratio <= self.budget


def run(command: Sequence[str], env: Mapping[str, str], folder: Path) -> Cost:
    """Run a command to its end. Its answer goes nowhere."""
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, cwd=folder
    )
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    peak = used.ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    return Cost(used.ru_utime + used.ru_stime, peak / 1000 if sys.platform == "darwin" else peak)


def medians(
    commands: Mapping[str, Sequence[str]], repeats: int, env: Mapping[str, str], folder: Path
) -> dict[str, Cost]:
    """Run all commands in turn, `repeats` times after one for warmth; the median cost and the greatest peak of each."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(repeats + 1):
        for name, command in commands.items():
            cost = run(command, env, folder)
            if turn:
                costs[name].append(cost)
    return {
        name: Cost(statistics.median(c.cpu for c in each), max(c.peak for c in each)) for name, each in costs.items()
    }


def samples(dice: random.Random, tools: int) -> list[list[str]]:
    """Give the hits of so many packs as lines; without those that end a step: one step of a job fails, its last."""
    out: list[list[str]] = []
    packs = sorted((ROOT / "patterns").glob("*/*.toml"))
    for path in dice.sample(packs, min(tools, len(packs))):
        for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]:
            out += [(hit if isinstance(hit, str) else hit["text"]).strip("\n").split("\n") for hit in rule["hits"]]
    return [sample for sample in out if not any(line.startswith(("##[", "$ ")) for line in sample)]


def lines(dice: random.Random, told: Sequence[Sequence[str]]) -> Iterator[str]:
    """Give the lines of a log, for ever: quiet ones, now and then a sample."""
    step = 0
    while True:
        step += 1
        if step % 5000 == 1:
            yield f"##[group]Run make part-{step}"
            yield "##[endgroup]"
        if dice.randrange(SELDOM) == 0:
            yield from dice.choice(told)
        template = QUIET[dice.randrange(len(QUIET))]
        yield template.format(
            word=dice.choice(WORDS), n=dice.randrange(1, 9999), p=dice.randrange(1, 99), d=dice.randrange(1, 9)
        )


def write_log(path: Path, *, size: int = 0, count: int = 0, tools: int = TOOLS) -> None:
    """Write a job's log of `size` bytes or `count` lines that ends with a failed step; `tools` tools speak in it."""
    dice = random.Random(20261121)  # noqa: S311 - a benchmark's data, the same each time
    told = samples(dice, tools)
    ending = [
        "E       assert 3 == 4",
        "FAILED tests/unit/test_last.py::test_last - assert 3 == 4",
        "##[error]Process completed with exit code 1.",
    ]
    seconds = number = written = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines(dice, told):
            seconds, number = seconds + (number % 40 == 0), number + 1
            stamp = f"2026-01-02T{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{number % 10**7:07d}Z "
            written += file.write(f"{stamp}{line}\n")
            if (size and written >= size) or (count and number >= count - len(ending)):
                break
        file.writelines(f"2026-01-02T23:59:59.0000000Z {line}\n" for line in ending)


def grow(small: Path, large: Path, times: int) -> None:
    """Write a log that is `times` as long."""
    with large.open("wb") as target:
        for _ in range(times):
            with small.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)


def write_literals(path: Path) -> None:
    """Write what the scanner looks for, a literal a line, as `rg -F -f` reads it."""
    from diagnose.logs.dialects.github import DIALECT
    from diagnose.scan.rulebase import load, patterns_folder
    from diagnose.scan.scanner import Scanner

    literals = set(Scanner(load(patterns_folder(), None)).literals(DIALECT))
    path.write_bytes(b"".join(literal + b"\n" for literal in sorted(literals)))


def start_rows(env: Mapping[str, str], folder: Path, repeats: int) -> Iterator[Row]:
    """What `--version` and `--help` cost."""
    got = medians({"bare": BARE, "version": (*TOOL, "--version"), "help": (*TOOL, "--help")}, repeats * 2, env, folder)
    for name in ("version", "help"):
        yield Row(f"--{name} : python -c pass", _seconds(got, name, "bare"), got[name].cpu / got["bare"].cpu, 5)


def short_rows(env: Mapping[str, str], folder: Path, repeats: int) -> Iterator[Row]:
    """What a log of 1,000 lines costs, as is, without memory, and compared with a passing run's log of 100,000 lines."""
    log, passing = folder / "short.log", folder / "passing.log"
    write_log(log, count=1000)
    write_log(passing, count=100_000)
    commands = {
        "reference": REFERENCE,
        "log": (*TOOL, "--log", str(log)),
        "bare": (*TOOL, "--log", str(log), "--no-memory"),
    }
    commands["compared"] = (*TOOL, "--log", str(log), "--no-memory", "--passing-log", str(passing))
    got = medians(commands, repeats * 2, env, folder)
    base = got["reference"].cpu
    yield Row(
        "1,000 lines : import rich.console, pydantic", _seconds(got, "log", "reference"), got["log"].cpu / base, 2.5
    )
    yield Row("  with --no-memory", _seconds(got, "bare", "reference"), got["bare"].cpu / base, 2.5)
    yield Row(
        "  with a passing log of 100,000 lines : without",
        _seconds(got, "compared", "bare"),
        got["compared"].cpu / got["bare"].cpu,
        2,
    )
    cold = statistics.median(_cold(log, env, folder) for _ in range(repeats))
    yield Row("  with nothing cached, as in a fresh container", f"{cold:.3f} s : {base:.3f} s", cold / base, None)


def _cold(log: Path, env: Mapping[str, str], folder: Path) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        return run((*TOOL, "--log", str(log)), {**env, **_homes(Path(home))}, folder).cpu


def long_rows(env: Mapping[str, str], folder: Path, repeats: int, *, large: bool) -> Iterator[Row]:
    """What a log of 200 MB costs, and one of 1 GB."""
    log, literals = folder / "long.log", folder / "literals.txt"
    write_log(log, size=200 * MB)
    write_literals(literals)
    commands: dict[str, Sequence[str]] = {"log": (*TOOL, "--log", str(log), "--no-memory")}
    rg = shutil.which("rg")
    if rg:
        commands["rg"] = (rg, "--no-config", "-c", "-a", "-F", "-f", str(literals), str(log))
    got = medians(commands, repeats, env, folder)
    speed = log.stat().st_size / MB / got["log"].cpu
    if rg:
        yield Row("200 MB : rg -c -a -F -f LITERALS", _seconds(got, "log", "rg"), got["log"].cpu / got["rg"].cpu, 3)
    write_log(log, size=200 * MB, tools=EVERY_TOOL)
    every = medians(commands, 1, env, folder)
    if rg:
        yield Row(
            f"  when {EVERY_TOOL} tools speak in one log",
            _seconds(every, "log", "rg"),
            every["log"].cpu / every["rg"].cpu,
            None,
        )
    write_log(log, size=200 * MB)
    yield Row("  MB a second", f"{speed:.0f} MB/s", speed, None)
    yield Row("  peak memory, MB", f"{got['log'].peak:.0f} MB", got["log"].peak, 120)
    if not large:
        return
    huge = folder / "huge.log"
    grow(log, huge, 5)
    cost = medians({"log": (*TOOL, "--log", str(huge), "--no-memory")}, 1, env, folder)["log"]
    share = cost.cpu / 5 / got["log"].cpu
    yield Row("1 GB : five times 200 MB", f"{cost.cpu:.2f} s : {5 * got['log'].cpu:.2f} s", share, 1.2)
    yield Row("  peak memory, MB", f"{cost.peak:.0f} MB", cost.peak, 120)


def _seconds(got: Mapping[str, Cost], one: str, other: str) -> str:
    return f"{got[one].cpu:.3f} s : {got[other].cpu:.3f} s"


def _homes(home: Path) -> dict[str, str]:
    return {"HOME": str(home), **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "DATA", "CONFIG")}}


def environment(folder: Path) -> dict[str, str]:
    """Make an environment in which nothing of this user's is read or written, and bytecode is cached for all."""
    dropped = ("GITHUB_", "CI_DIAGNOSE_", "RUNNER_", "PYTHONDONTWRITEBYTECODE", "RIPGREP_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(dropped) and name != "CI"}
    paths = [str(ROOT), str(ROOT / "agents"), *env.get("PYTHONPATH", "").split(os.pathsep)]
    return {
        **env,
        **_homes(folder / "home"),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "NO_COLOR": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }


def main() -> int:
    """Measure, print, and with --check say whether every budget is kept."""
    parser = argparse.ArgumentParser(description="How fast ci-diagnose is, as ratios to public tools.")
    parser.add_argument("--large", action="store_true", help="also a log of 1 GB (needs 1.2 GB of disk)")
    parser.add_argument("--short", action="store_true", help="only start and 1,000 lines")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a budget is exceeded")
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "agents")]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="speed-") as name:
        folder = Path(name)
        env = environment(folder)
        rows += start_rows(env, folder, options.repeats)
        rows += short_rows(env, folder, options.repeats)
        if not options.short:
            rows += long_rows(env, folder, options.repeats, large=options.large)
    print(f"{'processor time':48} {'':22} {'ratio':>8} {'budget':>8}")
    for row in rows:
        budget = "" if row.budget is None else f"{row.budget:8.1f} {'' if row.kept else 'EXCEEDED'}"
        print(f"{row.what:48} {row.value:>22} {row.ratio:8.2f} {budget}")
    return int(options.check and not all(row.kept for row in rows))


if __name__ == "__main__":
    sys.exit(main())
