"""Facts of the checkout at hand, asked of git: its repository on GitHub, its branch, its commit, its change against a base.

git is run without hooks, file monitors, external diff programs or textconv filters, and without a terminal: a checkout may be hostile,
its configuration included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from diagnose.kit.process import plain_environment
from diagnose.kit.regex import regex
from diagnose.model.incident import Change, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.patch import changed_file
from diagnose.sources.refusal import Refusal
from diagnose.sources.target import REPOSITORY, SHA, is_branch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from diagnose.kit.process import Completed
    from diagnose.model.incident import Absence, ChangedFile

GIT: Final = (
    "git", "--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.file.allow=never",
    "-c", "core.symlinks=false", "-c", "core.quotePath=false", "-c", "core.attributesFile=/dev/null",
)  # fmt: skip
DIFF: Final = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--find-renames",
    "--ignore-submodules=all",
    "--full-index",
)
SECONDS: Final = 30.0
DIFF_BYTES: Final = 32 << 20
ADDRESS: Final = regex(
    r"(?:https?://(?:[^@/\s]*@)?|ssh://(?:[^@/\s]*@)?|git://|(?:[^@/\s:]+@))(?P<host>[A-Za-z0-9.-]+)(?::\d+)?[:/]+(?P<path>[^\s?#]+?)(?:\.git)?/?"
)
STATUSES: Final = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


class Run(Protocol):
    """A process runner: `diagnose.kit.process.run` or a test's."""

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        timeout: float,  # noqa: ASYNC109 - as in kit.process
        env: Mapping[str, str],
        cwd: Path | None = None,
        cap: int = DIFF_BYTES,
    ) -> Completed:
        """Run `argv` to its end."""


@dataclass(frozen=True, slots=True)
class Here:
    """A checkout. repository: "owner/name" on GitHub, "" when no remote is there; branch: "" when the head is detached."""

    root: Path
    head_sha: str
    branch: str
    repository: str
    host: str = "github.com"


class Git:
    """Asks git in one folder. env: the process's own; the child gets an allow-list of it, without tokens."""

    def __init__(self, folder: Path, run: Run, env: Mapping[str, str]) -> None:
        self._folder = folder
        self._run = run
        self._env = plain_environment(env) | {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C",
        }

    async def ask(self, *arguments: str) -> Completed:
        """Run `git` with `arguments`."""
        return await self._run([*GIT, *arguments], timeout=SECONDS, env=self._env, cwd=self._folder, cap=DIFF_BYTES)

    async def line(self, *arguments: str) -> str:
        """Return git's answer of one line, "" when it has none."""
        done = await self.ask(*arguments)
        return done.stdout.decode("utf-8", "replace").strip() if done.status == "ended" and done.returncode == 0 else ""


def repository_of(address: str) -> tuple[str, str] | None:
    """Return (host, "owner/name") of a remote's address; None when it has no such form. A user in it is dropped."""
    found = ADDRESS.fullmatch(address.strip())
    if found is None or not REPOSITORY.fullmatch(found["path"].strip("/")):
        return None
    host = found["host"].lower()
    return "github.com" if host == "ssh.github.com" else host, found["path"].strip("/")


async def look(
    folder: Path, *, run: Run, env: Mapping[str, str], hosts: Sequence[str] = ("github.com",), named: str = ""
) -> Here | Refusal:
    """Return the facts of the checkout around `folder`.

    hosts: those that count as GitHub. named: the repository that the user gave; then remotes are not looked at for one. Several
    remotes with different repositories are a Refusal, unless `gh repo set-default` chose one.
    """
    from pathlib import Path

    git = Git(folder, run, env)
    root = await git.ask("rev-parse", "--show-toplevel")
    if root.status == "not-found":
        return Refusal(
            "usage",
            phrase("git is not installed, and this folder's branch and repository are asked of it."),
            "--repo OWNER/NAME --pr N",
        )
    if root.status != "ended" or root.returncode != 0:
        return Refusal(
            "usage",
            phrase("this folder is not a git checkout, so there is no branch to look at."),
            "--repo OWNER/NAME --pr N    or --log FILE",
        )
    top = Path(root.stdout.decode("utf-8", "surrogateescape").removesuffix("\n"))
    sha = await git.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    branch = await git.line("symbolic-ref", "--short", "--quiet", "HEAD")
    if named:
        return Here(top, sha, branch, named)
    found = await _remotes(git, hosts)
    if isinstance(found, Refusal):
        return found
    host, repository = found
    return Here(top, sha, branch, repository, host)


async def _remotes(git: Git, hosts: Sequence[str]) -> tuple[str, str] | Refusal:
    listed = await git.line("config", "--get-regexp", r"^remote\..*\.url$")
    remotes: dict[str, tuple[str, str]] = {}
    for line in listed.splitlines():
        key, _, address = line.partition(" ")
        place = repository_of(address)
        if place is not None and place[0] in hosts:
            remotes.setdefault(key.removeprefix("remote.").removesuffix(".url"), place)
    different = {place[1].lower(): place for place in remotes.values()}
    if not different:
        return hosts[0], ""
    if len(different) == 1:
        return next(iter(different.values()))
    chosen = [remotes.get(name) for name in (await _gh_default(git), "upstream", "origin")]
    if chosen[0] is not None:
        return chosen[0]
    names = [place[1] for place in different.values()]
    preferred = next((place for place in chosen if place is not None), next(iter(remotes.values())))[1]
    words = {2: "two", 3: "three"}.get(len(names), str(len(names)))
    return Refusal(
        "ambiguous",
        phrase(f"this folder has {words} GitHub remotes, {', '.join(names[:-1])} and {names[-1]}."),
        f"--repo {preferred}",
    )


async def _gh_default(git: Git) -> str:
    """Return the remote that `gh repo set-default` chose, "" when none was."""
    key, _, value = (await git.line("config", "--get-regexp", r"^remote\..*\.gh-resolved$")).partition(" ")
    return key.removeprefix("remote.").removesuffix(".gh-resolved") if value == "base" else ""


def _missing(kind: Absence, why: str, remedy: str = "") -> Missing:
    return Missing(phrase("the change in this checkout"), kind, phrase(why), remedy)


async def local_change(
    folder: Path, base: str, *, run: Run, env: Mapping[str, str], head: str = "HEAD"
) -> Change | Missing:
    """Return the change from where `head` left `base` (a branch or a SHA) to `head`, committed work only."""
    if not (is_branch(base) or SHA.fullmatch(base)) or not (is_branch(head) or SHA.fullmatch(head)):
        return Missing(
            phrase("the change against ", Untrusted(base)),
            "unreadable",
            phrase(Untrusted(base), " is not a branch's name."),
        )
    git = Git(folder, run, env)
    tip = await git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{head}^{{commit}}")
    start = await _base(git, base)
    if not tip or not start:
        return _missing(
            "unreadable",
            "this checkout does not have both commits: it may be a shallow clone.",
            "git fetch --unshallow    or fetch-depth: 0",
        )
    fork = await git.line("merge-base", start, tip)
    if not fork:
        return _missing(
            "unreadable",
            "the two commits have no common ancestor here: it may be a shallow clone.",
            "git fetch --unshallow    or fetch-depth: 0",
        )
    names = await git.ask(*DIFF, "--raw", "-z", fork, tip, "--")
    patch = await git.ask(*DIFF, "--patch", "--unified=3", fork, tip, "--")
    if any(done.status != "ended" or done.returncode != 0 for done in (names, patch)) or names.truncated:
        return _missing("unreadable", "git did not give the change.")
    files = _files(names.stdout, patch.stdout)
    return Change(files, not patch.truncated, tip, fork)


async def _base(git: Git, base: str) -> str:
    for name in (f"refs/remotes/origin/{base}", f"refs/remotes/upstream/{base}", f"refs/heads/{base}", base):
        found = await git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found:
            return found
    return ""


def _files(raw: bytes, patch: bytes) -> tuple[ChangedFile, ...]:
    """Pair names with patches: names come NUL-separated and whole, patches in the same order, each after a "diff --git" line."""
    entries = _entries(raw.decode("utf-8", "replace").split("\0"))
    sections = re.split(r"(?m)^diff --git .*\n", patch.decode("utf-8", "replace"))[1:]
    if len(sections) != len(entries):  # the patch was cut
        sections = (
            [*sections[:-1], *[""] * (len(entries) - len(sections) + 1)]
            if len(sections) < len(entries)
            else [""] * len(entries)
        )
    files = []
    for (status, path, previous), section in zip(entries, sections, strict=True):
        at = section.find("@@ ") if section.startswith("@@ ") else section.find("\n@@ ") + 1
        body = section[at:] if at > 0 or section.startswith("@@ ") else None
        files.append(changed_file(path, status, previous, body))
    return tuple(files)


def _entries(parts: Sequence[str]) -> list[tuple[str, str, str | None]]:
    """Read `git diff --raw -z`: ":modes shas STATUS", path, and for renames and copies a second path."""
    entries: list[tuple[str, str, str | None]] = []
    place = 0
    while place + 1 < len(parts) and parts[place].startswith(":"):
        letter = parts[place].rsplit(" ", 1)[-1][:1]
        two = letter in ("R", "C")
        path = parts[place + 2] if two else parts[place + 1]
        entries.append((STATUSES.get(letter, "changed"), path, parts[place + 1] if two else None))
        place += 3 if two else 2
    return entries
