"""Incidents of which it is known whose they are: each a function that sets the stage, and what is to be said of it.

`unknown` is the right answer to each that only looks like one of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support import whose_logs as logs
from tests.support.github_logs import python_job
from tests.support.github_world import BASE, HEAD, changed, note, repository
from tests.support.whose_stage import TIP, Stage, edit, setup_job, shell_job

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from diagnose.model.words import Verdict, Weighed

ORDERS = [edit("src/app/orders.py", 33, "        total = 1")]
GO = "go test ./..."


@dataclass(frozen=True)
class Whose:
    """An incident: what it is, whose, by which comparison, whether running again is advised. checkout: diagnosed from a git checkout of its branch."""

    about: str
    verdict: Verdict
    control: Weighed
    again: bool
    build: Callable[[datetime], Stage]
    target: str = "--pr 123"
    known: bool = False
    checkout: bool = False


ROWS: list[Whose] = []


def row(
    about: str,
    verdict: Verdict,
    control: Weighed = "",
    *,
    again: bool = False,
    target: str = "--pr 123",
    known: bool = False,
    checkout: bool = False,
) -> Callable[[Callable[[datetime], Stage]], Callable[[datetime], Stage]]:
    """Add an incident to the table."""

    def take(build: Callable[[datetime], Stage]) -> Callable[[datetime], Stage]:
        ROWS.append(Whose(about, verdict, control, again, build, target, known, checkout))
        return build

    return take


# The change's


@row("a linter names a line that the change edits", "change", "diff-line")
def _lint(now: datetime) -> Stage:
    stage = Stage(now, ORDERS)
    stage.base(None)
    stage.run(shell_job("test", HEAD, "ruff check .", logs.RUFF))
    return stage


@row(
    "a compiler names a line that the change edits; nothing is known of the base", "change", "diff-line", checkout=True
)
def _compile(now: datetime) -> Stage:
    stage = Stage(now, [edit("src/cart.c", 41, "    return taxes;")])
    stage.run(shell_job("test", HEAD, "make", logs.GCC))
    return stage


@row("a compiler names a file three lines beside an edit; the base is green", "change", "diff-file")
def _beside(now: datetime) -> Stage:
    stage = Stage(now, [edit("src/cart.c", 38, "    int tax = 0;")])
    stage.base(shell_job("test", BASE, "make", [], failed=False), green=True)
    stage.run(shell_job("test", HEAD, "make", logs.GCC))
    return stage


@row("the change adds the test that fails", "change", "diff-test")
def _new_test(now: datetime) -> Stage:
    stage = Stage(now, [*ORDERS, edit("tests/test_upload.py", 80, "def test_upload_keeps_names():", "added")])
    stage.base(None)
    stage.pytest(logs.UPLOAD)
    return stage


@row("the change edits the test that fails", "change", "diff-test")
def _edited_test(now: datetime) -> Stage:
    stage = Stage(now, [edit("tests/test_orders.py", 36, "def test_total_rounds():", old="def test_total():")])
    stage.base(None)
    stage.pytest(logs.ROUNDING)
    return stage


@row("versions conflict, and the change edits the requirements", "change", "diff-dependency")
def _requirements(now: datetime) -> Stage:
    stage = Stage(now, [edit("requirements.txt", 2, "urllib3==2.0", old="urllib3==1.26.18")])
    stage.base(None)
    stage.run(shell_job("test", HEAD, "pip install -r requirements.txt", logs.CONFLICT[:-1]))
    return stage


@row("a module is missing that the change takes out of the lock", "change", "diff-dependency")
def _lock(now: datetime) -> Stage:
    stage = Stage(now, [edit("requirements.txt", 2, "httpx==0.28", old="urllib3==1.26.18")])
    stage.run(shell_job("test", HEAD, "python tools/report.py", logs.NO_MODULE))
    return stage


@row("the step that fails is one that the change edits in the workflow", "change", "diff-workflow")
def _workflow(now: datetime) -> Stage:
    stage = Stage(now, [edit(".github/workflows/ci.yml", 20, "      - run: make chek", old="      - run: make check")])
    stage.base(None)
    stage.run(shell_job("test", HEAD, "make chek", logs.NO_RULE))
    return stage


@row("a build file does not configure at a line that the change edits", "change", "diff-line")
def _cmake(now: datetime) -> Stage:
    stage = Stage(now, [edit("CMakeLists.txt", 14, "find_package(Fmt REQUIRED)")])
    stage.base(None)
    stage.run(shell_job("test", HEAD, "cmake -B build", logs.CMAKE))
    return stage


@row("the base fails too, by another failure; the compiler names a line that the change edits", "change", "diff-line")
def _own_beside_base(now: datetime) -> Stage:
    stage = Stage(now, [edit("src/cart.c", 41, "    return taxes;")])
    stage.base(shell_job("test", BASE, "make check", logs.OTHER_ARTIFACT))
    stage.run(shell_job("test", HEAD, "make", logs.GCC))
    return stage


@row("a compiler names a file that the change does not touch, and the base compiles it", "change", "base-green")
def _far_compile(now: datetime) -> Stage:
    stage = Stage(now, [edit("src/tax.h", 3, "#define TAX 1")])
    stage.base(shell_job("test", BASE, "make", [], failed=False), green=True)
    stage.run(shell_job("test", HEAD, "make", logs.GCC))
    return stage


# The base's


@row("the base's tip shows the same failure", "base", "base-red")
def _base_red(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(logs.ROUNDING)
    stage.pytest(logs.ROUNDING)
    return stage


@row("the base's tip shows the same compile error", "base", "base-red", checkout=True)
def _base_compile(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(shell_job("test", BASE, "make", logs.GCC))
    stage.run(shell_job("test", HEAD, "make", logs.GCC))
    return stage


@row("the base's tip shows it with other times and numbers", "base", "base-red")
def _base_masked(now: datetime) -> Stage:
    told = "src/queue.c:77: assertion failed: drained within {} ms (waited {} ms, worker 0x{})"
    stage = Stage(now)
    stage.base(shell_job("test", BASE, "./queue_test", [told.format(500, 731, "7f21c0de")]))
    stage.run(shell_job("test", HEAD, "./queue_test", [told.format(500, 902, "7f88d1aa")]))
    return stage


@row("the commit at which the branch left the base shows it, the base's tip is green", "base", "merge-base-red")
def _merge_base(now: datetime) -> Stage:
    stage = Stage(now, behind=True)
    stage.base(logs.ROUNDING, sha=BASE, hours=30)
    stage.base(None, sha=TIP, hours=0.01)
    stage.pytest(logs.ROUNDING)
    return stage


@row("a matrix fails, and the same matrix on the base fails the same way", "base", "base-red")
def _base_matrix(now: datetime) -> Stage:
    stage = Stage(now)
    for name in ("test (3.12)", "test (3.13)"):
        stage.base(logs.ROUNDING, name)
    run = stage.pytest(logs.ROUNDING, "test (3.12)")
    stage.job(run, "test (3.13)", python_job("test (3.13)", "ubuntu-24.04", "3.13", HEAD, logs.ROUNDING))
    return stage


@row("two pull requests of other people fail the same way today", "base", "siblings")
def _siblings(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(None, hours=40)
    stage.sibling("ada", logs.UPLOAD)
    stage.sibling("bob", logs.UPLOAD)
    stage.pytest(logs.UPLOAD)
    return stage


@row("three pull requests of other people fail to install the same way today", "base", "siblings")
def _three_siblings(now: datetime) -> Stage:
    stage = Stage(now)
    for author in ("ada", "bob", "cyd"):
        stage.sibling(author, shell_job("test", HEAD, "pip install -r requirements.txt", logs.CONFLICT[:-1]))
    stage.run(shell_job("test", HEAD, "pip install -r requirements.txt", logs.CONFLICT[:-1]))
    return stage


@row("a push to the base fails as the push before did", "base", "base-red", target="--branch main")
def _push(now: datetime) -> Stage:
    stage = Stage(now, pull=False)
    stage.base(logs.ROUNDING, hours=9)
    stage.world.commits["heads/main"] = stage.world.commits[TIP]
    stage.world.add_commit(TIP, [BASE], [], "Next")
    stage.world.commits["heads/main"] = stage.world.commits[TIP]
    stage.base(logs.ROUNDING, sha=TIP, hours=0.2)
    return stage


@row("an action's version was retired: it is refused for everybody", "base", "message")
def _retired(now: datetime) -> Stage:
    stage = Stage(now)
    told = "##[error]This request has been automatically failed because it uses a deprecated version of `actions/upload-artifact: v3`. Learn more: https://github.blog"
    stage.run(setup_job("test", "actions/upload-artifact@v3", ["Getting action download info", told]))
    return stage


# What comes and goes


@row("the first attempt passed", "flaky", "same-commit", again=True)
def _passed_first(now: datetime) -> Stage:
    stage = Stage(now)
    run = stage.run(None, conclusion="success")
    stage.again(run, python_job("test", "ubuntu-24.04", "3.12", HEAD, logs.CACHE))
    return stage


@row("another run of the same commit passed", "flaky", "same-commit", again=True)
def _other_run(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(None)
    stage.pytest(None)
    stage.pytest(logs.CACHE)
    return stage


@row("the job asked for failed, its next attempt passed", "flaky", "same-commit", target="--job 9020")
def _next_passed(now: datetime) -> Stage:
    stage = Stage(now)
    run = stage.pytest(logs.CACHE)
    stage.again(run, None, conclusion="success")
    return stage


@row("a limit of time ends a test that passed at this commit", "flaky", "same-commit", again=True)
def _limit(now: datetime) -> Stage:
    stage = Stage(now)
    run = stage.run(None, conclusion="success")
    stage.again(run, shell_job("test", HEAD, GO, logs.GO_TIMEOUT))
    return stage


@row("both members of a matrix passed at this commit before", "flaky", "same-commit", again=True, checkout=True)
def _matrix(now: datetime) -> Stage:
    stage = Stage(now)
    run = stage.run(None, "test (3.12)", "success")
    stage.job(run, "test (3.13)", None, "success")
    stage.again(run, python_job("test (3.12)", "ubuntu-24.04", "3.12", HEAD, logs.CACHE), "test (3.12)")
    stage.job(run, "test (3.13)", python_job("test (3.13)", "ubuntu-24.04", "3.13", HEAD, logs.CACHE))
    return stage


@row(
    "it passed at this commit, and the change edits that test: flaky, and touched here",
    "flaky",
    "same-commit",
    again=True,
)
def _touched(now: datetime) -> Stage:
    stage = Stage(now, [edit("tests/test_cache.py", 12, "def test_cache_evicts():", old="def test_cache():")])
    run = stage.run(None, conclusion="success")
    stage.again(run, python_job("test", "ubuntu-24.04", "3.12", HEAD, logs.CACHE))
    return stage


@row("a pattern that is known to pass on a re-run", "flaky", "known-flaky", known=True)
def _known(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(None)
    stage.pytest(logs.CACHE)
    return stage


# The machine's


def _noted(now: datetime, message: str) -> Stage:
    stage = Stage(now)
    run = stage.run(None)
    stage.world.notes[stage.world.jobs[run["id"], 1][0]["id"]] = [note(message)]
    return stage


@row("the runner was lost: no log, only a note", "infrastructure", "message", again=True)
def _lost(now: datetime) -> Stage:
    return _noted(
        now,
        "The self-hosted runner lost communication with the server. Verify the machine is running and has a healthy network connection.",
    )


@row("the account's bill is not paid: running again does not help", "infrastructure", "message")
def _billing(now: datetime) -> Stage:
    return _noted(
        now,
        "The job was not started because recent account payments have failed or your spending limit needs to be increased.",
    )


@row("a host name is not resolved in a step that downloads", "infrastructure", "message", again=True)
def _dns(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(None)
    stage.run(shell_job("test", HEAD, "curl -fsSO https://downloads.example.org/tool.tgz", logs.NO_HOST))
    return stage


@row("the mirror of packages does not answer", "infrastructure", "message", again=True, checkout=True)
def _mirror(now: datetime) -> Stage:
    stage = Stage(now)
    stage.run(shell_job("test", HEAD, "sudo apt-get install -y libx1", logs.APT))
    return stage


@row("the disk is full: the same work fills it again", "infrastructure", "message")
def _disk(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(None)
    stage.run(shell_job("test", HEAD, "./image.sh", logs.DISK))
    return stage


@row("the registry limits pulls", "infrastructure", "message", again=True)
def _hub(now: datetime) -> Stage:
    stage = Stage(now)
    stage.run(shell_job("test", HEAD, "docker run --rm acme/tool", logs.HUB))
    return stage


@row("the server answers 503 while the code is checked out", "infrastructure", "message", again=True)
def _git(now: datetime) -> Stage:
    stage = Stage(now)
    stage.run(setup_job("test", "actions/checkout@v4", logs.GIT))
    return stage


@row("unrelated jobs of two workflows lose the network at once", "infrastructure", "message", again=True)
def _many(now: datetime) -> Stage:
    stage = Stage(now)
    run = stage.run(shell_job("test", HEAD, "curl -fsSO https://downloads.example.org/tool.tgz", logs.NO_HOST))
    stage.job(run, "docs", shell_job("docs", HEAD, "curl -fsSO https://downloads.example.org/theme.tgz", logs.NO_HOST))
    stage.run(
        shell_job("package", HEAD, "sudo apt-get install -y libx1", logs.APT), "package", workflow_id=11, name="Release"
    )
    return stage


# What only looks so


@row("the base fails too, but by another failure; the change touches neither", "unknown")
def _other_on_base(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(logs.UPLOAD)
    stage.pytest(logs.ROUNDING)
    return stage


@row("the base fails too, and GitHub has deleted its log", "unknown")
def _base_expired(now: datetime) -> Stage:
    stage = Stage(now)
    stage.world.logs[stage.base(logs.ROUNDING)["id"]] = 410
    stage.pytest(logs.ROUNDING)
    return stage


@row("the base is killed too: a kill is no signature", "unknown")
def _killed(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(shell_job("test", BASE, "./suite --all", logs.KILLED, end=logs.KILLED_EXIT))
    stage.run(shell_job("test", HEAD, "./suite --all", logs.KILLED, end=logs.KILLED_EXIT))
    return stage


@row("two pull requests are canceled as this one is: a cancellation is no signature", "unknown")
def _canceled(now: datetime) -> Stage:
    stage = Stage(now)
    for author in ("ada", "bob"):
        stage.sibling(
            author, shell_job("test", HEAD, "./suite", ["running"], end="##[error]The operation was canceled.")
        )
    stage.run(shell_job("test", HEAD, "./suite", ["running"], end="##[error]The operation was canceled."))
    return stage


@row(
    "a test fails once, far from the change, and the base is green: it may come and go, and nothing shows it", "unknown"
)
def _once(now: datetime) -> Stage:
    stage = Stage(now, [edit("docs/guide/index.md", 3)])
    stage.base(None)
    stage.pytest(logs.CACHE)
    return stage


@row("one pull request of somebody else fails the same way: one may be chance", "unknown")
def _one_sibling(now: datetime) -> Stage:
    stage = Stage(now)
    stage.sibling("ada", logs.UPLOAD)
    stage.pytest(logs.UPLOAD)
    return stage


@row("other people's pull requests fail the job by other failures", "unknown")
def _other_siblings(now: datetime) -> Stage:
    stage = Stage(now)
    stage.sibling("ada", logs.UPLOAD)
    stage.sibling("bob", logs.CACHE)
    stage.pytest(logs.ROUNDING)
    return stage


@row("two pull requests of the same author fail the same way: they may share a commit", "unknown")
def _own_siblings(now: datetime) -> Stage:
    stage = Stage(now)
    stage.sibling("mona", logs.UPLOAD)
    stage.sibling("mona", logs.UPLOAD)
    stage.pytest(logs.UPLOAD)
    return stage


@row("two pull requests failed the same way last week", "unknown")
def _old_siblings(now: datetime) -> Stage:
    stage = Stage(now)
    stage.sibling("ada", logs.UPLOAD, hours=24 * 7)
    stage.sibling("bob", logs.UPLOAD, hours=24 * 8)
    stage.pytest(logs.UPLOAD)
    return stage


@row(
    "what was compiled at this commit before does not compile now: something moved, nobody knows what",
    "unknown",
    again=True,
)
def _compiled_before(now: datetime) -> Stage:
    stage = Stage(now)
    run = stage.run(None, conclusion="success")
    stage.again(run, shell_job("test", HEAD, "make", logs.GCC))
    return stage


@row("a test meets an error of the network: the test says so, not the machine", "unknown")
def _in_a_test(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(None)
    stage.pytest(logs.RESET)
    return stage


@row("a server of the job's own does not answer", "unknown")
def _localhost(now: datetime) -> Stage:
    stage = Stage(now)
    stage.run(shell_job("test", HEAD, "curl -fsS http://localhost:8080/health", logs.LOCAL_REFUSED))
    return stage


@row("a limit of time ends a test, and there is nothing to compare with: words alone make nothing flaky", "unknown")
def _words(now: datetime) -> Stage:
    stage = Stage(now)
    stage.run(shell_job("test", HEAD, GO, logs.GO_TIMEOUT))
    return stage


@row("the change edits another file of the same common name", "unknown")
def _same_name(now: datetime) -> Stage:
    stage = Stage(now, [edit("web/cart/main.py", 17)])
    stage.base(None)
    stage.pytest(logs.pytest_failure("test_start", "tests/main.py", 17, "AssertionError: assert 3 == 2"))
    return stage


@row("a fork's branch named main fails the same way: it is not the base", "unknown")
def _fork_main(now: datetime) -> Stage:
    stage = Stage(now)
    stage.base(logs.ROUNDING, sha=TIP, head_repository=repository("eve/app", 7002, fork=True), event="push")
    stage.world.checks.pop(TIP)
    stage.pytest(logs.ROUNDING)
    return stage


@row("an action that sets up fails by a message that nobody knows", "unknown")
def _setup(now: datetime) -> Stage:
    stage = Stage(now)
    stage.run(setup_job("test", "acme/setup-widget@v2", [*logs.OTHER_ARTIFACT, "##[error]widget 7 refused the gasket"]))
    return stage


@row("versions conflict, the change touches no manifest, and nothing else is known", "unknown")
def _conflict(now: datetime) -> Stage:
    stage = Stage(now)
    stage.run(shell_job("test", HEAD, "pip install -r requirements.txt", logs.CONFLICT[:-1]))
    return stage


@row(
    "one job loses the network, another fails a test: the answer is the test's, and nothing is run again",
    "change",
    "diff-test",
)
def _mixed(now: datetime) -> Stage:
    stage = Stage(
        now,
        [
            edit("tests/test_upload.py", 80, "def test_upload_keeps_names():", old="def test_upload():"),
            changed("README.md"),
        ],
    )
    stage.base(None)
    run = stage.pytest(logs.UPLOAD)
    stage.job(
        run,
        "docs",
        shell_job("docs", HEAD, "curl -fsSO https://downloads.example.org/theme.tgz", logs.NO_HOST),
        began=stage.now - timedelta(minutes=5),
    )
    return stage


@row("the base shows the same failure, and the change edits the line that it names: either may be why", "unknown")
def _base_and_touched(now: datetime) -> Stage:
    stage = Stage(now, [edit("src/cart.c", 41, "    return taxes;")])
    stage.base(shell_job("test", BASE, "make", logs.GCC))
    stage.run(shell_job("test", HEAD, "make", logs.GCC))
    return stage


@row(
    "a failure that is known to come and go, in a test that the change edits: that acquits nobody",
    "change",
    "diff-test",
    known=True,
)
def _known_but_touched(now: datetime) -> Stage:
    stage = Stage(now, [edit("tests/test_cache.py", 12, "def test_cache_evicts():", old="def test_cache():")])
    stage.base(None)
    stage.pytest(logs.CACHE)
    return stage


@row("the tests fail, and the step behind them does not reach the network: one real failure is enough", "unknown")
def _behind_a_test(now: datetime) -> Stage:
    stage = Stage(now)
    stage.pytest([*logs.CACHE[:-1], *logs.NO_HOST, logs.EXIT])
    return stage


@row("a compile error fails three times in a row at this commit, in a file that the change does not touch", "unknown")
def _thrice(now: datetime) -> Stage:
    stage = Stage(now, [edit("docs/guide/index.md", 3)])
    run = stage.run(shell_job("test", HEAD, "make", logs.GCC))
    stage.again(run, shell_job("test", HEAD, "make", logs.GCC))
    stage.again(run, shell_job("test", HEAD, "make", logs.GCC))
    return stage


@row(
    "the network fails for the third time at this commit: what always fails is no whim of a machine, and was run again often enough",
    "unknown",
)
def _often_enough(now: datetime) -> Stage:
    stage = Stage(now)
    run = stage.run(shell_job("test", HEAD, "curl -fsSO https://downloads.example.org/tool.tgz", logs.NO_HOST))
    stage.again(run, shell_job("test", HEAD, "curl -fsSO https://downloads.example.org/tool.tgz", logs.NO_HOST))
    stage.again(run, shell_job("test", HEAD, "curl -fsSO https://downloads.example.org/tool.tgz", logs.NO_HOST))
    return stage
