"""Jobs that were ended from outside: who ended them, and what they were doing: the longest silence, the test that had begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.hangs import wording
from diagnose.hangs.seen import BY_ITSELF, look
from diagnose.model.evidence import Evidence
from diagnose.model.finding import StopFinding
from diagnose.model.incident import LogFile
from diagnose.model.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.case import Case
    from diagnose.hangs.seen import Seen
    from diagnose.model.finding import Finding
    from diagnose.model.incident import Job
    from diagnose.rank.reading import Reading

MOST: Final = 20
_ALIKE: Final = ("newer-run", "fail-fast", "person", "unknown")


class HangDetector:
    """Looks at each job that did not end by itself."""

    name = "hang_detector"
    cheap = True

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Say what ended each stopped job; those that one thing ended, and that show nothing of their own, together."""
        found: dict[tuple[str, str], list[tuple[int, Seen]]] = {}
        for place, reading in enumerate(case.readings):
            green = case.passing[place] if place < len(case.passing) else None
            seen = look(case.incident, place, reading, green)
            if seen is None:
                continue
            alone = seen.ending.reason not in _ALIKE or seen.pace == "hung"
            key = (seen.ending.reason, str(place) if alone else seen.ending.who)
            found.setdefault(key, []).append((place, seen))
        groups = sorted(found.values(), key=lambda group: group[0][1].ending.reason in _ALIKE)
        return [finding for group in groups[:MOST] if (finding := _finding(case, group)) is not None]


def _finding(case: Case, group: Sequence[tuple[int, Seen]]) -> StopFinding | None:
    place, seen = group[0]
    job, reading = case.incident.jobs[place], case.readings[place]
    evidence = _evidence(case, job, reading, seen)
    if not evidence:
        return None
    first = seen.open[0] if seen.open else None
    timing = seen.timing if seen.pace != "unknown" and seen.ending.silent is None else None
    stop = Stop(
        jobs=tuple(case.said(case.incident.jobs[each].name) for each, _ in group),
        reason=seen.ending.reason,
        title=wording.title(seen, case.said),
        doing=wording.doing(seen, case.said),
        advice=wording.advice(seen, case.said),
        evidence=evidence,
        confidence=seen.ending.confidence,
        pace=seen.pace,
        silent_seconds=seen.ending.silent if timing is None else round(timing.final.seconds, 1),
        silent_after=timing.final.after if timing is not None else 0,
        test=case.said(first.test, wording.NAME) if first is not None else None,
        test_line=first.line if first is not None else 0,
        after=first is not None and first.ended,
        runner=first.runner if first is not None else "",
        took_minutes=round(seen.took, 1) if seen.took is not None else None,
        limit_minutes=seen.limit,
        former_minutes=seen.former,
    )
    return StopFinding(place, stop)


def _evidence(case: Case, job: Job, reading: Reading | None, seen: Seen) -> tuple[Evidence, ...]:
    """Quote what says who ended it (a line, or an annotation), then what it was at: the test, or the line before the silence."""
    out: list[Evidence] = []
    if seen.ending.note:
        out.append(
            Evidence(job.log.name if isinstance(job.log, LogFile) else job.name, 0, 0, case.said(seen.ending.note))
        )
    if reading is None:
        return tuple(out)
    lines = [seen.ending.line] if seen.ending.line else []
    if seen.open and (
        seen.ending.reason not in BY_ITSELF or seen.open[0].line > seen.ending.line
    ):  # behind it the runner itself names the test
        lines.append(seen.open[0].line)
    elif seen.pace == "hung" and seen.timing is not None and seen.ending.silent is None:
        lines.append(seen.timing.final.after)
    if not out and not lines:
        lines.append(seen.last)
    return (
        *out,
        *(case.quote(reading.log, line, line) for line in dict.fromkeys(lines) if 1 <= line <= reading.log.total),
    )
