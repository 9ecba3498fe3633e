"""A run leaves a line in the trail, whatever became of it: `history trail` shows them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from diagnose.api import Answer, Request
    from diagnose.config import Settings
    from diagnose.memory.trail import Run

_CAUSES = 5


def folder_of(config: Settings) -> Path | None:
    """Where the trail is: beside the pattern database; None when nothing is remembered."""
    from diagnose.cli.places import data_folder
    from diagnose.remember import store_path

    path = store_path(config, data_folder())
    return path.parent if path is not None else None


@contextmanager
def kept(config: Settings, asked: Mapping[str, Any]) -> Iterator[Run]:
    """Keep what happens inside as one line of the trail. The caller fills in the outcome; a run that ends otherwise says how.

    The line is written last, when the answer is out; that it cannot be written is no reason to fail.
    """
    from diagnose.kit.clock import system_clock
    from diagnose.kit.ledger import ledger
    from diagnose.memory.trail import Run, leave, line_of
    from diagnose.safety.redact import Redactor
    from diagnose.version import VERSION

    clock = system_clock()
    began = clock.elapsed()
    run = Run(clock.now().isoformat(timespec="seconds"), VERSION, dict(asked))
    with ledger() as book:
        try:
            yield run
        except (KeyboardInterrupt, click.exceptions.Abort):
            run.outcome = "interrupted"
            raise
        finally:
            folder = folder_of(config)
            if folder is not None:
                run.seconds = clock.elapsed() - began
                run.looked_at = {**run.looked_at, "requests": book.requests, "endpoints": book.endpoints}
                run.executed = tuple(book.commands)
                leave(folder, line_of(run, Redactor(os.environ)))


def asked_of(request: Request) -> dict[str, Any]:
    """What a diagnosis was asked, for its line."""
    told = {
        "command": "diagnose",
        "kind": request.kind,
        "target": request.value,
        "repository": request.repository,
        "logs": request.logs,
        "junit": request.junit,
    }
    return {
        **{name: value for name, value in told.items() if value},
        **({"passing_log": request.passing} if request.passing else {}),
    }


def tell(run: Run, found: Answer) -> None:
    """Fill in what a diagnosis looked at and came to."""
    from diagnose.safety.plain import plain

    report = found.report
    readings = [reading for reading in found.case.readings if reading is not None]
    run.outcome = report.status
    run.looked_at = {
        "repository": found.case.incident.repository, "commit": found.case.incident.commit, "jobs": len(report.jobs), "logs": len(readings),
        "agents": {agent.name: agent.status for agent in report.agents}, "checks": {check.name: check.status for check in report.environment},
    }  # fmt: skip
    causes = [cause for cause in (report.root_cause, *report.alternatives) if cause is not None][:_CAUSES]
    run.said = {
        "causes": [{"rule": cause.rule, "category": cause.category, "line": cause.evidence[0].line, "log": plain(cause.evidence[0].log)} for cause in causes],
        "confidence": report.confidence, "verdict": report.attribution.verdict, "escalation": [reason.trigger for reason in report.escalation],
        "patterns": [{"id": known.pattern, "similarity": known.similarity} for known in report.known_patterns[:_CAUSES]],
        **({"not_kept": found.memory_problem} if found.memory_problem else {}),
    }  # fmt: skip


def trailed(name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Keep each call of a command that changes what is remembered as a line of the trail. name: as it is typed."""

    def wrap(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def call(**options: Any) -> int:
            from diagnose.cli.places import settings
            from diagnose.config import ConfigError

            try:
                config, _ = settings(os.environ)
            except ConfigError:
                return function(**options)  # which says so
            given = {key: str(value) for key, value in options.items() if value not in (None, "", (), False)}
            with kept(
                config, {"command": name, "target": given.pop("identity", given.pop("file", "")), "options": given}
            ) as run:
                run.exit = function(**options)
                run.outcome = "done" if run.exit == 0 else "refused"
            return run.exit

        return call

    return wrap
