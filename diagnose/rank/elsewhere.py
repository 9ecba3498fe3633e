"""A failure whose reason is not in the log: known by its form, so that no line is called the reason that merely stands there.

Another job's result that a job only collects, a step that does nothing but fail, a command that prints nothing, output that goes
to a file, a log that stops in the middle, a job that failed although no step of its log did. What is missing, and where to look.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Opening
from diagnose.rank.kind import programs
from diagnose.rank.outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.logs.log import Line, Log
    from diagnose.rank.reading import Reading
    from diagnose.rank.window import Window

# how far the form alone carries: too few labelled logs have one to measure it, so none of it is called almost certain
PLAIN: Final = 0.85
NOT_HERE: Final = "The reason is not in this log."
LIKELY: Final = 0.5
GATE_LINES: Final = 60
FEW_LINES: Final = 3
SCRIPT_LINES: Final = 60
_SHORT: Final = 120
_LONGEST: Final = 400

_FAILED: Final = r"(?:failure|failed|cancelled|canceled|timed_out|skipped)"
# re-actors/alls-green, src/normalize_needed_jobs_status.py: `📝 {name} → {emoji} {result} [{status}]`
_ALLS_GREEN: Final = regex(rf"^\W*(?P<name>\S.*?) → \W*(?P<result>{_FAILED}) \[required to succeed")
_ALLS_GREEN_SAYS: Final = regex(r"^\W*Some of the required to succeed jobs failed")
# toJSON(needs), as GitHub's documentation of the `needs` context shows it: {"build": {"result": "failure", "outputs": {}}}
_NEEDS_NAME: Final = regex(r'^[\s{]*"(?P<name>[\w.-]+)": \{')
_NEEDS_RESULT: Final = regex(r'"result": ?"(?P<result>failure|cancelled|skipped)"')
_COMPARED: Final = regex(rf"""(?:["']?)\b{_FAILED}["']?\s*(?:==?|!=)\s*["']?(?:success|failure|cancelled|skipped)\b""")
_SAYS_JOBS: Final = regex(
    r"(?i)^\W*(?:error:\W*)?(?:(?:one or more|some|at least one)(?: of the)?(?: required| needed| upstream| dependent| previous)* (?:jobs?|checks|workflows)\b.{0,40}"
    r"\b(?:failed|did not (?:succeed|pass)|cancell?ed|not successful)|(?:required|needed|upstream|dependent|previous) jobs? .{0,40}(?:failed|did not (?:succeed|pass))|"
    r"(?P<name>[\w./ -]{1,60}?) job (?:failed|did not succeed))\W*$"
)
_ONLY_FAILS: Final = regex(r"(?:/bin/)?false|exit [1-9]\d*")
_TALKS: Final = regex(r"(?:echo|printf|:)\b.*|#.*|set [+-]\S+.*|(?:then|else|fi|do|done|\}|\{)")
_REDIRECT: Final = regex(r"(?<![<>&\d=-])(?:&>>?|1?>>?)\s*(?P<file>[\w./~+{}$\"'-]+)")
_NO_FILE: Final = regex(r"/dev/(?!null)|GITHUB_|RUNNER_|\$BASH_ENV|^\W*$|^\d+$")
_SHOWN: Final = regex(r"\b(?:cat|tail|head|less|more|sed|grep|tee|awk)\b")
_POINTER: Final = regex(
    r"(?i)\b(?:see|check|consult|refer to|look (?:at|in)|(?:full|complete|detailed)? ?(?:logs?|output|details|report)(?: (?:is|are|can be|was))?(?: (?:written|saved|found|available|stored))? (?:in|to|at):?|"
    r"(?:log|output)(?: file)?:)\s+(?:the )?(?:log |file |report )*(?:in |at )?[`'\"\u2018]?(?P<file>(?:file:/*)?[\w./~+-]*[\w+-]\.(?:log|out|txt|xml|html|json|stderr|stdout|trs))\b"
)
_NO_LINE: Final = (
    "found no line that matches",
    "Look at what `{name}` searches: print it before the search, so that the log shows it.",
)
_UNTRUE: Final = (
    "was not true",
    "Look at what `{name}` asks about: print it before the question, so that the log shows it.",
)
_DIFFERS: Final = (
    "found a difference and prints none",
    "Run it without the option that keeps it quiet, so that the log shows the difference.",
)
_NO_PROGRAM: Final = ("found no such program", "Look at the step that was to install it.")
_QUIET: Final = {
    "grep": _NO_LINE, "egrep": _NO_LINE, "fgrep": _NO_LINE, "rg": _NO_LINE, "test": _UNTRUE, "[": _UNTRUE, "[[": _UNTRUE, "cmp": _DIFFERS,
    "diff": _DIFFERS, "git diff": _DIFFERS, "git diff-index": _DIFFERS, "which": _NO_PROGRAM, "command": _NO_PROGRAM,
    "curl": ("failed and keeps its message back", "Give curl the flags -S and -v, so that the log shows what it was answered."),
}  # fmt: skip
_TRUTHS: Final = regex(
    r"(?:!\s*)?(?P<word>test|\[\[?|which|command|grep|egrep|fgrep|rg|cmp|diff|git diff(?:-index)?|curl)(?=\s)"
)


class Elsewhere(NamedTuple):
    """Why the log does not hold the reason. title: what is known, `{name}` being `name`, foreign words. where: what to look at, likewise.

    first..last: the lines that show it. likely: how far its form carries, 0..1.
    """

    kind: str
    first: int
    last: int
    title: str
    where: str
    name: str
    likely: float


def elsewhere_of(reading: Reading, *, failed: bool = False) -> Elsewhere | None:
    """Say what the log does not hold, None where it may hold the reason. failed: the CI system says that this job failed."""
    windows = [window for window in reading.windows if window.certain]
    if not windows:
        return _cut(reading) or (_nothing_failed(reading) if failed else None)
    if len(windows) > 1 or _known(reading):
        return None
    window = windows[0]
    said = _said(reading.log, window)
    script = _script(reading.log, window)
    return (
        _gate(script, said, window)
        or _silent(script, said)
        or _to_a_file(reading, script, said)
        or _only_wrapped(reading)
    )


def _known(reading: Reading) -> bool:
    """Whether a rule knows a cause in the failed step, beyond an action's own words."""
    return any(
        one.match is not None and one.match.rule.kind == "cause" and one.match.rule.ecosystem != "ci"
        for one in reading.candidates
    )


def _said(log: Log, window: Window) -> list[Line]:
    """What the failed step printed, the line that says that it failed left out; its last lines where it printed much."""
    first = max(window.first, window.last - 4 * GATE_LINES)
    lines = _short_lines(log, first, window.last)
    return [
        line
        for line in lines
        if line.text.strip()
        and line.number != window.told
        and not line.text.startswith(("##[endgroup]", "travis_time:", "$ "))
    ]


def _script(log: Log, window: Window) -> list[Line]:
    """The commands of the failed step, as the log echoes them."""
    step = window.step
    if step is None:
        return []
    shown = _short_lines(log, step.first, min(step.body, step.first + SCRIPT_LINES) - 1)
    if shown and shown[0].text.startswith("##[group]Run "):
        out = []
        for line in shown[1:]:
            if line.text.startswith(("shell: ", "env:", "with:", "##[")):
                break
            out.append(line)
        return out
    return [line for line in shown[:1] if step.command]


def _short_lines(log: Log, first: int, last: int) -> list[Line]:
    """Give lines without what stands far out: the forms are short, and a form is not looked for in a line of a megabyte."""
    return [line._replace(text=line.text[:_LONGEST]) for line in log.lines(first, last)]


def _commands(script: Sequence[Line]) -> list[Line]:
    return [line for line in script if line.text.strip() and not _TALKS.fullmatch(_command(line))]


def _command(line: Line) -> str:
    return line.text.strip().removeprefix("$ ").strip().rstrip(";")


def _gate(script: Sequence[Line], said: Sequence[Line], window: Window) -> Elsewhere | None:
    """A job that only collects what others came to."""
    if len(said) > GATE_LINES:
        return None
    names = list(dict.fromkeys(_bad_jobs(said)))
    telling = [
        line
        for line in said
        if _ALLS_GREEN.match(line.text) or _ALLS_GREEN_SAYS.match(line.text) or _SAYS_JOBS.match(line.text)
    ]
    compared = [line for line in script if _COMPARED.search(line.text)]
    results = [line for line in said if _NEEDS_RESULT.search(line.text)] if names else []
    if not (telling or compared or results):
        return None
    first = (telling or results or compared)[0].number
    if not telling and results:
        first -= any(line.number == first - 1 and _NEEDS_NAME.match(line.text) for line in said)
    named = ", ".join(names[:FEW_LINES]) + (f" and {len(names) - FEW_LINES} more" if len(names) > FEW_LINES else "")
    what = (
        "another job did not succeed ({name}); this one only collects results"
        if named
        else "another job did not succeed; this one only collects results"
    )
    where = (
        "Look at the job {name} of the same run."
        if named
        else "Look at the other jobs of the same run: this log does not name the one that failed."
    )
    return Elsewhere("other-jobs", first, min(window.last, first + FEW_LINES), what, where, named, PLAIN)


def _bad_jobs(said: Sequence[Line]) -> Iterator[str]:
    name = ""
    for line in said:
        found = _ALLS_GREEN.match(line.text)
        if found is not None:
            yield found["name"]
            continue
        begun = _NEEDS_NAME.match(line.text)
        name = begun["name"] if begun is not None else name
        if name and _NEEDS_RESULT.search(line.text):
            yield name
        spoken = _SAYS_JOBS.match(line.text)
        if spoken is not None and spoken["name"]:
            yield spoken["name"].strip()


def _only_fails(script: Sequence[Line]) -> bool:
    own = _commands(script)
    return bool(own) and all(_ONLY_FAILS.fullmatch(_command(line)) for line in own)


def _silent(script: Sequence[Line], said: Sequence[Line]) -> Elsewhere | None:
    """A step that printed nothing, or that does nothing but fail."""
    own = _commands(script)
    if said or not own:
        return None
    if _only_fails(script):
        command = _command(own[0])[:_SHORT]
        return Elsewhere(
            "only-fails", own[0].number, own[0].number, "the step does nothing but fail (`{name}`): its condition was met, and the log does not show which",
            "Look at the `if:` of the step that runs `{name}` in the workflow, and at what it asks about.", command, PLAIN,
        )  # fmt: skip
    if len(own) > 1:
        return Elsewhere(
            "silent", own[0].number, own[-1].number, "one of the step's commands failed and printed nothing",
            "Put `set -x` before the commands, so that the log shows which one fails.", "", PLAIN,
        )  # fmt: skip
    return _silent_command(own[0])


def _silent_command(line: Line) -> Elsewhere:
    command = _command(line)
    last = re.split(r"&&|;", command)[-1].strip()
    meant = _TRUTHS.match(last)
    aside = _redirect_of(last)
    if aside:
        return _aside(line, aside)
    if meant is not None:
        words, where = _QUIET[meant["word"]]
        return Elsewhere("silent", line.number, line.number, f"`{{name}}` {words}", where, last[:_SHORT], PLAIN)
    return Elsewhere(
        "silent",
        line.number,
        line.number,
        "`{name}` failed and printed nothing",
        "Run `{name}` with more output (--verbose, or `set -x` before it).",
        command[:_SHORT],
        PLAIN,
    )


def _redirect_of(command: str) -> str:
    """The file that a command's output goes to, "" where it is printed."""
    found = [match["file"].strip("\"'") for match in _REDIRECT.finditer(command)]
    return next((file for file in found if not _NO_FILE.search(file)), "")


def _aside(line: Line, file: str) -> Elsewhere:
    if file == "/dev/null":
        return Elsewhere(
            "silent",
            line.number,
            line.number,
            "a command failed whose output is thrown away (`> /dev/null`)",
            "Take `> /dev/null` away, so that the log shows what it says.",
            "",
            PLAIN,
        )
    return Elsewhere(
        "to-a-file", line.number, line.number, "what the failed command printed went to {name}",
        "Look at {name}: print it when the step fails, or keep it as an artifact.", file[:_SHORT], PLAIN,
    )  # fmt: skip


def _to_a_file(reading: Reading, script: Sequence[Line], said: Sequence[Line]) -> Elsewhere | None:
    """Output that goes to a file: by the script's redirection, or by the last words of what ran."""
    own = _commands(script)
    if own and len(said) <= FEW_LINES and not any(_SHOWN.search(_command(line)) for line in own):
        sent = [(line, file) for line in own if (file := _redirect_of(_command(line)))]
        if sent:
            return _aside(*sent[-1])
    if any(one.match is not None for one in reading.candidates):
        return None
    for line in reversed(said[-2 * FEW_LINES :]):
        pointed = _POINTER.search(line.text)
        if pointed is not None and "://" not in line.text.replace("file://", ""):
            name = pointed["file"]
            return Elsewhere(
                "to-a-file", line.number, line.number, "the details are in {name}",
                "Look at {name}: print it when the step fails, or keep it as an artifact.", PurePosixPath(name).as_posix()[-_SHORT:], LIKELY,
            )  # fmt: skip
    return None


def _only_wrapped(reading: Reading) -> Elsewhere | None:
    """Nothing but what says that something else failed: `make: *** [all] Error 2` behind a command that printed nothing."""
    first = next((one for one in reading.wrappers if one.match is not None and one.match.rule.ecosystem != "ci"), None)
    if reading.candidates or first is None:
        return None
    return Elsewhere(
        "only-wrapped", first.line, first.line, "{name} says that something it ran failed, and nothing says what went wrong",
        "Run it with more output, so that the log shows what the command before this line says.", first.match.rule.tool if first.match else "", PLAIN,
    )  # fmt: skip


def _cut(reading: Reading) -> Elsewhere | None:
    """A runner's log with a beginning and no end."""
    log = reading.log
    if (
        not isinstance(log.dialect, Opening)
        or not log.steps
        or any(mark.sign == "finish" for mark in log.marks)
        or log.closing is not None
    ):
        return None
    if not any(log.dialect.opens(line.text) for line in log.lines(1, FEW_LINES * 10)):
        return None
    last = next(
        (line.number for line in reversed(log.lines(max(1, log.total - SCRIPT_LINES), log.total)) if line.text.strip()),
        log.total,
    )
    step = log.steps[-1].name
    name = step if len(step) <= _SHORT else f"{step[:_SHORT]}..."
    return Elsewhere(
        "cut", last, last, "the log stops in the middle of the step {name}",
        "Look at the job's page: its notes say whether the runner was lost, the disk was full or the run was cancelled; or take the log anew, if only part of it was saved.",
        name, LIKELY,
    )  # fmt: skip


def _nothing_failed(reading: Reading) -> Elsewhere | None:
    outcome = outcome_of(reading)
    if outcome.status != "passed" or not outcome.line:
        return None
    return Elsewhere(
        "nothing-failed", outcome.line, outcome.line, "the job failed, and no step of its log did",
        "Look at the notes on the job's page: a limit of time, a lost runner and a cancelled run stand there and not in the log.", "", LIKELY,
    )  # fmt: skip


def command_of(reading: Reading) -> str:
    """The program that the failed step runs, "" where the log does not show it."""
    step = next((window.step for window in reading.windows if window.step), None)
    return next(iter(programs(step.command or step.name)), "") if step else ""
