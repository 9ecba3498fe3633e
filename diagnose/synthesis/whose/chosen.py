"""Which results of other runs speak of a cause's jobs: those of the same name; other members of the matrix only where there is none.

`test (3.11)` and `test (3.12)` are two jobs that may come to two results. A member that is new has none of its own to be held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.model.incident import Control, Missing
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.case import Case
    from diagnose.model.report import Cause
    from diagnose.rank.reading import Reading

RED: Final = ("failure", "timed_out")


class Heard(NamedTuple):
    """A result of another run, as it was read. mate: it is of another member of the job's matrix."""

    control: Control
    reading: Reading | None
    mate: bool


def heard(case: Case, cause: Cause) -> tuple[list[Heard], list[Heard]]:
    """Choose what is listened to, and what is left of the same matrix because the job's own result is known."""
    names = {plain(job) for job in (cause.job, *cause.jobs)}
    stems = {stem_of(name) for name in names}
    every = [(control, reading) for control, reading in _results(case) if stem_of(control.job) in stems]
    own: list[Heard] = []
    left: list[Heard] = []
    for control, reading in every:
        # other people's pull requests count only by the same failure: which member shows it is no matter
        mate = control.kind != "sibling" and control.job not in names
        one = Heard(control, reading, mate)
        (left if mate and not _stands_in(one, names, every) else own).append(one)
    return own, left


def _stands_in(mate: Heard, names: Iterable[str], every: Sequence[tuple[Control, Reading | None]]) -> bool:
    """Whether one of the jobs has no result of its own there; or a red one without a log, and this one's was read."""
    stem = stem_of(mate.control.job)
    for name in names:
        if stem_of(name) != stem:
            continue
        same = [(told, read) for told, read in every if told.kind == mate.control.kind and told.job == name]
        if not same or (mate.reading is not None and all(told.status in RED and read is None for told, read in same)):
            return True
    return False


def disagree(of_base: Sequence[Heard]) -> bool:
    """Whether members of the matrix, heard for want of the job's own result, came to different ends."""
    ended = {one.control.status in RED for one in of_base if one.mate and one.control.status in (*RED, "success")}
    return len(ended) > 1


def _results(case: Case) -> list[tuple[Control, Reading | None]]:
    """All that is known of other runs; a result of the base that no control repeats is one that was not read."""
    readings = case.controls or tuple(None for _ in case.incident.controls)
    told = list(zip(case.incident.controls, readings, strict=True))
    known = {(control.job, control.sha) for control, _ in told}
    base = case.incident.base
    results = () if base is None or isinstance(base, Missing) else base
    return [
        *told,
        *(
            (Control("base", result.job, result.status, result.sha, result.at, result.run_id), None)
            for result in results
            if (result.job, result.sha) not in known
        ),
    ]


def stem_of(name: str) -> str:
    """Give a job's name without the values of its matrix: `test (3.12, linux)` is a `test`."""
    head, opened, _ = name.partition(" (")
    return head if opened and name.endswith(")") else name
