"""action.yml, setup/action.yml and the example workflows: what must hold of them beyond what zizmor and actionlint look at."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tools.action import EXAMPLES, ROOT, USED, as_local, pins, workflows
from tools.dev import BIN

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS = {
    name: yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("action.yml", "setup/action.yml")
}
FILES = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.yml")}
WRITES = {
    "follow-up.yml": {"why": {"pull-requests"}}, "workflow-run.yml": {"why": {"pull-requests"}}, "code-scanning.yml": {"why": {"security-events"}},
    "learn.yml": {"propose": {"contents", "pull-requests"}},
}  # fmt: skip


def steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    """All steps of an action or a workflow."""
    return (
        document["runs"]["steps"]
        if "runs" in document
        else [step for job in document["jobs"].values() for step in job["steps"]]
    )


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_whole(name: str) -> None:
    action = ACTIONS[name]
    assert action["runs"]["using"] == "composite"
    assert set(action) == {"name", "description", "author", "branding", "inputs", "outputs", "runs"}
    assert len(action["description"]) <= 180
    for kind in ("inputs", "outputs"):
        for each, about in action[kind].items():
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", each), each
            assert about["description"].rstrip().endswith("."), each
            assert "required" not in about, f"{each} has a default"
    assert all(isinstance(each["default"], str) for each in action["inputs"].values()), "a bare true is no text"


@pytest.mark.parametrize("name", ACTIONS)
def test_every_input_goes_by_the_environment_once(name: str) -> None:
    action = ACTIONS[name]
    given = [value for step in steps(action) for value in step["env"].values()]
    assert sorted(value for value in given if "inputs." in value) == sorted(
        f"${{{{ inputs.{each} }}}}" for each in action["inputs"]
    )
    for step in steps(action):
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        assert set(step) == {"name", "id", "shell", "env", "run"}
        assert not [key for key in step["env"] if key.startswith("CI_DIAGNOSE_")], "that would be a setting"


@pytest.mark.parametrize("name", ACTIONS)
def test_every_output_is_one_of_a_step_by_its_own_name(name: str) -> None:
    ids = {step["id"] for step in steps(ACTIONS[name])}
    for each, about in ACTIONS[name]["outputs"].items():
        found = re.fullmatch(r"\$\{\{ steps\.([a-z]+)\.outputs\.([a-z-]+) \}\}", about["value"])
        assert found is not None
        assert found[1] in ids
        assert found[2] == each


def test_the_script_reads_what_the_action_hands_over_and_nothing_else() -> None:
    handed = {key for key in steps(ACTIONS["action.yml"])[1]["env"] if key.startswith("DIAGNOSE_")}
    assert (
        set(re.findall(r"\$\{?(DIAGNOSE_[A-Z_]+)", (ROOT / "action" / "diagnose.sh").read_text(encoding="utf-8")))
        == handed
    )


@pytest.mark.parametrize("name", FILES)
def test_a_workflow_asks_for_as_little_as_it_can(name: str) -> None:
    document = FILES[name]
    assert document["permissions"] == {}
    for key, job in document["jobs"].items():
        assert {right for right, how in job["permissions"].items() if how == "write"} == WRITES.get(name, {}).get(
            key, set()
        ), f"{name}: {key}"
        assert job["timeout-minutes"] <= 60
    for step in steps(document):
        assert "${{" not in step.get("run", ""), "untrusted text goes by the environment"
        assert re.search(r"@[0-9a-f]{40}$", step.get("uses", "@" + "0" * 40))
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", workflows(), ids=lambda path: path.name)
def test_a_hash_says_its_version(path: Path) -> None:
    uses = re.findall(r"^.*uses: .*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert uses
    assert all(re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$|uses: \./", each) for each in uses)


def test_one_action_has_one_hash_everywhere() -> None:
    found = {
        each
        for path in workflows()
        for each in re.findall(r"uses: (\S+)@([0-9a-f]{40})", path.read_text(encoding="utf-8"))
    }
    names = [name.removesuffix("/setup") for name, commit in found if not name.endswith("/setup")]
    assert len(names) == len(set(names)), sorted(found)
    assert len(pins()) == 1


def test_the_commit_that_is_named_holds_the_action() -> None:
    (commit,) = pins()
    there = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if there.returncode:
        pytest.skip("the history of this checkout does not go back to the commit that the examples name")
    for name in (
        "action.yml",
        "setup/action.yml",
        "action/install.sh",
        "action/diagnose.sh",
        "action/requirements.txt",
        "diagnose/cli/forms.py",
        "diagnose/cli/run.py",
    ):
        subprocess.run(["git", "cat-file", "-e", f"{commit}:{name}"], cwd=ROOT, capture_output=True, check=True)


def test_the_workflow_that_may_write_for_forks_takes_nothing_but_an_id_from_them() -> None:
    document = FILES["workflow-run.yml"]
    assert list(document[True]) == ["workflow_run"]  # YAML 1.1 reads the key "on" as a truth value
    text = (EXAMPLES / "workflow-run.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"github\.event\.[\w.]+", "\n".join(line.split(" # ")[0] for line in text.splitlines())))
    assert used == {
        "github.event.workflow_run.event", "github.event.workflow_run.conclusion", "github.event.repository.default_branch",
        "github.event.workflow_run.head_repository.full_name", "github.event.workflow_run.head_branch",
    }  # fmt: skip
    assert not [step for step in steps(document) if "run" in step]
    checkout, why = steps(document)
    assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    assert USED.search(why["uses"])
    for each in FILES.values():
        assert "pull_request_target" not in each[True]


def test_what_reads_logs_may_not_write_and_what_writes_reads_no_log() -> None:
    jobs = FILES["learn.yml"]["jobs"]
    assert "write" not in jobs["learn"]["permissions"].values()
    assert "actions" not in jobs["propose"]["permissions"]
    assert jobs["learn"]["if"] == "github.ref_name == github.event.repository.default_branch"
    assert not [step for step in jobs["propose"]["steps"] if USED.search(step.get("uses", ""))]


BROKEN = {
    "interpolated": ("run: make test", "run: echo ${{ github.event.pull_request.title }}", "template-injection"),
    "unpinned": ("actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "actions/checkout@v5", "unpinned-uses"),
    "too many rights": ("permissions: {}", "permissions: write-all", "excessive-permissions"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_zizmor_would_see_it(tmp_path: Path, what: str) -> None:
    old, new, finding = BROKEN[what]
    text = (EXAMPLES / "follow-up.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "w.yml").write_text(text.replace(old, new), encoding="utf-8")
    done = subprocess.run(
        [BIN / "zizmor", "--offline", "--no-progress", "--persona=auditor", "w.yml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert finding in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("comment: ", "coment: ", 'input "coment" is not defined'),
        ("outputs.escalate", "outputs.escalade", '"escalade" is not defined'),
    ],
)
def test_actionlint_knows_the_actions_inputs_and_outputs(tmp_path: Path, old: str, new: str, says: str) -> None:
    seen = []
    for path in as_local(tmp_path):
        text = path.read_text(encoding="utf-8")
        if old in text:
            path.write_text(text.replace(old, new), encoding="utf-8")
            seen.append(path)
    done = subprocess.run([BIN / "actionlint", *seen], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert says in done.stdout.replace("property ", "")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    done = subprocess.run(
        ["shellcheck", *sorted((ROOT / "action").glob("*.sh"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
