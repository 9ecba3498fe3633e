"""`ci-diagnose explain c1`: one cause of the last answer in full, and why it won."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli.out import answer, complain

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command(epilog="Example: ci-diagnose explain c1")
@click.argument("identity", metavar="CAUSE", default="c1")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="text, or json: the cause as in the report, with `why`.",
)
@click.option("--reliability", is_flag=True, help="How often answers of each confidence were right; asks for no cause.")
def command(identity: str, form: str, reliability: bool) -> int:  # noqa: FBT001 - click's flag
    """Show one cause of the last answer with all its lines, and the reasons that set it above the runner-up."""
    if reliability:
        from diagnose.render.confidence import listing, measured

        answer(listing(measured()), os.environ)
        return 0
    from diagnose.cli.state import cause_of, last

    document = last()
    if document is None:
        complain("there is no answer to explain yet.", "ci-diagnose --log build.log")
        return 2
    cause = cause_of(document, identity)
    if cause is None:
        known = [each["id"] for each in _every(document)]
        complain(
            f"the last answer has no cause {identity}; it has {', '.join(known) or 'none'}.",
            f"ci-diagnose explain {known[0]}" if known else "ci-diagnose --log build.log    another one",
        )
        return 2
    why = document["told"].get("why", {}).get(identity, [])
    if form == "json":
        from diagnose.safety.json_out import to_json

        answer(to_json({**cause, "why": why}, indent=2, tty=sys.stdout.isatty()) + "\n", os.environ)
        return 0
    from diagnose.safety.terminal import to_terminal

    answer(to_terminal("\n".join(_told(document, cause, why)) + "\n"), os.environ)
    return 0


def _every(document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    report = document["report"]
    return [
        each
        for each in (report.get("root_cause"), *report.get("alternatives", []), *report.get("findings", []))
        if each
    ]


def _told(document: dict[str, Any], cause: dict[str, Any], why: list[str]) -> list[str]:
    from diagnose.render.confidence import number

    lines = [
        f"{cause['id']}  {cause['title']}",
        f"  {cause['category']} · {cause.get('rule') or 'no rule knows it'} · confidence {number(cause['confidence'])}",
        "",
    ]
    for piece in cause["evidence"]:
        lines += [
            f"{piece['line'] + offset or 'note':>7} │ {text}" for offset, text in enumerate(piece["text"].split("\n"))
        ]
    lines += ["", *(_list("where", [_place(place) for place in cause.get("locations", [])]))]
    lines += _list("tests", [test["name"] for test in cause.get("failed_tests", [])])
    lines += _list("jobs", [*cause.get("jobs", [])] if len(cause.get("jobs", [])) > 1 else [])
    lines += _list(
        "differ",
        [f"{piece['log']}:{piece['line']}: {piece['text'].split(chr(10))[0]}" for piece in cause.get("members", [])],
    )
    lines += _list("why", [*([cause["explanation"]] if cause.get("explanation") else []), *why])
    after = [each for each in _every(document) if cause["id"] in each.get("follows", [])]
    return lines + _list(
        "after", [f"{each['id']}  {each['title']}, line {each['evidence'][0]['line']}" for each in after]
    )


def _place(place: dict[str, object]) -> str:
    parts = [str(place[name]) for name in ("file", "line", "column") if place.get(name) is not None]
    message = f"  {place['message']}" if place.get("message") else ""
    return ":".join(parts) + message


def _list(label: str, rows: list[str]) -> list[str]:
    return [f"  {label if index == 0 else '':<6} {row}" for index, row in enumerate(rows)]
