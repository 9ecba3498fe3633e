"""Whether what was installed is what the last green run had: versions that moved, from the install lines of both logs and from both locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.drift.blame import STRONG, first_blamed, told
from diagnose.model.check import Check as Answer
from diagnose.model.incident import Missing, Passing
from diagnose.model.text import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.case import Case
    from diagnose.drift.compare import Drift, Moved
    from diagnose.model.evidence import Evidence
    from diagnose.model.text import Phrase

MOST_NAMED: Final = 6
MOST_QUOTED: Final = 3
_RUN: Final = 40
_SHORT: Final = 7


class Drifted:
    """Compares what each failed job took with what its last green run took."""

    name = "drift"
    requires: tuple[str, ...] = ("setup",)

    async def run(self, case: Case) -> Answer:
        """Say what moved. It fails only where the failure names what moved: most that moves does no harm."""
        found = [(place, drift) for place, drift in enumerate(case.drift) if drift is not None]
        if not found:
            return Answer(self.name, "skipped", _why_not(case))
        named = _named(case, found)
        moved = list(dict.fromkeys([*named, *(_bare(one) for _, drift in found for one in drift.moved)]))
        if not moved:
            many = max(drift.compared for _, drift in found)
            return Answer(self.name, "ok", phrase(*_same(many, found), _when(case, found[0][0])))
        said = _listed(case, moved)
        rest = "".join(_partly(drift) for _, drift in found[:1])
        message = phrase(said, _when(case, found[0][0]), rest)
        if not named:
            return Answer(self.name, "ok", message)
        return Answer(self.name, "failed", message, evidence=tuple(_quotes(case, found, named)), remedy=REMEDY)


REMEDY: Final = "Ask for the version of the last green run until the code fits the new one; a lock file keeps versions from moving by themselves."


def _bare(one: Moved) -> Moved:
    """Give what moved without the places that differ from job to job."""
    return one._replace(line=0, line_before=0)


def _named(case: Case, found: list[tuple[int, Drift]]) -> dict[Moved, None]:
    """What the failures name of what moved, the strongest first."""
    out: dict[Moved, None] = {}
    for place, drift in found:
        reading = case.readings[place]
        if reading is not None:
            out.update((_bare(each.moved), None) for each in first_blamed(drift, reading) if each.how in STRONG)
    return out


def _listed(case: Case, moved: list[Moved]) -> Phrase:
    shown = joined([told(one, case.said) for one in moved[:MOST_NAMED]], ", ")
    return phrase(shown, f" and {len(moved) - MOST_NAMED} more" if len(moved) > MOST_NAMED else "")


def _same(many: int, found: list[tuple[int, Drift]]) -> tuple[str, ...]:
    counts = next((drift.counts for _, drift in found if drift.counts is not None), None)
    if counts is not None:
        return (f"npm added {counts[1]:,} packages, {counts[0]:,}",)
    return (f"no version of the {many:,} packages and tools that both logs name has moved",)


def _partly(drift: Drift) -> str:
    return "; a cache was restored, so the lists are not whole" if drift.partial else ""


def _when(case: Case, place: int) -> Phrase:
    own = case.incident.jobs[place].passing
    if isinstance(case.incident.passing, Missing | None) and isinstance(own, Passing):
        run = phrase("run ", case.said(own.run_id, _RUN)) if own.run_id else phrase()
        commit = phrase(" of commit " if own.run_id else "commit ", case.said(own.sha, _SHORT)) if own.sha else phrase()
        return phrase(
            " since the last green run",
            " (" if own.run_id or own.sha else "",
            run,
            commit,
            ")" if own.run_id or own.sha else "",
        )
    return phrase(" since the passing run that was given")


def _quotes(case: Case, found: list[tuple[int, Drift]], named: dict[Moved, None]) -> Iterator[Evidence]:
    """Quote the lines of the failed log that say what was taken."""
    many = 0
    for place, drift in found:
        reading = case.readings[place]
        for one in (*drift.moved, *drift.came):
            if reading is not None and one.line and _bare(one) in named and many < MOST_QUOTED:
                many += 1
                yield case.quote(reading.log, one.line, one.line)


def _why_not(case: Case) -> Phrase:
    """Say why nothing was compared."""
    passings = [job.passing for job in case.incident.jobs if job.passing is not None]
    given = case.incident.passing
    lacking = [one for one in (given, *passings) if isinstance(one, Missing)]
    if any(isinstance(one, Passing) for one in passings) or (given is not None and not isinstance(given, Missing)):
        return phrase("the log of the last green run and that of the failed one name no package that both have")
    if lacking:
        return phrase("there is no log of a green run to compare with: ", lacking[0].why)
    return phrase("no job failed that a log of its last green run is at hand for")


CHECK = Drifted()
