"""Where an answer is put besides standard output: other forms in files, a step's summary and outputs, annotations, the comment.

All of them are of one diagnosis, and none changes the exit code: what could not be published is said, and is an output.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from diagnose.cli.out import complain, tell
from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diagnose.api import Answer, Request
    from diagnose.config import Settings
    from diagnose.model.report import Report
    from diagnose.publish.comment import Asked, Posted
    from diagnose.publish.tree import Files
    from diagnose.render.foot import Foot
    from diagnose.render.interface import View

BARE: Final = "\x00"
"""An option that was given without a value."""
FILES: Final = {"summary": "GITHUB_STEP_SUMMARY", "outputs": "GITHUB_OUTPUT"}
_KEY = regex(r"[A-Za-z0-9._-]{1,64}")
_NUMBER = regex(r"#?([1-9]\d{0,9})")
_SERVER = regex(r"https?://[A-Za-z0-9.:-]+")
_REPOSITORY = regex(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")
_OPTIONS: Final = (
    click.option(
        "--write",
        "writes",
        multiple=True,
        metavar="FORM=FILE",
        help="Write the answer in another form too, e.g. --write sarif=ci.sarif; may be given several times.",
    ),
    click.option(
        "--summary",
        is_flag=False,
        flag_value=BARE,
        default=None,
        metavar="[FILE]",
        help="Add the summary to FILE; without FILE to $GITHUB_STEP_SUMMARY.",
    ),
    click.option(
        "--outputs",
        is_flag=False,
        flag_value=BARE,
        default=None,
        metavar="[FILE]",
        help="Add the step's outputs to FILE; without FILE to $GITHUB_OUTPUT.",
    ),
    click.option(
        "--annotations",
        is_flag=True,
        help="Mark the lines that caused the failure: workflow commands on standard error.",
    ),
    click.option(
        "--comment",
        is_flag=False,
        flag_value=BARE,
        default=None,
        metavar="[N]",
        help="Keep one comment on pull request N up to date; without N on the one that the target belongs to.",
    ),
    click.option(
        "--comment-key",
        "comment_key",
        default="",
        metavar="WORD",
        help="One comment is kept for each key; otherwise for each workflow.",
    ),
)


@dataclass(frozen=True, slots=True)
class Forms:
    """What was asked for. comment: a number, 0 for the target's own, None for none."""

    writes: tuple[tuple[str, Path], ...] = ()
    summary: Path | None = None
    outputs: Path | None = None
    annotations: bool = False
    comment: int | None = None
    key: str = ""


class FormsError(ValueError):
    """An option that cannot be used; the message says what would be right."""


def form_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def forms_of(options: Mapping[str, Any], env: Mapping[str, str]) -> Forms:
    """Read the options before anything is diagnosed. Raise FormsError for one that cannot be used."""
    comment, key = options.get("comment"), options.get("comment_key") or ""
    number = _NUMBER.fullmatch(comment) if comment not in (None, BARE) else None
    if comment not in (None, BARE) and number is None:
        raise FormsError("--comment takes the number of a pull request.")
    if key and not _KEY.fullmatch(key):
        raise FormsError("--comment-key takes letters, digits, dots, hyphens and underscores, at most 64.")
    return Forms(
        tuple(map(_write_of, options.get("writes") or ())), _file_of("summary", options.get("summary"), env), _file_of("outputs", options.get("outputs"), env),
        bool(options.get("annotations")), None if comment is None else int(number[1]) if number else 0, key,
    )  # fmt: skip


def _write_of(given: str) -> tuple[str, Path]:
    from diagnose.render.interface import formats

    form, equals, file = given.partition("=")
    if form not in formats():
        raise FormsError(f"--write takes FORM=FILE, FORM being one of {', '.join(formats())}.")
    if not equals or not file:
        raise FormsError(f"--write takes FORM=FILE, as in --write {form}=answer.{form}.")
    return form, Path(file)


def _file_of(name: str, given: str | None, env: Mapping[str, str]) -> Path | None:
    if given is None:
        return None
    file = env.get(FILES[name], "") if given == BARE else given
    if not file:
        raise FormsError(f"--{name} takes a file outside GitHub Actions: {FILES[name]} is not set.")
    return Path(file)


def tree_of(found: Answer, env: Mapping[str, str]) -> Files:
    """The files that marks may be set in: of the checkout at hand where it is the target's, and of the change."""
    from diagnose.publish.tree import Files

    incident = found.case.incident
    workspace = env.get("GITHUB_WORKSPACE", "")
    checkout = incident.checkout.root if incident.checkout is not None else None
    if checkout is None and incident.kind == "log":
        here = Path.cwd()
        checkout = next((place for place in (here, *here.parents) if (place / ".git").exists()), None)
    return Files(incident, checkout, (workspace,) if workspace else ())


def nothing_to_publish(options: Mapping[str, Any], found: Answer | None = None) -> None:
    """Write the outputs of a diagnosis that could not look, and the files that were asked for of what little is known."""
    forms = forms_of(options, os.environ)
    if forms == Forms():
        return
    from diagnose.publish.step import NOTHING
    from diagnose.render.interface import View

    if found is not None:
        _write(found.report, forms, View(tree=tree_of(found, os.environ)), options)
    _outputs(forms, NOTHING)


def publish(found: Answer, request: Request, config: Settings, options: Mapping[str, Any], run: Any = None) -> None:
    """Put the answer wherever the options say. run: the trail's line, which is told of it."""
    forms = forms_of(options, os.environ)
    if forms == Forms():
        return
    from diagnose.publish.comment import Posted
    from diagnose.publish.step import outputs
    from diagnose.render.interface import View

    view = View(full=bool(options.get("full")), tree=tree_of(found, os.environ))
    posted = _comment(found, request, config, forms, view) if forms.comment is not None else Posted("off")
    told = config.output_format == "github" and options.get("output") is None  # into a file, no runner reads them
    marks = _annotate(found.report, view, told=told) if forms.annotations or told else 0
    _write(found.report, forms, replace(view, full=False), options)
    if forms.summary is not None:
        _summary(found, forms.summary, view)
    _outputs(forms, outputs(found.report, posted, marks))
    if run is not None:
        run.said = {**run.said, "published": {"comment": posted.outcome, "annotations": marks}}


def not_published(what: str, why: object, remedy: str = "") -> None:
    """Say what could not be published."""
    from diagnose.model.text import phrase

    complain(phrase(f"not published: {what}: ", why), remedy)  # type: ignore[arg-type]  # text, or a phrase


def _annotate(report: Report, view: View, *, told: bool) -> int:
    """Write the commands straight to standard error, for the runner reads them on both streams; count them. told: the answer holds them."""
    from diagnose.render.annotations import commands

    made = commands(report, view.tree)
    for line in () if told else made:
        sys.stderr.write(
            line.encode(sys.stderr.encoding or "utf-8", "backslashreplace").decode(sys.stderr.encoding or "utf-8")
        )
    sys.stderr.flush()
    return len(made)


def _write(report: Report, forms: Forms, view: View, options: Mapping[str, Any]) -> None:
    from diagnose.kit.atomic import write_atomic
    from diagnose.render.interface import renderer

    for form, file in forms.writes:
        text = renderer(form).render(
            report, replace(view, full=bool(options.get("full")), plain=bool(options.get("plain")))
        )
        if problem := write_atomic(file, text.encode("utf-8", "backslashreplace")):
            not_published(f"the form {form}", problem)


def _summary(found: Answer, file: Path, view: View) -> None:
    from diagnose.publish.step import write_summary
    from diagnose.render.summary import summary

    if problem := write_summary(file, summary(found.report, view, _foot(found, link=False))):
        not_published("the summary", problem)


def _outputs(forms: Forms, values: Mapping[str, str]) -> None:
    from uuid import uuid4

    from diagnose.publish.step import append
    from diagnose.safety.runner_file import to_runner_file

    if forms.outputs is None:
        return
    entries = [to_runner_file(name, value, delimiter=str(uuid4())) for name, value in values.items()]
    if problem := append(forms.outputs, "".join(entries)):
        not_published("the outputs", problem)


def _comment(found: Answer, request: Request, config: Settings, forms: Forms, view: View) -> Posted:
    import anyio

    posted = anyio.run(_posted, found, request, config, forms, view)
    if posted.outcome == "refused":
        not_published("the comment", posted.why or "", posted.remedy)
    elif posted.why is not None:
        from diagnose.safety.phrases import phrase_to_terminal

        tell(f"  comment  {phrase_to_terminal(posted.why)}")
    return posted


async def _posted(found: Answer, request: Request, config: Settings, forms: Forms, view: View) -> Posted:
    from diagnose.cli.places import world
    from diagnose.fetch import Surroundings, access, api_url
    from diagnose.publish.comment import Posted
    from diagnose.publish.door import Way, keep_comment
    from diagnose.sources.refusal import Refusal

    around = world(os.environ)
    surroundings = Surroundings(config, os.environ, around.folder, Path(), around.clock, around.progress)
    allowed = await access(request.repository, surroundings)
    if isinstance(allowed, Refusal):
        return Posted("refused", why=allowed.message, remedy=allowed.remedy)
    way = Way(
        allowed.repository,
        allowed.token,
        api_url(config, os.environ),
        around.clock,
        in_actions=os.environ.get("GITHUB_ACTIONS") == "true",
    )
    return await keep_comment(
        found.report, replace(view, full=False), _asked(found, request, forms), _foot(found, link=True), way
    )


def _asked(found: Answer, request: Request, forms: Forms) -> Asked:
    from diagnose.publish.comment import Asked

    ref, key = os.environ.get("GITHUB_REF", ""), forms.key
    job = os.environ.get("GITHUB_JOB", "")
    if not key and request.kind == "log" and job:
        from diagnose.publish.sticky import key_of

        # a log has no workflow of its own: it is that of the job which shows it, and another job's success is no news of it
        workflow = os.environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2]
        key = key_of(f"log-{workflow}-{job}")
    return Asked(
        request.kind, request.value.removeprefix("#"), found.case.incident.commit, ref, forms.comment or 0, key
    )


def _foot(found: Answer, *, link: bool) -> Foot:
    """Name the commit, and the page of the run that diagnoses: its summary is the full report."""
    from diagnose.render.foot import Foot

    env = os.environ
    server, repository, number = (
        env.get("GITHUB_SERVER_URL", ""),
        env.get("GITHUB_REPOSITORY", ""),
        env.get("GITHUB_RUN_ID", ""),
    )
    known = _SERVER.fullmatch(server) and _REPOSITORY.fullmatch(repository) and number.isascii() and number.isdigit()
    return Foot(found.case.incident.commit, f"{server}/{repository}/actions/runs/{number}" if link and known else "")
