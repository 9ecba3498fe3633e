"""Where an answer goes besides standard output: files, a step's summary and outputs, annotations, the comment; and the console of a runner."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from diagnose.cli.forms import FormsError, forms_of
from diagnose.kit.clock import system_clock
from diagnose.publish.step import NOTHING
from diagnose.safety.runner import is_dead_json, live_command
from diagnose.sources.github.api import load
from tests.support.command import FAILS, PROGRAM
from tests.support.github_scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Command, Said
    from tests.support.fake_github import FakeGitHub, Scenario

HOSTILE = b"$ make\n::error::pwned\n##[error]pwned\na.c:3:5: error: '##[warning]x' undeclared (first use in this function)\nmake: *** [Makefile:2: a.o] Error 1\n"


def read_outputs(file: Path) -> dict[str, str]:
    """Read a file of outputs as the runner does."""
    found = re.findall(
        r"([\w-]+)<<(ghadelimiter_[\w-]+)\n(.*?)\n\2\n", file.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    return {name: value for name, _, value in found}


@pytest.fixture
def step(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A step of a workflow in a checkout that holds a file and a log."""
    (home / ".git").mkdir()
    (home / "a.c").write_text("1\n2\n3\n4\n")
    (home / "build.log").write_bytes(FAILS)
    (home / "passed.log").write_bytes(b"$ make\ncc -c a.c\nall done\n")
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": home / "summary.md",
        "GITHUB_OUTPUT": home / "output.txt",
        "GITHUB_WORKSPACE": home,
    }.items():
        monkeypatch.setenv(name, str(value))
    return home


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--write", "pdf=x"],
            "--write takes FORM=FILE, FORM being one of brief, github, json, markdown, sarif, summary, text.",
        ),
        (["--write", "json"], "--write takes FORM=FILE, as in --write json=answer.json."),
        (["--write", "json="], "--write takes FORM=FILE"),
        (["--comment", "me"], "--comment takes the number of a pull request."),
        (["--comment=0"], "--comment takes the number"),
        (["--comment", "--comment-key", "a b"], "--comment-key takes letters"),
        (["--comment", "--comment-key=a\n-->"], "--comment-key takes letters"),
        (["--format", "pdf"], "there is no format"),
    ],
)
def test_an_option_that_cannot_be_used_is_told_before_anything_is_done(
    command: Command, step: Path, arguments: list[str], said: str
) -> None:
    code, out, err = command("--log", "build.log", *arguments)
    assert (code, out) == (2, "")
    assert said in err.replace("\n| ", " ").replace("              ", "")
    assert not (step / "output.txt").exists()


@pytest.mark.parametrize("option", ["--summary", "--outputs"])
def test_a_file_must_be_named_outside_of_actions(command: Command, home: Path, option: str) -> None:
    (home / "build.log").write_bytes(FAILS)
    code, _, err = command("--log", "build.log", option)
    assert code == 2
    assert f"{option} takes a file outside GitHub Actions" in err
    assert command("--log", "build.log", f"{option}=here.txt").code == 1
    assert (home / "here.txt").stat().st_size


def test_an_option_takes_no_other_for_its_value() -> None:
    with pytest.raises(FormsError):
        forms_of({"comment": "x"}, {})
    assert forms_of({}, {}) == forms_of({"writes": (), "summary": None, "comment": None, "comment_key": ""}, {})


def test_one_diagnosis_fills_every_form(command: Command, step: Path) -> None:
    (step / "summary.md").write_text("# Mine\n")
    code, out, err = command(
        "--log",
        "build.log",
        "--summary",
        "--outputs",
        "--annotations",
        "--write",
        "json=r.json",
        "--write=sarif=r.sarif",
        "--write",
        "markdown=r.md",
    )
    assert code == 1
    assert all(line.startswith("| ") for line in out.splitlines())
    assert [line for line in err.splitlines() if live_command(line)] == [
        line for line in err.splitlines() if line.startswith("::error file=a.c,line=3,title=")
    ]
    assert json.loads((step / "r.json").read_text())["root_cause"]["rule"] == "gcc/error"
    assert json.loads((step / "r.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "gcc/error"
    assert (step / "r.md").read_text().startswith("<!-- ci-diagnose:v1 -->\n**CI failed: one cause.**")
    assert (step / "summary.md").read_text().startswith("# Mine\n\n**CI failed: one cause.**")
    told = read_outputs(step / "output.txt")
    assert list(told) == list(NOTHING)
    assert (told["status"], told["category"], told["rule"], told["annotations"], told["comment"]) == (
        "failed",
        "compile",
        "gcc/error",
        "1",
        "off",
    )


def test_the_form_for_a_runner_holds_its_annotations_once(command: Command, step: Path) -> None:
    code, out, err = command("--log", "build.log", "--format", "github", "--annotations", "--outputs")
    assert code == 1
    assert [line for line in out.splitlines() if not line.startswith("| ")] == [out.splitlines()[0]]
    assert out.startswith("::error file=a.c,line=3,")
    assert "::error" not in err
    assert read_outputs(step / "output.txt")["annotations"] == "1"


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["--log", "none.log"], 2, "none"),
        (["--log", "passed.log"], 3, "undetermined"),
        (["--pr", "1", "--repo", "acme/app"], 3, "none"),
    ],
)
def test_outputs_are_there_whatever_became_of_it(
    command: Command, step: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, status: str
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GITHUB_TOKEN", "x")

    async def at_once(_seconds: float) -> None:
        return

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    assert command(*arguments, "--outputs", "--summary").code == code
    told = read_outputs(step / "output.txt")
    assert (told["status"], list(told)) == (status, list(NOTHING))


def test_what_cannot_be_published_is_said_and_changes_no_exit_code(command: Command, step: Path) -> None:
    (step / "folder").mkdir()
    code, _, err = command(
        "--log", "build.log", "--summary=folder", "--outputs=folder", "--write", "json=folder", "--exit-zero"
    )
    assert code == 0
    assert err.count("not published: ") == 3
    for what in ("the summary: ", "the outputs: ", "the form json: "):
        assert what in err


@pytest.mark.parametrize("form", ["json", "sarif"])
@pytest.mark.parametrize("log", [FAILS, HOSTILE], ids=["plain", "hostile"])
def test_json_stays_json_on_a_runners_console_and_is_dead(command: Command, step: Path, form: str, log: bytes) -> None:
    (step / "build.log").write_bytes(log)
    _, out, _ = command("--log", "build.log", "--format", form, "--no-memory")
    assert json.loads(out)
    assert is_dead_json(out)
    assert [line for line in out.splitlines() if live_command(line)] == []


@pytest.mark.parametrize("form", ["text", "brief", "markdown", "summary"])
def test_other_forms_are_dead_on_a_console_and_as_they_are_in_a_file(step: Path, form: str) -> None:
    (step / "build.log").write_bytes(HOSTILE)
    argv = [*PROGRAM, "--log", "build.log", "--format", form, "--no-memory"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    piped = subprocess.run(argv, capture_output=True, timeout=50, check=False, env=env).stdout.decode()
    assert piped
    assert all(line.startswith("| ") and not live_command(line) for line in piped.splitlines())
    with (step / "answer").open("wb") as file:
        subprocess.run(argv, stdout=file, stderr=subprocess.DEVNULL, timeout=50, check=False, env=env)
    shown = "\n".join(line.removeprefix("| ").replace("##\\[", "##[") for line in piped.splitlines())
    minute = re.compile(r"\d\d:\d\d UTC")  # the two may stand on both sides of a minute's end
    assert minute.sub("", shown) == minute.sub("", (step / "answer").read_text().rstrip("\n"))


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ('{"a": 1}\n', True),
        ("[\n  1\n]\n", True),
        ('{"a": 1}\n{"b": 2}\n', True),
        ('{"a": "##[error]"}', False),
        ("::error::x", False),
        ('{"a":\n::error::x\n}', False),
        ("{x}", False),
        ("[a](b)", False),
        ("", False),
        ("text", False),
        ("{" * 100_000 + "}", False),
        ('{"a": 1}\r::error::x\r{"b": 1}', False),
    ],
)
def test_only_what_is_json_and_no_command_goes_out_without_a_prefix(text: str, dead: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_dead_json(text) is dead


def test_the_comment_from_the_command_line(
    command: Command, step: Path, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = github(SCENARIOS["matrix12"](system_clock().now()))
    names = {
        "API_URL": server.url,
        "TOKEN": "x",
        "SERVER_URL": "https://github.com",
        "REPOSITORY": "acme/app",
        "RUN_ID": "77",
    }
    for name, value in names.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)

    def ask(*arguments: str) -> Said:
        return command(
            "--run", "900", "--repo", "acme/app", "--no-memory", "--outputs", "--format", "brief", *arguments
        )

    assert ask("--comment").code == 1
    assert read_outputs(step / "output.txt")["comment"] == "created"
    (body,) = server.answers.comments.bodies(123)
    assert body.startswith("<!-- ci-diagnose:v1 key=ci.yml state=failed ")
    assert "[full report](https://github.com/acme/app/actions/runs/77)</sub>" in body
    assert ask("--comment=123", "--comment-key", "mine").code == 1
    assert len(server.answers.comments.bodies(123)) == 2
    server.answers.comments.may_write = False
    server.answers.comments.standing.clear()
    code, _, err = ask("--comment")
    assert code == 1
    assert "not published: the comment: the token may not write comments in acme/app (403)." in err.replace(
        "\n|              ", " "
    )
    assert read_outputs(step / "output.txt")["comment"] == "refused"


def test_a_log_that_belongs_to_no_pull_request_gets_no_comment(
    command: Command, step: Path, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = github(SCENARIOS["matrix12"](system_clock().now()))
    for name, value in {
        "API_URL": server.url,
        "TOKEN": "x",
        "REPOSITORY": "acme/app",
        "REF": "refs/heads/main",
    }.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    code, _, err = command("--log", "build.log", "--comment", "--outputs")
    assert code == 1
    assert "no pull request is known to comment on." in err
    assert read_outputs(step / "output.txt")["comment"] == "none"
    assert server.answers.comments.written == []
