"""One cell of the table of faults: an endpoint goes wrong in one way, everything is asked, and what came of it is judged.

These outcomes are allowed. "right": what would have come without the fault. "said": a part is lost, and the answer says so. "refused": there
is no answer, and a message that says why. "believed", for files of a commit alone: a 404 is GitHub's word that there is no such file. Anything
else (a part that is lost without a word, an empty success, a token or a signed address that got somewhere) is a `Flaw`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from diagnose.kit.clock import Clock
from diagnose.model.incident import LogFile, Missing
from diagnose.model.text import Phrase, Untrusted
from diagnose.sources.github.api import check_access, load
from diagnose.sources.github.limits import Limits
from diagnose.sources.github.past import list_runs, opened
from diagnose.sources.github.token import Token
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.refusal import Refusal
from diagnose.sources.target import Target
from tests.conftest import NOON
from tests.faults.commenting import commented, standing
from tests.faults.kinds import JSON_BYTES, KINDS
from tests.support.fake_github import FakeGitHub, serve
from tests.support.github_comments import Comments
from tests.support.github_world import user

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.faults.endpoints import Endpoint
    from tests.faults.kinds import Kind

SECRET = "ghs_invented_and_opaque"
SIGNED = "SIGNED"
CLOCK = Clock(lambda: NOON, lambda: 0.0)
PATIENCE = Limits(json_bytes=JSON_BYTES, log_bytes=JSON_BYTES, file_bytes=JSON_BYTES)
HASTE = replace(PATIENCE, read=1.0, whole=2.5)


class Flaw(AssertionError):  # noqa: N818 - a flaw of ours, not an error of the test
    """An outcome that must not be."""


@dataclass(frozen=True)
class Cell:
    """What came of it. words: the messages that say so."""

    outcome: str
    words: tuple[str, ...] = ()


async def no_sleep(_seconds: float) -> None:
    return


def applies(kind: Kind, endpoint: Endpoint) -> bool:
    """Tell whether a kind means anything at an endpoint."""
    fits = {
        "": True,
        "json": endpoint.gives != "stream",
        "stream": endpoint.gives == "stream",
        "list": endpoint.gives == "list",
    }
    return fits[kind.only]


async def row(endpoint: Endpoint, folder: Path, chosen: Sequence[Kind] = KINDS) -> dict[str, Cell | Flaw]:
    """Try all kinds at one endpoint, by name; those that take patience side by side, each at a server of its own."""
    out: dict[str, Cell | Flaw] = {}
    with serve(endpoint.world()) as server:
        usual = await asked(endpoint, None, _spool(folder, "usual"), server)
        for place, kind in enumerate(chosen):
            if applies(kind, endpoint) and not kind.slow:
                out[kind.name] = verdict(
                    usual, await asked(endpoint, kind, _spool(folder, str(place)), server), endpoint
                )

    async def patiently(kind: Kind) -> None:
        with serve(endpoint.world()) as own:
            out[kind.name] = verdict(usual, await asked(endpoint, kind, _spool(folder, kind.name), own), endpoint)

    async with anyio.create_task_group() as group:
        for kind in chosen:
            if applies(kind, endpoint) and kind.slow:
                group.start_soon(patiently, kind)
    return out


def _spool(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place


def verdict(usual: Asked, found: Asked, endpoint: Endpoint) -> Cell | Flaw:
    """Judge, and give a flaw as a value."""
    try:
        return judged(usual, found, endpoint)
    except Flaw as flaw:
        return flaw


@dataclass(frozen=True)
class Asked:
    """What one way of asking gave, as plain data; and what the server saw of it."""

    parts: dict[str, str]
    missing: frozenset[str]
    refused: str
    met: int
    absent: bool
    comments: int
    leaks: tuple[str, ...]


async def asked(endpoint: Endpoint, kind: Kind | None, spool: Path, server: FakeGitHub) -> Asked:
    """Ask for everything of an endpoint's world, with a fault or (None) without. spool: an empty folder."""
    server.scenario.faults[:] = kind.at(endpoint.where, endpoint.on, endpoint.method) if kind else ()
    server.seen.clear()
    server.answers.comments = Comments({**user("mona"), "id": 1})  # as the fake's `GET /user` has it
    if endpoint.standing:
        server.answers.comments.add(123, standing(endpoint.standing))
    found = await _ask(endpoint, server, spool, HASTE if kind and kind.slow else PATIENCE)
    met = sum(
        each.on == endpoint.on and re.search(endpoint.where, each.path.partition("?")[0]) is not None
        for each in server.seen
    )
    return Asked(
        {} if isinstance(found, Refusal) else dict(_parts(found)),
        frozenset() if isinstance(found, Refusal) else frozenset(_missing(found)),
        plain(found.message) if isinstance(found, Refusal) else "",
        met,
        kind is not None and kind.name.startswith("404"),
        len(server.answers.comments.bodies(123)),
        tuple(_leaks(server, found)),
    )


async def _ask(endpoint: Endpoint, server: FakeGitHub, spool: Path, limits: Limits) -> Any:
    token = Token(SECRET, "GITHUB_TOKEN")
    if endpoint.way == "doctor":
        return await check_access(
            token=token, clock=CLOCK, repository="acme/app", api_url=server.url, sleep=no_sleep, limits=limits
        )
    if endpoint.way == "comment":
        return await commented(server, token, no_sleep, CLOCK, limits)
    if endpoint.way == "learn":
        async with opened(
            "acme/app",
            token=token,
            spool=spool,
            clock=CLOCK,
            api_url=server.url,
            budget=300,
            sleep=no_sleep,
            limits=limits,
        ) as session:
            if isinstance(session, Refusal):
                return session
            listed = await list_runs(session, branch="", since=NOON.replace(year=2025), until=NOON)
            return session.refuse(listed.trouble, "runs") if listed.trouble is not None and not listed.runs else listed
    return await load(
        Target(endpoint.kind, endpoint.value),
        repository="acme/app",
        token=token,
        spool=spool,
        clock=CLOCK,
        api_url=server.url,
        sleep=no_sleep,
        limits=limits,
    )


def judged(usual: Asked, found: Asked, endpoint: Endpoint) -> Cell:
    """Compare what came with what would have come."""
    if not usual.met or not found.met:
        raise Flaw(f"{endpoint.name} is never asked for")
    if found.leaks:
        raise Flaw(f"{endpoint.name}: {found.leaks}")
    if found.parts.get("comments", "1") != "1" or (found.refused and found.comments > 1):
        raise Flaw(f"{endpoint.name}: {found.comments} comments stand")
    if found.refused:
        return Cell("right" if usual.refused == found.refused else "refused", (found.refused,))
    if "'success'" in found.parts.get("conclusion", "") and "'failure'" in usual.parts.get("conclusion", ""):
        raise Flaw(f"{endpoint.name}: an empty success")
    lost = [name for name, value in usual.parts.items() if found.parts.get(name) != value]
    said = sorted(found.missing - usual.missing)
    if lost == ["user"]:
        said = ["the token may not say whose it is"]  # `doctor` prints it so
    if lost == ["trusted"] and found.parts["trusted"] == "False":
        said = ["less is believed of a run whose home is not told"]
    if set(lost) == {"files", "workflows"} and found.absent:
        return Cell("believed")
    if lost and not said:
        raise Flaw(
            f"{endpoint.name}: {', '.join(lost)} lost without a word: {[(usual.parts[name][:300], found.parts.get(name, '')[:300]) for name in lost]}"
        )
    return Cell("said" if lost else "right", tuple(said))


def _parts(found: Any) -> Iterator[tuple[str, str]]:
    """Each part of an answer as text, without what stands in it for a part that is missing."""
    for each in fields(found):
        if each.name in ("unseen", "asked", "seconds"):
            continue
        yield each.name, repr(_data(getattr(found, each.name)))


def _data(value: Any) -> Any:
    if isinstance(value, LogFile):
        return value.name, value.path.read_bytes()
    if isinstance(value, Missing):
        return "missing", value.kind, plain(value.what)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(_data(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, Path):
        return value.name
    return tuple(_data(each) for each in value) if isinstance(value, tuple | list) else value


def _missing(value: Any) -> Iterator[str]:
    """Every sentence of what is missing."""
    if isinstance(value, Missing):
        yield f"{plain(value.what)}: {plain(value.why)}"
    elif isinstance(value, Trouble):
        yield f"{value.kind}: {value.detail}"
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _missing(getattr(value, each.name))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _missing(each)


def plain(said: Phrase) -> str:
    """A message as its reader sees it."""
    return "".join(part._text if isinstance(part, Untrusted) else part for part in said.parts)


def _leaks(server: FakeGitHub, found: Any) -> Iterator[str]:
    """The token away from the API's own origin, or anything secret in a message."""
    for each in server.seen:
        if each.on == "store" and (each.authorization or SECRET in repr(each.headers)):
            yield "the token went to the store"
        if "session=" in each.headers.get("Cookie", ""):
            yield "a cookie came back"
    words = plain(found.message) + found.remedy if isinstance(found, Refusal) else " ".join(_missing(found))
    if SECRET in words or SIGNED in words or "169.254" in words:
        yield f"a secret stands in a message: {words}"
