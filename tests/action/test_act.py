"""The examples run for real: act in host mode, GitHub's API on the loopback, the action of this checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from tests.support.act import TOKEN, Ran, Stage
from tests.support.fake_github import Scenario, serve
from tests.support.github_life import ORDERS, README, begin, failing_total
from tests.support.github_scenarios import SCENARIOS
from tests.support.github_schema import read_schema
from tests.support.github_world import HEAD
from tools.action import EXAMPLES
from tools.dev import BIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.fake_github import FakeGitHub

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="act runs jobs on this machine: POSIX shells"),
    pytest.mark.timeout(240),
]

FAILS = "test:\n\t@echo 'FAILED tests/test_a.py::test_one - AssertionError: assert 1 == 2'; exit 2\n"
PASSES = "test:\n\t@echo 3 passed\n"
PULL = {"number": 123, "pull_request": {"number": 123, "head": {"sha": HEAD}}, "repository": {"default_branch": "main"}}
REPOSITORY = {"default_branch": "main", "full_name": "acme/app"}
LINES = "".join(f"# line {number}\n" for number in range(1, 80))


def example(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.write({"Makefile": FAILS, "tests/test_orders.py": LINES, "src/app/orders.py": LINES})
    return made


@contextmanager
def github(scenario: Scenario) -> Iterator[FakeGitHub]:
    with serve(scenario, schema=read_schema()) as server:
        yield server
    assert not server.violations
    assert {each.authorization for each in server.seen if each.on == "api"} <= {f"Bearer {TOKEN}"}
    assert not [each for each in server.seen if each.on == "store" and each.authorization]


def scenario(name: str) -> Scenario:
    return SCENARIOS[name](system_clock().now())


def go(
    stage: Stage, server: FakeGitHub, workflow: str, event: str, payload: dict[str, Any], run: int = 900, **env: str
) -> Ran:
    ran = stage.run(workflow, event, payload, {"GITHUB_API_URL": server.url, "GITHUB_RUN_ID": str(run), **env})
    assert TOKEN not in ran.everything
    return ran


def test_a_job_behind_a_failing_matrix(stage: Stage) -> None:
    with github(scenario("matrix12")) as server:
        ran = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
    assert ran.code == 1, "the matrix failed, and the run with it"
    assert ran.results() == {"test (3.12)-1": "failure", "test (3.13)-2": "failure", "why": "success"}, ran.everything
    wanted = {
        "status": "failed", "state": "failed", "category": "test", "tool": "pytest", "rule": "pytest/assertion", "causes": "2", "jobs-failed": "12", "hidden": "0",
        "exit-code": "0",
    }  # fmt: skip
    outputs = ran.outputs("why")
    assert {name: outputs[name] for name in wanted} == wanted
    assert set(outputs) - {"version"} == set(outputs_declared())
    summary = ran.summary("why")
    assert summary.startswith("**CI failed: 11 jobs, 2 causes.**")
    assert "tests/test_orders.py:41" in summary
    said = ran.said("why")
    assert "| ✗ Failed: 11 jobs, one cause" in said
    assert not ran.commands("why", "add-mask", "set-env", "add-path")
    (mark,) = ran.commands("why", "error")
    assert mark["kvPairs"] == {"file": "tests/test_orders.py", "line": "41"}
    assert outputs["annotations"] == "1"


def outputs_declared() -> list[str]:
    """The outputs of action.yml."""
    return re.findall(
        r"^  ([a-z-]+):\n    description",
        (EXAMPLES.parents[1] / "action.yml").read_text(encoding="utf-8").split("\noutputs:\n")[1],
        re.MULTILINE,
    )


def test_one_comment_is_made_kept_and_folded_when_ci_passes_again(stage: Stage) -> None:
    with github(scenario("matrix12")) as server:
        comments = server.answers.comments
        first = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
    assert first.outputs("why")["comment"] == "created", first.everything
    (body,) = comments.bodies(123)
    assert "tests/test_orders.py:41" in body
    for name, outcome in (("matrix12", "unchanged"), ("passed", "folded"), ("passed", "unchanged")):
        with github(scenario(name)) as server:
            server.answers.comments = comments
            stage.again({"Makefile": PASSES if name == "passed" else FAILS})
            ran = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
        assert ran.outputs("why")["comment"] == outcome, ran.everything
        assert ran.outputs("why")["comment-id"] == first.outputs("why")["comment-id"]
    (body,) = comments.bodies(123)
    assert "CI passes again" in body
    assert [method for method, _ in comments.written] == ["POST", "PATCH"]


def test_where_the_token_may_not_write_the_rest_is_there(stage: Stage) -> None:
    with github(forked(system_clock().now())) as server:
        server.answers.comments.may_write = False
        ran = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
    assert ran.results()["why"] == "success"
    assert (ran.outputs("why")["status"], ran.outputs("why")["comment"]) == ("failed", "refused")
    assert "not published: the comment: " in ran.said("why")
    assert ran.summary("why").startswith("**CI failed")
    assert not server.answers.comments.bodies(123)


def test_outputs_reach_the_steps_behind(stage: Stage) -> None:
    workflow = example("follow-up.yml").replace("escalate == 'true'", "status == 'failed'")
    with github(scenario("matrix12")) as server:
        ran = go(stage, server, workflow, "pull_request", PULL)
    assert re.search(
        r"a person is asked for; whose it is - (change|base|flaky|infrastructure|unknown)\n", ran.said("why")
    )


def test_all_green_and_nothing_is_made(stage: Stage) -> None:
    stage.write({"Makefile": PASSES})
    with github(scenario("passed")) as server:
        ran = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
    assert ran.code == 0, ran.everything
    assert set(ran.results().values()) == {"success"}
    assert {name: ran.outputs("why")[name] for name in ("status", "state", "causes", "annotations")} == {
        "status": "passed",
        "state": "passed",
        "causes": "0",
        "annotations": "0",
    }
    assert not ran.commands("why", "error", "warning")


def test_a_push_that_is_green_starts_no_job(stage: Stage) -> None:
    stage.write({"Makefile": PASSES})
    with github(scenario("passed")) as server:
        ran = go(stage, server, example("follow-up.yml"), "push", {"repository": REPOSITORY})
    assert ran.code == 0, ran.everything
    assert "why" not in ran.results()
    assert not server.seen


@pytest.mark.parametrize("name", ["server-gone", "wrong-token", "expired"])
def test_what_goes_wrong_at_github_makes_no_job_red(stage: Stage, name: str) -> None:
    with github(scenario(name)) as server:
        ran = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
    assert ran.results()["why"] == "success", ran.everything
    outputs = ran.outputs("why")
    assert outputs["status"] in ("none", "undetermined", "failed")
    assert outputs["exit-code"] in ("0", "3")
    if outputs["exit-code"] == "3":
        assert [each["arg"] for each in ran.commands("why", "warning")] == [
            "Nothing could be looked at. The log of this step says why, and what to do."
        ]


def test_a_wrong_input_fails_the_step_and_says_which(stage: Stage) -> None:
    workflow = example("follow-up.yml").replace(
        "        id: why\n", "        id: why\n        with:\n          comment: sometimes\n"
    )
    with github(scenario("matrix12")) as server:
        ran = go(stage, server, workflow, "pull_request", PULL)
    assert ran.results()["why"] == "failure"
    assert [each["arg"] for each in ran.commands("why", "error")] == ["The input comment takes true or false."]
    assert not server.seen


HOSTILE = "::error::pwned-v2\n##[error]pwned-v1\n::set-output name=tool::pwned\n::stop-commands::x\n::add-mask::e\nE       AssertionError: assert 1 == 2\n"


def test_a_hostile_log_commands_nothing(stage: Stage) -> None:
    made = scenario("matrix12")
    for job, text in list(made.world.logs.items()):
        if isinstance(text, bytes) and b"AssertionError" in text:
            made.world.logs[job] = text.replace(b"FAILED tests/", HOSTILE.encode() + b"FAILED tests/")
    with github(made) as server:
        ran = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
    assert ran.outputs("why")["status"] == "failed"
    assert not [
        each
        for each in ran.commands("why", "error", "warning", "stop-commands", "add-mask", "set-output")
        if "pwned" in str(each.get("arg"))
    ]
    assert not ran.commands("why", "stop-commands", "add-mask")


def test_the_work_tree_names_no_server_for_the_token(stage: Stage) -> None:
    stage.write({"pyproject.toml": '[tool.ci-diagnose]\napi_url = "http://127.0.0.1:9"\nmemory_folder = "/nowhere"\n'})
    with github(scenario("matrix12")) as server:
        ran = go(stage, server, example("follow-up.yml"), "pull_request", PULL)
    assert ran.outputs("why")["status"] == "failed", ran.everything


def test_in_the_job_itself_the_answer_stands_below_the_output(stage: Stage) -> None:
    with github(scenario("passed")) as server:
        ran = go(stage, server, example("in-job.yml"), "push", {"repository": REPOSITORY})
    assert ran.results() == {"test": "failure"}, ran.everything
    said = ran.said("test")
    assert said.index("FAILED tests/test_a.py::test_one") < said.index("| ✗ Failed: ")
    assert "assert 1 == 2" in ran.summary("test")
    assert not server.seen, "no token is needed, and nothing is asked"


def test_in_the_job_itself_a_green_command_is_left_alone(stage: Stage) -> None:
    stage.write({"Makefile": PASSES})
    with github(scenario("passed")) as server:
        ran = go(stage, server, example("in-job.yml"), "push", {"repository": REPOSITORY})
    assert ran.results() == {"test": "success"}, ran.everything
    assert "3 passed\n" in ran.said("test")
    assert "| " not in ran.said("test")
    assert ran.summary("test").startswith("**CI passed.**")


def test_code_scanning_gets_a_file(stage: Stage) -> None:
    workflow = re.sub(
        r"      - uses: github/codeql-action/upload-sarif.*",
        "      - run: cat ci-diagnose.sarif",
        example("code-scanning.yml"),
        flags=re.DOTALL,
    )
    with github(scenario("matrix12")) as server:
        ran = go(stage, server, workflow, "push", {"repository": REPOSITORY})
    assert ran.results()["why"] == "success", ran.everything
    assert '"version": "2.1.0"' in ran.said("why").replace('"version":"2.1.0"', '"version": "2.1.0"')
    assert ran.outputs("why")["comment"] == "off"


UPLOAD = """name: up
description: Stands for actions/upload-artifact.
inputs:
  name: {{description: n}}
  path: {{description: p}}
  if-no-files-found: {{description: i}}
  retention-days: {{description: r}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {{PATHS: "${{{{ inputs.path }}}}"}}
      run: mkdir -p {folder} && for each in $PATHS; do cp "$each" {folder}/; done
"""
DOWNLOAD = """name: down
description: Stands for actions/download-artifact.
inputs:
  name: {{description: n}}
  path: {{description: p}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {{TO: "${{{{ inputs.path }}}}"}}
      run: mkdir -p "$TO" && cp {folder}/* "$TO"/
"""
CHECKOUT = """name: check
description: Stands for actions/checkout, where a ref is named.
inputs:
  ref: {{description: r}}
  sparse-checkout: {{description: s}}
  sparse-checkout-cone-mode: {{description: c}}
  persist-credentials: {{description: p}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {{REF: "${{{{ inputs.ref }}}} ${{{{ inputs.sparse-checkout }}}} ${{{{ inputs.persist-credentials }}}}"}}
      run: echo "$REF" > {folder} && cp -R {repository}/. .
"""
OF_ANOTHER = "    - shell: bash\n      run: git -c user.name=x -c user.email=x@example.com commit --quiet --allow-empty --message=more\n"
GH = """#!/bin/bash
printf "%s\\n" "$*" >> {record}
case "$1 $2" in
  "run list") [ ! -e {before} ] || echo 77 ;;
  "run download") mkdir -p "$7" && cp {before} "$7"/learnt.jsonl ;;
  "pr list") echo {open} ;;
esac
"""


def learning(stage: Stage, open_already: int) -> tuple[Path, list[str]]:
    """A home for the artifact, an origin to push to, a `gh` that notes what it is asked; returns the origin, and more options for act."""
    origin, kept, options = stage.folder / "origin.git", stage.folder / "artifact", []
    for name, text in (("upload", UPLOAD), ("download", DOWNLOAD)):
        (stage.folder / name).mkdir()
        (stage.folder / name / "action.yml").write_text(text.format(folder=kept))
        found = re.search(rf"uses: (actions/{name}-artifact@[0-9a-f]+)", example("learn.yml"))
        assert found is not None
        options += ["--local-repository", f"{found[1]}={stage.folder / name}"]
    (stage.bin / "gh").write_text(
        GH.format(record=stage.folder / "asked", open=open_already, before=stage.folder / "before.jsonl")
    )
    (stage.bin / "gh").chmod(0o755)
    stage.git("init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    (stage.folder / "gitconfig").write_text(f'[url "{origin}"]\n\tpushInsteadOf = https://github.com/acme/app.git\n')
    return origin, options


def week(stage: Stage, options: list[str], *failures: int, number: int = 0) -> Ran:
    """Weeks on main: at each of `failures` (days ago) one, a fix, green; then the scheduled workflow."""
    life = begin(system_clock().now(), days=max(failures))
    life.numbers += 100 * number
    life.run("main", life.push("main", 10 * number + 1, [README], "Begin"), None)
    for each, days in enumerate(failures, number):
        life.at = system_clock().now() - timedelta(days=days)
        life.run("main", life.push("main", 10 * each + 2, [README], "Say more"), failing_total())
        life.run(
            "main",
            life.push("main", 10 * each + 3, [ORDERS], "Round half up (#412)", after=timedelta(minutes=20)),
            None,
        )
    with github(Scenario(life.world)) as server:
        ran = stage.run(
            example("learn.yml"),
            "schedule",
            {"repository": REPOSITORY},
            {"GITHUB_API_URL": server.url, "CI_DIAGNOSE_API_URL": server.url},
            options,
        )
    assert TOKEN not in ran.everything
    return ran


def asked_of_gh(stage: Stage, *words: str) -> list[str]:
    """The calls of `gh` that begin so."""
    return [line for line in (stage.folder / "asked").read_text().splitlines() if line.startswith(words)]


@pytest.mark.parametrize("open_already", [0, 1])
def test_what_two_fixes_say_is_handed_back_as_a_pull_request(stage: Stage, open_already: int) -> None:
    origin, options = learning(stage, open_already)
    ran = week(stage, options, 5, 2)
    assert ran.results() == {"learn": "success", "propose": "success"}, ran.everything
    record = (stage.folder / "artifact" / "DISCOVERIES.md").read_text(encoding="utf-8")
    assert "Round half up" in record
    stage.git("fetch", "--quiet", str(origin), "ci-diagnose/learnt")
    stage.git("checkout", "--quiet", "--force", "FETCH_HEAD")
    assert (stage.repository / "DISCOVERIES.md").read_text(encoding="utf-8") == record
    assert asked_of_gh(stage, "auth", "pr list") == [
        "auth setup-git",
        "pr list --head ci-diagnose/learnt --state open --json number --jq length",
    ]
    assert len(asked_of_gh(stage, "pr create --base main --head ci-diagnose/learnt ")) == 1 - open_already
    assert ran.outputs("learn")["changed"] == "true"


def test_what_one_fix_says_waits_in_the_artifact_for_the_next_week(stage: Stage) -> None:
    _, options = learning(stage, 0)
    ran = week(stage, options, 5)
    assert ran.results() == {"learn": "success"}, ran.everything
    learnt = stage.folder / "artifact" / "learnt.jsonl"
    assert "Round half up" in learnt.read_text(encoding="utf-8")
    assert not asked_of_gh(stage, "pr", "auth")
    learnt.rename(stage.folder / "before.jsonl")
    stage.again({})
    assert not (stage.repository / "DISCOVERIES.md").exists()
    ran = week(stage, options, 2, number=1)
    assert len(asked_of_gh(stage, "run download 77 --name learnt --dir ")) == 1
    assert ran.results()["learn"] == "success", ran.everything
    kept = learnt.read_text(encoding="utf-8")
    assert kept.count('"kind": "pattern"') == 1
    assert kept.count('"kind": "sighting"') == 2


def test_nothing_new_is_proposed_to_nobody(stage: Stage) -> None:
    _, options = learning(stage, 0)
    with github(scenario("passed")) as server:
        ran = stage.run(
            example("learn.yml"),
            "schedule",
            {"repository": REPOSITORY},
            {"GITHUB_API_URL": server.url, "CI_DIAGNOSE_API_URL": server.url},
            options,
        )
    assert ran.results()["learn"] == "success", ran.everything
    assert "propose" not in ran.results()
    assert not asked_of_gh(stage, "pr", "auth")


def test_nothing_is_learnt_on_another_branch(stage: Stage) -> None:
    _, options = learning(stage, 0)
    with github(scenario("passed")) as server:
        ran = stage.run(
            example("learn.yml"),
            "workflow_dispatch",
            {"repository": {"default_branch": "trunk"}},
            {"GITHUB_API_URL": server.url},
            options,
        )
    assert ran.results() == {}, ran.everything
    assert not server.seen


def forked(now: Any) -> Scenario:
    """Pull request 123 comes from a fork: its run's `pull_requests` is empty, and the workflow file is the base's."""
    made = SCENARIOS["matrix12"](now)
    made.world.runs[0] |= {
        "pull_requests": [],
        "head_repository": {
            **made.world.runs[0]["head_repository"],
            "id": 4242,
            "full_name": "stranger/app",
            "fork": True,
        },
    }
    made.world.pulls[123]["head"]["repo"] = {
        **made.world.pulls[123]["head"]["repo"],
        "id": 4242,
        "full_name": "stranger/app",
        "fork": True,
    }
    made.world.pulls[123]["head"]["label"] = "stranger:rounding"
    return made


def workflow_run(conclusion: str, event: str = "pull_request") -> dict[str, Any]:
    run = {
        "id": 900,
        "event": event,
        "conclusion": conclusion,
        "head_branch": "rounding",
        "head_repository": {"full_name": "stranger/app"},
        "pull_requests": [],
    }
    return {"workflow_run": run, "repository": REPOSITORY, "action": "completed"}


def solved(stage: Stage) -> None:
    """Write the record of the repository: the failure of matrix12 was met before."""
    with serve(scenario("matrix12")) as server:
        env = {**stage.environment(), "GITHUB_API_URL": server.url, "GITHUB_TOKEN": "x"}
        for words in (
            ["--run=900", "--repo=acme/app", "--quiet"],
            ["resolve", "c1", "--cause=cents are cut", "--solution=rounded half up", "--fixed-by=0a03000"],
        ):
            done = subprocess.run(
                [BIN / "ci-diagnose", *words],
                cwd=stage.repository,
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode in (0, 1), done
    shutil.rmtree(stage.folder / "data", ignore_errors=True)
    assert "rounded half up" in (stage.repository / "DISCOVERIES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("at_this_commit", [True, False], ids=["of the default branch", "at another commit"])
def test_the_run_behind_a_forks_run_comments_in_its_place(stage: Stage, *, at_this_commit: bool) -> None:
    solved(stage)
    noted = stage.folder / "checked-out"
    (stage.folder / "checkout").mkdir()
    (stage.folder / "checkout" / "action.yml").write_text(
        CHECKOUT.format(folder=noted, repository=stage.repository) + ("" if at_this_commit else OF_ANOTHER)
    )
    found = re.search(r"uses: (actions/checkout@[0-9a-f]+)", example("workflow-run.yml"))
    assert found is not None
    with github(forked(system_clock().now())) as server:
        env = {"GITHUB_API_URL": server.url, "GITHUB_RUN_ID": "17"}
        ran = stage.run(
            example("workflow-run.yml"),
            "workflow_run",
            workflow_run("failure"),
            env,
            ["--local-repository", f"{found[1]}={stage.folder / 'checkout'}"],
        )
    assert ran.results() == {"why": "success"}, ran.everything
    assert noted.read_text() == "main DISCOVERIES.md false\n"
    assert {name: ran.outputs("why")[name] for name in ("status", "annotations", "comment")} == {
        "status": "failed",
        "annotations": "0",
        "comment": "created",
    }
    assert server.asked(r"/actions/runs/900") > 0
    assert server.asked(r"/actions/runs/17") == 0
    (body,) = server.answers.comments.bodies(123)
    assert body.startswith("<!-- ci-diagnose:v1 key=ci.yml state=failed ")
    assert "**CI failed: 11 jobs, 2 causes.**" in body
    assert ("rounded half up" in body) is at_this_commit


@pytest.mark.parametrize(
    "payload",
    [workflow_run("failure", "push"), workflow_run("cancelled"), workflow_run("skipped")],
    ids=["a push", "cancelled", "skipped"],
)
def test_the_run_behind_has_nothing_to_say_of_others(stage: Stage, payload: dict[str, Any]) -> None:
    with github(scenario("matrix12")) as server:
        ran = go(stage, server, example("workflow-run.yml"), "workflow_run", payload, run=17)
    assert ran.results() == {}, ran.everything
    assert not server.seen
