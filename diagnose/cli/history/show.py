"""`ci-diagnose history show ID`: one pattern."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from diagnose.cli.history import common
from diagnose.cli.history.common import age, answer_json, count, document, one_pattern, shown, state, where_seen
from diagnose.cli.out import answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from diagnose.memory.patterns import Detail
    from diagnose.memory.rows import Pattern

_HOW = {
    "person": "said by",
    "green-run": "guessed from a green run by",
    "re-run": "guessed from a re-run by",
    "record": "from DISCOVERIES.md",
    "import": "imported from",
}


@click.command(epilog="Example: ci-diagnose history show 6f1a")
@click.argument("identity", metavar="ID")
@click.option("--repo", default="", metavar="OWNER/NAME", help="Of this repository, where several have the id.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(identity: str, repo: str, as_json: bool) -> int:  # noqa: FBT001 - click's flag
    """Show one pattern: what it was, what fixed it, when it was seen."""
    found_store = common.opened()
    if found_store is None:
        return 2
    store, now = found_store
    found = one_pattern(store, identity, repo, now)
    if isinstance(found, int):
        return found
    where = _written(found.pattern.id)
    if as_json:
        seen = [
            {
                "target": one.target,
                "job": one.job,
                "commit": one.commit,
                "line": one.line,
                "at": one.at,
                "confidence": one.confidence,
                "trusted": one.trusted,
            }
            for one in found.sightings
        ]
        answer_json({**document(found.pattern), "written_at": where, "sightings": seen})
    else:
        answer("\n".join(_text(found, now, where)) + "\n", os.environ)
    return 0


def _text(found: Detail, now: datetime, where: str) -> Iterator[str]:
    pattern = found.pattern
    yield f"{shown(pattern.title)}    {state(pattern)}, seen {count(pattern.seen, 'time')}"
    yield f"  {shown(pattern.id)} · {shown(pattern.repository) or 'any repository'} · {shown('/'.join(filter(None, (pattern.tool, pattern.category))))}"
    yield ""
    if pattern.lines:
        yield from (f"  {'▸' if place == 0 else ' '} {shown(line)[:160]}" for place, line in enumerate(pattern.lines))
        yield ""
    yield from _solved(pattern)
    for place, one in enumerate(found.sightings):
        target = where_seen(one.target)
        job = f" · {shown(one.job)}" if one.job and shown(one.job) != target else ""
        line = f"  line {one.line}" if one.line else ""
        yield f"  {'seen' if place == 0 else '':<6} {one.at[:10]} {one.at[11:16]}  {target}{job}{line}{'' if one.trusted else '  (untrusted ref: not counted)'}"
    against = [
        text
        for number, text in ((pattern.wrong, "refuted"), (pattern.passed, "in logs of passing runs"))
        if number
        for text in [f"{count(number, 'time')} {text}"]
    ]
    if against:
        yield f"  {'but':<6} {', '.join(against)}"
    if pattern.state == "stale":
        yield f"  {'but':<6} not seen for {age(pattern.last_seen, now)}"
    yield f"  {'edit':<6} {where + ' · ' if where else ''}forget: ci-diagnose history forget {shown(pattern.id)}"


def _solved(pattern: Pattern) -> Iterator[str]:
    if pattern.root_cause:
        yield f"  {'why':<6} {shown(pattern.root_cause)}"
    if pattern.solution:
        by, took = (
            f" Fixed by {shown(pattern.fixed_by)}." if pattern.fixed_by else "",
            f" {pattern.minutes:g} min." if pattern.minutes is not None else "",
        )
        yield f"  {'fix':<6} {shown(pattern.solution).rstrip('.')}.{by}{took}"
    if pattern.how:
        who = f"{_HOW[pattern.how]} {shown(pattern.who)}".removesuffix(" by ").strip()
        yield f"  {'by':<6} {who}{f', sure {pattern.sure:.2f}' if pattern.sure is not None else ''}"
    yield from (f"  {'link':<6} {shown(link)}" for link in pattern.links)
    if pattern.confidence is not None:
        from diagnose.render.confidence import measured, sentence

        yield f"  {'sure':<6} {sentence(pattern.confidence, measured())}"


def _written(ident: str) -> str:
    """Return where DISCOVERIES.md holds the pattern, "" where it does not."""
    from diagnose.memory.append import line_of, read

    path = common.record_path()
    text = read(path)
    return f"{path}:{line_of(text, ident)}" if isinstance(text, str) and f"<!-- ci:{ident} -->" in text else ""
