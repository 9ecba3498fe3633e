"""`ci-diagnose run -- CMD`: run a command as it is, and say why it failed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from diagnose.cli.forms import FormsError, form_options, forms_of
from diagnose.cli.run_now import execute

LONGEST_GRACE = 3600.0


@click.command(
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False},
    epilog="Example: ci-diagnose run -- make test",
)
@click.option("--passing-log", "passing", metavar="FILE", help="A log of a run that passed, to compare with.")
@click.option(
    "--junit",
    "junit",
    multiple=True,
    metavar="FILE",
    help="A test report in JUnit XML that the command writes; may be given several times.",
)
@click.option("--repo", default="", metavar="OWNER/NAME", help="The repository that failures are remembered under.")
@click.option(
    "--format",
    "form",
    metavar="FORM",
    help="The form of the answer: text, brief, markdown, json, sarif, github, summary.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the answer to a file; else to standard error.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep what the command printed: the numbers of the answer's lines are its.",
)
@click.option(
    "--always", is_flag=True, help="Look also when the command passes: for failures that its exit code hides."
)
@click.option(
    "--leave", is_flag=True, help="Let run on what the command leaves behind, such as a server for a later step."
)
@click.option(
    "--grace",
    type=click.FloatRange(0, LONGEST_GRACE),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Between TERM and KILL when it is to be ended.",
)
@click.option("--no-memory", is_flag=True, help="Neither remember nor recognise, nor keep a record.")
@click.option("--full", is_flag=True, help="Open all folds.")
@click.option("--plain", is_flag=True, help="Narrated, for screen readers.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), help="Colours of the answer.")
@form_options
@click.argument("argv", nargs=-1, type=click.UNPROCESSED, metavar="-- CMD [ARGUMENT]...")
def command(argv: tuple[str, ...], **options: Any) -> int:
    """Run a command as it is, and say why it failed.

    Its output passes through as it comes: with colours and progress bars where a terminal stands behind, standard output and standard error kept
    apart where none does; standard input is the command's. A copy is kept until the end, the first 32 MiB and the last 96. When the command fails,
    the answer goes to standard error, and a line of what was executed into the trail (`ci-diagnose history trail`).

    \b
    The exit code is the command's, whatever the answer is:
      a signal that ended the command ends this process too (128 + its number)
      125  the options are wrong, or a mistake of ours: nothing was run
      126  the command cannot be executed
      127  there is no such command

    Signals are handed on. After TERM the command has --grace seconds, then all that it started is killed, what has left its group or its session
    too (on Linux; elsewhere only what stays in the group). So is what it leaves behind when it ends by itself, a second later: --leave spares it.
    A reader that goes away, or a full disk, does not stop the command: what was lost is said at the end. In a terminal, Ctrl-Z does not stop it.
    """  # noqa: D301 - click takes the character itself for a mark: what follows keeps its lines
    if not argv:
        raise click.UsageError("no command is given to run: ci-diagnose run -- make test")
    _check(options)
    return execute([*argv], options)


def _check(options: dict[str, Any]) -> None:
    """Refuse a form that is none before anything runs."""
    from diagnose.render.interface import UnknownFormatError, renderer

    try:
        forms_of(options, os.environ)
        if options["form"] is not None:
            renderer(options["form"])
    except (FormsError, UnknownFormatError) as error:
        raise click.UsageError(str(error)) from None
