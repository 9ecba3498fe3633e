"""What a check of phase 1 answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnose.model.evidence import Evidence
    from diagnose.model.text import Phrase
    from diagnose.model.words import CheckStatus


@dataclass(frozen=True, slots=True)
class Check:
    """One check's answer.

    blocking: nothing behind it needs to be read, the block is the answer; only a failed check blocks.
    message: what was found, or why it was skipped or could not be done. seconds: how long it took.
    """

    name: str
    status: CheckStatus
    message: Phrase
    blocking: bool = False
    evidence: tuple[Evidence, ...] = ()
    seconds: float = 0.0
    remedy: str = ""

    def __post_init__(self) -> None:
        if self.blocking and self.status != "failed":
            message = f"check {self.name}: only a failed check blocks"
            raise ValueError(message)
