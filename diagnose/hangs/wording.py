"""What is said of a stopped job: what ended it, what it was doing, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.model.text import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.hangs.seen import Seen
    from diagnose.hangs.unfinished import Open
    from diagnose.model.stop import StopReason
    from diagnose.model.text import Phrase, Untrusted

    Said = Callable[[str, int], Untrusted]

NAME: Final = 160
_SEVERAL: Final = 3
_HOUR: Final = 60
_MINUTE: Final = 90
_LIMITS: Final = ("job-timeout", "step-timeout", "command-timeout", "test-timeout", "no-output")
_TITLES: Final[dict[StopReason, str]] = {
    "job-timeout": "the job ran into its time limit", "step-timeout": "the step ran into its time limit",
    "command-timeout": "a command ran into its time limit", "test-timeout": "the test runner ended the run at its time limit",
    "no-output": "the job was ended because it printed nothing", "newer-run": "a newer run took this one's place",
    "fail-fast": "the job was cancelled because another one failed", "shutdown": "the runner was shut down during the job",
    "lost-runner": "the runner lost contact with the service", "person": "a person cancelled the run",
    "unknown": "the job was cancelled, and nothing says by whom",
}  # fmt: skip


def title(seen: Seen, said: Said) -> Phrase:
    """Say what ended the job."""
    found = seen.ending
    if found.reason == "newer-run" and found.who:
        return phrase("a newer run of the group ", said(found.who, NAME), " took this one's place")
    if found.reason == "fail-fast" and found.who:
        return phrase("the job was cancelled because ", said(found.who, NAME), " failed")
    if found.reason == "person" and found.who:
        kind = "the app " if found.who.endswith("[bot]") else ""
        return phrase(f"{kind or ''}", said(found.who, NAME), " cancelled the run")
    limit = (
        f" of {span(seen.limit)}" if found.reason in ("job-timeout", "step-timeout") and seen.limit is not None else ""
    )
    return phrase(_TITLES[found.reason] + limit)


def doing(seen: Seen, said: Said) -> Phrase:
    """Say what it was doing: the silence before the end, the test that had begun, how long green runs take."""
    pieces: list[Phrase] = []
    timing = seen.timing
    if seen.ending.silent is not None:
        pieces.append(phrase(f"it printed nothing for {span(seen.ending.silent / 60)} before the end"))
    elif seen.pace == "hung" and timing is not None:
        pieces.append(
            phrase(
                f"it printed nothing for {span(timing.final.seconds / 60)} before the end, behind line {timing.final.after}"
            )
        )
    elif seen.pace == "slow" and timing is not None:
        rest = (
            f"; its longest silence is {span(timing.longest.seconds / 60)}, behind line {timing.longest.after}"
            if timing.longest.seconds >= _MINUTE
            else ""
        )
        pieces.append(phrase(f"it was still printing{rest}"))
    pieces += _tests(seen.open, said)
    if seen.former:
        of = f" of the {span(seen.limit)} that it may" if seen.limit is not None else ""
        times = ", ".join(span(minutes) for minutes in seen.former)
        pieces.append(phrase(f"the last green run{'s' if len(seen.former) > 1 else ''} took {times}{of}"))
    out = phrase()
    for place, piece in enumerate(pieces):
        out += phrase("; " if place else "", piece)
    return out


def _tests(found: tuple[Open, ...], said: Said) -> list[Phrase]:
    if not found:
        return []
    first = found[0]
    if first.ended:
        return [
            phrase(
                f"{first.runner} had ended ",
                said(first.test, NAME),
                f" last (line {first.line}): what comes behind it did not end",
            )
        ]
    if len(found) == 1:
        return [phrase(said(first.test, NAME), f" had begun and did not end (line {first.line})")]
    names = phrase(said(first.test, NAME))
    for other in found[1:_SEVERAL]:
        names += phrase(", ", said(other.test, NAME))
    more = f" and {len(found) - _SEVERAL} more" if len(found) > _SEVERAL else ""
    return [names + phrase(f"{more} had begun and did not end")]


def advice(seen: Seen, said: Said) -> Phrase:
    """Say what to do about it."""
    reason, who = seen.ending.reason, seen.ending.who
    if reason == "newer-run":
        return phrase(
            "Nothing: the newer run of the same group has the answer. To let both end, remove cancel-in-progress."
        )
    if reason == "fail-fast":
        first = phrase("Look at ", said(who, NAME), " first.") if who else phrase("Look at the job that failed first.")
        return first + phrase(" To let all of a matrix end, set strategy.fail-fast to false.")
    if reason in ("shutdown", "lost-runner"):
        return phrase(
            "Run it again once. If it ends at the same place again, the job uses up the machine (memory, disk), or the machine is one that is taken away."
        )
    if reason == "person":
        return (
            phrase("Ask ", said(who, NAME), " why, or run it again." if who else " who did, or run it again.")
            if who
            else phrase("Run it again.")
        )
    if reason == "unknown" and seen.pace != "hung":
        return phrase(
            "The annotations of the job say who cancelled it: ask for the run (--run ID) and not for its log alone."
        )
    return _of_time(seen, said)


def _of_time(seen: Seen, said: Said) -> Phrase:
    first = seen.open[0] if seen.open else None
    if seen.pace == "hung":
        if first is None:
            return phrase(
                "Find out what waited there: a server, a lock, an answer on standard input. A limit on the command (`timeout 600 ...`) shows it sooner."
            )
        which = phrase("the test behind ", said(first.test, NAME)) if first.ended else phrase(said(first.test, NAME))
        return phrase("Run ", which, " alone and see where it waits.", f" {first.remedy}" if first.remedy else "")
    if seen.near:
        return phrase("It is slow, and was near the limit before: split the job, make it faster, or raise the limit.")
    if seen.former:
        return phrase("It took much longer than before: compare the steps' times with the last green run.")
    if seen.pace == "slow":
        return phrase("It was still at work: split the job, make it faster, or raise the limit.")
    return phrase("Find what was running at the end; raise the limit only for a job that is slow.")


def span(minutes: float) -> str:
    """Write a span of time: "45 s", "12 min", "6 h", "1 h 30 min"."""
    seconds = round(minutes * 60)
    if seconds < _MINUTE:
        return f"{seconds} s"
    whole = round(minutes)
    if whole < 2 * _HOUR and whole % _HOUR:
        return f"{whole} min"
    hours, rest = divmod(whole, _HOUR)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
