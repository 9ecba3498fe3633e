"""`ci-diagnose doctor`: whether token, network, memory and rules are as they should be."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from diagnose.cli.out import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.config import Settings


@dataclass(frozen=True, slots=True)
class Row:
    """One subject: state, the value that was found, and what to try."""

    state: Literal["ok", "remark", "problem", "off"]
    subject: str
    found: str
    remedy: str = ""


_MARKS = {"ok": ("✓", "ok"), "remark": ("!", "!"), "problem": ("✗", "x"), "off": ("-", "-")}


@click.command(epilog="Example: ci-diagnose doctor")
@click.option("--offline", is_flag=True, help="Ask nothing of the network.")
@click.option("--repo", default="", metavar="OWNER/NAME", help="The repository to check access to.")
def command(offline: bool, repo: str) -> int:  # noqa: FBT001 - click's flag
    """Check version, settings, rules, memory, and access to GitHub."""
    from diagnose.cli.places import settings
    from diagnose.config import ConfigError, Settings

    rows = [Row("ok", "version", _version())]
    try:
        config, _ = settings(os.environ)
    except ConfigError as error:
        message, _, remedy = str(error).partition(" try: ")
        rows.append(Row("problem", "settings", message, remedy))
        config = Settings()
    rows += [_guarded("rules", _rules), _guarded("memory", lambda: _memory(config))]
    if offline:
        rows.append(Row("off", "github", "not asked (--offline)"))
    else:
        rows += _github(config, repo)
    return _print(rows)


def _version() -> str:
    from diagnose.version import VERSION

    return f"{VERSION}, Python {platform.python_version()}"


def _guarded(subject: str, look: Callable[[], Row]) -> Row:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - a doctor says what is wrong, it does not fall ill
        return Row("problem", subject, f"{type(error).__name__}: {error}", "reinstall ci-diagnose")


def _rules() -> Row:
    from diagnose.api import rules_for
    from diagnose.cli.places import world

    base = rules_for(world(os.environ))
    tools = len({rule.tool for rule in base.rules})
    if base.problems:
        return Row(
            "problem",
            "rules",
            f"{len(base.rules)} of {tools} tools; {len(base.problems)} of your own are refused: {base.problems[0]}",
            "ci-diagnose patterns lint .ci-diagnose/rules",
        )
    if base.unread:
        return Row("remark", "rules", f"{len(base.rules)} of {tools} tools; {base.unread[0]}")
    return Row("ok", "rules", f"{len(base.rules)} of {tools} tools")


def _memory(config: Settings) -> Row:
    import time

    from diagnose.cli.places import data_folder
    from diagnose.kit.clock import system_clock
    from diagnose.memory.patterns import list_patterns
    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store
    from diagnose.remember import store_path
    from diagnose.safety.terminal import to_terminal

    path = store_path(config, data_folder())
    if path is None:
        return Row("off", "memory", "off")
    found = list_patterns(Store(path, time.sleep), now=system_clock().now())
    if isinstance(found, StoreProblem):
        return Row(
            "problem",
            "memory",
            to_terminal(found.message),
            found.remedy or "CI_DIAGNOSE_MEMORY_FOLDER=/path/with/space",
        )
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return Row("problem", "memory", f"{folder} cannot be written", "CI_DIAGNOSE_MEMORY_FOLDER=/path/with/space")
    return Row("ok", "memory", f"{len(found)} patterns in {path}")


def _github(config: Settings, repo: str) -> list[Row]:
    from diagnose.cli.github_rows import github_rows

    return [Row(*row) for row in github_rows(config, repo)]


def _print(rows: list[Row]) -> int:
    import sys

    from diagnose.cli.out import encodes
    from diagnose.safety.terminal import to_terminal

    ascii_only = not encodes(sys.stdout)
    lines: list[str] = []
    for row in rows:
        lines.append(f"{_MARKS[row.state][ascii_only]} {row.subject:<9} {to_terminal(row.found)}")
        if row.remedy:
            lines.append(f"            try: {to_terminal(row.remedy)}")
    problems = sum(row.state == "problem" for row in rows)
    remarks = sum(row.state == "remark" for row in rows)
    works = "Logs on disk can be diagnosed all the same." if problems else "Everything works."
    lines += ["", f"{problems} problem{'s' * (problems != 1)}, {remarks} remark{'s' * (remarks != 1)}. {works}"]
    answer("\n".join(lines) + "\n", os.environ)
    return 1 if problems else 0
