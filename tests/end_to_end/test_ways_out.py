"""Whatever a log holds, and whichever way it leaves: nothing of it acts, and no secret goes out.

Hostile texts stand where a log's author can put them: in messages, names of tests, names of files, steps, jobs and archives. Many go
into one log, so that each way out is walked once for each kind of text.
"""

from __future__ import annotations

import base64
import io
import json
import lzma
import re
import zipfile
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from diagnose.render.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import ModuleType

    from tests.support.command import Command

KINDS: Final = ("terminal", "pages", "runner", "secrets")
CANARY: Final = "zqx"


class Hostile(NamedTuple):
    """A log that holds the texts of one kind; of secrets also the values, and the environment they are known from."""

    log: bytes
    values: list[str]
    environment: dict[str, str]
    texts: int


def log_of(texts: Iterable[str]) -> bytes:
    """A failing run of pytest whose messages, tests and files are `texts`, in groups of ten a test."""
    chosen = list(texts)
    named = [text for text in chosen if "\n" not in text]
    lines = [
        "$ python -m pytest",
        f"collected {len(chosen)} items",
        "=================================== FAILURES ===================================",
    ]
    for place in range(0, len(chosen), 10):
        group = chosen[place : place + 10]
        lines += [f"_____________________ test_{place} _____________________", "", ">       check()"]
        lines += [f"E       AssertionError: case {'abcdefghij'[at]} {text}" for at, text in enumerate(group)]
        lines += ["", f"tests/test_{place}.py:{place + 1}: AssertionError"]
    lines.append("=========================== short test summary info ============================")
    lines += [
        f"FAILED tests/test_a.py::test_{place}[{text}] - AssertionError: {text}" for place, text in enumerate(named)
    ]
    lines += [f"src/{text}:{place + 1}:5: error: {text}" for place, text in enumerate(named)]
    lines += [f"{text}" for text in chosen]
    lines.append(f"======================== {len(chosen)} failed in 3.52s =========================")
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"


def runner_commands(folder: Path) -> list[str]:
    rows = lzma.decompress((folder / "dev" / "runner-commands.txt.xz").read_bytes()).decode().split("\n")
    return [json.loads(row.split("\t", 3)[3]) for row in rows if row.startswith("run-")]


@pytest.fixture
def hostile(cases: Callable[[str], list[dict[str, Any]]], cases_folder: Path) -> Callable[[str], Hostile]:
    def load(kind: str) -> Hostile:
        if kind == "runner":
            texts = runner_commands(cases_folder)
            return Hostile(log_of(texts), [], {}, len(texts))
        rows = [
            row for name in (("markdown-live", "html", "paths") if kind == "pages" else (kind,)) for row in cases(name)
        ]
        if kind == "secrets":
            rows = [row for row in rows if row["must_hide"]]
            values = ["".join(parts) for row in rows for parts in row["values"]]
            environment = {name: "".join(parts) for row in rows for name, parts in row.get("env", {}).items()}
            return Hostile(log_of("".join(row["parts"]) for row in rows), values, environment, len(rows))
        texts = [
            base64.b64decode(row["b64"]).decode("utf-8", "surrogateescape")
            if "b64" in row
            else str(row.get("input", row.get("path")))
            for row in rows
        ]
        return Hostile(log_of(texts), [], {}, len(texts))

    return load


@pytest.fixture
def hold(
    judge: ModuleType, command: Command, home: Path, hostile: Callable[[str], Hostile], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], tuple[Hostile, Callable[[str], None]]]:
    """Put a hostile log in the folder as `hostile.log`; give it, and what holds an output against it."""

    def put(kind: str) -> tuple[Hostile, Callable[[str], None]]:
        bad = hostile(kind)
        (home / "hostile.log").write_bytes(bad.log)
        for name, value in bad.environment.items():
            monkeypatch.setenv(name, value)

        def clean(text: str) -> None:
            assert judge.live_terminal(text) == []
            assert judge.leaked(text, bad.values) == []

        return bad, clean

    return put


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("columns", "flags"),
    [("80", []), ("140", ["--full"]), ("80", ["--plain", "--full"]), ("80", ["--format", "brief"])],
    ids=["text 80", "text 140", "plain", "brief"],
)
def test_on_a_terminal(
    command: Command,
    hold: Callable[[str], tuple[Hostile, Callable[[str], None]]],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    columns: str,
    flags: list[str],
) -> None:
    _, clean = hold(kind)
    monkeypatch.setenv("COLUMNS", columns)
    said = command("--log", "hostile.log", "--no-memory", *flags)
    assert said.code == 1
    assert len(said.out) > 100
    clean(said.out)
    clean(said.err)


@pytest.mark.parametrize("kind", KINDS)
def test_as_json(
    command: Command, hold: Callable[[str], tuple[Hostile, Callable[[str], None]]], judge: ModuleType, kind: str
) -> None:
    bad, _ = hold(kind)
    said = command("--log", "hostile.log", "--no-memory", "--format", "json")
    assert judge.bad_json(said.out) == []
    assert judge.leaked(said.out, bad.values) == []
    report = json.loads(said.out)
    assert list(Draft202012Validator(schema()).iter_errors(report)) == []
    named = [
        test["name"]
        for cause in (report["root_cause"], *report["alternatives"], *report["findings"])
        for test in cause["failed_tests"]
    ]
    assert len(named) > bad.texts * 0.4
    for path in (
        place["file"] for cause in (report["root_cause"], *report["alternatives"]) for place in cause["locations"]
    ):
        assert isinstance(path, str)


@pytest.mark.parametrize("kind", KINDS)
def test_as_markdown(
    command: Command, hold: Callable[[str], tuple[Hostile, Callable[[str], None]]], judge: ModuleType, kind: str
) -> None:
    _, clean = hold(kind)
    out = command("--log", "hostile.log", "--no-memory", "--format", "markdown", "--full").out
    clean(out)
    found = judge.live_markdown(out, CANARY)
    assert found == []


@pytest.mark.parametrize(
    ("kind", "form"),
    [(kind, "text") for kind in KINDS]
    + [("runner", "brief"), ("runner", "markdown"), ("runner", "json"), ("terminal", "json")],
)
def test_in_a_workflow_nothing_is_a_command_to_the_runner(
    command: Command,
    hold: Callable[[str], tuple[Hostile, Callable[[str], None]]],
    judge: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    form: str,
) -> None:
    bad, _ = hold(kind)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    said = command("--log", "hostile.log", "--no-memory", "--format", form, "--full")
    for text in (said.out, said.err):
        assert judge.live_commands(text, viewer=True) == []
        assert judge.leaked(text, bad.values if form == "text" else []) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_and_shown_again(
    command: Command,
    home: Path,
    tmp_path: Path,
    hold: Callable[[str], tuple[Hostile, Callable[[str], None]]],
    judge: ModuleType,
    kind: str,
) -> None:
    bad, clean = hold(kind)
    command("--log", "hostile.log")
    ids = [row.split()[0] for row in command("history", "list", "--all").out.splitlines()[3:]]
    assert ids
    said = [command("explain", f"c{place}") for place in range(1, 8)]
    said += [command("history", "list", "--all"), *(command("history", "show", identity) for identity in ids[:5])]
    said += [command("history", "search", "AssertionError case")]
    words = bad.log.decode("utf-8", "surrogateescape").split("\n")[6][:200]
    said.append(command("resolve", "c1", "--cause", words, "--solution", words, "--fixed-by", "42e02ac"))
    assert said[-1].code == 0
    said.append(command("history", "show", ids[0]))
    said.append(command("--log", "hostile.log"))
    said += [
        command("history", *each)
        for each in (("trail",), ("export",), ("export", "--discoveries"), ("reject", ids[0]), ("rebuild",))
    ]
    told = [
        command("history", *each, "--json").out
        for each in (("list",), ("show", ids[0]), ("search", "AssertionError case"), ("trail",))
    ]
    assert [judge.leaked(text, bad.values) + judge.bad_json(text.encode()) for text in told] == [[]] * 4
    for each in said:
        clean(each.out)
        clean(each.err)
    record = (home / "DISCOVERIES.md").read_text("utf-8")
    clean(record)
    # a file of a repository notifies nobody: there GitHub makes neither mentions nor references of text
    assert [
        found
        for found in judge.live_markdown(record, CANARY)
        if found[0] not in ("mention", "ref")
        and not found[1].startswith(("CI Pattern: ", "Root cause: ", "Solution: "))
    ] == []
    for kept in (tmp_path / "data").rglob("*"):
        if kept.is_file():
            assert judge.leaked(kept.read_bytes(), bad.values) == [], kept.name
    forgotten = command("history", "forget", ids[0])
    clean(forgotten.out)
    clean((home / "DISCOVERIES.md").read_text("utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_patterns_try(
    command: Command, hold: Callable[[str], tuple[Hostile, Callable[[str], None]]], kind: str
) -> None:
    bad, clean = hold(kind)
    said = command("patterns", "try", "hostile.log")
    assert said.out.count("\n") > bad.texts * 0.5
    clean(said.out)
    clean(command("patterns", "try", "hostile.log", "--rule", "pytest/failed-summary").out)


def short(texts: Iterable[str]) -> list[str]:
    """What can be an argument of a command."""
    return [text for text in texts if "\0" not in text and not re.search("[\ud800-\udfff]", text)]


def test_error_messages_say_a_hostile_name_without_its_effect(
    command: Command, cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = short(base64.b64decode(row["b64"]).decode("utf-8", "surrogateescape") for row in cases("terminal"))
    names += short(row["input"] for row in cases("markdown-live"))[:40] + short(
        row["path"] for row in cases("paths") if row.get("path")
    )
    for place, name in enumerate(names[::10]):
        arguments = [
            ["--log", name], ["x" + name], ["explain", name], ["history", "show", name], ["--repo", name, "--pr", "1"], ["--repo", "a/b", "--branch", name],
            ["patterns", "show", name], ["--format", name, "--log", "-"], ["doctor", name], ["patterns", "list", "--tool", name], ["--color", name], ["history", name],
        ][place % 12]  # fmt: skip
        said = command(*arguments, stdin=b"boom\n")
        assert judge.live_terminal(said.out + said.err) == [], arguments
        assert "Traceback" not in said.err
        assert "a mistake of ours" not in said.err, (arguments, said.err)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for name in ("::error::x", "a\n::set-env name=A::b", "\r::add-mask::x", "##[error]x", "\n##[group]x"):
        for arguments in (["--log", name], ["x" + name], [name], ["history", "show", name], ["doctor", name]):
            said = command(*arguments)
            assert judge.live_commands(said.out + said.err, viewer=True) == [], arguments


def test_settings_that_are_hostile_are_told_without_effect(command: Command, home: Path, judge: ModuleType) -> None:
    for text in (
        '[tool.ci-diagnose]\n"esc\x1b[2J" = 1\n',
        '[tool.ci-diagnose]\ncolor = "\\u001b[2J\\n::error::x"\n',
        '[tool.ci-diagnose]\noutput_format = "\\u202e\\u001b]0;x\\u0007"\n',
    ):
        (home / "pyproject.toml").write_text(text)
        for arguments in (["config", "show"], ["doctor", "--offline"], ["--log", "-"]):
            said = command(*arguments, stdin=b"boom\n")
            assert judge.live_terminal(said.out + said.err) == [], (text, arguments)


def test_names_in_an_archive_are_hostile_too(
    command: Command, home: Path, judge: ModuleType, cases: Callable[[str], list[dict[str, Any]]]
) -> None:
    data = io.BytesIO()
    texts = [row["input"].replace("/", " ").replace("\n", " ") for row in cases("markdown-live")][:60]
    texts += [
        base64.b64decode(row["b64"]).decode("utf-8", "replace").replace("/", " ").replace("\n", " ").replace("\0", "")
        for row in cases("terminal")
    ][:60]
    with zipfile.ZipFile(data, "w") as file:
        for place, text in enumerate(texts):
            file.writestr(
                f"{place}_{text}.txt",
                f"$ make\nmain.c:{place + 1}:2: error: bad {text}\nmake: *** [Makefile:2: {text}] Error 1\n",
            )
    (home / "logs.zip").write_bytes(data.getvalue())
    for flags in (["--full"], ["--format", "markdown", "--full"], ["--format", "json"], ["--format", "brief"]):
        said = command("--log", "logs.zip", *flags)
        if "json" in flags:
            assert judge.bad_json(said.out) == []
            assert len(json.loads(said.out)["jobs"]) > 10
        else:
            assert judge.live_terminal(said.out) == []
        if "markdown" in flags:
            assert judge.live_markdown(said.out, CANARY) == []
        assert judge.live_terminal(said.err) == []
