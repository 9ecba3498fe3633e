"""A dependency that moved since the last green run, on the loopback server: the report names it with both versions, and whose it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import load
from tests.support.fake_github import Fault, Scenario
from tests.support.github_logs import JobLog, LogStep, checkout, run_group, set_up, tail
from tests.support.github_world import BASE, HEAD
from tests.support.whose_stage import EXIT, Stage, edit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.support.command import Command
    from tests.support.fake_github import FakeGitHub


class Moves(NamedTuple):
    """An install command, what it prints in the green and in the failed run, the failure, and what is to be said."""

    manager: str
    command: str
    green: str
    red: str
    failure: str
    said: str
    pin: str


SITE = "/opt/hostedtoolcache/Python/3.12.4/x64/lib/python3.12/site-packages"
MOVES = (
    Moves(
        "pip", "pip install -r requirements.txt", "Successfully installed botocore-1.31.0 urllib3-1.26.18", "Successfully installed botocore-1.31.0 urllib3-2.0.2",
        f'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\n    import botocore.httpsession\n  File "{SITE}/botocore/httpsession.py", line 22, in <module>\n'
        "    from urllib3.util.ssl_ import (\nImportError: cannot import name 'DEFAULT_CIPHERS' from 'urllib3.util.ssl_'",
        "urllib3 1.26.18 -> 2.0.2 since the last green run", "pip install 'urllib3==1.26.18'",
    ),
    Moves(
        "uv", "uv sync", " + httpx==0.27.2\n + idna==3.7", " + httpx==0.28.0\n + idna==3.7",
        "Traceback (most recent call last):\n  File \"app.py\", line 9, in <module>\n    AsyncClient(proxies={})\nAttributeError: module 'httpx' has no attribute 'Proxies'",
        "httpx 0.27.2 -> 0.28.0 since the last green run", "uv add 'httpx==0.27.2'",
    ),
    Moves(
        "pnpm", "pnpm install --no-frozen-lockfile", "dependencies:\n+ chalk 4.1.2\n+ got 11.8.6", "dependencies:\n+ chalk 5.0.0\n+ got 11.8.6",
        "Error [ERR_REQUIRE_ESM]: require() of ES Module /home/runner/work/app/app/node_modules/chalk/source/index.js not supported.",
        "chalk 4.1.2 -> 5.0.0 since the last green run", "pnpm add --save-exact chalk@4.1.2",
    ),
    Moves(
        "cargo", "cargo test", "   Compiling serde v1.0.200\n   Compiling time v0.3.34", "   Compiling serde v1.0.200\n   Compiling time v0.3.35",
        "error[E0282]: type annotations needed for `Box<_>`\n  --> /home/runner/.cargo/registry/src/index.crates.io-6f17d22bba15001f/time-0.3.35/src/lib.rs:83:9\n   |\n83 |     let items = x\n   |         ^^^^^\n\n"
        "error: could not compile `time` (lib) due to 1 previous error",
        "time 0.3.34 -> 0.3.35 since the last green run", "cargo update --package time --precise 0.3.34",
    ),
    Moves(
        "go", "go get -u ./...", "go: upgraded golang.org/x/mod v0.15.0 => v0.16.0\ngo: added acme.dev/kit v1.0.0", "go: upgraded golang.org/x/mod v0.15.0 => v0.17.0\ngo: added acme.dev/kit v1.0.0",
        "/home/runner/go/pkg/mod/golang.org/x/mod@v0.17.0/semver/semver.go:22:2: package slices is not in GOROOT (/usr/local/go/src/slices)",
        "golang.org/x/mod v0.16.0 -> v0.17.0 since the last green run", "go get golang.org/x/mod@v0.16.0",
    ),
    Moves(
        "bundler", "bundle install", "Using rake 13.0.6\nInstalling concurrent-ruby 1.3.4", "Using rake 13.0.6\nInstalling concurrent-ruby 1.3.5",
        "/opt/hostedtoolcache/Ruby/3.1.6/x64/lib/ruby/gems/3.1.0/gems/concurrent-ruby-1.3.5/lib/concurrent-ruby/concurrent.rb:1:in `<main>': uninitialized constant Logger (NameError)",
        "concurrent-ruby 1.3.4 -> 1.3.5 since the last green run", "",
    ),
    Moves(
        "composer", "composer update", "  - Installing psr/log (3.0.0): Extracting archive\n  - Installing symfony/console (v6.4.1): Extracting archive",
        "  - Installing psr/log (3.0.0): Extracting archive\n  - Installing symfony/console (v7.0.0): Extracting archive",
        "PHP Fatal error:  Declaration of App\\Run::execute() must be compatible in /home/runner/work/app/app/vendor/symfony/console/Command/Command.php on line 3",
        "symfony/console v6.4.1 -> v7.0.0 since the last green run", "composer require symfony/console:v6.4.1",
    ),
)  # fmt: skip
PIP = MOVES[0]


def job_log(sha: str, one: Moves, output: str, failure: str = "") -> JobLog:
    """A job that installs, and tests."""
    install = LogStep(3, f"Run {one.command}", [*run_group([one.command]), *output.split("\n")])
    ended = [*failure.split("\n"), EXIT] if failure else ["all is well"]
    test = LogStep(4, "Run make test", [*run_group(["make test"]), *ended], "failure" if failure else "success")
    return JobLog([set_up("test", "ubuntu-24.04"), checkout(sha), install, test, *tail(10)])


def stage(
    one: Moves, files: Sequence[Any] | None = None, *, red: str | None = None, failure: str | None = None
) -> Stage:
    """A pull request whose job fails, and the base, where it passed five hours before."""
    made = Stage(system_clock().now()) if files is None else Stage(system_clock().now(), files)
    made.base(job_log(BASE, one, one.green), green=True)
    made.run(job_log(HEAD, one, one.red if red is None else red, one.failure if failure is None else failure))
    return made


@pytest.fixture
def answers(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch, home: Path
) -> Callable[[Stage], tuple[str, dict[str, Any]]]:
    """Give the terminal's text, on one line, and the JSON of a stage."""
    assert home.is_dir()

    async def at_once(_seconds: float) -> None:
        return

    def ask(made: Stage, *faults: Fault) -> tuple[str, dict[str, Any]]:
        monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
        monkeypatch.setenv("GITHUB_TOKEN", "x")
        monkeypatch.setenv("GITHUB_API_URL", github(Scenario(made.world, target="--pr 123", faults=list(faults))).url)
        asked = ("--pr", "123", "--repo", "acme/app", "--no-memory")
        text, data = command(*asked), command(*asked, "--format", "json")
        assert (text.code, data.code) == (1, 1), text.err
        return " ".join(text.out.replace("\u21aa", "").split()), json.loads(data.out)

    return ask


def check(report: dict[str, Any]) -> tuple[str, str]:
    return next((one["status"], one["message"]) for one in report["environment"] if one["name"] == "drift")


@pytest.mark.parametrize(
    ("files", "output", "failure", "status", "message", "verdict"),
    [
        (
            None,
            PIP.green,
            PIP.failure,
            "ok",
            "no version of the 6 packages and tools that both logs name has moved since the last green run",
            "unknown",
        ),
        (None, PIP.red, "AssertionError: 3 != 4", "ok", "urllib3 1.26.18 -> 2.0.2 since the last green run", "unknown"),
        (
            [edit("requirements.txt", 2, "urllib3==2.0.2", old="urllib3==1.26.18")],
            PIP.red,
            PIP.failure,
            "failed",
            "urllib3 1.26.18 -> 2.0.2 since the last green run",
            "change",
        ),
        (
            [edit("requirements.txt", 2, "flask")],
            PIP.red,
            PIP.failure,
            "failed",
            "urllib3 1.26.18 -> 2.0.2 since the last green run",
            "change",
        ),
    ],
    ids=[
        "the same versions",
        "moved, and the failure does not name it",
        "the change pins it",
        "the change edits the manifest",
    ],
)
def test_what_moved_is_the_change_s_or_no_reason(
    answers: Any, files: Any, output: str, failure: str, status: str, message: str, verdict: str
) -> None:
    text, report = answers(stage(PIP, files, red=output, failure=failure))
    said = check(report)
    assert (said[0], said[1].startswith(message)) == (status, True), said
    assert report["attribution"]["verdict"] == verdict, report["attribution"]
    assert report["attribution"]["control"] != "moved"
    assert ("Pin urllib3" in text) == (status == "failed")


def npm_lock(**versions: str) -> bytes:
    return json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {},
                **{f"node_modules/{name}": {"version": version} for name, version in versions.items()},
            },
        }
    ).encode()


CI = Moves(
    "npm ci", "npm ci", "added 2 packages, and audited 3 packages in 1s", "added 2 packages, and audited 3 packages in 1s",
    "Error [ERR_REQUIRE_ESM]: require() of ES Module /home/runner/work/app/app/node_modules/chalk/source/index.js not supported.",
    "chalk 4.1.2 -> 5.0.0 since the last green run", "npm install --save-exact chalk@4.1.2",
)  # fmt: skip
PACKAGE = b'{"dependencies": {"chalk": ">=4", "got": "^11.0.0"}}'


@pytest.mark.parametrize(
    ("touched", "verdict"),
    [("package-lock.json", "change"), ("package.json", "unknown")],
    ids=["the change moves it in the lock", "the lock has moved on the base, perhaps"],
)
def test_where_no_log_names_a_version_both_locks_do(answers: Any, touched: str, verdict: str) -> None:
    made = stage(CI, [edit(touched, 2)])
    lock, sha = "package-lock.json", made.world.commits["heads/main"]["sha"]
    made.world.contents |= {
        "package.json": PACKAGE,
        f"{HEAD}:{lock}": npm_lock(chalk="5.0.0", got="11.8.6"),
        f"{sha}:{lock}": npm_lock(chalk="4.1.2", got="11.8.6"),
    }
    text, report = answers(made)
    assert CI.said in text
    assert check(report)[0] == "failed"
    assert report["attribution"]["verdict"] == verdict, report["attribution"]


@pytest.mark.parametrize(("lock", "status", "said"), [
    ({}, "skipped", "no step that installs failed, and there is no manifest with a lock to compare; package.json was not compared: no lock that belongs to it is at hand"),
    ({"package-lock.json": npm_lock(chalk="5.0.0", got="11.8.6")}, "ok", "1 lock knows all that the manifests ask for"),
    ({"package-lock.json": npm_lock(chalk="3.0.0")}, "failed", "package-lock.json lacks what package.json asks for: got; package-lock.json holds other versions than package.json asks for: chalk 3.0.0 for >=4"),
    ({"yarn.lock": b'chalk@>=4:\n  version "4.1.2"\n'}, "failed", "yarn.lock lacks what package.json asks for: got"),
])  # fmt: skip
def test_a_manifest_that_the_change_touches_alone_is_held_against_its_lock(
    answers: Any, lock: dict[str, bytes], status: str, said: str
) -> None:
    made = stage(CI, [edit("package.json", 2)], failure="AssertionError: 3 != 4")
    made.world.contents |= {"package.json": PACKAGE, **lock}
    _, report = answers(made)
    assert [(one["status"], one["message"]) for one in report["environment"] if one["name"] == "dependencies"] == [
        (status, said)
    ]


def test_a_lock_that_could_not_be_had_is_said(answers: Any) -> None:
    made = stage(CI, [edit("package.json", 2)])
    made.world.contents |= {"package.json": PACKAGE}
    _, report = answers(
        made,
        Fault(
            r"/contents/package-lock\.json", status=403, body=b'{"message":"Resource not accessible by integration"}'
        ),
    )
    assert [limit for limit in report["limits"] if "the file package-lock.json at commit" in str(limit)]


@pytest.mark.parametrize("one", MOVES, ids=lambda one: one.manager)
def test_what_moved_by_itself_is_named_with_both_versions(answers: Any, one: Moves) -> None:
    text, report = answers(stage(one))
    assert one.said in text
    root, fix, whose = report["root_cause"], report["fix_strategy"], report["attribution"]
    assert one.said in root["explanation"]
    name, before = one.said.split(" ")[:2]
    assert fix["summary"].startswith(f"Pin {name} to {before}, which the last green run had")
    assert one.pin in [step.get("command") or "" for step in fix["steps"]]
    assert (whose["verdict"], whose["control"]) == ("base", "moved"), whose
    assert whose["reasons"][0].startswith(one.said)
    assert check(report)[0] == "failed"
    assert check(report)[1].startswith(f"{one.said} (run ")
