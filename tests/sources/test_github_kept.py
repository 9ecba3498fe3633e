from __future__ import annotations

import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
import respx

from diagnose.kit.clock import Clock
from diagnose.sources.github import kept as module
from diagnose.sources.github.address import Base, read_base
from diagnose.sources.github.client import Client
from diagnose.sources.github.kept import Kept, Shelf, open_shelf
from diagnose.sources.github.replies import Repository
from diagnose.sources.github.token import Token
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

API = "https://api.github.com"
HOME = {"id": 1, "full_name": "acme/app", "default_branch": "main"}
TOKEN = Token("ghs_invented_and_opaque", "GITHUB_TOKEN")
CLOCK = Clock(lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC), lambda: 0.0)
REPLY = Kept('"abc"', "", b'{"id": 1}')

pytestmark = pytest.mark.anyio


def shelf_of(folder: Path, token: Token = TOKEN) -> Shelf:
    found = open_shelf(folder, token)
    assert found is not None
    return found


async def no_sleep(_seconds: float) -> None:
    return


@asynccontextmanager
async def client_of(folder: Path, *, budget: int = 300) -> AsyncIterator[Client]:
    base = read_base(API)
    assert isinstance(base, Base)
    async with Client(
        base, TOKEN, clock=CLOCK, sleep=no_sleep, budget=budget, shelf=open_shelf(folder, TOKEN)
    ) as client:
        yield client


def only(folder: Path) -> Path:
    (found,) = folder.glob("*.reply")
    return found


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def moved(data: bytes) -> bytes:
    return data.replace(b"/a", b"/b")


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "a bit flipped": flipped,
    "of another address": moved,
    "empty": lambda _data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "no seal": lambda data: data.replace(data.split(b"\n")[1], b""),
    "too large": lambda data: data + b"x" * module.MOST_FILE,
    "another version": lambda data: data.replace(b"reply 1", b"reply 2"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_others_wrote_is_not_read(tmp_path: Path, name: str) -> None:
    shelf = shelf_of(tmp_path / "r")
    shelf.keep(f"{API}/a", "json", REPLY)
    path = only(tmp_path / "r")
    assert shelf.find(f"{API}/a", "json") == REPLY
    path.write_bytes(HOSTILE[name](path.read_bytes()))
    assert shelf.find(f"{API}/a", "json") is None


def test_what_another_token_was_told_is_not_read(tmp_path: Path) -> None:
    shelf_of(tmp_path / "r").keep(f"{API}/a", "json", REPLY)
    other = shelf_of(tmp_path / "r", Token("ghs_another_one", "GITHUB_TOKEN"))
    assert other.find(f"{API}/a", "json") is None
    assert b"ghs_" not in only(tmp_path / "r").read_bytes()


def test_a_link_is_not_followed_nor_a_folder_of_others_used(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path / "r")
    shelf.keep(f"{API}/a", "json", REPLY)
    path = only(tmp_path / "r")
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert shelf.find(f"{API}/a", "json") is None
    os.mkfifo(path.with_name("0" * 64 + ".reply"))
    assert module._read(path.with_name("0" * 64 + ".reply")) is None
    (tmp_path / "r").chmod(0o755)
    assert open_shelf(tmp_path / "r", TOKEN) is None
    (tmp_path / "link").symlink_to(tmp_path / "r")
    assert open_shelf(tmp_path / "link", TOKEN) is None
    assert open_shelf(elsewhere, TOKEN) is None
    assert open_shelf(tmp_path / "new", None) is None


@pytest.mark.parametrize("etag", ["", "abc", '"a\r\nX-Evil: 1"', '"' + "x" * 300 + '"', '"a"b"'])
def test_an_etag_that_is_none_is_not_kept(tmp_path: Path, etag: str) -> None:
    shelf_of(tmp_path / "r").keep(f"{API}/a", "json", Kept(etag, "", b"{}"))
    assert list((tmp_path / "r").iterdir()) == []


def test_the_folder_is_bounded_and_nothing_else_in_it_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = shelf_of(tmp_path / "r")
    (tmp_path / "r" / "notes.txt").write_text("mine")
    for number in range(6):
        shelf.keep(f"{API}/{number}", "json", REPLY)
        os.utime(next(path for path in [shelf._place(f"{API}/{number}", "json")]), (number, number))
    shelf.keep(f"{API}/large", "json", Kept('"x"', "", b"x" * (module.MOST_BODY + 1)))
    shelf.touch(f"{API}/0", "json")
    monkeypatch.setattr(module, "MOST_FILES", 3)
    shelf.trim()
    assert [number for number in range(6) if shelf.find(f"{API}/{number}", "json")] == [0, 4, 5]
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    shelf.trim()
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["notes.txt"]


async def test_what_has_not_changed_costs_nothing_the_second_time(tmp_path: Path) -> None:
    with respx.mock() as mock:
        route = mock.get(f"{API}/a").mock(
            side_effect=[httpx.Response(200, json=HOME, headers={"etag": 'W/"1"'}), httpx.Response(304)]
        )
        async with client_of(tmp_path / "r", budget=1) as client:
            first = await client.get("/a", Repository)
            assert (client.used, client.unchanged) == (1, 0)
        async with client_of(tmp_path / "r", budget=1) as client:
            again = await client.get("/a", Repository)
            assert (client.used, client.unchanged) == (0, 1)
    assert first == again == Repository(id=1, full_name="acme/app", default_branch="main")
    assert [call.request.headers.get("if-none-match") for call in route.calls] == [None, 'W/"1"']


@pytest.mark.parametrize("body", [b"", b"x", b"a\n" * 40_000])
async def test_a_file_that_has_not_changed_costs_nothing_however_short_it_is(tmp_path: Path, body: bytes) -> None:
    whole = httpx.Response(200, content=body, headers={"etag": '"1"', "content-length": str(len(body))})
    with respx.mock() as mock:
        route = mock.get(f"{API}/a").mock(side_effect=[whole, httpx.Response(304)])
        for used, unchanged in ((1, 0), (0, 1)):
            async with client_of(tmp_path / "r") as client:
                assert await client.raw("/a") == body
                assert (client.used, client.unchanged) == (used, unchanged)
    assert len(route.calls) == 2


async def test_pages_that_have_not_changed_lead_to_the_next_ones(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "if-none-match" in request.headers:
            return httpx.Response(304)
        more = {} if "page=2" in str(request.url) else {"link": f'<{API}/a?page=2>; rel="next"'}
        return httpx.Response(200, json=HOME, headers={"etag": '"1"', **more})

    with respx.mock() as mock:
        mock.get(url__startswith=f"{API}/a").mock(side_effect=answer)
        for unchanged in (0, 2):
            async with client_of(tmp_path / "r") as client:
                assert len((await client.pages("/a", Repository)).items) == 2
                assert client.unchanged == unchanged


async def test_a_kept_reply_of_another_shape_is_asked_for_anew(tmp_path: Path) -> None:
    shelf_of(tmp_path / "r").keep(
        f"{API}/a", "application/vnd.github+json", Kept('"1"', "", b'{"id": "an older shape"}')
    )
    with respx.mock() as mock:
        mock.get(f"{API}/a").mock(side_effect=[httpx.Response(304), httpx.Response(200, json=HOME)])
        async with client_of(tmp_path / "r") as client:
            assert isinstance(await client.get("/a", Repository), Repository)
    assert list((tmp_path / "r").iterdir()) == []


async def test_what_was_not_understood_is_not_kept_and_logs_never_are(tmp_path: Path) -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/a").respond(200, json=[], headers={"etag": '"1"'})
        mock.get(f"{API}/log").respond(200, content=b"lines\n", headers={"etag": '"1"'})
        async with client_of(tmp_path / "r") as client:
            assert isinstance(await client.get("/a", Repository), Trouble)
            assert await client.download("/log", tmp_path / "log") == 6
    assert list((tmp_path / "r").iterdir()) == []


SENDING: dict[str, tuple[list[httpx.Response | type[Exception]], str, int]] = {
    "created": ([httpx.Response(201, json=HOME)], "", 1),
    "no right": ([httpx.Response(403, json={"message": "Resource not accessible by integration"})], "denied", 1),
    "too long": ([httpx.Response(422)], "refused", 1),
    "lost on the way": ([httpx.ReadError], "unreachable", 1),
    "a fault of the server's": ([httpx.Response(502)], "server", 1),
    "not now": ([httpx.Response(429, headers={"retry-after": "1"}), httpx.Response(201, json=HOME)], "", 2),
    "sent on": ([httpx.Response(307, headers={"location": f"{API}/b"})], "redirect", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", SENDING)
async def test_what_is_written_is_sent_once(tmp_path: Path, name: str) -> None:
    answers, kind, asked = SENDING[name]
    with respx.mock() as mock:
        route = mock.post(f"{API}/a").mock(side_effect=answers)
        async with client_of(tmp_path / "r") as client:
            found = await client.send("POST", "/a", Repository, {"body": "x"})
    assert (found.kind if isinstance(found, Trouble) else "", route.call_count) == (kind, asked)
    assert route.calls.last.request.content == b'{"body": "x"}'


async def test_what_may_be_sent_twice_is_tried_again(tmp_path: Path) -> None:
    with respx.mock() as mock:
        mock.patch(f"{API}/a").mock(side_effect=[httpx.ReadError, httpx.Response(200, json=HOME)])
        async with client_of(tmp_path / "r") as client:
            assert isinstance(await client.send("PATCH", "/a", Repository, {"body": "x"}, again=True), Repository)


@pytest.mark.parametrize(
    ("url", "graphql"),
    [
        (API, f"{API}/graphql"),
        ("https://ghe.example.com/api/v3", "https://ghe.example.com/api/graphql"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9/graphql"),
    ],
)
def test_where_graphql_is(url: str, graphql: str) -> None:
    base = read_base(url)
    assert isinstance(base, Base)
    assert base.graphql == graphql


REASONS = {
    "single sign-on": (httpx.Response(403, headers={"x-github-sso": "required; url=https://github.com/orgs/acme/sso?authorization_request=SIGNED"}), "sso"),
    "single sign-on by its words": (httpx.Response(403, json={"message": "Resource protected by organization SAML enforcement."}), "sso"),
    "an allow list": (httpx.Response(403, json={"message": "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled"}), "ip"),
    "a right": (httpx.Response(403, json={"message": "Resource not accessible by integration"}), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", REASONS)
async def test_a_403_has_its_reason(tmp_path: Path, name: str) -> None:
    answer, detail = REASONS[name]
    with respx.mock() as mock:
        mock.get(f"{API}/a").mock(return_value=answer)
        async with client_of(tmp_path / "r") as client:
            assert await client.get("/a", Repository) == Trouble("denied", 403, detail)


async def test_a_page_of_a_proxy_is_no_log_and_an_unknown_length_no_end(tmp_path: Path) -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/a").respond(200, html="<html>Sign in</html>")
        mock.get(f"{API}/b").mock(side_effect=[httpx.Response(200, stream=httpx.ByteStream(b"one\ntw"))])
        async with client_of(tmp_path / "r") as client:
            assert await client.download("/a", tmp_path / "a") == Trouble("bad-reply", 200, "HTML")
            half = await client.download("/b", tmp_path / "b")
    assert isinstance(half, Trouble)
    assert half.kind == "bad-reply"
