"""Says why CI failed: `await diagnose.diagnose(log=["build.log"])` gives the Report that the command line prints.

Nothing heavy is imported before it is used: `Report`, `Settings` and `Refusal` are loaded when they are first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from diagnose.config import Settings
    from diagnose.model.incident import TargetKind
    from diagnose.model.report import Report
    from diagnose.sources.refusal import Refusal

__all__ = ["Refusal", "Report", "Settings", "diagnose"]

_HOMES: Final = {
    "Refusal": "diagnose.sources.refusal",
    "Report": "diagnose.model.report",
    "Settings": "diagnose.config",
}


async def diagnose(  # noqa: PLR0913 - one argument a target, as the command line has one option a target
    *,
    log: str | PathLike[str] | Iterable[str | PathLike[str]] = (),
    pr: int | str | None = None,
    run: int | str | None = None,
    job: int | str | None = None,
    branch: str | None = None,
    commit: str | None = None,
    repo: str = "",
    passing_log: str | PathLike[str] | None = None,
    junit: str | PathLike[str] | Iterable[str | PathLike[str]] = (),
    settings: Settings | None = None,
    wait: bool = False,
) -> Report | Refusal:
    """Diagnose one target and return its Report, or a Refusal that says why there is nothing to diagnose.

    log: files ("-" is standard input, a zip is a run's log archive). pr, run, job: numbers. Without any target it is this checkout's
    branch. repo: "owner/name", otherwise this checkout's. passing_log: a log of a run that passed, to compare with. junit: test
    reports (JUnit XML) beside the target, or alone. settings: those in force in the current folder when None. wait: until no check runs any more.

    Prints nothing and starts no event loop: any loop that anyio knows will do. Raises TypeError for two targets at once.
    """
    import os

    from diagnose.api import Request, examine
    from diagnose.cli.places import settings as settings_in_force
    from diagnose.cli.places import world
    from diagnose.config import ConfigError
    from diagnose.model.text import Untrusted, phrase
    from diagnose.sources.refusal import Refusal

    logs = tuple(os.fspath(each) for each in ((log,) if isinstance(log, (str, os.PathLike)) else log))
    good = None if passing_log is None else os.fspath(passing_log)
    reports = tuple(os.fspath(each) for each in ((junit,) if isinstance(junit, (str, os.PathLike)) else junit))
    kind, value = _target(logs, reports, {"pr": pr, "run": run, "job": job, "branch": branch, "commit": commit})
    if settings is None:
        try:
            settings, _ = settings_in_force(os.environ)
        except ConfigError as error:
            message, _, remedy = str(error).partition(" try: ")
            return Refusal("usage", phrase(Untrusted(message)), remedy)
    request = Request(kind, value, logs, good, repo, wait, reports)
    found = await examine(request, settings, world(os.environ))
    return found if isinstance(found, Refusal) else found.report


def _target(
    logs: tuple[str, ...], reports: tuple[str, ...], places: dict[TargetKind, int | str | None]
) -> tuple[TargetKind, str]:
    given: list[tuple[TargetKind, str]] = [(kind, str(value)) for kind, value in places.items() if value is not None]
    if logs:
        given.append(("log", ""))
    if len(given) > 1:
        raise TypeError(f"one target at a time: {', '.join(kind for kind, _ in given)} were given")
    return given[0] if given else ("log", "") if reports else ("branch", "")


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
