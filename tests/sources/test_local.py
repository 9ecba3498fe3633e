from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from diagnose.kit.process import Completed, run
from diagnose.model.incident import Change, ChangedFile, Hunk, Missing
from diagnose.sources.local import Here, local_change, look, repository_of
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]

WHO = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **WHO},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "kept.txt").write_text("".join(f"line {number}\n" for number in range(1, 21)))
    (tmp_path / "old name.py").write_text("".join(f"value_{number} = {number}\n" for number in range(40)))
    (tmp_path / "gone.txt").write_text("gone\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "base")
    return tmp_path


def messages(refusal: Refusal) -> str:
    return "".join(part if isinstance(part, str) else part._text for part in refusal.message.parts)


REMOTES = {
    "https://github.com/acme/app.git": ("github.com", "acme/app"),
    "https://github.com/acme/app/": ("github.com", "acme/app"),
    "https://token@github.com/acme/app": ("github.com", "acme/app"),
    "git@github.com:acme/app.git": ("github.com", "acme/app"),
    "ssh://git@ssh.github.com:443/acme/app.git": ("github.com", "acme/app"),
    "ssh://git@ghe.example.com/acme/app.git": ("ghe.example.com", "acme/app"),
    "https://GitHub.com/acme/a.b_c": ("github.com", "acme/a.b_c"),
    "https://github.com/acme": None,
    "https://github.com/acme/app/extra": None,
    "https://github.com/acme/..": None,
    "/srv/git/app.git": None,
    "file:///srv/app": None,
    "ext::sh -c id": None,
    "": None,
}


@pytest.mark.parametrize("address", REMOTES)
async def test_the_repository_of_a_remote(address: str) -> None:
    assert repository_of(address) == REMOTES[address]


async def test_a_folder_that_is_no_checkout(tmp_path: Path) -> None:
    found = await look(tmp_path, run=run, env=os.environ)
    assert isinstance(found, Refusal)
    assert found.kind == "usage"


async def test_git_is_not_installed(tmp_path: Path) -> None:
    async def nothing(
        argv: Sequence[str],
        *,
        timeout: float,  # noqa: ASYNC109 - as in kit.process
        env: Mapping[str, str],
        cwd: Path | None = None,
        cap: int = 0,
    ) -> Completed:
        return Completed("not-found")

    found = await look(tmp_path, run=nothing, env={})
    assert isinstance(found, Refusal)
    assert "git is not installed" in messages(found)


async def test_one_repository_under_two_remotes(checkout: Path) -> None:
    git(checkout, "remote", "add", "origin", "https://github.com/acme/app.git")
    git(checkout, "remote", "add", "ssh", "git@github.com:Acme/App.git")
    git(checkout, "remote", "add", "heroku", "https://git.heroku.com/a/b.git")
    (checkout / "sub").mkdir()
    found = await look(checkout / "sub", run=run, env=os.environ)
    assert isinstance(found, Here)
    assert (str(found.root), found.head_sha) == (
        git(checkout, "rev-parse", "--show-toplevel"),
        git(checkout, "rev-parse", "HEAD"),
    )
    assert (found.branch, found.repository.lower()) == ("main", "acme/app")


async def test_two_repositories_are_a_refusal(checkout: Path) -> None:
    git(checkout, "remote", "add", "origin", "https://github.com/acme/app.git")
    git(checkout, "remote", "add", "fork", "git@github.com:me/app.git")
    found = await look(checkout, run=run, env=os.environ)
    assert isinstance(found, Refusal)
    assert (found.kind, found.remedy) == ("ambiguous", "--repo acme/app")
    assert messages(found) == "this folder has two GitHub remotes, acme/app and me/app."


async def test_the_choice_made_with_gh_counts(checkout: Path) -> None:
    git(checkout, "remote", "add", "origin", "https://github.com/me/app.git")
    git(checkout, "remote", "add", "upstream", "https://github.com/acme/app.git")
    git(checkout, "config", "remote.upstream.gh-resolved", "base")
    found = await look(checkout, run=run, env=os.environ)
    assert isinstance(found, Here)
    assert found.repository == "acme/app"


async def test_a_named_repository_needs_no_remote_and_a_detached_head_has_no_branch(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "--detach")
    found = await look(checkout, run=run, env=os.environ, named="acme/app")
    assert isinstance(found, Here)
    assert (found.branch, found.repository) == ("", "acme/app")


async def test_no_remote_and_no_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    found = await look(tmp_path, run=run, env=os.environ)
    assert isinstance(found, Here)
    assert (found.head_sha, found.branch, found.repository) == ("", "main", "")


async def test_the_change_against_a_base(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "-b", "topic")
    lines = (checkout / "kept.txt").read_text().splitlines(keepends=True)
    (checkout / "kept.txt").write_text("".join([*lines[:4], "new 5\n", "new 6\n", *lines[5:15], *lines[16:]]))
    git(checkout, "mv", "old name.py", "new\tname.py")
    (checkout / "gone.txt").unlink()
    (checkout / "bytes.bin").write_bytes(b"\0\1\2")
    (checkout / "tricky").write_text("diff --git a/x b/x\n@@ -1 +1 @@\n")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "topic")
    git(checkout, "checkout", "-q", "main")
    (checkout / "gone.txt").write_text("moved on\n")
    git(checkout, "commit", "-q", "-am", "main moves on")
    git(checkout, "checkout", "-q", "topic")
    found = await local_change(checkout, "main", run=run, env=os.environ)
    assert isinstance(found, Change)
    files = {file.path: file for file in found.files}
    assert files["kept.txt"].hunks == (Hunk(5, 6),)
    assert files["kept.txt"].added == ((5, "new 5"), (6, "new 6"))
    assert files["kept.txt"].removed == ("line 5", "line 16")
    assert files["new\tname.py"] == ChangedFile("new\tname.py", "renamed", "old name.py", ())
    assert (files["gone.txt"].status, files["gone.txt"].removed) == ("removed", ("gone",))
    assert files["bytes.bin"] == ChangedFile("bytes.bin", "added")
    assert files["tricky"].hunks == (Hunk(1, 2),)
    assert found.complete


async def test_a_hostile_checkout_runs_nothing(checkout: Path) -> None:
    mark = checkout / "ran"
    script = checkout / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat \"$1\" 2>/dev/null\n")
    script.chmod(0o755)
    for name in ("diff.external", "core.fsmonitor", "core.pager", "diff.evil.textconv", "diff.evil.command"):
        git(checkout, "config", name, str(script))
    (checkout / ".gitattributes").write_text("*.txt diff=evil\n")
    git(checkout, "-c", "core.fsmonitor=false", "checkout", "-q", "-b", "topic")
    (checkout / "kept.txt").write_text("other\n")
    git(checkout, "-c", "core.fsmonitor=false", "add", "-A")
    git(checkout, "-c", "core.fsmonitor=false", "commit", "-q", "-m", "topic")
    mark.unlink(missing_ok=True)
    assert isinstance(await look(checkout, run=run, env=os.environ), Here)
    found = await local_change(checkout, "main", run=run, env=os.environ)
    assert isinstance(found, Change)
    assert "kept.txt" in {file.path for file in found.files}
    assert not mark.exists()


@pytest.mark.parametrize("base", ["--output=x", "a..b", "no-such-branch", "", "abcdef0123"])
async def test_a_base_that_is_not_there(checkout: Path, base: str) -> None:
    assert isinstance(await local_change(checkout, base, run=run, env=os.environ), Missing)
    assert not (checkout / "x").exists()


async def test_commits_without_a_common_ancestor(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "--orphan", "other")
    git(checkout, "commit", "-q", "-m", "other")
    assert isinstance(await local_change(checkout, "main", run=run, env=os.environ), Missing)


async def test_a_patch_that_is_cut_keeps_the_names(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "-b", "topic")
    for name in "abc":
        (checkout / name).write_text("x\n" * 50)
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "topic")

    async def short(
        argv: Sequence[str],
        *,
        timeout: float,  # noqa: ASYNC109 - as in kit.process
        env: Mapping[str, str],
        cwd: Path | None = None,
        cap: int = 0,
    ) -> Completed:
        return await run(argv, timeout=timeout, env=env, cwd=cwd, cap=400 if "--patch" in argv else cap)

    found = await local_change(checkout, "main", run=short, env=os.environ)
    assert isinstance(found, Change)
    assert not found.complete
    assert [file.path for file in found.files] == ["a", "b", "c"]
    assert found.files[2].hunks is None
