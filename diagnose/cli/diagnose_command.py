"""`ci-diagnose`: diagnose a log, pull request, run, job, branch or commit."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from diagnose.cli.forms import FormsError, form_options, forms_of, nothing_to_publish, publish, tree_of
from diagnose.cli.out import answer, complain, refuse, tell, view

if TYPE_CHECKING:
    from diagnose.api import Answer, Request
    from diagnose.config import Settings
    from diagnose.memory.trail import Run
    from diagnose.model.incident import TargetKind
    from diagnose.model.report import Report
    from diagnose.render.interface import Renderer

_TARGETS: Final[tuple[TargetKind, ...]] = ("pr", "run", "job", "branch", "commit")


@click.command(add_help_option=True, epilog="Example: ci-diagnose --log build.log")
@click.option(
    "--log",
    "logs",
    multiple=True,
    metavar="FILE",
    help="A log, a zip of a run's logs, or - for standard input; may be given several times.",
)
@click.option(
    "--junit",
    "junit",
    multiple=True,
    metavar="FILE",
    help="A test report in JUnit XML, beside a target or alone; may be given several times.",
)
@click.option("--pr", metavar="N", help="A pull request.")
@click.option("--run", metavar="ID", help="A workflow run.")
@click.option("--job", metavar="ID", help="A job of a run.")
@click.option("--branch", metavar="NAME", help="A branch's newest commit.")
@click.option("--commit", metavar="SHA", help="A commit.")
@click.option("--repo", default="", metavar="OWNER/NAME", help="The repository; otherwise this checkout's.")
@click.option("--passing-log", "passing", metavar="FILE", help="A log of a run that passed, to compare with.")
@click.option("--format", "form", metavar="FORM", help="text, brief, markdown, summary, json, sarif or github.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the answer to a file."
)
@form_options
@click.option("--no-memory", is_flag=True, help="Neither remember nor recognise.")
@click.option("--full", is_flag=True, help="Open all folds.")
@click.option("--plain", is_flag=True, help="Narrated, for screen readers.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), help="Colours.")
@click.option("--wait", is_flag=True, help="Wait until the checks have ended.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 when a failure was found.")
@click.option(
    "--silent-ok",
    "--allow-hidden",
    "allow_hidden",
    is_flag=True,
    help="Exit with 0 when a passing run hides a failure; it is told all the same.",
)
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def command(**options: Any) -> int:
    """Say why CI failed: the cause, the line that shows it, how sure, whose it is, and what to do.

    Of a run that passed the logs are read too: a failure that it hides is told with its line.

    \b
    Exit codes:
      0    nothing failed, and no log that was read hides a failure
      1    a failure was found, or a passing run hides one (--silent-ok: then 0)
      2    the command line or the settings are wrong
      3    could not look: no access, no log, or checks still run
      130  interrupted
    --exit-zero makes 0 of 1. Places in workflow files that only could hide a
    failure are notes and change no exit code.
    """  # noqa: D301 - click takes the character itself for a mark: what follows keeps its lines
    from diagnose.cli.places import settings
    from diagnose.config import ConfigError

    flags = {
        "output_format": options["form"], "color": options["color"], "plain": options["plain"] or None,
        "memory": False if options["no_memory"] else None,
    }  # fmt: skip
    try:
        config, _ = settings(os.environ, flags)
    except ConfigError as error:
        message, _, remedy = str(error).partition(" try: ")
        complain(message, remedy)
        return 2
    request = _request(options)
    if request is None:
        return 2
    from diagnose.cli.trail import asked_of, kept

    with kept(config, asked_of(request)) as run:
        run.exit = _diagnose(request, config, options, run)
    return run.exit


def _request(options: dict[str, Any]) -> Request | None:
    from diagnose.api import Request

    given = [name for name in _TARGETS if options[name]]
    if len(given) + bool(options["logs"]) > 1:
        named = ", ".join(f"--{name}" for name in (*given, *(["log"] if options["logs"] else [])))
        complain(f"one target at a time: {named} were given.", "ci-diagnose --help")
        return None
    junit = tuple(options["junit"])
    if options["logs"] or (junit and not given):
        return Request(
            "log", logs=tuple(options["logs"]), passing=options["passing"], repository=options["repo"], junit=junit
        )
    kind: TargetKind = given[0] if given else "branch"
    return Request(
        kind,
        options[kind] or "",
        passing=options["passing"],
        repository=options["repo"],
        wait=options["wait"],
        junit=junit,
    )


def _diagnose(request: Request, config: Any, options: dict[str, Any], run: Run) -> int:
    import anyio

    from diagnose.api import examine
    from diagnose.cli.blind import blind
    from diagnose.cli.places import world
    from diagnose.cli.standard_input import standard_input
    from diagnose.cli.trail import tell as said
    from diagnose.safety.plain import plain
    from diagnose.sources.refusal import Refusal

    form = _form(config, options)
    if form is None:
        return 2
    progress = None if options["quiet"] or not _progress_wanted(request) else _progress
    with standard_input(request.logs) as stdin:
        found = anyio.run(examine, request, config, world(os.environ, progress, stdin))
    if isinstance(found, Refusal):
        run.outcome, run.said = "refused", {"why": plain(found.message), "kind": found.kind}
        refuse(found)
        nothing_to_publish(options)
        return 2 if found.kind in ("usage", "ambiguous") else 3
    from diagnose.cli.state import keep

    keep(found, request)
    said(run, found)
    nothing = blind(found)
    if nothing is not None:
        complain(*nothing)
        nothing_to_publish(options, found)
        if config.output_format in ("text", "brief"):
            return 3
    look = replace(
        view(os.environ, color=config.color, plain=config.plain, full=options["full"]), tree=tree_of(found, os.environ)
    )
    problem = answer(
        form.render(found.report, look), os.environ, options["output"], for_runner=config.output_format == "github"
    )
    if nothing is None:
        publish(found, request, config, options, run)
    if problem:
        complain(f"the answer could not be written: {problem}.", "--output FILE in a folder that can be written")
        return 2
    _left_to_say(found, request, config, options)
    return (
        3
        if nothing is not None
        else exit_code(found.report, exit_zero=options["exit_zero"], allow_hidden=options["allow_hidden"])
    )


def _form(config: Settings, options: dict[str, Any]) -> Renderer | None:
    """Return the form of the answer; None, and said, when it or another one that is asked for cannot be had."""
    from diagnose.render.interface import UnknownFormatError, renderer

    try:
        forms_of(options, os.environ)
        return renderer(config.output_format)
    except UnknownFormatError as error:
        complain(str(error), "--format text")
    except FormsError as error:
        complain(str(error), "ci-diagnose --help")
    return None


def _left_to_say(found: Answer, request: Request, config: Settings, options: dict[str, Any]) -> None:
    """Say which rules were left out and what was not kept, and learn from what the run shows."""
    for problem in found.rule_problems:
        complain(f"rules left out: {problem}")
    if found.memory_problem:
        complain(f"not kept: {found.memory_problem}")
    if request.kind != "log":
        from diagnose.cli.learn import after
        from diagnose.cli.places import world

        after(found, config, world(os.environ), quiet=options["quiet"])


def _progress_wanted(request: Request) -> bool:
    return request.kind != "log" or sys.stderr.isatty()


def _progress(line: str) -> None:
    from diagnose.safety.terminal import to_terminal

    tell(f"  {to_terminal(line)}")


def exit_code(report: Report, *, exit_zero: bool, allow_hidden: bool) -> int:
    """The contract's exit codes: 0 nothing failed, 1 a failure (or a hidden one), 3 could not look."""
    if report.status == "undetermined" and not report.hidden:
        return 3
    if exit_zero or (report.status == "passed" and (allow_hidden or not report.hidden)):
        return 0
    return 1
