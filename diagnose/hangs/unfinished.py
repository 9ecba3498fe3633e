"""Which test had begun and not ended when the output stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.hangs.runners import RUNNERS
from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.hangs.runners import Runner
    from diagnose.logs.log import Line, Log

MOST_LINES: Final = 20_000
MOST_OPEN: Final = 40
"""More tests that seem to run at once are none: the lines that end them are written in a way that is not known."""

_LONGEST: Final = 600
_LISTED: Final = 60
_LIST: Final = regex(r"\s*running tests:\s*")
_IN_LIST: Final = regex(r"\s+(?P<test>\S+) \([\dhms.]+\)\s*")


class Open(NamedTuple):
    """A test at a line. ended: it is the last that ended, and the one behind it hangs. runner, remedy: as the table has them."""

    test: str
    line: int
    runner: str
    remedy: str
    ended: bool = False


def unfinished(log: Log, first: int, last: int) -> tuple[Open, ...]:
    """Return the tests that began in lines first..last and did not end, the last one first; else the last test that ended.

    () where no runner writes either. Of the lines the last MOST_LINES are read.
    """
    lines = [line for line in log.lines(max(first, last - MOST_LINES + 1), last) if len(line.text) <= _LONGEST]
    whole = "\n".join(line.text for line in lines)
    here = [runner for runner in RUNNERS if any(gate in whole for gate in runner.gate)]
    running = [begun for runner in here if runner.begins is not None and (begun := _running(runner, lines))]
    if running:
        return max(running, key=lambda each: each[0].line)
    ended = [done for runner in here if runner.done is not None and (done := _last_ended(runner, lines)) is not None]
    return (max(ended, key=lambda each: each.line),) if ended else ()


def listed(log: Log, line: int) -> tuple[Open, ...]:
    """Return the tests that go test lists behind the panic on `line` with which it ends a run at its limit (Go 1.20 and later)."""
    remedy = next(runner.remedy for runner in RUNNERS if runner.name == "go test")
    found: list[Open] = []
    inside = False
    for each in log.lines(line + 1, min(log.total, line + _LISTED)):
        if not inside:
            inside = _LIST.fullmatch(each.text[:_LONGEST]) is not None
            continue
        test = _IN_LIST.fullmatch(each.text[:_LONGEST])
        if test is None:
            break
        found.append(Open(test["test"], each.number, "go test", remedy))
    names = [each.test for each in found]
    return tuple(each for each in reversed(found) if not any(other.startswith(f"{each.test}/") for other in names))


def _running(runner: Runner, lines: Iterable[Line]) -> tuple[Open, ...]:
    assert runner.begins is not None  # noqa: S101 - for the type checker: the caller asks for nothing else
    begun: dict[str, int] = {}
    for line in lines:
        end = runner.ends.match(line.text) if runner.ends is not None else None
        if end is not None:
            _end(begun, _named(end.groupdict()))
            continue
        start = runner.begins.search(line.text) if runner.begins.pattern[0] != "^" else runner.begins.match(line.text)
        if start is not None:
            name = _named(start.groupdict())
            begun.pop(name, None)
            begun[name] = line.number
    if runner.ends is None and begun:  # such a runner only writes what it begins: the last is the one that ran
        begun = dict([list(begun.items())[-1]])
    names = [
        name for name in reversed(begun) if not (runner.nests and any(other.startswith(f"{name}/") for other in begun))
    ]
    if len(names) > MOST_OPEN:
        return ()
    return tuple(Open(name, begun[name], runner.name, runner.remedy) for name in names)


def _named(groups: dict[str, str | None]) -> str:
    return (groups.get("test") or groups.get("same") or "").strip()


def _end(begun: dict[str, int], name: str) -> None:
    """End a test by its name, or the one that began last where the line names none."""
    if name:
        begun.pop(name, None)
    elif begun:
        begun.popitem()


def _last_ended(runner: Runner, lines: Sequence[Line]) -> Open | None:
    assert runner.done is not None  # noqa: S101 - for the type checker: the caller asks for nothing else
    for line in reversed(lines):
        found = runner.done.match(line.text)
        if found is not None:
            return Open(found["test"].strip(), line.number, runner.name, runner.remedy, ended=True)
    return None
