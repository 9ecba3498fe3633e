r"""Jenkins: a freestyle job's build steps, a pipeline's stages and the steps in them, `Finished: RESULT` at the end.

Grammar: workflow-job-plugin at cef6bae (`[Pipeline] ` before the pipeline's own lines), timestamper-plugin at d1926d5
(`[2026-07-26T12:00:00.123Z] ` before each line of a pipeline, `HH:mm:ss ` or `HH:mm:ss.S ` in the classic form); console notes
`ESC[8mha:...ESC[0m`, which raw files hold; freestyle jobs checked on real logs. Not verified: the prefix `[branch] ` of
consoles before workflow-job 2.26, and the elapsed form of the classic stamp. A stamp of another configured form stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.clock import clock_of
from diagnose.logs.dialect import Mark
from diagnose.logs.traced import command_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTE: Final = regex(rb"\x1b\[8mha:[^\x1b\n]*\x1b\[0m")
_STAMP: Final = regex(r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\] ?")
_CLASSIC: Final = regex(r"\d\d:\d\d:\d\d(?:\.\d{1,3})? {1,2}")
_CLOCK: Final = regex(rb"\d\d:\d\d:\d\d(?:\.\d{1,3})? {1,2}")
_VOTE: Final = regex(
    rb"(?:\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] |\d\d:\d\d:\d\d(?:\.\d{1,3})? {1,2})?(?:\x1b\[8mha:[^\x1b\n]*\x1b\[0m)*(?:"
    rb"\[Pipeline\] |Started by |Running as SYSTEM|Building (?:remotely on .+ )?in workspace |Finished: (?:SUCCESS|FAILURE|UNSTABLE|ABORTED|NOT_BUILT)|"
    rb"Build step '[^'\n]{1,200}' (?:marked build as |changed build result to )|\[[^\]\n]{1,200}\] \$ \S| > \S.{0,400} # timeout=\d|"
    rb"Stage \"[^\"\n]{1,200}\" skipped due to )"
)
_BRANCH: Final = regex(rb"\[Pipeline\] (?:\[[^\]\n]{1,200}\] )?\{ \(Branch: ([^\n]{1,200})\)\s*$")

_BLOCK: Final = regex(r"\{ \((.{1,300})\)$")
_SHELL: Final = regex(r"\[[^\]]{1,200}\] \$ (.{1,2000})")
_BUILD_STEP: Final = regex(
    r"Build step '.{1,200}' (?:marked build as failure|changed build result to (?:FAILURE|UNSTABLE))"
)
_SCRIPT: Final = regex(r"ERROR: script returned exit code (-?\d{1,10})\s*$")
_FINISHED: Final = regex(r"Finished: (SUCCESS|FAILURE|UNSTABLE|ABORTED|NOT_BUILT)\s*$")
_STOPPED: Final = regex(
    r"Failed in branch |Build timed out \(after |Cancelling nested steps due to timeout|Build was aborted\s*$|Aborted by .{1,200}$"
)
# Steps of a pipeline that run something. The others arrange, wait or tell: they open nothing that can be blamed.
_WORKS: Final = frozenset(
    [
        "sh",
        "bat",
        "powershell",
        "pwsh",
        "checkout",
        "git",
        "build",
        "unstash",
        "load",
        "tool",
        "input",
        "httpRequest",
        "copyArtifacts",
        "sshCommand",
        "sshPublisher",
        "ansiblePlaybook",
        "waitForQualityGate",
        "nodejs",
        "xcodebuild",
        "docker",
        "readFile",
        "writeFile",
        "unzip",
        "zip",
    ]
)
_SHELLS: Final = (
    (regex(r"\S*(?:sh|bash)\b.* \S*/(?:jenkins|hudson)\d+\.sh$"), "Execute shell"),
    (regex(r"cmd(?:\.exe)? /c call \S.*\\(?:jenkins|hudson)\d+\.bat$"), "Execute Windows batch command"),
    (regex(r"powershell(?:\.exe)? .*\\(?:jenkins|hudson)\d+\.ps1\b"), "PowerShell"),
)


class Jenkins:
    """Steps are build steps, or in a pipeline the commands of each stage; branches that run side by side are one step."""

    name = "jenkins"
    daily = True
    literals: tuple[bytes, ...] = (
        b"[Pipeline] ", b"Started by ", b"Finished: ", b"Build step '", b"] $ ", b"+ ", b"ERROR: script returned exit code ",
        b"Failed in branch ", b"Build timed out (after ", b"Cancelling nested steps", b"Build was aborted", b"Aborted by ", b'Stage "',
        b"Post stage",
    )  # fmt: skip
    reach = 0

    def __init__(self, branches: frozenset[str] = frozenset(), *, clock: bool = False) -> None:
        """Make it for a log: names of branches that prefix lines, and whether each line begins with the time of day."""
        self._branches, self._clock = branches, clock

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the pipeline's own lines, what begins and ends a job, echoed commands."""
        return sum(1 for line in lines if _VOTE.match(line))

    def fitted(self, lines: Sequence[bytes]) -> Jenkins:
        """Look at the lines' beginnings: the classic stamp has no date, and a branch's name is any text."""
        said = [line for line in lines if line.strip()]
        clock = 2 * sum(1 for line in said if _CLOCK.match(line)) > len(said)
        branches = frozenset(found[1].decode("utf-8", "replace") for line in said if (found := _BRANCH.search(line)))
        return Jenkins(branches, clock=clock)

    def whole(self, data: bytes) -> bytes:
        """Take console notes out, wherever they stand."""
        return _NOTE.sub(b"", data) if b"\x1b[8mha:" in data else data

    def strip(self, text: str) -> str:
        """Take the stamp and the name of a branch off."""
        found = _STAMP.match(text) or (_CLASSIC.match(text) if self._clock else None)
        text = text[found.end() :] if found else text
        if self._branches and text.startswith("["):
            name, end, rest = text[1:].partition("] ")
            if end and name in self._branches:
                return rest
        return text

    def stamp(self, text: str) -> str:
        """Give the stamp where it has a date."""
        found = _STAMP.match(text)
        return found[1] if found else ""

    def seconds(self, raw: bytes) -> float | None:
        """Read the classic stamp."""
        return clock_of(raw)

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read the pipeline's lines, build steps, traced commands and results."""
        del text
        if stripped.startswith("[Pipeline] "):
            return _pipeline(line, stripped[11:].strip())
        command = command_of(stripped)
        if command:
            return Mark(line, "echo", command)
        shell = _SHELL.match(stripped)
        if shell:
            return _shell(line, shell[1].strip())
        return _told(line, stripped) or _frame(line, stripped)


def _pipeline(line: int, text: str) -> Mark:
    """Read what stands behind `[Pipeline] `; older consoles have the name of the branch there."""
    if text.startswith("["):
        text = text.partition("] ")[2]
    block = _BLOCK.match(text)
    if block:
        return _stage(line, block[1])
    if text == "Start of Pipeline":
        return Mark(line, "enter", "Pipeline")
    if text == "End of Pipeline":
        return Mark(line, "after", "End of Pipeline")
    if text == "parallel":
        return Mark(line, "together", "parallel")
    if text == "// parallel":
        return Mark(line, "apart")
    word = text.partition(" ")[0]
    return Mark(line, "inner", word) if word in _WORKS else Mark(line, "frame")


def _stage(line: int, name: str) -> Mark:
    if name.startswith("Branch: "):
        return Mark(line, "frame")
    return Mark(line, "after" if name == "Declarative: Post Actions" else "step", name)


def _shell(line: int, command: str) -> Mark:
    for shape, name in _SHELLS:
        if shape.match(command):
            return Mark(line, "step", name)
    return Mark(line, "step", command)


def _told(line: int, stripped: str) -> Mark | None:
    """Read how a step or the whole ended."""
    script = _SCRIPT.match(stripped)
    if script:
        return Mark(line, "job-failed", "the script failed", int(script[1]))
    if _BUILD_STEP.match(stripped) or _STOPPED.match(stripped):
        return Mark(line, "failed")
    finished = _FINISHED.match(stripped)
    if finished is None:
        return None
    name = f"the build finished: {finished[1]}"
    if finished[1] == "SUCCESS":
        return Mark(line, "job-passed", name)
    return Mark(line, "job-unstable" if finished[1] == "UNSTABLE" else "job-failed", name)


def _frame(line: int, stripped: str) -> Mark | None:
    if line == 1 and stripped.startswith("Started by "):
        return Mark(line, "setup", "Set up")
    if stripped.startswith('Stage "') and '" skipped due to ' in stripped:
        return Mark(line, "skipped")
    if stripped.rstrip() == "Post stage":
        return Mark(line, "after", "Post stage")
    return None


DIALECT = Jenkins()
