"""Keeps the action and the example workflows true.

    python tools/action.py lock           writes action/requirements.txt and action/uv.txt from uv.lock
    python tools/action.py check          says whether they are fresh; asks zizmor at its strictest and actionlint; installs as the action does
    python tools/action.py install        that last alone: with uv and without, and the tool that is then there does its job
    python tools/action.py pin COMMIT     lets the examples and the pages name the action by that commit

What the action installs is pinned by hash, and comes from the lock that the tests ran with.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.dev import BIN, FailedError, environment, run, uv  # noqa: E402 - run as a script: the checkout's root is not where imports are looked for

EXAMPLES: Final = ROOT / "examples" / "workflows"
NAME: Final = "ci-diagnose/ci-diagnose"
USED: Final = re.compile(re.escape(NAME) + r"(?P<part>/setup)?@(?P<commit>[0-9a-f]{40})(?![0-9a-f])")
HEAD: Final = "# Made by tools/action.py from uv.lock: change that, then run `python tools/action.py lock`.\n"
LOCKS: Final = {
    "requirements.txt": ("--no-dev", "--group", "action", "--no-emit-project", "--no-emit-package", "uv"),
    "uv.txt": ("--only-group", "action", "--prune", "hatchling"),
}


def locked(options: tuple[str, ...]) -> str:
    """Return packages with their hashes as uv.lock holds them; asks no index."""
    command = [
        uv(),
        "export",
        "--frozen",
        "--offline",
        "--quiet",
        "--no-header",
        "--no-annotate",
        "--format",
        "requirements.txt",
        *options,
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise FailedError(f"uv export: {done.stderr.strip()}")
    return HEAD + done.stdout


def lock(*, write: bool) -> None:
    """Write what is stale, or raise FailedError."""
    for name, options in LOCKS.items():
        path, text = ROOT / "action" / name, locked(options)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if not write:
            raise FailedError(f"action/{name} is stale: python tools/action.py lock")
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"action/{name}: written")


def workflows() -> list[Path]:
    """Return the workflow files: this project's own, and the examples."""
    return sorted([*(ROOT / ".github" / "workflows").glob("*.yml"), *EXAMPLES.glob("*.yml")])


def pages() -> list[Path]:
    """Return the files that name the action by a commit."""
    return sorted([*EXAMPLES.glob("*.yml"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"])


def pins() -> set[str]:
    """Return the commits by which examples and pages name the action: one, when all is well."""
    return {found["commit"] for path in pages() for found in USED.finditer(path.read_text(encoding="utf-8"))}


def pin(commit: str) -> None:
    """Name the action by `commit` everywhere."""
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise FailedError("pin takes a whole commit: git rev-parse HEAD")
    for path in pages():
        text = path.read_text(encoding="utf-8")
        path.write_text(
            USED.sub(lambda found: f"{NAME}{found['part'] or ''}@{commit}", text), encoding="utf-8", newline="\n"
        )


def as_local(folder: Path) -> list[Path]:
    """Copy the actions and the examples into `folder` as one repository that names the action by its path: actionlint then knows its inputs."""
    for name in ("action.yml", "setup/action.yml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    copies = folder / ".github" / "workflows"
    copies.mkdir(parents=True)
    for path in EXAMPLES.glob("*.yml"):
        (copies / path.name).write_text(
            USED.sub(lambda found: "." + (found["part"] or "/"), path.read_text(encoding="utf-8")), encoding="utf-8"
        )
    subprocess.run(["git", "init", "--quiet", str(folder)], env=environment(), check=True)
    return sorted(copies.glob("*.yml"))


def files() -> list[str]:
    """List what the repository holds: by git where this is a checkout of it, else what an unpacked source archive has."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode == 0 and found.stdout:
        return [name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()]
    made = {".git", ".venv", "build", "dist", "__pycache__"}
    paths = (path for path in ROOT.rglob("*") if path.is_file() and made.isdisjoint(path.relative_to(ROOT).parts))
    return [str(path.relative_to(ROOT)) for path in paths]


def install() -> None:
    """Install as on a fresh runner, once with uv and once with Python alone; raise FailedError when the tool is not there or does not work."""
    listed = files()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in listed:
            (place / "action" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / "action" / name)
        for how in ("with uv", "without uv"):
            _installed(place, how)
        packages = place / "action" / "action" / "requirements.txt"
        packages.write_text(
            re.sub(r"(?<=--hash=sha256:)[0-9a-f]{64}", "0" * 64, packages.read_text(encoding="utf-8")), encoding="utf-8"
        )
        try:
            _installed(place, "with uv, other files")
        except FailedError as error:
            if "Hash mismatch" not in str(error):
                raise
            print("files with other hashes: refused", flush=True)
            return
        raise FailedError("install.sh installs packages whose hashes are not those of the lock")


def _installed(place: Path, how: str) -> None:
    temp = place / how
    commands = temp / "bin"
    commands.mkdir(parents=True)
    names = {
        "python3": sys.executable,
        **{name: shutil.which(name) for name in ("bash", "sed", "dirname", "mkdir", "rm", "ln", "env")},
    }
    if how.startswith("with uv"):
        names["uv"] = uv()
    for name, path in names.items():
        if path:
            (commands / name).write_text(f'#!/bin/sh\nexec "{path}" "$@"\n', encoding="utf-8")
            (commands / name).chmod(0o755)
    own = {name: value for name, value in environment().items() if not name.startswith(("CI_DIAGNOSE_", "GITHUB_"))}
    env = own | {
        "PATH": str(commands),
        "RUNNER_TEMP": str(temp),
        "RUNNER_OS": "Linux",
        "GITHUB_OUTPUT": str(temp / "output"),
        "DIAGNOSE_INSTALL": "always",
    }
    start = time.monotonic()
    done = subprocess.run(
        [str(commands / "bash"), str(place / "action" / "action" / "install.sh")],
        cwd=temp,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedError(f"install.sh {how}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    took = time.monotonic() - start
    tool = next(
        line.removeprefix("tool=")
        for line in (temp / "output").read_text(encoding="utf-8").splitlines()
        if line.startswith("tool=")
    )
    asked = [tool, "--log", str(ROOT / "examples" / "failing.log"), "--no-memory", "--format", "brief"]
    said = subprocess.run(asked, cwd=temp, env=env, capture_output=True, text=True, check=False)
    if said.returncode != 1 or "assert 6000 == 5500" not in said.stdout or not tool.startswith(str(temp)):
        raise FailedError(
            f"what install.sh installs {how} does not do its job: exit {said.returncode}\n{said.stdout}{said.stderr}"
        )
    print(f"installed {how}, every package by hash: ok, {took:.1f} s", flush=True)


def check() -> None:
    """Raise FailedError for a lock that is stale, several pins, a finding of zizmor or actionlint, or an installation that does not work."""
    lock(write=False)
    if len(pins()) != 1:
        raise FailedError(
            f"examples and pages name the action by {len(pins())} commits: python tools/action.py pin COMMIT"
        )
    run(
        BIN / "zizmor",
        "--offline",
        "--no-progress",
        "--quiet",
        "--strict-collection",
        "--persona=auditor",
        "action.yml",
        "setup/action.yml",
        *workflows(),
    )
    print("zizmor, as an auditor: no finding", flush=True)
    run(BIN / "actionlint", *workflows())
    with tempfile.TemporaryDirectory() as folder:
        run(BIN / "actionlint", *as_local(Path(folder)), cwd=Path(folder))
    print("actionlint: no finding", flush=True)
    install()


def main(arguments: list[str]) -> int:
    """Do the job that is named."""
    match arguments:
        case ["lock"]:
            lock(write=True)
        case ["check"]:
            check()
        case ["install"]:
            install()
        case ["pin", commit]:
            pin(commit)
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FailedError as failure:
        sys.exit(f"action: {failure}")
