"""What a dialect must say of a log, and what it may say besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.logs.log import Line
    from diagnose.logs.preamble import Preamble

Sign = Literal[
    "step", "enter", "inner", "command", "echo", "end", "frame-on", "frame-off", "failed", "after", "finish", "setup", "skipped",
    "frame", "together", "apart", "job-failed", "job-passed", "job-unstable",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the CI system's own.

    step: a step begins (`name`), a header follows. enter: this line is output of the step `name`, which goes on or begins
    here. A name may be "job<TAB>step". inner: a part of the step that is open begins, and is a step of its own; nothing
    where set-up or post-processing is open. command: the CI system shows the command `name` that it runs now: a step of its
    own where steps run or none is open, framing in set-up and post-processing. echo: a shell's trace of the command `name`;
    no step begins. end: the step ends with `code` (None: unknown). frame-on, frame-off: what stands between is echoed script
    and settings, not output. failed: the CI system says that the step failed, `code` its exit code; named "error", it only
    notes an error; named "job<TAB>step", it speaks of that step, wherever it stands ("" for any job). after: post-processing begins (what follows cannot be the cause). finish: so it does, and the job comes
    to its end: it passed when no step failed. setup: the machine is being prepared. skipped: the step that is open is not
    run. frame: only this line is framing. together: the step `name` begins, whose parts run side by side; until apart, nothing
    else begins.

    job-failed, job-passed, job-unstable: the verdict on the whole job, `name` how the log puts it in words of the dialect's own (it is
    shown), `code` the exit code where the line says it. It counts where it stands at the log's end, and blames the last step
    that ran and of which nothing else is said; so a system that says only how the job ended needs no other sign. With a
    code the line explains nothing; without one (a time-out, a lost machine) it is part of what is looked at. A job that is
    unstable is marked bad though each step ran to its end: none is blamed.

    late: text of the step before stands on this line too: the step begins with the next line.
    """

    line: int
    sign: Sign
    name: str = ""
    code: int | None = None
    late: bool = False


class Dialect(Protocol):
    """One CI system's way to write logs.

    literals: bytes of which every marking line holds one; they join the scanner's pass, so that marks cost no pass of
    their own.
    """

    name: str
    literals: tuple[bytes, ...]

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count the `lines` (raw, at most 400, each once) that bear this dialect's signature.

        A line counts once, or twice where nothing else writes it. Tools print other systems' markers, so a signature is looked
        for where this system writes it, and a frame that another system shares counts only beside lines of one's own.
        """
        ...

    def strip(self, text: str) -> str:
        """Take the framing off a line: timestamp, job and step prefix, stream marks. What is left is the end of `text`."""
        ...

    def stamp(self, text: str) -> str:
        """Give the line's ISO 8601 timestamp, or ""."""
        ...

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        r"""Say what a line means to the CI system; None when it is output.

        text: the whole line, also what a `\r` in it makes a terminal overwrite. stripped: what is shown, without the framing.
        """
        ...


@runtime_checkable
class Reframing(Protocol):
    """A dialect whose lines must be put in order before anything is read: parts joined, notes inside a line taken out.

    reach: how many lines before and behind a line may bear on it.
    """

    reach: int

    def whole(self, data: bytes) -> bytes:
        """Give raw lines in order; as many newlines as before, so that line numbers stay."""
        ...


@runtime_checkable
class Fitting(Protocol):
    """A dialect that looks at a log's beginning and end to know its frame: a stamp's form, the names in prefixes."""

    def fitted(self, lines: Sequence[bytes]) -> Dialect:
        """Give the dialect for this log, of the same name and literals."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A dialect whose logs all end with a verdict on the job. unclosed: what it means that there is none, in words."""

    unclosed: str


@runtime_checkable
class EndsMute(Protocol):
    """A dialect that does not write how some of its steps ended: what they printed last is all there is."""

    def ends_mute(self, beginning: Sequence[str]) -> bool:
        """Tell by the first lines of its output whether a step is one of those."""
        ...


@runtime_checkable
class Prefacing(Protocol):
    """A dialect whose system says before the first command what the job runs on, what it may do and what it checked out."""

    def preface(self, lines: Sequence[Line]) -> Preamble:
        """Read a log's first lines."""
        ...


@runtime_checkable
class Tending(Protocol):
    """A dialect whose system has steps of its own among the job's: what fails there is not the job's."""

    def is_upkeep(self, step: str) -> bool:
        """Tell by a step's name whether the system does it for itself."""
        ...


@runtime_checkable
class Coding(Protocol):
    """A dialect whose system writes the exit code of every script that fails: an error that is noted without one failed nothing."""

    def is_script(self, step: str) -> bool:
        """Tell by a step's name whether it runs a script, not somebody's action."""
        ...


@runtime_checkable
class Clocked(Protocol):
    """A dialect whose stamps are no dates. daily: they may begin anew at midnight."""

    daily: bool

    def seconds(self, raw: bytes) -> float | None:
        """Read a raw line's stamp in seconds, of any beginning; None where it has none. It is asked where `stamp` gives nothing."""
        ...


@runtime_checkable
class Noting(Protocol):
    """A dialect whose system begins each error that it notes with the same words, `error`: the same text without them is a program's."""

    error: str


@runtime_checkable
class Opening(Protocol):
    """A dialect whose logs begin with lines that stand nowhere else, and end with a mark `finish`: one that only begins was cut off."""

    def opens(self, text: str) -> bool:
        """Tell by a line's text whether it is one of those that stand at a log's beginning."""
        ...


@runtime_checkable
class Titling(Protocol):
    """A dialect that may name a step by what a person called it: `Run tests` shows no command."""

    def is_title(self, step: str) -> bool:
        """Tell by a step's name whether a person may have written it."""
        ...
