"""Where a checkout's repository keeps its configuration: believed only where the repository names the checkout in return."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from diagnose.sources.gitdir import MOST_BYTES, repository_config
from diagnose.sources.own_workflows import own_workflows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIG = '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:acme/app.git\n'
OF_SUBMODULE = (
    '[core]\n\tbare = false\n\tworktree = ../../../../lib/sub\n[remote "origin"]\n\turl = https://github.com/acme/sub\n'
)

GIT = "aside/.git"
KEPT = "main/.git/worktrees/aside"


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository `main` with a worktree `aside` and a submodule `main/lib/sub`, as git writes them."""
    write(tmp_path / "main/.git/config", CONFIG)
    kept = tmp_path / "main/.git/worktrees/aside"
    write(kept / "commondir", "../..\n")
    write(kept / "gitdir", f"{tmp_path}/aside/.git\n")
    write(tmp_path / "aside/.git", f"gitdir: {kept}\n")
    write(tmp_path / "main/.git/modules/lib/sub/config", OF_SUBMODULE)
    write(tmp_path / "main/lib/sub/.git", "gitdir: ../../.git/modules/lib/sub\n")
    return tmp_path


def put(path: Path, text: str | bytes) -> None:
    write(path, text)


def other_common(tree: Path) -> None:
    write(tree / "other/.git/config", CONFIG)
    write(tree / KEPT / "commondir", f"{tree}/other/.git\n")


def elsewhere(tree: Path) -> None:
    write(tree / "other/.git/config", CONFIG)
    write(tree / "aside/.git", f"gitdir: {tree}/other/.git\n")


def link_on_the_way(tree: Path) -> None:
    (tree / "aside/link").symlink_to(tree / "main/.git/worktrees")
    write(tree / "aside/.git", "gitdir: link/aside\n")


def linked_file(tree: Path) -> None:
    write(tree / "named", f"gitdir: {tree}/main/.git/worktrees/aside\n")
    (tree / "aside/.git").unlink()
    (tree / "aside/.git").symlink_to(tree / "named")


def linked_config(tree: Path) -> None:
    (tree / "main/.git/config").rename(tree / "config")
    (tree / "main/.git/config").symlink_to(tree / "config")


def pipe(tree: Path) -> None:
    (tree / "main/.git/worktrees/aside/commondir").unlink()
    os.mkfifo(tree / "main/.git/worktrees/aside/commondir")


HOSTILE: dict[str, Callable[[Path], None]] = {
    "no gitdir line": lambda tree: put(tree / GIT, "hello\n"),
    "empty": lambda tree: put(tree / GIT, ""),
    "nothing behind it": lambda tree: put(tree / GIT, "gitdir: \n"),
    "several lines": lambda tree: put(tree / GIT, f"gitdir: {tree}/{KEPT}\ngitdir: /etc\n"),
    "too long": lambda tree: put(tree / GIT, f"gitdir: {tree}/{'./' * 3000}{KEPT}\n"),
    "a zero byte": lambda tree: put(tree / GIT, b"gitdir: /a\0b\n"),
    "an escape sequence": lambda tree: put(tree / GIT, b"gitdir: /a\x1b[2Jb\n"),
    "another machine": lambda tree: put(tree / GIT, "gitdir: //evil.example/share/.git\n"),
    "another machine, as Windows writes it": lambda tree: put(tree / GIT, "gitdir: \\\\evil.example\\share\n"),
    "nothing there": lambda tree: put(tree / GIT, "gitdir: gone\n"),
    "a device": lambda tree: put(tree / GIT, "gitdir: /dev/zero\n"),
    "another repository": elsewhere,
    "a link on the way": link_on_the_way,
    "the file is a link": linked_file,
    "the configuration is a link": linked_config,
    "a pipe": pipe,
    "no way back": lambda tree: (tree / KEPT / "gitdir").unlink(),
    "a way back to another checkout": lambda tree: put(tree / f"{KEPT}/gitdir", f"{tree}/other/.git\n"),
    "commondir leads elsewhere": other_common,
    "commondir is empty": lambda tree: put(tree / f"{KEPT}/commondir", ""),
    "commondir is itself": lambda tree: put(tree / f"{KEPT}/commondir", ".\n"),
    "no configuration": lambda tree: (tree / "main/.git/config").unlink(),
    "a configuration without end": lambda tree: put(tree / "main/.git/config", b"#" * (MOST_BYTES + 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_trusted_gets_a_no(tree: Path, name: str) -> None:
    HOSTILE[name](tree)
    assert repository_config(tree / "aside") is None


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        OF_SUBMODULE.replace("../lib/sub", "../lib/other"),
        OF_SUBMODULE.replace("[core]", "[other]"),
        OF_SUBMODULE.replace("../../../../lib/sub", "/"),
        OF_SUBMODULE.replace("../../../../lib/sub", "//evil.example/lib/sub"),
        OF_SUBMODULE.replace("../../../../lib/sub", " " * 400_000 + "../../../../lib/sub"),
        OF_SUBMODULE.replace("../../../../lib/sub", '"' + "\\" * 400_000),
        "[core]\n" + "\tworktree =" * 40_000,
        "",
    ],
)
def test_a_submodule_s_folder_that_does_not_name_the_checkout_is_not_read(tree: Path, config: str) -> None:
    write(tree / "main/.git/modules/lib/sub/config", config)
    assert repository_config(tree / "main/lib/sub") is None


@pytest.mark.parametrize(
    ("checkout", "config"), [("main", CONFIG), ("aside", CONFIG), ("main/lib/sub", OF_SUBMODULE), ("nowhere", None)]
)
def test_a_folder_a_worktree_and_a_submodule(tree: Path, checkout: str, config: str | None) -> None:
    got = repository_config(tree / checkout)
    assert (got.decode() if got is not None else None) == config


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (GIT, "gitdir: ../main/.git/worktrees/aside\r\n"),
        (GIT, "gitdir: ../main/.git/worktrees/aside"),
        (f"{KEPT}/gitdir", "../../../../aside/.git\n"),
    ],
)
def test_paths_may_be_relative(tree: Path, path: str, text: str) -> None:
    write(tree / path, text)
    assert repository_config(tree / "aside") == CONFIG.encode()


@pytest.mark.parametrize("written", ['"../../../../lib/sub"', "../../../../lib/sub # here", "../../../../lib//sub/"])
def test_the_worktree_setting_is_read_as_git_reads_it(tree: Path, written: str) -> None:
    config = OF_SUBMODULE.replace("../../../../lib/sub", written)
    write(tree / "main/.git/modules/lib/sub/config", config)
    assert repository_config(tree / "main/lib/sub") == config.encode()


def test_a_saved_log_in_a_worktree_and_in_a_submodule_that_git_made_gets_the_workflow_files(tmp_path: Path) -> None:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

    def git(folder: str, *words: str) -> None:
        say = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]
        subprocess.run(["git", "-C", str(tmp_path / folder), *say, *words], check=True, capture_output=True, env=env)

    for name in ("app", "sub"):
        write(tmp_path / name / ".github/workflows/ci.yml", f"# {name}\n")
        git(name, "init", "-q")
        git(name, "add", ".")
        git(name, "commit", "-qm", "x")
    git("app", "remote", "add", "origin", "https://github.com/acme/app")
    git("app", "worktree", "add", "-q", "../aside")
    git("app", "submodule", "add", "-q", str(tmp_path / "sub"), "lib/sub")
    git("app/lib/sub", "remote", "set-url", "origin", "https://github.com/acme/sub")
    log = write(tmp_path / "a.log", "Syncing repository: acme/app\n")
    of_sub = write(tmp_path / "b.log", "Syncing repository: acme/sub\n")
    assert own_workflows(tmp_path / "aside", [log]) == ((".github/workflows/ci.yml", b"# app\n"),)
    assert own_workflows(tmp_path / "aside", [of_sub]) == ()
    assert own_workflows(tmp_path / "app/lib/sub", [of_sub]) == ((".github/workflows/ci.yml", b"# sub\n"),)
    assert own_workflows(tmp_path / "app/lib/sub", [log]) == ()
