"""Finds the checks, puts them in order and runs them: at once where nothing keeps them apart."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import diagnose.checks
from diagnose.kit.gather import Child, gather
from diagnose.model.check import Check as Answer
from diagnose.model.text import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnose.case import Case
    from diagnose.checks.interface import Check
    from diagnose.kit.gather import Outcome
    from diagnose.model.text import Phrase


def found() -> tuple[Check, ...]:
    """Every check of this folder, by name of its module."""
    checks: list[Check] = []
    for module in sorted(pkgutil.iter_modules(diagnose.checks.__path__), key=lambda module: module.name):
        check = getattr(importlib.import_module(f"diagnose.checks.{module.name}"), "CHECK", None)
        if check is not None:
            checks.append(check)
    return tuple(checks)


def ordered(checks: Sequence[Check]) -> tuple[tuple[Check, ...], ...]:
    """Waves of checks: each wave needs only what earlier waves say. Raise graphlib.CycleError for a circle."""
    by_name = {check.name: check for check in checks}
    sorter = TopologicalSorter({check.name: [name for name in check.requires if name in by_name] for check in checks})
    sorter.prepare()
    waves = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        waves.append(tuple(by_name[name] for name in ready))
        sorter.done(*ready)
    return tuple(waves)


async def run_all(
    case: Case, deadline: float, elapsed: Callable[[], float], checks: Sequence[Check] | None = None
) -> tuple[Answer, ...]:
    """Run all checks (those found, or `checks`) within `deadline` seconds together; one answer each, in order of running.

    A check that raises or overruns is an answer with status "error". elapsed: a clock in seconds.
    """
    start = elapsed()
    answers: dict[str, Answer] = {}
    for wave in ordered(found() if checks is None else checks):
        ready = []
        for check in wave:
            reason = _obstacle(check, answers)
            if reason is None:
                ready.append(check)
            else:
                answers[check.name] = Answer(check.name, "skipped", reason)
        left = round(max(0.0, deadline - (elapsed() - start)), 1)
        outcomes = await gather([_child(check, case, left) for check in ready], elapsed)
        answers.update((outcome.name, _answer(case, outcome)) for outcome in outcomes)
    return tuple(answers.values())


def _obstacle(check: Check, answers: dict[str, Answer]) -> Phrase | None:
    for name in check.requires:
        before = answers.get(name)
        if before is None:
            return phrase(f"there is no check named {name}, which this one needs")
        if before.blocking:
            return phrase(f"the check {name} blocks")
        if before.status not in ("ok", "failed"):
            return phrase(f"the check {name}, which this one needs, was not done: ", before.message)
    return None


def _child(check: Check, case: Case, deadline: float) -> Child[Answer]:
    return Child(check.name, lambda: check.run(case), deadline)


def _answer(case: Case, outcome: Outcome[Answer]) -> Answer:
    if outcome.value is not None:
        return replace(outcome.value, seconds=outcome.seconds)
    message = phrase("the check could not be done: ", case.said(outcome.error))
    return Answer(outcome.name, "error", message, seconds=outcome.seconds)
