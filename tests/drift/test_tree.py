from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnose.drift import tree
from diagnose.drift.tree import manifests_of

if TYPE_CHECKING:
    from pathlib import Path


def wanted(name: str) -> bool:
    return name.endswith(".lock")


def plant(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def test_what_is_not_the_project_s_own_is_not_read(tmp_path: Path) -> None:
    plant(tmp_path, "x.txt", ".git/a.lock", "node_modules/a.lock", "tests/a.lock", "web/vendor/a.lock", "a/b/c/d.lock")
    (tmp_path / "folder.lock").mkdir()
    (tmp_path / "link.lock").symlink_to(tmp_path / "x.txt")
    (tmp_path / "linked").symlink_to(tmp_path / "a", target_is_directory=True)
    assert manifests_of(tmp_path, wanted) == {}
    assert manifests_of(tmp_path / "nowhere", wanted) == {}


def test_near_files_come_first(tmp_path: Path) -> None:
    plant(tmp_path, "a/b/deep.lock", "a/mid.lock", "z.lock")
    assert list(manifests_of(tmp_path, wanted).items()) == [
        (path, path.encode()) for path in ("z.lock", "a/mid.lock", "a/b/deep.lock")
    ]


@pytest.mark.parametrize(
    ("bound", "value", "read"),
    [
        ("MOST_FILES", 1, ["z.lock"]),
        ("MOST_FOLDERS", 1, ["z.lock"]),
        ("LARGEST", 6, ["z.lock"]),
        ("MOST_BYTES", 6, ["z.lock"]),
        ("MOST_BYTES", 7, ["z.lock"]),
        ("DEEP", 0, ["z.lock"]),
    ],
)
def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: int, read: list[str]) -> None:
    plant(tmp_path, "z.lock", "a/longer.lock")
    monkeypatch.setattr(tree, bound, value)
    assert list(manifests_of(tmp_path, wanted)) == read
