"""Children that ignore TERM, fork, become daemons, hold the streams: whatever was started is ended, and nobody hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.kit.clock import system_clock
from diagnose.running.alarms import HANDED_ON
from diagnose.running.capture import Capture
from diagnose.running.family import Family, Member, from_proc, from_ps, send
from diagnose.running.start import NotStarted
from diagnose.running.supervise import Ended, Terms, supervise
from tests.support.running import PROGRAM, SECONDS, around, begun, lives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux gives daemons to who asks for them")
DAEMON = """
import os, signal, sys
for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(each, signal.SIG_IGN)
if "far" in sys.argv:
    os.setsid()
    if os.fork(): os._exit(0)
if "quiet" in sys.argv:
    for each in (0, 1, 2): os.dup2(os.open(os.devnull, os.O_RDWR), each)
open("daemon", "w").write(str(os.getpid()))
while True: signal.pause()
"""
WAITS = "until [ -s daemon ]; do :; done"


@pytest.fixture
def place(home: Path) -> Iterator[Path]:
    """A folder with a daemon in it, that is ended when a test has failed to."""
    (home / "daemon.py").write_text(DAEMON)
    yield home
    if (home / "daemon").exists() and lives(pid := daemon(home)):
        os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # adopted, it is a child of this process
            os.waitpid(pid, 0)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.running.supervise.LEFT_GRACE", 0.2)


def daemon(folder: Path) -> int:
    return int((folder / "daemon").read_text())


def run(folder: Path, argv: Sequence[str], terms: Terms = Terms(0.3, 0.1), meanwhile: Any = None) -> tuple[Ended, str]:  # noqa: B008 - immutable
    """Supervise a command in this process, its streams in files. Returns how it ended, and what came out."""
    capture = Capture()
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err, Path(os.devnull).open("rb") as null:
        standard = (null.fileno(), out.fileno(), err.fileno())
        ended = supervise(
            argv, os.environ, capture, meanwhile or (lambda: system_clock().elapsed), terms, standard=standard
        )
    capture.close()
    assert isinstance(ended, Ended)
    return ended, (folder / "out").read_text() + (folder / "err").read_text()


def zombies() -> set[int]:
    """Children of this process that have ended and that nobody has taken note of."""
    return {one.pid for one in from_proc().values() if one.parent == os.getpid() and one.state == "Z"}


def start_daemon(*how: str) -> str:
    return f"{sys.executable} -S daemon.py {' '.join(how)} & {WAITS}"


@LINUX
@pytest.mark.parametrize(
    "how", [(), ("quiet",), ("far",), ("far", "quiet")], ids=["holds the streams", "silent", "daemon", "silent daemon"]
)
def test_what_is_left_behind_is_ended_and_named(place: Path, how: tuple[str, ...]) -> None:
    before = zombies()
    ended, out = run(place, ["sh", "-c", f"{start_daemon(*how)}; echo out; exit 3"])
    assert (ended.code, ended.asked, out) == (3, 0, "out\n")
    assert not lives(daemon(place))
    assert ended.left
    assert set(ended.left) == {"python"} or all(name.startswith("python") for name in ended.left)
    assert ended.undead == ()
    assert zombies() <= before


@pytest.mark.parametrize("how", [(), ("far", "quiet")], ids=["holds the streams", "silent daemon"])
def test_what_may_stay_is_left_alone(place: Path, how: tuple[str, ...]) -> None:
    ended, out = run(place, ["sh", "-c", f"{start_daemon(*how)}; echo out"], Terms(leave=True, settle=0.1))
    assert (ended.code, ended.left, out) == (0, (), "out\n")
    assert lives(daemon(place))


def test_one_that_writes_for_ever_does_not_keep_us(place: Path) -> None:
    ended, _ = run(place, ["sh", "-c", f"yes & echo $! > daemon; {WAITS}"], Terms(leave=True, settle=0.1))
    assert ended.code == 0


def test_what_ends_by_itself_soon_is_waited_for(place: Path) -> None:
    ended, out = run(place, ["sh", "-c", "(sleep 0.1; echo late) & echo early"], Terms(0.3, 20.0))
    assert (ended.code, ended.left, out) == (0, (), "early\nlate\n")


@pytest.mark.parametrize(
    ("script", "number", "code"),
    [
        ("exec sleep 100", signal.SIGTERM, -signal.SIGTERM),
        ("exec sleep 100", signal.SIGINT, -signal.SIGINT),
        ("exec sleep 100", signal.SIGHUP, -signal.SIGHUP),
        ("exec sleep 100", signal.SIGUSR1, -signal.SIGUSR1),
        ("trap 'exit 7' TERM; while :; do sleep 0.01; done", signal.SIGTERM, 7),
        ("kill -STOP $$", signal.SIGTERM, -signal.SIGTERM),
        ("trap '' TERM; while :; do sleep 0.01; done", signal.SIGTERM, -signal.SIGKILL),
    ],
)
def test_the_command_hears_what_we_are_told(place: Path, script: str, number: signal.Signals, code: int) -> None:
    with begun("--no-memory", "--grace", "0.2", "--", "sh", "-c", f"echo ready; {script}") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(number)
        assert child.wait(SECONDS) == code
        told = child.stderr.read()
    assert (b"ailed" in told) == (number == signal.SIGUSR1)  # that one is not asked to end: its end is a failure


@LINUX
@pytest.mark.parametrize("how", [(), ("far",), ("far", "quiet")], ids=["in the group", "daemon", "silent daemon"])
def test_a_family_that_ignores_term_is_ended_with_the_command(place: Path, how: tuple[str, ...]) -> None:
    with begun(
        "--no-memory",
        "--grace",
        "0.2",
        "--",
        "sh",
        "-c",
        f"{start_daemon(*how)}; trap '' TERM; echo ready; while :; do sleep 0.01; done",
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.terminate()
        assert child.wait(SECONDS) == -signal.SIGKILL
    assert not lives(daemon(place))


@LINUX
def test_what_ends_during_the_last_look_is_no_zombie(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Family.members

    def members(self: Family) -> list[Member]:
        while found := look(self):
            send(found, signal.SIGKILL)
        return []

    monkeypatch.setattr(Family, "members", members)
    before = zombies()
    ended, _ = run(place, ["sh", "-c", "sleep 50 > /dev/null 2>&1 & exit 3"])
    assert ended.code == 3
    assert zombies() <= before


@LINUX
def test_a_command_that_forks_and_forks_is_ended(place: Path) -> None:
    script = "import os, time\nfor _ in range(6):\n    os.fork()\n    os.setsid() if os.getpid() != os.getpgrp() else None\ntime.sleep(100)"
    before = zombies()
    ended, _ = run(place, ["sh", "-c", f"{sys.executable} -S -c '{script}' & sleep 0.3; exit 1"])
    assert ended.code == 1
    assert len(ended.left) > 6
    assert zombies() <= before


def test_children_from_before_are_not_the_commands(place: Path) -> None:
    line = f"sleep 100 & echo $! > daemon; exec {' '.join(map(_quoted, PROGRAM))} -- sh -c 'sleep 100 & exit 5'"
    done = ran_shell(line)
    assert done[0] == 5
    assert b"left 1 process behind: sleep." in done[1]
    assert lives(daemon(place))


def ran_shell(line: str) -> tuple[int, bytes]:
    with subprocess.Popen(
        ["sh", "-c", line],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=around(),
        start_new_session=True,
    ) as child:
        assert child.stderr is not None
        told = b""
        while b"--leave" not in told:
            told += os.read(child.stderr.fileno(), 4096)
        return child.wait(SECONDS), told


def test_what_cannot_be_ended_is_said_and_not_waited_for(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.running.supervise.LEFT_GRACE", 0.05)
    monkeypatch.setattr("diagnose.running.supervise.send", lambda *_: None)
    ended, _ = run(place, ["sh", "-c", f"{start_daemon('quiet')}; exit 2"])
    assert (ended.code, len(ended.undead)) == (2, 1)
    assert lives(daemon(place))


def test_a_command_that_cannot_be_ended_is_given_up(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.running.supervise.LEFT_GRACE", 0.05)
    monkeypatch.setattr("diagnose.running.supervise.send", lambda *_: None)

    def told() -> Any:
        while not (place / "daemon").exists():
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        return system_clock().elapsed

    ended, _ = run(place, [sys.executable, "-S", "daemon.py", "quiet"], Terms(0.1, 0.1), told)
    assert (ended.code, ended.asked, len(ended.undead)) == (-signal.SIGTERM, signal.SIGTERM, 1)


def test_a_mistake_of_ours_leaves_nothing_running(place: Path) -> None:
    def wrong() -> Any:
        raise LookupError("a mistake")

    with pytest.raises(LookupError):
        run(place, [sys.executable, "-S", "daemon.py"], Terms(), wrong)
    with suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert not (place / "daemon").exists() or not lives(daemon(place))


def test_handlers_are_as_before(place: Path) -> None:
    before = [signal.getsignal(number) for number in HANDED_ON]
    run(place, ["true"])
    assert [signal.getsignal(number) for number in HANDED_ON] == before
    null = os.open(os.devnull, os.O_RDWR)
    assert isinstance(
        supervise(["no-such-program"], os.environ, Capture(), lambda: float, standard=(null, null, null)), NotStarted
    )
    os.close(null)
    assert [signal.getsignal(number) for number in HANDED_ON] == before


def names(members: Iterable[Member]) -> list[str]:
    return sorted(one.name.rpartition("/")[2] for one in members)


@contextmanager
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "100"]) as child:
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.parametrize("table", [from_proc, from_ps])
def test_a_family_is_found_below_us(place: Path, table: Any) -> None:
    with sleeping() as earlier:
        family = Family(adopt=False, table=table)
        with subprocess.Popen(["sh", "-c", "sleep 100 & wait"], start_new_session=True) as child:
            while names(found := family.members()) != ["sh", "sleep"]:
                pass
            assert earlier.pid not in {one.pid for one in found}
            family.group = child.pid
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            left = family.members()  # it is nobody's child of ours any more, and still of the group
            assert names(left) == ["sleep"]
            send(left, signal.SIGKILL)


def test_a_number_that_another_process_has_now_is_not_signalled(place: Path) -> None:
    with sleeping() as child:
        seen = from_proc()[child.pid]
        send([seen._replace(began="1")], signal.SIGKILL)
        assert lives(child.pid)
        send([Member(2**22 - 1, 1, 1, "S", "gone", "1"), seen], signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)
