"""`ci-diagnose resolve c1`: record what fixed a failure, in DISCOVERIES.md and in the pattern database."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.out import answer, complain
from diagnose.cli.trail import trailed
from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.config import Settings
    from diagnose.memory.patterns import Resolution
    from diagnose.memory.rows import Pattern
    from diagnose.memory.signature import Signature
    from diagnose.memory.store import Store

_PATTERN = regex(r"[0-9a-fA-F]{4,8}")
_REFERENCE = regex(r"[\w#./:-]{1,200}")
DEFAULT_MINUTES = 15.0


@dataclass(frozen=True, slots=True)
class _Meant:
    """What is resolved: a cause of the last answer by its signature, or a pattern of the history by its id (ident). Texts are foreign, confidence 0..1."""

    title: str
    root_cause: str
    solution: str
    minutes: float
    confidence: float | None
    repository: str
    signature: Signature | None = None
    ident: str = ""


@click.command(
    epilog='Example: ci-diagnose resolve c1 --commit 42e02ac --cause "a header is missing" --solution "keep it out of the build" --minutes 40'
)
@click.argument("identity", metavar="[ID]", default="c1")
@click.option("--cause", default=None, help="The root cause, in a sentence.")
@click.option("--solution", default=None, help="What fixed it, in a sentence.")
@click.option(
    "--commit", "--fixed-by", "fixed_by", default="", metavar="SHA", help="The commit or pull request that fixed it."
)
@click.option("--minutes", type=click.FloatRange(0, 100_000), default=None, help="Hands-on minutes that it took.")
@click.option(
    "--repo", default="", metavar="OWNER/NAME", help="Of a pattern: its repository, where several have the id."
)
@trailed("resolve")
def command(identity: str, **options: Any) -> int:
    """Record what fixed a cause of the last answer (c1) or a pattern of the history (its id), so that it is recognised the next time."""
    from diagnose.cli.places import data_folder, settings
    from diagnose.config import ConfigError
    from diagnose.remember import store_path

    if options["fixed_by"] and not _REFERENCE.fullmatch(options["fixed_by"]):
        complain("--fixed-by takes a commit, a pull request (#12) or an address.", "--fixed-by 42e02ac")
        return 2
    if options["minutes"] is not None and math.isnan(options["minutes"]):
        complain("--minutes takes a number.", "--minutes 40")
        return 2
    try:
        config, _ = settings(os.environ)
    except ConfigError as error:
        complain(str(error))
        return 2
    path = store_path(config, data_folder())
    store = _store(path) if path is not None else None
    meant = (
        _pattern(store, identity, options["repo"])
        if _PATTERN.fullmatch(identity) and not _cause_id(identity)
        else _cause(identity)
    )
    if isinstance(meant, int):
        return meant
    resolution = _asked(meant, options)
    return 2 if resolution is None else _record(meant, config, store, resolution)


def _store(path: Path) -> Store:
    import time

    from diagnose.memory.store import Store

    return Store(path, time.sleep)


def _cause_id(identity: str) -> bool:
    """Four digits and more are a pattern (`c204`), unless the last answer has so many causes."""
    from diagnose.cli.state import cause_of, last

    document = last()
    return document is not None and cause_of(document, identity) is not None


def _cause(identity: str) -> _Meant | int:
    from diagnose.cli.state import cause_of, last, signature_of

    document = last()
    found = cause_of(document, identity) if document else None
    if document is None or found is None:
        complain(
            f"the last answer has no cause {identity}." if document else "there is no answer to resolve yet.",
            "ci-diagnose --log build.log    and then resolve c1",
        )
        return 2
    signature = signature_of(document, found)
    if signature is None:
        complain(
            "the lines of this cause carry no identity (they say only that something failed), so it cannot be recognised.",
            "ci-diagnose explain c1    for another cause",
        )
        return 2
    title = " ".join(str(found["title"]).split())
    return _Meant(
        title[:160],
        title,
        "",
        DEFAULT_MINUTES,
        float(found["confidence"]),
        document["told"].get("repository", ""),
        signature,
    )


def _pattern(store: Store | None, identity: str, repository: str) -> _Meant | int:
    from diagnose.cli.history.common import one_pattern
    from diagnose.kit.clock import system_clock
    from diagnose.safety.plain import plain

    if store is None:
        complain("memory is off, so there is no pattern to resolve.", "CI_DIAGNOSE_MEMORY=true ci-diagnose resolve ID")
        return 2
    found = one_pattern(store, identity, repository, system_clock().now())
    if isinstance(found, int):
        return found
    one = found.pattern
    title = plain(one.title)
    return _Meant(
        title, plain(one.root_cause) or title, plain(one.solution), DEFAULT_MINUTES if one.minutes is None else one.minutes, one.confidence, plain(one.repository), None, one.id,
    )  # fmt: skip


def _asked(meant: _Meant, options: dict[str, Any]) -> Resolution | None:
    """Ask for what was not given, each with a default; where nobody can be asked, the solution must be given, or be known."""
    from sys import stdin

    from diagnose.cli.person import person
    from diagnose.memory.patterns import Resolution
    from diagnose.safety.redact import Redactor
    from diagnose.safety.terminal import to_terminal

    def shown(text: str) -> str:
        return to_terminal(text).replace("\n", " ")

    cause, solution, minutes = options["cause"], options["solution"], options["minutes"]
    if solution is None and not stdin.isatty() and not (meant.solution and options["fixed_by"]):
        complain("what fixed it must be said.", f'ci-diagnose resolve {meant.ident or "c1"} --solution "..."')
        return None
    asking = stdin.isatty()
    if cause is None:
        cause = click.prompt("Root cause", default=shown(meant.root_cause), err=True) if asking else meant.root_cause
    if solution is None:
        solution = (
            click.prompt("What fixed it", default=shown(meant.solution) or None, err=True) if asking else meant.solution
        )
    if minutes is None:
        minutes = click.prompt("Minutes", default=meant.minutes, type=float, err=True) if asking else meant.minutes
    redact = Redactor(os.environ).redact
    links = tuple(link for link in (options["fixed_by"], _run()) if link.startswith("https://"))
    return Resolution(
        meant.title, redact(str(cause)), redact(str(solution)), options["fixed_by"], float(minutes), meant.confidence, who=person(), links=tuple(map(redact, links)), sure=1.0,
    )  # fmt: skip


def _run() -> str:
    """Return the address of the run of GitHub Actions that this is part of, "" outside."""
    server, repository, run = (os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def _record(meant: _Meant, config: Settings, store: Store | None, resolution: Resolution) -> int:
    from diagnose.cli.places import cache_folder
    from diagnose.kit.clock import system_clock
    from diagnose.memory.append import append
    from diagnose.memory.entry import Entry
    from diagnose.memory.problem import StoreProblem
    from diagnose.memory.recognise import entry_for

    now = system_clock().now()
    pattern, signature = _kept(meant, store, resolution, now)
    if pattern is not None and signature is not None:
        entry = entry_for(signature, resolution, pattern, repository=meant.repository)
    elif signature is not None:
        entry = Entry(
            title=meant.title, id=signature.id, root_cause=resolution.root_cause, solution=resolution.solution, reference=resolution.fixed_by, minutes=resolution.minutes,
            confidence=meant.confidence, seen=1, last_seen=now.date().isoformat(), repository=meant.repository, category=signature.category, tool=signature.tool,
            line=signature.masked[0],
        )  # fmt: skip
    elif pattern is not None:
        entry = Entry(
            meant.title, pattern.id, resolution.root_cause, resolution.solution, resolution.fixed_by, pattern.minutes, pattern.confidence, pattern.seen, pattern.last_seen[:10],
            meant.repository, category=pattern.category, tool=pattern.tool,
        )  # fmt: skip
    else:
        return 3
    record = Path(config.discoveries)
    done = append(record, entry, locks=cache_folder())
    if isinstance(done, StoreProblem):
        complain(done.message, done.remedy)
        return 3
    answer(f"Recorded as {entry.id} in {record}:{done.line}. Next time the answer begins with this fix.\n", os.environ)
    return 0


def _kept(
    meant: _Meant, store: Store | None, resolution: Resolution, now: datetime
) -> tuple[Pattern | None, Signature | None]:
    """Keep it in the database; where that cannot be, said why, and the record alone has it."""
    from diagnose.memory.patterns import resolve, resolve_pattern
    from diagnose.memory.problem import StoreProblem

    if store is None:
        return None, meant.signature
    if meant.signature is not None:
        kept = resolve(store, meant.signature, resolution, repository=meant.repository, now=now)
        if not isinstance(kept, StoreProblem):
            return kept, meant.signature
        complain(kept.message, kept.remedy)
        return None, meant.signature
    done = resolve_pattern(store, meant.ident, resolution, repository=meant.repository, now=now)
    if done is None or isinstance(done, StoreProblem):
        complain(done.message if done else f"pattern {meant.ident} is gone.", done.remedy if done else "")
        return None, None
    return done.pattern, done.signature
