"""Why a command that was run failed: its output as an incident, and the answer on standard error."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diagnose.cli.forms import nothing_to_publish, publish, tree_of
from diagnose.cli.out import answer, complain, refuse, view
from diagnose.model.incident import Incident, Job, LogFile, Missing, StepInfo
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnose.api import Answer, Request
    from diagnose.cli.run_after import Ran
    from diagnose.config import Settings
    from diagnose.memory.trail import Run
    from diagnose.model.words import JobStatus
    from diagnose.render.interface import Renderer

LONGEST_NAME: Final = 60
NAME: Final = "output"


def diagnose(ran: Ran, options: Mapping[str, Any], config: Settings, run: Run) -> None:
    """Diagnose the output and say so; fill in the trail's line."""
    with tempfile.TemporaryDirectory(prefix="ci-diagnose-") as spool, ran.capture.as_file() as log:
        if log is None:
            complain("there is no diagnosis: what the command printed could not be kept.", "TMPDIR, a folder with room")
            nothing_to_publish(options)
            return
        request = _request(ran, options, log, Path(spool))
        found = request if isinstance(request, Refusal) else _examined(request, config)
    if isinstance(found, Refusal) or isinstance(request, Refusal):
        if isinstance(found, Refusal):
            run.outcome = "refused"
            refuse(found)
        nothing_to_publish(options)
        return
    from diagnose.cli.state import keep
    from diagnose.cli.trail import tell

    found = _with_command(found, ran)
    keep(found, request)
    tell(run, found)
    _write(found, options, config)
    publish(found, request, config, options, run)
    for problem in found.rule_problems:
        complain(f"rules left out: {problem}")
    if found.memory_problem:
        complain(f"not kept: {found.memory_problem}")


def _examined(request: Request, config: Settings) -> Answer | Refusal:
    import anyio

    from diagnose.api import examine
    from diagnose.cli.places import world

    around = world(os.environ)
    found = anyio.run(examine, request, config, around)
    if isinstance(found, Refusal) and request.junit:
        # what a runner that crashed leaves of its report takes nothing from the output
        complain(phrase(found.message, " The output is looked at without it."), found.remedy)
        found = anyio.run(examine, replace(request, junit=()), config, around)
    return found


def _request(ran: Ran, options: Mapping[str, Any], log: Path, spool: Path) -> Request | Refusal:
    from diagnose.api import Request
    from diagnose.intake import passing_log

    passing = passing_log(options["passing"], spool) if options.get("passing") else None
    if isinstance(passing, Refusal):
        complain(phrase(passing.message, " There is nothing to compare with."), passing.remedy)
        passing = None
    repository = options.get("repo") or ""
    return Request(
        "log",
        ran.said,
        repository=repository,
        junit=tuple(_fresh(options.get("junit") or (), ran)),
        given=replace(_incident(ran, options, log), passing=passing, repository=repository),
    )


def _incident(ran: Ran, options: Mapping[str, Any], log: Path) -> Incident:
    status: JobStatus = "success" if ran.code == 0 else "failure"
    over = ran.began + timedelta(seconds=ran.ended.seconds)
    name = ran.said if len(ran.said) <= LONGEST_NAME else f"{ran.said[:LONGEST_NAME]}…"
    label = Path(options["save"]).name if options.get("save") else NAME
    job = Job(
        "1",
        name,
        status,
        LogFile(label, log),
        (StepInfo(1, name, status, ran.began, over),),
        started_at=ran.began,
        completed_at=over,
    )
    return Incident("log", name, (job,), conclusion=status, unseen=tuple(_unseen(ran)))


def _unseen(ran: Ran) -> Iterator[Missing]:
    kept = ran.capture.kept
    if kept.left_out:
        why = f"the disk had no room ({kept.problem})" if kept.problem else "only the beginning and the end are kept"
        yield Missing(phrase(f"{kept.left_out:,} of {kept.printed:,} bytes of the output"), "too-large", phrase(why))


def _fresh(reports: tuple[str, ...], ran: Ran) -> Iterator[str]:
    """Those reports that this command has written; an older one says nothing of it."""
    from diagnose.sources.junit.given import paths_of

    for name in reports:
        found = paths_of(name)
        if isinstance(found, Refusal):
            complain(phrase("the command has not written ", Untrusted(name), "."))
            continue
        fresh = [
            path for path in found if path.stat().st_mtime >= ran.began.timestamp() - 2
        ]  # some file systems keep whole pairs of seconds
        if len(fresh) < len(found):
            complain(phrase(Untrusted(name), " is older than this run: it is not read."))
        yield from map(str, fresh)


def _with_command(found: Answer, ran: Ran) -> Answer:
    """Name the command itself as the way to see it again, where no rule knows a shorter one."""
    report = found.report
    if report.reproduce or report.status != "failed":
        return found
    return replace(found, report=replace(report, reproduce=(phrase(Untrusted(ran.said)),)))


def _write(found: Answer, options: Mapping[str, Any], config: Settings) -> None:
    """Give the answer on standard error, for standard output is the command's; of a command that passed only what its exit code hides, or was asked for."""
    output = options.get("output")
    if output is None and found.report.status == "passed" and not (found.report.hidden or options.get("always")):
        return
    with redirect_stdout(sys.stderr):
        form = _form(config)
        if output is None:
            sys.stderr.write("\n")
        look = view(os.environ, color=config.color, plain=config.plain, full=bool(options.get("full")))
        text = form.render(found.report, replace(look, tree=tree_of(found, os.environ)))
        problem = answer(text, os.environ, output, for_runner=form.name == "github")
    if problem:
        complain(f"the answer could not be written: {problem}.", "--output FILE in a folder that can be written")


def _form(config: Settings) -> Renderer:
    from diagnose.render.interface import UnknownFormatError, renderer

    try:
        return renderer(config.output_format)
    except UnknownFormatError as error:
        complain(str(error), "--format text")
        return renderer("text")
