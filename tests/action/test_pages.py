"""What docs/other-ci.md and docs/agents.md show is tried: the shell parts run, the patterns match what `brief` prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose.kit.clock import system_clock
from tests.support.fake_github import serve
from tests.support.github_scenarios import SCENARIOS
from tools.dev import BIN

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"<!-- tried: ([a-z-]+) -->\n```[a-z]+\n(.*?)```\n", re.DOTALL)
TRIED = {
    name: text
    for page in ("other-ci.md", "agents.md")
    for name, text in FENCE.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
}
GOLDEN = sorted((ROOT / "tests" / "render" / "golden").glob("*.brief.txt"))
FAILS = "#!/bin/sh\n{cat} {log}\nexit 2\n"
PLACE = "tests/test_ledger.py"


def scripts(name: str) -> list[str]:
    """The shell scripts that a system would run of a snippet, in its order; those for a failed job last."""
    text = TRIED[name]
    if name.startswith("jenkins"):
        return re.findall(r"sh '(.*?)'", text)
    if not name.startswith(("gitlab", "circleci", "buildkite", "azure")):
        return [text]
    document: Any = yaml.safe_load(text)
    if name.startswith("gitlab"):
        return ["\n".join(document["test"]["script"]), *document["test"].get("after_script", [])]
    if name.startswith("circleci"):
        runs = [step["run"] for step in document["jobs"]["test"]["steps"] if "run" in step]
        return [each if isinstance(each, str) else each["command"] for each in runs]
    if name == "buildkite":
        return [document["steps"][0]["command"].replace("$$", "$")]
    return [re.sub(r"\$\(Build\.ArtifactStagingDirectory\)", "staging", step["script"]) for step in document["steps"]]


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """A folder with commands: `make` that fails as the bundled log does, an agent that keeps what it is given."""
    commands = tmp_path / "bin"
    commands.mkdir()
    (tmp_path / "staging").mkdir()
    (tmp_path / "why").mkdir()
    (commands / "make").write_text(FAILS.format(cat=shutil.which("cat"), log=ROOT / "examples" / "failing.log"))
    (commands / "buildkite-agent").write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/annotated\ncat >> {tmp_path}/annotated\n'
    )
    for each in commands.iterdir():
        each.chmod(0o755)
    return {
        "PATH": f"{commands}:{BIN}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "CI": "true",
        "CI_JOB_STATUS": "failed",
    }


def sh(script: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as the systems do: bash, ended by the first failure."""
    return subprocess.run(
        ["/bin/bash", "-e", "-c", script],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("name", "codes", "answer"),
    [
        ("gitlab", [2], "why.md"), ("gitlab-log", [2, 0], ""), ("jenkins", [2], "why.md"), ("circleci", [2], "why/why.md"), ("circleci-log", [2, 0], ""),
        ("buildkite", [2], "annotated"), ("azure", [2, 0], "staging/why.md"), ("plain", [1], "why.md"),
    ],
)  # fmt: skip
def test_the_job_fails_as_it_would_and_the_answer_is_there(
    name: str, codes: list[int], answer: str, tmp_path: Path, machine: dict[str, str]
) -> None:
    done = [sh(script, tmp_path, machine) for script in scripts(name)]
    assert [each.returncode for each in done] == codes, done
    assert "test_the_discount_counts_crates_of_all_fruit" in done[0].stdout, "the output passes through"
    said = (tmp_path / answer).read_text(encoding="utf-8") if answer else done[-1].stdout
    assert "assert 6000 == 5500" in said
    assert PLACE in said
    if name == "azure":
        assert "6000" not in done[0].stderr
        assert done[1].stdout == "##vso[task.uploadsummary]staging/why.md\n"


@pytest.mark.parametrize("name", ["gitlab", "jenkins", "buildkite", "azure", "circleci"])
def test_a_green_job_stays_green_and_says_nothing_of_a_failure(
    name: str, tmp_path: Path, machine: dict[str, str]
) -> None:
    (tmp_path / "bin" / "make").write_text("#!/bin/sh\necho all is well\n")
    done = sh(scripts(name)[0], tmp_path, machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "all is well\n", "")
    for path in tmp_path.rglob("why.md"):
        assert "**CI passed.**" in path.read_text(encoding="utf-8")
    assert not (tmp_path / "annotated").exists()


def test_a_server_of_ones_own_is_asked_and_nobody_else(tmp_path: Path, machine: dict[str, str]) -> None:
    with serve(SCENARIOS["matrix12"](system_clock().now())) as server:
        script = TRIED["ghes"].replace("https://github.example.com", server.url)
        done = sh(script, tmp_path, {**machine, "GH_TOKEN": "x", "GITHUB_API_URL": "https://127.0.0.1:9"})
    assert done.returncode == 1, done
    assert "11 jobs, one cause" in done.stdout
    assert server.asked(r"^/repos/acme/app/pulls/123") > 0


def test_every_system_of_the_page_is_tried() -> None:
    page = (ROOT / "docs" / "other-ci.md").read_text(encoding="utf-8")
    assert {"gitlab", "jenkins", "circleci", "buildkite", "azure", "ghes", "plain"} <= set(TRIED)
    assert len(re.findall(r"^```(?:yaml|groovy)$", page, re.MULTILINE)) == len(
        re.findall(r"tried: (?:gitlab|jenkins|circleci|buildkite|azure)", page)
    )


def briefs() -> list[str]:
    """Every line that `brief` is held to print."""
    return sorted({line for path in GOLDEN for line in path.read_text(encoding="utf-8").splitlines()})


def matchers() -> list[dict[str, Any]]:
    """The problem matchers of the page."""
    return [each["pattern"] for each in json.loads(TRIED["vscode"])["tasks"][0]["problemMatcher"]]


def test_a_problem_matcher_finds_the_line_of_the_log() -> None:
    log = re.compile(matchers()[0]["regexp"])
    with_a_line = [line for line in briefs() if re.match(r"\S+:\d+: ", line)]
    assert len(with_a_line) > 8
    for line in with_a_line:
        found = log.match(line)
        assert found is not None, line
        assert line == f"{found[1]}:{found[2]}: {found[3]}"
        assert found[1].endswith(".log")


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("job.log:69: failed resource bash worker.py was killed from outside (signal 9, exit 137) [likely] c3", None),
        ("job.log:97: hidden error swallowed-failure a test failed: the pipe hid its exit code", None),
        (
            "job.log:154: failed dependency npm npm cannot install: two packages need different versions of petal [likely] c2",
            None,
        ),
        ("acme/app PR 7: passed: 14 jobs, 1,204 tests, no hidden failure found", None),
        (
            "job.log:942: failed test pytest tests/test_export_markdown.py:41 2 tests [very likely, change, 25 min] c1",
            ("tests/test_export_markdown.py", "41", None),
        ),
        (
            "job.log:274: failed type-check tsc public/app/frameShapeSource.ts:11:84 26 type errors [very likely, change, 180 min] c1",
            ("public/app/frameShapeSource.ts", "11", "84"),
        ),
        ("job.log:9: failed test src/a.py:3 it fails [likely] c1", ("src/a.py", "3", None)),
    ],
)
def test_a_problem_matcher_finds_the_place_in_the_source(line: str, place: tuple[str, ...] | None) -> None:
    found = re.match(matchers()[1]["regexp"], line)
    assert (found and found.group(1, 2, 3)) == place


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_vim_lists_them(tmp_path: Path) -> None:
    lines = briefs()
    (tmp_path / "out.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "rc").write_text(TRIED["vim"], encoding="utf-8")
    (tmp_path / "go").write_text(
        "cgetfile out.txt\ncall writefile(map(getqflist(), {_, each -> bufname(each.bufnr) .. ':' .. each.lnum .. ': ' .. each.text}), 'listed.txt')\nqa!\n"
    )
    subprocess.run(
        ["vim", "-N", "-u", "rc", "-i", "NONE", "-es", "-S", "go"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        timeout=20,
        check=False,
    )
    listed = (tmp_path / "listed.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"\S+\.log:\d+: ", line)] == [
        line for line in listed if re.match(r"\S+\.log:[1-9]\d*: ", line)
    ]


@pytest.mark.skipif(shutil.which("emacs") is None, reason="emacs is not installed")
def test_emacs_knows_them_by_itself(tmp_path: Path) -> None:
    lines = [line for line in briefs() if re.match(r"\S+\.log:\d+: ", line)]
    (tmp_path / "out.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code = """(progn (require 'compile) (find-file "out.txt") (compilation-mode) (compilation--ensure-parse (point-max)) (goto-char (point-min))
      (let ((n 0)) (while (not (eobp)) (when (get-text-property (point) 'compilation-message) (setq n (1+ n))) (forward-line 1)) (princ n)))"""
    done = subprocess.run(
        ["emacs", "-Q", "--batch", "--eval", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout == str(len(lines)), done.stderr


def test_what_an_agent_is_told_to_read_is_in_the_schema() -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    rest, cause = re.sub(r"cause: .*\n", "", TRIED["jq"]), re.findall(r"cause: \((.*)\),\n", TRIED["jq"])
    assert {*re.findall(r"[ \[]\.([a-z_]+)", rest), "status", "root_cause"} <= set(schema["properties"])
    assert len(cause) == 1
    of_cause = {*re.findall(r": \.([a-z_]+)", cause[0]), *cause[0].split("{id, ")[1].split(", at:")[0].split(", ")}
    assert (
        {"title", "rule", "evidence", "locations", "failed_tests"}
        <= of_cause
        <= set(schema["$defs"]["Cause"]["properties"])
    )


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_an_agents_line_is_one_line(tmp_path: Path, machine: dict[str, str]) -> None:
    shutil.copy(ROOT / "examples" / "failing.log", tmp_path / "build.log")
    done = sh(TRIED["jq"], tmp_path, machine)
    assert done.stdout.count("\n") == 1
    said = json.loads(done.stdout)
    assert (said["status"], said["cause"]["at"]["line"], said["cause"]["places"][0]["file"], said["whose"]) == (
        "failed",
        75,
        PLACE,
        "unknown",
    )
    assert len(done.stdout) < 2000
