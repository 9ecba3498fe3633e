"""action/diagnose.sh: from the action's inputs to one command line, whatever the inputs hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "action" / "diagnose.sh"
ALWAYS = ["--outputs=OUTPUT", "--exit-zero", "--quiet"]
SHOWN = ["--summary=SUMMARY", "--annotations"]
DEFAULTS = {
    "RUN_ID": "900", "REPOSITORY": "acme/app", "PULL_REQUEST": "", "LOG": "", "PASSING_LOG": "", "JUNIT": "", "DISCOVERIES": "DISCOVERIES.md",
    "COMMENT": "true", "COMMENT_KEY": "", "SUMMARY": "true", "ANNOTATIONS": "true", "JSON_FILE": "", "SARIF_FILE": "", "WAIT": "false", "OWN_JOB": "",
}  # fmt: skip
STUB = """#!{python}
import json, os, sys
print("| the tool spoke")
with open({record!r}, "w") as file:
    json.dump([sys.argv[1:], {{name: value for name, value in os.environ.items() if name.startswith(("CI_DIAGNOSE_", "GH_"))}}], file)
sys.exit({code})
"""


class Called:
    """What became of one call: exit code, standard output, the words and the settings that the tool was given, the outputs."""

    def __init__(self, folder: Path, code: int, **inputs: str) -> None:
        tool, record = folder / "tool", folder / "record.json"
        tool.write_text(STUB.format(python=sys.executable, record=str(record), code=code))
        tool.chmod(0o755)
        self.output = folder / "output"
        given = {f"DIAGNOSE_{name}": value for name, value in (DEFAULTS | inputs).items()}
        env = {
            "PATH": "/usr/bin:/bin", "DIAGNOSE_TOOL": str(tool), "GH_TOKEN": "the-token", "RUNNER_TEMP": str(folder), "GITHUB_API_URL": "https://ghe.example/api/v3",
            "GITHUB_OUTPUT": str(self.output), "GITHUB_STEP_SUMMARY": str(folder / "summary"), **given,
        }  # fmt: skip
        done = subprocess.run(
            ["/bin/bash", str(SCRIPT)], env=env, cwd=folder, capture_output=True, text=True, timeout=20, check=False
        )
        self.code, self.said = done.returncode, done.stdout + done.stderr
        words, self.settings = json.loads(record.read_text()) if record.exists() else (None, {})
        self.words = words and [
            word.replace(str(self.output), "OUTPUT").replace(str(folder / "summary"), "SUMMARY") for word in words
        ]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        pytest.param({}, ["--run=900", "--repo=acme/app", *SHOWN, "--comment"], id="a run"),
        pytest.param({"PULL_REQUEST": "12"}, ["--pr=12", "--repo=acme/app", *SHOWN, "--comment=12"], id="a pull request"),
        pytest.param({"PULL_REQUEST": "12", "WAIT": "true", "COMMENT": "false"}, ["--pr=12", "--wait", "--repo=acme/app", *SHOWN], id="waiting"),
        pytest.param({"LOG": " a.log\r\n\n  b c.log  \n", "COMMENT": "false"}, ["--log=a.log", "--log=b c.log", "--repo=acme/app", *SHOWN], id="log files, one a line"),
        pytest.param({"LOG": "a.log", "PULL_REQUEST": "12", "SUMMARY": "false"}, ["--log=a.log", "--repo=acme/app", "--annotations", "--comment=12"], id="a log, told on a pull request"),
        pytest.param({"LOG": "a.log", "WAIT": "true"}, ["--log=a.log", "--repo=acme/app", *SHOWN, "--comment"], id="a file is not waited for"),
        pytest.param(
            {"JUNIT": "r/*.xml\nmore.xml", "PASSING_LOG": "good.log", "ANNOTATIONS": "", "COMMENT": ""},
            ["--run=900", "--repo=acme/app", "--junit=r/*.xml", "--junit=more.xml", "--passing-log=good.log", "--summary=SUMMARY"], id="patterns are not expanded by the shell",
        ),
        pytest.param(
            {"JSON_FILE": "r.json", "SARIF_FILE": "r.sarif", "COMMENT_KEY": "nightly"},
            ["--run=900", "--repo=acme/app", *SHOWN, "--write=json=r.json", "--write=sarif=r.sarif", "--comment-key=nightly", "--comment"], id="files and a key",
        ),
    ],
)  # fmt: skip
def test_inputs_become_words(tmp_path: Path, inputs: dict[str, str], words: list[str]) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "one.xml").write_text("")
    called = Called(tmp_path, 1, **inputs)
    assert (called.code, called.words) == (0, [*words, *ALWAYS])


HOSTILE = [
    "$(touch made)",
    "`touch made`",
    "; touch made",
    "a\n--output=made",
    "' \" touch made",
    "--output=made",
    "-",
    "${IFS}",
    "%0A::error::x",
    "a b",
    "*",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "name",
    ["REPOSITORY", "LOG", "PASSING_LOG", "JUNIT", "DISCOVERIES", "COMMENT_KEY", "JSON_FILE", "SARIF_FILE", "OWN_JOB"],
)
def test_no_input_becomes_another_option_or_is_run(tmp_path: Path, name: str, text: str) -> None:
    option = {"JSON_FILE": "--write=json=", "SARIF_FILE": "--write=sarif="}.get(
        name, f"--{name.lower().replace('_', '-')}="
    ).replace("--repository", "--repo")
    called = Called(tmp_path, 0, **{name: text})
    assert called.words is not None
    assert not (tmp_path / "made").exists()
    assert not [word for word in called.words if word.startswith("--output=")]
    if name in ("DISCOVERIES", "OWN_JOB"):
        assert called.settings[f"CI_DIAGNOSE_{name}"] == text
    elif name in ("LOG", "PASSING_LOG", "JUNIT"):
        assert [word for word in called.words if word.startswith(option)] == [
            option + line for line in text.split("\n")
        ]
    else:
        assert option + text in called.words


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name in ("RUN_ID", "PULL_REQUEST") for text in ("abc", "1 2", "--help", "$(id)", "-1", "1\n2")]
    + [("RUN_ID", "")],
)
def test_a_number_is_a_number(tmp_path: Path, name: str, text: str) -> None:
    called = Called(tmp_path, 0, **{name: text})
    assert (called.code, called.words) == (2, None)
    assert called.said == f"::error title=ci-diagnose::The input {name.lower().replace('_', '-')} takes a number.\n"


@pytest.mark.parametrize("name", ["COMMENT", "SUMMARY", "ANNOTATIONS", "WAIT"])
@pytest.mark.parametrize("text", ["yes", "True", "1", "$(id)", "true\n", "::error::x"])
def test_a_switch_is_true_or_false(tmp_path: Path, name: str, text: str) -> None:
    called = Called(tmp_path, 0, **{name: text})
    assert (called.code, called.words) == (2, None)
    assert called.said == f"::error title=ci-diagnose::The input {name.lower()} takes true or false.\n"


@pytest.mark.parametrize(
    ("code", "step", "says"),
    [
        (0, 0, ""),
        (1, 0, ""),
        (2, 2, "::error "),
        (3, 0, "::warning "),
        (70, 0, "::warning "),
        (130, 0, "::warning "),
        (137, 0, "::warning "),
    ],
)
def test_the_step_fails_for_a_wrong_input_alone(tmp_path: Path, code: int, step: int, says: str) -> None:
    called = Called(tmp_path, code)
    assert called.code == step
    assert called.said.split("| the tool spoke\n")[1].startswith(says)
    assert (called.said.count("::") == 2) == bool(says)
    assert called.output.read_text() == f"exit-code={code}\n"


def test_the_token_is_in_the_environment_alone_and_the_work_tree_names_no_server(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ci-diagnose]\napi_url = "https://evil.example"\nmemory_folder = "/elsewhere"\n'
    )
    called = Called(tmp_path, 0, OWN_JOB="77")
    assert called.words is not None
    assert not [word for word in called.words if "the-token" in word]
    assert called.settings == {
        "GH_TOKEN": "the-token", "CI_DIAGNOSE_API_URL": "https://ghe.example/api/v3", "CI_DIAGNOSE_MEMORY_FOLDER": f"{tmp_path}/ci-diagnose-memory",
        "CI_DIAGNOSE_OWN_JOB": "77", "CI_DIAGNOSE_DISCOVERIES": "DISCOVERIES.md",
    }  # fmt: skip
