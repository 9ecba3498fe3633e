"""Scripts that lose a check's exit code: `|| true`, pipes without pipefail, `set +e`, `&`, `find -exec`, options that mean "never fail"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.fates import Site, sites
from diagnose.workflows.model import INTENT, Finding, Script
from diagnose.workflows.tools import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.model.words import SilentKind
    from diagnose.workflows.model import Job, Step, Workflow


@dataclass(frozen=True, slots=True)
class Loss:
    """One way to lose an exit code, in words."""

    why: str
    advice: str
    confidence: float
    silent: SilentKind = "swallowed-failure"


LOSSES: Final[dict[str, Loss]] = {
    "or-true": Loss("what stands behind `||` succeeds, so that the step passes when the check fails", "Drop what stands behind `||`, or keep the exit code and end the step with it.", 0.9),
    "pipe": Loss("this shell has no pipefail: of a pipe only the last program's exit code counts", "Set `shell: bash`, or begin the script with `set -o pipefail`.", 0.9),
    "goes-on": Loss("this shell does not stop at a failure, and nobody asks for the exit code before the script goes on", "Begin the script with `set -e`, or end it with the exit code of the check.", 0.8),
    "and-list": Loss("`bash -e` does not stop at a failure before `&&`, and the script goes on behind it", "Write the commands on lines of their own, or put `|| exit 1` at the end of the line.", 0.8),
    "background": Loss("a command behind which `&` stands is not waited for by its number, so its exit code is lost", 'Keep its number and wait for it: pid=$!; wait "$pid".', 0.7),
    "substitution": Loss("the exit code of a command inside `$( )` is lost where the outer command has its own", "Assign the output to a variable on a line of its own first.", 0.7),
    "find-exec": Loss("`find -exec ... \\;` ends with 0 whatever the command ends with", "End it with `{} +`, or pipe the names to `xargs`.", 0.8),
    "trap": Loss("the trap ends the script with 0 whatever failed in it", "Let the trap end with the exit code that it found.", 0.8),
    "last-only-pwsh": Loss("PowerShell goes on when a program fails: only the last one's exit code counts", "Set `$PSNativeCommandUseErrorActionPreference = $true`, or look at $LASTEXITCODE behind it.", 0.7),
    "last-only-cmd": Loss("cmd goes on when a program fails: only the last one's exit code counts", "Put `|| exit /b 1` behind it.", 0.7),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """A program's own option that keeps its exit code 0. tools: of which programs, by their names' first word."""

    kind: str
    tools: frozenset[str]
    expression: re.Pattern[str]
    why: str
    advice: str
    confidence: float
    silent: SilentKind = "swallowed-failure"


_TESTS: Final = frozenset(["jest", "vitest", "npm", "yarn", "pnpm", "npx", "bun", "nx", "turbo", "react-scripts"])
OPTIONS: Final = (
    Option("exit-zero", frozenset({"flake8", "pylint", "ruff"}), regex(r"--exit-zero"), "`--exit-zero` ends with 0 whatever is found", "Drop --exit-zero, or say with --select what has to fail.", 0.8),
    Option("issues-exit-code", frozenset({"golangci-lint"}), regex(r"--issues-exit-code[= ]0\b"), "`--issues-exit-code 0` ends with 0 whatever is found", "Drop it: issues end with 1 then.", 0.8),
    Option("fail-never", frozenset({"mvn", "mvnw"}), regex(r"(?:^| )(?:-fn|--fail-never|-Dmaven\.test\.failure\.ignore(?:=true)?)(?: |$)"), "Maven is told to succeed whatever fails", "Drop the option; -fae goes on and fails at the end.", 0.9),
    Option("ignore-errors", frozenset({"make", "gmake"}), regex(r"(?:^| )(?:-[a-jl-z]*i[a-z]*|--ignore-errors)(?: |$)"), "`make -i` ignores every recipe's failure", "Use -k: it goes on and fails at the end.", 0.9),
    Option("pass-with-no-tests", _TESTS, regex(r"--pass-?with-?no-?tests", re.IGNORECASE), "the run passes when no test is found", "Drop the option where there are tests.", 0.4, "no-tests-ran"),
    Option("no-error-on-unmatched", frozenset({"eslint", "npm", "npx", "prettier", "biome"}), regex(r"--no-error(?:s)?-on-unmatched"), "the check passes when its pattern fits no file", "Drop the option, so that a path that moved is seen.", 0.4, "no-tests-ran"),
)  # fmt: skip

_REPORT: Final = regex(
    r"--(?:output-file|output|outfile|out|report-file|report|junit-?xml|junitfile|logger|format(?:ter)?[= ]\S*(?:sarif|json|checkstyle|junit|github|xml)|output-format[= ]\S*(?:sarif|json|junit|xml|github)|message-format|reporter|tee|sarif|json)\b|(?:^| )-(?:o|f [\w/@-]*(?:sarif|json|checkstyle|xml))\b"
)
_READERS: Final = regex(
    r"sarif|reviewdog|report|comment|danger|sonar|codeql|code-?climate|annotat|junit|github-script|problem-matcher|summary",
    re.IGNORECASE,
)
_GATES: Final = regex(
    r"\bexit\b|\bgrep\b|\bjq\b|\bcat\b|\bdiff\b|\btest\b|\[ |\bpython|\bnode\b|\bawk\b|GITHUB_|\bsys\b|\bif\b",
    re.IGNORECASE,
)


_NOWHERE: Final = ("/dev/null", "&1", "1", "2", "&2", "/dev/stderr")


def scripts_of(step: Step) -> Iterator[Script]:
    """A step's own script."""
    if step.script is not None:
        yield step.script


def find(flow: Workflow) -> Iterator[Finding]:
    """Find what loses an exit code, in every script of the file."""
    for job in flow.jobs:
        found = [(step, script, site) for step in job.steps for script in scripts_of(step) for site in _sites(script)]
        sound = {
            site.tool.split()[0]
            for step, _, site in found
            if not site.fate and step.tolerant is None and not _quiet(site)
        }
        for step, script, site in found:
            if not _answered(job, step, script, site, sound):
                yield from _of_site(flow, job, step, script, site)


def _sites(script: Script) -> Sequence[Site]:
    return sites(script.lines, script.shell)


def _quiet(site: Site) -> bool:
    return any(_matches(option, site) for option in OPTIONS)


def _matches(option: Option, site: Site) -> bool:
    return site.tool.split()[0] in option.tools and option.expression.search(" ".join(site.words)) is not None


def _of_site(flow: Workflow, job: Job, step: Step, script: Script, site: Site) -> Iterator[Finding]:
    text = _command(script, site.line)
    if loss := LOSSES.get(site.fate):
        silent: SilentKind = "swallowed-timeout" if site.timed and site.fate == "or-true" else loss.silent
        yield Finding(
            flow.path,
            site.line,
            site.fate,
            silent,
            job.key,
            step.name,
            text,
            f"the exit code of {_known(site.tool)} is lost: {loss.why}",
            loss.advice,
            loss.confidence,
            site.tool,
            _meant(flow, job, step, site.line),
        )
    for option in OPTIONS:
        if not site.fate and _matches(option, site):
            yield Finding(
                flow.path,
                site.line,
                option.kind,
                option.silent,
                job.key,
                step.name,
                text,
                option.why,
                option.advice,
                option.confidence,
                site.tool,
                _meant(flow, job, step, site.line),
            )


def _known(tool: str) -> str:
    """The check's name where the list of tools holds it; a script's own is foreign."""
    first = tool.split(maxsplit=1)[0]
    return f"`{first}`" if first in KNOWN else "a script"


def _command(script: Script, line: int) -> str:
    return next((text.strip() for number, text in script.lines if number == line and text.strip()), "")


def _meant(flow: Workflow, job: Job, step: Step, line: int) -> bool:
    """Whether somebody wrote down that the failure may pass: in the step's or job's name, or in a comment."""
    echoed = " ".join(text for number, text in (step.script.lines if step.script else ()) if line <= number <= line + 1)
    said = (
        flow.name,
        step.name,
        job.name if job.name != job.key else "",
        flow.said(line),
        flow.said(step.line),
        echoed if "echo" in echoed or "#" in echoed else "",
    )
    return any(INTENT.search(text) for text in said) or (
        step.condition is not None and step.condition.text.startswith("failure()")
    )


def _answered(job: Job, step: Step, script: Script, site: Site, sound: set[str]) -> bool:
    """Whether the same check counts elsewhere in the job, or somebody reads what it wrote."""
    tool = site.tool.split()[0]
    if tool in sound and tool not in (
        "npm",
        "yarn",
        "pnpm",
        "make",
        "go",
        "cargo",
        "dotnet",
        "gradle",
        "gradlew",
        "mvn",
        "mvnw",
    ):
        return True
    later = _later(job, step)
    if any(_is_read(name, script, site.line, later) for name in site.to if name not in _NOWHERE):
        return True
    reports = bool(_REPORT.search(" ".join(site.words))) or any(name not in _NOWHERE for name in site.to)
    return reports and any(_READERS.search(f"{other.uses} {other.name}") for other in later)


def _later(job: Job, step: Step) -> list[Step]:
    place = next((place for place, other in enumerate(job.steps) if other is step), len(job.steps))
    return list(job.steps[place + 1 :])


def _is_read(name: str, script: Script, line: int, later: Sequence[Step]) -> bool:
    """Whether a file that the check wrote is looked at afterwards, to decide something."""
    if len(name) < 3 or name.startswith("$(") or "GITHUB_" in name:  # noqa: PLR2004 - too short a name is found anywhere
        return name.rstrip("}").endswith("_OUTPUT")
    rest = [text for number, text in script.lines if number > line]
    rest += [text for other in later for each in scripts_of(other) for _, text in each.lines]
    short = name.rsplit("/", 1)[-1]
    return any(short in text and _GATES.search(text) for text in rest)
