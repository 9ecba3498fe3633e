"""What is said of a run besides the answer: what was lost, what was ended, why nothing was started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.cli.out import complain
from diagnose.model.text import Untrusted, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.running.capture import Kept
    from diagnose.running.start import NotStarted
    from diagnose.running.streams import Loss
    from diagnose.running.supervise import Ended

MOST_NAMES: Final = 5


def not_started(argv: Sequence[str], problem: NotStarted) -> None:
    """Say that there was nothing to run."""
    complain(
        phrase("cannot run ", Untrusted(argv[0]), f": {problem.why}."),
        "the program's whole path, or its name as `command -v` knows it",
    )


def tell(ended: Ended, kept: Kept) -> None:
    """Say what was left behind and ended, what could not be, and what of the output is missing."""
    if ended.left:
        kept_alive = "" if ended.adopted else " What left its group may run on: only Linux shows it."
        complain(
            phrase(
                f"the command left {_count(len(ended.left), 'process', 'processes')} behind: ",
                _names(ended.left),
                f". {'It was' if len(ended.left) == 1 else 'They were'} ended.{kept_alive}",
            ),
            "--leave, to let them run",
        )
    if ended.undead:
        complain(
            phrase(
                f"{_count(len(ended.undead), 'process', 'processes')} could not be ended: ", _names(ended.undead), "."
            ),
            "ps -e, and end them as their owner",
        )
    for loss in ended.losses:
        complain(_lost(loss))
    if kept.problem and kept.left_out:
        complain(
            f"only the beginning and the end of the output could be kept for the diagnosis ({kept.problem}).",
            "TMPDIR, a folder with room",
        )
    elif kept.left_out:
        complain(
            f"{kept.left_out:,} of {kept.printed:,} bytes of output are not looked at: the beginning and the end are kept."
        )


def _lost(loss: Loss) -> str:
    return f"{loss.size:,} bytes of {loss.stream} were lost ({loss.why}); the command went on."


def _names(names: Sequence[str]) -> Untrusted:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return Untrusted(", ".join(names[:MOST_NAMES]) + more)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
