"""Sets a fresh machine up and does one job: `python3 tools/dev.py try`, `python3 tools/dev.py check [NAME...]`.

It needs Python 3.11 or newer and the package index, nothing else: uv is taken from PATH, or installed beside the build. The
file itself is written so that an older Python can read it, and look for a newer one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
BIN = ROOT / ".venv" / "bin"
EXAMPLE = ROOT / "examples" / "failing.log"
OLDEST = (3, 11)
KNOWN_MINORS = (14, 13, 12, 11)


class FailedError(Exception):
    """A check that does not pass; the message says what was wanted."""


def environment() -> dict[str, str]:
    """Return what surrounds every child: another environment's settings would mislead uv, mypy and pytest."""
    return {
        name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    }


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run a command, its output shown; raise FailedError when it fails."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment(), check=False)
    if done.returncode:
        raise FailedError(
            f"exit {done.returncode}: {' '.join(Path(str(command[0])).name if word is command[0] else str(word) for word in command)}"
        )


def python() -> str:
    """Find a Python that is new enough: this one, or a newer one on PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in KNOWN_MINORS:
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise SystemExit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])


def uv() -> str:
    """Find uv, or install it into a virtual environment of its own."""
    on_path = shutil.which("uv")
    if on_path and subprocess.run([on_path, "--version"], capture_output=True, check=False).returncode == 0:
        return on_path
    own = BUILD / "uv" / "bin" / "uv"
    if not own.exists():
        print("uv is not on PATH: installing it into build/uv", flush=True)
        run(python(), "-m", "venv", BUILD / "uv")
        run(BUILD / "uv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")
    return str(own)


def set_up(*options: str) -> None:
    """Install what uv.lock says into .venv."""
    which = () if (BIN / "python").exists() else ("--python", python())
    run(uv(), "sync", "--frozen", "--quiet", *options, *which)


def try_it() -> int:
    """Diagnose the bundled log of a failed run."""
    set_up("--no-dev", "--inexact")
    done = subprocess.run(
        [BIN / "ci-diagnose", "--log", EXAMPLE.relative_to(ROOT), "--no-memory"],
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    return 0 if done.returncode == 1 else done.returncode or 1  # 1 says that a failure was found: the log holds one


def wheel() -> None:
    """Build sdist and wheel; the wheel alone does the main job in an empty environment, also beside another `agents`."""
    dist, smoke = BUILD / "dist", BUILD / "smoke"
    shutil.rmtree(dist, ignore_errors=True)
    run(uv(), "build", "--quiet", "--out-dir", dist)
    run(uv(), "venv", "--quiet", "--clear", "--python", BIN / "python", smoke)
    (built,) = dist.glob("*.whl")
    run(uv(), "pip", "install", "--quiet", "--python", smoke / "bin" / "python", built)
    used(smoke)
    print("the wheel alone: ok", flush=True)
    other = [uv(), "pip", "install", "--quiet", "--python", str(smoke / "bin" / "python"), "openai-agents"]
    got = subprocess.run(other, env=environment(), capture_output=True, text=True, check=False)
    if got.returncode:
        print(
            "beside openai-agents: skipped, it could not be installed:",
            (got.stderr.strip().splitlines() or ["no reason given"])[-1],
            flush=True,
        )
        return
    run(smoke / "bin" / "python", "-c", "from agents import Agent; import diagnose, diagnose_agents")
    used(smoke)
    print("beside openai-agents: ok", flush=True)


def used(smoke: Path) -> None:
    """Use the installed tool from an empty folder, and look at its answer."""
    with tempfile.TemporaryDirectory() as empty:
        tool = str(smoke / "bin" / "ci-diagnose")
        run(tool, "patterns", "lint", cwd=Path(empty))
        asked = [tool, "--log", str(EXAMPLE), "--no-memory", "--format", "json"]
        got = subprocess.run(asked, cwd=empty, env=environment(), capture_output=True, text=True, check=False)
    if got.returncode != 1:
        raise FailedError(f"the installed tool exits {got.returncode}, not 1: {got.stderr.strip()}")
    answer = json.loads(got.stdout)
    cause = answer["root_cause"] or {}
    if (
        answer["status"] != "failed"
        or cause.get("rule") != "pytest/assertion"
        or "assert 6000 == 5500" not in cause["evidence"][0]["text"]
    ):
        raise FailedError(f"the installed tool does not see the cause: {answer['status']}, {cause.get('rule')}")
    runs = {one["name"]: one["status"] for one in answer["agents"]}
    if set(runs) != agents() or not set(runs.values()) <= {"ok", "skipped"}:
        raise FailedError(f"the installed tool's agents: {runs}")


def agents() -> set[str]:
    """Name the agents that the project comes with."""
    import tomllib  # an older Python has none, and must be able to read this file

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return set(project["entry-points"]["ci_diagnose.agents"])


def tests() -> None:
    """Run the suite, a process a core and a file in one of them, and measure what it covers."""
    run(BIN / "pytest", "-n", "logical", "--dist", "loadfile", "--cov", "--cov-report=term:skip-covered", "-rs")


PACKAGES = ("diagnose", "diagnose_agents", "tests", "tools")
MODULES = ("benchmarks.speed", "benchmarks.rule_precision", "benchmarks.many_rules")
TYPED = (*(word for name in PACKAGES for word in ("-p", name)), *(word for name in MODULES for word in ("-m", name)))

CHECKS: dict[str, Callable[[], None]] = {
    "ruff": lambda: run(BIN / "ruff", "check", "."),
    "format": lambda: run(BIN / "ruff", "format", "--check", "--quiet", "."),
    "mypy": lambda: run(BIN / "mypy", *TYPED),
    "imports": lambda: run(BIN / "lint-imports", "--no-logo"),
    "pages": lambda: run(BIN / "python", "tools/pages.py", "--check"),
    "patterns": lambda: run(BIN / "ci-diagnose", "patterns", "lint", "patterns"),
    "action": lambda: run(BIN / "python", "tools/action.py", "check"),
    "wheel": wheel,
    "tests": tests,  # last: pytest's closing line ends the output of a run in which all is well
}


def check(names: Sequence[str]) -> int:
    """Run all checks, or those named, to the end; say which do not pass."""
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"there is no check {unknown[0]!r}; there are {', '.join(CHECKS)}")
        return 2
    set_up()
    failed: list[str] = []
    for name, look in CHECKS.items():
        if names and name not in names:
            continue
        print(f"\n--- {name}", flush=True)
        start = time.monotonic()
        try:
            look()
        except FailedError as error:
            failed.append(name)
            print(f"{name} does not pass: {error}", flush=True)
        if name != "tests":
            print(f"{time.monotonic() - start:.1f} s", flush=True)
    if failed:
        print(f"\nnot passed: {', '.join(failed)}")
    return 1 if failed else 0


def main(arguments: Sequence[str]) -> int:
    """Do the job that is named."""
    if list(arguments) == ["try"]:
        return try_it()
    if arguments and arguments[0] == "check":
        return check(arguments[1:])
    print(__doc__)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FailedError as failure:
        sys.exit(f"not set up: {failure}")
