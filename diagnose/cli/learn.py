"""`ci-diagnose learn`: past runs are diagnosed, and what turned them green is remembered."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.out import answer, complain, refuse, tell

if TYPE_CHECKING:
    from diagnose.api import Answer
    from diagnose.config import Settings
    from diagnose.learn.settle import Learnt
    from diagnose.learn.start import Learned, Wanted
    from diagnose.learn.walk import Walk
    from diagnose.world import World

_DAYS = {"d": 1, "w": 7, "m": 30}
_SHOWN = 20


def _since(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """Read a date (2026-11-01), a point in time, or a span back from now (30d, 6w, 3m)."""
    from diagnose.kit.clock import system_clock

    if value is None:
        return None
    text, now = value.strip(), system_clock().now()
    span = re.fullmatch(r"([1-9][0-9]{0,3})([dwm])", text)
    if span:
        return now - timedelta(days=int(span[1]) * _DAYS[span[2]])
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("--since takes a date (2026-11-01) or a span (30d, 6w, 3m).") from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    if at > now:
        raise click.BadParameter("--since takes a date that has been.")
    return at


@click.command(epilog="Example: ci-diagnose learn --branch main --since 6w")
@click.option("--branch", default="", metavar="NAME", help="The runs of this branch.")
@click.option(
    "--since",
    callback=_since,
    default=None,
    metavar="DATE",
    help="Runs that began since then (2026-11-01, or 30d, 6w, 3m); of all branches without --branch. Else the 90 days that logs are kept.",
)
@click.option("--repo", default="", metavar="OWNER/NAME", help="The repository; otherwise this checkout's.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=50,
    show_default=True,
    metavar="N",
    help="Failed runs that are diagnosed at most.",
)
@click.option(
    "--requests",
    type=click.IntRange(10, 15_000),
    default=800,
    show_default=True,
    metavar="N",
    help="Requests to GitHub at most.",
)
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def command(**options: Any) -> int:
    """Learn from past runs: record their failures, and which change turned each green.

    Walks from the oldest to the newest and saves after each run: the same command goes on where it stopped. What it finds
    is a candidate until somebody confirms it with `resolve`; of forks nothing is taken as a solution.
    """
    from diagnose.cli.places import settings
    from diagnose.cli.trail import kept
    from diagnose.config import ConfigError
    from diagnose.learn.start import Wanted

    if not options["branch"] and options["since"] is None:
        complain("learn takes a branch, or a date.", "ci-diagnose learn --branch main    or --since 30d")
        return 2
    try:
        config, _ = settings(os.environ)
    except ConfigError as error:
        message, _, remedy = str(error).partition(" try: ")
        complain(message, remedy)
        return 2
    wanted = Wanted(
        options["branch"],
        options["since"],
        options["repo"],
        not options["branch"],
        options["limit"],
        options["requests"],
    )
    asked = {
        "command": "learn",
        "branch": wanted.branch,
        "repository": wanted.repository,
        "since": wanted.since.isoformat() if wanted.since else "",
    }
    with kept(config, {name: value for name, value in asked.items() if value}) as run:
        run.exit, run.outcome = _learn(wanted, config, options)
    return run.exit


def _learn(wanted: Wanted, config: Settings, options: dict[str, Any]) -> tuple[int, str]:
    import anyio

    from diagnose.cli.places import world
    from diagnose.learn.start import learn
    from diagnose.memory.problem import StoreProblem
    from diagnose.sources.refusal import Refusal

    found = anyio.run(learn, wanted, config, world(os.environ, None if options["quiet"] else _progress))
    if isinstance(found, Refusal):
        refuse(found)
        return (2 if found.kind in ("usage", "ambiguous") else 3), "refused"
    if isinstance(found, StoreProblem):
        complain(found.message, found.remedy)
        return 3, "not kept"
    answer(_as_json(found) if options["as_json"] else _as_text(found, wanted), os.environ)
    return 0, "learned"


def _progress(line: str) -> None:
    tell(f"  {_shown(line, 160)}")


def _shown(text: object, most: int = 200) -> str:
    from diagnose.safety.terminal import to_terminal

    return " ".join(to_terminal(text).split())[:most]  # type: ignore[arg-type]  # text, or a phrase


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _as_text(found: Learned, wanted: Wanted) -> str:
    walk = found.walk
    fresh = [each for each in walk.noted if not each.again]
    new = sum(each.new for each in fresh)
    where = f"branch {_shown(found.branch, 80)}" if found.branch else "all branches"
    lines = [
        f"{found.repository}, {where}, since {walk.since:%Y-%m-%d}: {_count(walk.looked, 'run')} looked at, {walk.failed:,} failed",
        "",
    ]
    if not walk.looked:
        lines.append("  nothing new: no run has ended since the walk before, or in this time")
    lines.append(
        f"  recorded  {_count(len(fresh), 'failure')} of {_count(len({each.pattern for each in fresh}), 'pattern')}, {new} of them new"
    )
    lines.append(
        f"  learnt    {_count(len(walk.learnt), 'cure')}{'' if walk.learnt else ': no job that failed has passed again'}"
    )
    for each in walk.learnt[:_SHOWN]:
        lines += [
            f"    {each.pattern}  {_shown(each.title, 90)}",
            f"              {_shown(each.line)}",
            f"              {_sure(each)}",
        ]
    lines += (
        [f"            {len(walk.learnt) - _SHOWN} more: ci-diagnose history list"] if len(walk.learnt) > _SHOWN else []
    )
    lines += [
        f"  {'not read' if place == 0 else '':<8}  {_shown(why)}" for place, why in enumerate(walk.troubles[:_SHOWN])
    ]
    lines += [f"            {len(walk.troubles) - _SHOWN} more"] if len(walk.troubles) > _SHOWN else []
    lines.append(f"  cost      {_cost(found)}")
    if walk.stopped is not None:
        lines.append(f"  stopped   {_shown(walk.stopped)}")
    if walk.left:
        lines.append(f"  left      {_count(walk.left, 'run')}: {_again(wanted)}")
    return "\n".join(lines) + "\n"


def _sure(each: Learnt) -> str:
    words = {
        "told": "; people say another, which stands",
        "beside": "; another cure has more for it, which stands",
        "confirmed": "; seen before, so surer",
        "known": "; known already",
    }
    hours = f", green {_span(each.hours)} after the first failure" if each.hours is not None else ""
    return f"sure {each.sure:.2f}{hours}{words.get(each.outcome, '')}"


def _span(hours: float) -> str:
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - two days


def _cost(found: Learned) -> str:
    walk = found.walk
    left = f"; GitHub allows {walk.allowed:,} more for now" if walk.allowed is not None else ""
    return f"{_count(walk.requests, 'request')}, {_count(walk.logs, 'log')}, {found.seconds:.0f} s{left}"


def _again(wanted: Wanted) -> str:
    return " ".join(
        [
            "ci-diagnose learn",
            *(
                ["--branch", wanted.branch]
                if wanted.branch
                else ["--since", f"{wanted.since:%Y-%m-%d}"]
                if wanted.since
                else []
            ),
            "goes on from there",
        ]
    )


def _as_json(found: Learned) -> str:
    from diagnose.safety.json_out import to_json

    walk: Walk = found.walk
    document = {
        "repository": found.repository, "branch": found.branch, "since": walk.since, "runs": walk.looked, "failed": walk.failed, "left": walk.left,
        "recorded": [{"pattern": each.pattern, "title": each.title, "job": each.job, "new": each.new} for each in walk.noted if not each.again],
        "learnt": [
            {"pattern": each.pattern, "title": each.title, "solution": each.line, "kind": each.choice.kind, "how": each.choice.how, "reason": each.choice.reason,
             "fixed_by": each.choice.fixed_by, "sure": each.sure, "outcome": each.outcome, "hours": each.hours, "minutes": each.minutes, "job": each.job, "branch": each.branch}
            for each in walk.learnt
        ],
        "not_read": walk.troubles, "stopped": walk.stopped, "requests": walk.requests, "logs": walk.logs, "seconds": round(found.seconds, 3),
    }  # fmt: skip
    return to_json(document, indent=2, tty=sys.stdout.isatty()) + "\n"


def after(found: Answer, config: Settings, surroundings: World, *, quiet: bool) -> None:
    """Learn from the green jobs of an answer that is out already; what was learnt is said on standard error."""
    import anyio

    from diagnose.learn.green import learn_green

    try:
        learnt = anyio.run(learn_green, found.case.incident, config, surroundings)
    except Exception as error:  # noqa: BLE001 - the answer is out and right: nothing that comes after may change its exit code
        tell(f"  learnt   nothing: a mistake of ours ({type(error).__name__})")
        return
    for each in learnt:
        if not quiet and each.outcome in ("taken", "confirmed"):
            tell(
                f"  learnt   {each.pattern}: {_shown(each.line)} ({_sure(each)}). Wrong? ci-diagnose resolve {each.pattern}"
            )
