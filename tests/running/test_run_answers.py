"""A failure of a command that was run: the answer, what is written of it, and the line in the trail."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from diagnose import api
from diagnose.cli import main, run_now, run_said
from diagnose.running.pump import Pump
from diagnose.running.streams import Loss
from diagnose.running.supervise import Ended
from tests.support.running import ran

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

FAILS = "echo compiling; echo \"a.c:3:5: error: 'x' undeclared (first use in this function)\" >&2; exit 2"
HIDES = "echo 'FAILED tests/test_a.py::test_a - assert 1 == 2'; echo '==== 1 failed, 3 passed in 0.96s ===='"
ENDED = Ended(1, 0, 2.0, "pipes", (), (), (), adopted=True)


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call `ci-diagnose run` in this process."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)  # to the redactor it looks like a password

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["run", *arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call


def trail(home: Path) -> dict[str, Any]:
    line = (home.parent / "data" / "ci-diagnose" / "trail.jsonl").read_text().splitlines()[-1]
    found: dict[str, Any] = json.loads(line)
    return found


def test_the_answer_is_on_standard_error(run: Run) -> None:
    code, out, err = run("--", "sh", "-c", FAILS)
    assert (code, out) == (2, "compiling\n")
    assert err.startswith(
        "a.c:3:5: error: 'x' undeclared (first use in this function)\n\n✗ Failed: the C or C++ compiler refuses a.c"
    )
    assert " · exit 2\n" in err


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "exit 3"),
        ("echo loading; kill -SEGV $$", "SIGSEGV"),
        ("echo nothing wrong here; exit 1", "nothing wrong here"),
    ],
)
def test_a_command_that_says_little_is_explained_by_its_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setattr(run_now, "leave", lambda ended: ended.code)
    code, _, err = run("--no-memory", "--", "sh", "-c", script)
    assert code != 0
    assert said in err
    assert "not borne out" not in err


def test_the_answer_in_a_file_is_of_the_kept_output(run: Run, home: Path) -> None:
    code, out, err = run("--format", "json", "--output", "report.json", "--save", "saved.log", "--", "sh", "-c", FAILS)
    assert (code, out, err) == (2, "compiling\n", "a.c:3:5: error: 'x' undeclared (first use in this function)\n")
    report = json.loads((home / "report.json").read_text())
    telling = report["root_cause"]["evidence"][0]
    saved = (home / "saved.log").read_text().splitlines()
    assert telling["log"] == "saved.log"
    assert saved[telling["line"] - 1] == telling["text"]
    assert saved[-1] == "[the command ended with exit code 2]"
    assert report["reproduce"] != []
    assert (home / "saved.log").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), ""),
        (("--always",), "test_a failed"),
        (("--write", "json=report.json"), "test_a failed"),
        (("--no-memory", "--full"), ""),
    ],
)
def test_a_command_that_passes_is_looked_at_when_something_is_wanted_of_it(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = run(*arguments, "--", "sh", "-c", HIDES)
    assert code == 0
    assert said in err
    assert (err == "") == (said == "")


def test_what_is_asked_for_is_written_of_a_command_that_passes(run: Run, home: Path) -> None:
    code, _, err = run("--outputs=outputs", "--summary=summary", "--", "echo", "fine")
    assert (code, err) == (0, "")
    assert "\npassed\n" in (home / "outputs").read_text()
    assert (home / "summary").read_text().startswith("**CI passed.**")


def test_within_actions_the_answer_is_dead_and_the_commands_own_words_live(home: Path) -> None:
    code, out, err = ran(
        "--",
        "sh",
        "-c",
        "echo '::group::mine'; echo '::error::AssertionError: assert 1 == 2' >&2; exit 1",
        env={"GITHUB_ACTIONS": "true"},
    )
    assert (code, out) == (1, b"::group::mine\n")
    own, _, answer = err.partition(b"\n")
    assert own == b"::error::AssertionError: assert 1 == 2"
    assert b"AssertionError" in answer
    assert all(line.startswith(b"| ") or not line for line in answer.splitlines())


def test_the_trail_says_what_was_executed(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "s3cret-value-in-the-environment")
    run("--", "sh", "-c", FAILS, "s3cret-value-in-the-environment")
    line = trail(home)
    assert line["asked"]["command"] == "run"
    assert line["asked"]["target"].startswith("sh -c 'echo compiling;")
    assert line["executed"] == [[line["asked"]["target"]]]
    assert (line["outcome"], line["exit"]) == ("failed", 2)
    assert line["looked_at"]["streams"] == "pipes"
    assert line["looked_at"]["bytes"] == len("compiling\na.c:3:5: error: 'x' undeclared (first use in this function)\n")
    assert line["said"]["causes"][0]["rule"] == "gcc/error"
    assert line["said"]["command_seconds"] > 0
    assert "s3cret" not in json.dumps(line)
    run("--", "true")
    assert (trail(home)["outcome"], trail(home)["exit"]) == ("passed", 0)


def test_without_memory_there_is_no_trail(run: Run, home: Path) -> None:
    run("--no-memory", "--", "sh", "-c", FAILS)
    assert not (home.parent / "data" / "ci-diagnose" / "trail.jsonl").exists()


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"CI_DIAGNOSE_ESCALATE_BELOW": "70"}, "The defaults are taken."),
        ({"CI_DIAGNOSE_OUTPUT_FORMAT": "no-such-form"}, "there is no format 'no-such-form'"),
        ({"CI_DIAGNOSE_NO_SUCH_KEY": "1"}, 'unknown key "no_such_key"'),
    ],
)
def test_settings_that_are_wrong_do_not_keep_the_command_from_running(
    run: Run, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], said: str
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    code, out, err = run("--", "sh", "-c", FAILS)
    assert (code, out) == (2, "compiling\n")
    assert said in err
    assert "the C or C++ compiler refuses a.c" in err


def test_a_mistake_of_ours_does_not_change_the_exit_code(
    run: Run, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr(api, "examine", broken)
    code, _, err = run("--", "sh", "-c", FAILS)
    assert code == 2
    assert "a mistake of ours (LookupError)" in err
    next((compiled / "ci-diagnose").glob("crash-*.txt")).unlink()

    async def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "examine", stopped)
    assert run("--", "sh", "-c", FAILS)[0] == 2


def test_a_report_of_this_run_is_read_and_an_older_one_is_not(run: Run, home: Path) -> None:
    suite = '<testsuite name="s" tests="1" failures="1"><testcase classname="c" name="test_cart"><failure message="m">assert 1 == 2</failure></testcase></testsuite>'
    (home / "old.xml").write_text(suite)
    os.utime(home / "old.xml", (1, 1))
    code, _, err = run(
        "--junit",
        "new.xml",
        "--junit",
        "old.xml",
        "--junit",
        "none.xml",
        "--",
        "sh",
        "-c",
        f"echo '{suite}' > new.xml; exit 1",
    )
    assert code == 1
    assert "old.xml is older than this run: it is not read." in err
    assert "the command has not written none.xml." in err
    assert "test_cart" in err


def test_a_passing_log_is_compared_with(run: Run, home: Path) -> None:
    (home / "good.log").write_text("warming up\nvery odd line\n")
    code, _, err = run(
        "--passing-log",
        "good.log",
        "--",
        "sh",
        "-c",
        "echo warming up; echo very odd line; echo a new line about nothing; exit 1",
    )
    assert code == 1
    assert "a new line about nothing" in err
    code, _, err = run("--passing-log", "missing.log", "--", "sh", "-c", FAILS)
    assert code == 2
    assert "There is nothing to compare with." in err
    assert "the C or C++ compiler refuses a.c" in err


def test_what_is_left_out_is_said_and_is_in_the_report(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.running.capture.Capture.__init__.__defaults__", (1000, 3000))
    script = f"exec 2>&1; seq 5000; {FAILS}"
    code, _, err = run("--format", "json", "--output", "report.json", "--", "sh", "-c", script)
    assert code == 2
    assert "bytes of output are not looked at: the beginning and the end are kept." in err
    report = json.loads((home / "report.json").read_text())
    assert any("bytes of the output" in json.dumps(limit) for limit in report["limits"])
    assert report["root_cause"]["evidence"][0]["line"] in (5001, 5002)


@pytest.mark.parametrize(
    ("ended", "kept", "said"),
    [
        (ENDED, (10, 0, ""), ""),
        (
            ENDED._replace(left=("sleep", "node")),
            (10, 0, ""),
            "left 2 processes behind: sleep, node. They were ended.\n             try: --leave",
        ),
        (ENDED._replace(left=("a",), adopted=False), (10, 0, ""), "only Linux shows it."),
        (ENDED._replace(left=tuple("abcdefg")), (10, 0, ""), "a, b, c, d, e and 2 more"),
        (ENDED._replace(left=("\x1b]0;evil\x07x",)), (10, 0, ""), "behind: "),
        (ENDED._replace(undead=("sudo",)), (10, 0, ""), "1 process could not be ended: sudo."),
        (
            ENDED._replace(losses=(Loss("standard error", 1234, "broken pipe"),)),
            (10, 0, ""),
            "1,234 bytes of standard error were lost (broken pipe)",
        ),
        (ENDED, (5000, 1000, ""), "1,000 of 5,000 bytes of output are not looked at"),
        (
            ENDED,
            (5000, 1000, "no space left on device"),
            "only the beginning and the end of the output could be kept for the diagnosis (no space left on device)",
        ),
    ],
)
def test_what_was_lost_or_ended_is_said_in_a_line(
    capfd: pytest.CaptureFixture[str], home: Path, ended: Ended, kept: tuple[int, int, str], said: str
) -> None:
    from diagnose.running.capture import Kept

    run_said.tell(ended, Kept(*kept))
    err = capfd.readouterr().err
    assert said in err
    assert (err == "") == (said == "")
    assert "\x1b" not in err


def test_a_file_that_cannot_be_saved_is_said(run: Run) -> None:
    code, _, err = run("--save", "no/folder/x.log", "--", "true")
    assert code == 0
    assert "the output could not be saved to no/folder/x.log: no such file or directory." in err


def test_windows_is_told_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.cli.run_now.sys.platform", "win32")
    code, _, err = run("--", "true")
    assert code == 125
    assert "Nothing was run." in err
    assert "ci-diagnose --log build.log" in err


def test_help_is_clicks(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "Usage: ci-diagnose run [OPTIONS] -- CMD [ARGUMENT]..." in out
    assert "126  the command cannot be executed" in out


def test_a_reader_that_is_slow_and_does_not_wait_is_waited_for(home: Path) -> None:
    reading, writing = os.pipe()
    source, feeding = os.pipe()
    halt, _halting = os.pipe()
    os.set_blocking(writing, False)
    kept = bytearray()
    pump = Pump(source, writing, kept.extend, halt)
    pump.start()
    os.write(feeding, b"x" * 60_000)
    os.write(feeding, b"y" * 60_000)
    os.close(feeding)
    got = b""
    while len(got) < 120_000:
        got += os.read(reading, 65536)
    pump.join()
    assert (len(kept), pump.lost, got) == (120_000, 0, b"x" * 60_000 + b"y" * 60_000)
    for each in (reading, writing, source, halt, _halting):
        os.close(each)
