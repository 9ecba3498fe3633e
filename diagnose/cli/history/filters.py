"""Options that say which patterns are meant, the same for every command of the history."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.memory.wanted import Wanted

_SPAN = regex(r"(\d{1,4}) ?(h|d|w|m|y)[a-z]*")
_HOURS: Final = {"h": 1, "d": 24, "w": 168, "m": 730, "y": 8766}


class When(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click only
    """A day (2026-11-01), a point in time (2026-11-01T12:00), or how long ago (36h, 7d, 2w, 3m, 1y). Without a zone it is local time.

    whole_day: a day alone means its end.
    """

    name = "when"

    def __init__(self, *, whole_day: bool = False) -> None:
        self._whole_day = whole_day

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the point in time, aware."""
        from diagnose.kit.clock import system_clock

        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        span = _SPAN.fullmatch(text)
        if span:
            return system_clock().now() - timedelta(hours=int(span[1]) * _HOURS[span[2]])
        try:
            found = datetime.fromisoformat(text).astimezone(UTC)
            if self._whole_day and re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
                found += timedelta(days=1)
        except (ValueError, OverflowError):
            self.fail(f"{text[:40]} is no day (2026-11-01) and no span (7d, 2w)", param, ctx)
        return found


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; `wanted` reads them from its keyword arguments."""
    from diagnose.memory.rows import State
    from diagnose.model.words import Category, Verdict

    options = (
        click.option("--since", type=When(), metavar="WHEN", help="Met since a day (2026-11-01) or span (7d, 2w, 3m)."),
        click.option(
            "--until", type=When(whole_day=True), metavar="WHEN", help="Met until the end of a day, or a span ago."
        ),
        click.option("--job", default="", metavar="TEXT", help="In a job whose name holds this."),
        click.option(
            "--category",
            type=click.Choice(get_args(Category)),
            default=None,
            metavar="KIND",
            help="test, compile, dependency, network, ...",
        ),
        click.option(
            "--verdict",
            type=click.Choice(get_args(Verdict)),
            default=None,
            metavar="WHOSE",
            help="change, base, flaky, infrastructure or unknown.",
        ),
        click.option(
            "--state",
            type=click.Choice(get_args(State)),
            default=None,
            metavar="STATE",
            help="open, resolved, came-back, stale, wrong or withdrawn.",
        ),
        click.option("--repo", default="", metavar="OWNER/NAME", help="Of this repository."),
        click.option("--branch", default="", metavar="NAME", help="On this branch."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def wanted(options: dict[str, Any]) -> Wanted:
    """Return what the options of `filters` ask for."""
    from diagnose.memory.wanted import Wanted

    return Wanted(
        options["since"], options["until"], options["job"], options["category"] or "", options["verdict"] or "", options["state"] or "", options["repo"], options["branch"],
    )  # fmt: skip


def named(options: dict[str, Any]) -> dict[str, str]:
    """Return the filters that were given, by name."""
    return {
        name: str(options[name])
        for name in ("since", "until", "job", "category", "verdict", "state", "repo", "branch")
        if options[name]
    }
