"""What lies between a failing commit and the first green one, as a source tells it. All texts are foreign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

How = Literal["same", "ahead", "rewritten", "older"]


@dataclass(frozen=True, slots=True)
class Touched:
    """A file that a commit changed. status: as in ChangedFile. patch: from its first "@@" on, None when the source gave none (binary, large)."""

    path: str
    status: str = "modified"
    previous: str = ""
    patch: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A commit on the way. files: against its first parent, None when they were not asked for. complete: False when their list was cut.

    parents: how many. at: when it was committed. pull: the number of the pull request that its message names, 0 for none.
    """

    sha: str
    message: str
    parents: int = 1
    files: tuple[Touched, ...] | None = None
    complete: bool = True
    at: datetime | None = None
    pull: int = 0

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0].strip()


@dataclass(frozen=True, slots=True)
class Span:
    """From the failing commit (not included) to the green one.

    how: "same" commit; green "ahead" of it; "rewritten" (the branch was forced: neither leads to the other); or "older" than it.
    steps: the first parents' line, oldest first. files: of the whole, or, where it was rewritten, of what differs between both forms; None when unknown.
    commits: all that lie between, those of merged branches too.
    """

    failing: str
    green: str
    how: How
    steps: tuple[Step, ...] = ()
    files: tuple[Touched, ...] | None = None
    complete: bool = True
    commits: int = 0
