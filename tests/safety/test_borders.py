"""What may be imported and called where: the tree itself is read, so that no border is crossed by accident."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((*(ROOT / "diagnose").rglob("*.py"), *(ROOT / "agents").rglob("*.py")))

# What stands on the left may be imported below the folders (or files) on the right only.
ROOMS: dict[str, tuple[str, ...]] = {
    "asyncio": (),
    "dill": (),
    "httpx": ("diagnose/sources",),
    "marshal": (),
    "pickle": (),
    "requests": (),
    "rich": ("diagnose/render", "diagnose/cli"),
    "shelve": (),
    "socket": ("diagnose/sources",),
    "sqlite3": ("diagnose/memory",),
    "subprocess": ("diagnose/kit",),
    "urllib.request": (),
    "zipfile": (),
    "tarfile": (),
}
PRINTERS = ("diagnose/cli",)
RUNNER_FILES = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE")
NEVER_WRITTEN = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE")


def below(file: str, folders: tuple[str, ...]) -> bool:
    return any(file.startswith(f"{folder}/") or file in (folder, f"{folder}.py") for folder in folders)


def imports(tree: ast.AST) -> list[str]:
    """Every dotted name that the tree imports: `a.b` for `import a.b`, `a.b` and `a.b.c` for `from a.b import c`."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
            names.extend(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def calls(tree: ast.AST) -> list[str]:
    """Every dotted name that the tree calls, as it is written."""
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def without_types(tree: ast.Module) -> ast.Module:
    """The tree without what only a type checker sees."""

    class Drop(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if is_type_checking(node) else self.generic_visit(node)

    dropped = Drop().visit(tree)
    assert isinstance(dropped, ast.Module)
    return dropped


def crossings(file: str, source: str) -> list[str]:
    """What in this source stands where it may not. file: its path below the root, with `/`."""
    tree = without_types(ast.parse(source))
    found = list(wrong_imports(file, imports(tree)))
    found += wrong_calls(file, calls(tree))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found += [
        f"writes to {word}" for word in NEVER_WRITTEN if word in words and not below(file, ("diagnose/safety/known",))
    ]
    if words & set(RUNNER_FILES) and not below(
        file, ("diagnose/cli", "diagnose/render", "diagnose/config", "diagnose/safety")
    ):
        found.append("knows a file of the runner")
    if "GITHUB_OUTPUT" in words and below(file, ("diagnose/cli",)) and "to_runner_file" not in source:
        found.append("writes outputs past the gate")
    return found


def wrong_imports(file: str, names: list[str]) -> list[str]:
    found = [
        f"imports {name}"
        for name in names
        for room, folders in ROOMS.items()
        if (name == room or name.startswith(f"{room}.")) and not below(file, folders)
    ]
    if any(name.endswith("text.reveal") for name in names) and not below(file, ("diagnose/safety",)):
        found.append("imports reveal")
    return found


def wrong_calls(file: str, names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        last = name.rsplit(".", 1)[-1]
        if name in ("eval", "exec", "builtins.eval", "builtins.exec", "os.system", "os.popen", "__import__"):
            found.append(f"calls {name}")
        if name in ("yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all"):
            found.append(f"calls {name}")
        if last in ("create_subprocess_exec", "run_process", "open_process", "Popen") and not below(
            file, ("diagnose/kit",)
        ):
            found.append(f"calls {name}")
        if last in (
            "posix_spawn",
            "posix_spawnp",
            "fork",
            "forkpty",
            "execv",
            "execve",
            "execvp",
            "execvpe",
        ) and not below(file, ("diagnose/running",)):
            found.append(f"calls {name}")
        printing = name in (
            "print",
            "sys.stdout.write",
            "sys.stderr.write",
            "sys.stdout.buffer.write",
            "sys.stderr.buffer.write",
            "click.echo",
            "click.secho",
        )
        if (printing or last in ("print_exception", "print_exc") or name.endswith("onsole.print")) and not below(
            file, PRINTERS
        ):
            found.append(f"calls {name}")
    return found


@pytest.mark.parametrize(
    ("file", "source", "crossing"),
    [
        ("diagnose/rank/a.py", "from diagnose.model.text import reveal", "imports reveal"),
        (
            "agents/diagnose_agents/a.py",
            "from diagnose.model.text import Untrusted, reveal as open_it",
            "imports reveal",
        ),
        ("diagnose/render/a.py", "print('x')", "calls print"),
        ("diagnose/render/a.py", "import sys\nsys.stdout.write('x')", "calls sys.stdout.write"),
        ("diagnose/render/a.py", "console.print('x')", "calls console.print"),
        ("diagnose/render/a.py", "self._console.print('x')", "calls self._console.print"),
        ("diagnose/memory/a.py", "import traceback\ntraceback.print_exc()", "calls traceback.print_exc"),
        ("diagnose/checks/a.py", "def f():\n    import httpx", "imports httpx"),
        ("diagnose/checks/a.py", "from subprocess import run", "imports subprocess"),
        ("diagnose/checks/a.py", "import anyio\nanyio.run_process(['ls'])", "calls anyio.run_process"),
        ("diagnose/checks/a.py", "import os\nos.posix_spawnp('ls', ['ls'], {})", "calls os.posix_spawnp"),
        ("diagnose/scan/a.py", "from rich.text import Text", "imports rich.text"),
        ("diagnose/scan/a.py", "import sqlite3", "imports sqlite3"),
        ("diagnose/memory/a.py", "import pickle", "imports pickle"),
        ("diagnose/sources/a.py", "import zipfile", "imports zipfile"),
        ("diagnose/config.py", "eval('1')", "calls eval"),
        ("diagnose/checks/a.py", "import yaml\nyaml.load('a')", "calls yaml.load"),
        ("diagnose/rank/a.py", "NAME = 'GITHUB_STEP_SUMMARY'", "knows a file of the runner"),
        ("diagnose/cli/a.py", "open(os.environ['GITHUB_ENV'], 'a')", "writes to GITHUB_ENV"),
        ("diagnose/cli/a.py", "open(os.environ['GITHUB_OUTPUT'], 'a')", "writes outputs past the gate"),
    ],
)
def test_a_crossing_is_seen(file: str, source: str, crossing: str) -> None:
    assert crossing in crossings(file, source)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("diagnose/safety/a.py", "from diagnose.model.text import reveal"),
        ("diagnose/cli/a.py", "print('x')\nconsole.print('y')"),
        ("diagnose/kit/a.py", "import subprocess\nimport anyio\nanyio.open_process(['ls'])"),
        ("diagnose/sources/github/a.py", "import httpx"),
        ("diagnose/rank/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import httpx"),
        ("diagnose/checks/a.py", "import yaml\nyaml.safe_load('a')\nre.compile('x')\npretty.print_tree()"),
        (
            "diagnose/cli/a.py",
            "from diagnose.safety.runner_file import to_runner_file\nopen(os.environ['GITHUB_OUTPUT'], 'a')",
        ),
    ],
)
def test_what_is_in_its_place_passes(file: str, source: str) -> None:
    assert crossings(file, source) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_border_is_crossed(path: Path) -> None:
    assert crossings(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) == []


def test_the_tree_was_found() -> None:
    assert len(FILES) > 20
    assert sys.version_info >= (3, 11)
