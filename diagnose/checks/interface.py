"""What a check of phase 1 must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.check import Check as Answer


class Check(Protocol):
    """One look at the circumstances. Found as `CHECK` in a module of this folder.

    name: as the report lists it. requires: names of checks that come first; when one of them blocks, breaks, is skipped or is
    not there, this one is skipped and says so.
    """

    name: str
    requires: tuple[str, ...]

    async def run(self, case: Case) -> Answer:
        """Look, and answer. What could not be had is an answer too; raising is for bugs."""
        ...
