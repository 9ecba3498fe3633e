"""`ci-diagnose explain c1`: one cause of the last answer in full, and why it won."""

from __future__ import annotations

import os

import click

from diagnose.cli.out import answer, complain


@click.command(epilog="Example: ci-diagnose explain c1")
@click.argument("identity", metavar="CAUSE", default="c1")
@click.option("--reliability", is_flag=True, help="How often answers of each confidence were right; asks for no cause.")
def command(identity: str, reliability: bool) -> int:  # noqa: FBT001 - click's flag
    """Show one cause of the last answer with all its lines, and the reasons that set it above the runner-up."""
    if reliability:
        from diagnose.render.confidence import listing, measured

        answer(listing(measured()), os.environ)
        return 0
    from diagnose.cli.state import cause_of, last
    from diagnose.safety.terminal import to_terminal

    document = last()
    if document is None:
        complain("there is no answer to explain yet.", "ci-diagnose --log build.log")
        return 2
    cause = cause_of(document, identity)
    if cause is None:
        every = [document["report"].get("root_cause"), *document["report"].get("alternatives", []), *document["report"].get("findings", [])]
        known = ", ".join(each["id"] for each in every if each)
        complain(f"the last answer has no cause {identity}; it has {known or 'none'}.", "ci-diagnose explain c1")
        return 2
    lines = [f"{cause['id']}  {cause['title']}", f"  {cause['category']} · {cause.get('rule') or 'no rule knows it'} · confidence {cause['confidence']:.2f}", ""]
    for piece in cause["evidence"]:
        for offset, text in enumerate(piece["text"].split("\n")):
            lines.append(f"{piece['line'] + offset:>7} │ {text}")
    lines += ["", *(_list("where", [_place(place) for place in cause.get("locations", [])]))]
    lines += _list("tests", [test["name"] for test in cause.get("failed_tests", [])])
    lines += _list("why", document["told"].get("why", {}).get(identity, []) or ["it is the only candidate, or comes from an annotation"])
    if cause.get("explanation"):
        lines.append(f"  {cause['explanation']}")
    answer(to_terminal("\n".join(lines) + "\n"), os.environ)
    return 0


def _place(place: dict[str, object]) -> str:
    parts = [str(place[name]) for name in ("file", "line", "column") if place.get(name) is not None]
    message = f"  {place['message']}" if place.get("message") else ""
    return ":".join(parts) + message


def _list(label: str, rows: list[str]) -> list[str]:
    return [f"  {label if index == 0 else '':<6} {row}" for index, row in enumerate(rows)]
