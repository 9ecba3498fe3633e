"""The workflow files of the checkout at hand: which are read, of which log, and which never."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnose.sources import own_workflows as room
from diagnose.sources.own_workflows import own_workflows

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = '[remote "origin"]\n\turl = git@github.com:Acme/app.git\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for place in (".git", ".github/workflows", ".circleci", "src/deep"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / ".git/config").write_text(CONFIG, encoding="utf-8")
    for name in (
        ".github/workflows/ci.yml",
        ".github/workflows/nightly.yaml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        ".travis.yml",
        "Jenkinsfile",
        "azure-pipelines.yml",
    ):
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    return tmp_path


def names(root: Path, *logs: Path) -> list[str]:
    return [path for path, _ in own_workflows(root, logs)]


def log(folder: Path, text: str) -> Path:
    path = folder / "a.log"
    path.write_text(text, encoding="utf-8")
    return path


def test_outside_of_a_checkout_nothing_is_read(root: Path) -> None:
    (root / ".git/config").unlink()
    (root / ".git").rmdir()
    assert own_workflows(root, ()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Syncing repository: acme/other\n",
        "Syncing repository: acme/ap\n",
        "Syncing repository: acme/app-2\n",
        "Syncing repository: eve/app\n",
    ],
)
def test_a_log_of_another_repository_gets_none(root: Path, text: str) -> None:
    assert names(root, log(root, text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no repository is named\n",
        "2026-11-20T10:00:00.1Z Syncing repository: acme/app\n",
        "Syncing repository: acme/tools\nSyncing repository: ACME/App\n",
    ],
)
def test_every_system_s_files_are_read_from_any_folder_below(root: Path, text: str) -> None:
    found = names(root / "src/deep", log(root, text))
    assert found == [
        ".github/workflows/ci.yml", ".github/workflows/nightly.yaml", ".gitlab-ci.yml", ".circleci/config.yml", ".travis.yml", "azure-pipelines.yml", "Jenkinsfile",
    ]  # fmt: skip


def test_a_log_that_cannot_be_read_or_a_checkout_without_remotes_gets_none(root: Path) -> None:
    assert names(root, root / "gone.log") == []
    (root / ".git/config").unlink()
    assert names(root, log(root, "Syncing repository: acme/app\n")) == []


def test_links_folders_and_large_files_are_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = root / "secret"
    secret.write_text("x", encoding="utf-8")
    (root / ".gitlab-ci.yml").unlink()
    (root / ".gitlab-ci.yml").symlink_to(secret)
    (root / ".travis.yml").unlink()
    (root / ".travis.yml").mkdir()
    (root / "Jenkinsfile").write_text("x" * 200, encoding="utf-8")
    monkeypatch.setattr(room, "MOST_BYTES", 100)
    assert names(root) == [
        ".github/workflows/ci.yml",
        ".github/workflows/nightly.yaml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
    ]
    monkeypatch.setattr(room, "MOST_FILES", 2)
    assert names(root) == [".github/workflows/ci.yml", ".github/workflows/nightly.yaml"]
