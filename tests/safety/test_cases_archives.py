"""Eighty zip files, good and hostile, against what their maker expects of a careful reader."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from diagnose.model.incident import Missing
from diagnose.safety.archives import LogArchive, read_log_archive
from tests.support.hostile_zips import make_zips

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(scope="module")
def zips(cases_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_zips(cases_folder, tmp_path_factory.mktemp("zips"))


def bodies(archive: LogArchive) -> list[bytes | Missing]:
    out: list[bytes | Missing] = []
    for member in archive.members:
        sink = io.BytesIO()
        said = member.copy_to(sink)
        out.append(said if isinstance(said, Missing) else sink.getvalue())
        assert len(sink.getvalue()) <= 200 << 20
    return out


def test_each_archive_meets_what_is_expected(zips: Path, judge: ModuleType) -> None:
    manifest = json.loads((zips / "manifest.json").read_text("utf-8"))
    assert len(manifest) == 80
    for name, entry in manifest.items():
        archive = read_log_archive(zips / name)
        read = [archive] if isinstance(archive, Missing) else bodies(archive)
        refused = [one for one in read if isinstance(one, Missing)]
        if entry["expect"] == "accept":
            assert not refused, (name, refused)
            assert isinstance(archive, LogArchive)
            assert not archive.skipped, name
        elif entry["expect"] == "refuse":
            assert len(refused) == len(read), name
        else:
            assert refused or (isinstance(archive, LogArchive) and archive.skipped), name
        if isinstance(archive, LogArchive):
            assert [member.name for member in archive.members if judge.path_problem(member.name)] == [], name


def test_good_members_come_out_whole(zips: Path) -> None:
    archive = read_log_archive(zips / "good-log.zip")
    assert isinstance(archive, LogArchive)
    assert [(member.name, member.size) for member in archive.members] == [
        ("build/1_Set up job.txt", 24),
        ("build/2_Run tests.txt", 1200),
        ("0_build.txt", 1440),
    ]
    line = b"2026-11-21T02:00:00Z ok\n"
    assert bodies(archive) == [line, line * 50, line * 60]
