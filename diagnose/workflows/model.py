"""What a workflow file says, in one form for all CI systems: jobs, steps, scripts and their shells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from diagnose.model.words import SilentKind
    from diagnose.workflows.document import Document

INTENT: Final = regex(
    r"\boptional|\bexperiment|allow(?:ed|s|ing)?[-_ ](?:to[-_ ])?fail|non-?blocking|informational|\badvisory|best[- ]effort|\bnightly|\bcanary|don'?t fail|do not fail|"
    r"not fail|never fail|ignore (?:the )?(?:errors?|failures?|exit)|(?:may|can|could|might|will|should|would)(?: \w+)? fail|expect(?:ed|s)? (?:to fail|failure|error)|known (?:failure|to fail)|not required|tolerat|\bunstable|"
    r"(?:warn|report)(?:ing|s)?[- ]only|soft[- ]fail|as warnings?|fails? (?:silently|is ok|gracefully)|(?:failure|failing|fail|error)s? (?:is|are) (?:ok|fine|expected|allowed|ignored|acceptable)|"
    r"treat(?:s|ed)? .{0,30}warning|continue (?:on|even|if|despite)|even (?:if|when) .{0,40}(?:fail|error)|regardless|still (?:upload|report|run)|baseline|\bupcoming|\bpreview|\bexpect|(?:is|are|that's|it's) (?:fine|ok|okay|no problem)|not a problem|ok(?:ay)? to fail|durations|timings",
    re.IGNORECASE,
)
"""Words that say that a failure is meant to pass: what somebody chose and wrote down is no hidden failure."""

COMMENTS: Final = 3


@dataclass(frozen=True, slots=True)
class Shell:
    """How a script is run. name: "bash", "sh", "pwsh", "cmd" or another's. errexit, pipefail: as it begins."""

    name: str
    errexit: bool
    pipefail: bool

    @property
    def posix(self) -> bool:
        """Whether a POSIX shell reads it."""
        return self.name in ("bash", "sh", "zsh", "dash", "ksh", "ash")


@dataclass(frozen=True, slots=True)
class Flag:
    """A setting and where it stands."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Script:
    """A step's script: (line of the file, text) pairs, and its shell."""

    lines: tuple[tuple[int, str], ...]
    shell: Shell


@dataclass(frozen=True, slots=True)
class Step:
    """A step. tolerant: what says that its failure does not count. given: inputs of an action or task, env: its variables."""

    name: str
    line: int
    id: str = ""
    script: Script | None = None
    uses: str = ""
    condition: Flag | None = None
    tolerant: Flag | None = None
    given: dict[str, Flag] = field(default_factory=dict)
    env: dict[str, Flag] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A job. key: as the file calls it; name: as people see it. uses: a workflow that it calls. matrix: the axes' text."""

    key: str
    name: str
    line: int
    steps: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()
    condition: Flag | None = None
    tolerant: Flag | None = None
    uses: str = ""
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file. system: "github", "action", "gitlab", "azure", "circleci", "travis" or "jenkins". filters: path filters of `on`."""

    path: str
    system: str
    document: Document
    jobs: tuple[Job, ...]
    filters: tuple[Flag, ...] = ()

    @property
    def name(self) -> str:
        """The file's own name, which may say that it is a nightly or an experiment."""
        return self.path.rpartition("/")[2].rpartition(".")[0].replace("-", " ")

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n".join(self.document.lines)

    def said(self, line: int) -> str:
        """Return what people wrote about a line: its comment, and the comment lines right above it."""
        found = [self.document.line(line).partition(" #")[2]]
        for number in range(line - 1, max(0, line - 1 - COMMENTS), -1):
            text = self.document.line(number).strip()
            if not text.startswith(("#", "//", "- #")):
                break
            found.append(text)
        return " ".join(found)


@dataclass(frozen=True, slots=True)
class Finding:
    """A place that lets a failure pass. kind: the rule's name; silent: the kind of hidden failure in the report.

    job, step: as the file names them. text: the command or setting, foreign. why, advice: our words. confidence: how likely it is that
    a reader of the file calls it a real hole, 0..1. tool: the check whose failure is lost, "" where there is none. job_name: the job's name as people see it.
    """

    file: str
    line: int
    kind: str
    silent: SilentKind
    job: str
    step: str
    text: str
    why: str
    advice: str
    confidence: float
    tool: str = ""
    intended: bool = False
    job_name: str = ""
