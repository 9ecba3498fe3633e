"""What a command imports, and how often it reads a log: what costs time, counted in a way that noise cannot touch."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from diagnose.logs.pages import Pages
from diagnose.rank.reading import read
from diagnose.scan.artefact import KeptRules, dump, parse
from diagnose.scan.scanner import Scanner
from tests.support.command import FAILING
from tests.support.reading import scanner, shipped

if TYPE_CHECKING:
    from pathlib import Path

HEAVY: Final = {
    "argparse", "asyncio", "click", "anyio", "dataclasses", "email", "httpx", "hyperscan", "importlib.metadata", "importlib.resources", "inspect",
    "json", "numpy", "platformdirs", "pydantic", "rapidfuzz", "re2", "rich", "sqlite3", "subprocess", "tomllib", "unidiff", "urllib.request", "yaml",
}  # fmt: skip
NEVER_FOR_A_LOG: Final = {
    "httpx",
    "pydantic",
    "rich",
    "yaml",
    "unidiff",
    "numpy",
    "argparse",
    "importlib.metadata",
    "importlib.resources",
    "email",
    "urllib.request",
}
GATE: Final = {
    "diagnose.kit",
    "diagnose.kit.regex",
    "diagnose.model",
    "diagnose.model.text",
    "diagnose.safety",
    "diagnose.safety.plain",
    "diagnose.safety.terminal",
}
SCRIPT: Final = """
import sys
before = set(sys.modules)
from diagnose.cli import main
sys.argv = ["ci-diagnose"]
code = main({arguments!r})
mine = sorted(set(sys.modules) - before)
import json
sys.stderr.write("\\n" + json.dumps([code, mine]))
"""


def imported(folder: Path, *arguments: str) -> tuple[int, set[str]]:
    """Run a command in a process of its own, in an empty home: its exit code, and the modules that it imported itself."""
    homes = {"HOME": str(folder), **{f"XDG_{name}_HOME": str(folder / name) for name in ("CACHE", "DATA", "CONFIG")}}
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "CI_DIAGNOSE_", "COV_", "COVERAGE_"))
    }
    env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(arguments=list(arguments))],
        env={**env, **homes},
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=50,
    )
    code, modules = json.loads(done.stderr.decode().rpartition("\n")[2])
    return code, set(modules)


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "job.log").write_bytes(FAILING.encode() if isinstance(FAILING, str) else FAILING)
    return str(tmp_path / "job.log")


@pytest.mark.parametrize(
    ("argument", "own"),
    [
        ("--version", {"diagnose", "diagnose.cli", "diagnose.version"}),
        ("--help", {"diagnose", "diagnose.cli", "diagnose.cli.help", "diagnose.version"}),
        ("no-such-command", {"diagnose", "diagnose.cli", "diagnose.cli.help", "diagnose.version", *GATE}),
    ],
)
def test_what_needs_no_command_imports_none(argument: str, own: set[str], tmp_path: Path) -> None:
    code, modules = imported(tmp_path, argument)
    assert code == (2 if argument == "no-such-command" else 0)
    assert {name for name in modules if name.startswith("diagnose")} <= own
    assert modules & HEAVY <= ({"dataclasses", "inspect"} if argument == "no-such-command" else set())


def test_a_log_without_memory_needs_no_database_and_nothing_of_the_network(log: str, tmp_path: Path) -> None:
    imported(
        tmp_path, "--log", log, "--no-memory"
    )  # the first run in a checkout compiles the packs; the wheel holds them compiled
    code, modules = imported(tmp_path, "--log", log, "--no-memory")
    assert code == 1
    assert not modules & (NEVER_FOR_A_LOG | {"sqlite3", "rapidfuzz"})
    assert not {name for name in modules if name.startswith("diagnose.sources.github")}


def test_a_log_with_memory_needs_the_database_and_nothing_of_the_network(log: str, tmp_path: Path) -> None:
    imported(tmp_path, "--log", log, "--no-memory")
    code, modules = imported(tmp_path, "--log", log)
    assert code == 1
    assert "sqlite3" in modules
    assert not modules & NEVER_FOR_A_LOG


def test_packs_are_not_read_again_once_they_are_compiled(log: str, tmp_path: Path) -> None:
    imported(tmp_path, "--log", log, "--no-memory")
    _, modules = imported(tmp_path, "--log", log, "--no-memory")
    assert "diagnose.scan.pack" not in modules
    assert "diagnose.scan.rulebase" in modules


def test_only_rules_whose_literals_were_hit_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    found = parse(dump(shipped().rules, "key"), "key")
    assert found is not None
    rules, tables = found
    made: list[int] = []
    inner = KeptRules.__getitem__

    def counted(self: KeptRules, place: Any) -> Any:
        made.append(place)
        return inner(self, place)

    monkeypatch.setattr(KeptRules, "__getitem__", counted)
    base = type(shipped())(rules, "key", None, (), tables)
    scan = Scanner(base).scan(
        "log", Pages(io.BytesIO(b"quiet\n" * 50 + b"_____ test_a _____\nE       assert 3 == 4\n"))
    )
    assert [match.rule.id for match in scan.matches] == ["pytest/assertion"]
    assert 0 < len(set(made)) < 20


class Counting(io.BytesIO):
    """A file that counts the bytes read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_a_long_log_is_read_once_and_what_is_shown_again_by_little() -> None:
    quiet = b"2026-01-02T03:04:05.0000000Z tests/test_a.py::test_a PASSED\n" * 100_000
    data = (
        quiet
        + b"2026-01-02T03:04:05.0000000Z E       assert 3 == 4\n2026-01-02T03:04:05.0000000Z ##[error]Process completed with exit code 1.\n"
    )
    file = Counting(data)
    pages = Pages(file)
    scan = scanner().scan("log", pages)
    assert pages.reads == len(data)
    assert file.taken <= len(data) + (2 << 16)  # head and tail, to find the dialect
    read(scan)
    assert file.taken <= 1.5 * len(data)


def test_lines_are_found_again_without_reading_their_page_whole() -> None:
    file = Counting((b"x" * 99 + b"\n") * 100_000)
    pages = Pages(file)
    for _ in pages:
        pass
    before = file.taken
    assert pages.raw(50_000, 50_002) == [b"x" * 99] * 3
    assert file.taken - before < 1 << 17
