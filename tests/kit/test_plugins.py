"""Entry points are found as importlib.metadata finds them, and nothing that lies about on the path can break the search."""

from __future__ import annotations

import sys
import zipfile
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from diagnose.kit.plugins import Point, entry_points

if TYPE_CHECKING:
    from pathlib import Path


def project(folder: Path, name: str, text: str | bytes) -> str:
    place = folder / name
    place.mkdir(parents=True)
    (place / "entry_points.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[other]\na = b:c\n",
        "# [g]\na = b:c\n",
        "[g.more]\na = b:c\n",
        "[g]\n",
        "[g]\nno equals sign\n",
        "[g]\n# a = b:c\n; a = b:c\n",
        b"[g]\na = \xff:c\n",
        "a = g:c\n",
    ],
)
def test_what_is_no_entry_point_of_the_group_is_none(text: str | bytes, tmp_path: Path) -> None:
    assert entry_points("g", [project(tmp_path, "one-1.0.dist-info", text)]) == []


def test_folders_that_are_missing_or_hold_no_projects_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "bare-1.dist-info").mkdir()
    (tmp_path / "file-1.dist-info").write_text("[g]\na = b:c\n")
    project(tmp_path, "one-1.0", "[g]\na = b:c\n")
    assert entry_points("g", [str(tmp_path / "nowhere"), str(tmp_path)]) == []


@pytest.mark.parametrize("line", ["a=b.c:d.e", " a = b.c:d.e ", "a = b.c:d.e [extra]"])
def test_an_entry_point_is_found_in_every_spelling(line: str, tmp_path: Path) -> None:
    (found,) = entry_points("g", [project(tmp_path, "one-1.0.dist-info", f"[f]\nx = y\n\n[ g ]\n{line}\n[h]\nx = y\n")])
    assert (found.name, found.value.partition("[")[0].strip()) == ("a", "b.c:d.e")


def test_of_two_installations_the_first_on_the_path_counts(tmp_path: Path) -> None:
    first = project(tmp_path / "1", "My.Project-2.0.dist-info", "[g]\na = new:x\n")
    second = project(tmp_path / "2", "my_project-1.0.egg-info", "[g]\na = old:x\nb = old:y\n")
    assert entry_points("g", [first, second]) == [Point("a", "new:x")]


def test_an_object_is_loaded_by_module_and_attribute() -> None:
    assert Point("a", "pathlib:Path.home [extra]").load()() == __import__("pathlib").Path.home()
    assert Point("a", "json").load() is __import__("json")
    with pytest.raises(ModuleNotFoundError):
        Point("a", "no_such_module_here:x").load()


@pytest.mark.parametrize("group", ["ci_diagnose.agents", "console_scripts", "pytest11"])
def test_it_finds_what_the_standard_library_finds(group: str) -> None:
    assert {(point.name, point.value) for point in entry_points(group)} == {
        (point.name, point.value) for point in metadata.entry_points(group=group)
    }


def test_where_the_path_holds_an_archive_the_standard_library_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 1.0\n")
        file.writestr("zipped-1.0.dist-info/entry_points.txt", "[only.zipped]\na = b:c\n")
    assert entry_points("only.zipped") == []
    monkeypatch.setattr(sys, "path", [*sys.path, str(archive)])
    assert entry_points("only.zipped") == [Point("a", "b:c")]
