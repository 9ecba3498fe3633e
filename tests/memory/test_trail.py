"""The trail: bounded, whole under many writers, without a secret, and read whatever stands in the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from diagnose.kit.ledger import MOST, ledger, note_program, note_request
from diagnose.memory import trail
from diagnose.memory.trail import LARGEST_LINE, NAME, OLDER, Run, leave, line_of, runs
from diagnose.safety.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "ghp_" + "a1B2" * 9
PLAIN = Redactor({})


def run(**other: object) -> Run:
    return Run("2026-11-20T12:00:00+00:00", "1", {"command": "diagnose", **other}, outcome="failed", exit=1)


@pytest.mark.parametrize("hostile", [TOKEN, f"https://u:{TOKEN}@h/x", f"a\n{TOKEN}"])
@pytest.mark.parametrize("place", ["asked", "looked_at", "executed", "said", "key"])
def test_no_secret_gets_in(hostile: str, place: str) -> None:
    one = run()
    if place == "asked":
        one.asked["logs"] = (hostile,)
    elif place == "key":
        one.looked_at = {"endpoints": {hostile: 1}}
    elif place == "executed":
        one.executed = (("git", hostile),)
    else:
        setattr(one, place, {"x": [hostile]})
    assert TOKEN.encode() not in line_of(one, PLAIN)


@pytest.mark.parametrize(
    "value",
    [
        "x" * 99_999,
        ["y" * 900] * 999,
        {f"{n}": "é" * 900 for n in range(999)},
        float("nan"),
        float("inf"),
        b"bytes",
        "\x1b[31m\u202e\ud800\n",
        1 << 200,
        [["z" * 500] * 50] * 50,
    ],
)
def test_a_line_is_one_line_and_bounded(value: object) -> None:
    data = line_of(run(target=value), PLAIN)
    assert len(data) <= LARGEST_LINE
    assert (data.count(b"\n"), data[-1:]) == (1, b"\n")
    assert data.isascii()
    assert json.loads(data)["asked"]["command"] == "diagnose"


def test_newest_first_and_only_what_is_wanted(tmp_path: Path) -> None:
    for number in range(5):
        assert leave(tmp_path, line_of(run(target=str(number)), PLAIN)) == ""
    assert [one["asked"]["target"] for one in runs(tmp_path, 3)] == ["4", "3", "2"]
    assert [one["asked"]["target"] for one in runs(tmp_path, 3, lambda one: one["asked"]["target"] < "2")] == ["1", "0"]
    assert runs(tmp_path / "nowhere", 3) == []
    if os.name == "posix":
        assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_a_full_file_takes_the_place_of_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "LARGEST_FILE", 1000)
    for number in range(20):
        leave(tmp_path, line_of(run(target=f"{number:02}"), PLAIN))
    assert sum(path.stat().st_size for path in (tmp_path / NAME, tmp_path / OLDER)) <= 2000
    told = [one["asked"]["target"] for one in runs(tmp_path, 99)]
    assert told == sorted(told, reverse=True)
    assert told[0] == "19"
    assert len(told) >= 4


@pytest.mark.parametrize(
    "spoilt",
    [
        b'{"form": 1, "at": "2026',
        b"\xff\xfe\x00",
        b"[" * 5000,
        b"{" * 5000,
        b'{"form": 9, "at": "x", "asked": {}}\n',
        b'{"form": 1, "at": 3, "asked": {}}\n',
        b"null\n",
        b"{" + b"x" * (1 << 20),
    ],
)
def test_what_is_no_run_spoils_only_itself(tmp_path: Path, spoilt: bytes) -> None:
    leave(tmp_path, line_of(run(target="before"), PLAIN))
    with (tmp_path / NAME).open("ab") as file:
        file.write(spoilt)
    leave(tmp_path, line_of(run(target="after"), PLAIN))
    assert [one["asked"]["target"] for one in runs(tmp_path, 9)] == ["after", "before"]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes as on POSIX")
@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/etc/hostname"), os.mkfifo, lambda path: path.mkdir()])
def test_what_is_no_file_is_neither_written_nor_waited_for(tmp_path: Path, make: object) -> None:
    make(tmp_path / NAME)  # type: ignore[operator]
    assert leave(tmp_path, line_of(run(), PLAIN)) != ""
    assert runs(tmp_path, 9) == []


WRITER = """
import sys
from pathlib import Path
from diagnose.memory import trail
from diagnose.safety.redact import Redactor
trail.LARGEST_FILE = 40_000
for n in range(40):
    run = trail.Run("2026-11-20T12:00:00+00:00", "1", {"target": f"{sys.argv[2]}-{n}", "fill": "x" * 300})
    assert trail.leave(Path(sys.argv[1]), trail.line_of(run, Redactor({}))) == ""
"""


def test_six_writers_at_once_write_whole_lines(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(n)]) for n in range(6)]
    assert [one.wait(50) for one in writers] == [0] * 6
    lines = (tmp_path / NAME).read_bytes().splitlines() + (tmp_path / OLDER).read_bytes().splitlines()
    told = [json.loads(line)["asked"]["target"] for line in lines if line]  # a line half written has a break of its own
    assert len(set(told)) == len(told)
    assert len(told) > 60


def test_a_ledger_counts_on_where_its_lists_end() -> None:
    note_request("/nobody/asks")
    with ledger() as book:
        for number in range(MOST + 5):
            note_request(f"/repos/{number}")
            note_request("/repos/0")
            note_program(("git", str(number)))
        with ledger() as inner:
            note_request("/inner")
    assert (book.requests, len(book.endpoints), book.endpoints["/repos/0"]) == (2 * (MOST + 5), MOST, MOST + 6)
    assert (book.programs, len(book.commands), inner.requests) == (MOST + 5, MOST, 1)
