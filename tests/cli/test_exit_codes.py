"""The exit code of each way a command ends, and what it says where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from diagnose.version import VERSION
from tests.support.command import FAILING, PASSING, PROGRAM, process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

HIDDEN = PASSING.replace(
    b"collected 214 items", b"tests/test_a.py:3: RuntimeWarning: coroutine 'save' was never awaited"
)


@pytest.mark.parametrize(
    ("log", "flags", "code"),
    [
        (FAILING, [], 1), (FAILING, ["--exit-zero"], 0), (FAILING, ["--allow-hidden"], 1), (FAILING, ["--format", "json"], 1),
        (PASSING, [], 0), (PASSING, ["--exit-zero"], 0), (HIDDEN, [], 1), (HIDDEN, ["--allow-hidden"], 0), (HIDDEN, ["--exit-zero"], 0),
    ],
)  # fmt: skip
def test_the_exit_code_says_what_was_found(command: Command, log: bytes, flags: list[str], code: int) -> None:
    said = command("--log", "-", *flags, stdin=log)
    assert said.code == code, said
    assert said.out


USAGE = [
    (["dignose"], "there is no command dignose.", "try: ci-diagnose --help"),
    (["explian", "c1"], "there is no command explian. Did you mean explain?", "try: ci-diagnose explain"),
    (["build.log"], "A log is named with --log.", "try: ci-diagnose --help"),
    (["\x1b[2Jx"], "there is no command ", "try: "),
    (["--lgo", "x"], "No such option", "try: ci-diagnose --help"),
    (["--log"], "requires an argument", "try: ci-diagnose --help"),
    (["--log", "a", "--pr", "1"], "one target at a time: --pr, --log were given.", "try: ci-diagnose --help"),
    (["--run", "1", "--job", "2"], "one target at a time: --run, --job were given.", "try: "),
    (["--color", "blue", "--log", "-"], "is not one of", "try: ci-diagnose --help"),
    (["--format", "xml", "--log", "-"], "xml", "try: --format text"),
    (["history", "shwo"], "No such command", "try: ci-diagnose history --help"),
    (["resolve", "--minutes", "-1"], "--minutes", "try: ci-diagnose resolve --help"),
    (["doctor", "now"], "unexpected extra argument", "try: ci-diagnose doctor --help"),
    (["--pr", "x", "--repo", "a/b"], "--pr x is not a number.", "try: "),
    (["--pr", "1", "--repo", "no name"], "is not a repository's name.", "try: --repo OWNER/NAME"),
    ([], "this folder is not a git checkout, so there is no branch to look at.", "try: "),
]


@pytest.mark.parametrize(
    ("arguments", "told", "remedy"), USAGE, ids=[" ".join(row[0])[:20] or "nothing" for row in USAGE]
)
def test_a_command_line_that_is_not_understood_is_two(
    command: Command, arguments: list[str], told: str, remedy: str
) -> None:
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("ci-diagnose: ")
    assert told in err
    assert remedy in err
    assert "\x1b" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_one_line(command: Command, flag: str) -> None:
    assert command(flag) == (0, f"ci-diagnose {VERSION}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help_is_one_screen_with_every_exit_code(command: Command, arguments: list[str]) -> None:
    code, out, err = command(*arguments)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) <= 24
    assert max(map(len, out.splitlines())) <= 80
    assert all(f" {number} " in out for number in (0, 1, 2, 3))


@pytest.mark.parametrize("name", ["explain", "resolve", "history", "patterns", "config", "doctor"])
def test_every_command_has_help_with_an_example(command: Command, name: str) -> None:
    code, out, err = command(name, "--help")
    assert (code, err) == (0, "")
    assert f"Example: ci-diagnose {name}" in " ".join(out.split())
    assert name in command("--help").out


def test_nothing_heavy_is_imported_for_version_and_help(home: Path) -> None:
    import subprocess

    program = "import sys\nfrom diagnose.cli import main\nmain([sys.argv[1]])\nprint(sorted({'click', 'httpx', 'pydantic', 'rich', 'anyio', 'sqlite3', 're2'} & set(sys.modules)))"
    for flag in ("--version", "--help"):
        done = subprocess.run([PROGRAM[0], "-c", program, flag], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]", flag


def test_flags_alone_load_no_pydantic(home: Path) -> None:
    import subprocess

    program = (
        "import io, sys\nfrom diagnose.cli import main\nsys.stdin = io.TextIOWrapper(io.BytesIO(b'boom'))\n"
        "main(['--log', '-', '--no-memory', '--format', 'brief', '--color', 'never', '--plain'])\n"
        "print(sorted({'pydantic', 'sqlite3', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([PROGRAM[0], "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ["text", "brief", "markdown", "json"])
def test_each_format_goes_to_standard_output_or_to_a_file(command: Command, home: Path, name: str) -> None:
    shown = command("--log", "-", "--format", name, stdin=FAILING)
    kept = command("--log", "-", "--format", name, "--output", "answer.txt", stdin=FAILING)
    assert (shown.code, kept.code, kept.out, kept.err, shown.err) == (1, 1, "", "", "")
    text = (home / "answer.txt").read_text("utf-8")
    if name == "json":
        for volatile in ("started_at", "seconds", "agents", "environment", "basic_check_failures", "known_patterns"):
            assert volatile in json.loads(text)
    else:
        assert text.splitlines()[0] == shown.out.splitlines()[0]


@pytest.mark.parametrize(("where", "code"), [("missing/deep/answer.txt", 1), (".", 2), ("file/answer.txt", 2)])
def test_a_file_that_cannot_be_written_is_said(command: Command, home: Path, where: str, code: int) -> None:
    (home / "file").write_text("no folder")
    said = command("--log", "-", "--output", where, stdin=FAILING)
    assert (said.code, said.out) == (code, "")
    assert ("try: " in said.err) == (code == 2)


@pytest.mark.parametrize(
    ("flags", "env", "coloured"),
    [
        ([], {}, False), (["--color", "always"], {}, True), (["--color", "never"], {"FORCE_COLOR": "1"}, False), ([], {"FORCE_COLOR": "1"}, True),
        ([], {"CLICOLOR_FORCE": "1"}, True), ([], {"CLICOLOR_FORCE": "0"}, False), ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True), ([], {"CI_DIAGNOSE_COLOR": "always"}, True), (["--color", "never"], {"CI_DIAGNOSE_COLOR": "always"}, False),
    ],
)  # fmt: skip
def test_colour_is_for_those_who_want_it(
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    flags: list[str],
    env: dict[str, str],
    coloured: bool,  # noqa: FBT001 - a table
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in command("--log", "-", *flags, stdin=FAILING).out) == coloured


@pytest.mark.parametrize(
    ("columns", "widest"), [("40", 40), ("60", 60), ("140", 140), ("10", 40), ("0", 80), ("wide", 80), ("", 80)]
)
def test_the_answer_is_as_wide_as_it_is_asked_for(
    command: Command, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = command("--log", "-", stdin=FAILING).out
    assert max(map(len, out.splitlines())) <= widest


def test_a_stream_without_our_marks_gets_ascii(home: Path) -> None:
    said = process("--log", "-", stdin=FAILING, env={"PYTHONIOENCODING": "ascii"})
    assert said.code == 1
    assert said.out.isascii()
    assert said.out.startswith("x Failed")


@pytest.mark.parametrize(
    ("flags", "env"), [(["--plain"], {}), ([], {"TERM": "dumb"}), ([], {"CI_DIAGNOSE_PLAIN": "true"})]
)
def test_narrated_output_has_no_marks(
    command: Command, monkeypatch: pytest.MonkeyPatch, flags: list[str], env: dict[str, str]
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    out = command("--log", "-", *flags, stdin=FAILING).out
    assert not set("✗▸│↪·") & set(out)


def test_a_full_answer_says_more(command: Command) -> None:
    folded, whole = command("--log", "-", stdin=FAILING).out, command("--log", "-", "--full", stdin=FAILING).out
    assert len(whole) > len(folded)


def test_a_folder_of_memory_that_cannot_be_written_costs_no_answer(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_text("no folder")
    monkeypatch.setenv("CI_DIAGNOSE_MEMORY_FOLDER", str(home / "file"))
    code, out, err = command("--log", "-", stdin=FAILING)
    assert code == 1
    assert "Failed" in out
    assert "not kept: " in err
