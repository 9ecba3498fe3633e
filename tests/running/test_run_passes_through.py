"""Output, input, exit codes and signals: a command that is run is not changed by it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.running import PROGRAM, SECONDS, around, begun, ran

if TYPE_CHECKING:
    from pathlib import Path

QUIET = ("--no-memory",)
STANDARD = (1 << 31) - 1  # signals of which the C library keeps none for itself


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE])
def test_a_signal_that_ends_the_command_ends_us(home: Path, number: signal.Signals) -> None:
    code, out, _ = ran("--", "sh", "-c", f"echo before; kill -{number.value} $$")
    assert (code, out) == (-number, b"before\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--", "no-such-program"], 127, b"cannot run no-such-program: there is no such program"),
        (["--", "./not-executable"], 126, b"permission denied"),
        (["--", "./interpreter-missing"], 127, b"an interpreter that is missing"),
        (["--", ""], 127, b"cannot run "),
        (["--no-such-option", "--", "true"], 125, b"--no-such-option"),
        (["--grace", "soon", "--", "true"], 125, b"soon"),
        (["--format", "no-such-form", "--", "true"], 125, b"there is no format 'no-such-form'"),
        (["--summary", "--", "true"], 125, b"--summary takes a file outside GitHub Actions"),
        ([], 125, b"no command is given to run"),
    ],
)
def test_what_cannot_be_run_says_so_by_its_code(home: Path, arguments: list[str], code: int, said: bytes) -> None:
    (home / "not-executable").write_text("true\n")
    (home / "interpreter-missing").write_text("#!/no/such/sh\n")
    (home / "interpreter-missing").chmod(0o700)
    got, out, err = ran(*arguments)
    assert (got, out) == (code, b"")
    assert said in err
    assert err.count(b"ci-diagnose: ") == 1


@pytest.mark.parametrize(
    ("code", "arguments"), [(0, ("--",)), (1, ("--",)), (255, ("--",)), (2, (*QUIET, "--")), (125, QUIET)]
)
def test_the_exit_code_is_the_commands(home: Path, code: int, arguments: tuple[str, ...]) -> None:
    got, out, _ = ran(*arguments, "sh", "-c", f"echo seen; exit {code}")
    assert (got, out) == (code, b"seen\n")


def test_a_command_that_passes_is_not_talked_about(home: Path) -> None:
    assert ran("--", "sh", "-c", "echo out; echo err >&2") == (0, b"out\n", b"err\n")


def test_bytes_come_out_as_they_go_in(home: Path) -> None:
    hostile = b"\x00\xff\xfe\x1b]0;title\x07::set-output name=a::b\r\r\n\x1b[31mno end of line"
    (home / "bytes").write_bytes(hostile * 5000)
    assert ran("--", "sh", "-c", "cat bytes; cat bytes bytes >&2") == (0, hostile * 5000, hostile * 10000)


def test_input_is_the_commands(home: Path) -> None:
    assert ran("--", "sort", stdin=b"b\na\n") == (0, b"a\nb\n", b"")


def test_pipes_are_no_terminals(home: Path) -> None:
    assert ran("--", sys.executable, "-c", "import os; print([os.isatty(each) for each in (0, 1, 2)])") == (
        0,
        b"[False, False, False]\n",
        b"",
    )


def test_both_streams_are_drained_whichever_is_read_first(home: Path) -> None:
    script = "import os\nfor each in (1, 2): os.write(each, b'x' * 3_000_000)\nos.write(1, b'y' * 3_000_000)"
    with begun(
        "--", sys.executable, "-c", f"import os\nfor each in (2, 2, 2): os.write(each, b'x' * 3_000_000)\n{script}"
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        first = child.stderr.read(9_000_000)  # the other stream is not touched meanwhile
        sizes = [
            len(first),
            len(child.stdout.read(3_000_000)),
            len(child.stderr.read(3_000_000)),
            len(child.stdout.read()),
            len(child.stderr.read()),
        ]
        assert (sizes, child.wait(SECONDS)) == ([9_000_000, 3_000_000, 3_000_000, 3_000_000, 0], 0)


def test_a_reader_that_goes_away_does_not_stop_the_command(home: Path) -> None:
    with begun("--", "sh", "-c", "read line; seq 100000; echo done > done; exit 4", stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        child.stdin.write(b"go on\n")
        child.stdin.close()
        err = child.stderr.read()
        assert child.wait(SECONDS) == 4
    assert (home / "done").read_text() == "done\n"
    assert b"bytes of standard output were lost (broken pipe); the command went on." in err
    assert b"Failed" in err  # and it is diagnosed from what was kept


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")  # noqa: PTH110 - at import
def test_a_full_disk_behind_a_stream_costs_the_output_only(home: Path) -> None:
    code, _, err = _shell('-- sh -c "seq 1000; echo done > done" > /dev/full')
    assert code == 0
    assert (home / "done").exists()
    assert b"3,893 bytes of standard output were lost (no space left on device); the command went on." in err


@pytest.mark.parametrize(
    ("closing", "expected"), [("<&-", b"out\n"), (">&-", b""), ("<&- >&-", b""), ("2>&-", b"out\n")]
)
def test_streams_that_are_closed_are_nobodys(home: Path, closing: str, expected: bytes) -> None:
    code, out, _ = _shell(f'-- sh -c "echo out; exit 3" {closing}')
    assert (code, out) == (3, expected)


def test_a_script_without_an_interpreters_name_runs_in_a_shell(home: Path) -> None:
    (home / "script").write_text("echo from the script $1\n")
    (home / "script").chmod(0o700)
    assert ran("--", "./script", "a b") == (0, b"from the script a b\n", b"")
    assert ran("--", "script", "c", env={"PATH": f"{home}:/usr/bin:/bin"}) == (0, b"from the script c\n", b"")


def test_the_command_has_the_signals_and_the_descriptors_that_it_would_have(home: Path) -> None:
    (home / "status.py").write_text(
        "import os, re; print(*re.findall(r'Sig(?:Blk|Ign):\\t(\\w+)', open('/proc/self/status').read()), os.read(9, 9))"
    )
    code, out, _ = _shell(f"-- {_quoted(sys.executable)} -S status.py 9<<< inherited", by="bash", first="trap '' HUP")
    blocked, ignored, read = out.split()
    interpreters = 1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1  # what Python ignores for itself, once it runs
    assert (code, int(blocked, 16), int(ignored, 16) & ~interpreters & STANDARD, read) == (
        0,
        0,
        1 << signal.SIGHUP - 1,
        b"b'inherited'",
    )


def test_a_pipe_behind_the_command_ends_it_as_ever(home: Path) -> None:
    assert ran("--", "bash", "-c", "yes | head -n 1; exit ${PIPESTATUS[0]}")[0] == 128 + signal.SIGPIPE


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)


def _shell(rest: str, *, by: str = "sh", first: str = ":") -> tuple[int, bytes, bytes]:
    """Call `ci-diagnose run` from a shell's line."""
    line = f"{first}; {' '.join(map(_quoted, PROGRAM))} {rest}"
    done = subprocess.run(
        [by, "-c", line],
        capture_output=True,
        check=False,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env=around(),
    )
    return done.returncode, done.stdout, done.stderr
