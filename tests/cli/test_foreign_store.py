"""A database that came from elsewhere: whatever its columns hold, nothing of it acts on a terminal, a runner or a record."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.command import FAILING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

HOSTILE = "abcd\x1b]0;pwned\x07\x1b[2J\u202e\n::error::pwned\r##[error]x\x9b31m"
COLUMNS = (
    "id",
    "title",
    "category",
    "tool",
    "root_cause",
    "solution",
    "fixed_by",
    "minutes",
    "confidence",
    "state",
    "first_seen",
    "last_seen",
    "resolved_at",
    "how",
    "who",
    "links",
    "sure",
    "elapsed",
    "passed",
    "seen_before",
)


@pytest.mark.parametrize(
    ("column", "actions"),
    [
        ("all", False),
        ("all", True),
        ("id", False),
        ("title", False),
        ("category", True),
        ("state", False),
        ("last_seen", False),
        ("how", False),
    ],
)
def test_nothing_of_a_column_acts(
    command: Command,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    column: str,
    actions: bool,  # noqa: FBT001 - a column of the table
) -> None:
    command("--log", "-", stdin=FAILING)
    command("resolve", "c1", "--solution", "x")
    with closing(sqlite3.connect(tmp_path / "data" / "ci-diagnose" / "memory.sqlite3")) as db:
        for each in COLUMNS if column == "all" else (column,):
            db.execute(f"UPDATE pattern SET {each} = ?", (HOSTILE,))  # noqa: S608 - names of this file
        db.execute("UPDATE occurrence SET target = ?, job = ?, commit_sha = ?, at = ?", (HOSTILE,) * 4)
        db.commit()
    if actions:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
    said = [command("history", *each) for each in (
        ["list"], ["show", "abcd"], ["search", "pwned"], ["search", "AssertionError"], ["export", "--discoveries"], ["stats"], ["reject", "abcd"], ["forget", "abcd"], ["list", "--json"],
    )]  # fmt: skip
    said.append(command("--log", "-", stdin=FAILING))
    for one in said:
        assert one.code in (0, 1, 2, 3)
        for text in (one.out, one.err):
            assert not set(text) & set("\x1b\x07\x9b\r\u202e") or text.startswith("{")
            assert not any(line.lstrip().startswith("::") or (actions and "##[" in line) for line in text.splitlines())


def test_a_hostile_trail_is_shown_harmless(command: Command, tmp_path: Path) -> None:
    command("--log", "-", stdin=FAILING)
    run = {"form": 1, "at": HOSTILE, "version": HOSTILE, "asked": {"kind": HOSTILE, "logs": [HOSTILE, 3, None], "target": {"x": 1}}, "looked_at": {"logs": HOSTILE}, "executed": [[HOSTILE], "x", 5],
           "outcome": HOSTILE, "said": {"causes": [{"log": HOSTILE, "line": HOSTILE, "rule": HOSTILE}, 4]}, "seconds": "x", "exit": HOSTILE}  # fmt: skip
    (tmp_path / "data" / "ci-diagnose" / "trail.jsonl").write_text(json.dumps(run) + "\n")
    code, out, err = command("history", "trail")
    assert (code, err) == (0, "")
    assert not set(out) & set("\x1b\x07\x9b\r\u202e")
    assert not any(line.lstrip().startswith("::") for line in out.splitlines())
