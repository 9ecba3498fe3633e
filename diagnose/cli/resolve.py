"""`ci-diagnose resolve c1`: record what fixed a failure, in DISCOVERIES.md and in the pattern database."""

from __future__ import annotations

import math
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.out import answer, complain

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.config import Settings
    from diagnose.memory.signature import Signature

_SHA = re.compile(r"[0-9a-fA-F]{7,64}")


@click.command(epilog='Example: ci-diagnose resolve c1 --fixed-by 42e02ac --cause "a header is missing" --solution "keep it out of the build" --minutes 40')
@click.argument("identity", metavar="[CAUSE]", default="c1")
@click.option("--cause", default=None, help="The root cause, in a sentence.")
@click.option("--solution", default=None, help="What fixed it, in a sentence.")
@click.option("--fixed-by", "--commit", "fixed_by", default="", metavar="SHA", help="The commit or pull request that fixed it.")
@click.option("--minutes", type=click.FloatRange(0, 100_000), default=None, help="Hands-on minutes that it took.")
def command(identity: str, cause: str | None, solution: str | None, fixed_by: str, minutes: float | None) -> int:
    """Record what fixed a cause of the last answer, so that it is recognised the next time."""
    from diagnose.cli.places import settings
    from diagnose.cli.state import cause_of, last
    from diagnose.config import ConfigError

    document = last()
    found = cause_of(document, identity) if document else None
    if document is None or found is None:
        complain(f"the last answer has no cause {identity}." if document else "there is no answer to resolve yet.", "ci-diagnose --log build.log    and then resolve c1")
        return 2
    if fixed_by and not re.fullmatch(r"[\w#./:-]{1,200}", fixed_by):
        complain("--fixed-by takes a commit, a pull request (#12) or an address.", "--fixed-by 42e02ac")
        return 2
    try:
        config, _ = settings(os.environ)
    except ConfigError as error:
        complain(str(error))
        return 2
    if minutes is not None and math.isnan(minutes):
        complain("--minutes takes a number.", "--minutes 40")
        return 2
    asked = _asked(found, cause, solution, minutes)
    if asked is None:
        return 2
    return _record(document, found, config, asked, fixed_by)


def _asked(found: dict[str, Any], cause: str | None, solution: str | None, minutes: float | None) -> tuple[str, str, float] | None:
    """Ask for what was not given, each with a default; where nobody can be asked, the solution must be given."""
    from sys import stdin

    if solution is None and not stdin.isatty():
        complain("what fixed it must be said.", 'ci-diagnose resolve c1 --solution "..."')
        return None
    from diagnose.safety.terminal import to_terminal

    title = to_terminal(found["title"]).replace("\n", " ")
    if cause is None:
        cause = click.prompt("Root cause", default=title, err=True) if stdin.isatty() else title
    if solution is None:
        solution = click.prompt("What fixed it", err=True)
    if minutes is None:
        minutes = click.prompt("Minutes", default=15.0, type=float, err=True) if stdin.isatty() else 15.0
    return str(cause), str(solution), float(minutes)


def _record(document: dict[str, Any], found: dict[str, Any], config: Settings, asked: tuple[str, str, float], fixed_by: str) -> int:
    from diagnose.kit.clock import system_clock
    from diagnose.memory.signature import sign

    lines = document["told"].get("known_by", {}).get(found["id"]) or found["evidence"][0]["text"].split("\n")
    signature = sign(lines, category=found["category"], tool=found["tool"], rule=found["rule"])
    if signature is None:
        complain("the lines of this cause carry no identity (they say only that something failed), so it cannot be recognised.", "ci-diagnose explain c1    for another cause")
        return 2
    now = system_clock().now()
    repository = document["told"].get("repository", "")
    written = _write(found, config, asked, fixed_by, (signature, repository, now))
    if written is None:
        return 3
    answer(written, os.environ)
    return 0


def _write(found: dict[str, Any], config: Settings, asked: tuple[str, str, float], fixed_by: str, key: tuple[Signature, str, datetime]) -> str | None:
    from diagnose.cli.places import cache_folder, data_folder
    from diagnose.memory.append import append
    from diagnose.memory.entry import Entry
    from diagnose.memory.patterns import Resolution, resolve
    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.store import Store
    from diagnose.remember import store_path
    from diagnose.safety.redact import Redactor

    signature, repository, now = key
    cause, solution, minutes = (Redactor(os.environ).redact(part) if isinstance(part, str) else part for part in asked)
    title = " ".join(str(found["title"]).split())[:160]
    path = store_path(config, data_folder())
    seen = 1
    if path is not None:
        resolution = Resolution(title, str(cause), str(solution), fixed_by, float(minutes), float(found["confidence"]))
        kept = resolve(Store(path, time.sleep), signature, resolution, repository=repository, now=now)
        if isinstance(kept, StoreProblem):
            complain(kept.message, kept.remedy)
        else:
            seen = max(1, kept.seen)
    entry = Entry(
        title=title, id=signature.id, root_cause=str(cause), solution=str(solution), reference=fixed_by, minutes=float(minutes),
        confidence=float(found["confidence"]), seen=seen, last_seen=now.date().isoformat(), repository=repository,
        category=str(found["category"]), tool=str(found["tool"]), line=signature.masked[0],
    )  # fmt: skip
    record = Path(config.discoveries)
    done = append(record, entry, locks=cache_folder())
    if isinstance(done, StoreProblem):
        complain(done.message, done.remedy)
        return None
    return f"Recorded as {signature.id} in {record}:{done.line}. Next time the answer begins with this fix.\n"
