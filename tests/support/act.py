"""Runs a workflow for real, under act in host mode: on this machine, without containers, with GitHub's API on the loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.action import USED
from tools.dev import BIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).resolve().parents[2]
ACT = BIN / "act"
NEEDED = ("action.yml", "setup", "action", "diagnose/version.py")
TOKEN = "ghs_made-up-for-act"


@dataclass(frozen=True)
class Ran:
    """What one run of act came to. lines: its objects of JSON, one a line of its output; summary: of each job, by the job's name."""

    code: int
    lines: tuple[dict[str, Any], ...]
    everything: str

    def of(self, job: str) -> list[dict[str, Any]]:
        """The lines of jobs whose name, as act shows it, holds `job`."""
        return [each for each in self.lines if job in str(each.get("job", "")).split("/")[-1]]

    def results(self) -> dict[str, str]:
        """Each job's result by its name."""
        return {each["job"].split("/")[-1].strip(): each["jobResult"] for each in self.lines if "jobResult" in each}

    def step(self, job: str, step: str) -> str:
        """A step's result, "" when it did not run."""
        found = [
            each["stepResult"]
            for each in self.of(job)
            if "stepResult" in each
            and each["msg"].strip()[2:].strip().startswith(("Success - Main " + step, "Failure - Main " + step))
        ]
        return found[-1] if found else ""

    def outputs(self, job: str) -> dict[str, str]:
        """The outputs that steps of a job set, the last value of each name."""
        return {each["name"]: each["arg"] for each in self.of(job) if each.get("command") == "set-output"}

    def commands(self, job: str, *names: str) -> list[dict[str, Any]]:
        """The workflow commands that act obeyed."""
        return [each for each in self.of(job) if each.get("command") in names]

    def summary(self, job: str) -> str:
        """The job's summary. act tells it again for the action as a whole."""
        return next((each["content"] for each in reversed(self.of(job)) if each.get("command") == "summary"), "")

    def said(self, job: str) -> str:
        """The raw output of the job's steps."""
        return "".join(
            each["msg"] for each in self.of(job) if "command" not in each and str(each.get("msg", "")).endswith("\n")
        )


class Stage:
    """A repository with one workflow, and a machine to run it on: a home of its own, and nothing of this one's settings."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.repository, self.action, self.bin = (
            folder,
            folder / "repository",
            folder / "action",
            folder / "bin",
        )
        self.origin = "https://github.com/acme/app.git"
        for each in (self.repository / ".github" / "workflows", self.action, self.bin, folder / "home"):
            each.mkdir(parents=True)
        for name in NEEDED:
            source, target = ROOT / name, self.action / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files of the repository."""
        for name, text in files.items():
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def again(self, files: Mapping[str, str]) -> None:
        """Begin the repository's history anew, with other files."""
        shutil.rmtree(self.repository / ".git")
        self.write(files)

    def environment(self) -> dict[str, str]:
        """What surrounds act: the tool and the commands of this test on PATH; nothing that names a GitHub, a token or a setting."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GITHUB_", "GH_", "CI_DIAGNOSE_", "PYTEST_", "ACTIONS_", "RUNNER_"))
        }
        return kept | {
            "HOME": str(self.folder / "home"), "XDG_CACHE_HOME": str(self.folder / "cache"), "XDG_CONFIG_HOME": str(self.folder / "conf"),
            "XDG_DATA_HOME": str(self.folder / "data"), "PATH": f"{self.bin}:{BIN}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig"),
        }  # fmt: skip

    def git(self, *words: str) -> None:
        """Run git in the repository."""
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        subprocess.run(
            ["git", *who, *words],
            cwd=self.repository,
            env=self.environment(),
            check=True,
            capture_output=True,
        )

    def run(
        self, workflow: str, event: str, payload: Mapping[str, Any], env: Mapping[str, str], options: Iterable[str] = ()
    ) -> Ran:
        """Commit what is there, and run a workflow's text for an event. env: for all steps, on top of what act sets."""
        self.write({".github/workflows/w.yml": workflow})
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=all")
        self.git("remote", "add", "origin", self.origin)
        told = self.folder / "event.json"
        told.write_text(json.dumps(payload), encoding="utf-8")
        local = {f"ci-diagnose/ci-diagnose@{found['commit']}={self.action}" for found in USED.finditer(workflow)}
        command = [
            str(ACT), event, "-e", str(told), "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--action-offline-mode", "--json", "-s", f"GITHUB_TOKEN={TOKEN}",
            *(word for name, value in env.items() for word in ("--env", f"{name}={value}")), *(word for each in local for word in ("--local-repository", each)), *options,
        ]  # fmt: skip
        done = subprocess.run(
            command,
            cwd=self.repository,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        lines = tuple(json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
        return Ran(done.returncode, lines, done.stdout + done.stderr)
