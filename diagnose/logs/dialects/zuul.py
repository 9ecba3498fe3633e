r"""Zuul: job-output.txt, `2026-01-02 03:04:05.678901 | node | text`.

Grammar: zuul's callback zuul_stream.py and executor/server.py (emitPlaybookBanner, RESULT_MAP), and its own tests of them, in public
copies. Playbooks stand between `PRE-RUN|RUN|POST-RUN|CLEANUP-RUN START: [trusted|untrusted : path@branch]` and `... END RESULT_x: [...]`;
RESULT_NORMAL only says that Ansible ran to its end, also when a task failed. A task begins at `TASK [name]` or `LOOP [name]`. One that
fails says `node | ERROR`, then its result as JSON with `"rc"`, or `node | ERROR: message`, or `node | MODULE FAILURE:`; where the
failure is ignored, `node | ERROR: Ignoring Errors` follows. `PLAY RECAP` counts. A delegated task has `node -> other` as node.
The log does not hold the job's verdict. A failure that a playbook rescues looks like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

_NODE: Final = r"[\w.-]{1,80}(?: -> [\w.:-]{1,80})?"
_STAMP: Final = regex(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{6}) \| ?")
_PREFIX: Final = regex(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{6}} \|(?: ({_NODE}) \|(?=[ \t]|$))?[ \t]?")
_VOTE: Final = regex(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \| ")
_OWN: Final = regex(
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \| (?:(?:(?:PRE-|POST-|CLEANUP-)?RUN (?:START|END RESULT_[A-Z_]+): \[|"
    rb"(?:TASK|LOOP|PLAY) \[|PLAY RECAP|Running Ansible setup|Job console starting|\[Zuul\] )|"
    rb"[\w.-]{1,80}(?: -> [\w.:-]{1,80})? \| (?:ok|changed|skipping|ERROR|MODULE FAILURE)\b)"
)
_BANNER: Final = regex(
    r"(PRE-RUN|RUN|POST-RUN|CLEANUP-RUN) (?:(START)|END (RESULT_[A-Z_]{1,30})): \[(?:(?:un)?trusted : )?([^\]]{0,300})"
)
_TASK: Final = regex(r"(?:TASK|LOOP) \[(.{0,400})\]$")
_CODE: Final = regex(r'  "rc": (-?\d{1,10}),?$')
_RECAP: Final = regex(r"ok: \d{1,9} changed: \d{1,9} unreachable: (\d{1,9}) failed: (\d{1,9})\b")
_FAILED: Final = regex(r"ERROR(?::|$)|MODULE FAILURE:")
_PHASES: Final[dict[str, Literal["setup", "step", "finish"]]] = {
    "PRE-RUN": "setup",
    "RUN": "step",
    "POST-RUN": "finish",
    "CLEANUP-RUN": "finish",
}

# What is no evidence is marked in its frame, where nobody sees it: `| node |<tab>` before a result that is ignored, and before the
# braces of one that is not.
_RESULTS: Final = regex(
    rb"^.{26} \| ([\w.-]{1,80}(?: -> [\w.:-]{1,80})?) \| (ERROR: Ignoring Errors|ok: ERROR \(ignored\)|ERROR)\s*$"
)
_RESULT: Final = 60  # lines: a task's result is seldom longer


class Zuul:
    """Each playbook of the set-up and the clean-up is a step, and in the run itself each task."""

    name = "zuul"
    literals: tuple[bytes, ...] = (
        b" START: [", b" END RESULT_", b"TASK [", b"LOOP [", b'  "rc": ', b" unreachable: ", b"| ERROR", b"MODULE FAILURE:",
        b"[Zuul] Log output exceeded",
    )  # fmt: skip
    reach = _RESULT

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the stamps with a bar, twice where what follows is Zuul's own."""
        return sum(2 if _OWN.match(line) else 1 for line in lines if _VOTE.match(line))

    def strip(self, text: str) -> str:
        """Take stamp and node off, and the braces of a result."""
        found = _PREFIX.match(text)
        if found is None:
            return text
        rest = text[found.end() :]
        return "" if rest.rstrip() in ("{", "}") and found[0].endswith("\t") else rest

    def stamp(self, text: str) -> str:
        """Give the executor's time, of no known zone."""
        found = _STAMP.match(text)
        return f"{found[1]}T{found[2]}" if found else ""

    def whole(self, data: bytes) -> bytes:
        """Mark the results of tasks whose failure is ignored, and where other results begin and end."""
        if b"| ERROR" not in data and b"ok: ERROR (ignored)" not in data:
            return data
        lines = data.split(b"\n")
        for index, line in enumerate(lines):
            found = _RESULTS.match(line[:400])
            if found is None:
                continue
            if found[2] == b"ERROR":
                _brace(lines, index, found[1])
            else:
                _excuse(lines, index, found[1], forward=found[2].startswith(b"ok"))
        return b"\n".join(lines)

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read playbooks, tasks and results."""
        banner = _BANNER.match(stripped)
        if banner:
            return _playbook(line, banner)
        task = _TASK.match(stripped)
        if task:
            return Mark(line, "inner", task[1].strip() or "task")
        recap = _RECAP.match(stripped)
        if recap:
            return _counts(line, recap)
        prefix = _PREFIX.match(text)
        if prefix and prefix[1] and not prefix[0].endswith("\t"):
            return _result(line, stripped)
        return Mark(line, "failed") if stripped.startswith("[Zuul] Log output exceeded") else None


def _playbook(line: int, banner: re.Match[str]) -> Mark:
    phase = banner[1]
    if banner[2]:
        path = banner[4].rpartition("@")[0] or banner[4]
        return Mark(line, _PHASES[phase], f"{phase} {path.rpartition('/')[2]}".strip())
    return Mark(line, "frame") if banner[3] == "RESULT_NORMAL" else Mark(line, "failed")


def _counts(line: int, recap: re.Match[str]) -> Mark:
    if int(recap[1]):
        return Mark(line, "failed")
    return Mark(line, "failed", "error") if int(recap[2]) else Mark(line, "frame")


def _result(line: int, stripped: str) -> Mark | None:
    code = _CODE.match(stripped)
    if code:
        return Mark(line, "failed", code=int(code[1])) if int(code[1]) else None
    return Mark(line, "failed") if _FAILED.match(stripped) else None


def _excuse(lines: list[bytes], index: int, node: bytes, *, forward: bool) -> None:
    """Mark the lines of `node`'s result: those before the line that ignores it, or those behind the one that says so at once."""
    for number in (
        range(index, min(len(lines), index + _RESULT)) if forward else range(index, max(-1, index - _RESULT), -1)
    ):
        text = _text(lines[number], node)
        if text is None:
            continue
        if number != index and text.startswith((b"ok: ", b"changed", b"skipping")):
            break
        _note(lines, number, node)
        if number != index and (
            text == b"}" if forward else text == b"ERROR" or text.startswith((b"ERROR: ", b"MODULE FAILURE:"))
        ):
            break


def _brace(lines: list[bytes], index: int, node: bytes) -> None:
    """Mark the lines on which a result that follows at once begins and ends."""
    if index + 1 == len(lines) or _text(lines[index + 1], node) != b"{":
        return
    for number in range(index + 1, min(len(lines), index + _RESULT)):
        text = _text(lines[number], node)
        if text in (b"{", b"}"):
            _note(lines, number, node)
        if text == b"}":
            break


def _text(line: bytes, node: bytes) -> bytes | None:
    """Give what `node` says on a line, None when another one speaks."""
    own = b" | " + node + b" |"
    return line[26 + len(own) + 1 :].rstrip() if line[26 : 26 + len(own)] == own else None


def _note(lines: list[bytes], number: int, node: bytes) -> None:
    place = 26 + len(node) + 5
    lines[number] = lines[number][:place] + b"\t" + lines[number][place + 1 :]


DIALECT = Zuul()
