"""The history's commands: filtered, told as JSON, corrected, emptied, taken out and in again, and the trail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.memory.discoveries import HEAD, parse
from tests.support.command import FAILING, FAILS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

FIX = (
    "--cause",
    "prices are rounded before they are added",
    "--solution",
    "round the sum",
    "--commit",
    "42e02ac",
    "--minutes",
    "40",
)
AGAIN = FAILING.replace(b"2026-11-20T12", b"2026-11-21T09")


@pytest.fixture(autouse=True)
def _somebody(home: Path) -> None:
    (home / ".git").mkdir()
    (home / ".git" / "config").write_text(
        '[core]\n\trepositoryformatversion = 0\n[user]\n\tname = "Mona \x1b[31m ghp_' + "a1B2" * 9 + '"\n'
    )
    for name in ("objects", "refs"):
        (home / ".git" / name).mkdir()
    (home / ".git" / "HEAD").write_text("ref: refs/heads/main\n")


def patterns(command: Command, *filters: str) -> list[dict[str, Any]]:
    code, out, err = command("history", "list", "--json", *filters)
    assert (code, err) == (0, "")
    found: list[dict[str, Any]] = json.loads(out)["patterns"]
    return found


def two(command: Command) -> tuple[str, str]:
    """Record two failures; the ids of the test's and of the compiler's."""
    command("--log", "-", stdin=FAILING)
    command("--log", "-", stdin=FAILS)
    ids = {one["category"]: one["id"] for one in patterns(command)}
    return ids["test"], ids["compile"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["lst"], "did you mean list?"),
        (["x\x1b[31m"], "it has list, show, search"),
        (["list", "--since", "yesterday"], "yesterday is no day"),
        (["list", "--since", "99999999d"], "is no day"),
        (["list", "--state", "mended"], "mended"),
        (["list", "--category", "x\x1b[31m"], "try: "),
        (["show", "abc"], "An id has 4 to 8 hexadecimal digits."),
        (["show", "abcd", "--repo", "a/b"], "no pattern's id begins with abcd in a/b."),
        (["reject", "abcd"], "no pattern's id begins with abcd."),
        (["forget"], "say what is to be forgotten."),
        (["forget", "abcd"], "no pattern's id begins with abcd."),
        (["forget", "--repo", "a/b"], "all of a/b would be forgotten, and nobody can be asked."),
        (["prune", "--days", "0"], "try: "),
        (["import", "nowhere.jsonl"], "cannot read nowhere.jsonl"),
        (["rebuild"], "there is no DISCOVERIES.md in this folder."),
        (["merge"], "there is no DISCOVERIES.md."),
        (["merge", "a", "b", "c"], "two versions are joined at a time."),
        (["trail", "--limit", "0"], "try: "),
    ],
)
def test_what_cannot_be_done_is_said(command: Command, arguments: list[str], told: str) -> None:
    code, out, err = command("history", *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "try: " in err
    assert "\x1b" not in err


EVERY = (["list"], ["show", "abcd"], ["search", "x"], ["reject", "abcd"], ["forget", "abcd"], ["forget", "--repo", "a/b", "--yes"], ["prune"], ["export"], ["export", "--discoveries"], ["import", "rows"],
         ["import", "DISCOVERIES.md"], ["rebuild"])  # fmt: skip


@pytest.fixture
def files(home: Path) -> None:
    (home / "rows").write_text(
        '{"format": "ci-diagnose memory", "version": 1}\n{"kind": "green", "repository": "a/b", "branch": "m", "job": "j", "commit_sha": "1", "target": "t", "link": "", "at": "2026-11-20T12:00:00+00:00"}\n'
    )
    (home / "DISCOVERIES.md").write_text("## CI Pattern: by hand\n- Solution: x\n")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("arguments", [*EVERY, ["trail"]], ids=" ".join)
def test_memory_that_is_off_is_said(command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("CI_DIAGNOSE_MEMORY", "false")
    code, out, err = command("history", *arguments)
    assert (code, out) == (2, "")
    assert "memory is off." in err


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_a_database_that_cannot_be_read_is_said(command: Command, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "data" / "ci-diagnose").mkdir(parents=True)
    (tmp_path / "data" / "ci-diagnose" / "memory.sqlite3").write_bytes(b"no database" * 99)
    code, out, err = command("history", *arguments)
    assert (code, out) == (3, "")
    assert "is not a SQLite database" in err


def test_who_has_no_answer_and_an_id_of_nothing(command: Command) -> None:
    assert command("resolve", "abcd", "--solution", "x").err.startswith(
        "ci-diagnose: no pattern's id begins with abcd."
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ((), {"test", "compile"}),
        (("--category", "test"), {"test"}),
        (("--state", "open"), {"test", "compile"}),
        (("--state", "resolved"), set()),
        (("--since", "1h"), {"test", "compile"}),
        (("--until", "1h"), set()),
        (("--since", "2020-01-01", "--until", "2020-02-01"), set()),
        (("--job", "nowhere"), set()),
        (("--verdict", "flaky"), set()),
        (("--branch", "x"), set()),
        (("--repo", "a/b"), set()),
    ],
)
def test_filters(command: Command, filters: tuple[str, ...], found: set[str]) -> None:
    two(command)
    assert {one["category"] for one in patterns(command, *filters)} == found
    assert len(
        json.loads(command("history", "search", "undeclared Decimal assert", "--json", *filters).out)["patterns"]
    ) <= len(found)


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_the_list_fits_the_columns_and_says_what_it_cuts(
    command: Command, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    two(command)
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = command("history", "list").out.splitlines()[3:]
    assert len(rows) == 2
    assert all(len(row) <= columns for row in rows)
    whole = [one["title"] for one in patterns(command)]
    assert all(row.endswith("…") or any(row.endswith(title) for title in whole) for row in rows)


def test_a_log_is_named_as_people_name_it(command: Command, home: Path) -> None:
    (home / "build.log").write_bytes(FAILING)
    command("--log", "build.log")
    (row,) = [
        row
        for row in command("history", "show", patterns(command)[0]["id"]).out.splitlines()
        if row.startswith("  seen ")
    ]
    assert row.count("build.log") == 1
    assert "/build.log" not in row


def test_one_is_shown_with_all_that_is_known(command: Command) -> None:
    test, _ = two(command)
    assert command("resolve", test, *FIX).code == 0
    out = command("history", "show", test[:4]).out
    assert "a test fails" in out
    assert "fixed 40 min, seen 1 time\n" in out
    assert "  why    prices are rounded before they are added" in out
    assert "  fix    round the sum. Fixed by 42e02ac. 40 min.\n" in out
    assert "  by     said by Mona" in out
    assert "ghp_" not in out
    assert f"DISCOVERIES.md:{HEAD.count(chr(10)) + 2} · forget: ci-diagnose history forget {test}" in out
    told = json.loads(command("history", "show", test, "--json").out)
    assert (told["state"], told["said_by"]["how"], told["minutes"], len(told["sightings"])) == (
        "resolved",
        "person",
        40,
        1,
    )


def test_a_pattern_of_the_history_is_resolved_by_its_id_and_corrected(command: Command, home: Path) -> None:
    test, _ = two(command)
    command("--log", "-", stdin=FAILS)  # the last answer is another
    assert command("resolve", test, *FIX).out.startswith(f"Recorded as {test} in DISCOVERIES.md:")
    assert command("resolve", test, "--commit", "99999aa").code == 0  # the words stand
    (entry,), doubts = parse((home / "DISCOVERIES.md").read_text())
    assert (entry.id, entry.solution, entry.reference, entry.minutes, doubts) == (
        test,
        "round the sum",
        "42e02ac, 99999aa",
        40,
        (),
    )
    assert entry.extra[0][0] == "Recorded by"
    assert "ghp_" not in entry.extra[0][1]
    assert patterns(command, "--state", "resolved")[0]["fixed_by"] == "99999aa"


def test_a_rejected_match_never_comes_again(command: Command) -> None:
    command("--log", "-", stdin=FAILING)
    command("resolve", "c1", *FIX)
    report = json.loads(command("--log", "-", "--format", "json", stdin=AGAIN).out)
    ident = report["known_patterns"][0]["pattern"]
    code, out, _ = command("history", "reject", ident)
    assert (code, out.splitlines()[-1]) == (0, f"{ident} was rejected 1 time.")
    assert command("history", "reject", ident).out.startswith("Known already: ")
    report = json.loads(command("--log", "-", "--format", "json", stdin=AGAIN.replace(b"T09", b"T10")).out)
    assert [one["pattern"] for one in report["known_patterns"]] == []


def test_forgotten_in_one_command_and_withdrawn_where_it_is_written(command: Command, home: Path) -> None:
    test, other = two(command)
    command("resolve", test, *FIX)
    code, out, err = command("history", "forget", test[:5])
    assert (code, err) == (0, "")
    assert "1 pattern, 1 sighting, 0 passing runs removed." in out
    assert f"Withdrawn at DISCOVERIES.md:{HEAD.count(chr(10)) + 2}" in out
    assert [one["id"] for one in patterns(command)] == [other]
    assert parse((home / "DISCOVERIES.md").read_text())[0][0].state == "withdrawn"
    assert json.loads(command("--log", "-", "--format", "json", "--no-memory", stdin=AGAIN).out)["known_patterns"] == []
    assert command("history", "forget", "--before", "2030-01-01", "--yes").out.startswith("Forgotten before 2030-01-0")
    assert patterns(command) == []


def test_prune_keeps_what_is_new(command: Command) -> None:
    two(command)
    assert command("history", "prune", "--days", "1").out == "0 patterns, 0 sightings, 0 passing runs dropped.\n"
    assert len(patterns(command)) == 2


def test_out_and_in_again(command: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test, _ = two(command)
    command("resolve", test, *FIX)
    before = patterns(command)
    assert command("history", "export", "all.jsonl").err.endswith(" rows written.\n")
    assert command("history", "export").out == (home / "all.jsonl").read_text()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "a colleague"))
    assert patterns(command) == []
    assert ", 0 refused." in command("history", "import", "all.jsonl").out
    same = ("id", "title", "solution", "minutes", "seen", "state", "lines", "first_seen")
    assert [[one[name] for name in same] for one in patterns(command)] == [
        [one[name] for name in same] for one in before
    ]
    assert " 0 new or changed" in command("history", "import", "all.jsonl").out
    (home / "bad.jsonl").write_text((home / "all.jsonl").read_text() + '{"kind": "pattern"}\nnonsense\n')
    code, out, err = command("history", "import", "bad.jsonl")
    assert (code, "2 refused." in out, err.count("bad.jsonl:")) == (0, True, 2)
    (home / "no.jsonl").write_text('{"x": 1}\n')
    assert command("history", "import", "no.jsonl").code == 2


def test_the_record_fills_another_database_and_is_filled_from_one(
    command: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test, _ = two(command)
    command("resolve", test, *FIX)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "a colleague"))
    assert command("history", "rebuild").out == "1 entry read, 1 pattern new or changed.\n"
    assert command("history", "import", "DISCOVERIES.md").out == "1 entry read, 0 patterns new or changed.\n"
    assert patterns(command)[0]["said_by"]["how"] == "record"
    written = (home / "DISCOVERIES.md").read_text()
    (home / "DISCOVERIES.md").unlink()
    assert command("history", "export", "--discoveries", "DISCOVERIES.md").err == "1 entry added, 0 Seen lines anew.\n"
    (old,), (new,) = parse(written)[0], parse((home / "DISCOVERIES.md").read_text())[0]
    assert (new.id, new.root_cause, new.solution, new.reference, new.minutes) == (
        old.id,
        old.root_cause,
        old.solution,
        old.reference,
        old.minutes,
    )
    command("--log", "-", stdin=FAILING)
    command("--log", "-", stdin=AGAIN + b"\n")
    assert command("history", "export", "--discoveries", "DISCOVERIES.md").err == "0 entries added, 1 Seen line anew.\n"
    assert "- Seen: 2 times" in (home / "DISCOVERIES.md").read_text()


def test_what_a_merge_cut_is_named_and_not_taken(command: Command, home: Path) -> None:
    test, _ = two(command)
    command("resolve", test, *FIX)
    text = (home / "DISCOVERIES.md").read_text()
    (home / "DISCOVERIES.md").write_text(
        "\n".join(line for line in text.split("\n") if not line.startswith("- Solution: round"))
    )
    code, out, err = command("history", "rebuild")
    assert (code, out) == (2, "0 entries read, 0 patterns new or changed, 1 doubtful.\n")
    assert f"DISCOVERIES.md:{HEAD.count(chr(10)) + 2} entry {test} has no Solution: it was cut by a merge" in err


def test_a_conflict_is_solved_without_a_loss(command: Command, home: Path) -> None:
    test, other = two(command)
    command("resolve", test, *FIX)
    ours = (home / "DISCOVERIES.md").read_text()
    (home / "DISCOVERIES.md").unlink()
    command("resolve", other, "--solution", "declare it")
    theirs = (home / "DISCOVERIES.md").read_text()
    (home / "DISCOVERIES.md").write_text(
        f"{HEAD}\n<<<<<<< HEAD\n{ours.removeprefix(HEAD)}=======\n{theirs.removeprefix(HEAD)}>>>>>>> theirs\n"
    )
    assert command("history", "merge") == (
        0,
        "",
        "DISCOVERIES.md: 1 entry of theirs added, 0 entries that both changed joined.\n",
    )
    assert {one.id for one in parse((home / "DISCOVERIES.md").read_text())[0]} == {test, other}
    assert command("history", "merge").err == "DISCOVERIES.md has no merge conflict; nothing was changed.\n"
    for name, text in (("a", ours), ("b", theirs), ("o", HEAD)):
        (home / name).write_text(text)
    assert command("history", "merge", "a", "b", "--base", "o", "--output", "out").code == 0
    assert (home / "out").read_text() == (home / "DISCOVERIES.md").read_text()
    assert (home / "a").read_text() == ours


def test_every_run_leaves_a_line(command: Command, home: Path) -> None:
    assert command("history", "trail").out == "No run is in the trail yet.\n"
    (home / "build.log").write_bytes(FAILING)
    command("--log", "build.log")
    command("--log", "nowhere.log")
    command("--log", "build.log", "--no-memory")
    out = command("history", "trail").out.splitlines()
    assert [line.split()[-2:] for line in out if " log " in line and "build.log:" not in line] == [
        ["log", "nowhere.log"],
        ["log", "build.log"],
    ]
    command("resolve", "c1", *FIX)
    command("history", "forget", "abcd")
    runs = json.loads(command("history", "trail", "--json").out)["runs"]
    assert [(run["asked"]["command"], run["asked"]["target"], run["outcome"]) for run in runs[:2]] == [
        ("history forget", "abcd", "refused"),
        ("resolve", "c1", "done"),
    ]
    assert runs[1]["asked"]["options"]["solution"] == "round the sum"
    assert "history forget abcd" in command("history", "trail").out
    runs = runs[2:]
    assert [(run["outcome"], run["exit"] > 0, run["asked"]["logs"]) for run in runs] == [
        ("refused", True, ["nowhere.log"]),
        ("failed", True, ["build.log"]),
    ]
    assert runs[1]["looked_at"]["logs"] == 1
    assert runs[1]["said"]["causes"][0]["rule"] == "pytest/assertion"
    assert command("history", "trail", "--since", "2030-01-01").out == "No run is in the trail since then.\n"
